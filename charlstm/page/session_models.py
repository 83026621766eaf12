"""The models one session can choose from: those that are shipped, and those it trained or loaded itself.

Nothing here is shared: what a session trains, no other session sees. Knows model files and training runs, no widgets.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from charlstm.network.keras_file import keras_file
from charlstm.network.metadata import ModelMetadata
from charlstm.network.model_file import Model, SavedEpoch, read_model
from charlstm.network.quarantine import try_to_read
from charlstm.network.registry import best_epoch
from charlstm.text.corpus import Corpus

MAX_OWN_EPOCHS = 100  # of one model
MAX_OWN_BYTES = 100_000_000  # of all of a session; an epoch of 128 units with the optimizer's state has 1.7 MB


@dataclass
class OwnModel:
    """What a session has of one model beyond what is shipped.

    Attributes:
        corpus: The text it is trained on; None where the model's metadata names one that is on the machine.
        epochs: Its own, in the order in which they came; labelled `+3` after three epochs, `+3 (2)` the next time.
    """

    corpus: Corpus | None = None
    epochs: list[SavedEpoch] = field(default_factory=list)

    def add(self, metadata: ModelMetadata, file: bytes) -> SavedEpoch:
        """Adds an epoch; beyond the limit the worst of the older ones makes room."""
        seen = metadata.label if metadata.epoch or metadata.corpus else "?"  # of a foreign file nothing is known
        label = free_name(f"+{seen}", {epoch.label for epoch in self.epochs}.__contains__)
        epoch = SavedEpoch(label, metadata, file)
        self.epochs.append(epoch)
        if len(self.epochs) > MAX_OWN_EPOCHS:
            self.epochs.remove(max(self.epochs[:-1], key=_loss))
        return epoch


def make_room(own: dict[str, OwnModel], keep: Collection[str], limit: int = MAX_OWN_BYTES) -> None:
    """Drops what a session can best do without, until its own models have at most `limit` bytes.

    First go epochs that are neither the best nor the newest of their model, then the oldest models.

    Args:
        own: The session's own models by name.
        keep: Names of models that stay in any case, with their best and their newest epoch.
        limit: Bytes.
    """
    while sum(len(epoch.read_bytes()) for model in own.values() for epoch in model.epochs) > limit:
        if not _drop_one(own, keep):
            return


def _drop_one(own: dict[str, OwnModel], keep: Collection[str]) -> bool:
    for model in own.values():
        spare = set(model.epochs) - {best_epoch(model.epochs), model.epochs[-1]} if model.epochs else ()
        if spare:
            model.epochs.remove(max(spare, key=_loss))
            return True
    oldest = next((name for name in own if name not in keep), None)
    if oldest is not None:
        del own[oldest]
    return oldest is not None


def _loss(epoch: SavedEpoch) -> float:
    return epoch.metadata.loss


def read_upload(name: str, file: bytes, architecture: bytes | None, given: str | None) -> Model:
    """A model file that someone uploads, read where it can be cut off before it is read here.

    Args:
        name: For messages.
        file: Its content.
        architecture: For a file of weights alone; None where none was given.
        given: For one without a vocabulary, the text that it was trained on or the list of its characters.

    Raises:
        ModelFileError: It cannot be used; the message says why.
    """
    try_to_read(file, name, architecture)
    return read_model(file, given, name, architecture)


def file_to_keep(file: bytes, model: Model) -> bytes:
    """An uploaded file as it is if it holds all of the model, and has its size; else the model written anew.

    What a session may keep is counted in bytes of files, so none may unfold to more than it counts.
    """
    if model.found is None and len(file) >= 3 * model.network.parameters and file[:2] == b"PK":
        return file
    return keras_file(model)


def free_name(wanted: str, taken: Callable[[str], bool]) -> str:
    """`wanted`, or `wanted (2)`, `wanted (3)`, … where that is taken."""
    name, number = wanted, 1
    while taken(name):
        number += 1
        name = f"{wanted} ({number})"
    return name
