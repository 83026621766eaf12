"""Logits -> probabilities -> one id. Knows nothing of networks, characters or time.

All in float64 and from logits: the logarithm of a softmax output loses the tail that a high temperature lives on.
"""

import reprlib
import sys
from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from charlstm.network.lstm import Floats
from charlstm.text.vocab import Ids

Mask = npt.NDArray[np.bool_]
GREEDY = 1e-290  # a temperature as good as 0; dividing by less could leave the range of a float
FAR = np.array(1e17)  # below the likeliest logit: never drawn; by `GREEDY`, it still is in the range of a float
FEW = 20_000  # numbers that are worth their memory where NumPy is faster on arrays of one shape
LIKE_INFINITE = 1e14  # a temperature at which all characters are as likely, but for those that are `FAR`
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
            falling = np.take_along_axis(logits, order, axis=-1)
            weights = np.empty_like(logits)
            np.put_along_axis(weights, order, self._weights(falling[..., :1] - falling), axis=-1)
        else:
            weights = np.exp((logits - logits.max(axis=-1, keepdims=True)) / self._divisor)  # no need to sort
        total: Floats = weights.sum(axis=-1, keepdims=True)
        return weights / total

    def draw(self, logits: Floats, u: float | Floats) -> Ids:
        """The same as `draw(probabilities(logits), u)`, for less: one sort serves all rows.

        What is sorted is how far each logit lies below the highest, with the id in its last bits: so the sort, which is
        twice as fast as one that gives an order, tells the ids too, and of equals the lower one comes first.

        Args:
            logits: float64 (rows, vocab_size); minus infinity is never drawn.
            u: In [0, 1), one number or one a row, (rows,).

        Returns:
            Ids, shape (rows,).
        """
        layout = _Layout.of(*logits.shape)
        below = np.minimum(logits.item(logits.argmax()) - logits, FAR)
        keys = below.view(np.int64)
        keys &= layout.other_bits
        keys |= layout.ids
        below.sort(axis=-1)
        if len(below) == 1 and self._is_of_one_row and isinstance(u, float):  # arrays of one axis are faster
            cumulative = np.add.accumulate(self._weights(below[0]))
            place = cumulative.searchsorted(u * cumulative.item(-1), "right")
            drawn = keys[0, place : place + 1]
        else:
            drawn = keys.take(_places(self._weights(below - below.take(layout.starts)), u) + layout.first)
        ids: Ids = drawn & layout.id_bits
        return ids

    def _weights(self, below: Floats) -> Floats:
        """Probabilities but for a factor a row, of rising distances (..., vocab_size) below the likeliest logit."""
        weights = below * self._factor
        np.exp(weights, weights)
        if self._cuts:
            chosen_by = weights
            if self.truncate_first:
                chosen_by = np.where(_by_row(self.truncate_first), np.exp(-below), weights)
            weights *= self._kept(chosen_by)
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
    def _factor(self) -> Floats:
        """What makes of a distance below the likeliest logit the logarithm of a weight."""
        factor = -1 / np.minimum(self._divisor, LIKE_INFINITE)
        return factor if factor.ndim > 1 else factor.reshape(())  # with which NumPy is faster

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
    numbers = tuple(none if each is None else min(each, sys.maxsize) for each in _each(value))  # what a float can hold
    return np.array(numbers if isinstance(value, tuple) else numbers[0], dtype=np.float64)[..., None]


class _Layout(NamedTuple):
    """What drawing from some rows of logits needs, whatever they are.

    Attributes:
        ids: int64 (rows, vocab_size), or (vocab_size,) where they are many.
        id_bits: The last bits of a number, which can hold an id.
        other_bits: All others.
        starts: Where in all rows, one after another, the row of a number begins, (rows, vocab_size), or (rows, 1).
        first: Where there a row begins, (rows,).
    """

    ids: Ids
    id_bits: Ids
    other_bits: Ids
    starts: Ids
    first: Ids

    @classmethod
    @lru_cache(maxsize=64)
    def of(cls, rows: int, vocab_size: int) -> "_Layout":
        id_bits = np.array((1 << (vocab_size - 1).bit_length()) - 1)
        ids, first = np.arange(vocab_size), vocab_size * np.arange(rows)
        starts = first[:, None]
        if rows * vocab_size <= FEW:
            ids, starts = np.tile(ids, (rows, 1)), np.repeat(starts, vocab_size, axis=1)
        return cls(ids, id_bits, ~id_bits, starts, first)


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
    return order[rows, _places(probabilities[rows[:, None], order], u)]


def _places(weights: Floats, u: float | Floats) -> Ids:
    """Where the cumulative weights (rows, vocab_size) first exceed u, one number or (rows,), of their sum."""
    cumulative = np.add.accumulate(weights, axis=-1)
    places: Ids = (cumulative > (u * cumulative[:, -1])[:, None]).argmax(axis=-1)
    return places
