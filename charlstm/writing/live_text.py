"""Texts in the making: what stands there, what drew it, how far they are to go. Knows no screens.

Whoever shows a text may be behind with it: `cut` takes back what was not seen yet, and the random numbers go on as if
it had never been written.
"""

from copy import copy
from typing import Protocol

import numpy as np

from charlstm.network.lstm import Floats
from charlstm.network.model_file import Model
from charlstm.writing.generation import Draw, Writer
from charlstm.writing.sampling import Mask, Sampler


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
        by_hand = any(draw.by_hand for draw in self.written)
        return self.one_model and not by_hand and len({draw.sampler for draw in self.written}) <= 1

    def aim(self, length: int, limit: int) -> None:
        """Sets the target `length` characters further, unless the one that stands is not reached; at most `limit`."""
        if len(self.written) >= self.target:
            self.target = len(self.written) + length
        self.target = min(self.target, limit)

    def write_one(self, sampler: Sampler) -> Draw:
        """Writes one character a row now."""
        return self._append(self._writer.write(sampler, self.allowed_next()))

    def write(self, sampler: Sampler, length: int) -> list[Draw]:
        """Writes up to `length` characters a row, none beyond the target or the rule; returns how they were drawn."""
        draws: list[Draw] = []
        while len(draws) < length and not self.complete:
            draws.append(self.write_one(sampler))
        return draws

    def _append(self, draw: Draw) -> Draw:
        self._forget_logits()
        self.written.append(draw)
        return draw

    def _forget_logits(self) -> None:
        if self.written:
            self.written[-1] = self.written[-1].without_logits()

    def cut(self, length: int) -> None:
        """Takes back all but the first `length` characters; what comes next draws the same random numbers again."""
        if length < len(self.written):
            del self.written[length:]
            drawn = self.written.pop() if length > self._drawn_from else None
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
        self._append(drawn._replace(logits=logits, allowed=allowed))

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
        self._forget_logits()
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
        branched.written = self.written[:position]
        branched.one_model = self.one_model and (model is self.model or not branched.written)
        branched._reread(model)
        ids = model.vocab.encode(char)
        branched._take(self.written[position]._replace(chars=char, ids=ids, by_hand=True))
        branched.target = position + 1
        return branched
