"""A written text read again: what each of its characters was drawn from.

A text in progress keeps its characters, their settings and their random numbers; the distributions are made again from
the model when someone asks. Knows models and texts, nothing of screens.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from charlstm.errors import UnknownCharactersError
from charlstm.network.lstm import Float32s, Floats
from charlstm.network.metrics import entropy_bits, softmax
from charlstm.network.model_file import Model
from charlstm.reading.text_score import DrawExplanation, Parts, TextScore, explain_draw, rank, surprisal_bits
from charlstm.text.vocab import Ids, NormalizedText, Vocab
from charlstm.writing.generation import Draw, SlidingWindowContext
from charlstm.writing.live_text import LiveText
from charlstm.writing.sampling import Sampler, likeliest_first

TOP = 8  # likeliest characters kept of each distribution
CHUNK = 512  # characters whose distributions are made at once


@dataclass(frozen=True)
class Replay:
    """What a model says of each character of a written text, and what that was drawn from.

    Attributes:
        score: With the model's own probabilities, as at temperature 1. Position i below is `score.normalized.text[i]`.
        places: Where each stands in the written text, int32 (length,); other than i only if the model that reads does
            not know all that another one wrote.
        drawn_entropy_bits: Of the distribution drawn from, after temperature and truncation, float64 (length,).
        drawn_probabilities: There, of the characters of `score.top_ids`, float32 (length, TOP).
        taken_probabilities: There, of the character that stands in the text, float64 (length,).
    """

    score: TextScore
    places: Ids
    drawn_entropy_bits: Floats
    drawn_probabilities: Float32s
    taken_probabilities: Floats

    @property
    def text(self) -> str:
        return self.score.normalized.text


def replay(model: Model, live: LiveText) -> Replay:
    """Reads the first row of a text again, from its seed text on.

    Args:
        model: Of the text, or another one that gives its own opinion of it.
        live: Not changed.

    Raises:
        UnknownCharactersError: The model knows nothing of the seed text.
    """
    places, normalized = _known(model.vocab, live.text)
    written = [live.written[place] for place in places]
    seed_ids, ids = _ids(model, live, normalized.text)
    parts = [_part(np.empty((0, len(model.vocab))), ids[:0], Sampler())]
    for first, logits in _expected(model, np.concatenate([seed_ids, ids]), live.context):
        position = first - len(seed_ids)
        some, start = logits[max(0, -position) :], max(0, position)
        for run, stop, sampler in _runs(written[start : start + len(some)], start):
            parts.append(_part(some[run - start : stop - start], ids[run:stop], sampler))
    surprisal, ranks, entropy, top_ids, top, *drawn = map(np.concatenate, zip(*parts, strict=True))
    score = TextScore(normalized, 1.0, model.vocab, surprisal, ranks, entropy, top_ids, top)
    return Replay(score, np.array(places, np.int32), *drawn)


def explain_taken(model: Model, live: LiveText, replayed: Replay, position: int) -> DrawExplanation:
    """Takes apart how the character at `position` of `replayed.text` was taken.

    Raises:
        UnknownCharactersError: The model knows nothing of the seed text.
    """
    seed_ids, ids = _ids(model, live, replayed.text[: position + 1])
    before = np.concatenate([seed_ids, ids[:-1]])
    seen = before if live.context is None else before[-live.context :]
    logits = model.network.logits(model.network.read(seen)[-1].hidden)[0]
    draw = live.written[replayed.places[position]]
    return explain_draw(logits, draw.sampler.of_row(0), draw.u, int(ids[-1]))


def _ids(model: Model, live: LiveText, text: str) -> tuple[Ids, Ids]:
    vocab = model.vocab
    return vocab.encode(vocab.normalize(live.seed.text).text), vocab.encode(text)


def _known(vocab: Vocab, text: str) -> tuple[list[int], NormalizedText]:
    """The places of the characters that a model can read, and what it reads there."""
    normalized = {char: _normalize_one(vocab, char) for char in set(text)}
    places = [place for place, char in enumerate(text) if normalized[char]]
    return places, vocab.normalize("".join(text[place] for place in places))


def _normalize_one(vocab: Vocab, char: str) -> str:
    try:
        return vocab.normalize(char).text
    except UnknownCharactersError:
        return ""


def _expected(model: Model, ids: Ids, context: int | None) -> Iterator[tuple[int, Floats]]:
    """As `Network.read_logits`, in the context that the text was written with."""
    if context is None:
        yield from model.network.read_logits(ids)
        return
    window = SlidingWindowContext(model.network, context)
    for first in range(0, len(ids), CHUNK):
        rows = []
        for id in ids[first : first + CHUNK]:
            rows.append(window.logits())
            window.read(np.array([id]))
        yield first, np.concatenate(rows)


def _runs(draws: list[Draw], start: int) -> Iterator[tuple[int, int, Sampler]]:
    """(first, stop, sampler) of each stretch, of at most CHUNK characters, drawn with the same settings."""
    settings = [(draw.sampler.of_row(0), index // CHUNK) for index, draw in enumerate(draws)]
    for (sampler, _), group in groupby(range(len(draws)), settings.__getitem__):
        first, *others = group
        yield start + first, start + first + 1 + len(others), sampler


def _part(logits: Floats, ids: Ids, sampler: Sampler) -> Parts:
    """The arrays of logits (some, vocab_size) and ids (some,), in the order of `TextScore`, then of `Replay`."""
    own, drawn = softmax(logits), sampler.probabilities(logits)
    top_ids = likeliest_first(own)[:, :TOP].astype(np.int32)
    return (
        surprisal_bits(logits, ids),
        rank(logits, ids),
        entropy_bits(own),
        top_ids,
        np.take_along_axis(own, top_ids, axis=-1).astype(np.float32),
        entropy_bits(drawn),
        np.take_along_axis(drawn, top_ids, axis=-1).astype(np.float32),
        drawn[np.arange(len(ids)), ids],
    )
