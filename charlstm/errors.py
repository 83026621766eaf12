"""The project's own exceptions, and sentences that can be said in other languages.

Each sentence is for a person: the rule, the value that broke it, the remedy. It stands where it is said, in English; as
a `Message` it remembers its template and what was filled in, so that the page can say it in another language. A bad
argument that only a program can give is a plain `ValueError`; the classes here are for what comes from outside: files,
downloads, texts, processes, and settings.
"""

from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any


class Message(str):
    """A sentence in English that can be said in other languages too.

    Args:
        template: The sentence, with named fields such as `{count:,}`; a catalogue of translations has it as it is here.
        values: Fill the fields and are never read as templates; one may be a `Message` itself. A `reason` goes without
            its full stop.
    """

    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, /, **values: Any) -> "Message":
        message = super().__new__(cls, _fill(str, template, values))
        message.template, message.values = template, values
        return message

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        return (self.template,), self.values  # for pickle and copy

    def said(self, translate: Callable[[str], str]) -> str:
        """The sentence, and all that is in it, by what `translate` makes of the templates."""
        return _fill(translate, self.template, self.values)


class CharLSTMError(Exception):
    """Base of all errors whose message can be shown to a user as it is.

    Args:
        message: A whole `Message`, or the template of one.
        values: Of the message.
    """

    def __init__(self, message: str, /, **values: Any) -> None:
        super().__init__(message if isinstance(message, Message) else Message(message, **values))


class ModelFileError(CharLSTMError):
    """A model file is missing, damaged, too large, or holds a network that this package cannot run."""


class MissingVocabularyError(ModelFileError):
    """A model file made elsewhere says nothing of the characters behind its ids."""


class MissingArchitectureError(ModelFileError):
    """A file holds the weights of a model and not its layers."""


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


def joined(template: str, parts: Iterable[str]) -> str:
    """Several parts as one, by a template of `{first}` and `{second}`."""
    return reduce(lambda first, second: Message(template, first=first, second=second), tuple(parts) or ("",))


def pack(value: Any) -> Any:
    """A message as JSON can hold it, for another process; anything else as it is."""
    if not isinstance(value, Message):
        return value
    return {"template": value.template, "values": {name: pack(inner) for name, inner in value.values.items()}}


def unpack(value: Any) -> Any:
    """What was given to `pack`."""
    if not isinstance(value, dict):
        return value
    template, values = value["template"], value["values"]
    return Message(template, **{name: unpack(inner) for name, inner in values.items()})


def _fill(translate: Callable[[str], str], template: str, values: dict[str, Any]) -> str:
    said = {name: value.said(translate) if isinstance(value, Message) else value for name, value in values.items()}
    if "reason" in said:
        said["reason"] = str(said["reason"]).rstrip(".。")
    return translate(template).format(**said)
