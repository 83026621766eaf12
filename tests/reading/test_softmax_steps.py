"""The softmax taken apart: numbers known by hand."""

import math

import numpy as np
import pytest

from charlstm.reading.softmax_steps import softmax_steps

LOGITS = np.log([3.0, 1.0, 0.5, 9.0]) + 2  # so that the probabilities are known


@pytest.mark.parametrize(
    ("temperature", "weights"), [(1, [9, 3, 1, 0.5]), (0.5, [81, 9, 1, 0.25]), (2, [3, 3**0.5, 1, 0.5**0.5])]
)
def test_each_step_is_what_one_gets_by_hand(temperature, weights):
    steps = softmax_steps(LOGITS, temperature, 2)
    assert steps.ids.tolist() == [3, 0]
    np.testing.assert_allclose(steps.logits, [math.log(9) + 2, math.log(3) + 2])
    np.testing.assert_allclose(steps.divided, steps.logits / temperature)
    np.testing.assert_allclose(steps.own, [9 / 13.5, 3 / 13.5])
    np.testing.assert_allclose(steps.probabilities, np.array(weights[:2]) / sum(weights))
    np.testing.assert_allclose(steps.rest, [1.5 / 13.5, sum(weights[2:]) / sum(weights)])


def test_at_zero_the_likeliest_has_all_and_nothing_can_be_divided():
    steps = softmax_steps(LOGITS, 0, 9)
    assert steps.ids.tolist() == [3, 0, 1, 2]
    assert steps.probabilities.tolist() == [1, 0, 0, 0]
    assert not np.isfinite(steps.divided).any()
    assert steps.rest == (pytest.approx(0, abs=1e-12), 0)
