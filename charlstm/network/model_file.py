"""Model files: read without TensorFlow, written whole or not at all, listed by folder.

A model file is what Keras saves as `.keras`: a zip archive of `config.json` (the layers), `model.weights.h5` (the
numbers) and `metadata.json`. One member more, `charlstm.json`, holds the vocabulary and how the model came to be; Keras
leaves it alone. Files may come from strangers, so sizes are bounded before anything is unpacked; what is inside is
read by `weights`.
"""

import io
import json
import math
import os
import re
import secrets
import struct
import zipfile
import zlib
from dataclasses import asdict, dataclass, field
from pathlib import Path

from charlstm.errors import Message, MissingVocabularyError, ModelFileError, message_of
from charlstm.network.lstm import Network
from charlstm.network.metrics import bits
from charlstm.network.weights import damaged_member, read_network
from charlstm.text.vocab import Vocab

PACKAGE = Path(__file__).resolve().parents[1]
# Inside the package where it is installed, beside it in a checkout.
MODELS_DIR = (PACKAGE if (PACKAGE / "models").is_dir() else PACKAGE.parent) / "models"
METADATA_MEMBER = "charlstm.json"
WEIGHTS_MEMBER = "model.weights.h5"
COLLAPSE_NATS = 0.25  # above its lowest: a training loss that rose so far has left behind what was learnt
OLD_NAMES = {"recipe": "config", "train_nats": "train_loss", "val_nats": "val_loss"}  # as files had them until 1.0
MEMBER_LIMITS = {"config.json": 2_000_000, METADATA_MEMBER: 8_000_000, WEIGHTS_MEMBER: 100_000_000}  # bytes, unpacked


@dataclass(frozen=True)
class ModelMetadata:
    """How a model came to be; what `charlstm.json` holds beside the vocabulary.

    Attributes:
        corpus: Name of the text it was trained on.
        corpus_sha256: Of that text as trained on (UTF-8, after lower-casing if any).
        lowercase: Whether that text was lower-cased.
        config: All settings of the training run, by name.
        epoch: How many epochs the weights have seen.
        history: One dict an epoch: `epoch`, `train_loss`, `val_loss` (None without held-out text), `seconds`.
        val_loss: Held-out loss of these very weights, nats a character; None if nothing was held out.
    """

    corpus: str = ""
    corpus_sha256: str = ""
    lowercase: bool = False
    config: dict = field(default_factory=dict)
    epoch: int = 0
    history: tuple[dict, ...] = ()
    val_loss: float | None = None

    @property
    def val_bits_per_character(self) -> float | None:
        return None if self.val_loss is None else bits(self.val_loss)

    @property
    def train_bits_per_character(self) -> float | None:
        """Of the last epoch, its mean while the weights still moved; None where nothing is known."""
        return bits(self.history[-1]["train_loss"]) if self.history else None

    @property
    def bits_per_character(self) -> float | None:
        """Held out, or of training where nothing was held out; None where neither is known."""
        return self.train_bits_per_character if self.val_loss is None else self.val_bits_per_character

    @property
    def loss(self) -> float:
        """To compare versions of one model by: `bits_per_character`, or infinite where it is not known."""
        return math.inf if self.bits_per_character is None else self.bits_per_character

    @property
    def lowest_train_loss(self) -> float:
        """Of all epochs so far; infinite where there are none."""
        return min((entry["train_loss"] for entry in self.history), default=math.inf)

    @property
    def collapsed(self) -> bool:
        """Whether training had blown up by then, as the notebook's constant learning rate can after many epochs."""
        return bool(self.history) and self.history[-1]["train_loss"] > self.lowest_train_loss + COLLAPSE_NATS


@dataclass(frozen=True)
class Model:
    """A network with its vocabulary and its metadata. Immutable, so that all sessions can share it."""

    network: Network
    vocab: Vocab
    metadata: ModelMetadata = ModelMetadata()


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
    """The one with the lowest held-out loss, or training loss where nothing was held out; the last of equals."""
    return min(reversed(snapshots), key=lambda snapshot: read_metadata(snapshot.path).loss)


def find_model(name_or_path: str | Path) -> Path:
    """The file of a model of `models/` (its best snapshot), or the path as it is.

    Raises:
        ModelFileError: There is no model of this name.
    """
    path, models = Path(name_or_path), list_models()
    if str(name_or_path) in models:
        return best_snapshot(models[str(name_or_path)]).path
    if path.suffix == ".keras" or path.is_file():
        return path
    known = ", ".join(models) or Message("none")
    raise ModelFileError(
        "There is no model named {name!r}. Use one of: {known}; or a .keras file's path.",
        name=str(name_or_path),
        known=known,
    )


def load_model(name_or_path: str | Path, vocab: Vocab | None = None) -> Model:
    """A model of `models/` by its name (its best snapshot), or any model file by its path.

    Args:
        name_or_path: Such as `nietzsche` or `models/nietzsche/epoch-013.keras`.
        vocab: For a file that holds none; see `read_model`.

    Raises:
        ModelFileError: There is no such model, or the file cannot be used; the message says why.
    """
    path = find_model(name_or_path)
    try:
        with path.open("rb") as file:
            return read_model(file, vocab, name=path.name)
    except OSError as error:
        raise _unreadable(path, error) from error


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
            "{name} is not a Keras model: it lacks config.json or {member}. Save with model.save().",
            name=name,
            member=WEIGHTS_MEMBER,
        )
    network = read_network(members["config.json"], members[WEIGHTS_MEMBER], name)
    stored_vocab, metadata = _parse_metadata(members.get(METADATA_MEMBER), name)
    vocab = stored_vocab or vocab
    if vocab is None:
        raise MissingVocabularyError(
            "{name} holds no vocabulary. Give the text that it was trained on as well.", name=name
        )
    if len(vocab) != network.vocab_size:
        raise ModelFileError(
            "{name} writes {outputs} different characters, but the vocabulary has {characters}. Give the very text "
            "that it was trained on, lower-cased if it was.",
            name=name,
            outputs=network.vocab_size,
            characters=len(vocab),
        )
    return Model(network, vocab, metadata)


def read_metadata(path: Path) -> ModelMetadata:
    """Only the metadata of a model file: a millisecond, where the whole model takes a hundred.

    Raises:
        ModelFileError: The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return _parse_metadata(_read_members(file, path.name, {METADATA_MEMBER}).get(METADATA_MEMBER), path.name)[1]
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> ModelFileError:
    return ModelFileError("The model file {path!r} cannot be read: {reason}.", path=str(path), reason=error.strerror)


def write_model(
    keras_file: bytes, path: Path, vocab: Vocab, metadata: ModelMetadata, extra: dict[str, bytes] | None = None
) -> None:
    """Writes what Keras saved, with vocabulary and metadata, to `path`: whole, or not at all.

    Args:
        keras_file: The bytes of a `.keras` file.
        path: Where to; an older file there is replaced at the last moment.
        vocab: Goes into the file with `metadata`.
        metadata: See `ModelMetadata`.
        extra: Further members by name, such as an optimizer's state.

    Raises:
        OSError: The disk is full, or `path` cannot be written; `path` is as it was.
    """
    written = {METADATA_MEMBER: json.dumps({"vocab": vocab.chars, **asdict(metadata)}, ensure_ascii=False).encode()}
    written |= extra or {}
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            with zipfile.ZipFile(io.BytesIO(keras_file)) as source, zipfile.ZipFile(file, "w") as archive:
                members = {info.filename: source.read(info) for info in source.infolist()} | written
                for name in sorted(members):
                    archive.writestr(_dateless(name), members[name], zipfile.ZIP_DEFLATED)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:  # a cancelled run leaves no temporary file either
        temporary.unlink(missing_ok=True)
        raise


def _dateless(name: str) -> zipfile.ZipInfo:
    """The same model gives the same bytes whenever it is written."""
    return zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))


def _read_members(file, name: str, wanted=frozenset(MEMBER_LIMITS)) -> dict[str, bytes]:
    """The members that matter, none larger than its limit, whatever the archive's directory claims."""
    try:
        with zipfile.ZipFile(file) as archive:
            return {member: _read_member(archive, member, name) for member in wanted & set(archive.namelist())}
    except (zipfile.BadZipFile, EOFError, RuntimeError, ValueError, OverflowError, struct.error, zlib.error) as error:
        raise ModelFileError(
            "{name} is not a whole .keras file ({reason}). Save or download it again.",
            name=name,
            reason=message_of(error),
        ) from error


def _read_member(archive: zipfile.ZipFile, member: str, name: str) -> bytes:
    if archive.getinfo(member).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # bzip2 and LZMA bombs
        raise zipfile.BadZipFile(Message("compressed in a way that cannot be unpacked bit by bit"))
    limit = MEMBER_LIMITS[member]
    with archive.open(member) as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise ModelFileError(
            "{name} is too large: its {member} unpacks to over {limit} MB. Use a smaller network.",
            name=name,
            member=member,
            limit=limit // 1_000_000,
        )
    return content


def _parse_metadata(member: bytes | None, name: str) -> tuple[Vocab | None, ModelMetadata]:
    if member is None:
        return None, ModelMetadata()
    try:
        fields = json.loads(member, object_hook=_renamed)
        json.dumps(fields, ensure_ascii=False).encode()  # fails on lone surrogates, which no screen can show
        vocab = Vocab(fields.pop("vocab"))
        known = {key: fields[key] for key in ModelMetadata.__dataclass_fields__ if key in fields}
        metadata = ModelMetadata(**(known | {"history": tuple(known.get("history", ()))}))
        _check_types(vocab, metadata)
        return vocab, metadata
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise damaged_member(name, METADATA_MEMBER, error) from error


def _renamed(fields: dict) -> dict:
    """A JSON object with the names of today, whenever it was written."""
    return {OLD_NAMES.get(key, key): value for key, value in fields.items()}


def _check_types(vocab: Vocab, metadata: ModelMetadata) -> None:
    """Raises TypeError where a field is not what the page and the command line will take it for."""
    kinds = {"corpus": str, "corpus_sha256": str, "lowercase": bool, "config": dict, "epoch": int}
    wrong = [key for key, kind in kinds.items() if not isinstance(getattr(metadata, key), kind)]
    if not isinstance(vocab.chars, str):
        wrong.append("vocab")
    if not (
        metadata.val_loss is None or isinstance(metadata.val_loss, int | float) and math.isfinite(metadata.val_loss)
    ):
        wrong.append("val_loss")
    if not all(_is_epoch(entry) for entry in metadata.history):
        wrong.append("history")
    if wrong:
        raise TypeError(Message("{fields} is not of its kind", fields=", ".join(wrong)))


def _is_epoch(entry) -> bool:
    numbers = {"epoch": int, "train_loss": int | float, "val_loss": int | float | None, "seconds": int | float}
    if not isinstance(entry, dict) or not all(isinstance(entry.get(key), kind) for key, kind in numbers.items()):
        return False
    return math.isfinite(entry["train_loss"]) and entry["train_loss"] >= 0
