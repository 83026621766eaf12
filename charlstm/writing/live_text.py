"""Texts while they are being written: what stands there, what is still to come, and when each character is due.

Knows writers and times (seconds, given by the caller), nothing of screens. The page asks it a few times a second to
write ahead a little; the browser then shows each character at its own time. So few messages look like steady typing,
and a moved temperature is felt after at most the time written ahead.
"""

import time
from typing import Protocol

import numpy as np

from charlstm.network.lstm import Floats
from charlstm.network.model_file import Model
from charlstm.writing.generation import Draw, Writer
from charlstm.writing.sampling import Mask, Sampler

INSTANT = 0  # as a speed: as fast as the machine writes
CATCH_UP_SECONDS = 3.0  # a page that was asleep for longer goes on from where it was instead of rushing
BURST = 2_000  # characters written in one call when instant, if they take no longer than
BURST_SECONDS = 0.15  # so that other sessions are served in between


class Constraint(Protocol):
    """A rule on what may be written, such as an `Acrostic`."""

    def allowed(self, text: str) -> Mask | None:
        """The ids that may follow what was written, booleans (vocab_size,); None allows all."""

    def is_complete(self, text: str) -> bool:
        """Whether nothing more is to be written."""


class LiveText:
    """One text that grows, or several side by side from one seed text; it belongs to one session.

    Args:
        model: Can be replaced while the text is written (`use_model`).
        seed_text: See `Writer`.
        rng_seed: Seed of `numpy.random.default_rng`.
        context: See `Writer`.
        rows: How many texts.
        constraint: A rule that the text of the first row keeps, and that may end it before its length; None for none.

    Raises:
        ValueError, UnknownCharactersError: As `Writer`.
    """

    def __init__(
        self,
        model: Model,
        seed_text: str,
        rng_seed: int,
        context: int | None = None,
        rows: int = 1,
        constraint: Constraint | None = None,
    ) -> None:
        self._writer = Writer(model, seed_text, np.random.default_rng(rng_seed), rows, context)
        self.seed_text = seed_text  # as it was given; `seed` tells what the model made of it
        self.seed = self._writer.seed
        self.rng_seed = rng_seed
        self.context = context
        self.rows = rows
        self.constraint = constraint
        self.written: list[Draw] = []  # the last one with its logits, if the present model drew it
        self.one_model = True  # wrote all that stands there
        self.origin: dict[str, str] = {}  # which model this is, in the words of whoever shows the text
        self.target = 0  # how many characters are wanted
        self.writing = False
        self._next_due = 0.0
        self._dues: list[float] = []  # of the last characters written

    @property
    def model(self) -> Model:
        return self._writer.model

    @property
    def text(self) -> str:
        """What was written in the first row, without the seed."""
        return self.row_text(0)

    def row_text(self, row: int) -> str:
        """What was written in one row, without the seed."""
        return "".join(draw.chars[row] for draw in self.written)

    @property
    def last_draw(self) -> Draw | None:
        """How the last characters were drawn by the present model; None where it has drawn none."""
        return self.written[-1] if self.written and self.written[-1].logits.size else None

    @property
    def next_logits(self) -> Floats:
        """What the network says of the characters to come, float64 (rows, vocab_size)."""
        return self._writer.logits

    @property
    def complete(self) -> bool:
        """Whether all is written that was wanted."""
        if self.constraint is not None and self.constraint.is_complete(self.text):
            return True
        return len(self.written) >= self.target

    def allowed_next(self) -> Mask | None:
        """The ids that may be written now; None allows all."""
        return None if self.constraint is None else self.constraint.allowed(self.text)

    @property
    def steady(self) -> bool:
        """Whether no setting was moved and nothing taken by hand, so that the settings give the same text again."""
        by_hand = any(draw.by_hand for draw in self.written)
        return self.one_model and not by_hand and len({draw.sampler for draw in self.written}) <= 1

    def start(self, now: float, length: int, limit: int | None = None) -> None:
        """Goes on to the target if that is not reached yet, else `length` characters further, at most to `limit`."""
        if len(self.written) >= self.target:
            self.target = len(self.written) + length
        if limit is not None:
            self.target = min(self.target, limit)
        self.writing = True
        self._next_due = now

    def stop(self) -> None:
        """Stops writing; the few characters written ahead are kept, and shown at once."""
        self.writing = False
        self._dues.clear()

    def write_one(self, sampler: Sampler) -> Draw:
        """Writes one character a row now."""
        return self._append(self._writer.write(sampler, self.allowed_next()))

    def write(self, sampler: Sampler, length: int) -> None:
        """Writes `length` characters a row now."""
        for _ in range(length):
            self.write_one(sampler)
        self.target = max(self.target, len(self.written))

    def _append(self, draw: Draw) -> Draw:
        self._forget_logits()
        self.written.append(draw)
        return draw

    def _forget_logits(self) -> None:
        if self.written:
            self.written[-1] = self.written[-1].without_logits()

    def advance(self, now: float, ahead: float, sampler: Sampler, speed: float) -> None:
        """Writes the characters due until `ahead` seconds from `now`, at `speed` characters a second and row."""
        if not self.writing:
            return
        if speed == INSTANT:
            self._write_burst(sampler)
        else:
            self._write_due(now, now + ahead, sampler, 1 / speed)
        self.writing = not self.complete

    def _write_burst(self, sampler: Sampler) -> None:
        end = time.monotonic() + BURST_SECONDS
        for _ in range(BURST):
            if self.complete or time.monotonic() > end:
                break
            self.write_one(sampler)

    def _write_due(self, now: float, horizon: float, sampler: Sampler, interval: float) -> None:
        self._dues = [due for due in self._dues if due > now]
        if self._next_due < now - CATCH_UP_SECONDS:
            self._next_due = now
        while self._next_due < horizon and not self.complete:
            self.write_one(sampler)
            self._dues.append(self._next_due)
            self._next_due += interval

    def pending(self, now: float) -> list[float]:
        """Seconds until each of the last characters is due; the text before them is due already."""
        return [due - now for due in self._dues if due > now]

    def use_model(self, model: Model) -> None:
        """Goes on with another model, which first reads all that stands there; random numbers go on as they were.

        Several rows need a model that reads as many characters of each, such as one with the same vocabulary.

        Raises:
            UnknownCharactersError: The model knows none of the characters of the text; nothing has changed then.
            ValueError: It reads more of one row than of another; nothing has changed then.
        """
        texts = [model.vocab.normalize(self.seed.text + self.row_text(row)).text for row in range(self.rows)]
        writer = Writer(model, "", self._writer.rng, self.rows, self.context)
        writer.read_rows(texts)
        self._writer = writer
        self._forget_logits()
        self.one_model = not self.written

    def branch(self, position: int, char: str) -> "LiveText":
        """A new text: this one up to `position`, then `char` by hand; the random numbers go on as they would have.

        So the texts differ in one choice and in what follows from it, not in their luck. Only for a single row.

        Args:
            position: Of the character to replace, in `text`.
            char: One that the model knows.

        Raises:
            ValueError: There is no such position, or the texts are several.
            UnknownCharactersError: The model does not know `char`.
        """
        if self.rows != 1:
            raise ValueError(f"Only a single text can take another character, this one has {self.rows} rows.")
        if not 0 <= position < len(self.written):
            raise ValueError(f"`position` must be from 0 to {len(self.written) - 1}, got {position}.")
        branched = LiveText(self.model, self.seed_text, self.rng_seed, self.context)
        branched.written = self.written[:position]
        branched._take(char, self.written[position])
        return branched

    def _take(self, char: str, drawn: Draw) -> None:
        """Reads what was written, then a character in the place of what was drawn; its random number is passed over."""
        vocab, writer = self.model.vocab, self._writer
        ids = vocab.encode(char)
        writer.read(vocab.normalize(self.text).text)
        logits = writer.logits
        writer.rng.random(len(self.written) + 1)
        writer.read(char)
        self._append(Draw(char, drawn.sampler, drawn.numbers, ids, logits, by_hand=True))
        self.target = len(self.written)
