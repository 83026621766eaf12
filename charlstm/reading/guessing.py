"""Shannon's game: a text is uncovered character by character, a person guesses each, and so does the model.

C. E. Shannon, "Prediction and Entropy of Printed English", Bell System Technical Journal 30 (1951), 50-64: how often
the first guess is right, the second, and so on bounds the entropy of the text from both sides. Knows models and texts,
nothing of screens or of who guesses.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from charlstm.network.lstm import Floats
from charlstm.network.metrics import entropy_bits
from charlstm.network.model_file import Model
from charlstm.reading.text_score import rank, surprisal_bits

GuessRank = tuple[int, int]  # the first and the last guess that can have been the right one; alike where it is known
OPENING = 80  # characters of a passage that are shown at the start
PASSAGE = 600  # characters of one in all
WORD = 40  # characters in which a passage is moved on to the next beginning of a word


@dataclass(frozen=True)
class Uncovered:
    """A place of a text once its character is seen.

    Attributes:
        char: What stands there.
        id: Its own.
        logits: What the model said of the place, float64 (vocab_size,).
        rank: Of the character by the model, 1 for its likeliest.
        surprisal_bits: Of the character by the model at temperature 1, with all that was seen before it.
    """

    char: str
    id: int
    logits: Floats
    rank: int
    surprisal_bits: float


class Passage:
    """A text seen up to a place, and what the model expects there, its state carried through all that was seen.

    Args:
        model: Not changed.
        text: In the model's characters, at least 2 of them.
        opening: How many are seen at the start, at least 1 and fewer than all.

    Attributes:
        place: Of the character to guess; the length of the text where all is seen.
        logits: What the model says of it, float64 (vocab_size,).

    Raises:
        ValueError: `opening` is out of its range.
        UnknownCharactersError: `text` has other characters than the model's.
    """

    def __init__(self, model: Model, text: str, opening: int) -> None:
        if not 1 <= opening < len(text):
            raise ValueError(f"`opening` must be at least 1 and below {len(text)}, got {opening}. Use a longer text.")
        self.model, self.text, self.place = model, text, opening
        self._ids = model.vocab.encode(text)
        self._state = model.network.read(self._ids[:opening])
        self.logits = self._expected()

    @property
    def seen(self) -> str:
        return self.text[: self.place]

    @property
    def complete(self) -> bool:
        """Whether nothing is left to guess."""
        return self.place == len(self.text)

    def uncover(self) -> Uncovered:
        """Shows the character at the place and goes on to the next one.

        Raises:
            IndexError: The passage is complete.
        """
        char, ids, row = self.text[self.place], self._ids[self.place : self.place + 1], self.logits[None]
        uncovered = Uncovered(
            char, int(ids[0]), self.logits, int(rank(row, ids)[0]), float(surprisal_bits(row, ids)[0])
        )
        self._state = self.model.network.step(ids, self._state)
        self.place += 1
        self.logits = self._expected()
        return uncovered

    def _expected(self) -> Floats:
        logits: Floats = self.model.network.logits(self._state[-1].hidden)[0]
        return logits


@dataclass
class GuessScore:
    """How well someone guessed, and the model at the same places.

    Attributes:
        vocab_size: How many characters there are to guess from.
        ranks: Which guess was right, a place each.
        model_ranks: Of the same characters by the model.
        model_surprisals: Their bits by the model.
    """

    vocab_size: int
    ranks: list[GuessRank] = field(default_factory=list)
    model_ranks: list[int] = field(default_factory=list)
    model_surprisals: list[float] = field(default_factory=list)

    def add(self, rank: GuessRank, uncovered: Uncovered) -> None:
        self.ranks.append(rank)
        self.model_ranks.append(uncovered.rank)
        self.model_surprisals.append(uncovered.surprisal_bits)

    def __len__(self) -> int:
        return len(self.ranks)

    @property
    def bounds(self) -> tuple[float, float]:
        """Shannon's (lower, upper) bound of the guesser's bits per character; of at least one place."""
        return shannon_bounds(rank_frequencies(self.ranks, self.vocab_size))

    @property
    def model_bits(self) -> float:
        """What a character costs the model, exactly: its mean surprisal; of at least one place."""
        return sum(self.model_surprisals) / len(self)

    @property
    def first_right(self) -> tuple[int, int]:
        """How often the first guess was right: the guesser's, the model's."""
        return self.ranks.count((1, 1)), self.model_ranks.count(1)


class ShannonGame:
    """One guesser's game: wrong guesses go on until one is right, or until they give up.

    Args:
        passage: Moves on with the game.

    Attributes:
        wrong: Guesses that were wrong at the place, each once, in their order.
        last: The place before, and which guess was right there; None before the first.
    """

    def __init__(self, passage: Passage) -> None:
        self.passage, self.score = passage, GuessScore(len(passage.model.vocab))
        self.wrong: list[str] = []
        self.last: tuple[Uncovered, GuessRank] | None = None

    def guess(self, char: str) -> bool:
        """Whether `char` is right; then the game goes on to the next place. What was wrong before counts once.

        Raises:
            IndexError: The passage is complete.
        """
        if char == self.passage.text[self.passage.place]:
            number = len(self.wrong) + 1
            self._go_on((number, number))
            return True
        if char not in self.wrong:
            self.wrong.append(char)
        return False

    def give_up(self) -> None:
        """Shows the place; the guess that would have been right is any of those that are left.

        Raises:
            IndexError: The passage is complete.
        """
        self._go_on((len(self.wrong) + 1, self.score.vocab_size))

    def _go_on(self, rank: GuessRank) -> None:
        uncovered = self.passage.uncover()
        self.score.add(rank, uncovered)
        self.last, self.wrong = (uncovered, rank), []


def rank_frequencies(ranks: Sequence[GuessRank], size: int) -> Floats:
    """How often the first, second, … guess is right, as far as so many places tell: falling, sum 1, shape (size,).

    Who gives up after some guesses, or has several that rank alike, counts for all ranks that are left, each alike.
    An ideal guesser is right more often at an earlier guess. Shannon smoothed his counts for it; here neighbours that
    chance has put the other way round share their mean (isotonic regression, Barlow et al. 1972).

    Args:
        ranks: One for each place, at least one; 1 <= first <= last <= size.
        size: How many different guesses there are.

    Raises:
        ValueError: There is no rank, or one is out of its range.
    """
    if not ranks or not all(1 <= first <= last <= size for first, last in ranks):
        raise ValueError(f"`ranks` must have pairs within 1 to {size}, at least one, got {ranks!r}.")
    frequencies = np.zeros(size)
    for first, last in ranks:
        frequencies[first - 1 : last] += 1 / (last - first + 1)
    return _falling(frequencies / len(ranks))


def _falling(values: Floats) -> Floats:
    """The falling sequence that is nearest in squares: what rises is pooled."""
    means: list[float] = []
    counts: list[int] = []
    for value in values.tolist():
        mean, count = value, 1
        while means and means[-1] < mean:
            earlier, many = means.pop(), counts.pop()
            mean, count = (earlier * many + mean * count) / (many + count), many + count
        means.append(mean)
        counts.append(count)
    return np.repeat(means, counts)


def shannon_bounds(frequencies: Floats) -> tuple[float, float]:
    """(lower, upper) bound of the entropy in bits per character, from how often each guess is right.

    Shannon 1951, equation 17, q falling: sum i (q_i - q_(i+1)) log2 i <= F_N <= -sum q_i log2 q_i. The upper one is the
    entropy of the ranks, from which the text can be had again; the lower one takes each distribution apart into even
    ones.

    Args:
        frequencies: Falling, sum 1, of the first guess, the second, …, (size,).
    """
    numbers = np.arange(1, len(frequencies) + 1)
    falls = frequencies - np.append(frequencies[1:], 0.0)
    return float((numbers * falls * np.log2(numbers)).sum()), float(entropy_bits(frequencies))


def rank_by_votes(votes: Mapping[str, int], char: str, size: int) -> GuessRank:
    """Which guess of a class was right, the one with the most votes its first; characters without votes are last.

    Args:
        votes: How many guessed a character, each at least 1.
        char: The right one.
        size: How many different guesses there are.
    """
    own = votes.get(char, 0)
    before = sum(count > own for count in votes.values())
    alike = sum(count == own for count in votes.values()) if own else size - len(votes)
    return before + 1, before + alike


def choose_passage(text: str, rng: random.Random) -> str:
    """A stretch of `PASSAGE` characters, or all of a shorter text; it begins a word where one begins nearby."""
    start = rng.randrange(max(1, len(text) - PASSAGE - WORD))
    before = text[start : start + WORD]
    if start:
        start += next((place + 1 for place, char in enumerate(before) if char.isspace()), 0)
    return text[start : start + PASSAGE]


def opening_length(passage: str) -> int:
    """How many characters of a passage are seen at the start: `OPENING`, of a short one half."""
    return min(OPENING, len(passage) // 2)
