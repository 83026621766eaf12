"""The tree of futures: what may follow a text, character after character, with what makes its probability at any
temperature. Knows models and texts, nothing of screens."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from charlstm.network.lstm import Floats, LayerState, Network, State
from charlstm.network.model_file import Model
from charlstm.text.vocab import Ids

DEPTH = 12  # characters
TEMPERATURES = np.linspace(0, 2, 41)  # at which one may ask for probabilities
DIVISORS = np.maximum(TEMPERATURES, 1e-6)  # at which temperature 0 takes the likeliest character alone
THINNEST = 0.01  # what has less at all temperatures has no node of its own
ROWS = 96  # futures of one length that are followed, the likeliest ones: this bounds the work
Nodes = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Futures:
    """What may follow a text as the nodes of a tree, shorter futures first.

    Node 0 is the text itself; every other one adds a character to its parent. Its probability at temperature T is that
    of its parent, times exp(logit / T), divided by the sum of that over its siblings plus its parent's rest at T.

    Attributes:
        parents: Of each node, (nodes,); -1 for the first one.
        ids: Of the character that it adds, (nodes,); -1 for the first one. Siblings follow one another, the likeliest
            first.
        logits: Of that character, less that of the likeliest one there, (nodes,).
        rests: For each node that has children, in their order, the sum of exp(logit / T) over all characters that are
            none of these, at all `TEMPERATURES`: (nodes with children, temperatures).
    """

    parents: Nodes
    ids: Ids
    logits: Floats
    rests: Floats


class _Level(NamedTuple):
    """Futures of one length that are followed, as rows.

    Attributes:
        nodes: Theirs.
        paths: The ids that they add to the text, (rows, length).
        chances: Their log-probabilities, (rows, temperatures).
        state: Of a network that has read them.
    """

    nodes: Nodes
    paths: Ids
    chances: Floats
    state: State


class _Children(NamedTuple):
    """What follows the futures of a level and is likely enough.

    Attributes:
        rows: Of the level.
        ids: Of the characters.
        logits: As of `Futures`.
        chances: Log-probabilities of the longer futures, (children, temperatures).
        rests: As of `Futures`.
    """

    rows: Nodes
    ids: Ids
    logits: Floats
    chances: Floats
    rests: Floats


def futures(model: Model, before: str, context: int | None = None) -> Futures:
    """What may follow a text, up to `DEPTH` characters far.

    Args:
        model: Not changed.
        before: Of known characters alone.
        context: How many of the last characters the network sees; None for all.
    """
    network, ids = model.network, model.vocab.encode(before)
    state = network.read(ids[max(0, len(ids) - context) :] if context else ids)
    level = _Level(np.zeros(1, np.intp), np.empty((1, 0), np.int32), np.zeros((1, len(TEMPERATURES))), state)
    parts, rests, count = [(np.array([-1]), np.array([-1]), np.zeros(1))], [np.empty((0, len(TEMPERATURES)))], 1
    while level.paths.shape[1] < DEPTH:
        children = _children(network.logits(level.state[-1].hidden), level.chances)
        if not len(children.rows):
            break
        parts.append((level.nodes[children.rows], children.ids, children.logits))
        rests.append(children.rests)
        kept = np.sort(np.argsort(-children.chances.max(axis=-1), kind="stable")[:ROWS])
        rows = children.rows[kept]
        paths = np.column_stack([level.paths[rows], children.ids[kept]])
        level = _Level(
            count + kept, paths, children.chances[kept], _read(network, ids, paths, level.state, rows, context)
        )
        count += len(children.rows)
    parents, added, logits = map(np.concatenate, zip(*parts, strict=True))
    return Futures(parents, added, logits, np.concatenate(rests))


def _children(logits: Floats, chances: Floats) -> _Children:
    """Of futures with log-probabilities (rows, temperatures), after which logits (rows, vocab_size) are expected."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    sums = _sums(shifted)
    best = np.full_like(shifted, -np.inf)
    for column in range(len(TEMPERATURES)):  # one at a time: all would take 40 times the room
        np.maximum(best, _chance(shifted, column, sums, chances), out=best)
    likely = best >= math.log(THINNEST)
    rows, ids = np.nonzero(likely)
    order = np.lexsort((ids, -shifted[rows, ids], rows))
    rows, ids = rows[order], ids[order]
    own = shifted[rows, ids]
    longer = chances[rows] + own[:, None] / DIVISORS - np.log(sums[rows])
    rests = _sums(np.where(likely, -np.inf, shifted))[likely.any(axis=-1)]
    return _Children(rows, ids, own, longer, rests)


def _chance(shifted: Floats, column: int, sums: Floats, chances: Floats) -> Floats:
    """Log-probabilities of all longer futures at one temperature, (rows, vocab_size)."""
    chance: Floats = shifted / DIVISORS[column] + (chances - np.log(sums))[:, column, None]
    return chance


def _sums(shifted: Floats) -> Floats:
    """Of exp(logit / T) over the last axis, at all temperatures: (rows, temperatures). One by one, to save memory."""
    return np.stack([np.exp(shifted / divisor).sum(axis=-1) for divisor in DIVISORS], axis=-1)


def _read(network: Network, before: Ids, paths: Ids, state: State, rows: Nodes, context: int | None) -> State:
    """The state after a text and each of some paths (futures, length).

    Args:
        network: That reads.
        before: Ids of the text.
        paths: What follows.
        state: After the paths without their last ids.
        rows: Theirs there.
        context: As of `futures`.
    """
    if context is None:
        return network.step(paths[:, -1], _rows_of(state, rows))
    unseen = len(before) + paths.shape[1] - context  # each window starts from the empty state
    state = _rows_of(network.read(before[max(0, unseen) :]), np.zeros(len(paths), np.intp))
    for ids in paths[:, max(0, unseen - len(before)) :].T:
        state = network.step(ids, state)
    return state


def _rows_of(state: State, rows: Nodes) -> State:
    return tuple(LayerState(layer.hidden[rows], layer.cell[rows]) for layer in state)
