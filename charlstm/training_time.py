"""An estimate of how long an epoch takes, before one starts. Knows sizes, no network."""

import os
import time
from functools import cache

import numpy as np

PASSES = 3  # a training step is about three times a forward one: forward, backward, and the gradient of the weights
BATCH = 32  # rows of the products that are timed, the stream recipe's
TIMED_UNITS = 256
OVERHEAD_SECONDS = 12e-6  # a character: what a time step costs beside its products, shared by the rows of a batch


def epoch_seconds(characters: int, units: tuple[int, ...], vocab_size: int, holdout: float = 0.1) -> float:
    """Seconds that the stream recipe takes for one epoch on this machine.

    Args:
        characters: Of the whole text.
        units: Of each LSTM layer.
        vocab_size: Distinct characters.
        holdout: Share that is not trained on.
    """
    inputs = (vocab_size, *units)
    products = sum(4 * size * (below + size) for below, size in zip(inputs, units, strict=False))
    products += units[-1] * vocab_size
    seconds = PASSES * products / _products_per_second() + OVERHEAD_SECONDS * len(units)
    return characters * (1 - holdout) * seconds


@cache
def _products_per_second() -> float:
    """Multiply-adds a second in a matrix product as training does them, timed once, 20 ms."""
    rng = np.random.default_rng(0)
    hidden = rng.random((BATCH, TIMED_UNITS), dtype=np.float32)
    kernel = rng.random((TIMED_UNITS, 4 * TIMED_UNITS), dtype=np.float32)
    times = []
    for _ in range(20):
        start = time.perf_counter()
        hidden @ kernel
        times.append(time.perf_counter() - start)
    return BATCH * kernel.size / sorted(times)[len(times) // 2] * min(2, os.cpu_count() or 1)
