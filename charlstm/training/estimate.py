"""An estimate of how long an epoch takes, before one starts. Knows sizes, no network."""

import os
import time
from functools import cache

import numpy as np

from charlstm.training.config import TrainingConfig

# A multiply-add of training costs so many of the timed product's: three passes (forward, backward, the gradient of the
# weights), and small steps one after another, slower still where a layer's weights outgrow a core's cache. Fitted to
# networks of 128 to 512 units on two cores.
COST_IN_CACHE, COST_BEYOND = 12, 19
CACHED_WEIGHTS = 128 * 1024  # float32, half a megabyte
BATCH = 32  # rows of the products that are timed, the stream preset's
TIMED_UNITS = 256


def epoch_seconds(characters: int, units: tuple[int, ...], vocab_size: int, holdout: float = 0.1) -> float:
    """Seconds that the stream preset takes for one epoch on this machine.

    Args:
        characters: Of the whole text.
        units: Of each LSTM layer.
        vocab_size: Distinct characters.
        holdout: Share that is not trained on.
    """
    inputs = (TrainingConfig().embedding_units(vocab_size) or vocab_size, *units)
    products = sum(_cost(4 * size * (below + size), size) for below, size in zip(inputs, units, strict=False))
    products += _cost(units[-1] * vocab_size, units[-1])
    return characters * (1 - holdout) * products / _products_per_second()


def _cost(products: int, units: int) -> int:
    """Multiply-adds a character of a layer, in those of the product that is timed."""
    return products * (COST_IN_CACHE if 4 * units * units <= CACHED_WEIGHTS else COST_BEYOND)


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
