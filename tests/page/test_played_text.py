"""A text as a session plays it: cut where the browser has come to, never unwritten, and sent once."""

from dataclasses import replace

import numpy as np
import pytest
from app_tests import unpacked
from small_models import random_model

from charlstm.network.metrics import entropy_bits, softmax
from charlstm.page.components.stage import NO_ID, REST, STRUCK, pack_steps
from charlstm.page.parts.played_text import AT_ONCE, PIECE, PIECE_AT_ONCE, SHOWN_STEPS, PlayedText, WritingSettings
from charlstm.writing.acrostic import Acrostic
from charlstm.writing.live_text import LiveText
from charlstm.writing.sampling import Sampler

ROWS = 6
LIMIT = 10_000
WARM = Sampler(1.7)


@pytest.fixture
def settings(tiny_model) -> WritingSettings:
    return WritingSettings(Sampler(0.8), tiny_model, "tiny", "1", 40.0)


def new_text(model, **more) -> PlayedText:
    return PlayedText(LiveText(model, "abc", 7, **more), ROWS)


def started(settings: WritingSettings, length: int = 100, **more) -> PlayedText:
    text = new_text(settings.model, **more)
    text.start(settings, length, LIMIT)
    return text


def changed(settings: WritingSettings, **fields) -> WritingSettings:
    return replace(settings, **fields)


def distributions_of(text: PlayedText, column: int = 0) -> np.ndarray:
    """What the browser unpacks, (steps, 2 + 3 rows)."""
    return unpacked(text.data(column)["distributions"], ROWS)


def test_one_press_writes_all(settings):
    text = started(settings)
    assert len(text.live.written) == len(distributions_of(text)) == len(text.bits) == 100
    assert text.playing
    assert text.data(0)["complete"]
    assert text.shown == text.data(0)["shown"] == 0


def test_stop_ends_the_text_where_the_browser_is(settings):
    text = started(settings)
    whole = text.live.text
    text.stop()
    assert text.playing  # until the browser has answered
    assert text.data(0)["question"] == 1
    text.reached(1, 42, settings)
    assert not text.playing
    assert text.live.text == whole[:42]
    assert len(distributions_of(text)) == len(text.bits) == 42
    text.start(settings, 100, LIMIT)
    assert text.live.text == whole  # the length that was wanted, and the same random numbers
    assert text.live.steady
    assert text.data(0)["shown"] == 42


def test_a_moved_temperature_acts_from_where_the_browser_is(settings):
    text = started(settings)
    before, bars = text.live.text, distributions_of(text)
    text.follow(settings)
    assert text.questions == 0
    warm = changed(settings, sampler=WARM)
    text.follow(warm)
    text.follow(warm)
    assert text.questions == 1
    text.reached(1, 30, warm)
    assert text.live.text[:30] == before[:30]
    assert [draw.sampler for draw in text.live.written] == [settings.sampler] * 30 + [WARM] * 70
    np.testing.assert_array_equal(distributions_of(text)[:30], bars[:30])
    assert text.stretches == [(0, settings), (30, warm)]
    text.follow(warm)
    assert text.questions == 1


def test_the_settings_count_that_stand_when_the_browser_answers(settings):
    text, hot = started(settings), changed(settings, sampler=Sampler(2.0))
    text.follow(changed(settings, sampler=WARM))
    text.follow(hot)
    text.reached(1, 30, hot)
    assert {draw.sampler.temperature for draw in text.live.written[30:]} == {2.0}


def test_another_speed_needs_no_answer(settings):
    text = started(settings)
    text.follow(changed(settings, speed=5.0))
    assert text.questions == 0


def test_another_model_in_mid_play_writes_on_from_where_the_browser_is(settings):
    other = random_model(rng_seed=99)
    text, later = started(settings), changed(settings, model=other, epoch="2")
    before = text.live.text
    text.follow(later)
    text.reached(text.questions, 30, later)
    alone = new_text(settings.model)
    alone.write_now(settings, 30)
    alone.live.use_model(other)
    alone.write_now(later, 70)
    assert text.live.text == alone.live.text
    assert text.live.text[:30] == before[:30]
    assert text.stretches == [(0, settings), (30, later)]
    assert not text.live.steady


def test_a_model_that_cannot_read_the_text_ends_it_there(settings):
    text = started(settings)
    before = text.live.text
    later = changed(settings, model=random_model("xyz"), name="other")
    text.follow(later)
    text.reached(text.questions, 30, later)
    assert not text.playing
    assert text.live.model is settings.model
    assert text.live.text == before[:30]


def test_bars_keep_the_signs_of_the_model_that_drew_them(settings):
    text, other = started(settings), random_model("hgfedcba \n!", rng_seed=5)
    later = changed(settings, model=other, name="other")
    before = distributions_of(text)
    text.follow(later)
    text.reached(text.questions, 30, later)
    data, bars = text.data(0), distributions_of(text)
    np.testing.assert_array_equal(bars[:30], before[:30])
    drawn_rows = []
    for char, step in zip(data["chars"], bars, strict=True):
        signs = [data["alphabet"][code] for code in step[2::3] if code not in (REST, NO_ID)]
        drawn_rows.append(signs.index(char))
    assert len(set(drawn_rows)) > 1
    own = softmax(text.live.last_draw.logits[0])
    assert data["alphabet"][bars[-1, 2]] == other.vocab.chars[own.argmax()]
    assert bars[-1, 3] == np.rint(10_000 * own.max())
    preview = unpacked(text.previews(later.sampler)[0], ROWS)
    np.testing.assert_array_equal(preview[0], bars[-1])


def test_the_alphabet_has_what_the_bars_name_alone(settings):
    model = random_model("".join(map(chr, range(0x4E00, 0x4E00 + 300))), rng_seed=3)
    text = PlayedText(LiveText(model, "", 7), ROWS)
    preview = unpacked(text.previews(settings.sampler)[0], ROWS)
    text.write_now(changed(settings, model=model), 20)
    codes = {code for bars in (preview, distributions_of(text)) for code in bars[:, 2::3].ravel().tolist()}
    alphabet = text.data(0)["alphabet"]
    assert codes - {REST, NO_ID} == set(range(len(alphabet)))
    assert len(alphabet) < 150
    assert set(text.live.text) <= set(alphabet)


def test_models_with_more_characters_than_the_browser_can_number_write_one_text_in_turn(settings, monkeypatch):
    monkeypatch.setattr("charlstm.page.parts.played_text.MAX_ALPHABET", 12)
    text, other = started(settings), random_model("zyxwvuta \n!", rng_seed=5)
    later = changed(settings, model=other, name="other")
    text.follow(later)
    text.reached(text.questions, 30, later)
    data, bars = text.data(0), distributions_of(text)
    assert len(text.live.text) == len(bars) == 100
    assert len(data["alphabet"]) <= 12
    assert set(bars[:30, 2::3].ravel()) == {NO_ID}  # of these the bars are forgotten
    own = softmax(text.live.last_draw.logits[0])
    assert data["alphabet"][bars[-1, 2]] == other.vocab.chars[own.argmax()]


@pytest.mark.parametrize("answer", [(0, 10), (1, 10), (3, 10), (-1, 10)])
def test_a_stale_answer_changes_nothing(settings, answer):
    text = started(settings)
    text.stop()
    text.reached(1, 50, settings)
    text.start(settings, 100, LIMIT)
    text.follow(changed(settings, sampler=WARM))  # questions for the second time
    before = text.live.text
    text.reached(*answer, settings)
    assert (text.live.text, text.answered, text.playing) == (before, 1, True)


@pytest.mark.parametrize(("said", "shown"), [(0, 20), (19, 20), (20, 20), (99, 99), (101, 100), (10**30, 100)])
def test_an_absurd_place_is_brought_back_into_the_text_that_is_there(settings, said, shown):
    text = started(settings)
    whole = text.live.text
    text.more(100, 20, settings)  # so far it has certainly come
    text.stop()
    text.reached(1, said, settings)
    assert text.live.text == whole[:shown]


def test_an_answer_that_is_given_twice_counts_once(settings):
    """A browser that hears nothing says it again."""
    text, warm = started(settings), changed(settings, sampler=WARM)
    text.follow(warm)
    text.reached(1, 30, warm)
    text.more(100, 60, warm)
    data = text.data(0)
    text.reached(1, 30, warm)
    assert text.data(0) == data


def test_an_answer_without_a_question_and_after_the_end_changes_nothing(settings):
    text = started(settings)
    text.end(len(text.live.written))
    data = text.data(0)
    for question in (0, 1):
        text.reached(question, 10, settings)
    text.more(100, 10, settings)
    text.stop()
    assert text.data(0) == data
    assert not text.playing


@pytest.mark.parametrize(("speed", "piece"), [(40.0, PIECE), (AT_ONCE, PIECE_AT_ONCE)])
def test_a_long_text_comes_in_pieces(settings, speed, piece):
    settings = changed(settings, speed=speed)
    text = started(settings, 2 * piece + 10)
    assert len(text.live.written) == piece
    assert not text.data(0)["complete"]
    text.more(piece - 1, 5, settings)  # of an older piece: nothing
    assert len(text.live.written) == piece
    text.more(piece, 5, settings)
    text.more(2 * piece, 10, settings)
    assert len(text.live.written) == 2 * piece + 10
    assert text.data(0)["complete"]
    whole = new_text(settings.model)
    whole.write_now(settings, 2 * piece + 10)
    assert text.live.text == whole.live.text


def test_of_a_very_long_text_the_browser_gets_the_newest_packed(settings):
    text = new_text(settings.model)
    text.write_now(settings, SHOWN_STEPS + 30)
    data = text.data(0)
    assert data["first"] == 30
    assert len(distributions_of(text)) == SHOWN_STEPS
    assert len(data["chars"]) == SHOWN_STEPS + 30


def test_the_data_are_the_same_after_the_end(settings):
    """What is the same is not sent again."""
    text = started(settings)
    playing = text.data(0)
    text.end(len(text.live.written))
    assert not text.playing
    assert text.data(0) == playing


def test_one_character_is_shown_at_once(settings):
    text = new_text(settings.model)
    text.write_now(settings)
    data = text.data(0)
    assert (data["shown"], len(data["chars"]), data["complete"], text.playing) == (1, 1, True, False)
    text.write_now(changed(settings, sampler=WARM))
    assert text.stretches[-1][0] == 1
    assert text.data(0)["shown"] == 2


def test_a_text_with_nothing_left_to_write_does_not_wait_for_the_browser(settings):
    text = started(settings)
    text.end(len(text.live.written))
    text.start(settings, 50, 100)
    assert not text.playing
    text = started(settings)
    text.follow(changed(settings, sampler=WARM))
    text.reached(text.questions, 100, changed(settings, sampler=WARM))  # it had just come to its end
    assert not text.playing


def test_another_text_has_another_id(settings):
    assert new_text(settings.model).id != new_text(settings.model).id


def test_a_piece_that_is_asked_for_as_the_model_changes_is_written_and_filed_by_the_old_one(settings):
    text, later = started(settings, PIECE + 50), changed(settings, model=random_model(rng_seed=99), name="other")
    text.more(PIECE, 10, later)
    assert text.stretches == [(0, settings)]
    text.follow(later)
    text.reached(1, 30, later)
    assert text.stretches == [(0, settings), (30, later)]


def test_a_model_whose_file_was_read_again_is_the_same(settings):
    text = started(settings)
    text.follow(changed(settings, model=random_model()))
    assert text.questions == 0
    assert text.live.model != random_model(rng_seed=99)


def test_of_a_text_that_plays_only_what_was_seen_is_given_away(settings):
    text = started(settings)
    assert text.seen() == ""
    text.ask()
    text.ask()
    assert text.data(0)["question"] == 1
    whole = text.live.text
    text.reached(1, 30, settings)
    assert text.seen() == whole[:30]
    assert text.playing
    assert text.live.text == whole  # the same random numbers
    text.end(100)
    assert text.seen() == whole


# A character taken by hand.


def test_a_branch_keeps_distributions_and_settings_of_what_stays(settings):
    text, warm = started(settings), changed(settings, sampler=WARM)
    text.follow(warm)
    text.reached(1, 60, warm)
    branched = text.branch(70, "a", warm)
    assert branched.live.text == text.live.text[:70] + "a"
    assert (len(branched.bits), branched.shown) == (71, 71)
    np.testing.assert_array_equal(distributions_of(branched)[:70], distributions_of(text)[:70])
    assert branched.stretches == text.stretches
    assert text.branch(30, "a", warm).stretches == [(0, settings), (30, warm)]
    assert branched.id != text.id
    assert len(text.live.written) == len(text.bits) == 100  # the old one stays as it was
    branched.start(warm, 29, LIMIT)
    assert branched.data(0)["shown"] == 71
    assert [draw.u for draw in branched.live.written] == [draw.u for draw in text.live.written]


# Several columns.


def test_every_column_gets_its_own_text_and_packed(settings):
    temperatures = (0.2, 0.8, 1.5)
    stretches = changed(settings, sampler=Sampler(temperatures))
    text = started(stretches, rows=3)
    for column, temperature in enumerate(temperatures):
        alone = started(changed(settings, sampler=Sampler(temperature)))
        assert text.data(column)["chars"] == alone.data(0)["chars"]
        distance = distributions_of(text, column)[:, 3:].astype(int) - distributions_of(alone)[:, 3:]
        assert abs(distance).max() <= 1  # of 0.01 %, by rounding
        np.testing.assert_allclose([bits[column] for bits in text.bits], np.array(alone.bits)[:, 0], atol=1e-4)
    hot = changed(settings, sampler=Sampler((0.2, 2.0, 1.5)))
    text.follow(hot)
    text.reached(1, 12, hot)
    assert text.live.row_text(0) == started(changed(settings, sampler=Sampler(0.2))).live.text
    assert [draw.sampler.temperatures[1] for draw in text.live.written] == [0.8] * 12 + [2.0] * 88


# At rest.


def test_at_rest_the_bars_are_those_of_the_temperature_of_now(settings):
    text = started(settings)
    text.end(len(text.live.written))
    np.testing.assert_array_equal(unpacked(text.previews(settings.sampler)[0], ROWS)[0], distributions_of(text)[-1])
    warm = unpacked(text.previews(WARM)[0], ROWS)[0]
    np.testing.assert_array_equal(warm[3::3], distributions_of(text)[-1][3::3])  # the model's own stay
    assert warm[0] > distributions_of(text)[-1][0]  # entropy


def test_before_anything_is_written_the_bars_are_those_of_the_first_character(settings):
    text = new_text(settings.model)
    preview = unpacked(text.previews(settings.sampler)[0], ROWS)
    text.write_now(settings)
    np.testing.assert_array_equal(preview[0, 3::3], distributions_of(text)[0, 3::3])
    np.testing.assert_array_equal(preview[0, 4::3], distributions_of(text)[0, 4::3])


def test_the_bars_say_what_a_rule_forbids(settings):
    rule = Acrostic("cab", settings.model.vocab, shortest=4, longest=6)
    text = PlayedText(LiveText(settings.model, "", 7, constraint=rule), ROWS)
    text.write_now(settings)
    first, chars = distributions_of(text)[0], settings.model.vocab.chars
    codes, place = first[2:-3:3].tolist(), text.data(0)["alphabet"].index("c")
    assert [code for code in codes if code < STRUCK] == [place]
    letter = codes.index(place)
    assert first[4::3].tolist() == [10_000 * (row == letter) for row in range(ROWS)]  # after the rule
    assert all(first[3:-3:3])  # the model's own bars stay
    free = LiveText(settings.model, "", 7).next_logits
    assert first[1] == pytest.approx(10_000 * (1 - settings.sampler.probabilities(free)[0, chars.index("c")]), abs=1)


# The numbers that the browser gets, against a direct computation.


@pytest.mark.parametrize("vocab_size", [3, 6, 9, 300])
@pytest.mark.parametrize("masked", [False, True])
def test_packed_bars_are_those_of_a_direct_computation(vocab_size, masked):
    rng = np.random.default_rng(vocab_size)
    steps = 40
    logits = rng.normal(0, 2, (steps, vocab_size))
    allowed = rng.random((steps, vocab_size)) < 0.7
    ids = rng.integers(0, vocab_size, steps)
    ids[:3] = -1
    allowed[np.arange(steps), ids] = True
    own, free = softmax(logits), softmax(logits / 0.5)
    reweighted = free * (allowed if masked else 1)
    reweighted /= reweighted.sum(axis=-1, keepdims=True)
    forbidden = (free * ~allowed).sum(axis=-1)
    packed = pack_steps(own, reweighted, ids, *((allowed, forbidden) if masked else (None, None)), ROWS)
    assert packed.dtype == np.uint16
    assert packed.shape == (steps, 2 + 3 * ROWS)
    for step in range(steps):
        kept = min(ROWS - 1, vocab_size)
        order = sorted(range(vocab_size), key=lambda id: (-own[step, id], id))[:kept]  # noqa: B023
        if ids[step] >= 0 and ids[step] not in order:
            order[-1] = ids[step]
        codes = [id + STRUCK * bool(masked and not allowed[step, id]) for id in order]
        assert packed[step, 2::3].tolist() == [*codes, *[NO_ID] * (ROWS - 1 - kept), REST]
        for place, probabilities in ((3, own[step]), (4, reweighted[step])):
            shares = [*probabilities[order], *[0] * (ROWS - 1 - kept), max(0, 1 - probabilities[order].sum())]
            np.testing.assert_allclose(packed[step, place::3], 10_000 * np.array(shares), atol=1)
        assert packed[step, 0] == pytest.approx(1000 * entropy_bits(reweighted[step]), abs=1)
        assert packed[step, 1] == pytest.approx(10_000 * forbidden[step] if masked else 0, abs=1)


def test_what_is_not_impossible_keeps_a_sliver():
    own = np.array([[1 - 1e-6, 1e-6, 0.0]])
    packed = pack_steps(own, own, np.array([0]), None, None, 4)
    assert packed[0, 3::3].tolist() == [10_000, 1, 0, 0]


def test_the_order_is_the_models_own_at_any_temperature():
    logits = np.random.default_rng(1).normal(0, 2, (20, 30))
    orders = [
        pack_steps(softmax(logits), Sampler(temperature).probabilities(logits), np.full(20, -1), None, None, ROWS)
        for temperature in (0.0, 0.3, 1.0, 2.0)
    ]
    for packed in orders[1:]:
        np.testing.assert_array_equal(packed[:, 2::3], orders[0][:, 2::3])
        np.testing.assert_array_equal(packed[:, 3::3], orders[0][:, 3::3])
