"""The layers of a Keras model, from its JSON: looked at and never built. Knows no weights and no file.

What it refuses, it refuses because NumPy would compute something else than Keras (a branch, a second output), or
because a page would wait for it.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from charlstm.errors import Message, ModelFileError, message_of

MAX_LAYERS = 64
MAX_BRACKETS = 20_000  # Keras writes about forty a layer; an empty list weighs 2 bytes and unfolds to 56
Settings = dict[str, Any]  # of a layer
Tensor = tuple[str, int]  # a layer's name, and which of its outputs
KERAS_TENSOR = re.compile(r'"keras_history": \["((?:[^"\\]|\\.)*)", 0, (\d+)\]')


@dataclass(frozen=True)
class Layer:
    """One layer.

    Attributes:
        kind: Its class, `Dense` for one that is wrapped in TimeDistributed.
        config: Its settings.
        name: By which `.h5` files of whole models know it.
        path: By which files of weights know it, such as `lstm_1`.
    """

    kind: str
    config: Settings
    name: str
    path: str


def parse_layers(content: bytes, name: str) -> list[Layer]:
    """The layers from input to output.

    Args:
        content: `config.json` of a `.keras` file, or what `model.to_json()` gives, of Keras 2 or 3.
        name: Of the file, for messages.

    Raises:
        ModelFileError: It is damaged, or the model is no plain chain of layers.
    """
    try:
        if content.count(b"[") + content.count(b"{") > MAX_BRACKETS:
            raise ValueError(Message("more than {limit:,} lists and objects", limit=MAX_BRACKETS))
        config = json.loads(content)
        inner = config["config"]
        entries = inner if isinstance(inner, list) else inner["layers"]  # a list until Keras 2.2
        if len(entries) > MAX_LAYERS:
            raise ValueError(Message("more than {limit:,} layers", limit=MAX_LAYERS))
        if config["class_name"] != "Sequential" and not _is_chain(config["class_name"], inner):
            raise ModelFileError(
                "{name} is not a plain chain of layers. Train one with Embedding, LSTM and Dense one after another.",
                name=name,
            )
        return _layers(entries)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise damaged_member(name, "config.json", error) from error


def damaged_member(name: str, member: str, error: Exception) -> ModelFileError:
    """What to raise where a member of a model file makes no sense."""
    reason = message_of(error)
    return ModelFileError(
        "{name} has a damaged {member} ({reason}). Save or download it again.", name=name, member=member, reason=reason
    )


def _layers(entries: list[Settings]) -> list[Layer]:
    used: dict[str, int] = {}
    layers = []
    for entry in entries:
        kind, config = entry["class_name"], dict(entry["config"])
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", kind).lower()
        count = used[snake] = used.get(snake, -1) + 1
        path = f"{snake}_{count}" if count else snake
        name = str(config.get("name", path))
        if kind == "TimeDistributed" and config["layer"]["class_name"] == "Dense":
            kind, config, path = "Dense", dict(config["layer"]["config"]), f"{path}/layer"
        elif kind == "RNN" and config["cell"]["class_name"] == "LSTMCell":
            kind, config = "LSTM", config | config["cell"]["config"]
        layers.append(Layer(kind, config, name, path))
    return layers


def _is_chain(kind: str, config: Settings) -> bool:
    """Whether each layer of a functional model reads the layer before it and nothing else, and the last one is read.

    An LSTM layer may give its states beside its output, to a layer (the first is its output once more) or to whoever
    runs the model.
    """
    if kind not in ("Functional", "Model"):
        return False
    previous, lstms = "", set()
    for entry in config["layers"]:
        inbound = _inbound(entry["inbound_nodes"])
        if inbound not in ([], [(previous, 0)], [(previous, 1)]) or bool(inbound) != bool(previous):
            return False
        if inbound and inbound[0][1] and previous not in lstms:
            return False
        previous = entry["config"]["name"]
        lstms |= {previous} if entry["class_name"] == "LSTM" else set()
    outputs = config["output_layers"]  # ["dense", 0, 0], or a list of such
    first, *states = [outputs] if isinstance(outputs[0], str) else outputs
    return first == [previous, 0, 0] and all(name in lstms and index for name, _, index in states)


def _inbound(nodes: list[Any]) -> list[Tensor]:
    """What a layer reads: one tensor, unless it is called twice or by more; -1 as an output is none to go along."""
    if nodes and isinstance(nodes[0], dict):
        return [(json.loads(f'"{name}"'), int(index)) for name, index in KERAS_TENSOR.findall(json.dumps(nodes))]
    tensors = [tensor for node in nodes for tensor in node]  # of Keras 2: ["lstm", 0, 0, {…}], arguments at last
    return [(name, -1 if node or any(rest and rest[0].values()) else index) for name, node, index, *rest in tensors]
