"""Texts in the making: what stands there, what drew it, how far they are to go. Knows no screens.

Whoever shows a text may be behind with it: `cut` takes back what was not seen yet, and the random numbers go on as if
it had never been written.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from copy import copy
from operator import itemgetter
from typing import Protocol, overload

import numpy as np

from charlstm.network.lstm import Floats
from charlstm.network.model_file import Model
from charlstm.writing.generation import Draw, Writer
from charlstm.writing.sampling import Mask, Sampler

NOTHING, NO_IDS = np.empty(0), np.empty(0, np.int64)


class Constraint(Protocol):
    """A rule on what may be written, such as an `Acrostic`."""

    def allowed(self, text: str) -> Mask | None:
        """The ids that may follow what was written, booleans (vocab_size,); None allows all."""

    def is_complete(self, text: str) -> bool:
        """Whether nothing more is to be written."""


class WrittenDraws(Sequence[Draw]):
    """How the characters of a text were drawn, in some 20 bytes each: all but the newest without ids and logits.

    Args:
        draws: With which it begins.
    """

    def __init__(self, draws: Iterable[Draw] = ()) -> None:
        self._chars: list[str] = []
        self._numbers = array("d")  # all rows share one
        self._samplers: list[tuple[int, Sampler]] = []  # each with the place from which on
        self._by_hand: set[int] = set()
        self._newest: Draw | None = None
        for draw in draws:
            self.append(draw)

    def append(self, draw: Draw) -> None:
        """Adds the draw of the next character."""
        place = len(self._chars)
        last = self._samplers[-1][1] if place else None
        if draw.sampler is not last and draw.sampler != last:
            self._samplers.append((place, draw.sampler))
        if draw.by_hand:
            self._by_hand.add(place)
        self._chars.append(draw.chars)
        self._numbers.append(draw.u)
        self._newest = draw

    def cut(self, length: int) -> None:
        """Takes back all but the first `length`."""
        del self._chars[length:], self._numbers[length:]
        self._samplers = [(place, sampler) for place, sampler in self._samplers if place < length]
        self._by_hand = {place for place in self._by_hand if place < length}
        self._newest = None

    def forget_logits(self) -> None:
        """Of the newest one too."""
        self._newest = None

    @property
    def newest(self) -> Draw | None:
        """The last one with its logits; None where there is none, or they are forgotten."""
        return self._newest

    def row_text(self, row: int) -> str:
        """The characters of a row."""
        return "".join([chars[row] for chars in self._chars])

    @property
    def uniform(self) -> bool:
        """Whether one sampler drew all of them, and none was taken by hand."""
        return len(self._samplers) <= 1 and not self._by_hand

    def __len__(self) -> int:
        return len(self._chars)

    @overload
    def __getitem__(self, place: int) -> Draw: ...
    @overload
    def __getitem__(self, place: slice) -> list[Draw]: ...
    def __getitem__(self, place: int | slice) -> Draw | list[Draw]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        place = range(len(self))[place]
        if self._newest is not None and place == len(self) - 1:
            return self._newest
        _, sampler = self._samplers[bisect_right(self._samplers, place, key=itemgetter(0)) - 1]
        by_hand = place in self._by_hand
        return Draw(self._chars[place], sampler, self._numbers[place], NO_IDS, NOTHING, None, by_hand)


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
        self.written = WrittenDraws()  # the newest with its logits, if the present model drew it
        self.one_model = True  # wrote all that stands there
        self.target = 0  # how many characters are wanted
        self._drawn_from = 0  # the first character that the present model drew

    @property
    def model(self) -> Model:
        return self._writer.model

    @property
    def text(self) -> str:
        """What was written in the first row, without the seed."""
        return self.row_text(0)

    def row_text(self, row: int) -> str:
        """What was written in one row, without the seed."""
        return self.written.row_text(row)

    @property
    def last_draw(self) -> Draw | None:
        """How the last characters were drawn by the present model; None where it has drawn none."""
        return self.written.newest

    @property
    def next_logits(self) -> Floats:
        """What the network says of the characters to come, float64 (rows, vocab_size)."""
        return self._writer.logits

    @property
    def complete(self) -> bool:
        """Whether all is written that was wanted."""
        return self.ended or len(self.written) >= self.target

    @property
    def ended(self) -> bool:
        """Whether the rule lets nothing more be written."""
        return self.constraint is not None and self.constraint.is_complete(self.text)

    def allowed_next(self) -> Mask | None:
        """The ids that may be written now; None allows all."""
        return None if self.constraint is None else self.constraint.allowed(self.text)

    @property
    def steady(self) -> bool:
        """Whether no setting was moved and nothing taken by hand, so that the settings give the same text again."""
        return self.one_model and self.written.uniform

    def aim(self, length: int, limit: int) -> None:
        """Sets the target `length` characters further, unless the one that stands is not reached; at most `limit`."""
        if len(self.written) >= self.target:
            self.target = len(self.written) + length
        self.target = min(self.target, limit)

    def write_one(self, sampler: Sampler) -> Draw:
        """Writes one character a row now."""
        draw = self._writer.write(sampler, self.allowed_next())
        self.written.append(draw)
        return draw

    def write(self, sampler: Sampler, length: int) -> list[Draw]:
        """Writes up to `length` characters a row, none beyond the target or the rule; returns how they were drawn."""
        draws: list[Draw] = []
        while len(draws) < length and not self.complete:
            draws.append(self.write_one(sampler))
        return draws

    def cut(self, length: int) -> None:
        """Takes back all but the first `length` characters; what comes next draws the same random numbers again."""
        if length < len(self.written):
            drawn = self.written[length - 1] if length > self._drawn_from else None
            self.written.cut(length - 1 if drawn else length)
            self._reread(self.model)
            if drawn is not None:
                self._take(drawn)

    def _reread(self, model: Model) -> None:
        """A writer that has read all that stands there, and whose next random number is the next of the text."""
        texts = [model.vocab.normalize(self.seed.text + self.row_text(row)).text for row in range(self.rows)]
        rng = np.random.default_rng(self.rng_seed)
        rng.random(len(self.written))
        writer = Writer(model, "", rng, self.rows, self.context)
        writer.read_rows(texts)
        self._writer = writer

    def _take(self, drawn: Draw) -> None:
        """Reads characters that are not drawn now, with what the network says of them, and passes over a number."""
        logits, allowed = self._writer.logits, self.allowed_next()
        self._writer.rng.random()
        self._writer.read_rows(list(drawn.chars))
        ids = self.model.vocab.encode(drawn.chars)
        self.written.append(drawn._replace(ids=ids, logits=logits, allowed=allowed))

    def take(self, text: str, sampler: Sampler) -> list[Draw]:
        """Goes on with characters by hand, with what the network says of each; random numbers are passed over for them.

        Only for a single row.

        Args:
            text: Characters that the model knows.
            sampler: At which they are taken.
        """
        draws = []
        for char, id in zip(text, self.model.vocab.encode(text), strict=True):
            logits, allowed = self._writer.logits, self.allowed_next()
            numbers = self._writer.rng.random(1)
            self._writer.read(char)
            draws.append(Draw(char, sampler, numbers, np.array([id]), logits, allowed, by_hand=True))
            self.written.append(draws[-1])
        return draws

    def use_model(self, model: Model) -> None:
        """Goes on with another model, which first reads all that stands there; random numbers go on as they were.

        Several rows need a model that reads as many characters of each, such as one with the same vocabulary.

        Raises:
            UnknownCharactersError: The model knows none of the characters of the text; nothing has changed then.
            ValueError: It knows nothing of the text but its white space, reads more of one row than of another, or has
                other characters than the rule knows; nothing has changed then.
        """
        if not model.vocab.knows_any("".join((self.seed.text + self.text).split())):
            raise ValueError("A model needs more of a text than its white space to go on with it. Begin another text.")
        if self.constraint is not None and model.vocab != self.model.vocab:
            raise ValueError("A text under a rule needs a model with the same characters. Begin another text.")
        self._reread(model)
        self.written.forget_logits()
        self._drawn_from = len(self.written)
        self.one_model = not self.written

    def branch(self, position: int, char: str, model: Model | None = None) -> "LiveText":
        """A new text: this one up to `position`, then `char` by hand; the random numbers go on as they would have.

        So the texts differ in one choice and in what follows from it, not in their luck. Only for a single row.

        Args:
            position: Of the character to replace, in `text`.
            char: One that the model knows.
            model: That goes on; None for the one of this text.

        Raises:
            ValueError: There is no such position, or the texts are several.
            UnknownCharactersError: The model does not know `char`, or nothing of what stands before it.
        """
        if self.rows != 1:
            raise ValueError(f"Only a single text can take another character, this one has {self.rows} rows.")
        if not 0 <= position < len(self.written):
            raise ValueError(f"`position` must be from 0 to {len(self.written) - 1}, got {position}.")
        branched, model = copy(self), model or self.model
        branched.written = WrittenDraws(self.written[:position])
        branched.one_model = self.one_model and (model is self.model or not branched.written)
        branched._reread(model)
        branched._take(self.written[position]._replace(chars=char, by_hand=True))
        branched.target = position + 1
        return branched
