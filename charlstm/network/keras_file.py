"""Writes a network as the `.keras` file that Keras 3 would save of it, whatever kind of file it came from."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import h5py

from charlstm.network.lstm import DenseWeights, Float32s, Network, keras_weights
from charlstm.network.model_file import CONFIG_MEMBER, METADATA_MEMBER, WEIGHTS_MEMBER, Model, add_members
from charlstm.network.weights import PLACES

Entry = tuple[str, dict[str, Any], dict[str, Float32s]]  # class, settings, arrays by their names


def keras_file(model: Model) -> bytes:
    """The content of a file that holds a model with its vocabulary and metadata, and nothing else.

    Keras opens it: it reads ids, one-hot if the network has no embedding, and gives probabilities at each position.
    """
    entries = list(_entries(model.network))
    ids = [None, None] if model.network.embedding is not None else [None, None, model.network.vocab_size]
    layers = [_config("InputLayer", {"batch_shape": ids, "dtype": "float32", "name": "ids"})]
    for number, (kind, settings, _) in enumerate(entries):
        layers.append(_config(kind, settings | {"name": f"{kind.lower()}_{number}"}))
    config = {"module": "keras", "class_name": "Sequential", "config": {"name": "charlstm", "layers": layers}}
    members = {
        "metadata.json": json.dumps({"keras_version": "3.0.0"}).encode(),
        CONFIG_MEMBER: json.dumps(config).encode(),
        WEIGHTS_MEMBER: _weights(entries),
        METADATA_MEMBER: model.metadata.to_json(model.vocab),
    }
    return add_members(b"", members, zipfile.ZIP_STORED)  # as Keras does; to deflate 60 MB takes seconds


def _entries(network: Network) -> Iterator[Entry]:
    """The layers from input to output."""
    arrays = iter(keras_weights(network))
    if network.embedding is not None:
        rows, units = network.embedding.shape
        yield "Embedding", {"input_dim": rows, "output_dim": units}, {"embeddings": next(arrays)}
    for units, between in zip(network.units, network.between, strict=True):
        names = ("kernel", "recurrent_kernel", "bias")
        yield "LSTM", {"units": units, "return_sequences": True}, dict(zip(names, arrays, strict=False))
        yield from map(_dense, between)
    yield _dense(DenseWeights(next(arrays), next(arrays), "softmax"))


def _dense(dense: DenseWeights) -> Entry:
    settings = {"units": len(dense.bias), "activation": dense.activation}
    return "Dense", settings, {"kernel": dense.kernel, "bias": dense.bias}


def _config(kind: str, settings: dict[str, Any]) -> dict[str, Any]:
    return {"module": "keras.layers", "class_name": kind, "config": settings, "registered_name": None}


def _weights(entries: list[Entry]) -> bytes:
    buffer, used = io.BytesIO(), dict[str, int]()
    with h5py.File(buffer, "w") as file:
        for kind, _, arrays in entries:
            count = used[kind] = used.get(kind, -1) + 1
            path = f"layers/{kind.lower()}_{count}" if count else f"layers/{kind.lower()}"
            for array, numbers in arrays.items():
                file[f"{path}/{PLACES[kind, array]}"] = numbers
    return buffer.getvalue()
