"""Options that say which model a command takes, and what a file made elsewhere does not say of itself."""

import argparse
import sys
from pathlib import Path

from charlstm.errors import MissingArchitectureError, MissingVocabularyError, ModelFileError, message_of
from charlstm.network.keras_file import keras_file
from charlstm.network.model_file import CONFIG_LIMIT, Model
from charlstm.network.registry import load_model
from charlstm.text.corpus import UPLOAD_LIMIT
from charlstm.text.encodings import decode
from charlstm.text.files import read_file


def add_model_options(command: argparse.ArgumentParser, model: str | None = "nietzsche") -> None:
    """Adds `--model` with a default, if there is one, and the options for files made elsewhere."""
    add = command.add_argument
    if model:
        add("--model", default=model, metavar="NAME|FILE", help="a .keras or .h5 file too; default: %(default)s")
    words = "for a model file made elsewhere: the text that it was trained on, or the list of its characters"
    add("--vocab", type=Path, metavar="FILE", help=words)
    add("--architecture", type=Path, metavar="FILE.json", help="for a file of weights: what model.to_json() gives")


def chosen_model(options: argparse.Namespace, name_or_path: str | Path) -> Model:
    """The model, with its vocabulary found if the file has none; how it was found goes to standard error.

    Raises:
        ModelFileError: It cannot be used.
        CorpusError: What `--vocab` names is no text.
    """
    vocab = None if options.vocab is None else decode(_content(options.vocab, UPLOAD_LIMIT)).text
    architecture = None if options.architecture is None else _content(options.architecture, CONFIG_LIMIT)
    try:
        model = load_model(name_or_path, vocab, architecture)
    except (MissingVocabularyError, MissingArchitectureError) as error:
        option = "--vocab" if isinstance(error, MissingVocabularyError) else "--architecture"
        raise ModelFileError("{reason}: {option} FILE", reason=message_of(error), option=option) from error
    if model.found:
        print(f"vocabulary: {model.found.sentence}", file=sys.stderr)
    return model


def content_of_model(options: argparse.Namespace, path: Path) -> bytes:
    """The content of a model file; where more was given, that of a file which has it all."""
    if options.vocab is None and options.architecture is None:
        return _content(path, UPLOAD_LIMIT * 10)
    return keras_file(chosen_model(options, path))


def _content(path: Path, limit: int) -> bytes:
    try:
        return read_file(path, limit)
    except OSError as error:
        reason = error.strerror or message_of(error)
        raise ModelFileError("The file {path!r} cannot be read: {reason}.", path=str(path), reason=reason) from error
