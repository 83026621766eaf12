"""The network inside a file of Keras: arrays are read as data, each looked at before it is read.

Files may come from strangers. What this module refuses, it refuses because NumPy would compute something else than
Keras (a mask, a second softmax), or because the file asks for more than its own bytes: a link to another file, pieces
that are unpacked, shapes that would fill the memory.
"""

import math
import reprlib
from collections import deque
from dataclasses import replace
from typing import BinaryIO

import h5py
import numpy as np

from charlstm.errors import Message, ModelFileError, joined, message_of
from charlstm.network.architecture import Layer, parse_layers
from charlstm.network.lstm import ACTIVATIONS, DenseWeights, Float32s, LSTMWeights, Network

PARAMETERS_LIMIT = 16_000_000  # of the whole network; float32, so 64 MB
WEIGHT_LIMIT = 1e6  # trained weights stay below 100; products of larger ones could leave float32
SUM_LIMIT = 1e25  # times any weights it is within float32
MAX_NAMES = 100  # that are looked through for one array, in files that name it freely
PASS_THROUGH = {"InputLayer", "Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "AlphaDropout"}
ROOTS = ("layers", "_layer_checkpoint_dependencies")  # of Keras 3; of TensorFlow 2.13
# Where Keras' files of weights have an array of a layer; `.h5` files of whole models have it by its name.
PLACES = {
    ("Embedding", "embeddings"): "vars/0",
    ("LSTM", "kernel"): "cell/vars/0",
    ("LSTM", "recurrent_kernel"): "cell/vars/1",
    ("LSTM", "bias"): "cell/vars/2",
    ("Dense", "kernel"): "vars/0",
    ("Dense", "bias"): "vars/1",
}


def read_network(config_json: bytes, weights: BinaryIO, name: str) -> Network:
    """The network of an architecture and an HDF5 file of its weights.

    Args:
        config_json: See `architecture.parse_layers`.
        weights: `model.weights.h5` of a `.keras` file, or an `.h5` file of weights or of a whole model.
        name: Of the file, for messages.

    Raises:
        ModelFileError: A part is damaged, or the network is one that this package cannot run.
    """
    layers = parse_layers(config_json, name)
    try:
        with h5py.File(weights, "r") as file:
            return _Builder(_Arrays(file), name).build(layers)
    except (OSError, KeyError, RuntimeError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise ModelFileError(
            "{name} has damaged weights ({reason}). Save or download it again.", name=name, reason=message_of(error)
        ) from error


def architecture_in(weights: BinaryIO, name: str, limit: int) -> bytes | None:
    """The architecture that an `.h5` file of a whole model holds; None in one of weights alone.

    Raises:
        ModelFileError: The file is damaged, or the architecture has more than `limit` bytes.
    """
    try:
        with h5py.File(weights, "r") as file:
            if "model_config" not in file.attrs:
                return None
            attribute = file.attrs.get_id("model_config")
            if attribute.shape != () or attribute.get_storage_size() > limit:
                raise ValueError(Message("{array} is not a plain array", array="model_config"))
            value = file.attrs["model_config"]
        content = value.encode() if isinstance(value, str) else bytes(value)
        if len(content) > limit:
            raise ValueError(Message("more than {limit:,} bytes of layers", limit=limit))
        return content
    except (OSError, KeyError, RuntimeError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise ModelFileError(
            "{name} is not a whole .h5 file ({reason}). Save or download it again.",
            name=name,
            reason=message_of(error),
        ) from error


class _Builder:
    """Goes through the layers from input to output."""

    def __init__(self, arrays: "_Arrays", name: str) -> None:
        self._arrays, self._name = arrays, name
        self._embedding: Float32s | None = None
        self._inputs: int | None = None  # ids that the network reads, once it is known
        self._width: int | None = None  # numbers that the next layer reads
        self._largest = 1.0  # of them, at the most
        self._lstms: list[LSTMWeights] = []
        self._between: list[list[DenseWeights]] = []
        self._dense: list[DenseWeights] = []  # since the last LSTM layer

    def build(self, layers: list[Layer]) -> Network:
        for layer in layers:
            self._check_numbers(layer)
            match layer.kind:
                case "Embedding" if self._inputs is None:
                    self._add_embedding(layer)
                case "LSTM":
                    self._add_lstm(layer)
                case "Dense":
                    self._add_dense(layer)
                case "Activation" | "Softmax" if self._dense and self._dense[-1].activation == "linear":
                    activation = "softmax" if layer.kind == "Softmax" else self._activation(layer)
                    self._dense[-1] = replace(self._dense[-1], activation=activation)
                case "Activation" if layer.config.get("activation") == "linear":
                    pass
                case kind if kind not in PASS_THROUGH:
                    raise ModelFileError(
                        "{name} has a layer {kind} that cannot be run here. Train it again with Embedding, "
                        "LSTM, Dense, Dropout and Activation layers alone.",
                        name=self._name,
                        kind=reprlib.repr(kind).strip("'"),
                    )
        return self._network()

    def _network(self) -> Network:
        if not self._lstms or not self._dense:
            raise ModelFileError(
                "{name} has no LSTM layer followed by a Dense layer. Train it again with at least one of each.",
                name=self._name,
            )
        output = self._dense.pop()
        self._check_activation("Dense", output.activation, ("linear", "softmax"))
        if self._width != self._inputs or not self._width:
            raise self._shapes_do_not_fit()
        if self._embedding is not None:
            _check_table(len(self._embedding), 4 * self._lstms[0].units)
        between = [*self._between, self._dense]
        return Network(self._embedding, self._lstms, output.kernel, output.bias, between)

    def _add_embedding(self, layer: Layer) -> None:
        self._require(layer, "mask_zero", (False,))
        self._embedding = self._arrays.read(layer, "embeddings", 2)
        self._inputs, self._width = self._embedding.shape
        self._largest = _largest(self._embedding)

    def _add_lstm(self, layer: Layer) -> None:
        for key, wanted in (("activation", "tanh"), ("recurrent_activation", "sigmoid")):
            self._require(layer, key, (wanted,))
        self._require(layer, "go_backwards", (False,))
        self._require(layer, "time_major", (False,))
        kernel, recurrent = self._arrays.read(layer, "kernel", 2), self._arrays.read(layer, "recurrent_kernel", 2)
        units = len(recurrent)
        bias = self._bias(layer, 4 * units)
        self._goes_on(layer, kernel, 4 * units)
        if recurrent.shape != (units, 4 * units) or bias.shape != (4 * units,) or not units:
            raise self._shapes_do_not_fit()
        if self._lstms:
            self._between.append(self._dense)
        elif self._dense:
            self._embed()
        self._dense = []
        self._lstms.append(LSTMWeights(kernel, recurrent, bias))
        self._width, self._largest = units, 1.0

    def _add_dense(self, layer: Layer) -> None:
        activation = self._activation(layer)
        kernel = self._arrays.read(layer, "kernel", 2)
        bias = self._bias(layer, kernel.shape[1])
        self._goes_on(layer, kernel, kernel.shape[1])
        if bias.shape != kernel.shape[1:]:
            raise self._shapes_do_not_fit()
        self._dense.append(DenseWeights(kernel, bias, activation))
        self._width = kernel.shape[1]
        self._largest = 1.0 if activation == "tanh" else self._largest * _largest(kernel) * len(kernel) + _largest(bias)
        if self._largest > SUM_LIMIT:
            raise ValueError(Message("their sums can leave the numbers that a computer has"))

    def _embed(self) -> None:
        """Dense layers before the first LSTM layer make a table: what they give for each id."""
        first, *others = self._dense
        rows = len(first.kernel if self._embedding is None else self._embedding)
        for dense in self._dense:
            _check_table(rows, len(dense.bias))
        one_hot = ACTIVATIONS[first.activation](first.kernel + first.bias)
        table = one_hot if self._embedding is None else first(self._embedding)
        for dense in others:
            table = dense(table)
        self._embedding = table

    def _goes_on(self, layer: Layer, kernel: Float32s, outputs: int) -> None:
        """Checks that a layer reads what the one before it gives."""
        if self._dense and self._dense[-1].activation == "softmax":
            raise ModelFileError(
                "{name} has a layer {kind} after a softmax, which cannot be run here. Train it again with the softmax "
                "at the end.",
                name=self._name,
                kind=layer.kind,
            )
        if self._inputs is None:
            self._inputs = self._width = len(kernel)
        if kernel.shape != (self._width, outputs):
            raise self._shapes_do_not_fit()

    def _bias(self, layer: Layer, outputs: int) -> Float32s:
        return self._arrays.read(layer, "bias", 1) if layer.config.get("use_bias", True) else np.zeros(outputs, "f4")

    def _activation(self, layer: Layer) -> str:
        activation = layer.config.get("activation") or "linear"
        self._check_activation(layer.kind, activation, (*ACTIVATIONS, "softmax"))
        return str(activation)

    def _check_activation(self, kind: str, activation: object, allowed: tuple[str, ...]) -> None:
        if activation not in allowed:
            raise self._setting_refused(kind, "activation", activation, allowed)

    def _check_numbers(self, layer: Layer) -> None:
        dtype = layer.config.get("dtype")
        settings = dtype.get("config", {}) if isinstance(dtype, dict) else {}
        if "mode" in settings:  # of a quantized layer
            raise ModelFileError(
                "{name} has a layer {kind} in {mode}, which cannot be run here. Save it before it is quantized.",
                name=self._name,
                kind=layer.kind,
                mode=reprlib.repr(settings["mode"]).strip("'"),
            )

    def _require(self, layer: Layer, key: str, allowed: tuple[object, ...]) -> None:
        if layer.config.get(key, allowed[0]) not in allowed:
            raise self._setting_refused(layer.kind, key, layer.config[key], allowed)

    def _setting_refused(self, kind: str, key: str, value: object, allowed: tuple[object, ...]) -> ModelFileError:
        return ModelFileError(
            "{name} has a layer {kind} with {setting}={value}, which cannot be run here. Train it again with {wanted}.",
            name=self._name,
            kind=kind,
            setting=key,
            value=reprlib.repr(value),
            wanted=joined("{first} or {second}", map(repr, allowed)),
        )

    def _shapes_do_not_fit(self) -> ModelFileError:
        return ModelFileError(
            "{name} has layers whose shapes do not fit a character model. Train it to read and write the same "
            "characters.",
            name=self._name,
        )


class _Arrays:
    """The arrays of an HDF5 file. Counts what a file makes us read: many names of one array can fill the memory too."""

    def __init__(self, file: h5py.File) -> None:
        self._file = file
        self._root = next((root for root in ROOTS if root in file), None)
        self._left = PARAMETERS_LIMIT

    def read(self, layer: Layer, array: str, dimensions: int) -> Float32s:
        """One array; raises ValueError where it is not plain finite numbers within the file itself."""
        if self._root:
            dataset = self._at(f"{self._root}/{layer.path}/{PLACES[layer.kind, array]}")
        else:
            dataset = self._below(f"model_weights/{layer.name}" if "model_weights" in self._file else layer.name, array)
        label = f"{layer.name} {array}"
        if not isinstance(dataset, h5py.Dataset):
            raise ValueError(Message("{array} is not a plain array", array=label))
        if dataset.ndim != dimensions or dataset.dtype.kind != "f":
            shape, kind = str(dataset.shape), str(dataset.dtype)
            raise ValueError(Message("{array} has shape {shape} and type {type}", array=label, shape=shape, type=kind))
        if not _is_stored_as_it_is(dataset):
            raise ValueError(Message("{array} is not a plain array", array=label))
        self._left -= math.prod(dataset.shape)
        if self._left < 0:
            raise ValueError(Message("the network has more than {limit:,} parameters", limit=PARAMETERS_LIMIT))
        with np.errstate(over="ignore"):
            numbers: Float32s = dataset[()].astype(np.float32, copy=False)
        if not _largest(numbers) <= WEIGHT_LIMIT:  # of NaN too
            words = "{array} has numbers that are not finite, or beyond {limit:,.0f}"
            raise ValueError(Message(words, array=label, limit=WEIGHT_LIMIT))
        return numbers

    def _at(self, path: str) -> object:
        """What has this path, by links within the file alone."""
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            if not isinstance(self._file.get("/".join(parts[:depth]), getlink=True), h5py.HardLink):
                raise ValueError(Message("{array} is missing or a link", array=path))
        return self._file[path]

    def _below(self, path: str, array: str) -> object:
        """The first that has a name, such as `kernel` or `kernel:0`, however deep it lies."""
        waiting, left = deque([path]), MAX_NAMES
        while waiting:
            group = self._at(path := waiting.popleft())
            if isinstance(group, h5py.Group):
                left -= len(group)
                if left < 0:
                    break
                if name := next((name for name in (array, f"{array}:0") if name in group), None):
                    return self._at(f"{path}/{name}")
                waiting.extend(f"{path}/{name}" for name in group)
        raise ValueError(Message("{array} is missing or a link", array=f"{path}/{array}"))


def _check_table(rows: int, width: int) -> None:
    """Two thin arrays can make a table that fills the memory."""
    if rows * width > PARAMETERS_LIMIT:
        words = "what it makes of its inputs has more than {limit:,} numbers"
        raise ValueError(Message(words, limit=PARAMETERS_LIMIT))


def _largest(numbers: Float32s) -> float:
    """The largest absolute value, without a copy of the array; NaN if there is one, 0 if there is nothing."""
    return float(np.maximum(numbers.max(initial=0), -numbers.min(initial=0)))


def _is_stored_as_it_is(dataset: h5py.Dataset) -> bool:
    """Whether all its bytes stand in the file in one piece: chunks and filters unfold, and others lie elsewhere."""
    layout = dataset.id.get_create_plist().get_layout()
    plain = layout in (h5py.h5d.COMPACT, h5py.h5d.CONTIGUOUS) and not dataset.external
    return plain and dataset.id.get_storage_size() == dataset.nbytes
