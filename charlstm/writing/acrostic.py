"""An acrostic as a rule on what may be written next. Knows characters and ids, nothing of models or probabilities.

`Acrostic.allowed(text)` looks at what was written so far and says which characters may follow, as a mask for
`Writer.write(sampler, allowed)`. The network stays as it is: what the rule forbids gets probability 0 and the rest is
made to sum to 1, so a chart can show both distributions and how much the rule took away.
"""

import re
from collections.abc import Callable

import numpy as np

from charlstm.errors import UnknownCharactersError
from charlstm.text.vocab import Vocab, show_chars
from charlstm.writing.sampling import Mask

LENGTHS = {"line": (20, 60), "word": (2, 16)}  # fewest and most characters of each unit, unless told otherwise
WORD_LIMIT = 40  # letters of the acrostic
TAIL = 12  # over so many last characters of a line, the next space ends it
CLOSING = ".,;:!?"  # may end a word, before its space


class Acrostic:
    """Each line, or each word, starts with the next letter of a word.

    A letter counts in either case, as far as the vocabulary has it. A line ends with a newline: not before `shortest`
    characters; after the first space among its last few; at `longest` wherever it is. A word ends with white space,
    perhaps after one of . , ; : ! ? and holds letters and apostrophes alone.

    Args:
        word: One letter a unit; white space in it is left out.
        vocab: Of the model that writes.
        unit: "line" or "word".
        shortest: Fewest characters of a unit, its first letter included; None for 20 a line, 2 a word.
        longest: Most characters of a unit; None for 60 a line, 16 a word.

    Raises:
        ValueError: `word` has no letter or over 40, `unit` is neither of the two, or the lengths are not
            1 <= `shortest` <= `longest`.
        UnknownCharactersError: The model lacks a letter of `word`, or newlines or white space to end units with.
    """

    def __init__(
        self, word: str, vocab: Vocab, unit: str = "line", shortest: int | None = None, longest: int | None = None
    ) -> None:
        if unit not in LENGTHS:
            raise ValueError(f"`unit` must be 'line' or 'word', got {unit!r}. Use 'line'.")
        self.word = "".join(word.split())
        self.unit = unit
        self.shortest = LENGTHS[unit][0] if shortest is None else shortest
        self.longest = LENGTHS[unit][1] if longest is None else longest
        if not 1 <= len(self.word) <= WORD_LIMIT:
            raise ValueError(
                f"An acrostic needs a word of 1 to {WORD_LIMIT} letters, got {len(self.word)}. Try 'will'."
            )
        if not 1 <= self.shortest <= self.longest:
            raise ValueError(
                f"A {unit} must have at least 1 character and `shortest` at most `longest`, got {self.shortest} and "
                f"{self.longest}. Leave both out."
            )
        self._vocab = vocab
        self._starts = [self._mask(letter_variants(letter).__contains__) for letter in self.word]
        self._ends = self._mask(str.isspace if unit == "word" else "\n".__eq__)
        self._inside = self._mask(lambda char: char.isalpha() or char in "'’")
        self._closing = self._mask(CLOSING.__contains__)
        self._check_known()

    def __repr__(self) -> str:
        return f"Acrostic({self.word!r}, unit={self.unit!r}, shortest={self.shortest}, longest={self.longest})"

    def allowed(self, text: str) -> Mask | None:
        """What may follow `text`, all that was written so far without the seed text.

        Returns:
            Booleans (vocab_size,); None where everything may follow, as it may once the acrostic is complete.
        """
        units = self._units(text)
        if len(units) > len(self.word):
            return None
        if not units[-1]:
            return self._starts[len(units) - 1]
        return self._allowed_in_line(units[-1]) if self.unit == "line" else self._allowed_in_word(units[-1])

    def is_complete(self, text: str) -> bool:
        """Whether `text` has a unit for each letter, all of them ended."""
        return len(self._units(text)) > len(self.word)

    def letter_positions(self, text: str) -> list[int]:
        """Where in `text` the letters of the acrostic stand, as many as are written; for marking them."""
        positions, start = [], 0
        for unit in self._units(text)[: len(self.word)]:
            positions += [start] if unit else []
            start += len(unit) + 1
        return positions

    def _allowed_in_line(self, line: str) -> Mask | None:
        if len(line) < self.shortest:
            return ~self._ends
        at_space = line[-1] == " " and len(line) >= self.longest - TAIL
        return self._ends if at_space or len(line) >= self.longest else None

    def _allowed_in_word(self, word: str) -> Mask:
        if word[-1] in CLOSING or len(word) >= self.longest:
            return self._ends
        return self._inside if len(word) < self.shortest else self._inside | self._closing | self._ends

    def _units(self, text: str) -> list[str]:
        """The units begun so far, the last one unfinished and perhaps empty. Each is ended by one character."""
        return text.split("\n") if self.unit == "line" else re.split(r"\s", text)

    def _mask(self, is_allowed: Callable[[str], bool]) -> Mask:
        return np.array([is_allowed(char) for char in self._vocab.chars])

    def _check_known(self) -> None:
        missing = [letter for letter, mask in zip(self.word, self._starts, strict=True) if not mask.any()]
        if missing:
            examples = show_chars([char for char in self._vocab.chars if char.isalpha()] or self._vocab.chars, 5)
            chars = show_chars(dict.fromkeys(missing))
            raise UnknownCharactersError(
                "The model cannot write {chars}. Use its own letters, such as {examples}.",
                chars=chars,
                examples=examples,
            )
        if not self._ends.any():
            if self.unit == "line":
                raise UnknownCharactersError("The model writes no newlines, so no line can end. Try words instead.")
            raise UnknownCharactersError("The model writes no spaces, so no word can end. Try lines instead.")
        if self.shortest < self.longest and self.unit == "word" and not self._inside.any():
            raise UnknownCharactersError("The model writes no letters. Try lines instead.")


def letter_variants(letter: str) -> set[str]:
    """The letter in either case, as far as that is one character."""
    return {char for char in (letter, letter.lower(), letter.upper()) if len(char) == 1}
