"""Writing text: the network's state, one character at a time. Knows models and samplers, nothing of screens or time."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from charlstm.network.lstm import Floats, Network
from charlstm.network.model_file import Model
from charlstm.text.vocab import Ids, NormalizedText
from charlstm.writing.sampling import Mask, Sampler, mask_logits

LENGTH_LIMIT = 1_000_000
CONTEXT_LIMIT = 1_000  # characters; one state of the network is kept for each
SEED_LIMIT = 20_000  # characters; read in about half a second


class Draw(NamedTuple):
    """One character of each row, and all that led to it: made once, as it is written, and passed on.

    Attributes:
        chars: A character a row.
        sampler: What made probabilities of the logits.
        numbers: The random number in [0, 1) that chose them, or one a row, float64 (rows,).
        ids: Of `chars`, (rows,).
        logits: What the network said, float64 (rows, vocab_size).
        allowed: What a rule left to be drawn, booleans (vocab_size,) or (rows, vocab_size); None for all.
        by_hand: Whether a person put it in the place of what was drawn.
    """

    chars: str
    sampler: Sampler
    numbers: float | Floats
    ids: Ids
    logits: Floats
    allowed: Mask | None = None
    by_hand: bool = False

    @property
    def probabilities(self) -> Floats:
        """What was drawn from, after mask, temperature and truncation, (rows, vocab_size); made when asked for."""
        return self.sampler.probabilities(mask_logits(self.logits, self.allowed))

    @property
    def char(self) -> str:
        """The character of the first row."""
        return self.chars[0]

    @property
    def id(self) -> int:
        """Its id."""
        return int(self.ids.flat[0])

    @property
    def u(self) -> float:
        """The random number that chose it."""
        return self.numbers if isinstance(self.numbers, float) else float(self.numbers[0])

    def row(self, row: int = 0) -> "Draw":
        """One row alone; its logits and probabilities have the shape (vocab_size,)."""
        allowed = self.allowed[row] if self.allowed is not None and self.allowed.ndim > 1 else self.allowed
        return Draw(
            self.chars[row],
            self.sampler.of_row(row),
            self.numbers if isinstance(self.numbers, float) else float(self.numbers[row]),
            self.ids[row : row + 1],
            self.logits[row],
            allowed,
            self.by_hand,
        )


Step = Draw  # its name before


class CarriedContext:
    """Reads with the state carried on forever: each prediction depends on everything read so far."""

    def __init__(self, network: Network, rows: int = 1) -> None:
        self._network = network
        self._cursor = network.cursor(rows)

    def read_all(self, ids: Ids) -> None:
        """Reads ids (length, rows)."""
        for row_ids in ids:
            self.read(row_ids)

    def read(self, ids: Ids) -> None:
        """Reads one id a row, ids (rows,)."""
        self._cursor.read(ids)

    def logits(self) -> Floats:
        """What comes next, float64 (rows, vocab_size)."""
        return self._network.logits(self._cursor.state[-1].hidden)


class SlidingWindowContext:
    """Reads as the notebook does: each prediction sees the last `length` characters, from the empty state.

    Starting over for each character would cost `length` steps. Instead `length` states are kept, one a window start,
    and advanced together: one matrix product a character. The state that has read `length` characters predicts, and
    is then emptied to start the newest window.
    """

    def __init__(self, network: Network, length: int, rows: int = 1) -> None:
        self._network = network
        self._length = length
        self._rows = rows
        self._read = 0  # characters so far
        self._cursor = network.cursor(length * rows)  # window start by window start
        self._row_of = np.tile(np.arange(rows), length)

    def read_all(self, ids: Ids) -> None:
        """Reads ids (length, rows): passes over those that no window sees any more."""
        unseen = max(0, len(ids) - self._length)
        self._read += unseen
        for row_ids in ids[unseen:]:
            self.read(row_ids)

    def read(self, ids: Ids) -> None:
        """Reads one id a row, ids (rows,)."""
        newest = self._window(self._read)
        for layer in self._cursor.state:
            layer.hidden[newest] = layer.cell[newest] = 0
        self._cursor.read(ids[self._row_of])
        self._read += 1

    def logits(self) -> Floats:
        """What comes next, float64 (rows, vocab_size)."""
        oldest = self._window(max(0, self._read - self._length))
        return self._network.logits(self._cursor.state[-1].hidden[oldest])

    def _window(self, start: int) -> slice:
        first = start % self._length * self._rows
        return slice(first, first + self._rows)


class Writer:
    """Writes on from a seed text, one character a call, in one or more rows that go separate ways.

    All rows read the same seed text and, as a rule, draw with the same random numbers, so that rows at different
    temperatures differ in nothing else.

    Args:
        model: Not changed.
        seed_text: Any text, empty included; unknown characters are lower-cased or skipped, as `seed` tells.
        rng: Source of the random numbers; None for a fresh one.
        rows: How many texts to write at once.
        context: None carries the state forever; a number sees only so many last characters (the notebook: 60).
        own_numbers: Whether each row draws with random numbers of its own.

    Raises:
        ValueError: `seed_text` is too long, or `context` or `rows` is below 1.
        UnknownCharactersError: The model knows no character of a seed text that is not empty.
    """

    def __init__(
        self,
        model: Model,
        seed_text: str,
        rng: np.random.Generator | None = None,
        rows: int = 1,
        context: int | None = None,
        own_numbers: bool = False,
    ) -> None:
        if len(seed_text) > SEED_LIMIT:
            raise ValueError(
                f"The seed text must have at most {SEED_LIMIT:,} characters, got {len(seed_text):,}. Shorten it."
            )
        if rows < 1:
            raise ValueError(f"`rows` must be at least 1, got {rows}. Use one row for one text.")
        if context is not None and not (isinstance(context, int | np.integer) and 1 <= context <= CONTEXT_LIMIT):
            raise ValueError(
                f"`context` must be a whole number from 1 to {CONTEXT_LIMIT:,}, got {context}. "
                "Leave it out to carry the state on."
            )
        self.model = model
        self.rng = rng if rng is not None else np.random.default_rng()
        self.seed: NormalizedText = model.vocab.normalize(seed_text)
        self._context = (
            CarriedContext(model.network, rows)
            if context is None
            else SlidingWindowContext(model.network, context, rows)
        )
        self._rows = rows
        self._numbers = rows if own_numbers else None  # drawn for each character; None for one that all share
        self.read(self.seed.text)

    def read(self, text: str) -> None:
        """Reads `text`, all of whose characters must be known, into every row."""
        self.read_rows([text] * self._rows)

    def read_rows(self, texts: Sequence[str]) -> None:
        """Reads a text a row, all of one length and of known characters."""
        ids = np.stack([self.model.vocab.encode(text) for text in texts], axis=1)  # (length, rows)
        self._context.read_all(ids)
        self.logits = self._context.logits()  # (rows, vocab_size), of the characters that come next

    def write(self, sampler: Sampler, allowed: Mask | None = None) -> Draw:
        """Writes one character a row.

        Args:
            sampler: Makes probabilities of the logits.
            allowed: The ids that may be written, booleans (vocab_size,) or (rows, vocab_size); None allows all.
        """
        logits, numbers = self.logits, self.rng.random(self._numbers)
        ids = sampler.draw(logits if allowed is None else mask_logits(logits, allowed), numbers)
        self._context.read(ids)
        self.logits = self._context.logits()
        return Draw(self.model.vocab.decode(ids.tolist()), sampler, numbers, ids, logits, allowed)

    def draws(self, sampler: Sampler, length: int) -> Iterator[Draw]:
        """Writes `length` characters a row, each as it is asked for."""
        return (self.write(sampler) for _ in range(length))

    def write_texts(self, sampler: Sampler, length: int) -> list[str]:
        """Writes `length` characters a row; returns a text a row."""
        return ["".join(chars) for chars in zip(*(draw.chars for draw in self.draws(sampler, length)), strict=True)]


def generate(
    model: Model,
    seed_text: str,
    temperature: float = 1.0,
    length: int = 400,
    rng: np.random.Generator | None = None,
    top_k: int | None = None,
    top_p: float | None = None,
    context: int | None = None,
    min_p: float | None = None,
) -> Iterator[Draw]:
    """Yields `length` draws that go on from `seed_text`; see `Sampler` and `Writer` for the arguments.

    Raises:
        ValueError: An argument is out of its range; raised at the call, before the first draw.
        UnknownCharactersError: The model knows no character of a seed text that is not empty.
    """
    if not (isinstance(length, int | np.integer) and 1 <= length <= LENGTH_LIMIT):
        raise ValueError(f"`length` must be a whole number from 1 to {LENGTH_LIMIT:,}, got {length}. Try 400.")
    sampler = Sampler(temperature, top_k, top_p, min_p)
    writer = Writer(model, seed_text, rng, context=context)
    return (draw.row() for draw in writer.draws(sampler, length))
