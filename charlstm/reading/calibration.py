"""How well a model expects real text at each temperature: what a character costs, and what it expects one to cost.

Cost is the cross-entropy, mean -log2 p_T(character), p_T being softmax(logits / T). At its best temperature the two are
equal, as the derivative of the cost by 1 / T is the difference between the logit to be expected and that of what comes;
a model that needs T > 1 there is overconfident (Guo et al. 2017). Knows models and texts, no screens.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from charlstm.network.metrics import entropy_bits, log_softmax
from charlstm.network.model_file import Model

READ = 20_000  # characters of a text, in stretches from all over it that are read side by side
STRETCHES = 16
WARM_UP = 50  # characters at the beginning of a stretch, read from the empty state: they do not count
SHORTEST = 1_600  # characters of a text that is read


@dataclass(frozen=True)
class Fit:
    """A model on real text at one temperature.

    Attributes:
        temperature: At which, above 0.
        cost_bits: Mean -log2 of the probability of what comes, bits per character.
        entropy_bits: Mean entropy of what the model expects: its cost if it were right.
    """

    temperature: float
    cost_bits: float
    entropy_bits: float


def fit_temperatures(model: Model, text: str, temperatures: Sequence[float]) -> list[Fit]:
    """What a text costs a model at each temperature.

    Args:
        model: Not changed.
        text: In the model's characters, at least `SHORTEST`; at most `READ` of them are read.
        temperatures: Each finite and above 0.

    Raises:
        ValueError: The text is too short, or a temperature out of its range.
    """
    if len(text) < SHORTEST:
        raise ValueError(f"The text must have at least {SHORTEST:,} characters, got {len(text):,}. Use a longer one.")
    if not all(0 < temperature < np.inf for temperature in temperatures):
        raise ValueError(f"`temperatures` must be finite and above 0, got {temperatures}. Leave out 0.")
    apart, length = len(text) // STRETCHES, min(len(text), READ) // STRETCHES
    ids = model.vocab.encode(text)[: STRETCHES * apart].reshape(STRETCHES, apart)[:, :length]
    state = model.network.initial_state(STRETCHES)
    sums, rows = np.zeros((len(temperatures), 2)), np.arange(STRETCHES)
    for place in range(length):
        if place >= WARM_UP:
            logits = model.network.logits(state[-1].hidden)
            for number, temperature in enumerate(temperatures):
                logs = log_softmax(logits / temperature)
                sums[number] += -logs[rows, ids[:, place]].sum() / np.log(2), entropy_bits(np.exp(logs)).sum()
        state = model.network.step(ids[:, place], state)
    means = sums / (STRETCHES * (length - WARM_UP))
    return [Fit(temperature, *pair) for temperature, pair in zip(temperatures, means.tolist(), strict=True)]
