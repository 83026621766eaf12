"""Model files: read without TensorFlow, written whole or not at all.

A model file is what Keras saves as `.keras`: a zip archive of `config.json` (the layers), `model.weights.h5` (the
numbers) and `metadata.json`. One member more, `charlstm.json`, holds the vocabulary and how the model came to be; Keras
leaves it alone. Keras' older `.h5` files, of whole models or of weights, are read too. Files may come from strangers,
so sizes are bounded before anything is unpacked; what is inside is read by `weights` and `metadata`.
"""

import io
import os
import secrets
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from charlstm.errors import Message, MissingArchitectureError, MissingVocabularyError, ModelFileError, message_of
from charlstm.network.architecture import damaged_member
from charlstm.network.lstm import Network
from charlstm.network.metadata import ModelMetadata, parse_metadata
from charlstm.network.vocabulary import FoundVocab, find_vocab
from charlstm.network.weights import architecture_in, read_network
from charlstm.text.files import open_file
from charlstm.text.vocab import Vocab

WEIGHTS_MEMBER, METADATA_MEMBER, CONFIG_MEMBER = "model.weights.h5", "charlstm.json", "config.json"
CONFIG_LIMIT = 2_000_000  # bytes
JSON_LIMITS = {CONFIG_MEMBER: CONFIG_LIMIT, METADATA_MEMBER: 4_000_000}  # bytes, unpacked
WEIGHTS_LIMIT = 100_000_000  # bytes; with Adam, which keeps two numbers beside each, 8 million parameters
VOCAB_LIMIT = 10_000  # characters; the page counts those of some models together in 15 bits
MAX_ENTRIES = 200  # of an archive: Keras writes three
ENTRY_SIGN, HDF5_SIGN = b"PK\x01\x02", b"\x89HDF\r\n\x1a\n"
BLOCK = 1 << 20  # bytes
BROKEN_ARCHIVE = (zipfile.BadZipFile, EOFError, RuntimeError, ValueError, OverflowError, struct.error, zlib.error)

File = Path | bytes  # where a model file is, or its content


@dataclass(frozen=True)
class Model:
    """A network with its vocabulary and its metadata. Immutable, so that all sessions can share it.

    Attributes:
        network: Of as many ids as the vocabulary has characters.
        vocab: The characters behind the ids.
        metadata: How it came to be.
        found: How the vocabulary was found; None where the file holds it, or it was given as it is.
    """

    network: Network
    vocab: Vocab
    metadata: ModelMetadata = ModelMetadata()
    found: FoundVocab | None = None


@dataclass(frozen=True, eq=False)
class SavedEpoch:
    """A model as it was after one epoch, in its file. Two are never equal, whatever they hold.

    Attributes:
        label: As the page shows it: `13` or `1/64` for one on this machine, `+2` for a session's own.
        metadata: Of the model; `metadata.epoch` counts the epochs that its weights have seen.
        file: Where it is, or its content.
    """

    label: str
    metadata: ModelMetadata
    file: File

    def read_bytes(self) -> bytes:
        """The content of the model file.

        Raises:
            ModelFileError: It is gone, or cannot be read any more.
        """
        if isinstance(self.file, bytes):
            return self.file
        with _opened(self.file, self.file.name) as stream:
            return stream.read()


def read_model(
    file: File, vocab: Vocab | str | None = None, name: str | None = None, architecture: bytes | None = None
) -> Model:
    """Reads a model file, ours or one made elsewhere with Keras.

    Args:
        file: Its place, or its content.
        vocab: Used where the file holds no vocabulary, such as one made elsewhere; a text is searched for it, see
            `find_vocab`.
        name: For messages; None for that of the file.
        architecture: What `model.to_json()` gives, for a file of weights alone.

    Raises:
        MissingVocabularyError: The file has no vocabulary, and none was given.
        MissingArchitectureError: It holds weights alone, and no architecture was given.
        ModelFileError: It is damaged, too large, or holds layers that this package cannot run.
    """
    name = name or _name(file)
    network, members = _read_network(file, name, architecture)
    stored_vocab, metadata = _parse_metadata(members, name)
    found = find_vocab(network, vocab, name) if stored_vocab is None and isinstance(vocab, str) else None
    if found:
        network, metadata = found.narrowed(network), replace(metadata, lowercase=found.lowercase)
    vocab = found.vocab if found else stored_vocab or vocab
    if not isinstance(vocab, Vocab):
        raise MissingVocabularyError(
            "{name} holds no vocabulary. Give the text that it was trained on as well, or the list of its characters.",
            name=name,
        )
    if network.vocab_size > VOCAB_LIMIT:
        raise ModelFileError(
            "{name} writes {outputs:,} different characters; at most {limit:,} can be shown. Train it on a text with "
            "fewer.",
            name=name,
            outputs=network.vocab_size,
            limit=VOCAB_LIMIT,
        )
    if len(vocab) != network.vocab_size:
        raise ModelFileError(
            "{name} writes {outputs} different characters, but the vocabulary has {characters}. Give the very text "
            "that it was trained on, prepared as it was then.",
            name=name,
            outputs=network.vocab_size,
            characters=len(vocab),
        )
    return Model(network, vocab, metadata, found)


def _read_network(file: File, name: str, architecture: bytes | None) -> tuple[Network, dict[str, bytes]]:
    """The network, and the other members that the file has."""
    with _opened(file, name) as stream:
        if stream.read(len(HDF5_SIGN)) == HDF5_SIGN:
            config = architecture or architecture_in(stream, name, CONFIG_LIMIT)
            if config is None:
                raise MissingArchitectureError(
                    "{name} holds weights alone. Give its layers as well: save what model.to_json() gives as a file.",
                    name=name,
                )
            return read_network(config, stream, name), {}
        with _unpacked(stream, name) as archive, tempfile.TemporaryFile() as weights:
            members = _small_members(archive, JSON_LIMITS, name)
            if CONFIG_MEMBER not in members or WEIGHTS_MEMBER not in archive.namelist():
                raise ModelFileError(
                    "{name} is not a Keras model: it lacks config.json or {member}. Save with model.save().",
                    name=name,
                    member=WEIGHTS_MEMBER,
                )
            for block in _unpack(archive, WEIGHTS_MEMBER, WEIGHTS_LIMIT, name):
                weights.write(block)
            return read_network(members[CONFIG_MEMBER], weights, name), members


def read_metadata(file: File) -> ModelMetadata:
    """Only the metadata of a model file: a millisecond, where the whole model takes a hundred.

    Raises:
        ModelFileError: The file cannot be read.
    """
    members = read_members(file, {METADATA_MEMBER: JSON_LIMITS[METADATA_MEMBER]})
    return _parse_metadata(members, _name(file))[1]


def add_members(file: bytes, members: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A model file with further members; those that it has are neither unpacked nor changed, nor packed again."""
    buffer = io.BytesIO(file)
    with zipfile.ZipFile(buffer, "a") as archive:
        for name in sorted(members):
            dateless = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            archive.writestr(dateless, members[name], compression)
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
    with _opened(file, name) as stream, _unpacked(stream, name) as archive:
        return _small_members(archive, limits, name)


@contextmanager
def _opened(file: File, name: str) -> Iterator[BinaryIO]:
    try:
        with io.BytesIO(file) if isinstance(file, bytes) else open_file(file) as stream:
            yield stream
    except OSError as error:
        if isinstance(file, bytes):
            raise ModelFileError(
                "{name} cannot be unpacked: {reason}. Make room for temporary files.", name=name, reason=error.strerror
            ) from error
        raise ModelFileError(
            "The model file {path!r} cannot be read: {reason}.", path=str(file), reason=error.strerror
        ) from error


@contextmanager
def _unpacked(stream: BinaryIO, name: str) -> Iterator[zipfile.ZipFile]:
    """The archive that a stream holds; what is wrong with it becomes a sentence."""
    with ExitStack() as opened:
        try:
            stream.seek(0)
            if sum(block.count(ENTRY_SIGN) for block in iter(partial(stream.read, BLOCK), b"")) > MAX_ENTRIES:
                raise ValueError(Message("it has more than {limit} members", limit=MAX_ENTRIES))
            yield opened.enter_context(zipfile.ZipFile(stream))
        except BROKEN_ARCHIVE as error:
            raise ModelFileError(
                "{name} is not a whole .keras file ({reason}). Save or download it again.",
                name=name,
                reason=message_of(error),
            ) from error


def _small_members(archive: zipfile.ZipFile, limits: Mapping[str, int], name: str) -> dict[str, bytes]:
    found = limits.keys() & set(archive.namelist())
    return {member: b"".join(_unpack(archive, member, limits[member], name)) for member in found}


def _unpack(archive: zipfile.ZipFile, member: str, limit: int, name: str) -> Iterator[bytes]:
    """A member, block by block; whatever the archive's directory claims, no more than `limit` bytes."""
    if archive.getinfo(member).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # bzip2 and LZMA bombs
        raise zipfile.BadZipFile(Message("compressed in a way that cannot be unpacked bit by bit"))
    size = 0
    with archive.open(member) as stream:
        while block := stream.read(BLOCK):
            size += len(block)
            if size > limit:
                raise _too_large(name, member, limit)
            yield block


def _too_large(name: str, member: str, limit: int) -> ModelFileError:
    values = {"name": name, "member": member, "limit": limit // 1_000_000}
    if member != WEIGHTS_MEMBER:
        return ModelFileError(
            "{name} is too large: its {member} unpacks to over {limit} MB. Save or download it again.", **values
        )
    return ModelFileError(
        "{name} is too large: its {member} unpacks to over {limit} MB. Save it without its optimizer, by "
        "keras.models.load_model(FILE, compile=False).save(FILE), or use a smaller network.",
        **values,
    )


def _parse_metadata(members: Mapping[str, bytes], name: str) -> tuple[Vocab | None, ModelMetadata]:
    if METADATA_MEMBER not in members:
        return None, ModelMetadata()
    try:
        return parse_metadata(members[METADATA_MEMBER])
    except (ValueError, RecursionError) as error:
        raise damaged_member(name, METADATA_MEMBER, error) from error


def _name(file: File) -> str:
    return Message("The model file") if isinstance(file, bytes) else file.name
