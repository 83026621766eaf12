"""Ids -> batches to train on, for either preset. Knows no network, and holds no more than one batch beside the ids.

A batch is (ids, targets). Targets are the ids that follow; with a teacher they have one more axis, (…, 1 + vocab_size),
on which such an id comes before the probabilities that the teacher expects in its place.
"""

from collections.abc import Iterator

import numpy as np

WINDOW_STEP = 3  # of the notebook: a window starts at every third character
MIN_STEPS = 100  # of an epoch; a short text gets fewer streams rather than fewer steps

Batch = tuple[np.ndarray, np.ndarray]


class Streams:
    """The text as streams that are read side by side, window after window, for a network that carries its state on.

    Each epoch the text is turned like a wheel to start elsewhere, so that windows are never cut at the same places
    twice; one stream reads over the seam between the text's end and its beginning.

    Args:
        ids: Of the text, shape (length,), at least 2.
        window: Characters a batch.
        batch_size: Streams, at the most.
        expected: What a teacher expects in place of each id, (length, vocab_size); None without one.

    Attributes:
        rows: Streams.
        window: Characters a batch, fewer than asked for if the text is shorter.
        steps: Batches an epoch.
    """

    def __init__(self, ids: np.ndarray, window: int, batch_size: int, expected: np.ndarray | None = None) -> None:
        self._ids, self._targets = ids, _targets(ids, expected)
        self.window = min(window, len(ids) - 1)
        self.rows = max(1, min(batch_size, len(ids) // (MIN_STEPS * self.window)))
        self.steps = (len(ids) - 1) // self.rows // self.window

    @property
    def characters(self) -> int:
        """Trained on in an epoch."""
        return self.steps * self.rows * self.window

    def epoch(self, rng: np.random.Generator) -> Iterator[Batch]:
        """Yields ids (rows, window) and their targets; each row goes on where it stood."""
        wheel = np.roll(np.arange(len(self._ids)), -int(rng.integers(len(self._ids))))
        length = (len(wheel) - 1) // self.rows
        read = wheel[: length * self.rows].reshape(self.rows, length)
        follow = wheel[1 : length * self.rows + 1].reshape(self.rows, length)
        for first in range(0, self.steps * self.window, self.window):
            columns = slice(first, first + self.window)
            yield self._ids[read[:, columns]], self._targets[follow[:, columns]]


class Windows:
    """The notebook's windows: `window` characters and the one that follows, every 3 characters, shuffled each epoch.

    Args:
        ids: Of the text, shape (length,), more than `window`.
        window: Characters a window.
        batch_size: Windows a batch; the last batch of an epoch may have fewer.
        expected: As of `Streams`.

    Attributes:
        rows: Windows a batch.
        steps: Batches an epoch.
    """

    def __init__(self, ids: np.ndarray, window: int, batch_size: int, expected: np.ndarray | None = None) -> None:
        self._ids, self._targets = ids, _targets(ids, expected)
        self.window = window
        self.starts = np.arange(0, len(ids) - window, WINDOW_STEP)
        self.rows = batch_size
        self.steps = -(-len(self.starts) // batch_size)

    @property
    def characters(self) -> int:
        """Predicted in an epoch, one a window."""
        return len(self.starts)

    def epoch(self, rng: np.random.Generator) -> Iterator[Batch]:
        """Yields ids (rows, window) and the targets after their last, (rows,) without a teacher."""
        starts = rng.permutation(self.starts)
        for first in range(0, len(starts), self.rows):
            chosen = starts[first : first + self.rows]
            yield self._ids[chosen[:, None] + np.arange(self.window)], self._targets[chosen + self.window]


def _targets(ids: np.ndarray, expected: np.ndarray | None) -> np.ndarray:
    return ids if expected is None else np.concatenate([ids[:, None].astype(expected.dtype), expected], axis=-1)
