import math
import time

import numpy as np
import pytest
from small_models import random_model

from charlstm.errors import UnknownCharactersError
from charlstm.network.metrics import bits, surprisals
from charlstm.reading.text_score import CumulativeBar, evaluate, explain_draw, score_text
from charlstm.writing.generation import Writer, generate
from charlstm.writing.sampling import Sampler, draw, likeliest_first

LOGITS = np.log([0.1, 0.5, 0.25, 0.15])  # ids by probability: 1, 2, 3, 0


def test_surprise_is_what_the_text_costs(tiny_model):
    text = "abba\ncafe head" * 20
    score = score_text(tiny_model, text)
    assert score.surprisal_bits == pytest.approx(bits(surprisals(tiny_model.network, tiny_model.vocab.encode(text))))
    assert score.bits_per_character == pytest.approx(evaluate(tiny_model, text)["bits_per_character"])


@pytest.mark.parametrize("temperature", [0.1, 0.5, 1.0, 2.0])
def test_a_written_text_reads_as_it_was_written(tiny_model, temperature):
    steps = list(generate(tiny_model, "bad cab", temperature, 700, np.random.default_rng(0)))
    score = score_text(tiny_model, "".join(step.char for step in steps), temperature, top=3, seed_text="bad cab")
    assert score.normalized.text == "".join(step.char for step in steps)
    for position in (0, 1, 511, 512, 699):
        step = steps[position]
        order = likeliest_first(step.probabilities)
        assert score.surprisal_bits[position] == pytest.approx(-math.log2(step.probabilities[step.id]), abs=1e-4)
        assert score.rank[position] == order.tolist().index(step.id) + 1
        assert score.top_ids[position].tolist() == order[:3].tolist()
        assert score.top_probabilities[position] == pytest.approx(step.probabilities[order[:3]], abs=1e-4)
        assert score.alternatives(position)[0][0] == tiny_model.vocab.chars[order[0]]


def test_a_uniform_network_is_surprised_the_same_by_everything():
    score = score_text(random_model("abcdefgh", scale=0), "hgfedcba", top=4)
    assert score.surprisal_bits == pytest.approx(np.full(8, 3.0))
    assert score.entropy_bits == pytest.approx(np.full(8, 3.0))
    assert score.rank.tolist() == [8, 7, 6, 5, 4, 3, 2, 1]  # equals by rising id
    assert score.top_ids.tolist() == [[0, 1, 2, 3]] * 8
    assert score.bits_per_character == pytest.approx(3.0)


def test_greedy_reading_knows_only_certain_and_impossible(tiny_model):
    greedy = "".join(step.char for step in generate(tiny_model, "abc", 0, 20))
    assert score_text(tiny_model, greedy, 0, seed_text="abc").surprisal_bits.tolist() == [0] * 20
    other = score_text(tiny_model, "h" * 20, 0)
    assert set(other.surprisal_bits.tolist()) <= {0.0, math.inf}
    assert (other.entropy_bits == 0).all()


@pytest.mark.parametrize("temperature", [0.05, 0.7, 1.0, 4.0])
def test_entropy_is_the_surprise_to_be_expected(tiny_model, temperature):
    score = score_text(tiny_model, "abc", temperature, top=len(tiny_model.vocab))
    p = score.top_probabilities.astype(np.float64)
    assert p.sum(axis=1) == pytest.approx(np.ones(3))
    assert score.entropy_bits == pytest.approx(-(p * np.log2(p + 1e-300)).sum(axis=1), abs=1e-4)


def test_the_most_surprising_places_come_first(tiny_model):
    score = score_text(tiny_model, "abcdefgh" * 5)
    places = score.most_surprising(4)
    assert sorted(score.surprisal_bits)[::-1][:4] == score.surprisal_bits[places].tolist()


def test_what_the_model_cannot_read_is_told(tiny_model):
    score = score_text(tiny_model, "Abc!d")
    assert (score.normalized.text, score.normalized.lowered, score.normalized.skipped) == ("abcd", ("A",), ("!",))
    assert len(score.surprisal_bits) == 4
    with pytest.raises(UnknownCharactersError):
        score_text(tiny_model, "!!!")


def test_an_empty_text_is_read_to_nothing(tiny_model):
    score = score_text(tiny_model, "", seed_text="abc")
    assert score.surprisal_bits.shape == (0,)
    assert score.top_ids.shape == (0, 5)
    assert math.isnan(score.bits_per_character)
    assert score.most_surprising() == []


def test_a_model_of_few_characters_has_few_alternatives():
    assert score_text(random_model("ab"), "abab", top=5).top_ids.shape == (4, 2)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"text": "a" * 100_001}, "at most 100,000 characters, got 100,001"),
        ({"top": 0}, "`top` must be at least 1, got 0"),
        ({"temperature": -1}, "`temperature` must be finite and >= 0"),
    ],
)
def test_bad_arguments_are_refused(tiny_model, settings, message):
    with pytest.raises(ValueError, match=message):
        score_text(tiny_model, **{"text": "abc"} | settings)


def test_5000_characters_are_read_within_a_second():
    chars = "\n " + "".join(map(chr, range(97, 152)))
    model = random_model(chars, units=128, scale=0.1)
    start = time.process_time()
    score_text(model, chars * 88)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("u", "piece", "id"),
    [(0.0, 0, 1), (0.49, 0, 1), (0.51, 1, 2), (0.74, 1, 2), (0.76, 2, 3), (0.89, 2, 3), (0.91, 3, 0)],
)
def test_the_bar_shows_where_the_random_number_falls(u, piece, id):
    bar = CumulativeBar.from_logits(LOGITS, Sampler(1.0), u)
    assert bar.ids.tolist() == [1, 2, 3, 0]
    assert bar.probabilities == pytest.approx([0.5, 0.25, 0.15, 0.1])
    assert bar.edges == pytest.approx([0, 0.5, 0.75, 0.9, 1])
    assert (bar.drawn, bar.ids[bar.drawn]) == (piece, id)


def test_why_tells_the_two_distributions_apart():
    answer = explain_draw(LOGITS, Sampler(0.5), 0.7, 2)  # squares: 0.25, 0.0625, 0.0225, 0.01, sum 0.345
    assert (answer.rank, answer.surprisal_bits) == (2, pytest.approx(2.0))
    assert answer.bar.edges == pytest.approx(np.array([0, 0.25, 0.3125, 0.335, 0.345]) / 0.345)
    assert answer.bar.drawn == 0  # at 0.5 the likeliest reaches 0.72
    assert answer.raw_bar.drawn == 1  # at 1.0 it reaches 0.5
    assert (answer.bar.temperature, answer.raw_bar.temperature) == (0.5, 1.0)


def test_a_greedy_bar_is_one_piece():
    bar = CumulativeBar.from_logits(LOGITS, Sampler(0.0), 0.999)
    assert bar.edges.tolist() == [0, 1, 1, 1, 1]
    assert bar.drawn == 0


@pytest.mark.parametrize("temperature", [0.0, 0.2, 1.0, 3.0])
def test_the_bar_takes_what_was_drawn(temperature):
    rng = np.random.default_rng(0)
    sampler = Sampler(temperature, top_k=7, top_p=0.95)
    for _ in range(300):
        logits, u = rng.normal(0, 3, 20), rng.random()
        bar = CumulativeBar.from_logits(logits, sampler, u)
        assert bar.ids[bar.drawn] == draw(sampler.probabilities(logits[None]), u)[0]
        assert bar.edges[bar.drawn] <= u <= bar.edges[bar.drawn + 1]


def test_why_agrees_with_the_step(tiny_model):
    writer = Writer(tiny_model, "abc", np.random.default_rng(3))
    for _ in range(50):
        step = writer.write(Sampler(1.5)).row()
        answer = explain_draw(step.logits, Sampler(1.5), step.u, step.id)
        assert answer.bar.ids[answer.bar.drawn] == step.id
        assert answer.bar.probabilities[answer.bar.drawn] == step.probabilities[step.id]


def test_a_uniform_network_needs_log2_of_the_vocabulary():
    model = random_model(scale=0.0)
    score = evaluate(model, "abcabc abc\n")
    assert score["characters"] == 11
    assert score["bits_per_character"] == pytest.approx(math.log2(len(model.vocab)))
    assert score["perplexity"] == pytest.approx(len(model.vocab))


def test_the_four_figures_say_the_same(tiny_model):
    score = evaluate(tiny_model, "abc def gh")
    assert set(score) == {"characters", "nats_per_character", "bits_per_character", "perplexity"}
    assert score["bits_per_character"] == pytest.approx(score["nats_per_character"] / math.log(2))
    assert score["perplexity"] == pytest.approx(math.exp(score["nats_per_character"]))


def test_evaluating_lowers_and_skips_like_a_seed_text(tiny_model):
    assert evaluate(tiny_model, "AB😀c") == evaluate(tiny_model, "abc")


def test_a_hopeless_model_has_an_infinite_perplexity():
    assert evaluate(random_model(scale=1e5), "abcabc")["perplexity"] == math.inf


@pytest.mark.parametrize(("text", "message"), [("", "Give at least one"), ("😀", "knows none of the characters")])
def test_a_text_with_nothing_to_predict_is_refused(tiny_model, text, message):
    with pytest.raises(UnknownCharactersError, match=message):
        evaluate(tiny_model, text)
