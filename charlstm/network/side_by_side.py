"""Several models as one, a row each: so texts of different models are written side by side, with the same numbers."""

from collections.abc import Sequence

import numpy as np

from charlstm.network.lstm import Cursor, Float32s, Floats, LayerState, Network, State
from charlstm.network.model_file import Model
from charlstm.text.vocab import Ids, Vocab


def side_by_side(models: Sequence[Model]) -> Model:
    """One model whose rows are written by several, over and over in their order.

    It knows all of their characters. A row reads one that its own model does not know in lower case, or not at all, and
    never writes it.

    Args:
        models: At least one; not changed.
    """
    if all(model.network is models[0].network for model in models):
        return models[0]
    vocab = Vocab("".join(dict.fromkeys("".join(model.vocab.chars for model in models))))
    return Model(_Networks(models, vocab), vocab)


class _Networks(Network):
    """The networks of several models as one of a single layer, whose units are those of the largest.

    A row's hidden state is that of all layers of its network, one after another, as is its cell.

    Args:
        models: As of `side_by_side`.
        vocab: Of all of them.
    """

    def __init__(self, models: Sequence[Model], vocab: Vocab) -> None:
        self._networks = [model.network for model in models]
        self._own_ids = [_own_ids(model.vocab, vocab) for model in models]  # as they are read
        self._ids = [vocab.encode(model.vocab.chars) for model in models]  # as they are written
        self.units, self.vocab_size = (max(sum(network.units) for network in self._networks),), len(vocab)

    @property
    def parameters(self) -> int:
        """Of all of them."""
        return sum(network.parameters for network in self._networks)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Networks):
            return False
        same = self._networks == other._networks and self.vocab_size == other.vocab_size
        return same and all(map(np.array_equal, self._ids, other._ids))

    def __hash__(self) -> int:
        return hash(tuple(self._networks))

    def cursor(self, rows: int = 1) -> Cursor:
        return Cursor(self, self.initial_state(rows))

    def step(self, ids: Ids, state: State) -> State:
        """Reads one id a row, by the network of each."""
        hidden, cell = (array.copy() for array in state[0])
        for first, (network, own_ids) in enumerate(zip(self._networks, self._own_ids, strict=True)):
            rows = np.arange(first, len(ids), len(self._networks))
            own = own_ids[ids[rows]]
            rows, own = rows[own >= 0], own[own >= 0]
            if not len(rows):
                continue
            width = sum(network.units)
            ends = np.cumsum(network.units)[:-1]
            layers = zip(*(np.split(array[rows, :width], ends, axis=1) for array in (hidden, cell)), strict=True)
            new = network.step(own, tuple(LayerState(*layer) for layer in layers))
            for array, parts in ((hidden, [layer.hidden for layer in new]), (cell, [layer.cell for layer in new])):
                array[rows, :width] = np.concatenate(parts, axis=1)
        return (LayerState(hidden, cell),)

    def logits(self, hidden: Float32s) -> Floats:
        """hidden (rows, units) -> float64 (rows, vocab_size), minus infinity for what a row's model does not know."""
        logits = np.full((len(hidden), self.vocab_size), -np.inf)
        for first, (network, ids) in enumerate(zip(self._networks, self._ids, strict=True)):
            rows = np.arange(first, len(hidden), len(self._networks))
            width, last = sum(network.units), network.units[-1]
            logits[rows[:, None], ids] = network.logits(hidden[rows, width - last : width])
        return logits


def _own_ids(own: Vocab, shared: Vocab) -> Ids:
    """For each shared character the own id of it, or of it in lower case; -1 where there is none."""
    ids = {char: id for id, char in enumerate(own.chars)}
    return np.array([ids.get(char, ids.get(char.lower(), -1)) for char in shared.chars], np.int32)
