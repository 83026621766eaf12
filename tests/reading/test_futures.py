"""The tree of futures against what a writer says, and against values made by hand."""

import numpy as np
import pytest
from small_models import random_model

from charlstm.network.registry import load_model
from charlstm.reading.futures import DEPTH, ROWS, TEMPERATURES, THINNEST, Futures, futures
from charlstm.writing.generation import Writer
from charlstm.writing.sampling import Sampler


def children(tree: Futures, node: int) -> np.ndarray:
    return np.flatnonzero(tree.parents == node)


def shares(tree: Futures, temperature: float) -> tuple[np.ndarray, dict[int, float]]:
    """(the probability of each node, the rest of each that has children), as the docstring of `Futures` says."""
    column, divisor = int(np.argmin(abs(TEMPERATURES - temperature))), max(temperature, 1e-6)
    found, rests = np.ones(len(tree.parents)), {}
    for place, node in enumerate(dict.fromkeys(tree.parents[1:].tolist())):
        weights = np.exp(tree.logits[children(tree, node)] / divisor)
        total = weights.sum() + tree.rests[place, column]
        found[children(tree, node)] = found[node] * weights / total
        rests[node] = found[node] * tree.rests[place, column] / total
    return found, rests


def path(tree: Futures, node: int) -> list[int]:
    return [] if node == 0 else [*path(tree, tree.parents[node]), int(tree.ids[node])]


@pytest.mark.parametrize("temperature", [0.0, 0.35, 1.0, 2.0])
@pytest.mark.parametrize("context", [None, 3, 8])
def test_each_future_has_the_probability_that_a_writer_gives_it(tiny_model, temperature, context):
    tree = futures(tiny_model, "abba cab", context)
    found, _ = shares(tree, temperature)
    rng = np.random.default_rng(0)
    for node in rng.choice(np.arange(1, len(tree.ids)), 60):
        writer, probability, sampler = Writer(tiny_model, "abba cab", context=context), 1.0, Sampler(temperature)
        for id in path(tree, node):
            probability *= sampler.probabilities(writer.logits)[0, id]
            writer.read(tiny_model.vocab.decode([id]))
        assert found[node] == pytest.approx(probability, rel=1e-3, abs=1e-9)


@pytest.mark.parametrize("temperature", [0.0, 0.5, 1.0, 1.5])
def test_all_that_follows_a_future_and_the_rest_make_up_its_probability(tiny_model, temperature):
    tree = futures(tiny_model, "ab")
    found, rests = shares(tree, temperature)
    for node, rest in rests.items():
        assert found[children(tree, node)].sum() + rest == pytest.approx(found[node])


def test_siblings_stand_together_the_likeliest_first(tiny_model):
    tree = futures(tiny_model, "ab")
    assert (np.diff(tree.parents[1:]) >= 0).all()
    for node in set(tree.parents[1:].tolist()):
        assert (np.diff(tree.logits[children(tree, node)]) <= 0).all()


def test_of_a_uniform_distribution_all_characters_have_a_node_and_few_of_their_pairs():
    model = random_model("abcdefghi", scale=0.0)
    tree = futures(model, "")
    assert len(children(tree, 0)) == 9
    found, rests = shares(tree, 1.0)
    assert found[1:10] == pytest.approx([1 / 9] * 9)
    assert rests[0] == 0
    assert found[10:] == pytest.approx([1 / 81] * 81)  # 1/729 is below the thinnest


def test_what_is_too_thin_at_all_temperatures_is_summed():
    model = random_model("".join(map(chr, range(97, 297))), scale=0.0)  # 200 characters with 0.5% each
    assert THINNEST > 1 / 200
    assert len(futures(model, "").ids) == 1


def test_at_temperature_0_one_future_has_all(tiny_model):
    tree = futures(tiny_model, "ab")
    found, _ = shares(tree, 0.0)
    likely = np.flatnonzero(found > 0.5)
    assert found[likely] == pytest.approx(np.ones(DEPTH + 1))
    writer = Writer(tiny_model, "ab")
    assert tiny_model.vocab.decode(path(tree, likely[-1])) == writer.write_texts(Sampler(0), DEPTH)[0]


@pytest.mark.parametrize("name", ["nietzsche", "python-docs", "tang-poems"])
def test_the_tree_of_a_model_is_bounded(name):
    tree = futures(load_model(name), "")
    assert 50 < len(tree.ids) < 1 + DEPTH * ROWS * 100
    assert tree.rests.shape == (len(set(tree.parents[1:].tolist())), len(TEMPERATURES))
