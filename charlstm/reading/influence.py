"""Which earlier characters made a network expect this one: each is left out in turn, and the rest is read again.

Leaving out is one way to say it (occlusion; Zeiler & Fergus 2014, Li, Monroe & Jurafsky 2016): exact for the question
"what if this character had not been there?", at the price that all before it move one place nearer. Knows models, no
screens.
"""

from dataclasses import dataclass

import numpy as np

from charlstm.network.lstm import Floats, LayerState
from charlstm.network.metrics import bits, log_softmax
from charlstm.network.model_file import Model

REACH = 60  # characters before the one that is asked about


@dataclass(frozen=True)
class Influence:
    """What the characters before one did for its probability.

    Attributes:
        start: Position of the first one that was left out; the others follow up to the one that is asked about.
        probability: Of the character, with all that stands before it.
        without: Of the same with each of them left out, (count,).
        bits: log2(probability / without): by how much each made the character likelier, or below 0 less likely.
    """

    start: int
    probability: float
    without: Floats
    bits: Floats


def influence(model: Model, text: str, position: int, reach: int = REACH) -> Influence:
    """Asks which of the characters before a position made its character likely.

    Args:
        model: Not changed; it reads the text from the empty state, at temperature 1.
        text: In the model's characters.
        position: Of the character that is asked about.
        reach: How many of those before it are left out in turn, at most.

    Raises:
        ValueError: There is no such position.
        UnknownCharactersError: `text` has other characters than the model's.
    """
    if not 0 <= position < len(text):
        raise ValueError(f"`position` must be from 0 to {len(text) - 1}, got {position}.")
    ids = model.vocab.encode(text[: position + 1])
    start = max(0, position - reach)
    states = model.network.read(ids[:start])
    for id in ids[start:position]:
        before = states
        states = model.network.step(np.full(len(states[0].hidden), id), states)
        # The row of the whole text is the first; what it was before this character is the row that leaves it out.
        states = tuple(
            LayerState(*(np.concatenate([now, was[:1]]) for now, was in zip(layer, former, strict=True)))
            for layer, former in zip(states, before, strict=True)
        )
    nats = log_softmax(model.network.logits(states[-1].hidden))[:, ids[position]]
    chances = np.exp(nats)
    gained: Floats = bits(1.0) * (nats[0] - nats[1:])
    return Influence(start, float(chances[0]), chances[1:], gained)
