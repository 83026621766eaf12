"""Models side by side write what each writes alone."""

import numpy as np
import pytest
from small_models import random_model

from charlstm.network.counting import CountingNetwork, RunCounts
from charlstm.network.lstm import LSTMWeights, Network
from charlstm.network.model_file import Model
from charlstm.network.side_by_side import side_by_side
from charlstm.text.vocab import Vocab
from charlstm.writing.generation import Writer
from charlstm.writing.live_text import LiveText
from charlstm.writing.sampling import Sampler


def two_layers() -> Model:
    """Of 5 and 7 units, over characters that the others have in part."""
    rng, chars = np.random.default_rng(5), "cba xyz"

    def weights(*shape: int) -> np.ndarray:
        return rng.normal(0, 1, shape).astype(np.float32)

    layers = [
        LSTMWeights(weights(rows, 4 * units), weights(units, 4 * units), weights(4 * units))
        for rows, units in ((7, 5), (5, 7))
    ]
    return Model(Network(None, layers, weights(7, 7), weights(7)), Vocab(chars))


def counting() -> Model:
    vocab = Vocab("abc ")
    return Model(CountingNetwork(RunCounts(vocab.encode("abc cab bca abba"), 4), 3), vocab)


MODELS = (random_model("\n abcdefgh"), two_layers(), counting(), random_model("abc AB", 4, rng_seed=3))


@pytest.mark.parametrize("context", [None, 1, 4])
def test_each_row_writes_what_its_model_writes_alone(context):
    joined = side_by_side(MODELS)
    sampler = Sampler((0.5, 1.0, 1.3, 0.0))
    together = Writer(joined, "abc a", np.random.default_rng(7), len(MODELS), context)
    texts = [""] * len(MODELS)
    for draw in together.draws(sampler, 60):
        texts = [text + char for text, char in zip(texts, draw.chars, strict=True)]
        assert [set(joined.vocab.decode(np.flatnonzero(np.isfinite(row)))) for row in draw.logits] == [
            set(model.vocab.chars) for model in MODELS
        ]
    for row, model in enumerate(MODELS):
        alone = Writer(model, "abc a", np.random.default_rng(7), context=context)
        assert alone.write_texts(sampler.of_row(row), 60) == [texts[row]]


def test_a_row_reads_what_its_model_does_not_know_in_lower_case_or_not_at_all():
    joined = side_by_side(MODELS)
    assert set(joined.vocab.chars) == set("\n abcdefghxyzAB")
    together = Writer(joined, "xaAgB", rows=len(MODELS))
    for row, (model, read) in enumerate(zip(MODELS, ("aagb", "xaab", "aab", "aAB"), strict=True)):
        alone = Writer(model, read)
        ids = joined.vocab.encode(model.vocab.chars)
        np.testing.assert_allclose(together.logits[row, ids], alone.logits[0], rtol=1e-5)


def test_a_live_text_of_several_models_goes_on_as_it_was_cut():
    live = LiveText(side_by_side(MODELS), "ab", 3, rows=len(MODELS))
    live.target = 30
    live.write(Sampler(0.9), 30)
    texts = [live.row_text(row) for row in range(4)]
    live.cut(12)
    live.write(Sampler(0.9), 30)
    assert [live.row_text(row) for row in range(4)] == texts


def test_one_model_in_all_rows_is_that_model(tiny_model):
    assert side_by_side([tiny_model, tiny_model]) is tiny_model


def test_joined_models_are_equal_if_all_of_them_are():
    assert side_by_side(MODELS) == side_by_side(MODELS)
    assert hash(side_by_side(MODELS).network) == hash(side_by_side(MODELS).network)
    assert side_by_side(MODELS) != side_by_side(MODELS[::-1])
    assert side_by_side(MODELS[:2]) != MODELS[0]
    assert side_by_side(MODELS).network.parameters == sum(model.network.parameters for model in MODELS)
