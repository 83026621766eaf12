"""Ids -> batches to train on, for either preset. Knows no network, and holds no more than one batch beside the ids."""

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

    Attributes:
        rows: Streams.
        window: Characters a batch, fewer than asked for if the text is shorter.
        steps: Batches an epoch.
    """

    def __init__(self, ids: np.ndarray, window: int, batch_size: int) -> None:
        self._ids = ids
        self.window = min(window, len(ids) - 1)
        self.rows = max(1, min(batch_size, len(ids) // (MIN_STEPS * self.window)))
        self.steps = (len(ids) - 1) // self.rows // self.window

    @property
    def characters(self) -> int:
        """Trained on in an epoch."""
        return self.steps * self.rows * self.window

    def epoch(self, rng: np.random.Generator) -> Iterator[Batch]:
        """Yields (ids, the ids that follow), both (rows, window); each row goes on where it stood."""
        wheel = np.roll(self._ids, -int(rng.integers(len(self._ids))))
        length = (len(wheel) - 1) // self.rows
        read = wheel[: length * self.rows].reshape(self.rows, length)
        next_ids = wheel[1 : length * self.rows + 1].reshape(self.rows, length)
        for first in range(0, self.steps * self.window, self.window):
            yield read[:, first : first + self.window], next_ids[:, first : first + self.window]


class Windows:
    """The notebook's windows: `window` characters and the one that follows, every 3 characters, shuffled each epoch.

    Args:
        ids: Of the text, shape (length,), more than `window`.
        window: Characters a window.
        batch_size: Windows a batch; the last batch of an epoch may have fewer.

    Attributes:
        rows: Windows a batch.
        steps: Batches an epoch.
    """

    def __init__(self, ids: np.ndarray, window: int, batch_size: int) -> None:
        self._ids = ids
        self.window = window
        self.starts = np.arange(0, len(ids) - window, WINDOW_STEP)
        self.rows = batch_size
        self.steps = -(-len(self.starts) // batch_size)

    @property
    def characters(self) -> int:
        """Predicted in an epoch, one a window."""
        return len(self.starts)

    def epoch(self, rng: np.random.Generator) -> Iterator[Batch]:
        """Yields (ids (rows, window), the ids that follow (rows,))."""
        starts = rng.permutation(self.starts)
        for first in range(0, len(starts), self.rows):
            chosen = starts[first : first + self.rows]
            yield self._ids[chosen[:, None] + np.arange(self.window)], self._ids[chosen + self.window]
