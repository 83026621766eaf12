"""The counting model, against values made by hand and its formula written out."""

import numpy as np
import pytest

from charlstm.network.counting import CountingNetwork, RunCounts
from charlstm.network.metrics import bits, surprisals
from charlstm.network.model_file import Model
from charlstm.text.corpus import load_corpus
from charlstm.text.vocab import Vocab
from charlstm.writing.generation import CarriedContext, SlidingWindowContext, Writer
from charlstm.writing.sampling import Sampler

HOLDOUT = 0.1


def witten_bell(text: str, chars: str, before: str, char: str) -> float:
    """The formula, by looking through the text for each run."""
    lower = witten_bell(text, chars, before[1:], char) if before else 1 / len(chars)
    after = [text[end] for end in range(len(before), len(text)) if text[:end].endswith(before)]
    different = len(set(after))
    return (after.count(char) + different * lower) / (len(after) + different) if after else lower


def expected(counts: RunCounts, vocab: Vocab, before: str, order: int) -> np.ndarray:
    """What the counts expect after a text, by character."""
    last = np.full(order - 1, -1)
    ids = vocab.encode(before)[max(0, len(before) - order + 1) :]
    last[order - 1 - len(ids) :] = ids
    return counts.probabilities(last[None], order)[0]


@pytest.mark.parametrize(
    ("before", "order", "a", "b"),
    [
        ("", 1, 3 / 5, 2 / 5),  # (2 + 2 / 2) / (3 + 2)
        ("a", 2, 0.55, 0.45),  # (1 + 2 * 3 / 5) / (2 + 2)
        ("b", 2, 3 / 5, 2 / 5),  # nothing follows b in the text
        ("aa", 3, 0.275, 0.725),  # b: (1 + 0.45) / (1 + 1)
        ("ba", 3, 0.55, 0.45),  # which is not in the text: as after a
        ("a", 3, 0.55, 0.45),  # where no more was read
        ("", 3, 3 / 5, 2 / 5),
    ],
)
def test_the_probabilities_of_a_text_of_three_characters(before, order, a, b):
    vocab = Vocab("ab")
    assert expected(RunCounts(vocab.encode("aab"), 2, 3), vocab, before, order) == pytest.approx([a, b])


@pytest.mark.parametrize("order", [1, 2, 3, 6])
def test_it_agrees_with_the_formula(order):
    vocab, rng = Vocab("abcdefgx"), np.random.default_rng(order)
    text = "".join(rng.choice(list("abcdefg"), 300, p=[0.4, 0.2, 0.1, 0.1, 0.1, 0.05, 0.05]))
    counts = RunCounts(vocab.encode(text), len(vocab))
    for before in ("", "a", "x", "ab", "xab", text[40:45], text[-5:], "aaaaaaaaab"):
        found = expected(counts, vocab, before, order)
        seen = before[max(0, len(before) - order + 1) :]
        assert found == pytest.approx([witten_bell(text, vocab.chars, seen, char) for char in vocab.chars])
        assert found.sum() == pytest.approx(1)


def test_the_runs_of_each_length_are_counted():
    counts = RunCounts(Vocab("abr").encode("abrabab"), 3, 3)
    assert counts.sizes == (3, 4, 5)  # a b r; ab ba br ra; aba abr bab bra rab
    assert CountingNetwork(counts, 2).parameters == 7


def network(order: int = 3, text: str = "abracadabra") -> CountingNetwork:
    vocab = Vocab.from_text(text)
    return CountingNetwork(RunCounts(vocab.encode(text), len(vocab)), order)


@pytest.mark.parametrize("order", [1, 2, 4, 6])
@pytest.mark.parametrize("window", [None, 1, 3, 10])
def test_as_a_network_it_sees_the_last_characters_and_no_further_than_the_context(order, window):
    counting, vocab = network(order), Vocab.from_text("abracadabra")
    context = CarriedContext(counting, 2) if window is None else SlidingWindowContext(counting, window, 2)
    texts = ("cabraddabac", "abracadabra")
    for place in range(len(texts[0])):
        for row, logits in enumerate(context.logits()):
            before = texts[row][:place][-window if window else None :]
            np.testing.assert_allclose(np.exp(logits), expected(counting.counts, vocab, before, order))
        context.read(np.array([vocab.encode(text)[place] for text in texts]))


def test_a_text_costs_what_its_characters_cost_one_by_one():
    counting, vocab, text = network(4), Vocab.from_text("abracadabra"), "cadabra"
    costs = surprisals(counting, vocab.encode(text))
    each = [witten_bell("abracadabra", vocab.chars, text[max(0, at - 3) : at], text[at]) for at in range(len(text))]
    np.testing.assert_allclose(costs, -np.log(each))


def test_it_writes_what_it_expects():
    model = Model(network(2), Vocab.from_text("abracadabra"))
    writer = Writer(model, "d", np.random.default_rng(0))
    assert writer.write_texts(Sampler(0.0), 3) == ["abr"]  # after d only a came, after a most often b
    assert set(Writer(model, "", np.random.default_rng(0)).write_texts(Sampler(1.0), 200)[0]) == set("abrcd")


def test_equal_networks_count_the_same():
    counts = network().counts
    assert CountingNetwork(counts, 2) == CountingNetwork(counts, 2)
    assert CountingNetwork(counts, 2) != CountingNetwork(counts, 3)
    assert network() != network()
    assert len({CountingNetwork(counts, 2), CountingNetwork(counts, 2), CountingNetwork(counts, 3)}) == 2


@pytest.mark.parametrize("order", [0, -1, 7, 2.5, None])
def test_orders_that_are_refused(order):
    with pytest.raises(ValueError, match="`order` must be a whole number from 1 to 6, got .*Use 6"):
        RunCounts(np.arange(9), 9, order)
    with pytest.raises(ValueError, match="`order` must be a whole number from 1 to 3, got .*Use 3"):
        CountingNetwork(RunCounts(np.arange(9), 9, 3), order)


def test_a_text_shorter_than_a_run_is_refused():
    with pytest.raises(ValueError, match="at least 6 characters, got 5"):
        RunCounts(np.arange(5), 9)


def test_on_nietzsche_runs_help_up_to_five_characters(corpus_path):
    seen, held_out = load_corpus("nietzsche").split(HOLDOUT)
    vocab = Vocab.from_text(seen)
    counts, ids = RunCounts(vocab.encode(seen), len(vocab)), vocab.encode(held_out)
    costs = [bits(surprisals(CountingNetwork(counts, order), ids).mean()) for order in range(1, 7)]
    assert costs == pytest.approx([4.31, 3.49, 2.82, 2.29, 2.07, 2.08], abs=0.005)
