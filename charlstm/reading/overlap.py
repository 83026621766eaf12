"""Which runs of a text stand word for word in a corpus. Knows characters, nothing of models.

A corpus of 20 MB is too long to be asked about each run of a text, so most of it is ruled out first. The index holds a
hash of a short run (an anchor) at every few characters of the corpus; a run of `shortest` characters or more contains
a whole anchor wherever it starts. So only places near an anchor that also stands in the text can be copied. There the
runs are compared as text, so that equal hashes of different runs cost time and never a wrong answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

HASH_BASE = np.uint64(0x9E3779B97F4A7C15)  # any odd number with its bits well mixed
ENCODE_CHUNK = 1 << 20  # characters turned into code points at once
Hashes = npt.NDArray[np.uint64]


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
    """A corpus made ready for `copied_runs`: 0.3 s and 27 MB for 20 million characters. Share one among sessions.

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
        hashes = _anchor_hashes(text, self._anchor, self._stride)
        self._order = hashes.argsort(kind="stable").astype(np.int32)
        self._hashes = hashes[self._order]

    def stretches(self, text: str) -> Iterator[tuple[int, int]]:
        """(start, stop) of the parts of the corpus that can hold a run of `text`, rising."""
        wanted = np.unique(_hashes(_codes(text), self._anchor))
        first, stop = (np.searchsorted(self._hashes, wanted, side) for side in ("left", "right"))
        found = [self._order[a:b] for a, b in zip(first.tolist(), stop.tolist(), strict=True) if a < b]
        anchors = np.sort(np.concatenate(found)) * self._stride if found else np.empty(0, int)
        reach = self._stride - 1  # how far a run can stand out before its first anchor and after its last
        for row in np.split(anchors, np.flatnonzero(np.diff(anchors) > self._stride) + 1):
            if len(row):
                yield max(0, int(row[0]) - reach), min(len(self.text), int(row[-1]) + self._anchor + reach)


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
    pieces = _common_pieces(text, index, min_length)
    runs = _longest_first(_maximal_runs(text, pieces, min_length), min_length)
    return [Run(start, stop - start, _place(text[start:stop], pieces)) for start, stop in sorted(runs)]


def _common_pieces(text: str, index: CorpusIndex, length: int) -> dict[str, int]:
    """The pieces of the corpus all of whose runs of `length` are among the text's, with their first places."""
    wanted = {text[start : start + length] for start in range(len(text) - length + 1)}
    corpus, pieces = index.text, dict[str, int]()
    for start, stop in index.stretches(text):
        begin = None
        for place in range(start, stop - length + 2):  # one beyond the last run, which ends what has begun
            if place + length <= stop and corpus[place : place + length] in wanted:
                begin = place if begin is None else begin
            elif begin is not None:
                end = place + length - 1
                # A long piece (rows of one sign) is cut so that each run lies in one; most of them are then the same.
                for cut in range(begin, max(begin + 1, end - len(text)), len(text)):
                    pieces.setdefault(corpus[cut : min(end, cut + 2 * len(text))], cut)
                begin = None
    return pieces


def _maximal_runs(text: str, pieces: dict[str, int], length: int) -> list[tuple[int, int]]:
    """(start, stop) of each run that stands in a piece and in no longer such run, in the order of the text."""
    separator = next(chr(code) for code in range(0xE000, 0x110000) if chr(code) not in text)
    joined, runs, reached = separator.join(pieces), [], 0
    for start in range(len(text) - length + 1):
        stop = max(start + length, reached + 1)  # a run that goes no further than the one before is part of it
        if stop > len(text) or text[start:stop] not in joined:
            continue
        while stop < len(text) and text[start : stop + 1] in joined:
            stop += 1
        runs.append((start, stop))
        reached = stop
    return runs


def _place(run: str, pieces: dict[str, int]) -> int:
    """Where a run first stands in the corpus."""
    return next(place + piece.find(run) for piece, place in pieces.items() if run in piece)


def _longest_first(runs: list[tuple[int, int]], min_length: int) -> list[tuple[int, int]]:
    """Takes the longest of `runs` and cuts the others back to what it leaves, until none is long enough."""
    chosen = []
    while runs:
        start, stop = max(runs, key=lambda run: (run[1] - run[0], -run[0]))
        chosen.append((start, stop))
        left = ((a, min(b, start)) if a < start else (max(a, stop), b) for a, b in runs)
        runs = [(a, b) for a, b in left if b - a >= min_length]
    return chosen


def _codes(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _hashes(codes: npt.NDArray[np.uint32], length: int, stride: int = 1) -> Hashes:
    """A polynomial in HASH_BASE, modulo 2 to the 64, of each run of `length` codes that starts at a stride."""
    count = max(0, (len(codes) - length) // stride + 1)
    hashes = np.zeros(count, np.uint64)
    for offset in range(length if count else 0):
        hashes += codes[offset : offset + (count - 1) * stride + 1 : stride]
        hashes *= HASH_BASE
    return hashes


def _anchor_hashes(text: str, anchor: int, stride: int) -> Hashes:
    """`_hashes` of a long text, whose codes are never all in memory: they take four bytes each."""
    step = ENCODE_CHUNK // stride * stride
    chunks = (text[start : start + step + anchor - 1] for start in range(0, max(1, len(text)), step))
    # a chunk's last anchors reach into the next; those that start beyond `step` belong to the next
    return np.concatenate([_hashes(_codes(chunk), anchor, stride)[: step // stride] for chunk in chunks])
