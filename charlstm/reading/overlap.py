"""Which runs of a text stand word for word in a corpus. Knows characters, nothing of models.

A corpus of 20 MB is too long to be asked about each run of a text, so most of it is ruled out first. The index holds a
hash of a short run (an anchor) at every few characters of the corpus; a run of `shortest` characters or more contains
a whole anchor wherever it starts. Only places whose anchor also stands in the text can be copied, and of these only
the stretches all of whose runs of `shortest` characters hash to one of the text. What is left is short, and there the
runs are looked up as text, so that equal hashes of different runs cost time and never a wrong answer.
"""

from dataclasses import dataclass

import numpy as np

HASH_BASE = np.uint64(0x9E3779B97F4A7C15)  # any odd number with its bits well mixed
FILTER_BITS = 16
ENCODE_CHUNK = 1 << 20  # characters turned into code points at once


@dataclass(frozen=True)
class Run:
    """A run of a text that stands in the corpus.

    Attributes:
        start: Where it starts in the text.
        length: Its characters.
        corpus_start: Where it first stands in the corpus.
    """

    start: int
    length: int
    corpus_start: int

    @property
    def stop(self) -> int:
        """Where it ends in the text; the character there does not belong to it."""
        return self.start + self.length


class CorpusIndex:
    """A corpus made ready for `copied_runs`: 0.1 s and 18 MB for 20 million characters. Share one among sessions.

    Args:
        text: The corpus.
        shortest: Runs of fewer characters cannot be found with this index.

    Raises:
        ValueError: `shortest` is below 1.
    """

    def __init__(self, text: str, shortest: int = 20) -> None:
        if shortest < 1:
            raise ValueError(f"`shortest` must be at least 1 character, got {shortest}. Try 20.")
        self.text = text
        self.shortest = shortest
        self._anchor = max(1, shortest * 3 // 5)  # characters hashed
        self._stride = shortest - self._anchor + 1  # the furthest apart at which no run can miss all anchors
        self._hashes = _anchor_hashes(text, self._anchor, self._stride)

    def stretches(self, text: str) -> dict[str, int]:
        """The parts of the corpus that can hold a run of `text`, each once, with its first place in the corpus."""
        reach = self._stride - 1  # how far a run can stand out before its first anchor and after its last
        hits = _hits(self._hashes, _hashes(_codes(text), self._anchor))
        found: dict[str, int] = {}
        for first, last in zip(*(ends.tolist() for ends in _neighbours(hits)), strict=True):
            start = max(0, first * self._stride - reach)
            stop = last * self._stride + self._anchor + reach
            # A long stretch (rows of one sign) is cut so that each run lies in a piece; most pieces are then the same.
            for piece in range(start, max(start + 1, stop - len(text)), len(text)):
                found.setdefault(self.text[piece : min(stop, piece + 2 * len(text))], piece)
        return found


def copied_runs(text: str, corpus: str | CorpusIndex, min_length: int = 20) -> list[Run]:
    """The runs of `text` that stand character for character in the corpus, in the order of the text.

    The longest run comes first, then the longest in what it leaves, and so on down to `min_length`: runs do not
    overlap, and the part of a run that a longer one does not cover counts if it is long enough. Equals go to the
    earlier one.

    Args:
        text: Any text.
        corpus: A text, or its index where it is asked more than once.
        min_length: The fewest characters of a run, at least 1; at least the index's own `shortest`.

    Raises:
        ValueError: `min_length` is too low.
    """
    index = corpus if isinstance(corpus, CorpusIndex) else CorpusIndex(corpus, min_length)
    if min_length < index.shortest:
        raise ValueError(
            f"`min_length` must be at least {index.shortest}, the shortest run of this index, got {min_length}. "
            "Build another index."
        )
    haystack = _Haystack(text, index.stretches(text), min_length)
    runs = _longest_first(haystack.maximal_runs(), min_length)
    return [Run(start, stop - start, haystack.place(start, stop)) for start, stop in sorted(runs)]


class _Haystack:
    """The stretches of a corpus all of whose runs of `length` characters hash to one of `text`, as one text."""

    def __init__(self, text: str, stretches: dict[str, int], length: int) -> None:
        self._text, self._length = text, length
        # between stretches stands a character that no run of the text can hold
        separator = next(chr(code) for code in range(0xE000, 0x110000) if chr(code) not in text)
        joined = separator.join(stretches)
        hashes, joined_hashes = _hashes(_codes(text), length), _hashes(_codes(joined), length)
        hits = _hits(joined_hashes, hashes)
        starts = _starts(stretches)
        hits = hits[hits + length < starts[np.searchsorted(starts, hits, side="right")]]  # within one stretch
        firsts, lasts = _neighbours(hits)
        found: dict[str, int] = {}
        for first, last, place in zip(firsts.tolist(), lasts.tolist(), _places(firsts, stretches), strict=True):
            found.setdefault(joined[first : last + length], place)
        self._stretches = {stretch: found[stretch] for stretch in sorted(found, key=found.get)}
        self._joined = separator.join(self._stretches)
        self._candidates = _hits(hashes, np.unique(joined_hashes[hits]))

    def maximal_runs(self) -> list[tuple[int, int]]:
        """(start, stop) of each run that stands in the corpus and in no longer such run, in the order of the text."""
        text, joined, runs, reached = self._text, self._joined, [], 0
        likely = set(self._candidates.tolist())
        for start in sorted(likely):
            last = reached + 1 - self._length  # a run that goes further than the one before holds what stands here
            stop = max(start, last) + self._length
            if stop > len(text) or (start < last and last not in likely) or text[start:stop] not in joined:
                continue
            while stop < len(text) and text[start : stop + 1] in joined:
                stop += 1
            runs.append((start, stop))
            reached = stop
        return runs

    def place(self, start: int, stop: int) -> int:
        """Where this run of the text first stands in the corpus."""
        found = np.array([self._joined.find(self._text[start:stop])])
        return _places(found, self._stretches)[0]


def _starts(stretches: dict[str, int]) -> np.ndarray:
    """Where each of the joined stretches starts, and where one more would."""
    return np.cumsum([0, *(len(stretch) + 1 for stretch in stretches)])


def _places(positions: np.ndarray, stretches: dict[str, int]) -> list[int]:
    """Places in the corpus of positions in the stretches joined with one character between them."""
    starts = _starts(stretches)
    places = np.array(list(stretches.values()), dtype=np.int64)
    stretch = np.searchsorted(starts, positions, side="right") - 1
    return (places[stretch] + positions - starts[stretch]).tolist()


def _longest_first(runs: list[tuple[int, int]], min_length: int) -> list[tuple[int, int]]:
    """Takes the longest of `runs` and cuts the others back to what it leaves, until none is long enough."""
    chosen = []
    while runs:
        start, stop = max(runs, key=lambda run: (run[1] - run[0], -run[0]))
        chosen.append((start, stop))
        left = ((a, min(b, start)) if a < start else (max(a, stop), b) for a, b in runs)
        runs = [(a, b) for a, b in left if b - a >= min_length]
    return chosen


def _codes(text: str) -> np.ndarray:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _hashes(codes: np.ndarray, length: int, stride: int = 1) -> np.ndarray:
    """A polynomial in HASH_BASE, modulo 2 to the 64, of each run of `length` codes that starts at a stride."""
    count = max(0, (len(codes) - length) // stride + 1)
    hashes = np.zeros(count, np.uint64)
    for offset in range(length if count else 0):
        hashes += codes[offset : offset + (count - 1) * stride + 1 : stride]
        hashes *= HASH_BASE
    return hashes


def _anchor_hashes(text: str, anchor: int, stride: int) -> np.ndarray:
    """`_hashes` of a long text, whose codes are never all in memory: they take four bytes each."""
    step = ENCODE_CHUNK // stride * stride
    chunks = (text[start : start + step + anchor - 1] for start in range(0, max(1, len(text)), step))
    # a chunk's last anchors reach into the next; those that start beyond `step` belong to the next
    return np.concatenate([_hashes(_codes(chunk), anchor, stride)[: step // stride] for chunk in chunks])


def _hits(hashes: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Places of `hashes` that are among `wanted`, rising."""
    shift = np.uint64(64 - FILTER_BITS)
    likely = np.zeros(1 << FILTER_BITS, bool)
    likely[wanted >> shift] = True
    places = np.flatnonzero(likely[hashes >> shift])  # leaves few, and costs less than a search for each
    return places[np.isin(hashes[places], wanted)]


def _neighbours(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first and the last of each row of whole numbers without a gap, of rising `places`."""
    gap = np.diff(places) > 1
    return places[np.r_[True, gap][: len(places)]], places[np.r_[gap, True][: len(places)]]
