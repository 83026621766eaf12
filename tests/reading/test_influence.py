"""Influence of earlier characters: networks in which it is known by hand, and reading the text again without one."""

import math

import numpy as np
import pytest
from small_models import hand_made

from charlstm.network.lstm import DenseWeights, LSTMWeights, Network
from charlstm.network.model_file import Model
from charlstm.reading.influence import REACH, influence
from charlstm.reading.text_score import score_text
from charlstm.text.vocab import Vocab


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def test_in_a_network_that_forgets_only_the_last_character_counts():
    model = hand_made("ab", adds={"a": 0.5}, keeps=False, logits={"b": 4})
    found = influence(model, "abab" + "ba" + "b", 6)
    with_a, without = sigmoid(4 * math.tanh(0.5)), 0.5
    assert found.start == 0
    assert found.probability == pytest.approx(with_a, rel=1e-5)
    np.testing.assert_allclose(found.without, [with_a] * 5 + [without], rtol=1e-5)
    np.testing.assert_allclose(found.bits, [0] * 5 + [math.log2(with_a / without)], atol=1e-5)


def test_in_a_network_that_counts_each_of_what_it_counts_has_the_same_influence_and_all_else_none():
    model = hand_made("ab ", adds={"a": 0.5}, keeps=True, logits={"b": 3, "a": -3})
    found = influence(model, "a ba b", 5)

    def p(count: int) -> float:
        gain = math.exp(3 * math.tanh(0.5 * count))
        return gain / (gain + 1 / gain + 1)

    assert found.probability == pytest.approx(p(2), rel=1e-5)
    np.testing.assert_allclose(found.without, [p(1), p(2), p(2), p(1), p(2)], rtol=1e-5)
    np.testing.assert_allclose(found.bits, np.log2(p(2) / found.without), atol=1e-5)


def test_what_makes_a_character_less_likely_is_below_zero():
    model = hand_made("ab", adds={"a": 0.5}, keeps=True, logits={"b": -2})
    assert influence(model, "ab", 1).bits == pytest.approx([math.log2(sigmoid(-2 * math.tanh(0.5)) / 0.5)], abs=1e-5)


def deep_model() -> Model:
    """Two layers behind an embedding, with a dense layer after each."""
    rng = np.random.default_rng(4)

    def weights(*shape: int) -> np.ndarray:
        return rng.normal(0, 0.8, shape).astype(np.float32)

    layers = [
        LSTMWeights(weights(3, 20), weights(5, 20), weights(20)),
        LSTMWeights(weights(6, 16), weights(4, 16), weights(16)),
    ]
    between = [[DenseWeights(weights(5, 6), weights(6), "tanh")], [DenseWeights(weights(4, 4), weights(4), "relu")]]
    return Model(Network(weights(10, 3), layers, weights(4, 10), weights(10), between), Vocab("\n abcdefgh"))


@pytest.mark.parametrize("make", ["one layer", "deep"])
def test_leaving_out_is_reading_the_text_again_without_it(tiny_model, make):
    model = tiny_model if make == "one layer" else deep_model()
    text = "".join(np.random.default_rng(2).choice(list(model.vocab.chars), REACH + 20))
    position = len(text) - 1
    found = influence(model, text, position)
    assert (found.start, len(found.without)) == (position - REACH, REACH)
    assert found.probability == pytest.approx(2 ** -score_text(model, text).surprisal_bits[position], rel=1e-4)
    for place in (found.start, found.start + 31, position - 1):
        rest = text[:place] + text[place + 1 :]
        expected = 2 ** -score_text(model, rest).surprisal_bits[position - 1]
        assert found.without[place - found.start] == pytest.approx(expected, rel=1e-3)


def test_the_first_character_has_none_before_it(tiny_model):
    found = influence(tiny_model, "abc", 0)
    assert len(found.without) == len(found.bits) == 0
    assert found.probability == pytest.approx(2 ** -score_text(tiny_model, "abc").surprisal_bits[0], rel=1e-5)


@pytest.mark.parametrize("position", [-1, 3])
def test_a_place_that_is_none_is_an_error(tiny_model, position):
    with pytest.raises(ValueError, match="from 0 to 2"):
        influence(tiny_model, "abc", position)
