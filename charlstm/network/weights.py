"""The network inside a Keras archive: layers are looked at and never built, arrays are read as data.

Files may come from strangers. What this module refuses, it refuses because NumPy would compute something else than
Keras (a mask, a second softmax, a branch), or because the file asks for more than its own bytes (a link to another
file, shapes that would fill the memory).
"""

import io
import json
import math
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import h5py
import numpy as np

from charlstm.errors import Message, ModelFileError, joined, message_of
from charlstm.network.lstm import LSTMWeights, Network

PARAMETERS_LIMIT = 24_000_000  # of the whole network; float32, so 96 MB
WEIGHT_LIMIT = 1e6  # trained weights stay below 100; products of larger ones could leave float32
Settings = dict[str, Any]  # of a layer
PASS_THROUGH = {"InputLayer", "Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout"}  # while generating


def read_network(config_json: bytes, weights_h5: bytes, name: str) -> Network:
    """The network of the members `config.json` and `model.weights.h5`; `name` is for messages.

    Raises:
        ModelFileError: A member is damaged, or the network is one that this package cannot run.
    """
    layers = _parse_layers(config_json, name)
    try:
        with h5py.File(io.BytesIO(weights_h5), "r") as weights:
            return _build_network(layers, weights, name)
    except (OSError, KeyError, RuntimeError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise ModelFileError(
            "{name} has damaged weights ({reason}). Save or download it again.", name=name, reason=message_of(error)
        ) from error


def damaged_member(name: str, member: str, error: Exception) -> ModelFileError:
    """What to raise where a member of a model file makes no sense."""
    reason = message_of(error)
    return ModelFileError(
        "{name} has a damaged {member} ({reason}). Save or download it again.", name=name, member=member, reason=reason
    )


def _parse_layers(member: bytes, name: str) -> list[tuple[str, Settings, str]]:
    """(class name, settings, path in the weights file) of each layer, from input to output."""
    try:
        config = json.loads(member)
        if config["class_name"] not in ("Sequential", "Functional") or not _is_chain(config):
            raise ModelFileError(
                "{name} is not a plain chain of layers. Use Embedding, LSTM and Dense one after another.", name=name
            )
        used: dict[str, int] = {}
        layers = []
        for entry in config["config"]["layers"]:
            kind = entry["class_name"]
            snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", kind).lower()
            count = used[snake] = used.get(snake, -1) + 1
            layers.append((kind, dict(entry["config"]), f"layers/{snake}_{count}" if count else f"layers/{snake}"))
        return layers
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise damaged_member(name, "config.json", error) from error


def _is_chain(config: Settings) -> bool:
    """Whether each layer of a functional model reads the layer before it and nothing else, and the last one is read."""
    entries = config["config"]["layers"]
    if config["class_name"] == "Sequential":
        return True
    previous = None
    for entry in entries:
        inbound = re.findall(r'"keras_history": \["([^"]*)"', json.dumps(entry["inbound_nodes"]))
        if inbound != ([] if previous is None else [previous]):
            return False
        previous = entry["config"]["name"]
    outputs = config["config"]["output_layers"]  # ["dense", 0, 0], or a list of such
    return outputs in ([previous, 0, 0], [[previous, 0, 0]])


def _build_network(layers: list[tuple[str, Settings, str]], weights: h5py.File, name: str) -> Network:
    embedding, dense, is_softmax = None, None, False
    lstms: list[LSTMWeights] = []
    budget = _Budget()
    for kind, config, path in layers:
        read = partial(_read_array, weights, budget, path)
        if kind == "Embedding" and embedding is None and not lstms:
            _require(config, "mask_zero", (False,), kind, name)
            embedding = read("vars/0", 2)
        elif kind == "LSTM" and dense is None:
            lstms.append(_read_lstm(config, read, name))
        elif kind == "Dense" and lstms and dense is None:
            dense = read("vars/0", 2), read("vars/1", 1) if config.get("use_bias", True) else None
            is_softmax = _adds_softmax(config, kind, name)
        elif kind in ("Activation", "Softmax") and dense is not None and not is_softmax:
            is_softmax = kind == "Softmax" or _adds_softmax(config, kind, name)
        elif kind not in PASS_THROUGH:
            raise ModelFileError(
                "{name} has a layer {kind} that cannot be run here. Use Embedding, LSTM layers and one Dense.",
                name=name,
                kind=kind,
            )
    if not lstms or dense is None:
        raise ModelFileError("{name} has no LSTM layer followed by a Dense layer. Use at least one of each.", name=name)
    kernel, bias = dense
    bias = np.zeros(kernel.shape[1], np.float32) if bias is None else bias
    if not _shapes_fit(embedding, lstms, kernel, bias):
        raise ModelFileError(
            "{name} has layers whose shapes do not fit a character model. Read and write the same characters.",
            name=name,
        )
    return Network(embedding, lstms, kernel, bias)


def _adds_softmax(config: Settings, kind: str, name: str) -> bool:
    _require(config, "activation", ("linear", "softmax"), kind, name)
    return config.get("activation") == "softmax"


def _read_lstm(config: Settings, read: Callable[[str, int], np.ndarray], name: str) -> LSTMWeights:
    _require(config, "activation", ("tanh",), "LSTM", name)
    _require(config, "recurrent_activation", ("sigmoid",), "LSTM", name)
    _require(config, "go_backwards", (False,), "LSTM", name)
    kernel, recurrent_kernel = read("cell/vars/0", 2), read("cell/vars/1", 2)
    bias = read("cell/vars/2", 1) if config.get("use_bias", True) else np.zeros(kernel.shape[1], np.float32)
    return LSTMWeights(kernel, recurrent_kernel, bias)


def _require(config: Settings, key: str, allowed: tuple[object, ...], kind: str, name: str) -> None:
    if config.get(key, allowed[0]) not in allowed:
        wanted = joined("{first} or {second}", map(repr, allowed))
        raise ModelFileError(
            "{name} has a layer {kind} with {setting}={value!r}, which cannot be run here. Use {wanted}.",
            name=name,
            kind=kind,
            setting=key,
            value=config[key],
            wanted=wanted,
        )


def _shapes_fit(embedding: np.ndarray | None, lstms: list[LSTMWeights], kernel: np.ndarray, bias: np.ndarray) -> bool:
    """Whether each layer takes what the one before gives, and the last gives one logit for each id that is read."""
    vocab_size = kernel.shape[1]
    inputs = vocab_size if embedding is None else embedding.shape[1]
    fits = bias.shape == (vocab_size,) and (embedding is None or embedding.shape[0] == vocab_size)
    for lstm in lstms:
        units = lstm.units
        fits &= lstm.kernel.shape == (inputs, 4 * units) and lstm.recurrent_kernel.shape == (units, 4 * units)
        fits &= lstm.bias.shape == (4 * units,)
        inputs = units
    return fits and kernel.shape[0] == inputs


class _Budget:
    """Counts what a file makes us unpack: many names of one small compressed array can fill the memory too."""

    def __init__(self) -> None:
        self._left = PARAMETERS_LIMIT

    def spend(self, shape: tuple[int, ...]) -> None:
        self._left -= math.prod(shape)
        if self._left < 0:
            raise ValueError(Message("the network has more than {limit:,} parameters", limit=PARAMETERS_LIMIT))


def _read_array(weights: h5py.File, budget: _Budget, layer: str, path: str, dimensions: int) -> np.ndarray:
    """One array of the weights file; raises ValueError where it is not plain finite numbers within the file itself."""
    parts = f"{layer}/{path}".split("/")
    for depth in range(1, len(parts) + 1):
        if not isinstance(weights.get("/".join(parts[:depth]), getlink=True), h5py.HardLink):
            raise ValueError(Message("{array} is missing or a link", array=f"{layer}/{path}"))
    dataset = weights[f"{layer}/{path}"]
    if not isinstance(dataset, h5py.Dataset) or dataset.external or dataset.is_virtual:
        raise ValueError(Message("{array} is not a plain array", array=f"{layer}/{path}"))
    if dataset.ndim != dimensions or dataset.dtype.kind != "f":
        shape, kind = str(dataset.shape), str(dataset.dtype)
        raise ValueError(
            Message("{array} has shape {shape} and type {type}", array=f"{layer}/{path}", shape=shape, type=kind)
        )
    budget.spend(dataset.shape)
    with np.errstate(over="ignore"):
        array: np.ndarray = dataset[()].astype(np.float32)
    if not (np.abs(array) <= WEIGHT_LIMIT).all():  # false for NaN too
        raise ValueError(
            Message(
                "{array} has numbers that are not finite, or beyond {limit:,.0f}",
                array=f"{layer}/{path}",
                limit=WEIGHT_LIMIT,
            )
        )
    return array
