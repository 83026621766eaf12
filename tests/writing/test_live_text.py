"""Texts while they are written: what is written, that nothing is lost, and what is taken back."""

import numpy as np
import pytest
from small_models import random_model

from charlstm.writing.acrostic import Acrostic
from charlstm.writing.generation import Draw, Writer, generate
from charlstm.writing.live_text import LiveText
from charlstm.writing.sampling import Sampler

SEED = "abc"
SAMPLER = Sampler(0.8)
LIMIT = 1000


def new_text(model, **settings) -> LiveText:
    return LiveText(model, SEED, rng_seed=7, **settings)


def write(live: LiveText, length: int, sampler: Sampler = SAMPLER) -> str:
    """Writes `length` characters a row; returns the text of the first."""
    for _ in range(length):
        live.write_one(sampler)
    return live.text


@pytest.mark.parametrize("piece", [1, 7, 500])
def test_pieces_of_any_length_write_the_same_text_as_generate(tiny_model, piece):
    live = new_text(tiny_model)
    live.aim(200, LIMIT)
    while not live.complete:
        assert 0 < len(live.write(SAMPLER, piece)) <= piece
    steps = generate(tiny_model, SEED, 0.8, 200, np.random.default_rng(7))
    assert live.text == "".join(step.char for step in steps)
    assert live.write(SAMPLER, piece) == []


def test_a_moved_temperature_acts_from_the_next_character_on(tiny_model):
    live = new_text(tiny_model)
    first = write(live, 12)
    assert live.steady
    write(live, 10, Sampler(1.7))
    assert live.text.startswith(first)
    assert [draw.sampler.temperature for draw in live.written] == [0.8] * 12 + [1.7] * 10
    assert not live.steady


def test_a_text_goes_on_to_its_target_and_then_by_the_length_asked_for(tiny_model):
    live, whole = new_text(tiny_model), new_text(tiny_model)
    live.aim(100, LIMIT)
    live.write(SAMPLER, 30)
    live.aim(100, LIMIT)
    live.write(SAMPLER, LIMIT)
    assert live.text == write(whole, 100)
    live.aim(50, LIMIT)
    live.write(SAMPLER, LIMIT)
    assert len(live.text) == 150


def test_another_model_reads_on_without_losing_the_text(tiny_model):
    live = new_text(tiny_model)
    before = write(live, 20)
    other = random_model(rng_seed=99)
    live.use_model(other)
    assert live.text == before
    fresh = LiveText(other, SEED + before, rng_seed=7)
    assert np.allclose(live.next_logits, fresh.next_logits, atol=1e-6)
    assert not live.steady


def test_rows_share_their_luck_and_differ_in_temperature_only(tiny_model):
    rows, alone = new_text(tiny_model, rows=3), new_text(tiny_model)
    write(rows, 60, Sampler((0.2, 0.8, 1.5)))
    assert rows.row_text(1) == write(alone, 60)
    assert len({rows.row_text(row) for row in range(3)}) == 3


def test_rows_go_on_with_another_model(tiny_model):
    rows = new_text(tiny_model, rows=2)
    write(rows, 20, Sampler((0.2, 1.5)))
    other = random_model(rng_seed=99)
    rows.use_model(other)
    for row in range(2):
        fresh = LiveText(other, SEED + rows.row_text(row), rng_seed=7)
        assert np.allclose(rows.next_logits[row], fresh.next_logits[0], atol=1e-5)


def test_a_text_ends_at_its_limit(tiny_model):
    live = new_text(tiny_model)
    live.aim(100, 30)
    live.write(SAMPLER, LIMIT)
    assert live.complete
    assert len(live.written) == 30


@pytest.mark.parametrize("rows", [1, 3])
def test_only_the_newest_draw_of_a_text_keeps_its_distributions(tiny_model, rows):
    live = new_text(tiny_model, rows=rows)
    newest = [live.write_one(SAMPLER) for _ in range(20)][-1]
    assert live.last_draw is live.written[-1] is newest
    assert newest.logits.shape == newest.probabilities.shape == (rows, len(tiny_model.vocab))
    arrays = [array for draw in live.written[:-1] for array in draw if isinstance(array, np.ndarray)]
    assert max(array.size for array in arrays) <= rows
    live.use_model(random_model(rng_seed=99))
    assert live.last_draw is None  # it was another model that said so
    assert not live.written[-1].logits.size


# What was not seen is taken back.


def assert_same_draw(one: Draw, other: Draw) -> None:
    assert (one.chars, one.sampler, one.u, one.by_hand) == (other.chars, other.sampler, other.u, other.by_hand)
    np.testing.assert_array_equal(one.ids, other.ids)
    np.testing.assert_allclose(one.logits, other.logits, atol=1e-5)
    np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-6)


@pytest.mark.parametrize("context", [None, 5])
@pytest.mark.parametrize("place", [0, 1, 17, 39, 40])
def test_a_text_cut_at_any_place_becomes_the_same_again(tiny_model, place, context):
    live, whole = new_text(tiny_model, context=context), new_text(tiny_model, context=context)
    text = write(whole, 40)
    write(live, 40)
    live.cut(place)
    assert live.text == text[:place]
    assert write(live, 40 - place) == text
    assert [draw.u for draw in live.written] == [draw.u for draw in whole.written]
    assert_same_draw(live.last_draw, whole.last_draw)


@pytest.mark.parametrize("context", [None, 5])
def test_the_last_draw_of_a_cut_text_has_its_distributions(tiny_model, context):
    live = new_text(tiny_model, context=context)
    twelfth = [live.write_one(SAMPLER) for _ in range(12)][-1]
    write(live, 20)
    live.cut(12)
    assert_same_draw(live.last_draw, twelfth)
    assert not live.written[-2].logits.size


def test_a_text_cut_to_nothing_says_what_comes_first(tiny_model):
    live = new_text(tiny_model)
    first = live.next_logits
    write(live, 5)
    live.cut(0)
    assert live.last_draw is None
    np.testing.assert_allclose(live.next_logits, first, atol=1e-6)


def test_a_cut_beyond_the_end_changes_nothing(tiny_model):
    live = new_text(tiny_model)
    text, last = write(live, 5), live.last_draw
    live.cut(5)
    live.cut(99)
    assert live.text == text
    assert live.last_draw is last


def test_a_cut_text_goes_on_at_another_temperature_with_the_same_random_numbers(tiny_model):
    live, whole, warm = new_text(tiny_model), new_text(tiny_model), Sampler(1.7)
    write(live, 40)
    live.cut(15)
    write(live, 25, warm)
    write(whole, 15)
    assert live.text == write(whole, 25, warm)
    assert [draw.u for draw in live.written] == [draw.u for draw in whole.written]


@pytest.mark.parametrize("context", [None, 5])
def test_rows_are_cut_together(tiny_model, context):
    sampler = Sampler((0.2, 0.8, 1.5))
    live, whole = (new_text(tiny_model, rows=3, context=context) for _ in range(2))
    write(live, 40, sampler)
    write(whole, 40, sampler)
    live.cut(11)
    assert [live.row_text(row) for row in range(3)] == [whole.row_text(row)[:11] for row in range(3)]
    write(live, 29, sampler)
    assert [live.row_text(row) for row in range(3)] == [whole.row_text(row) for row in range(3)]
    assert_same_draw(live.last_draw, whole.last_draw)


def test_after_a_change_of_model_a_cut_leaves_what_the_other_wrote(tiny_model):
    other = random_model(rng_seed=99)
    live, whole = new_text(tiny_model), new_text(tiny_model)
    for text in (live, whole):
        write(text, 20)
        text.use_model(other)
        write(text, 20)
    live.cut(30)
    assert live.model is other
    assert live.text == whole.text[:30]
    assert write(live, 10) == whole.text
    assert not live.steady


def test_a_cut_keeps_a_character_taken_by_hand(tiny_model):
    live = new_text(tiny_model)
    write(live, 20)
    char = next(char for char in tiny_model.vocab.chars if char != live.text[8])
    branched = live.branch(8, char)
    text = write(branched, 11)
    for place in (15, 9):  # the second time, it is the last one
        branched.cut(place)
        assert branched.text == text[:place]
    assert branched.last_draw.by_hand
    assert write(branched, 11) == text


def test_a_cut_text_still_keeps_its_rule(tiny_model):
    rule = Acrostic("cafe", tiny_model.vocab, shortest=3, longest=9)
    live, whole = (LiveText(tiny_model, "", 0, constraint=rule) for _ in range(2))
    for text in (live, whole):
        text.aim(LIMIT, LIMIT)
        text.write(SAMPLER, LIMIT)
    start = whole.text.index("\n") + 2  # just after a letter that the rule gave
    live.cut(start)
    assert live.last_draw.allowed.sum() == 1
    live.write(SAMPLER, LIMIT)
    assert live.text == whole.text


def test_characters_taken_by_hand_at_the_end_are_read_and_pass_over_numbers(tiny_model):
    live = LiveText(tiny_model, "ab", 3)
    live.target = 5
    live.write(Sampler(0.8), 5)
    before = live.text
    logits = live.next_logits
    first, second = live.take("ca", Sampler(1.5))
    assert live.text == before + "ca"
    assert (first.by_hand, first.char, second.char, first.sampler) == (True, "c", "a", Sampler(1.5))
    np.testing.assert_array_equal(first.logits, logits)
    numbers = np.random.default_rng(3).random(8)
    assert [draw.u for draw in live.written] == numbers[:7].tolist()
    after = live.write_one(Sampler(0.8))
    assert after.u == numbers[7]
    expected = Writer(tiny_model, "ab" + before + "ca").logits
    np.testing.assert_allclose(after.logits, expected, rtol=1e-6)
    assert not live.steady
