"""What temperature does to a model's texts, measured in the background while someone watches. Knows no screens.

A measurement belongs to nobody: all who ask for the same one watch the same. It goes on in a thread of its own, so that
no page waits for it, one at a time, so that pages which write stay smooth; where nobody watches any more it pauses.
"""

import logging
import math
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from charlstm.network.model_file import Model
from charlstm.reading.sweep import Estimate, SweepPoint, TextEstimates, sweep

TEMPERATURES = (0.0, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 1.0, 1.2, 1.4, 1.7, 2.0)  # closer where more changes
STREAM_CHARACTERS = 250  # of each text, however many there are: two measures depend on it
CORPUS_PIECES = 200
PATIENCE_SECONDS = 5.0
BAND = 1.96  # standard errors on either side of the mean: 95% of a normal distribution
MEASURES = ("real_word_share", "distinct_ngram_share", "longest_repeat", "entropy_bits", "bits_per_character")
_one_at_a_time = threading.Lock()


class Measurement:
    """A sweep over `TEMPERATURES` that goes on as long as someone watches.

    Args:
        model: Not changed.
        characters_each: Characters a temperature, in texts of `STREAM_CHARACTERS`.
        rng_seed: Of the random numbers; the same for all models, so that two of them differ in nothing else.

    Attributes:
        points: What is measured, in the order of `TEMPERATURES`.
        failure: What ended it before it was done; then it stands still until `retry`.
    """

    def __init__(self, model: Model, characters_each: int, rng_seed: int = 0) -> None:
        self.points: list[SweepPoint] = []
        self.failure: Exception | None = None
        self._model = model
        self._streams = max(2, characters_each // STREAM_CHARACTERS)
        self._rng_seed = rng_seed
        self._watched_until = 0.0
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    @property
    def done(self) -> bool:
        """Whether all temperatures are measured."""
        return len(self.points) == len(TEMPERATURES)

    @property
    def ended(self) -> bool:
        """Whether watching changes nothing any more."""
        return self.done or self.failure is not None

    def watch(self) -> None:
        """Goes on for some seconds more; returns at once."""
        self._watched_until = time.monotonic() + PATIENCE_SECONDS
        with self._starting:
            if not self.ended and not (self._thread and self._thread.is_alive()):
                self._thread = threading.Thread(target=self._go_on, daemon=True)
                self._thread.start()

    def retry(self) -> None:
        """Lets a measurement that failed go on where it was, once it is watched again."""
        self.failure = None

    def _go_on(self) -> None:
        try:
            left = TEMPERATURES[len(self.points) :]
            characters, rng = self._streams * STREAM_CHARACTERS, np.random.default_rng(self._rng_seed)
            points = sweep(self._model, left, characters, self._streams, rng)
            while not self.done and time.monotonic() < self._watched_until:
                with _one_at_a_time:
                    self.points.append(next(points))
        except Exception as failure:  # whatever it is, those who watch hear of it
            logging.getLogger(__name__).exception("A measurement failed.")
            self.failure = failure


def corpus_estimates(text: str) -> TextEstimates | None:
    """The measures of pieces of a corpus, as long as the texts of a measurement; None for a text too short."""
    step = max(STREAM_CHARACTERS, len(text) // CORPUS_PIECES)
    starts = range(0, len(text) - STREAM_CHARACTERS + 1, step)
    pieces = [text[start : start + STREAM_CHARACTERS] for start in starts]
    return TextEstimates.from_texts(pieces) if len(pieces) >= 2 else None


def estimate(point: SweepPoint, measure: str) -> Estimate | None:
    """One of `MEASURES` of a point."""
    found: Estimate | None = getattr(point if hasattr(point, measure) else point.measures, measure)
    return found


def band(value: Estimate) -> tuple[float, float, float]:
    """(mean, low, high) of the band in which the true mean lies in 19 of 20 cases."""
    width = BAND * value.standard_error
    return value.mean, value.mean - width, value.mean + width


@dataclass(frozen=True)
class Contrast:
    """One measure at two temperatures.

    Attributes:
        cold: At the lower one.
        hot: At the higher one.
    """

    cold: Estimate
    hot: Estimate

    @property
    def rises(self) -> bool:
        """Whether it is higher at the higher temperature by more than chance: z > 1.96."""
        return self._z > BAND

    @property
    def falls(self) -> bool:
        return self._z < -BAND

    @property
    def _z(self) -> float:
        error = math.hypot(self.cold.standard_error, self.hot.standard_error)
        difference = self.hot.mean - self.cold.mean
        return difference / error if error else math.copysign(math.inf, difference) if difference else 0.0


def contrast(points: Sequence[SweepPoint], measure: str, cold: float, hot: float) -> Contrast | None:
    """A measure at two temperatures; None where it is not measured there, or makes no sense for these texts."""
    found = {point.temperature: estimate(point, measure) for point in points}
    low, high = found.get(cold), found.get(hot)
    return None if low is None or high is None else Contrast(low, high)
