"""The models on this machine: a folder a model, in it a file an epoch. Knows files, not what is in them."""

import os
import re
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from charlstm.errors import Message, ModelFileError
from charlstm.network.metadata import ModelMetadata
from charlstm.network.model_file import Model, SavedEpoch, read_metadata, read_model
from charlstm.text.vocab import Vocab

PACKAGE = Path(__file__).resolve().parents[1]
# Inside the package where it is installed, beside it in a checkout.
MODELS_DIR = (PACKAGE if (PACKAGE / "models").is_dir() else PACKAGE.parent) / "models"


def list_models() -> dict[str, list[SavedEpoch]]:
    """The models by name, each with its epochs from the first to the last, without files that are damaged."""
    found = {folder.name: _saved_epochs(folder.name) for folder in sorted(MODELS_DIR.glob("*"))}
    return {name: epochs for name, epochs in found.items() if epochs}


def epoch_files(name: str) -> dict[str, Path]:
    """The files of a model, damaged or not, by the number in their names and in its order."""
    paths = (MODELS_DIR / name).glob("*.keras")
    named = ((re.fullmatch(r"epoch-(\d+)(?:of([1-9]\d*))?", path.stem), path) for path in paths)
    numbered = sorted((Fraction(int(match[1]), int(match[2] or 1)), path) for match, path in named if match)
    return {str(number): path for number, path in numbered}


def epoch_file_name(metadata: ModelMetadata) -> str:
    """Of the file for an epoch of a model on this machine: `epoch-013.keras`, or `epoch-1of64.keras`."""
    number, _, parts = metadata.label.partition("/")
    return f"epoch-{number}of{parts}.keras" if parts else f"epoch-{number:>03}.keras"


def _saved_epochs(name: str) -> list[SavedEpoch]:
    read = (_read_epoch(label, path, modified_ns(path)) for label, path in epoch_files(name).items())
    return [epoch for epoch in read if epoch]


def modified_ns(path: Path) -> int:
    """When a file or a folder was changed last; 0 where it is gone."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=1024)
def _read_epoch(label: str, path: Path, modified_ns: int) -> SavedEpoch | None:
    """Read once, and again if the file is replaced; None where it is damaged."""
    try:
        return SavedEpoch(label, read_metadata(path), path)
    except ModelFileError:
        return None


def best_epoch(epochs: Sequence[SavedEpoch]) -> SavedEpoch:
    """The one with the lowest held-out loss, or training loss where nothing was held out; the last of equals."""
    return min(reversed(epochs), key=lambda epoch: epoch.metadata.loss)


def find_model(name_or_path: str | Path) -> Path:
    """The file of a model on this machine (its best epoch), or the path as it is.

    Raises:
        ModelFileError: There is no model of this name.
    """
    path, name, models = Path(name_or_path), str(name_or_path), list_models()
    if name in models:
        return epoch_files(name)[best_epoch(models[name]).label]
    if path.suffix == ".keras" or os.path.isfile(path):  # which takes any name, however long
        return path
    known = ", ".join(models) or Message("none")
    raise ModelFileError(
        "There is no model named {name!r}. Use one of: {known}; or a .keras file's path.",
        name=name,
        known=known,
    )


def load_model(name_or_path: str | Path, vocab: Vocab | str | None = None, architecture: bytes | None = None) -> Model:
    """A model on this machine by its name (its best epoch), or any model file by its path.

    Args:
        name_or_path: Such as `nietzsche` or `models/nietzsche/epoch-013.keras`.
        vocab: For a file that holds none, itself, or what to find it in; see `read_model`.
        architecture: For a file of weights alone; see `read_model`.

    Raises:
        ModelFileError: There is no such model, or the file cannot be used; the message says why.
    """
    return read_model(find_model(name_or_path), vocab, architecture=architecture)
