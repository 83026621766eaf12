"""Texts while they are written: what is written when, and that nothing is lost."""

import time

import numpy as np
import pytest
from small_models import random_model

from charlstm.writing.generation import generate
from charlstm.writing.live_text import BURST_SECONDS, CATCH_UP_SECONDS, INSTANT, LiveText
from charlstm.writing.sampling import Sampler

SEED = "abc"
SAMPLER = Sampler(0.8)


def write_all(live, speed=40.0, tick=0.25, start=0.0):
    """Ticks until the text is finished; returns the seconds that took."""
    now = start
    while live.writing:
        live.advance(now, 0.3, SAMPLER, speed)
        now += tick
    return now - start


@pytest.mark.parametrize("speed", [INSTANT, 5.0, 40.0, 1000.0])
def test_any_speed_writes_the_same_text_as_generate(tiny_model, speed):
    live = LiveText(tiny_model, SEED, rng_seed=7)
    live.start(0.0, 200)
    write_all(live, speed)
    steps = generate(tiny_model, SEED, 0.8, 200, np.random.default_rng(7))
    assert live.text == "".join(step.char for step in steps)


def test_speed_is_kept(tiny_model):
    live = LiveText(tiny_model, SEED, rng_seed=7)
    live.start(0.0, 400)
    for tick in range(20):
        live.advance(tick * 0.25, 0.3, SAMPLER, 40.0)
    assert abs(len(live.written) - 40 * (19 * 0.25 + 0.3)) <= 1


def test_characters_become_due_one_after_another(tiny_model):
    live = LiveText(tiny_model, SEED, rng_seed=7)
    live.start(0.0, 400)
    live.advance(0.0, 0.3, SAMPLER, 40.0)
    live.advance(0.25, 0.3, SAMPLER, 40.0)
    assert np.allclose(np.diff(live.pending(0.25)), 1 / 40)
    assert live.pending(99.0) == []


def test_a_page_that_slept_does_not_rush(tiny_model):
    live = LiveText(tiny_model, SEED, rng_seed=7)
    live.start(0.0, 400)
    live.advance(0.0, 0.3, SAMPLER, 40.0)
    before = len(live.written)
    live.advance(100 * CATCH_UP_SECONDS, 0.3, SAMPLER, 40.0)
    assert len(live.written) - before <= 0.3 * 40 + 1


def test_a_moved_temperature_acts_from_the_next_character_on(tiny_model):
    live = LiveText(tiny_model, SEED, rng_seed=7)
    live.start(0.0, 100)
    live.advance(0.0, 0.3, SAMPLER, 40.0)
    first = live.text
    assert live.steady
    live.advance(0.25, 0.3, Sampler(1.7), 40.0)
    assert live.text.startswith(first)
    assert {draw.sampler.temperature for draw in live.written} == {0.8, 1.7}
    assert not live.steady


def test_stop_and_continue_give_the_uninterrupted_text(tiny_model):
    live, whole = (LiveText(tiny_model, SEED, rng_seed=7) for _ in range(2))
    live.start(0.0, 100)
    live.advance(0.0, 0.3, SAMPLER, 40.0)
    live.stop()
    assert 0 < len(live.written) < 100
    assert live.pending(0.0) == []
    live.start(5.0, 100)
    write_all(live, start=5.0)
    whole.start(0.0, 100)
    write_all(whole)
    assert live.text == whole.text
    live.start(9.0, 50)
    write_all(live, start=9.0)
    assert len(live.text) == 150


def test_another_model_reads_on_without_losing_the_text(tiny_model):
    live = LiveText(tiny_model, SEED, rng_seed=7)
    for _ in range(20):
        live.write_one(SAMPLER)
    before = live.text
    other = random_model(rng_seed=99)
    live.use_model(other)
    assert live.text == before
    fresh = LiveText(other, SEED + before, rng_seed=7)
    assert np.allclose(live.next_logits, fresh.next_logits, atol=1e-6)
    assert not live.steady


def test_rows_share_their_luck_and_differ_in_temperature_only(tiny_model):
    rows = LiveText(tiny_model, SEED, rng_seed=7, rows=3)
    alone = LiveText(tiny_model, SEED, rng_seed=7)
    for _ in range(60):
        rows.write_one(Sampler(np.array([0.2, 0.8, 1.5])))
        alone.write_one(SAMPLER)
    assert rows.row_text(1) == alone.text
    assert len({rows.row_text(row) for row in range(3)}) == 3


def test_rows_go_on_with_another_model(tiny_model):
    rows, sampler = LiveText(tiny_model, SEED, rng_seed=7, rows=2), Sampler(np.array([0.2, 1.5]))
    for _ in range(20):
        rows.write_one(sampler)
    other = random_model(rng_seed=99)
    rows.use_model(other)
    for row in range(2):
        fresh = LiveText(other, SEED + rows.row_text(row), rng_seed=7)
        assert np.allclose(rows.next_logits[row], fresh.next_logits[0], atol=1e-5)


def test_an_instant_text_lets_others_in_between(tiny_model, monkeypatch):
    live, write_one = LiveText(tiny_model, SEED, rng_seed=7), LiveText.write_one
    monkeypatch.setattr(LiveText, "write_one", lambda self, sampler: (time.sleep(0.02), write_one(self, sampler))[1])
    live.start(0.0, 1000)
    live.advance(0.0, 0.3, SAMPLER, INSTANT)
    assert 0 < len(live.written) <= BURST_SECONDS / 0.02 + 1
    assert live.writing


def test_a_text_ends_at_its_limit(tiny_model):
    live = LiveText(tiny_model, SEED, rng_seed=7)
    live.start(0.0, 100, limit=30)
    write_all(live, INSTANT)
    assert len(live.written) == 30


@pytest.mark.parametrize("rows", [1, 3])
def test_only_the_newest_draw_of_a_text_keeps_its_distributions(tiny_model, rows):
    live = LiveText(tiny_model, SEED, rng_seed=7, rows=rows)
    newest = [live.write_one(SAMPLER) for _ in range(20)][-1]
    assert live.last_draw is live.written[-1] is newest
    assert newest.logits.shape == newest.probabilities.shape == (rows, len(tiny_model.vocab))
    arrays = [array for draw in live.written[:-1] for array in draw if isinstance(array, np.ndarray)]
    assert max(array.size for array in arrays) <= rows
    live.use_model(random_model(rng_seed=99))
    assert live.last_draw is None  # it was another model that said so
    assert not live.written[-1].logits.size


def test_a_text_can_be_written_at_once(tiny_model):
    live, alone = (LiveText(tiny_model, SEED, rng_seed=7) for _ in range(2))
    live.write(SAMPLER, 60)
    for _ in range(60):
        alone.write_one(SAMPLER)
    assert live.text == alone.text
    assert live.complete
