import math

import numpy as np
import pytest

from charlstm.training.divergence import DivergenceDetector


def complaints(losses) -> list[str]:
    guard = DivergenceDetector()
    return [complaint for loss in losses if (complaint := guard.check(loss))]


@pytest.mark.parametrize(
    "losses",
    [
        np.linspace(4.0, 1.3, 500),
        1.5 + 0.4 * np.random.default_rng(0).standard_normal(2000),  # short batches differ a good deal
        [0.8, 2.0, 1.5, 1.4, 1.6],
        [4.0, 4.9, 3.5, 3.0],
    ],
    ids=["falls", "noise", "a lucky first batch", "a bump at the start"],
)
def test_ordinary_losses_pass(losses):
    assert complaints(losses) == []


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_not_finite_is_found_at_once(loss):
    guard = DivergenceDetector()
    assert guard.check(1.3) is None
    assert "not a finite number" in guard.check(loss)


def test_the_collapse_of_the_notebook_is_found():
    assert "rose from 1.30 to" in complaints([1.30] * 500 + [1.6] * 100 + [4.73] * 20)[0]


def test_the_best_so_far_counts_after_a_roll_back():
    guard = DivergenceDetector()
    assert guard.check(1.3) is None
    assert guard.check(9.0)
    guard.forget()
    assert guard.check(1.4) is None
    guard.forget()
    assert guard.check(3.0)
