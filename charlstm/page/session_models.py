"""The models one session can choose from: those that are shipped, and those it trained or loaded itself.

Nothing here is shared: what a session trains, no other session sees. Knows model files and training runs, no widgets.
"""

import io
import json
import zipfile
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, field
from pathlib import Path

from charlstm.errors import ModelFileError
from charlstm.network.model_file import METADATA_MEMBER, Model, ModelMetadata, Snapshot, read_metadata, read_model
from charlstm.text.corpus import Corpus
from charlstm.text.vocab import Vocab

OWN_EPOCHS_LIMIT = 100  # of one model
OWN_BYTES_LIMIT = 100_000_000  # of all of a session; an epoch of 128 units with the optimizer's state has 1.7 MB


@dataclass(frozen=True, eq=False)
class Version:
    """One state of a model that can be chosen. Two are never the same, whatever they hold.

    Attributes:
        label: As the epoch slider shows it: `13` for a shipped epoch, `+2` for the second that the session trained.
        metadata: Of the model.
        path: Of a shipped file, else None.
        file: The bytes of a session's own version, else None; its vocabulary is among them.
    """

    label: str
    metadata: ModelMetadata
    path: Path | None = None
    file: bytes | None = None

    def read_file(self) -> bytes:
        """The bytes of its model file."""
        return self.path.read_bytes() if self.file is None else self.file


@dataclass
class OwnModel:
    """What a session has of one model beyond what is shipped.

    Attributes:
        corpus: The text it is trained on; None where the model's metadata names one that is on the machine.
        versions: Its own, in the order in which they came.
        counted: How many it ever had; labels go on from there.
    """

    corpus: Corpus | None = None
    versions: list[Version] = field(default_factory=list)
    counted: int = 0

    def add(self, metadata: ModelMetadata, file: bytes) -> Version:
        """Adds a version; beyond the limit the worst of the older ones makes room."""
        version = Version(f"+{self.counted + 1}", metadata, file=file)
        self.counted += 1
        self.versions.append(version)
        if len(self.versions) > OWN_EPOCHS_LIMIT:
            self.versions.remove(max(self.versions[:-1], key=loss))
        return version


def make_room(own: dict[str, OwnModel], keep: Collection[str], limit: int = OWN_BYTES_LIMIT) -> None:
    """Drops what a session can best do without, until its own models have at most `limit` bytes.

    First go epochs that are neither the best nor the newest of their model, then the oldest models.

    Args:
        own: The session's own models by name.
        keep: Names of models that stay in any case, with their best and their newest epoch.
        limit: Bytes.
    """
    while sum(len(version.file) for model in own.values() for version in model.versions) > limit:
        if not _drop_one(own, keep):
            return


def _drop_one(own: dict[str, OwnModel], keep: Collection[str]) -> bool:
    for model in own.values():
        spare = set(model.versions) - {best_version(model.versions), model.versions[-1]} if model.versions else ()
        if spare:
            model.versions.remove(max(spare, key=loss))
            return True
    oldest = next((name for name in own if name not in keep), None)
    own.pop(oldest, None)
    return oldest is not None


def shipped_versions(snapshots: list[Snapshot]) -> list[Version]:
    """The versions of a folder of model files, without those that are damaged."""
    found = []
    for snapshot in snapshots:
        try:
            found.append(Version(str(snapshot.epoch), read_metadata(snapshot.path), path=snapshot.path))
        except ModelFileError:
            continue
    return found


def loss(version: Version) -> float:
    """By which versions of a model compare: `min(versions, key=loss)` is the best."""
    return version.metadata.loss


def best_version(versions: list[Version]) -> Version:
    """The one with the lowest held-out loss, or training loss where nothing was held out; the last of equals."""
    return min(reversed(versions), key=loss)


def loaded_model(name: str, file: bytes, training_text: str | None) -> Model:
    """A model file that someone uploads; `training_text` serves where it holds no vocabulary.

    Raises:
        ModelFileError: It cannot be used; the message says why.
    """
    vocab = Vocab.from_text(training_text) if training_text else None
    return read_model(io.BytesIO(file), vocab, name)


def with_vocab(file: bytes, model: Model) -> bytes:
    """A model file without vocabulary, with that of `model` put in; the rest is neither unpacked nor changed."""
    buffer = io.BytesIO(file)
    with zipfile.ZipFile(buffer, "a") as archive:
        if METADATA_MEMBER in archive.namelist():
            return file
        fields = {"vocab": model.vocab.chars, **asdict(model.metadata)}
        archive.writestr(METADATA_MEMBER, json.dumps(fields, ensure_ascii=False))
    return buffer.getvalue()


def free_name(wanted: str, taken: Callable[[str], bool]) -> str:
    """`wanted`, or `wanted 2`, `wanted 3`, … where that is taken."""
    name, number = wanted, 1
    while taken(name):
        number += 1
        name = f"{wanted} {number}"
    return name
