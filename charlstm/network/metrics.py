"""Numbers about texts and distributions. Knows logits and probabilities, nothing of where they came from."""

import math

import numpy as np

from charlstm.network.lstm import Floats, Network
from charlstm.text.vocab import Ids


def log_softmax(logits: Floats) -> Floats:
    """Log-probabilities in nats over the last axis of logits (..., vocab_size)."""
    shifted: Floats = logits - logits.max(axis=-1, keepdims=True)
    total: Floats = np.exp(shifted).sum(axis=-1, keepdims=True)
    return shifted - np.log(total)


def softmax(logits: Floats) -> Floats:
    """Probabilities over the last axis of logits (..., vocab_size)."""
    exponentials: Floats = np.exp(logits - logits.max(axis=-1, keepdims=True))
    total: Floats = exponentials.sum(axis=-1, keepdims=True)
    return exponentials / total


def bits(nats: float) -> float:
    """Nats -> bits: a nat is 1 / ln 2 = 1.4427 bits."""
    return nats / math.log(2)


def entropy_bits(probabilities: Floats) -> Floats:
    """Shannon entropy -sum p log2 p of probabilities (..., vocab_size), in bits; 0 log 0 counts as 0."""
    logs = np.log2(probabilities, out=np.zeros_like(probabilities), where=probabilities > 0)
    entropy: Floats = -(probabilities * logs).sum(axis=-1)
    return np.maximum(entropy, 0.0)  # a sure thing gives 0, not -0


def surprisals(network: Network, ids: Ids) -> Floats:
    """Nats that each of ids (length,) cost, -ln p(id | all ids before it), the first one from the empty state.

    Args:
        network: Not changed.
        ids: Shape (length,).
    """
    nats = np.empty(len(ids))
    for first, logits in network.read_logits(ids):
        chosen = ids[first : first + len(logits), None]
        nats[first : first + len(logits)] = -np.take_along_axis(log_softmax(logits), chosen, axis=-1)[:, 0]
    return nats
