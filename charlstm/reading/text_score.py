"""Reading a text with a model's eyes: what it expected at each place, and why a character was taken.

Knows models and samplers, nothing of colours, charts or screens.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from charlstm.errors import UnknownCharactersError
from charlstm.network.lstm import Float32s, Floats
from charlstm.network.metrics import bits, entropy_bits, surprisals
from charlstm.network.model_file import Model
from charlstm.text.vocab import Ids, NormalizedText, Vocab
from charlstm.writing.sampling import Sampler, likeliest_first

Parts = tuple[npt.NDArray[Any], ...]  # arrays of a stretch of the text, in the order of `TextScore`
READ_LIMIT = 100_000  # characters of a text
ROWS_AT_ONCE = 512  # positions whose distributions are held at once


@dataclass(frozen=True)
class TextScore:
    """What a model expected at each of the characters of a text.

    Attributes:
        normalized: The text as the model can read it; position i below is `normalized.text[i]`.
        temperature: At which the numbers hold.
        vocab: Of the model.
        surprisal_bits: -log2 p(character | all before it), float64 (length,); infinite where p is 0.
        rank: Place of the character among all, 1 for the likeliest, int32 (length,). The same at all temperatures.
        entropy_bits: Of the distribution, float64 (length,): the surprise to be expected.
        top_ids: The likeliest ids from the first on, int32 (length, top).
        top_probabilities: Theirs, float32 (length, top).
    """

    normalized: NormalizedText
    temperature: float
    vocab: Vocab
    surprisal_bits: Floats
    rank: Ids
    entropy_bits: Floats
    top_ids: Ids
    top_probabilities: Float32s

    @property
    def bits_per_character(self) -> float:
        """The mean surprise; 2 to its power is the perplexity. NaN for an empty text."""
        return float(self.surprisal_bits.mean()) if len(self.surprisal_bits) else float("nan")

    def alternatives(self, position: int) -> list[tuple[str, float]]:
        """(character, probability) of the likeliest characters at a position, from the first on."""
        ids, probabilities = self.top_ids[position], self.top_probabilities[position]
        return [(self.vocab.chars[id], p) for id, p in zip(ids.tolist(), probabilities.tolist(), strict=True)]

    def most_surprising(self, count: int = 5) -> list[int]:
        """The positions of the largest surprisals, the largest first; the earlier one of equals."""
        places: list[int] = np.argsort(-self.surprisal_bits, kind="stable")[:count].tolist()
        return places


def score_text(model: Model, text: str, temperature: float = 1.0, top: int = 5, seed_text: str = "") -> TextScore:
    """Reads a text from the empty state, or on from a seed text, and keeps what was expected at each character.

    Args:
        model: Not changed.
        text: Any text of at most 100,000 characters; unknown characters are lower-cased or skipped, as
            `normalized` tells.
        temperature: Of the distributions, finite and >= 0.
        top: How many of the likeliest characters to keep, at least 1; all if the model has fewer.
        seed_text: Read before the text and not reported; what the text was written on from.

    Raises:
        ValueError: An argument is out of its range.
        UnknownCharactersError: The model knows no character of `text` or of `seed_text`, where these are not empty.
    """
    if len(text) > READ_LIMIT:
        raise ValueError(f"The text must have at most {READ_LIMIT:,} characters, got {len(text):,}. Shorten it.")
    if top < 1:
        raise ValueError(f"`top` must be at least 1, got {top}. Use 5.")
    sampler, vocab = Sampler(float(temperature)), model.vocab
    normalized = vocab.normalize(text)
    seed_ids, ids = vocab.encode(vocab.normalize(seed_text).text), vocab.encode(normalized.text)
    top = min(top, len(vocab))
    parts = [_read_some(np.empty((0, len(vocab))), ids[:0], sampler, top)]
    for first, logits in model.network.read_logits(np.concatenate([seed_ids, ids])):
        for start in range(max(0, len(seed_ids) - first), len(logits), ROWS_AT_ONCE):
            some = logits[start : start + ROWS_AT_ONCE]
            position = first + start - len(seed_ids)
            parts.append(_read_some(some, ids[position : position + len(some)], sampler, top))
    return TextScore(normalized, temperature, vocab, *map(np.concatenate, zip(*parts, strict=True)))


def evaluate(model: Model, text: str) -> dict[str, float]:
    """How well a model predicts a text, state carried from its first character to its last.

    Characters the model does not know are lower-cased or skipped (`Vocab.normalize`).

    Returns:
        `characters`, `nats_per_character`, `bits_per_character`, and `perplexity` = e to the nats per character.

    Raises:
        UnknownCharactersError: Nothing of the text is left to predict.
    """
    ids = model.vocab.encode(model.vocab.normalize(text).text)
    if not len(ids):
        raise UnknownCharactersError("There is no character to predict in an empty text. Give at least one.")
    nats = float(surprisals(model.network, ids).mean())
    return {
        "characters": len(ids),
        "nats_per_character": nats,
        "bits_per_character": bits(nats),
        "perplexity": math.exp(nats) if nats < 700 else math.inf,  # e to the 710 is more than a float holds
    }


def _read_some(logits: Floats, ids: Ids, sampler: Sampler, top: int) -> Parts:
    """(surprisal_bits, rank, entropy_bits, top_ids, top_probabilities) of logits (some, vocab_size), ids (some,)."""
    probabilities = sampler.probabilities(logits)
    top_ids = _likeliest(logits, top)
    return (
        surprisal_bits(logits, ids, sampler.temperatures[0]),
        rank(logits, ids),
        entropy_bits(probabilities),
        top_ids,
        np.take_along_axis(probabilities, top_ids, axis=-1).astype(np.float32),
    )


def surprisal_bits(logits: Floats, ids: Ids, temperature: float = 1.0) -> Floats:
    """-log2 p of ids (some,) under softmax(logits / temperature), logits (some, vocab_size); at 0, 0 or infinite."""
    shifted: Floats = logits - logits.max(axis=-1, keepdims=True)
    if temperature == 0:
        return np.where(ids == logits.argmax(axis=-1), 0.0, np.inf)
    with np.errstate(over="ignore"):  # a temperature of 1e-300 is greedy too
        shifted = shifted / temperature
    total: Floats = np.exp(shifted).sum(axis=-1)
    return (np.log(total) - shifted[np.arange(len(ids)), ids]) / math.log(2)


def rank(logits: Floats, ids: Ids) -> Ids:
    """Places of ids (some,) by falling logits (some, vocab_size), 1 for the first; of equals the lower id is first."""
    own = logits[np.arange(len(ids)), ids][:, None]
    before = np.arange(logits.shape[-1]) < ids[:, None]
    ranks: Ids = 1 + ((logits > own) | (logits == own) & before).sum(axis=-1, dtype=np.int32)
    return ranks


def _likeliest(logits: Floats, top: int) -> Ids:
    """Ids (some, top) by falling logits (some, vocab_size), equals by rising id; far cheaper than sorting them all."""
    left, rows = logits.copy(), np.arange(len(logits))
    found = np.empty((len(logits), top), np.int32)
    for place in range(top):
        found[:, place] = left.argmax(axis=-1)
        left[rows, found[:, place]] = -np.inf
    return found


@dataclass(frozen=True)
class CumulativeBar:
    """A distribution as one stacked bar, the likeliest character first, with the random number as a line across it.

    Attributes:
        temperature: Of the distribution.
        ids: By falling probability, (vocab_size,).
        probabilities: Of `ids`, (vocab_size,).
        edges: Where the pieces begin and end, from 0 to 1, (vocab_size + 1,): piece i is edges[i] to edges[i + 1].
        u: The random number in [0, 1).
        drawn: Which piece `u` falls on; `ids[drawn]` is the character it takes.
    """

    temperature: float
    ids: Ids
    probabilities: Floats
    edges: Floats
    u: float
    drawn: int

    @classmethod
    def from_logits(cls, logits: Floats, sampler: Sampler, u: float) -> "CumulativeBar":
        """Of logits (vocab_size,), cut at the same places as `sampling.draw` cuts."""
        probabilities = sampler.probabilities(logits)
        ids = likeliest_first(probabilities)
        cumulative = probabilities[ids].cumsum()
        drawn = int((cumulative <= u * cumulative[-1]).sum())
        edges = np.concatenate([[0.0], cumulative / cumulative[-1]])
        return cls(sampler.temperatures[0], ids, probabilities[ids], edges, u, drawn)


@dataclass(frozen=True)
class DrawExplanation:
    """Why a character was taken.

    Attributes:
        id: The character's.
        rank: Its place by probability, 1 for the likeliest of all.
        surprisal_bits: -log2 of its raw probability, as the model gave it (temperature 1, nothing cut off).
        bar: What was drawn from.
        raw_bar: The same random number on the raw distribution: what temperature 1 would have taken.
    """

    id: int
    rank: int
    surprisal_bits: float
    bar: CumulativeBar
    raw_bar: CumulativeBar


def explain_draw(logits: Floats, sampler: Sampler, u: float, id: int) -> DrawExplanation:
    """Takes one draw apart.

    Args:
        logits: What the network said, (vocab_size,).
        sampler: With one temperature; its truncation is in the bar too.
        u: The random number of the draw, in [0, 1).
        id: What was taken: what was drawn, or what a person put in its place.
    """
    row, ids = logits[None], np.array([id])
    return DrawExplanation(
        id,
        int(rank(row, ids)[0]),
        float(surprisal_bits(row, ids)[0]),
        CumulativeBar.from_logits(logits, sampler, u),
        CumulativeBar.from_logits(logits, Sampler(1.0), u),
    )
