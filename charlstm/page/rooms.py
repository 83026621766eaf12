"""Rooms in which a class guesses together: in the server's memory, behind locks, for some hours, without names.

Whoever opens a room gets a secret, and leads it with that from any session; others take a seat, a random word that
stands for nobody, and guess once at each place. Knows passages and guesses, no widgets.
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
class Scene:
    """What there is to see in a room at one moment.

    Attributes:
        vocab: Of the model.
        place: Of the character that is guessed, or shown.
        seen: The passage before it.
        shown: The place once its character is seen; None while the class guesses.
        logits: What the model says of the place, (vocab_size,).
        votes: How many guessed each character there.
        own: What the seat that looks has guessed there; None for nothing.
        present: How many seats there are.
        complete: Whether nothing is left to guess.
        standing: None before the first place that counts.
    """

    vocab: Vocab
    place: int
    seen: str
    shown: Uncovered | None
    logits: Floats
    votes: Mapping[str, int]
    own: str | None
    present: int
    complete: bool
    standing: Standing | None


class Room:
    """One room. All methods may be called from any thread.

    Args:
        code: By which a class finds it.
        passage: What is guessed; from now on the room's own.
        about: What text that is, as Markdown.
        clock: Gives seconds.
    """

    def __init__(self, code: str, passage: Passage, about: str, clock: Clock = time.monotonic) -> None:
        self.code, self.secret, self.about = code, secrets.token_urlsafe(16), about
        self.vocab = passage.model.vocab
        self._clock, self._lock = clock, threading.Lock()
        self._passage, self._score = passage, GuessScore(len(self.vocab))
        self._opened = self._led = clock()
        self._closed = False
        self._seats: dict[str, float] = {}  # when each was heard last
        self._votes: dict[str, str] = {}  # by seat, of the place alone
        self._shown: Uncovered | None = None
        self._standing: Standing | None = None

    @property
    def seconds_left(self) -> float:
        """Until it ends at the latest; 0 where it has ended."""
        now = self._clock()
        alone = self._led + ALONE_SECONDS - now
        left = self._opened + LIFE_SECONDS - now
        return 0.0 if self._closed or alone <= 0 else max(0.0, left)

    def look(self, seat: str = "") -> Scene:
        """What there is to see; whoever has a seat is heard by it.

        Raises:
            RoomError: It is full, or has ended.
        """
        with self._lock:
            self._hear(seat)
            passage, shown = self._passage, self._shown
            place = passage.place - (shown is not None)
            return Scene(
                passage.model.vocab,
                place,
                passage.text[:place],
                shown,
                shown.logits if shown else passage.logits,
                Counter(self._votes.values()),
                self._votes.get(seat),
                len(self._seats.keys() | self._votes.keys()),  # a phone that sleeps has guessed all the same
                passage.complete,
                self._standing,
            )

    def _hear(self, seat: str) -> None:
        if not self.seconds_left:
            raise RoomError("This room has ended.")
        now = self._clock()
        self._seats = {other: heard for other, heard in self._seats.items() if now - heard < AWAY_SECONDS}
        if seat:
            if seat not in self._seats and len(self._seats) >= MAX_SEATS:
                raise RoomError("This room is full: it has {seats} seats. Try again later.", seats=MAX_SEATS)
            self._seats[seat] = now

    def guess(self, seat: str, place: int, char: str) -> bool:
        """Whether the guess counts: the seat's first one at the place that is open, a character of the model.

        Raises:
            RoomError: It is full, or has ended.
        """
        with self._lock:
            self._hear(seat)
            is_open = self._shown is None and not self._passage.complete and place == self._passage.place
            counts = is_open and len(char) == 1 and char in self.vocab.chars
            counts = counts and bool(seat) and seat not in self._votes and len(self._votes) < MAX_SEATS
            if counts:
                self._votes[seat] = char
            return counts

    # For who leads.

    def is_led_by(self, secret: str) -> bool:
        """Whether this is the secret; if so, the lecturer is here."""
        leads = secrets.compare_digest(secret.encode(), self.secret.encode())
        if leads:
            self._led = self._clock()
        return leads

    def show(self, place: int) -> None:
        """Shows the character at a place and counts the guesses; nothing where another place is open by now."""
        with self._lock:
            if self._shown is not None or self._passage.complete or place != self._passage.place:
                return
            self._shown = uncovered = self._passage.uncover()
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
                self._shown, self._votes = None, {}

    def take(self, passage: Passage, about: str) -> None:
        """Goes on with another passage; the standing stays unless it is of other characters."""
        with self._lock:
            self._passage, self.about, vocab = passage, about, passage.model.vocab
            self._shown, self._votes = None, {}
            if vocab != self.vocab:
                self.vocab, self._score, self._standing = vocab, GuessScore(len(vocab)), None

    def close(self) -> None:
        self._closed = True


class Rooms:
    """All rooms of a server. All methods may be called from any thread.

    Args:
        clock: Gives seconds.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._rooms: dict[str, Room] = {}

    def open(self, passage: Passage, about: str) -> Room:
        """A new room.

        Raises:
            RoomError: There are as many as there may be.
        """
        with self._lock:
            self._rooms = {code: room for code, room in self._rooms.items() if room.seconds_left}
            if len(self._rooms) >= MAX_ROOMS:
                raise RoomError("There are {rooms} rooms already. Close one, or try again later.", rooms=MAX_ROOMS)
            codes = iter(lambda: "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH)), "")
            code = next(code for code in codes if code not in self._rooms)
            room = self._rooms[code] = Room(code, passage, about, self._clock)
            return room

    def find(self, code: str) -> Room | None:
        """The room of a code, in any case and with spaces around it; None where there is none, or it has ended."""
        with self._lock:
            room = self._rooms.get(code[:20].strip().upper())
        return room if room and room.seconds_left else None
