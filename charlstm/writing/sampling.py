"""Logits -> probabilities -> one id. Knows nothing of networks, characters or time.

All in float64 and from logits: the logarithm of a softmax output loses the tail that a high temperature lives on.
"""

from dataclasses import dataclass, replace

import numpy as np

from charlstm.network.metrics import softmax

TEMPERATURE_RULE = "`temperature` must be finite and >= 0, got {}. Use 0 for greedy text."


@dataclass(frozen=True)
class Sampler:
    """How logits become the probabilities that are drawn from: temperature, then top-k, then top-p.

    The temperature divides the logits: softmax(logits / temperature), the same as the notebook's
    exp(log(p) / temperature) made to sum to 1. Its limit at 0 is greedy: the likeliest character has probability 1.
    Top-k (Fan et al. 2018) keeps the k likeliest; top-p (Holtzman et al. 2019) the fewest whose probabilities reach p.

    Args:
        temperature: Finite and >= 0; one number, or several, one a row, kept as a tuple.
        top_k: How many characters to keep, at least 1; None keeps all.
        top_p: Probability to keep, 0 < p <= 1; None keeps all.

    Raises:
        ValueError: An argument is out of its range.
    """

    temperature: float | tuple[float, ...] = 1.0
    top_k: int | None = None
    top_p: float | None = None

    def __post_init__(self) -> None:
        temperature = np.asarray(self.temperature, dtype=np.float64)
        if not (np.isfinite(temperature).all() and (temperature >= 0).all()):
            raise ValueError(TEMPERATURE_RULE.format(self.temperature))
        if self.top_k is not None and not (isinstance(self.top_k, int | np.integer) and self.top_k >= 1):
            raise ValueError(f"`top_k` must be a whole number >= 1, got {self.top_k}. Leave it out to keep all.")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise ValueError(f"`top_p` must be above 0 and at most 1, got {self.top_p}. Leave it out to keep all.")
        plain = tuple(temperature.tolist()) if temperature.ndim else float(temperature)
        object.__setattr__(self, "temperature", plain)  # numbers, so that samplers can be compared and hashed

    @property
    def temperatures(self) -> tuple[float, ...]:
        """One a row; a single one where all rows have the same."""
        return self.temperature if isinstance(self.temperature, tuple) else (self.temperature,)

    def of_row(self, row: int) -> "Sampler":
        """What draws in one of several rows: itself where all have one temperature."""
        return replace(self, temperature=self.temperature[row]) if isinstance(self.temperature, tuple) else self

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        """float64 logits (..., vocab_size) -> probabilities of the same shape; each row sums to 1."""
        probabilities = _reweight(logits, self.temperature)
        if self.top_k is not None or self.top_p is not None:
            probabilities = self._truncate(probabilities)
        return probabilities

    def _truncate(self, probabilities: np.ndarray) -> np.ndarray:
        order = likeliest_first(probabilities)
        ranked = np.take_along_axis(probabilities, order, axis=-1)
        if self.top_k is not None:
            ranked[..., self.top_k :] = 0
            ranked /= ranked.sum(axis=-1, keepdims=True)
        if self.top_p is not None:
            before = ranked.cumsum(axis=-1) - ranked  # keep a character while those before it do not reach p
            before[..., 0] = 0
            ranked[before >= self.top_p] = 0
        kept = np.empty_like(ranked)
        np.put_along_axis(kept, order, ranked, axis=-1)
        return kept / kept.sum(axis=-1, keepdims=True)


def _reweight(logits: np.ndarray, temperature: float | tuple[float, ...]) -> np.ndarray:
    shifted = logits - logits.max(axis=-1, keepdims=True)  # <= 0, the likeliest is 0
    if isinstance(temperature, tuple):
        column = np.array(temperature)[:, None]
        greedy = column == 0
        scaled = _divide(shifted, np.where(greedy, 1.0, column))
        return np.where(greedy, _greedy(shifted), softmax(scaled))
    if temperature == 0:
        return _greedy(shifted)
    exponentials = np.exp(_divide(shifted, temperature))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def _divide(shifted: np.ndarray, temperature: float | np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):  # a temperature of 1e-300 is greedy too: -inf, whose exponential is 0
        return shifted / temperature


def _greedy(logits: np.ndarray) -> np.ndarray:
    """All probability on the likeliest id, the lowest of equals."""
    probabilities = np.zeros_like(logits)
    np.put_along_axis(probabilities, logits.argmax(axis=-1)[..., None], 1.0, axis=-1)
    return probabilities


def mask_logits(logits: np.ndarray, allowed: np.ndarray | None) -> np.ndarray:
    """Logits with minus infinity where an id is not allowed: all that a sampler makes of them is 0 there.

    The same as setting probabilities to 0 and dividing by what is left, but it holds for greedy text too, and where
    nothing that is left had any probability after rounding.

    Args:
        logits: (..., vocab_size).
        allowed: Booleans, (vocab_size,) or (..., vocab_size); None allows all.

    Raises:
        ValueError: No id is allowed.
    """
    if allowed is None:
        return logits
    if not np.any(allowed, axis=-1).all():
        raise ValueError("`allowed` must allow at least one id, got none. Use None to allow all.")
    return np.where(allowed, logits, -np.inf)


def likeliest_first(probabilities: np.ndarray) -> np.ndarray:
    """Ids by falling probability over the last axis; equals by rising id."""
    return np.argsort(-probabilities, axis=-1, kind="stable")


def draw(probabilities: np.ndarray, u: float | np.ndarray) -> np.ndarray:
    """Inverse CDF over the ids sorted by probability: the first id whose cumulative probability is above `u`.

    The same `u` at two temperatures makes their comparison fair, and makes the draw drawable: a line on a stacked bar.

    Args:
        probabilities: (rows, vocab_size), rows summing to 1.
        u: In [0, 1), one number or one a row, shape (rows,).

    Returns:
        Ids, shape (rows,).
    """
    rows = np.arange(len(probabilities))
    order = likeliest_first(probabilities)
    cumulative = probabilities[rows[:, None], order].cumsum(axis=-1)
    threshold = np.asarray(u)[..., None] * cumulative[:, -1:]  # the sum may miss 1 by rounding
    return order[rows, (cumulative <= threshold).sum(axis=-1)]
