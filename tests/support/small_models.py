"""Small random models for tests: a few units, their own alphabet, made in a millisecond."""

import numpy as np

from charlstm.network.lstm import LSTMWeights, Network
from charlstm.network.model_file import Model
from charlstm.text.vocab import Vocab


def random_model(chars: str = "\n abcdefgh", units: int = 12, rng_seed: int = 0, scale: float = 1.0) -> Model:
    """A model whose weights are random numbers around 0; a `scale` of 0 gives the uniform distribution."""
    rng = np.random.default_rng(rng_seed)
    vocab_size = len(chars)

    def weights(*shape: int) -> np.ndarray:
        return rng.normal(0, scale, shape).astype(np.float32)

    layer = LSTMWeights(weights(vocab_size, 4 * units), weights(units, 4 * units), weights(4 * units))
    return Model(Network(None, [layer], weights(units, vocab_size), weights(vocab_size)), Vocab(chars))


def hand_made(
    chars: str, adds: dict[str, float], keeps: bool, cells: int = 1, at: int = 0, logits: dict[str, float] | None = None
) -> Model:
    """A model of which all is known: one cell adds an amount a character, the others stay 0.

    Args:
        chars: The vocabulary.
        adds: What each character adds, 0 for those left out; at most 1 in size.
        keeps: Whether the cell keeps what was there before; else it forgets it.
        cells: How many.
        at: Which one of them adds.
        logits: What a hidden value of 1 gives to each character; the hidden value is the tanh of the cell.
    """
    kernel, bias = np.zeros((len(chars), 4, cells), np.float32), np.zeros((4, cells), np.float32)
    bias[0] = bias[3] = 50  # gates i and o are open
    bias[1] = 50 if keeps else -50
    for char, amount in adds.items():
        kernel[chars.index(char), 2, at] = np.arctanh(min(amount, 1 - 1e-7))
    dense = np.zeros((cells, len(chars)), np.float32)
    for char, gain in (logits or {}).items():
        dense[at, chars.index(char)] = gain
    layer = LSTMWeights(kernel.reshape(len(chars), -1), np.zeros((cells, 4 * cells), np.float32), bias.ravel())
    return Model(Network(None, [layer], dense, np.zeros(len(chars), np.float32)), Vocab(chars))
