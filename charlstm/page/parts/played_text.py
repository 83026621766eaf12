"""Texts on the stage: written whole by the server, played in the browser, cut where someone intervenes.

One press is one run: the rest of the text is written at once and sent with what each character was drawn from. When the
temperature or the model changes while it plays, or someone stops it, the browser is asked how far it has come; the text
is cut there and goes on with the same random numbers. So nothing that was seen is ever unwritten.
"""

import secrets
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from charlstm.errors import UnknownCharactersError
from charlstm.network.metrics import entropy_bits, softmax
from charlstm.network.model_file import Model
from charlstm.page.components.stage import NO_ID, STRUCK, encoded, pack_steps
from charlstm.page.parts.signs import visible
from charlstm.reading.text_score import surprisal_bits
from charlstm.writing.generation import Draw
from charlstm.writing.live_text import LiveText
from charlstm.writing.sampling import Sampler, mask_logits

AT_ONCE = 0.0  # as a speed: without a clock
PIECE = 500  # characters that are written in one run; longer texts come in pieces, each while the one before plays
PIECE_AT_ONCE = 2_000
DRAWN_AT_ONCE = 1_000_000  # numbers of the distributions that are held at once, 8 MB
SHOWN_STEPS = 2_000  # newest characters whose bars the browser gets
MAX_ALPHABET = NO_ID  # characters that the bars of one text can name


@dataclass(frozen=True)
class WritingSettings:
    """What a text is written with: the settings of the page at one moment.

    Attributes:
        sampler: Makes probabilities of the logits.
        model: That writes.
        name: Of the model on the page, or of each column's.
        epoch: Label of its epoch, or of each column's.
        speed: Characters a second, or `AT_ONCE`; no part of what is written.
    """

    sampler: Sampler
    model: Model = field(compare=False, repr=False)
    name: str | tuple[str, ...]
    epoch: str | tuple[str, ...]
    speed: float = field(compare=False, repr=False)

    def of_column(self, column: int) -> "WritingSettings":
        """What writes one of several columns: itself where all have the same."""
        several = {key: value[column] for key, value in vars(self).items() if isinstance(value, tuple)}
        return replace(self, sampler=self.sampler.of_row(column), **several)


@dataclass
class PlayedText:
    """One text, or several in columns, as a session plays it.

    Attributes:
        live: What is written, which may be further than the browser has come.
        chart_rows: Of each chart, the rest included.
        id: Of this text; another text has another one.
        playing: Whether the browser is still to come to its end.
        shown: Characters that the browser is known to have shown.
        questions: How often the browser was asked how far it has come.
        answered: The last of these that it has answered.
        stopping: Whether its next answer is to end the text.
        stretches: The settings it was written with, each with the place from which on.
        bits: Of each character, float32 (characters, columns, 2): the entropy of what it was drawn from, and its
            surprisal under the model's own distribution.
    """

    live: LiveText
    chart_rows: int
    id: str = field(default_factory=lambda: secrets.token_hex(4))
    playing: bool = False
    shown: int = 0
    questions: int = 0
    answered: int = 0
    stopping: bool = False
    stretches: list[tuple[int, WritingSettings]] = field(default_factory=list)
    bits: np.ndarray = field(init=False)
    _packed: np.ndarray = field(init=False)  # of each character, uint16 (characters, columns, numbers)
    _begun: int = 0  # characters on the screen when the newest of them were written
    _alphabet: str = ""  # what the bars name, whichever model drew them

    def __post_init__(self) -> None:
        self.bits = np.empty((0, self.live.rows, 2), np.float32)
        self._packed = np.empty((0, self.live.rows, 2 + 3 * self.chart_rows), np.uint16)

    @property
    def settings(self) -> WritingSettings | None:
        """What the newest character was written with."""
        return self.stretches[-1][1] if self.stretches else None

    def start(self, settings: WritingSettings, length: int, limit: int) -> None:
        """Goes on to the target, or `length` characters further, at most to `limit`; writes the first piece."""
        self.live.aim(length, limit)
        self.playing, self.stopping = True, False
        self._go_on(settings)

    def stop(self) -> None:
        """Asks the browser where it is, to end the text there."""
        if self.playing:
            self.stopping = True
            self.questions += 1

    def write_now(self, settings: WritingSettings, length: int = 1) -> None:
        """Writes some characters that are shown at once."""
        self.live.target = max(self.live.target, len(self.live.written) + length)
        self.shown = min(self.live.target, len(self.live.written) + length)
        self._draw(settings, length)
        self.shown = self._begun = len(self.live.written)  # a rule may have ended it before

    def take(self, text: str, settings: WritingSettings) -> None:
        """Goes on with characters by hand, which are shown at once; see `LiveText.take`."""
        self._keep(self.live.take(text, settings.sampler), settings)
        self.rest()

    def rest(self) -> None:
        """All that is written is shown, and no browser plays it."""
        self.shown = self._begun = self.live.target = len(self.live.written)
        self.playing, self.stopping, self.answered = False, False, self.questions

    def seen(self, column: int = 0) -> str:
        """What the browser is known to have shown of a column: all of it at rest."""
        return self.live.row_text(column)[: self.shown]

    def ask(self) -> None:
        """Asks the browser where it is, unless it is asked already; the text goes on from there."""
        if self.playing and self.questions == self.answered:
            self.questions += 1

    def follow(self, settings: WritingSettings) -> None:
        """Asks the browser where it is if what it plays was not written with these settings."""
        if self.settings != settings or self.live.model != settings.model:
            self.ask()

    def reached(self, question: int, shown: int, settings: WritingSettings) -> None:
        """The browser's answer: cuts the text there, and ends it or goes on with the settings of now."""
        if not self.answered < question == self.questions:
            return
        self.answered = question
        if not self.playing:
            return
        self._cut(shown)
        if self.stopping:
            self.playing = self.stopping = False
        else:
            self._go_on(settings)

    def _go_on(self, settings: WritingSettings) -> None:
        """Writes on; ends the text where the model cannot read it, or reads more of one column than of another."""
        try:
            if self.live.model != settings.model:
                self.live.use_model(settings.model)
        except (UnknownCharactersError, ValueError):
            self.playing = False
        else:
            self._write(settings)

    def more(self, have: int, shown: int, settings: WritingSettings) -> None:
        """The browser has nearly come to the end of what is written: writes another piece."""
        self.shown = max(self.shown, min(shown, len(self.live.written)))
        if self.playing and have == len(self.live.written):
            changes = self.live.model != settings.model  # which acts from where the browser will be when it is asked
            self._write(self.settings if changes and self.settings else settings)

    def end(self, shown: int) -> None:
        """The browser has come to the end, unless that was the end of a shorter text; there is nothing left to cut."""
        if shown == len(self.live.written):
            self.playing, self.stopping = not self.live.complete, False
            self.shown, self.answered = shown, self.questions

    def branch(self, position: int, char: str, settings: WritingSettings) -> "PlayedText":
        """This text up to `position`, then `char` by hand, by the model of `settings`; see `LiveText.branch`."""
        live = self.live.branch(position, char, settings.model)
        stretches = [(start, before) for start, before in self.stretches if start < position]
        branched = PlayedText(live, self.chart_rows, shown=position + 1, stretches=stretches)
        branched.bits, branched._packed = self.bits[:position], self._packed[:position]
        branched._alphabet = self._alphabet
        branched._keep(live.written[-1:], settings)
        return branched

    def _cut(self, shown: int) -> None:
        self.shown = self._begun = min(max(shown, self.shown), len(self.live.written))
        self.live.cut(self.shown)
        self.bits, self._packed = self.bits[: self.shown], self._packed[: self.shown]
        self.stretches = [(start, settings) for start, settings in self.stretches if start < self.shown]

    def _write(self, settings: WritingSettings) -> None:
        self._draw(settings, PIECE_AT_ONCE if settings.speed == AT_ONCE else PIECE)
        self.playing = not self.live.complete or self.shown < len(self.live.written)

    def _draw(self, settings: WritingSettings, length: int) -> None:
        """Writes up to `length` characters, some at a time: of a large vocabulary the distributions are large too."""
        numbers = self.live.rows * len(self.live.model.vocab)
        each, end = max(1, DRAWN_AT_ONCE // numbers), len(self.live.written) + length
        self._begun = self.shown
        while draws := self.live.write(settings.sampler, min(each, end - len(self.live.written))):
            self._keep(draws, settings)

    def _keep(self, draws: list[Draw], settings: WritingSettings) -> None:
        self._begun = self.shown
        if not draws:
            return
        if self.settings != settings:
            self.stretches.append((len(self._packed), settings))
        distributions, each = _Distributions(draws), (len(draws), self.live.rows, -1)
        bars = self._in_alphabet(distributions.packed(self.chart_rows))
        self._packed = np.concatenate([self._packed, bars.reshape(each)])
        self.bits = np.concatenate([self.bits, distributions.bits().reshape(each)], dtype=np.float32)

    def _in_alphabet(self, bars: np.ndarray) -> np.ndarray:
        """Bars (steps, numbers) with the places of characters in the alphabet instead of the model's ids."""
        codes = bars[:, 2::3]
        ids = codes & ~np.uint16(STRUCK)
        named, chars = ids < NO_ID, self.live.model.vocab.chars
        found, places = np.unique(ids[named], return_inverse=True)
        self._join("".join(chars[id] for id in found.tolist()))
        place_in = {char: place for place, char in enumerate(self._alphabet)}
        place_of = np.array([place_in[chars[id]] for id in found.tolist()], np.uint16)
        codes[named] = codes[named] & STRUCK | place_of[places]
        return bars

    def _join(self, chars: str) -> None:
        """Adds characters to the alphabet; where they are too many the browser forgets the bars before them."""
        joined = "".join(dict.fromkeys(self._alphabet + chars))
        if len(joined) > MAX_ALPHABET:
            joined, self._packed[:, :, 2::3] = chars, NO_ID
        self._alphabet = joined

    def data(self, column: int) -> dict[str, Any]:
        """What the browser needs of one column; the same until something is written or cut, so that it is sent once."""
        live, first = self.live, max(0, len(self._packed) - SHOWN_STEPS)
        return {
            "id": self.id,
            "seed": live.seed.text,
            "chars": live.row_text(column),
            "distributions": encoded(self._packed[first:, column]),
            "first": first,
            "alphabet": self._alphabet,
            "signs": [visible(char) for char in self._alphabet],
            "rows": self.chart_rows,
            "shown": self._begun,
            "target": len(live.written) if live.complete else live.target,
            "complete": live.complete or not self.playing,
            "question": self.questions,
            "answered": self.answered,
        }

    def previews(self, sampler: Sampler, ahead: bool = False) -> list[str]:
        """At rest: the bars of the newest character, at the temperature of now, by columns.

        Those of the character to come where nothing is drawn yet, or where one looks `ahead`.
        """
        live, last = self.live, None if ahead else self.live.last_draw
        logits, allowed = (live.next_logits, live.allowed_next()) if last is None else (last.logits, last.allowed)
        ids = np.full(live.rows, -1) if last is None else last.ids
        now = Draw("", sampler, np.empty(0), ids, logits, allowed)
        return [encoded(packed) for packed in self._in_alphabet(_Distributions([now]).packed(self.chart_rows))]


class _Distributions:
    """Those of all draws and their columns, one below the other, so that they are worked on at once.

    Args:
        draws: By one sampler, with their logits.
    """

    def __init__(self, draws: list[Draw]) -> None:
        sampler, logits = draws[0].sampler, np.stack([draw.logits for draw in draws])  # (draws, columns, vocab_size)
        flat = (-1, logits.shape[-1])
        self._allowed, self._forbidden = None, None
        masked = logits
        if any(draw.allowed is not None for draw in draws):
            everything = np.ones(logits.shape[-1], bool)
            self._allowed = np.stack([everything if draw.allowed is None else draw.allowed for draw in draws])
            masked = mask_logits(logits, self._allowed[:, None])
            free = sampler.probabilities(logits).reshape(flat)
            self._forbidden = (free * ~self._allowed).sum(axis=-1)
        self._logits = logits.reshape(flat)
        self._probabilities = sampler.probabilities(masked).reshape(flat)
        if sampler.truncates:  # what it cuts is as struck out as what a rule forbids
            self._allowed = self._probabilities > 0
        self._ids = np.concatenate([draw.ids for draw in draws])

    def packed(self, rows: int) -> np.ndarray:
        """`pack_steps` of all of them."""
        own = softmax(self._logits)
        return pack_steps(own, self._probabilities, self._ids, self._allowed, self._forbidden, rows)

    def bits(self) -> np.ndarray:
        """(draws and columns, 2), see `PlayedText.bits`."""
        return np.stack([entropy_bits(self._probabilities), surprisal_bits(self._logits, self._ids)], axis=-1)
