"""A model that only counts: how often each character followed the last few. Knows ids, nothing of characters or texts.

Interpolated Witten-Bell smoothing (Witten & Bell 1991, method C, in the form of Chen & Goodman 1998):

    p(c | h) = (n(h c) + t(h) p(c | h')) / (n(h) + t(h))

n(h c) is how often c followed the characters h, n(h) how often any did, t(h) how many different ones did; h' is h
without its first character. Where h never came, p(c | h) is p(c | h'); below no character at all stands 1 / vocab_size.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from charlstm.network.lstm import LOGITS_CHUNK, Cursor, Float32s, Floats, LayerState, Network, State
from charlstm.text.vocab import Ids

MAX_ORDER = 6


class _Runs(NamedTuple):
    """All different runs of one length, sorted by what stands before their last id, then by that.

    Attributes:
        keys: Place of the run without its last id, among those of its length, times vocab_size, plus the last id.
        starts: Where the runs that go on from each shorter one begin, and at last where all end.
        sums: How often all before each place came together, and at last all.
    """

    keys: Ids
    starts: Ids
    sums: Ids


class RunCounts:
    """How often each run of up to `order` ids stands in a text: about 0.4 s and 10 MB for 540,000 characters.

    Args:
        ids: Of the text, at least `order` of them.
        vocab_size: How many ids there are.
        order: Longest run, from 1 to 6.

    Raises:
        ValueError: `order` is out of its range, or the text is shorter.
    """

    def __init__(self, ids: Ids, vocab_size: int, order: int = MAX_ORDER) -> None:
        _check_order(order, MAX_ORDER)
        if len(ids) < order:
            raise ValueError(f"The text must have at least {order} characters, got {len(ids)}. Use a longer one.")
        self.vocab_size, self.order = vocab_size, order
        self._runs: list[_Runs] = []
        before, shorter = np.zeros(len(ids), np.int64), 1  # the place of the run before each id; how many there are
        for length in range(1, order + 1):
            keys = before * vocab_size + ids[length - 1 :]
            keys, places, counts = np.unique(keys, return_inverse=True, return_counts=True)
            starts = np.searchsorted(keys, np.arange(shorter + 1) * vocab_size)
            sums = np.concatenate([[0], np.cumsum(counts)])
            self._runs.append(_Runs(keys, starts.astype(np.int32), sums.astype(np.int32)))
            before, shorter = places[:-1], len(keys)

    def probabilities(self, last: Ids, order: int) -> Floats:
        """What comes after the ids `last` (rows, order - 1), -1 where nothing stands: float64 (rows, vocab_size)."""
        probabilities = np.full((len(last), self.vocab_size), 1 / self.vocab_size)
        for runs, places in zip(self._runs, self._places(last, order), strict=False):
            known = places >= 0
            first = np.where(known, runs.starts[places], 0)
            different = np.where(known, runs.starts[places + 1], 0) - first
            counted = runs.sums[first + different] - runs.sums[first] + different
            probabilities *= np.where(different > 0, different / np.maximum(counted, 1), 1.0)[:, None]
            rows = np.repeat(np.arange(len(last)), different)
            each = np.arange(len(rows)) + np.repeat(first + different - different.cumsum(), different)
            ids, counts = runs.keys[each] % self.vocab_size, runs.sums[each + 1] - runs.sums[each]
            probabilities[rows, ids] += counts / counted[rows]
        return probabilities

    def _places(self, last: Ids, order: int) -> list[Ids]:
        """Of the last 0, 1, …, order - 1 ids of each row: their place among the runs of their length, -1 for none.

        All ends of the row are followed at once from their first ids on; each step, the shortest is whole.
        """
        places = np.zeros_like(last, np.int64)
        found: list[Ids] = [np.zeros(len(last), np.int64)]
        for length in range(1, order):
            keys = self._runs[length - 1].keys
            wanted = places[:, : order - length] * self.vocab_size + last[:, length - 1 :]
            at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
            places = np.where((keys[at] == wanted) & (wanted >= 0), at, -1)
            found.append(places[:, -1])
        return found

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many different runs there are of each length."""
        return tuple(len(runs.keys) for runs in self._runs)


class CountingNetwork(Network):
    """What `RunCounts` expect after the last order - 1 ids, as a network: so it writes, scores and plays as one does.

    Its hidden state are these ids, each plus 1, so that zeros are what has read nothing; its logits are log p.

    Args:
        counts: Of the text that it knows.
        order: How long the longest run is that it looks at, its own guess included: 1 looks at nothing before.

    Raises:
        ValueError: `order` is not from 1 to that of `counts`.
    """

    def __init__(self, counts: RunCounts, order: int) -> None:
        _check_order(order, counts.order)
        self.counts, self.order = counts, order
        self.units, self.vocab_size = (order - 1,), counts.vocab_size

    @property
    def parameters(self) -> int:
        """How many numbers it has counted."""
        return sum(self.counts.sizes[: self.order])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CountingNetwork):
            return False
        return self.counts is other.counts and self.order == other.order

    def __hash__(self) -> int:
        return hash((id(self.counts), self.order))

    def cursor(self, rows: int = 1) -> Cursor:
        return Cursor(self, self.initial_state(rows))

    def step(self, ids: Ids, state: State) -> State:
        """Reads one id a row."""
        hidden, cell = state[0]
        return (LayerState(np.column_stack([hidden, ids + 1])[:, 1:].astype(np.float32), cell),)

    def read_logits(self, ids: Ids) -> Iterator[tuple[int, Floats]]:
        """As of any network, but many places at once: what was read before the last few ids changes nothing."""
        read = np.concatenate([np.full(self.order - 1, -1), ids])
        for first in range(0, len(ids), LOGITS_CHUNK):
            places = np.arange(first, min(first + LOGITS_CHUNK, len(ids)))
            last = read[places[:, None] + np.arange(self.order - 1)]
            yield first, np.log(self.counts.probabilities(last, self.order))

    def logits(self, hidden: Float32s) -> Floats:
        """hidden (rows, order - 1) -> log p, float64 (rows, vocab_size)."""
        return np.log(self.counts.probabilities(hidden.astype(np.int64) - 1, self.order))


def _check_order(order: int, limit: int) -> None:
    if not (isinstance(order, int | np.integer) and 1 <= order <= limit):
        raise ValueError(f"`order` must be a whole number from 1 to {limit}, got {order}. Use {limit}.")
