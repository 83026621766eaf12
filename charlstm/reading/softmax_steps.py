"""From logits to probabilities in steps that one can follow: logit, divided by the temperature, softmax."""

from dataclasses import dataclass

import numpy as np

from charlstm.network.lstm import Floats
from charlstm.network.metrics import softmax
from charlstm.text.vocab import Ids
from charlstm.writing.sampling import Sampler, likeliest_first


@dataclass(frozen=True)
class SoftmaxSteps:
    """The likeliest characters on their way from logit to probability.

    Attributes:
        ids: The likeliest first, (count,); the same order at any temperature.
        logits: What the network said, (count,).
        divided: logit / temperature, (count,); infinite at temperature 0, but for a logit of 0.
        own: exp(logit) over the sum of all, the network's own probability, (count,).
        probabilities: exp(divided) over the sum of all, (count,); at temperature 0 the likeliest has 1.
        rest: What own and probabilities leave to all others.
    """

    ids: Ids
    logits: Floats
    divided: Floats
    own: Floats
    probabilities: Floats
    rest: tuple[float, float]


def softmax_steps(logits: Floats, temperature: float, count: int = 8) -> SoftmaxSteps:
    """Takes the softmax of logits (vocab_size,) apart.

    Args:
        logits: Of all characters.
        temperature: Finite and >= 0.
        count: How many characters; all where there are fewer.
    """
    ids = likeliest_first(logits)[:count]
    own, probabilities = softmax(logits)[ids], Sampler(temperature).probabilities(logits)[ids]
    with np.errstate(divide="ignore", invalid="ignore"):
        divided = logits[ids] / temperature
    rest = max(0.0, 1 - float(own.sum())), max(0.0, 1 - float(probabilities.sum()))
    return SoftmaxSteps(ids, logits[ids], divided, own, probabilities, rest)
