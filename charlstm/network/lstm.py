"""The network in NumPy: weights, state, one step. Knows ids and logits, nothing of characters or temperature.

Equations of one LSTM layer (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000), gates in the
order in which Keras stores them, i, f, c, o:

    i, f, o = sigmoid(x W + h U + b)      g = tanh(x W + h U + b)
    cell'   = f * cell + i * g            hidden' = o * tanh(cell')

Four rewritings make one step of 128 units cost about twice the product h U and change nothing but rounding: the input
is an id, so `x W + b` of the first layer is a row of a table; sigmoid(z) = (1 + tanh(z / 2)) / 2, so one `tanh` serves
all four gates once the halves are folded into the weights; the gates are kept in the order i, f, o, c, so that the
three sigmoids are one slice; and who reads on and on (`Cursor`) computes in place.
"""

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from charlstm.text.vocab import Ids

Float32s = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Room = tuple[Float32s, ...]
HALF = np.array(0.5, np.float32)  # an array without axes: NumPy takes 0.2 µs less for it than for a number
ACTIVATIONS: Mapping[str, Callable[[Float32s], Float32s]] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "tanh": lambda x: np.tanh(x),
}
LOGITS_CHUNK = 4096  # positions whose logits are held at once while a text is scored
ROOMS_KEPT = 100  # rows; with more a product takes so long that room can be made for each step


class LayerState(NamedTuple):
    """What one layer remembers; both float32 of shape (rows, units). Never written to in place by `Network.step`."""

    hidden: Float32s
    cell: Float32s


State = tuple[LayerState, ...]


class Cursor:
    """A place in a text up to which a network has read: what goes on character by character has one of its own.

    Args:
        network: Not changed.
        state: Of its layers. Its arrays are the cursor's from now on, which may write to them.
    """

    def __init__(self, network: "Network", state: State) -> None:
        self._network = network
        self.state = state

    def read(self, ids: Ids) -> None:
        """Reads one id a row, ids (rows,)."""
        self.state = self._network.step(ids, self.state)


class _LSTMCursor(Cursor):
    """Computes each state in place, in room that it keeps."""

    def __init__(self, network: "Network", state: State) -> None:
        super().__init__(network, state)
        few = len(state[0].hidden) <= ROOMS_KEPT
        self._rooms = [_room(layer) for layer in state] if few else None

    def read(self, ids: Ids) -> None:
        self._network.advance(ids, self.state, self._rooms or map(_room, self.state))


@dataclass(frozen=True)
class LSTMWeights:
    """One layer as Keras stores it: kernel (inputs, 4 units), recurrent_kernel (units, 4 units), bias (4 units,)."""

    kernel: Float32s
    recurrent_kernel: Float32s
    bias: Float32s

    @property
    def units(self) -> int:
        return len(self.recurrent_kernel)


@dataclass(frozen=True)
class DenseWeights:
    """A layer without a state: kernel (inputs, outputs), bias (outputs,), and what it makes of the sum of both."""

    kernel: Float32s
    bias: Float32s
    activation: str = "linear"

    def __call__(self, inputs: Float32s) -> Float32s:
        """inputs (rows, inputs) -> (rows, outputs)."""
        outputs: Float32s = ACTIVATIONS[self.activation](inputs.dot(self.kernel) + self.bias)
        return outputs


class Network:
    """Embedding -> LSTM layers -> Dense. Immutable: sessions share one, each with its own state.

    Args:
        embedding: (vocab_size, inputs), or None where the input is one-hot.
        layers: From input to output.
        dense_kernel: (units of the last layer, vocab_size).
        dense_bias: (vocab_size,).
        between: For each LSTM layer the dense layers that its output passes through; empty for none at all.
    """

    def __init__(
        self,
        embedding: Float32s | None,
        layers: Sequence[LSTMWeights],
        dense_kernel: Float32s,
        dense_bias: Float32s,
        between: Sequence[Sequence[DenseWeights]] = (),
    ) -> None:
        self.units = tuple(layer.units for layer in layers)
        self.between = tuple(map(tuple, between)) or ((),) * len(layers)
        self.vocab_size = dense_kernel.shape[1]
        self.embedding = embedding
        self.dense_kernel = np.ascontiguousarray(dense_kernel, dtype=np.float32)
        self.dense_bias = dense_bias.astype(np.float32)
        self._recurrent = [_fold_gates(layer.recurrent_kernel) for layer in layers]
        self._kernels = [_fold_gates(layer.kernel) for layer in layers]
        self._biases = [_fold_gates(layer.bias) for layer in layers]
        self._recurrent_by_gate = [_by_gate(kernel) for kernel in self._recurrent]
        table = self._kernels[0].copy() if embedding is None else embedding.astype(np.float32) @ self._kernels[0]
        table += self._biases[0]
        self._table = np.ascontiguousarray(_by_gate(table))  # (4, vocab_size, units), what the first layer needs of ids

    @property
    def parameters(self) -> int:
        """How many numbers a step takes."""
        kernels = sum(array.size for array in (*self._kernels, *self._recurrent))
        return kernels + self.dense_kernel.size + sum(dense.kernel.size for all in self.between for dense in all)

    def __eq__(self, other: object) -> bool:
        """Whether the weights are the same: a model whose file was read twice is one model."""
        if self is other or not isinstance(other, Network):
            return self is other
        mine, others = self._weights(), other._weights()
        return len(mine) == len(others) and all(map(np.array_equal, mine, others))

    def __hash__(self) -> int:
        return hash((self.units, self.vocab_size))

    def _weights(self) -> list[np.ndarray]:
        between = [part for dense in chain(*self.between) for part in (dense.kernel, dense.bias)]
        layers = [*self._kernels, *self._recurrent, *self._biases]
        return [self._table, *layers, *between, self.dense_kernel, self.dense_bias]

    def initial_state(self, rows: int = 1) -> State:
        """The state of a network that has read nothing: zeros."""
        zeros = (np.zeros((2, rows, units), np.float32) for units in self.units)
        return tuple(LayerState(hidden, cell) for hidden, cell in zeros)

    def cursor(self, rows: int = 1) -> Cursor:
        """Stands before a text."""
        return _LSTMCursor(self, self.initial_state(rows))

    def step(self, ids: Ids, state: State) -> State:
        """Reads one id a row: ids (rows,), state of (rows, units) -> the state after it."""
        new = tuple(LayerState(hidden.copy(), cell.copy()) for hidden, cell in state)
        self.advance(ids, new, map(_room, new))
        return new

    def advance(self, ids: Ids, state: State, rooms: Iterable[Room]) -> None:
        """As `step`, but in place: writes over `state`, in the room for each layer of it."""
        inputs = self._table.take(ids, axis=1)
        for index, room in enumerate(rooms):
            if index:
                below = self._passed(index - 1, state[index - 1].hidden)
                inputs = _by_gate(below.dot(self._kernels[index]) + self._biases[index])
            _lstm_step(inputs, room, self._recurrent[index], self._recurrent_by_gate[index])

    def logits(self, hidden: Float32s) -> Floats:
        """hidden of the last layer (rows, units) -> float64 (rows, vocab_size)."""
        logits: Float32s = self._passed(-1, hidden).dot(self.dense_kernel)
        logits += self.dense_bias
        return logits.astype(np.float64)

    def _passed(self, index: int, hidden: Float32s) -> Float32s:
        """What the layer after an LSTM layer, or the output, reads of it."""
        for dense in self.between[index]:
            hidden = dense(hidden)
        return hidden

    def only(self, ids: Ids) -> "Network":
        """The same with these ids alone, in this order: it draws from no other, and has none to read."""
        chosen = copy.copy(self)
        chosen.vocab_size, chosen._table = len(ids), self._table[:, ids]
        chosen.dense_kernel, chosen.dense_bias = np.ascontiguousarray(self.dense_kernel[:, ids]), self.dense_bias[ids]
        if self.embedding is None:
            chosen._kernels = [self._kernels[0][ids], *self._kernels[1:]]
        else:
            chosen.embedding = self.embedding[ids]
        return chosen

    def read(self, ids: Ids) -> State:
        """The state of one row after reading ids (length,)."""
        cursor = self.cursor()
        for position in range(len(ids)):
            cursor.read(ids[position : position + 1])
        return cursor.state

    def read_logits(self, ids: Ids) -> Iterator[tuple[int, Floats]]:
        """What the network expects before each of ids (length,), state carried from the first on.

        Yields:
            (first, logits): logits float64 (some, vocab_size) of the positions first, first + 1, …
        """
        cursor = self.cursor()
        for first in range(0, len(ids), LOGITS_CHUNK):
            chunk = ids[first : first + LOGITS_CHUNK]
            hidden = np.empty((len(chunk), self.units[-1]), np.float32)
            for position in range(len(chunk)):
                hidden[position] = cursor.state[-1].hidden[0]
                cursor.read(chunk[position : position + 1])
            yield first, self.logits(hidden)


def keras_weights(network: Network) -> list[Float32s]:
    """The arrays from input to output as Keras stores them, an embedding first if there is one."""
    arrays = [] if network.embedding is None else [network.embedding]
    for layer in zip(network._kernels, network._recurrent, network._biases, strict=True):
        arrays += map(_unfold_gates, layer)
    return [*arrays, network.dense_kernel, network.dense_bias]


def _room(layer: LayerState) -> Room:
    """The arrays that a step of a layer needs, itself first; those of one row have one axis, which is faster."""
    rows, units = layer.hidden.shape
    gates = np.empty((4, rows, units), np.float32)  # each a piece of memory of its own
    arrays = *layer, gates, gates[:3], *gates
    return arrays if rows > 1 else tuple(array.reshape(-1) for array in arrays)


def _lstm_step(inputs: Float32s, room: Room, recurrent_kernel: Float32s, by_gate: Float32s) -> None:
    """Brings the layer of a room to its state after the inputs x W + b.

    Args:
        inputs: (4, rows, units).
        room: Of the layer.
        recurrent_kernel: (units, 4 units).
        by_gate: The same as (4, units, units).
    """
    hidden, cell, gates, sigmoids, i, f, o, g = room
    if hidden.ndim == 1:  # one product of a vector is faster than four
        hidden.dot(recurrent_kernel, gates)
        gates += inputs.ravel()
    else:
        np.matmul(hidden, by_gate, gates)
        gates += inputs
    np.tanh(gates, gates)
    sigmoids *= HALF
    sigmoids += HALF
    cell *= f
    i *= g
    cell += i
    np.tanh(cell, hidden)
    hidden *= o


def _by_gate(array: Float32s) -> Float32s:
    """A view of (rows, 4 units) as (4, rows, units)."""
    return array.reshape(len(array), 4, -1).swapaxes(0, 1)


def _fold_gates(weights: Float32s) -> Float32s:
    """Keras' gate order i, f, c, o -> i, f, o, c, with the half of sigmoid(z) = (1 + tanh(z / 2)) / 2 folded in."""
    i, f, c, o = np.split(weights, 4, axis=-1)
    folded = np.empty(weights.shape, np.float32)  # filled in place: of a large layer a third copy would count
    for part, place in zip((i, f, o), np.split(folded, 4, axis=-1), strict=False):
        np.multiply(part, HALF, out=place)
    folded[..., -c.shape[-1] :] = c
    return folded


def _unfold_gates(folded: Float32s) -> Float32s:
    """The inverse of `_fold_gates`, exact: halving a float and doubling it loses nothing."""
    i, f, o, c = np.split(folded, 4, axis=-1)
    return np.concatenate([i * 2, f * 2, c, o * 2], axis=-1)
