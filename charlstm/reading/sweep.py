"""Many texts at once, to measure what temperature does. Knows models and measures, nothing of charts or screens."""

import math
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np

from charlstm.network.lstm import Floats
from charlstm.network.metrics import entropy_bits
from charlstm.network.model_file import Model
from charlstm.reading.text_score import surprisal_bits
from charlstm.reading.text_statistics import distinct_ngram_share, longest_repeat, real_word_share
from charlstm.writing.generation import Writer
from charlstm.writing.sampling import Sampler

CHARACTERS_LIMIT = 200_000  # a temperature
STREAMS_LIMIT = 1000


@dataclass(frozen=True)
class Estimate:
    """A mean over texts, and its standard error: their standard deviation / sqrt(their number)."""

    mean: float
    standard_error: float

    @classmethod
    def from_values(cls, values: Iterable[float | None]) -> "Estimate | None":
        """Of the values that are not None; None itself where fewer than two are left."""
        known = np.array([value for value in values if value is not None], dtype=np.float64)
        return cls.from_array(known) if len(known) >= 2 else None

    @classmethod
    def from_array(cls, values: Floats) -> "Estimate":
        """Of values (count,), at least two."""
        return cls(float(values.mean()), float(values.std(ddof=1) / math.sqrt(len(values))))


@dataclass(frozen=True)
class TextEstimates:
    """What texts of one length show, each measure averaged over the texts.

    Attributes:
        real_word_share: 0 to 1; None where words make no sense. See `text_statistics.real_word_share`.
        distinct_ngram_share: 0 to 1, lower where a text repeats itself. See `text_statistics.distinct_ngram_share`.
        longest_repeat: Characters of the longest run that stands in a text twice.
    """

    real_word_share: Estimate | None
    distinct_ngram_share: Estimate | None
    longest_repeat: Estimate | None

    @classmethod
    def from_texts(cls, texts: Sequence[str]) -> "TextEstimates":
        """Measures texts, at least two; pieces of the corpus make a line to compare with."""
        return cls(
            Estimate.from_values(map(real_word_share, texts)),
            Estimate.from_values(map(distinct_ngram_share, texts)),
            Estimate.from_values(len(longest_repeat(text)) for text in texts),
        )


@dataclass(frozen=True)
class SweepPoint:
    """What a model writes at one temperature.

    Attributes:
        temperature: That temperature.
        texts: What was written, one text a stream, all of one length.
        entropy_bits: Bits per character of the distributions that were drawn from.
        bits_per_character: What the texts cost under the model itself at temperature 1: -log2 p(character).
        measures: Of the texts.
    """

    temperature: float
    texts: tuple[str, ...]
    entropy_bits: Estimate
    bits_per_character: Estimate
    measures: TextEstimates


def sweep(
    model: Model,
    temperatures: Sequence[float],
    characters_each: int = 10_000,
    streams: int = 40,
    rng: np.random.Generator | None = None,
    seed_text: str = "",
) -> Iterator[SweepPoint]:
    """Yields a point a temperature, as soon as it is measured, in the order given.

    All streams go on from the same seed text, each with random numbers of its own, the same ones at each temperature,
    so that two points differ in nothing else. At temperature 0 all streams are the same text and the error is 0. The
    share of distinct runs and the longest repeat depend on the length of a stream: 250 characters by default, long
    enough for a loop of any period seen in greedy text (about 35) to come seven times.

    Args:
        model: Not changed.
        temperatures: Each finite and >= 0.
        characters_each: Characters a temperature, over all streams; rounded up to whole streams.
        streams: How many texts a temperature, at least 2; the error bands come from their differences.
        rng: Source of the random numbers, left as it is; None for a fresh one.
        seed_text: Read by every stream first; unknown characters are lower-cased or skipped.

    Raises:
        ValueError: An argument is out of its range; raised at the call, before the first point.
        UnknownCharactersError: The model knows no character of a seed text that is not empty.
    """
    if not 2 <= streams <= STREAMS_LIMIT:
        raise ValueError(f"`streams` must be from 2 to {STREAMS_LIMIT:,}, got {streams}. Try 40.")
    if not streams <= characters_each <= CHARACTERS_LIMIT:
        raise ValueError(
            f"`characters_each` must be from {streams} (one a stream) to {CHARACTERS_LIMIT:,}, got {characters_each}. "
            "Try 10,000."
        )
    model.vocab.normalize(seed_text)
    samplers = [Sampler(float(temperature)) for temperature in temperatures]
    rng, length = rng or np.random.default_rng(), math.ceil(characters_each / streams)
    return (_measure(Writer(model, seed_text, deepcopy(rng), streams, None, True), s, length) for s in samplers)


def _measure(writer: Writer, sampler: Sampler, length: int) -> SweepPoint:
    entropies, costs, chars = [], [], []
    for draw in writer.draws(sampler, length):
        entropies.append(entropy_bits(draw.probabilities))
        costs.append(surprisal_bits(draw.logits, draw.ids))
        chars.append(draw.chars)
    texts = tuple(map("".join, zip(*chars, strict=True)))
    return SweepPoint(
        sampler.temperatures[0],
        texts,
        Estimate.from_array(np.mean(entropies, axis=0)),
        Estimate.from_array(np.mean(costs, axis=0)),
        TextEstimates.from_texts(texts),
    )
