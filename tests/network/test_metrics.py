import math

import numpy as np
import pytest

from charlstm.network.metrics import bits, entropy_bits, softmax, surprisals


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


def test_a_sure_thing_has_an_entropy_of_zero_and_not_minus_zero():
    assert str(entropy_bits(np.array([0.0, 1.0]))) == "0.0"


def test_entropy_is_per_row():
    rows = np.array([[1.0, 0.0], [0.5, 0.5]])
    assert entropy_bits(rows).tolist() == [0.0, 1.0]


def test_bits_of_nats():
    assert bits(math.log(2)) == 1.0
    assert bits(math.log(57)) == pytest.approx(math.log2(57))


def test_surprisals_are_those_of_each_character_given_all_before_it(tiny_model):
    network, ids = tiny_model.network, tiny_model.vocab.encode("abc def")
    expected = []
    for position, id in enumerate(ids):
        before = network.read(ids[:position])
        expected.append(-math.log(softmax(network.logits(before[-1].hidden))[0, id]))
    np.testing.assert_allclose(surprisals(network, ids), expected, rtol=1e-5)
