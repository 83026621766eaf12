"""Logits -> probabilities -> one id. Knows nothing of networks, characters or time.

All in float64 and from logits: the logarithm of a softmax output loses the tail that a high temperature lives on.
"""

import reprlib
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from charlstm.network.lstm import Floats
from charlstm.text.vocab import Ids

Mask = npt.NDArray[np.bool_]
GREEDY = 1e-290  # a temperature as good as 0; dividing by less could leave the range of a float
TEMPERATURE_RULE = "`temperature` must be finite and >= 0, got {}. Use 0 for greedy text."


@dataclass(frozen=True)
class Sampler:
    """How logits become the probabilities that are drawn from: temperature, then top-k, top-p and min-p.

    The temperature divides the logits: softmax(logits / temperature), the same as the notebook's
    exp(log(p) / temperature) made to sum to 1. Its limit at 0 is greedy: the likeliest character has probability 1.
    Top-k (Fan et al. 2018) keeps the k likeliest; top-p (Holtzman et al. 2019) the fewest whose probabilities reach p;
    min-p (Nguyen et al. 2024) those with at least so large a part of the likeliest one's probability.

    Each argument is one value, or several, one a row, kept as a tuple.

    Args:
        temperature: Finite and >= 0.
        top_k: How many characters to keep, at least 1; None keeps all.
        top_p: Probability to keep, 0 < p <= 1; None keeps all.
        min_p: Part of the largest probability, 0 < p <= 1; None keeps all.
        truncate_first: Whether what is kept is chosen by the model's own probabilities, before the temperature.

    Raises:
        ValueError: An argument is out of its range.
    """

    temperature: float | tuple[float, ...] = 1.0
    top_k: int | None | tuple[int | None, ...] = None
    top_p: float | None | tuple[float | None, ...] = None
    min_p: float | None | tuple[float | None, ...] = None
    truncate_first: bool | tuple[bool, ...] = False

    def __post_init__(self) -> None:
        try:
            temperature = np.asarray(self.temperature, dtype=np.float64)
        except OverflowError:  # a whole number beyond all floats
            temperature = np.asarray(np.inf)
        if not (np.isfinite(temperature).all() and (temperature >= 0).all()):
            raise ValueError(TEMPERATURE_RULE.format(reprlib.repr(self.temperature)))
        for k in _each(self.top_k):
            if k is not None and not (isinstance(k, int | np.integer) and k >= 1):
                raise ValueError(f"`top_k` must be a whole number >= 1, got {k}. Leave it out to keep all.")
        for name in ("top_p", "min_p"):
            for p in _each(getattr(self, name)):
                if p is not None and not 0 < p <= 1:
                    raise ValueError(f"`{name}` must be above 0 and at most 1, got {p}. Leave it out to keep all.")
        plain = tuple(temperature.tolist()) if temperature.ndim else float(temperature)
        object.__setattr__(self, "temperature", plain)  # numbers, so that samplers can be compared and hashed

    @property
    def temperatures(self) -> tuple[float, ...]:
        """One a row; a single one where all rows have the same."""
        return self.temperature if isinstance(self.temperature, tuple) else (self.temperature,)

    @property
    def truncates(self) -> bool:
        """Whether top-k, top-p or min-p keeps less than all, in any row."""
        return any(limit is not None for limit in (*_each(self.top_k), *_each(self.top_p), *_each(self.min_p)))

    def of_row(self, row: int) -> "Sampler":
        """What draws in one of several rows: itself where all have the same."""
        return self if self._is_of_one_row else replace(self, **{name: value[row] for name, value in self._several()})

    def _several(self) -> list[tuple[str, tuple[Any, ...]]]:
        """The settings that have a value for each row, by name."""
        values = [(setting.name, getattr(self, setting.name)) for setting in fields(self)]
        return [(name, value) for name, value in values if isinstance(value, tuple)]

    def probabilities(self, logits: Floats) -> Floats:
        """float64 logits (..., vocab_size) -> probabilities of the same shape; each row sums to 1."""
        if self._cuts:
            order = likeliest_first(logits)
            weights = np.empty_like(logits)
            np.put_along_axis(weights, order, self._weights(np.take_along_axis(logits, order, axis=-1)), axis=-1)
        else:
            weights = np.exp((logits - logits.max(axis=-1, keepdims=True)) / self._divisor)  # no need to sort
        total: Floats = weights.sum(axis=-1, keepdims=True)
        return weights / total

    def draw(self, logits: Floats, u: Floats) -> Ids:
        """The same as `draw(probabilities(logits), u)`, for less.

        The ids need not be sorted, only the logits: the one at the place that `u` falls on says which id it is.

        Args:
            logits: float64 (rows, vocab_size).
            u: In [0, 1), (rows,) or (1,).

        Returns:
            Ids, shape (rows,).
        """
        if len(logits) == 1 and self._is_of_one_row:
            order = likeliest_first(logits[0])
            cumulative = np.add.accumulate(self._weights(logits[0].take(order)))
            only: Ids = order.take(cumulative.searchsorted(u * cumulative[-1], "right"))  # for one row this is faster
            return only
        rows = np.arange(len(logits))
        falling = np.sort(logits, axis=-1)[:, ::-1]
        places = _places(self._weights(falling), u)
        is_drawn = logits == falling[rows, places][:, None]
        if np.count_nonzero(is_drawn) > len(rows):  # of equal logits it is the one that a stable sort puts there
            return likeliest_first(logits)[rows, places]
        ids: Ids = is_drawn.argmax(axis=-1)
        return ids

    def _weights(self, falling: Floats) -> Floats:
        """Of sorted logits (..., vocab_size): their probabilities but for a factor that makes the first one 1."""
        weights: Floats = falling - falling[..., :1]
        own = np.exp(weights) if self.truncate_first else None
        weights /= self._divisor
        np.exp(weights, weights)
        if self._cuts:
            weights *= self._kept(weights if own is None else np.where(_by_row(self.truncate_first), own, weights))
            weights[..., 1:] *= self._divisor > GREEDY
        return weights

    def _kept(self, weights: Floats) -> Mask:
        """Which of falling weights (..., vocab_size) are kept."""
        kept = np.ones(weights.shape, bool)
        if self.top_k is not None:
            kept &= np.arange(weights.shape[-1]) < _by_row(self.top_k, np.inf)
            weights = weights * kept
        if self.top_p is not None:
            cumulative = weights.cumsum(axis=-1)
            before = cumulative - weights  # keep a character while those before it do not reach p
            kept &= before < _by_row(self.top_p, np.inf) * cumulative[..., -1:]
        if self.min_p is not None:
            kept &= weights >= _by_row(self.min_p, 0) * weights[..., :1]
        return kept

    @cached_property
    def _divisor(self) -> Floats:
        """The temperature, (1,), or temperatures, (rows, 1); large enough to divide by."""
        return np.maximum(_by_row(self.temperature), GREEDY)

    @cached_property
    def _cuts(self) -> bool:
        """Whether anything gets probability 0."""
        return self.truncates or bool((self._divisor == GREEDY).any())

    @cached_property
    def _is_of_one_row(self) -> bool:
        return not self._several()


def _each(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _by_row(value: Any, none: float = 0.0) -> Floats:
    """A setting, `none` where it is None: (1,) where all rows have the same, else (rows, 1)."""
    numbers = tuple(none if each is None else each for each in _each(value))
    return np.array(numbers if isinstance(value, tuple) else numbers[0], dtype=np.float64)[..., None]


def mask_logits(logits: Floats, allowed: Mask | None) -> Floats:
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


def likeliest_first(probabilities: Floats) -> Ids:
    """Ids by falling probability, or logit, over the last axis; equals by rising id."""
    return (-probabilities).argsort(axis=-1, kind="stable")


def draw(probabilities: Floats, u: float | Floats) -> Ids:
    """Inverse CDF over the ids sorted by probability: the first id whose cumulative probability is above `u`.

    The same `u` at two temperatures makes their comparison fair, and makes the draw drawable: a line on a stacked bar.

    Args:
        probabilities: (rows, vocab_size), rows summing to 1.
        u: In [0, 1), one number or one a row, shape (rows,).

    Returns:
        Ids, shape (rows,).
    """
    order = likeliest_first(probabilities)
    rows = np.arange(len(order))
    return order[rows, _places(probabilities[rows[:, None], order], np.atleast_1d(u))]


def _places(weights: Floats, u: Floats) -> Ids:
    """Where the cumulative weights (rows, vocab_size) first exceed u, (rows,) or (1,), of their sum."""
    cumulative = np.add.accumulate(weights, axis=-1)
    places: Ids = (cumulative > u[:, None] * cumulative[:, -1:]).argmax(axis=-1)
    return places
