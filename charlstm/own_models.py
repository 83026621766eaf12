"""The models one session can choose from: those that are shipped, and those it trained or loaded itself.

Nothing here is shared: what a session trains, no other session sees. Knows model files and training runs, no widgets.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from charlstm.checkpoint import Model, Record, Snapshot, read_model, read_record
from charlstm.corpus import Corpus
from charlstm.vocab import Vocab

OWN_EPOCHS_LIMIT = 100  # of one model; 1.7 MB each with 128 units and the optimizer's state


@dataclass(frozen=True)
class Version:
    """One state of a model that can be chosen.

    Attributes:
        label: As the epoch slider shows it: `13` for a shipped epoch, `+2` for the second that the session trained.
        record: Of the model.
        path: Of a shipped file, else None.
        model: Of a session's own version, else None.
        file: The bytes of its file, else None.
    """

    label: str
    record: Record
    path: Path | None = None
    model: Model | None = None
    file: bytes | None = None

    def read_file(self) -> bytes:
        """The bytes of its model file."""
        return self.path.read_bytes() if self.file is None else self.file


@dataclass
class OwnModel:
    """What a session has of one model beyond what is shipped.

    Attributes:
        corpus: The text it is trained on; None where the model's record names one that is on the machine.
        versions: Its own, in the order in which they came.
        counted: How many it ever had; labels go on from there.
    """

    corpus: Corpus | None = None
    versions: list[Version] = field(default_factory=list)
    counted: int = 0

    def add(self, model: Model, file: bytes) -> Version:
        """Adds a version; beyond the limit the worst of the older ones makes room."""
        version = Version(f"+{self.counted + 1}", model.record, model=model, file=file)
        self.counted += 1
        self.versions.append(version)
        if len(self.versions) > OWN_EPOCHS_LIMIT:
            self.versions.remove(max(self.versions[:-1], key=held_out))
        return version


def shipped_versions(snapshots: list[Snapshot]) -> list[Version]:
    """The versions of a folder of model files."""
    return [Version(str(snapshot.epoch), read_record(snapshot.path), path=snapshot.path) for snapshot in snapshots]


def held_out(version: Version) -> float:
    """Its held-out loss, infinite where nothing was held out: `min(versions, key=held_out)` is the best."""
    nats = version.record.val_nats
    return float("inf") if nats is None else nats


def best_version(versions: list[Version]) -> Version:
    """The one with the lowest held-out loss, the last of equals."""
    return min(reversed(versions), key=held_out)


def loaded_model(name: str, file: bytes, training_text: str | None) -> Model:
    """A model file that someone uploads; `training_text` serves where it holds no vocabulary.

    Raises:
        ModelFileError: It cannot be used; the message says why.
    """
    vocab = Vocab.of(training_text) if training_text else None
    return read_model(io.BytesIO(file), vocab, name)


def free_name(wanted: str, taken: Callable[[str], bool]) -> str:
    """`wanted`, or `wanted 2`, `wanted 3`, … where that is taken."""
    name, number = wanted, 1
    while taken(name):
        number += 1
        name = f"{wanted} {number}"
    return name
