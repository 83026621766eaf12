"""The project's own exceptions.

Each message is one sentence or two for a person: the rule, the value that broke it, the remedy. A bad argument is a
plain `ValueError`; these classes are for what comes from outside: files, downloads, texts and processes.
"""


class CharLSTMError(Exception):
    """Base of all errors whose message can be shown to a user as it is."""


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
