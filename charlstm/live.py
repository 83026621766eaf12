"""Texts while they are being written: what stands there, what is still to come, and when each character is due.

Knows writers and clocks (seconds, given by the caller), nothing of screens. The page asks it a few times a second to
write ahead a little; the browser then shows each character at its own time. So few messages look like steady typing,
and a moved temperature is felt after at most the time written ahead.
"""

from dataclasses import dataclass

import numpy as np

from charlstm.checkpoint import Model
from charlstm.generation import Writer
from charlstm.sampling import Sampler

INSTANT = 0  # as a speed: as fast as the machine writes
CATCH_UP_SECONDS = 1.0  # a page that was asleep for longer goes on from where it was instead of rushing
BURST = 2_000  # characters written in one call when instant: about 0.15 s


@dataclass(frozen=True, slots=True)
class Written:
    """One character of each row with what drew it; enough to recompute all the rest from the model.

    Attributes:
        chars: A character a row.
        temperatures: At which each was drawn.
        u: The random number in [0, 1) that drew them all.
    """

    chars: str
    temperatures: tuple[float, ...]
    u: float


@dataclass(frozen=True, slots=True)
class LastDraw:
    """How the last characters were drawn: logits and probabilities float64 (rows, vocab_size), ids (rows,)."""

    logits: np.ndarray
    probabilities: np.ndarray
    ids: np.ndarray


class LiveText:
    """One text that grows, or several side by side from one seed text; it belongs to one session.

    Args:
        model: Can be replaced while the text is written (`use_model`).
        seed_text: See `Writer`.
        rng_seed: Seed of `numpy.random.default_rng`.
        context: See `Writer`.
        rows: How many texts.

    Raises:
        ValueError, UnknownCharactersError: As `Writer`.
    """

    def __init__(self, model: Model, seed_text: str, rng_seed: int, context: int | None = None, rows: int = 1) -> None:
        self._writer = Writer(model, seed_text, np.random.default_rng(rng_seed), rows, context)
        self.seed_text = seed_text  # as it was given; `seed` tells what the model made of it
        self.seed = self._writer.seed
        self.rng_seed = rng_seed
        self.context = context
        self.rows = rows
        self.written: list[Written] = []
        self.last_draw: LastDraw | None = None  # by the present model
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
        return "".join(written.chars[row] for written in self.written)

    @property
    def next_logits(self) -> np.ndarray:
        """What the network says of the characters to come, float64 (rows, vocab_size)."""
        return self._writer.logits

    @property
    def steady(self) -> bool:
        """Whether no temperature was moved, so that the settings give the same text again."""
        return len({written.temperatures for written in self.written}) <= 1

    def start(self, now: float, length: int) -> None:
        """Goes on to the target if that is not reached yet, else `length` characters further."""
        if len(self.written) >= self.target:
            self.target = len(self.written) + length
        self.writing = True
        self._next_due = now

    def stop(self) -> None:
        """Stops writing; the few characters written ahead are kept, and shown at once."""
        self.writing = False
        self._dues.clear()

    def write_one(self, sampler: Sampler) -> None:
        """Writes one character a row now."""
        logits = self._writer.logits
        ids, probabilities, u = self._writer.write_rows(sampler)
        temperatures = np.broadcast_to(sampler.temperature, self.rows).tolist()
        self.written.append(Written(self.model.vocab.decode(ids), tuple(temperatures), u))
        self.last_draw = LastDraw(logits, probabilities, ids)

    def advance(self, now: float, ahead: float, sampler: Sampler, speed: float) -> None:
        """Writes the characters due until `ahead` seconds from `now`, at `speed` characters a second and row."""
        if not self.writing:
            return
        if speed == INSTANT:
            for _ in range(min(BURST, self.target - len(self.written))):
                self.write_one(sampler)
        else:
            self._write_due(now, now + ahead, sampler, 1 / speed)
        self.writing = len(self.written) < self.target

    def _write_due(self, now: float, horizon: float, sampler: Sampler, interval: float) -> None:
        self._dues = [due for due in self._dues if due > now]
        if self._next_due < now - CATCH_UP_SECONDS:
            self._next_due = now
        while self._next_due < horizon and len(self.written) < self.target:
            self.write_one(sampler)
            self._dues.append(self._next_due)
            self._next_due += interval

    def pending(self, now: float) -> list[float]:
        """Seconds until each of the last characters is due; the text before them is due already."""
        return [due - now for due in self._dues if due > now]

    def use_model(self, model: Model) -> None:
        """Goes on with another model, which first reads all that stands there; random numbers go on as they were.

        Only for a single row, whose text the new model can read.

        Raises:
            UnknownCharactersError: The model knows none of the characters of the text; nothing has changed then.
        """
        text = model.vocab.fit(self.seed.text + self.text).text
        writer = Writer(model, "", self._writer.rng, context=self.context)
        writer.read(text)
        self._writer = writer
        self.last_draw = None
