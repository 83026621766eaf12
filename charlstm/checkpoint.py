"""Model files: read without TensorFlow, written whole or not at all, listed by folder.

A model file is what Keras saves as `.keras`: a zip archive of `config.json` (the layers), `model.weights.h5` (the
numbers) and `metadata.json`. One member more, `charlstm.json`, holds the vocabulary and how the model came to be; Keras
leaves it alone. Files may come from strangers, so they are read as data: sizes are bounded before anything is
unpacked, the layers are looked at and never built, and a link out of the weights file is refused.
"""

import io
import json
import math
import os
import re
import tempfile
import zipfile
import zlib
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import h5py
import numpy as np

from charlstm.errors import ModelFileError
from charlstm.lstm import LSTMWeights, Network
from charlstm.vocab import Vocab

MODELS_DIR = Path(__file__).resolve().parent.parent / "models"
RECORD_MEMBER = "charlstm.json"
WEIGHTS_MEMBER = "model.weights.h5"
MEMBER_LIMITS = {"config.json": 2_000_000, RECORD_MEMBER: 8_000_000, WEIGHTS_MEMBER: 100_000_000}  # bytes, unpacked
PARAMETERS_LIMIT = 24_000_000  # float32, so 96 MB
PASS_THROUGH = {"InputLayer", "Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "Softmax"}


@dataclass(frozen=True)
class Record:
    """How a model came to be; what `charlstm.json` holds beside the vocabulary.

    Attributes:
        corpus: Name of the text it was trained on.
        corpus_sha256: Of that text as trained on (UTF-8, after lower-casing if any).
        lowercase: Whether that text was lower-cased.
        recipe: All settings of the training run, by name.
        epoch: How many epochs the weights have seen.
        history: One dict an epoch: `epoch`, `train_nats`, `val_nats` (None without held-out text), `seconds`.
        val_nats: Held-out loss of these very weights, nats a character; None if nothing was held out.
    """

    corpus: str = ""
    corpus_sha256: str = ""
    lowercase: bool = False
    recipe: dict = field(default_factory=dict)
    epoch: int = 0
    history: tuple[dict, ...] = ()
    val_nats: float | None = None

    @property
    def val_bits_per_character(self) -> float | None:
        return None if self.val_nats is None else self.val_nats / math.log(2)


@dataclass(frozen=True)
class Model:
    """A network with its vocabulary and its record. Immutable, so that all sessions can share it."""

    network: Network
    vocab: Vocab
    record: Record = Record()


@dataclass(frozen=True)
class Snapshot:
    """One model file of a folder in `models/`."""

    epoch: int
    path: Path


def list_models(models_dir: Path = MODELS_DIR) -> dict[str, list[Snapshot]]:
    """The models that are on this machine, by name, each with its snapshots from the first epoch to the last."""
    found = {}
    for folder in sorted(path for path in models_dir.glob("*") if path.is_dir()):
        named = ((re.fullmatch(r"epoch-(\d+)", path.stem), path) for path in folder.glob("*.keras"))
        snapshots = [Snapshot(int(match[1]), path) for match, path in named if match]
        if snapshots:
            found[folder.name] = sorted(snapshots, key=lambda snapshot: snapshot.epoch)
    return found


def best_snapshot(snapshots: list[Snapshot]) -> Snapshot:
    """The one with the lowest held-out loss; the last one where nothing was held out."""

    def rank(snapshot: Snapshot) -> tuple[float, int]:
        val_nats = read_record(snapshot.path).val_nats
        return (math.inf if val_nats is None else val_nats, -snapshot.epoch)

    return min(snapshots, key=rank)


def load_model(name_or_path: str | Path, vocab: Vocab | None = None) -> Model:
    """A model of `models/` by its name (its best snapshot), or any model file by its path.

    Args:
        name_or_path: Such as `nietzsche` or `models/nietzsche/epoch-013.keras`.
        vocab: For a file that holds none; see `read_model`.

    Raises:
        ModelFileError: There is no such model, or the file cannot be used; the message says why.
    """
    path = Path(name_or_path)
    if path.suffix != ".keras":
        models = list_models()
        if str(name_or_path) not in models:
            known = ", ".join(models) or "none"
            raise ModelFileError(
                f"There is no model named {str(name_or_path)!r}. Models here: {known}; or give the path of a .keras file."
            )
        path = best_snapshot(models[str(name_or_path)]).path
    try:
        with path.open("rb") as file:
            return read_model(file, vocab, name=path.name)
    except OSError as error:
        raise ModelFileError(f"The model file {str(path)!r} cannot be read: {error.strerror}.") from error


def read_model(file, vocab: Vocab | None = None, name: str = "model file") -> Model:
    """Reads an open `.keras` file, ours or one made elsewhere with Keras.

    Args:
        file: A seekable binary file.
        vocab: Used where the file holds no vocabulary, such as one made elsewhere.
        name: For messages.

    Raises:
        ModelFileError: The file is damaged, too large, holds layers that this package cannot run, or has no vocabulary.
    """
    members = _read_members(file, name)
    if "config.json" not in members or WEIGHTS_MEMBER not in members:
        raise ModelFileError(
            f"{name} is not a Keras model: it lacks config.json or {WEIGHTS_MEMBER}. Save with model.save()."
        )
    layers = _parse_layers(members["config.json"], name)
    try:
        with h5py.File(io.BytesIO(members[WEIGHTS_MEMBER]), "r") as weights:
            network = _build_network(layers, weights, name)
    except (OSError, KeyError, RuntimeError, ValueError, TypeError) as error:
        raise ModelFileError(f"{name} has damaged weights ({error}). Save or download it again.") from error
    stored_vocab, record = _parse_record(members.get(RECORD_MEMBER), name)
    vocab = stored_vocab or vocab
    if vocab is None:
        raise ModelFileError(f"{name} holds no vocabulary. Give the text that it was trained on as well.")
    if len(vocab) != network.vocab_size:
        raise ModelFileError(
            f"{name} writes {network.vocab_size} different characters, but the vocabulary has {len(vocab)}. "
            "Give the very text that it was trained on, lower-cased if it was."
        )
    return Model(network, vocab, record)


def read_record(path: Path) -> Record:
    """Only the record of a model file: a millisecond, where the whole model takes a hundred.

    Raises:
        ModelFileError: The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return _parse_record(_read_members(file, path.name, {RECORD_MEMBER}).get(RECORD_MEMBER), path.name)[1]
    except OSError as error:
        raise ModelFileError(f"The model file {str(path)!r} cannot be read: {error.strerror}.") from error


def write_model(
    keras_file: bytes, path: Path, vocab: Vocab, record: Record, extra: dict[str, bytes] | None = None
) -> None:
    """Writes what Keras saved, with vocabulary and record, to `path`: whole, or not at all.

    Args:
        keras_file: The bytes of a `.keras` file.
        path: Where to; an older file there is replaced at the last moment.
        vocab: Goes into the file with `record`.
        record: See `Record`.
        extra: Further members by name, such as an optimizer's state.

    Raises:
        OSError: The disk is full, or `path` cannot be written; `path` is as it was.
    """
    written = {RECORD_MEMBER: json.dumps({"vocab": vocab.chars, **asdict(record)}, ensure_ascii=False).encode()}
    written |= extra or {}
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as temporary:
        try:
            with zipfile.ZipFile(io.BytesIO(keras_file)) as source, zipfile.ZipFile(temporary, "w") as archive:
                members = {info.filename: source.read(info) for info in source.infolist()} | written
                for name in sorted(members):
                    archive.writestr(_dateless(name), members[name], zipfile.ZIP_DEFLATED)
            temporary.flush()
            os.fsync(temporary.fileno())
            os.replace(temporary.name, path)
        except BaseException:  # a cancelled run leaves no temporary file either
            os.unlink(temporary.name)
            raise


def _dateless(name: str) -> zipfile.ZipInfo:
    """The same model gives the same bytes whenever it is written."""
    return zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))


def _read_members(file, name: str, wanted=frozenset(MEMBER_LIMITS)) -> dict[str, bytes]:
    """The members that matter, none larger than its limit, whatever the archive's directory claims."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = {}
            for member in wanted & set(archive.namelist()):
                with archive.open(member) as stream:
                    members[member] = stream.read(MEMBER_LIMITS[member] + 1)
                if len(members[member]) > MEMBER_LIMITS[member]:
                    limit = MEMBER_LIMITS[member] // 1_000_000
                    raise ModelFileError(
                        f"{name} is too large: its {member} unpacks to over {limit} MB. Use a smaller network."
                    )
            return members
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error) as error:
        raise ModelFileError(f"{name} is not a whole .keras file ({error}). Save or download it again.") from error


def _parse_record(member: bytes | None, name: str) -> tuple[Vocab | None, Record]:
    if member is None:
        return None, Record()
    try:
        fields = json.loads(member)
        vocab = Vocab(fields.pop("vocab"))
        known = {key: fields[key] for key in Record.__dataclass_fields__ if key in fields}
        return vocab, Record(**(known | {"history": tuple(known.get("history", ()))}))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelFileError(f"{name} has a damaged {RECORD_MEMBER} ({error}). Save or download it again.") from error


def _parse_layers(member: bytes, name: str) -> list[tuple[str, dict, str]]:
    """(class name, settings, path in the weights file) of each layer, from input to output."""
    try:
        config = json.loads(member)
        entries = config["config"]["layers"]
        if config["class_name"] not in ("Sequential", "Functional") or not _is_chain(entries):
            raise ModelFileError(
                f"{name} is not a plain chain of layers. Use Embedding, LSTM and Dense one after another."
            )
        used: dict[str, int] = {}
        layers = []
        for entry in entries:
            kind = entry["class_name"]
            snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", kind).lower()
            count = used[snake] = used.get(snake, -1) + 1
            layers.append((kind, dict(entry["config"]), f"layers/{snake}_{count}" if count else f"layers/{snake}"))
        return layers
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelFileError(f"{name} has a damaged config.json ({error}). Save or download it again.") from error


def _is_chain(entries: list[dict]) -> bool:
    """Whether each layer of a functional model reads the layer before it, and nothing else."""
    previous = None
    for entry in entries:
        inbound = re.findall(r'"keras_history": \["([^"]*)"', json.dumps(entry.get("inbound_nodes", [])))
        if inbound and inbound != [previous]:
            return False
        previous = entry["config"]["name"]
    return True


def _build_network(layers: list[tuple[str, dict, str]], weights: h5py.File, name: str) -> Network:
    embedding, lstms, dense = None, [], None
    for kind, config, path in layers:
        read = partial(_read_array, weights, path)
        if kind == "Embedding" and not lstms:
            embedding = read("vars/0", 2)
        elif kind == "LSTM" and dense is None:
            lstms.append(_read_lstm(config, read, name))
        elif kind == "Dense" and lstms and dense is None:
            dense = read("vars/0", 2), read("vars/1", 1) if config.get("use_bias", True) else None
            _require(config, "activation", ("softmax", "linear"), kind, name)
        elif kind == "Activation":
            _require(config, "activation", ("softmax", "linear"), kind, name)
        elif kind not in PASS_THROUGH:
            raise ModelFileError(
                f"{name} has a layer {kind} that cannot be run here. Use Embedding, LSTM layers and one Dense."
            )
    if not lstms or dense is None:
        raise ModelFileError(f"{name} has no LSTM layer followed by a Dense layer. Use at least one of each.")
    kernel, bias = dense
    _check_shapes(embedding, lstms, kernel, name)
    return Network(embedding, lstms, kernel, np.zeros(kernel.shape[1], np.float32) if bias is None else bias)


def _read_lstm(config: dict, read, name: str) -> LSTMWeights:
    _require(config, "activation", ("tanh",), "LSTM", name)
    _require(config, "recurrent_activation", ("sigmoid",), "LSTM", name)
    _require(config, "go_backwards", (False,), "LSTM", name)
    kernel, recurrent_kernel = read("cell/vars/0", 2), read("cell/vars/1", 2)
    bias = read("cell/vars/2", 1) if config.get("use_bias", True) else np.zeros(kernel.shape[1], np.float32)
    return LSTMWeights(kernel, recurrent_kernel, bias)


def _require(config: dict, key: str, allowed: tuple, kind: str, name: str) -> None:
    if config.get(key, allowed[0]) not in allowed:
        wanted = " or ".join(map(repr, allowed))
        raise ModelFileError(
            f"{name} has a {kind} layer with {key}={config[key]!r}, which cannot be run here. Use {wanted}."
        )


def _check_shapes(embedding: np.ndarray | None, lstms: list[LSTMWeights], dense_kernel: np.ndarray, name: str) -> None:
    vocab_size = dense_kernel.shape[1]
    inputs = vocab_size if embedding is None else embedding.shape[1]
    fits = embedding is None or embedding.shape[0] == vocab_size
    for lstm in lstms:
        units = lstm.units
        fits &= lstm.kernel.shape == (inputs, 4 * units) and lstm.recurrent_kernel.shape == (units, 4 * units)
        fits &= lstm.bias.shape == (4 * units,)
        inputs = units
    if not (fits and dense_kernel.shape[0] == inputs):
        raise ModelFileError(
            f"{name} has layers whose shapes do not fit a character model. Read and write the same characters."
        )


def _read_array(weights: h5py.File, layer: str, path: str, dimensions: int) -> np.ndarray:
    """One array of the weights file; raises ValueError where it is not plain finite numbers within the file itself."""
    parts = f"{layer}/{path}".split("/")
    for depth in range(1, len(parts) + 1):
        if not isinstance(weights.get("/".join(parts[:depth]), getlink=True), h5py.HardLink):
            raise ValueError(f"{layer}/{path} is missing or a link")
    dataset = weights[f"{layer}/{path}"]
    if not isinstance(dataset, h5py.Dataset) or dataset.external or dataset.is_virtual:
        raise ValueError(f"{layer}/{path} is not a plain array")
    if dataset.ndim != dimensions or dataset.size > PARAMETERS_LIMIT or dataset.dtype.kind != "f":
        raise ValueError(f"{layer}/{path} has shape {dataset.shape} and type {dataset.dtype}")
    array = dataset[()].astype(np.float32)
    if not np.isfinite(array).all():
        raise ValueError(f"{layer}/{path} has numbers that are not finite")
    return array
