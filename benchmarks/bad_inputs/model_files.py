"""Model files that are cut, changed in a few bytes or in a value, or made to unfold to more than they weigh."""

import copy
import io
import json
import random
import resource
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from benchmarks.bad_inputs.trial import Kind
from charlstm.network.keras_file import keras_file
from charlstm.network.metrics import softmax
from charlstm.network.model_file import add_members, read_model
from charlstm.network.quarantine import MEGABYTES
from charlstm.text.corpus import Corpus
from charlstm.training.plan import Progress, make_plan, pack_state
from tests.support.model_files import archive, config_json, metadata_json, random_arrays, unzipped, weights_h5, zip_of

TEXT = "fed a bad\ncafe " * 40
KERAS2 = Path(__file__).resolve().parents[2] / "tests" / "support" / "keras2_files.zip"
KERAS2_NAMES = ("sequential.keras", "functional_2_13.keras", "sequential.h5", "functional.h5", "stateful.keras")
HISTORY = [{"epoch": epoch, "train_loss": 2.0, "val_loss": 1.9, "seconds": 3.5} for epoch in range(1, 4)]
METADATA = {"corpus": "prose", "lowercase": False, "epoch": 3, "val_loss": 1.9, "history": HISTORY} | {
    "config": {"units": 5, "layers": 1, "embedding": 3, "holdout": 0.1, "epochs": 5, "name": "stream"}
}
VALUES = (None, True, -1, 0, 10**400, 1e308, 2**31, 0.5, "", "x", "x" * 50_000, "\ud800", "![x](http://127.0.0.1:1/)")
VALUES += ([], {}, [[]], [[[]]] * 20_000, ["x"] * 20_000, {"x": 1}, "softmax", "relu", "LSTM", "GRU", "nan")
BYTES = (0, 1, 127, 128, 255)


class ModelFiles(Kind):
    """A file is refused with a sentence, or gives a network whose probabilities are numbers, and can be trained on.

    What HDF5 takes for a damaged file cannot be counted beforehand: it is read in the memory that the page gives it.
    """

    name = "model-files"
    cases = 20_000

    def __enter__(self) -> "ModelFiles":
        super().__enter__()
        whole = archive(metadata=metadata_json(**METADATA))
        state = pack_state(Progress(1, 5), np.zeros(600, np.float32))
        self._bases = {"ours": whole, "with state": add_members(whole, state), "none": archive(metadata=None)}
        with zipfile.ZipFile(KERAS2) as files:
            for name in (
                "sequential.keras",
                "functional_2_13.keras",
                "sequential.h5",
                "functional.h5",
                "stateful.keras",
            ):
                self._bases[name] = files.read(name)
        return self

    def make(self, rng: random.Random) -> tuple[str, bytes]:
        way = rng.choice(
            (_cut, _flipped, _flipped, _flipped_inside, _flipped_inside, _changed_json, _changed_json, _built)
        )
        base = rng.choice(sorted(self._bases))
        return f"{way.__name__} {base}", way(self._bases[base], rng)

    def give(self, case: tuple[str, bytes]) -> None:
        with _limited():
            model = read_model(case[1], TEXT, "m.keras")
        ids = np.arange(12) % len(model.vocab)
        probabilities = softmax(model.network.logits(model.network.read(ids)[-1].hidden))
        assert np.isfinite(probabilities).all(), "probabilities that are no numbers"
        read_model(keras_file(model))
        make_plan(Corpus("text", TEXT), epochs=1, resume=keras_file(model) if model.found else case[1])


@contextmanager
def _limited() -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_AS)
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEGABYTES * 10**6, limits[1]))
    try:
        yield
    except MemoryError as error:
        raise ValueError("cut off") from error
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)


def _cut(content: bytes, rng: random.Random) -> bytes:
    first, last = sorted(rng.randrange(len(content)) for _ in range(2))
    return rng.choice((content[:first], content[first:], content[:first] + content[last:], content + content[:first]))


def _flipped(content: bytes, rng: random.Random) -> bytes:
    """Some bytes are others; most often near the start or the end, where the tables are."""
    changed = bytearray(content)
    reach = rng.choice((64, 2000, len(content)))
    for _ in range(rng.choice((1, 1, 4, 16, 64))):
        place = rng.randrange(min(reach, len(content)))
        changed[place if rng.random() < 0.6 else -1 - place] = rng.choice((*BYTES, rng.randrange(256)))
    return bytes(changed)


def _flipped_inside(content: bytes, rng: random.Random) -> bytes:
    """The same in one member of the archive, whose checksum is right again."""
    if content[:2] != b"PK":
        return _flipped(content, rng)
    members = unzipped(content)
    name = rng.choice([name for name in members if len(members[name])])
    return zip_of(members | {name: rng.choice((_flipped, _flipped, _cut))(members[name], rng)})


def _changed_json(content: bytes, rng: random.Random) -> bytes:
    """A value of a JSON member is another one, goes, or comes a second time."""
    if content[:2] != b"PK":
        return _flipped(content, rng)
    members = unzipped(content)
    name = rng.choice([name for name in members if name.endswith(".json") and name != "metadata.json"])
    value = json.loads(members[name])
    for _ in range(rng.choice((1, 1, 3))):
        value = _changed(value, rng)
    return zip_of(members | {name: json.dumps(value).encode()})


def _changed(value: Any, rng: random.Random) -> Any:
    if rng.random() < 0.1 or not isinstance(value, dict | list) or not value:
        return copy.deepcopy(rng.choice(VALUES))
    key = rng.choice(sorted(value) if isinstance(value, dict) else range(len(value)))
    if rng.random() < 0.05:
        return {other: value[other] for other in value if other != key} if isinstance(value, dict) else value * 40
    value[key] = _changed(value[key], rng)
    return value


def _built(content: bytes, rng: random.Random) -> bytes:
    """Small files that ask for much."""
    make: Callable[[random.Random], bytes] = rng.choice(
        (_many_layers, _nested, _in_chunks, _many_members, _one_array, _long)
    )
    return make(rng)


def _many_layers(rng: random.Random) -> bytes:
    return archive(config=config_json([(rng.choice(("LSTM", "Dropout", "Dense")), {})] * rng.randrange(1, 5000)))


def _nested(rng: random.Random) -> bytes:
    piece = rng.choice((b"[", b"[[]],", b'{"a":', b'"ab",', b"1.5,", b"1" * 5000 + b","))
    member = rng.choice(("metadata", "config"))
    return archive(**{member: b'{"x": [' + piece * rng.choice((10, 10_000, 3_900_000 // len(piece)))})


def _in_chunks(rng: random.Random) -> bytes:
    shape = rng.choice(((5, 8), (20_000, 20_000), (1 << 20, 1 << 20)))
    arrays = {path: array for path, array in random_arrays().items() if path != "layers/dense/vars/0"}

    def add(weights: h5py.File) -> None:
        chunks = tuple(min(size, rng.choice((1, 64, 20_000))) for size in shape)
        weights.create_dataset("layers/dense/vars/0", shape, "f4", chunks=chunks, compression="gzip")
        if shape == (5, 8):
            weights["layers/dense/vars/0"][...] = 1

    return archive(weights=weights_h5(arrays, add))


def _many_members(rng: random.Random) -> bytes:
    out = io.BytesIO(archive())
    with zipfile.ZipFile(out, "a") as members:
        for number in range(rng.choice((10, 5000))):
            members.writestr(f"{number}", b"")
    return out.getvalue()


def _one_array(rng: random.Random) -> bytes:
    """Many layers share one array of the file."""
    units = rng.choice((10, 1000, 1900))

    def add(weights: h5py.File) -> None:
        array = weights.create_dataset("one", data=np.zeros((units, 4 * units), np.float32))
        for layer in ("lstm", *(f"lstm_{number}" for number in range(1, 30))):
            for variable in range(2):
                weights[f"layers/{layer}/cell/vars/{variable}"] = array
        weights["layers/dense/vars/0"] = np.zeros((units, units), np.float32)

    layers = [("LSTM", {"use_bias": False})] * rng.randrange(1, 30) + [("Dense", {"use_bias": False})]
    return archive(config=config_json(layers), weights=weights_h5({}, add))


def _long(rng: random.Random) -> bytes:
    """A history of many epochs, or a vocabulary of many characters."""
    if rng.random() < 0.5:
        return archive(metadata=metadata_json(history=HISTORY * rng.choice((10, 2000, 12_000))))
    return archive(metadata=metadata_json(vocab="".join(map(chr, range(0x4E00, 0x4E00 + rng.choice((8, 20_000)))))))
