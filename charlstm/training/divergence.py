"""Says when a loss means that training has blown up. Knows numbers only."""

import math
from collections import deque

from charlstm.errors import Message

LIMIT_NATS = 1.0  # above the best so far; batches differ by a few tenths
REMEMBERED = 20  # losses in the running mean


class DivergenceDetector:
    """Follows the loss batch by batch.

    Args:
        limit_nats: How far the running mean may rise above its own lowest.
    """

    def __init__(self, limit_nats: float = LIMIT_NATS) -> None:
        self._limit_nats = limit_nats
        self._losses: deque[float] = deque(maxlen=REMEMBERED)
        self._best = math.inf

    def check(self, loss: float) -> str | None:
        """What is wrong with the loss of this batch, in nats per character; None while all is well."""
        if not math.isfinite(loss):
            return Message("the loss is not a finite number any more ({loss})", loss=loss)
        self._losses.append(loss)
        mean = sum(self._losses) / len(self._losses)
        self._best = min(self._best, mean)
        if mean > self._best + self._limit_nats:
            return Message("the loss rose from {best:.2f} to {mean:.2f} nats per character", best=self._best, mean=mean)
        return None

    def forget(self) -> None:
        """Starts over after a roll-back; the best so far still counts."""
        self._losses.clear()
