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
