"""Model files: read without TensorFlow, written whole or not at all.

A model file is what Keras saves as `.keras`: a zip archive of `config.json` (the layers), `model.weights.h5` (the
numbers) and `metadata.json`. One member more, `charlstm.json`, holds the vocabulary and how the model came to be; Keras
leaves it alone. Files may come from strangers, so sizes are bounded before anything is unpacked; what is inside is
read by `weights` and `metadata`.
"""

import io
import os
import secrets
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from charlstm.errors import Message, MissingVocabularyError, ModelFileError, message_of
from charlstm.network.lstm import Network
from charlstm.network.metadata import ModelMetadata, parse_metadata
from charlstm.network.weights import damaged_member, read_network
from charlstm.text.files import open_file
from charlstm.text.vocab import Vocab

WEIGHTS_MEMBER, METADATA_MEMBER = "model.weights.h5", "charlstm.json"
MEMBER_LIMITS = {"config.json": 2_000_000, METADATA_MEMBER: 4_000_000, WEIGHTS_MEMBER: 100_000_000}  # bytes, unpacked

File = Path | bytes  # where a model file is, or its content


@dataclass(frozen=True)
class Model:
    """A network with its vocabulary and its metadata. Immutable, so that all sessions can share it."""

    network: Network
    vocab: Vocab
    metadata: ModelMetadata = ModelMetadata()


@dataclass(frozen=True, eq=False)
class SavedEpoch:
    """A model as it was after one epoch, in its file. Two are never equal, whatever they hold.

    Attributes:
        label: As the page shows it: `13` for an epoch on this machine, `+2` for the second that a session trained.
        metadata: Of the model; `metadata.epoch` counts the epochs that its weights have seen.
        file: Where it is, or its content.
    """

    label: str
    metadata: ModelMetadata
    file: File

    def read_bytes(self) -> bytes:
        """The content of the model file."""
        return self.file if isinstance(self.file, bytes) else self.file.read_bytes()


def read_model(file: File, vocab: Vocab | None = None, name: str | None = None) -> Model:
    """Reads a `.keras` file, ours or one made elsewhere with Keras.

    Args:
        file: Its place, or its content.
        vocab: Used where the file holds no vocabulary, such as one made elsewhere.
        name: For messages; None for that of the file.

    Raises:
        ModelFileError: The file is damaged, too large, holds layers that this package cannot run, or has no vocabulary.
    """
    name = name or _name(file)
    members = read_members(file, MEMBER_LIMITS, name)
    if "config.json" not in members or WEIGHTS_MEMBER not in members:
        raise ModelFileError(
            "{name} is not a Keras model: it lacks config.json or {member}. Save with model.save().",
            name=name,
            member=WEIGHTS_MEMBER,
        )
    network = read_network(members["config.json"], members[WEIGHTS_MEMBER], name)
    stored_vocab, metadata = _parse_metadata(members, name)
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


def read_metadata(file: File) -> ModelMetadata:
    """Only the metadata of a model file: a millisecond, where the whole model takes a hundred.

    Raises:
        ModelFileError: The file cannot be read.
    """
    members = read_members(file, {METADATA_MEMBER: MEMBER_LIMITS[METADATA_MEMBER]})
    return _parse_metadata(members, _name(file))[1]


def add_metadata(keras_file: bytes, vocab: Vocab, metadata: ModelMetadata) -> bytes:
    """What Keras saved, with vocabulary and metadata put in."""
    return add_members(keras_file, {METADATA_MEMBER: metadata.to_json(vocab)})


def add_members(file: bytes, members: Mapping[str, bytes]) -> bytes:
    """A model file with further members; those that it has are neither unpacked nor changed, nor packed again."""
    buffer = io.BytesIO(file)
    with zipfile.ZipFile(buffer, "a") as archive:
        for name in sorted(members):
            dateless = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            archive.writestr(dateless, members[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def write_file(content: bytes, path: Path) -> None:
    """Writes a model file: whole, or not at all; an older file there is replaced at the last moment.

    Raises:
        OSError: The disk is full, or `path` cannot be written; `path` is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:  # a cancelled run leaves no temporary file either
        temporary.unlink(missing_ok=True)
        raise


def read_members(file: File, limits: Mapping[str, int], name: str | None = None) -> dict[str, bytes]:
    """Those members of a model file that have a limit, none larger than it, whatever the archive's directory claims.

    Args:
        file: Its place, or its content.
        limits: Bytes by member, unpacked.
        name: For messages; None for that of the file.

    Raises:
        ModelFileError: The file cannot be read, is no archive, or a member is too large.
    """
    name = name or _name(file)
    try:
        with (
            io.BytesIO(file) if isinstance(file, bytes) else open_file(file) as content,
            zipfile.ZipFile(content) as archive,
        ):
            found = limits.keys() & set(archive.namelist())
            return {member: _read_member(archive, member, limits[member], name) for member in found}
    except OSError as error:
        raise ModelFileError(
            "The model file {path!r} cannot be read: {reason}.", path=str(file), reason=error.strerror
        ) from error
    except (zipfile.BadZipFile, EOFError, RuntimeError, ValueError, OverflowError, struct.error, zlib.error) as error:
        raise ModelFileError(
            "{name} is not a whole .keras file ({reason}). Save or download it again.",
            name=name,
            reason=message_of(error),
        ) from error


def _read_member(archive: zipfile.ZipFile, member: str, limit: int, name: str) -> bytes:
    if archive.getinfo(member).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # bzip2 and LZMA bombs
        raise zipfile.BadZipFile(Message("compressed in a way that cannot be unpacked bit by bit"))
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


def _parse_metadata(members: Mapping[str, bytes], name: str) -> tuple[Vocab | None, ModelMetadata]:
    if METADATA_MEMBER not in members:
        return None, ModelMetadata()
    try:
        return parse_metadata(members[METADATA_MEMBER])
    except (ValueError, RecursionError) as error:
        raise damaged_member(name, METADATA_MEMBER, error) from error


def _name(file: File) -> str:
    return Message("The model file") if isinstance(file, bytes) else file.name
