import math

import numpy as np
import pytest
from small_models import random_model

from charlstm.errors import UnknownCharactersError
from charlstm.network.metrics import bits, effective_choices, entropy_bits, evaluate, softmax, surprisals


@pytest.mark.parametrize(
    ("probabilities", "expected"),
    [
        ([1.0, 0.0, 0.0], 0.0),
        ([0.5, 0.5], 1.0),
        ([0.25] * 4, 2.0),
        ([0.5, 0.25, 0.25, 0.0], 1.5),
        ([1 / 57] * 57, math.log2(57)),
    ],
)
def test_entropy_in_bits(probabilities, expected):
    assert entropy_bits(np.array(probabilities)) == pytest.approx(expected)
    assert effective_choices(np.array(probabilities)) == pytest.approx(2**expected)


def test_a_sure_thing_has_an_entropy_of_zero_and_not_minus_zero():
    assert str(entropy_bits(np.array([0.0, 1.0]))) == "0.0"


def test_entropy_is_per_row():
    rows = np.array([[1.0, 0.0], [0.5, 0.5]])
    assert entropy_bits(rows).tolist() == [0.0, 1.0]


def test_bits_of_nats():
    assert bits(math.log(2)) == 1.0
    assert bits(math.log(57)) == pytest.approx(math.log2(57))


def test_a_uniform_network_needs_log2_of_the_vocabulary():
    model = random_model(scale=0.0)
    score = evaluate(model, "abcabc abc\n")
    assert score["characters"] == 11
    assert score["bits_per_character"] == pytest.approx(math.log2(len(model.vocab)))
    assert score["perplexity"] == pytest.approx(len(model.vocab))


def test_surprisals_are_those_of_each_character_given_all_before_it(tiny_model):
    network, ids = tiny_model.network, tiny_model.vocab.encode("abc def")
    expected = []
    for position, id in enumerate(ids):
        before = network.read(ids[:position])
        expected.append(-math.log(softmax(network.logits(before[-1].hidden))[0, id]))
    np.testing.assert_allclose(surprisals(network, ids), expected, rtol=1e-5)


def test_the_four_figures_say_the_same(tiny_model):
    score = evaluate(tiny_model, "abc def gh")
    assert set(score) == {"characters", "nats_per_character", "bits_per_character", "perplexity"}
    assert score["bits_per_character"] == pytest.approx(score["nats_per_character"] / math.log(2))
    assert score["perplexity"] == pytest.approx(math.exp(score["nats_per_character"]))


def test_evaluating_lowers_and_skips_like_a_seed_text(tiny_model):
    assert evaluate(tiny_model, "AB😀c") == evaluate(tiny_model, "abc")


def test_a_hopeless_model_has_an_infinite_perplexity():
    assert evaluate(random_model(scale=1e5), "abcabc")["perplexity"] == math.inf


@pytest.mark.parametrize(("text", "message"), [("", "Give at least one"), ("😀", "knows none of the characters")])
def test_a_text_with_nothing_to_predict_is_refused(tiny_model, text, message):
    with pytest.raises(UnknownCharactersError, match=message):
        evaluate(tiny_model, text)
