"""Characters <-> ids, and what happens to characters that a model never saw. Knows nothing of networks."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from charlstm.errors import Message, UnknownCharactersError, joined

FREQUENT = "etaoinETAOIN不人山日月春風的是一"
Ids = npt.NDArray[np.integer]
PIECE = 1_000_000  # characters encoded at once
CHAR_NAMES = {
    " ": Message("space"),
    "\n": Message("newline"),
    "\t": Message("tab"),
    "\r": Message("carriage return"),
}


@dataclass(frozen=True)
class NormalizedText:
    """A text rewritten in the characters of one vocabulary, and what that took.

    Attributes:
        text: What is left; every character of it has an id.
        lowered: Characters that were lower-cased, each once, in order of appearance.
        skipped: Characters that were left out, each once, in order of appearance.
    """

    text: str
    lowered: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vocab:
    """The characters a model knows; the id of a character is its place in `chars`.

    Raises:
        ValueError: `chars` is empty or names a character twice.
    """

    chars: str

    def __post_init__(self) -> None:
        if not self.chars or len(set(self.chars)) != len(self.chars):
            raise ValueError("`chars` must name each character of the vocabulary once, and at least one.")

    @classmethod
    def from_text(cls, text: str) -> "Vocab":
        """The sorted distinct characters of `text`, as in the notebook."""
        return cls("".join(sorted(set(text))))

    def __len__(self) -> int:
        return len(self.chars)

    @cached_property
    def _table(self) -> Ids:
        """Ids by code point; -1 for what has none, and at the end for all that lie beyond."""
        codes = np.array([ord(char) for char in self.chars])
        table = np.full(codes.max() + 2, -1, np.int32)
        table[codes] = np.arange(len(codes))
        return table

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {char: id for id, char in enumerate(self.chars)}

    def encode(self, text: str) -> Ids:
        """Ids of `text`, int32, shape (len(text),).

        Raises:
            UnknownCharactersError: A character of `text` is not in the vocabulary; `normalize` the text first.
        """
        ids = np.empty(len(text), np.int32)
        for first in range(0, len(text), PIECE):  # so that a long text takes little memory beside its ids
            codes = np.frombuffer(text[first : first + PIECE].encode("utf-32-le", "surrogatepass"), "<u4")
            np.take(self._table, codes, out=ids[first : first + PIECE], mode="clip")
        if len(ids) and ids.min() < 0:
            raise UnknownCharactersError(
                "The model does not know the character {char!r}.", char=text[int(ids.argmin())]
            )
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """The text of `ids`, each in [0, len(self))."""
        return "".join(map(self.chars.__getitem__, ids))

    def normalize(self, text: str) -> NormalizedText:
        """Rewrites `text` in known characters: unknown ones are lower-cased if that helps, else skipped.

        Raises:
            UnknownCharactersError: `text` is not empty and nothing of it is left.
        """
        unknown = [char for char in dict.fromkeys(text) if char not in self._ids]  # in order of first appearance
        lowered = tuple(char for char in unknown if char.lower() in self._ids)
        skipped = tuple(char for char in unknown if char.lower() not in self._ids)
        changed = {ord(char): char.lower() for char in lowered} | {ord(char): None for char in skipped}
        kept = text.translate(changed) if changed else text
        if text and not kept:
            examples = show_chars(self._examples())
            raise UnknownCharactersError(
                "The model knows none of the characters of this text ({chars}). Use some of its own, such as "
                "{examples}, or no text at all.",
                chars=show_chars(skipped),
                examples=examples,
            )
        return NormalizedText(kept, lowered, skipped)

    def knows_any(self, text: str) -> bool:
        """Whether anything is left of `text` when it is normalized; of an empty one too."""
        return not text or any(char in self._ids or char.lower() in self._ids for char in text)

    def _examples(self) -> list[str]:
        """Some that one meets often, so that one can type them."""
        letters = [char for char in self.chars if char.isalpha()]
        frequent = [char for char in FREQUENT if char in self._ids]
        return list(dict.fromkeys(frequent + letters))[:5] or list(self.chars[:5])


def show_chars(chars: Iterable[str], limit: int = 8) -> str:
    """A short list of characters for a message: `a, b, space, U+0007, …`."""
    chars = list(chars)
    return joined("{first}, {second}", [*map(char_name, chars[:limit]), *["…"][: len(chars) > limit]])


def char_name(char: str) -> str:
    """A visible name: the character itself, `space`, `newline`, `tab`, or its code point."""
    return CHAR_NAMES.get(char) or (char if char.isprintable() else f"U+{ord(char):04X}")
