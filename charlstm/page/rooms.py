"""Rooms in which a class guesses together: in the server's memory, behind locks, for some hours, without names.

A room knows browsers by random words that stand for nobody: the one that opened it leads it, all others have seats and
guess once at each place. Knows passages and guesses, no widgets.
"""

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from charlstm.errors import CharLSTMError
from charlstm.network.lstm import Floats
from charlstm.reading.guessing import GuessScore, Passage, Uncovered, rank_by_votes
from charlstm.text.vocab import Vocab

LETTERS = "BCDFGHJKMNPQRTVWXY"  # of codes: none that looks like another, and no vowel that makes a word
CODE_LENGTH = 5
MAX_ROOMS = 40
MAX_SEATS = 300  # of one room
AWAY_SECONDS = 30.0  # without a word from a seat: it has left, and comes back when it is heard
LIFE_SECONDS = 4 * 3600.0  # of a room
ALONE_SECONDS = 1800.0  # of a room whose lecturer is away
IDLE_SECONDS = 60.0  # without a class and without a press of a button: it gives way where there are too many
Clock = Callable[[], float]


class RoomError(CharLSTMError):
    """A room cannot be opened, entered or led."""


@dataclass(frozen=True)
class Standing:
    """Class against model, over the places at which the class guessed.

    Attributes:
        places: How many.
        right: At how many of them the class had its most votes on the right character, alone.
        model_right: At how many of them the model's likeliest was right.
        bounds: Shannon's, of the class, in bits; a guess is a character, the one with the most votes first.
        model_bits: What a character cost the model.
    """

    places: int
    right: int
    model_right: int
    bounds: tuple[float, float]
    model_bits: float


@dataclass(frozen=True)
class Asked:
    """What a lesson asks of a class.

    Attributes:
        step: Of the lesson, from 1.
        again: Whether it is asked a second time, after all was seen.
        is_open: Whether it may be answered now; else the class looks at the lecturer's screen.
    """

    step: int
    again: bool = False
    is_open: bool = True


@dataclass(frozen=True)
class Scene:
    """What there is to see in a room at one moment.

    Attributes:
        vocab: Of the model.
        turn: Number of the place among all that the room has opened, whatever their passage.
        seen: The passage before it.
        shown: The place once its character is seen; None while the class guesses.
        logits: What the model says of the place, (vocab_size,).
        votes: How many guessed each character there.
        own: What the seat that looks has guessed there; None for nothing.
        present: How many seats there are.
        complete: Whether nothing is left to guess.
        standing: None before the first place that counts.
        asked: By a lesson; None where the class guesses.
        answer: The place of what the seat that looks has answered; None for nothing.
        answers: How many have answered.
    """

    vocab: Vocab
    turn: int
    seen: str
    shown: Uncovered | None
    logits: Floats
    votes: Mapping[str, int]
    own: str | None
    present: int
    complete: bool
    standing: Standing | None
    asked: Asked | None
    answer: int | None
    answers: int


class Room:
    """One room. All methods may be called from any thread.

    Args:
        code: By which a class finds it.
        secret: By which its lecturer is known.
        passage: What is guessed; from now on the room's own.
        about: What text that is, as Markdown.
        clock: Gives seconds.
    """

    def __init__(self, code: str, secret: str, passage: Passage, about: str, clock: Clock = time.monotonic) -> None:
        self.code, self.about, self.vocab = code, about, passage.model.vocab
        self._secret, self._clock, self._lock = secret, clock, threading.Lock()
        self._passage: Passage | None = passage  # None once it is closed
        self._score = GuessScore(len(self.vocab))
        self._opened = self._led = self._used = clock()
        self._turn = 0
        self._seats: dict[str, float] = {}  # when each was heard last
        self._votes: dict[str, str] = {}  # by seat, of the turn alone
        self._shown: Uncovered | None = None
        self._standing: Standing | None = None
        self._asked: Asked | None = None
        self._answers: dict[tuple[int, bool], dict[str, int]] = {}  # by step and whether again, then by seat

    @property
    def seconds_left(self) -> float:
        """Until it ends at the latest; 0 where it has ended."""
        now = self._clock()
        alone = self._led + ALONE_SECONDS - now
        left = self._opened + LIFE_SECONDS - now
        return 0.0 if self._passage is None or alone <= 0 else max(0.0, left)

    @property
    def idle_seconds(self) -> float:
        """Since a seat was heard, or the lecturer pressed a button."""
        return self._clock() - self._used

    def look(self, seat: str = "") -> Scene:
        """What there is to see; whoever has a seat is heard by it.

        Raises:
            RoomError: It is full, or has ended.
        """
        with self._lock:
            passage, shown, answers = self._hear(seat), self._shown, self._given(self._asked)
            return Scene(
                self.vocab,
                self._turn,
                passage.text[: passage.place - (shown is not None)],
                shown,
                shown.logits if shown else passage.logits,
                Counter(self._votes.values()),
                self._votes.get(seat),
                len(self._seats.keys() | self._votes.keys()),  # a phone that sleeps has guessed all the same
                passage.complete,
                self._standing,
                self._asked,
                answers.get(seat),
                len(answers),
            )

    def _hear(self, seat: str) -> Passage:
        if self._passage is None or not self.seconds_left:
            raise RoomError("This room has ended.")
        now = self._clock()
        self._seats = {other: heard for other, heard in self._seats.items() if now - heard < AWAY_SECONDS}
        if seat:
            if seat not in self._seats and len(self._seats) >= MAX_SEATS:
                raise RoomError("This room is full: it has {seats} seats. Try again later.", seats=MAX_SEATS)
            self._seats[seat] = self._used = now
        return self._passage

    def guess(self, seat: str, turn: int, char: str) -> bool:
        """Whether the guess counts: the seat's first one at the turn that is open, a character of the model.

        Raises:
            RoomError: It is full, or has ended.
        """
        with self._lock:
            passage = self._hear(seat)
            is_open = self._shown is None and not passage.complete and turn == self._turn
            counts = is_open and len(char) == 1 and char in self.vocab.chars
            counts = counts and bool(seat) and seat not in self._votes and len(self._votes) < MAX_SEATS
            if counts:
                self._votes[seat] = char
            return counts

    def answer(self, seat: str, asked: Asked, choice: int) -> bool:
        """Whether an answer counts: to what is asked now; until it is asked no longer a seat may choose another one.

        Raises:
            RoomError: It is full, or has ended.
        """
        with self._lock:
            self._hear(seat)
            given = self._given(asked)
            counts = asked == self._asked and asked.is_open and (seat in given or len(given) < MAX_SEATS)
            if counts:
                self._answers.setdefault((asked.step, asked.again), {})[seat] = choice
            return counts

    def _given(self, asked: Asked | None) -> Mapping[str, int]:
        return self._answers.get((asked.step, asked.again), {}) if asked else {}

    # For who leads.

    def ask(self, asked: Asked | None) -> None:
        """Asks the class something, or lets it guess again."""
        with self._lock:
            self._asked = asked

    def tally(self) -> dict[tuple[int, bool], Counter[int]]:
        """How many gave each answer, by the place of the answer, for each step and whether it was asked again."""
        with self._lock:
            return {question: Counter(given.values()) for question, given in self._answers.items()}

    def is_led_by(self, secret: str) -> bool:
        """Whether this is the secret; if so, the lecturer is here."""
        leads = secrets.compare_digest(secret.encode(), self._secret.encode())
        if leads:
            self._led = self._clock()
        return leads

    def show(self, turn: int) -> None:
        """Shows the character of a turn and counts the guesses; nothing where another one is open by now."""
        with self._lock:
            self._used, passage = self._clock(), self._passage
            if passage is None or self._shown is not None or passage.complete or turn != self._turn:
                return
            self._shown = uncovered = passage.uncover()
            if self._votes:
                votes = Counter(self._votes.values())
                self._score.add(rank_by_votes(votes, uncovered.char, len(self.vocab)), uncovered)
                right, model_right = self._score.first_right
                bits = self._score.bounds, self._score.model_bits
                self._standing = Standing(len(self._score), right, model_right, *bits)

    def go_on(self) -> None:
        """Opens the next place, once the one before is shown."""
        with self._lock:
            if self._shown is not None:
                self._next_turn()

    def take(self, passage: Passage, about: str) -> None:
        """Goes on with another passage; the standing stays unless it is of other characters."""
        with self._lock:
            if self._passage is None:
                return
            self._passage, self.about, vocab = passage, about, passage.model.vocab
            self._next_turn()
            if vocab != self.vocab:
                self.vocab, self._score, self._standing = vocab, GuessScore(len(vocab)), None

    def _next_turn(self) -> None:
        self._turn, self._shown, self._votes, self._used = self._turn + 1, None, {}, self._clock()

    def close(self) -> None:
        """Ends it, and lets go of its model, whoever still has it on a screen."""
        with self._lock:
            self._passage = None


class Rooms:
    """All rooms of a server. All methods may be called from any thread.

    Args:
        clock: Gives seconds.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._rooms: dict[str, Room] = {}

    def open(self, passage: Passage, about: str, secret: str) -> Room:
        """A new room, led by whoever has the secret; a former one with it ends.

        Raises:
            RoomError: There are as many as there may be, and all are in use.
        """
        with self._lock:
            if former := self._led_by(secret):
                former.close()
            if len(self._living()) >= MAX_ROOMS:
                idlest = max(self._rooms.values(), key=lambda room: room.idle_seconds)
                if idlest.idle_seconds < IDLE_SECONDS:
                    raise RoomError("There are {rooms} rooms already. Try again later.", rooms=MAX_ROOMS)
                idlest.close()
            codes = iter(lambda: "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH)), "")
            code = next(code for code in codes if code not in self._rooms)
            room = self._rooms[code] = Room(code, secret, passage, about, self._clock)
            return room

    def find(self, code: str) -> Room | None:
        """The room of a code, in any case and with spaces around it; None where there is none, or it has ended."""
        with self._lock:
            return self._living().get(code[:20].strip().upper())

    def led_by(self, secret: str) -> Room | None:
        """The room of a lecturer, who is here then; None where there is none."""
        with self._lock:
            return self._led_by(secret)

    def _led_by(self, secret: str) -> Room | None:
        return next((room for room in self._living().values() if room.is_led_by(secret)), None)

    def _living(self) -> dict[str, Room]:
        """All rooms that have not ended; those that have keep nothing."""
        for code, room in list(self._rooms.items()):
            if not room.seconds_left:
                room.close()
                del self._rooms[code]
        return self._rooms
