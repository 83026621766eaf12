"""Model files for tests, made by hand: an archive like those of Keras, of any layers, with anything wrong with it."""

import io
import json
import zipfile

import h5py
import numpy as np
import pytest

from charlstm.errors import ModelFileError
from charlstm.network.metadata import ModelMetadata
from charlstm.network.model_file import METADATA_MEMBER, Model, add_members, read_model
from charlstm.text.vocab import Vocab

VOCAB = "\n abcdef"  # 8 characters
UNITS = 5
INPUTS = 3
LINEAR_CHAIN = (
    ("InputLayer", {}),
    ("Embedding", {}),
    ("LSTM", {}),
    ("Dense", {"activation": "softmax"}),
)


def add_metadata(file: bytes, vocab: Vocab, metadata: ModelMetadata) -> bytes:
    """What Keras saved, with vocabulary and metadata put in."""
    return add_members(file, {METADATA_MEMBER: metadata.to_json(vocab)})


def random_arrays(rng_seed: int = 0) -> dict[str, np.ndarray]:
    """The arrays of `LINEAR_CHAIN` by their paths in the weights file."""
    rng = np.random.default_rng(rng_seed)
    shapes = {
        "layers/embedding/vars/0": (len(VOCAB), INPUTS),
        "layers/lstm/cell/vars/0": (INPUTS, 4 * UNITS),
        "layers/lstm/cell/vars/1": (UNITS, 4 * UNITS),
        "layers/lstm/cell/vars/2": (4 * UNITS,),
        "layers/dense/vars/0": (UNITS, len(VOCAB)),
        "layers/dense/vars/1": (len(VOCAB),),
    }
    return {path: rng.normal(size=shape).astype(np.float32) for path, shape in shapes.items()}


def weights_h5(arrays: dict[str, np.ndarray], add=lambda weights: None) -> bytes:
    """A weights file; `add` may put into the open `h5py.File` what is no plain array."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as weights:
        for path, array in arrays.items():
            weights[path] = array
        add(weights)
    return buffer.getvalue()


def config_json(layers=LINEAR_CHAIN, class_name: str = "Sequential") -> bytes:
    entries = [
        {"class_name": kind, "config": {"name": f"{kind.lower()}_{index}"} | config}
        for index, (kind, config) in enumerate(layers)
    ]
    return json.dumps({"class_name": class_name, "config": {"layers": entries}}).encode()


def metadata_json(**fields) -> bytes:
    return json.dumps({"vocab": VOCAB} | fields).encode()


def zip_of(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of these members, whose bytes are the same each time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        for name, content in members.items():
            out.writestr(zipfile.ZipInfo(name), content, compression)
    return buffer.getvalue()


def archive(compression: int = zipfile.ZIP_DEFLATED, **replaced: bytes | None) -> bytes:
    """A model file that reads well but for what is replaced: `config`, `weights`, `metadata`; None leaves one out."""
    members = {
        "config.json": replaced.get("config", config_json()),
        "model.weights.h5": replaced.get("weights", weights_h5(random_arrays())),
        "charlstm.json": replaced.get("metadata", metadata_json()),
    }
    return zip_of({name: content for name, content in members.items() if content is not None}, compression)


def unzipped(content: bytes) -> dict[str, bytes]:
    """The members of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as members:
        return {name: members.read(name) for name in members.namelist()}


def read(content: bytes, vocab: Vocab | None = None) -> Model:
    return read_model(content, vocab, name="my.keras")


def assert_refused(content: bytes, message: str) -> None:
    """The file is refused, and what is said about it names it and is whole sentences."""
    with pytest.raises(ModelFileError, match=message) as caught:
        read(content)
    assert str(caught.value).startswith("my.keras ")
    assert str(caught.value).endswith(".")
