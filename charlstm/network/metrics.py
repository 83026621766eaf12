"""Numbers about texts and distributions. Knows logits and probabilities, nothing of where they came from."""

import math

import numpy as np

from charlstm.network.lstm import Network


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Log-probabilities in nats over the last axis of logits (..., vocab_size)."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probabilities: np.ndarray = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return log_probabilities


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities over the last axis of logits (..., vocab_size)."""
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: np.ndarray = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return probabilities


def bits(nats: float) -> float:
    """Nats -> bits: a nat is 1 / ln 2 = 1.4427 bits."""
    return nats / math.log(2)


def entropy_bits(probabilities: np.ndarray) -> np.ndarray:
    """Shannon entropy -sum p log2 p of probabilities (..., vocab_size), in bits; 0 log 0 counts as 0."""
    logs = np.log2(probabilities, out=np.zeros_like(probabilities), where=probabilities > 0)
    entropy: np.ndarray = np.maximum(-(probabilities * logs).sum(axis=-1), 0.0)  # a sure thing gives 0, not -0
    return entropy


def effective_choices(probabilities: np.ndarray) -> np.ndarray:
    """2 to the entropy: how many equally likely characters would be as uncertain (perplexity of the distribution)."""
    return 2.0 ** entropy_bits(probabilities)


def surprisals(network: Network, ids: np.ndarray) -> np.ndarray:
    """Nats that each of ids (length,) cost, -ln p(id | all ids before it), the first one from the empty state.

    Args:
        network: Which reads them.
        ids: Integers, shape (length,).
    """
    nats = np.empty(len(ids))
    for first, logits in network.read_logits(ids):
        chosen = ids[first : first + len(logits), None]
        nats[first : first + len(logits)] = -np.take_along_axis(log_softmax(logits), chosen, axis=-1)[:, 0]
    return nats
