import numpy as np
import pytest
from small_models import random_model

from charlstm.errors import UnknownCharactersError
from charlstm.network.metrics import softmax
from charlstm.writing.generation import LENGTH_LIMIT, SEED_LIMIT, CarriedContext, SlidingWindowContext, Writer, generate
from charlstm.writing.sampling import Sampler


def text_of(steps) -> str:
    return "".join(step.char for step in steps)


def rng(rng_seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(rng_seed)


@pytest.mark.parametrize("context", [None, 1, 60])
@pytest.mark.parametrize("seed_text", ["", "a", "abc def"])
def test_the_same_seed_gives_the_same_text(tiny_model, seed_text, context):
    texts = [text_of(generate(tiny_model, seed_text, 0.8, 200, rng(3), context=context)) for _ in range(2)]
    assert texts[0] == texts[1]
    assert len(texts[0]) == 200
    assert texts[0] != text_of(generate(tiny_model, seed_text, 0.8, 200, rng(4), context=context))


def test_another_seed_text_gives_another_text(tiny_model):
    texts = {text_of(generate(tiny_model, seed_text, 0.8, 100, rng())) for seed_text in ("", "a", "abc")}
    assert len(texts) == 3


def test_a_longer_text_begins_with_the_shorter(tiny_model):
    long = text_of(generate(tiny_model, "ab", 1.0, 200, rng()))
    assert long.startswith(text_of(generate(tiny_model, "ab", 1.0, 50, rng())))


@pytest.mark.parametrize("temperature", [0, 1e-9])
def test_greedy_text_is_the_likeliest_character_each_time(tiny_model, temperature):
    for step in generate(tiny_model, "abc", temperature, 100, rng()):
        assert step.id == step.logits.argmax()
        assert step.probabilities[step.id] == 1


def test_greedy_text_needs_no_luck(tiny_model):
    texts = {text_of(generate(tiny_model, "abc", 0, 100, rng(rng_seed))) for rng_seed in range(3)}
    assert len(texts) == 1


def test_each_step_carries_what_led_to_it(tiny_model):
    draws = rng(5).random(50)
    for step, u in zip(generate(tiny_model, "ab", 0.7, 50, rng(5), top_k=4), draws, strict=True):
        assert step.char == tiny_model.vocab.chars[step.id]
        assert step.u == u
        assert step.logits.shape == step.probabilities.shape == (len(tiny_model.vocab),)
        assert step.logits.dtype == step.probabilities.dtype == np.float64
        np.testing.assert_array_equal(step.probabilities, Sampler(0.7, top_k=4).probabilities(step.logits))
        assert np.count_nonzero(step.probabilities) == 4
        assert step.probabilities.sum() == pytest.approx(1)


def test_the_first_step_follows_from_the_seed_text(tiny_model):
    ids = tiny_model.vocab.encode("abc a")
    expected = tiny_model.network.logits(tiny_model.network.read(ids)[-1].hidden)[0]
    step = next(generate(tiny_model, "abc a", 1.0, 1, rng()))
    np.testing.assert_array_equal(step.logits, expected)


def test_unknown_characters_of_the_seed_text_do_not_matter(tiny_model):
    assert text_of(generate(tiny_model, "A😀bZ", 1.0, 50, rng())) == text_of(generate(tiny_model, "ab", 1.0, 50, rng()))
    writer = Writer(tiny_model, "A😀bZ")
    assert (writer.seed.text, writer.seed.lowered, writer.seed.skipped) == ("ab", ("A",), ("😀", "Z"))


@pytest.mark.parametrize("length", [1, 2, 7, 60])
def test_window_context_is_the_network_started_anew_on_each_window(tiny_model, length):
    network = tiny_model.network
    ids = rng(1).integers(len(tiny_model.vocab), size=130)
    context = SlidingWindowContext(network, length)
    for end in range(1, len(ids) + 1):
        context.read(ids[end - 1 : end])
        anew = network.logits(network.read(ids[max(0, end - length) : end])[-1].hidden)
        np.testing.assert_allclose(softmax(context.logits()), softmax(anew), rtol=0, atol=1e-5)


def test_window_context_of_many_rows_keeps_them_apart(tiny_model):
    network = tiny_model.network
    ids = rng(2).integers(len(tiny_model.vocab), size=(30, 3))
    together = SlidingWindowContext(network, 5, rows=3)
    alone = [SlidingWindowContext(network, 5) for _ in range(3)]
    for row_ids in ids:
        together.read(row_ids)
        for row, context in enumerate(alone):
            context.read(row_ids[row : row + 1])
        expected = np.concatenate([context.logits() for context in alone])
        np.testing.assert_allclose(together.logits(), expected, rtol=0, atol=1e-5)


def test_contexts_agree_until_the_window_is_full_and_differ_after(tiny_model):
    ids = rng(3).integers(len(tiny_model.vocab), size=25)
    carried, window = CarriedContext(tiny_model.network), SlidingWindowContext(tiny_model.network, 20)
    for position in range(len(ids)):
        np.testing.assert_allclose(carried.logits(), window.logits(), rtol=0, atol=1e-5)
        carried.read(ids[position : position + 1])
        window.read(ids[position : position + 1])
        if position == 20:
            break
    assert np.abs(carried.logits() - window.logits()).max() > 1e-4


@pytest.mark.parametrize("length", [1, 7, 60])
def test_of_a_long_seed_a_window_reads_only_what_it_can_see(tiny_model, length, monkeypatch):
    seed_text = tiny_model.vocab.decode(rng(4).integers(len(tiny_model.vocab), size=200))
    whole = SlidingWindowContext(tiny_model.network, length)
    for id in tiny_model.vocab.encode(seed_text):
        whole.read(np.array([id]))
    reads, read = [], SlidingWindowContext.read
    monkeypatch.setattr(SlidingWindowContext, "read", lambda self, ids: (reads.append(1), read(self, ids)))
    writer = Writer(tiny_model, seed_text, rng(5), context=length)
    assert len(reads) == length
    for _ in range(2 * length):
        np.testing.assert_array_equal(writer.logits, whole.logits())  # not a bit differs
        whole.read(writer.write(Sampler(1.0)).ids)


def test_rows_draw_with_the_same_numbers(tiny_model):
    temperatures = [0.0, 0.3, 1.0, 1.5]
    writer = Writer(tiny_model, "abc", rng(9), rows=4)
    together = np.array([writer.write(Sampler(tuple(temperatures))).ids for _ in range(80)])
    for row, temperature in enumerate(temperatures):
        alone = [step.id for step in generate(tiny_model, "abc", temperature, 80, rng(9))]
        assert together[:, row].tolist() == alone


def test_the_temperature_can_change_at_any_character(tiny_model):
    writer = Writer(tiny_model, "abc", rng(1))
    first = [writer.write(Sampler(0.5)).id for _ in range(20)]
    then = [writer.write(Sampler(1.5)).id for _ in range(20)]
    assert first == [step.id for step in generate(tiny_model, "abc", 0.5, 20, rng(1))]
    assert first + then != [step.id for step in generate(tiny_model, "abc", 0.5, 40, rng(1))]


def test_writers_share_a_model_and_leave_it_alone(tiny_model):
    alone = text_of(generate(tiny_model, "abc", 1.0, 60, rng(1)))
    steps = [generate(tiny_model, "abc", 1.0, 60, rng(1)), generate(tiny_model, "fed", 1.0, 60, rng(2))]
    texts = ["", ""]
    for _ in range(60):
        for index, each in enumerate(steps):
            texts[index] += next(each).char
    assert texts[0] == alone


def test_a_uniform_network_writes_every_character_as_often():
    model = random_model(scale=0.0)
    ids = [step.id for step in generate(model, "", 0.5, 5000, rng())]
    counts = np.bincount(ids, minlength=len(model.vocab))
    assert np.abs(counts - 500).max() < 5 * np.sqrt(500 * 0.9)  # five standard deviations


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"temperature": -1}, "`temperature` must be finite and >= 0, got -1. Use 0"),
        ({"temperature": float("nan")}, "`temperature` must be finite and >= 0, got nan"),
        ({"temperature": float("inf")}, "`temperature` must be finite and >= 0, got inf"),
        ({"length": 0}, "`length` must be a whole number from 1 to 1,000,000, got 0"),
        ({"length": -5}, "got -5"),
        ({"length": LENGTH_LIMIT + 1}, "got 1000001"),
        ({"length": 2.5}, "got 2.5"),
        ({"top_k": 0}, "`top_k` must be a whole number >= 1, got 0"),
        ({"top_p": 1.5}, "`top_p` must be above 0 and at most 1, got 1.5"),
        ({"context": 0}, "`context` must be a whole number from 1 to 1,000, got 0"),
        ({"context": 1001}, "got 1001"),
        ({"context": 2.5}, "got 2.5"),
        ({"seed_text": "a" * (SEED_LIMIT + 1)}, "at most 20,000 characters, got 20,001. Shorten it"),
    ],
)
def test_bad_arguments_are_refused_at_the_call(tiny_model, settings, message):
    with pytest.raises(ValueError, match=message):
        generate(tiny_model, **({"seed_text": "a"} | settings))


@pytest.mark.parametrize(
    "settings",
    [{"temperature": 0}, {"length": 1}, {"length": np.int64(2)}, {"context": 1000}, {"top_k": 99}, {"top_p": 1.0}],
)
def test_arguments_at_the_edge_are_taken(tiny_model, settings):
    assert next(generate(tiny_model, "a", **settings)).char in tiny_model.vocab.chars


def test_a_writer_has_at_least_one_row(tiny_model):
    with pytest.raises(ValueError, match="`rows` must be at least 1, got 0"):
        Writer(tiny_model, "a", rows=0)


def test_a_seed_text_of_unknown_characters_alone_is_refused(tiny_model):
    with pytest.raises(UnknownCharactersError, match="knows none of the characters"):
        generate(tiny_model, "😀😀")


def test_a_row_of_a_draw_is_that_row_alone(tiny_model):
    draw = Writer(tiny_model, "abc", rng(9), rows=3).write(Sampler((0.2, 0.9, 1.5)))
    alone = Writer(tiny_model, "abc", rng(9)).write(Sampler(0.9)).row()
    row = draw.row(1)
    assert (row.char, row.id, row.u, row.sampler) == (alone.char, alone.id, alone.u, alone.sampler)
    np.testing.assert_allclose(row.probabilities, alone.probabilities, rtol=1e-4)
    assert row.logits.shape == row.probabilities.shape == (len(tiny_model.vocab),)


def test_rows_with_numbers_of_their_own_write_texts_of_their_own(tiny_model):
    writer = Writer(tiny_model, "abc", rng(9), rows=3, own_numbers=True)
    numbers = [draw.row(2).u for draw in writer.draws(Sampler(1.0), 30)]
    assert numbers == rng(9).random((30, 3))[:, 2].tolist()
    assert len(set(Writer(tiny_model, "abc", rng(9), rows=3, own_numbers=True).write_texts(Sampler(1.0), 30))) == 3
