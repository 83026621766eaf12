"""Real text at each temperature: a network whose cost is known by hand, and the sums written out."""

import math

import numpy as np
import pytest
from small_models import hand_made, random_model

from charlstm.network.metrics import softmax
from charlstm.reading.calibration import READ, SHORTEST, STRETCHES, WARM_UP, fit_temperatures


def sure(gain: float):
    """A network that expects a b after an a, and an a after a b, with a probability of sigmoid(gain)."""
    return hand_made("ab", adds={"a": 0.5, "b": -0.5}, keeps=False, logits={"b": gain / math.tanh(0.5), "a": 0})


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_cost_and_entropy_are_what_one_gets_by_hand(temperature):
    text = "ab" * SHORTEST
    (fit,) = fit_temperatures(sure(3.0), text, [temperature])
    p = 1 / (1 + math.exp(-3 / temperature))
    assert fit.cost_bits == pytest.approx(-math.log2(p), rel=1e-5)
    assert fit.entropy_bits == pytest.approx(-p * math.log2(p) - (1 - p) * math.log2(1 - p), rel=1e-5)


def test_a_calibrated_model_is_best_at_one_and_an_overconfident_one_above():
    rng = np.random.default_rng(0)
    p = 0.8  # with which the text goes on as the network expects
    text = "a"
    while len(text) < READ:
        text += ("b" if text[-1] == "a" else "a") if rng.random() < p else text[-1]
    logit = math.log(p / (1 - p))
    for gain, best in ((logit, 1.0), (2 * logit, 2.0), (0.5 * logit, 0.5)):
        fits = fit_temperatures(sure(gain), text, [0.5, 0.7, 1.0, 1.4, 2.0])
        cheapest = min(fits, key=lambda fit: fit.cost_bits)
        assert cheapest.temperature == best
        assert cheapest.cost_bits == pytest.approx(cheapest.entropy_bits, abs=0.03)


def test_it_is_the_mean_over_all_stretches_but_their_beginnings():
    model = random_model()
    text = "".join(np.random.default_rng(3).choice(list(model.vocab.chars), SHORTEST + 5))
    (fit,) = fit_temperatures(model, text, [1.3])
    length, costs = len(text) // STRETCHES, []
    for row in range(STRETCHES):
        ids = model.vocab.encode(text[row * length : (row + 1) * length])
        logits = np.concatenate([part for _, part in model.network.read_logits(ids)])
        costs += (-np.log2(softmax(logits / 1.3)[range(length), ids]))[WARM_UP:].tolist()
    assert fit.cost_bits == pytest.approx(np.mean(costs), rel=1e-5)


@pytest.mark.parametrize(
    ("text", "temperatures"), [("ab", [1.0]), ("ab" * SHORTEST, [0.0]), ("ab" * SHORTEST, [np.nan])]
)
def test_what_cannot_be_measured_is_an_error(text, temperatures):
    with pytest.raises(ValueError, match="must"):
        fit_temperatures(sure(1.0), text, temperatures)
