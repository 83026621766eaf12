"""The lesson: six steps, each set up by itself, linked to, and walked through without another control."""

import re

import numpy as np
import pytest
from app_tests import finish, finish_columns, go_to, open_app
from pages import no_traceback, open_page, press, wait_until

import charlstm
from charlstm.network.lstm import Network
from charlstm.network.model_file import Model
from charlstm.network.registry import load_model
from charlstm.page.locale import LANGUAGES
from charlstm.page.pages.lesson import STEPS, _seed_text
from charlstm.page.parts.signs import percent
from charlstm.page.questions import QUESTIONS
from charlstm.reading.sweep import sweep
from charlstm.text.openings import DEFAULT_SEED
from charlstm.text.vocab import Vocab

NUMBERS = range(1, len(STEPS) + 1)
PRESSED = {1: "one_character", 3: "compare_generate", 4: "compare_generate", 5: "training_play", 6: "measure"}


def lesson(step: int | None = None, **address):
    return open_app(view="lesson", **({} if step is None else {"step": str(step)}), **address)


def words(app) -> str:
    return " ".join(element.value for element in app.main.markdown)


def htmls(app) -> list[str]:
    return [element.proto.body for element in app.get("html")]


def title(app) -> str:
    return app.header[0].value


def test_there_are_six_steps():
    assert len(STEPS) == 6


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("language", ["English", "中文"])
def test_every_step_can_be_linked_to(number, language):
    app = lesson(number, language=language)
    assert title(app) == f"{number} · {LANGUAGES[language].catalogue.gettext(STEPS[number - 1].title)}"
    assert not app.error
    assert not app.warning
    assert app.button(key="lesson_previous").disabled == (number == 1)
    assert app.button(key="lesson_next").disabled == (number == len(STEPS))
    if number in PRESSED:
        assert not app.button(key=PRESSED[number]).disabled or number == 6  # 6 may stand there already


@pytest.mark.parametrize("number", NUMBERS)
def test_a_step_asks_first_then_is_tried_and_says_what_was_seen(number):
    app, question = lesson(number), QUESTIONS[number - 1]
    for place, said in ((question.right, "as you expected"), ((question.right + 1) % 3, "You expected **")):
        assert question.asks in words(app)
        assert [app.button(key=f"lesson_answer_{each}").label[4:] for each in range(3)] == list(question.answers)
        app.button(key=f"lesson_answer_{place}").click().run()
        assert "**Look**" in words(app)
        assert app.button(key="lesson_next").label == "What was seen"
        app.button(key="lesson_next").click().run()
        assert said in words(app)
        assert f"it was **{question.answers[question.right]}**" in words(app).replace("It was", "it was")
        assert question.seen in words(app)
        assert app.button(key="lesson_next").label == "Next"
        other = number % len(STEPS) + 1
        app.segmented_control(key="step").set_value(other).run()
        app.segmented_control(key="step").set_value(number).run()


def test_the_softmax_stands_in_numbers_that_move_with_the_slider():
    app = lesson(2)
    for temperature in (1.0, 0.5, 2.0):
        app.slider(key="temperature").set_value(temperature).run()
        logits = app.session_state.session.text.live.next_logits[0]
        order, weights = np.argsort(-logits)[:8], np.exp(logits / temperature)
        shown = re.findall(r"<td>(.*?)</td>", next(each for each in htmls(app) if "softmax" in each))
        rows = np.array(shown).reshape(-1, 3)
        signed = [f"{value:.2f}".replace("-", "−") for value in (*logits[order], *logits[order] / temperature)]
        assert [*rows[:8, 0], *rows[:8, 1]] == signed
        assert list(rows[:8, 2]) == [percent(share) for share in weights[order] / weights.sum()]
        assert rows[8].tolist() == ["", "", percent(1 - weights[order].sum() / weights.sum())]
    app.slider(key="temperature").set_value(0.0).run()
    shown = re.findall(r"<td>(.*?)</td>", next(each for each in htmls(app) if "softmax" in each))
    assert shown[1:3] == ["–", "100%"]


def test_what_the_sixth_step_says_of_variety_and_noise_is_what_the_models_write():
    model = load_model("nietzsche")
    cold, middle, warm, hot = sweep(model, (0.2, 1.0, 1.4, 2.0), 10_000, 40, np.random.default_rng(0))
    distinct = [point.measures.distinct_ngram_share.mean for point in (cold, middle, hot)]
    assert distinct[1] - distinct[0] > 3 * abs(distinct[2] - distinct[1])
    assert distinct[1] > 0.9
    assert warm.entropy_bits.mean > middle.entropy_bits.mean + 0.5
    assert hot.measures.real_word_share.mean < middle.measures.real_word_share.mean - 0.2


def test_next_and_back_walk_through():
    app = lesson()
    for number in NUMBERS[1:]:
        app.button(key="lesson_next").click().run()
        assert not app.exception
        assert title(app).startswith(f"{number} · ")
    app.button(key="lesson_previous").click().run()
    assert title(app).startswith("5 · ")


def test_an_unknown_step_opens_the_first():
    assert title(lesson(99)).startswith("1 · ")


def test_greedy_and_sampled_stand_side_by_side_after_one_click():
    app = lesson(3)
    app.button(key="compare_generate").click().run()
    comparison = finish_columns(app).live
    assert comparison.written[-1].sampler.temperatures == (0.0, 1.0)
    expected = charlstm.generate(comparison.model, DEFAULT_SEED, 0.0, 400)
    assert comparison.row_text(0) == "".join(step.char for step in expected)


def test_four_temperatures_follow_two():
    app = lesson(3)
    app.button(key="lesson_next").click().run()
    app.button(key="compare_generate").click().run()
    assert app.session_state.session.columns.live.written[0].sampler.temperatures == (0.2, 0.5, 1.0, 1.2)


def test_a_moved_slider_stays_moved_within_its_step_and_is_put_back_by_the_next():
    app = lesson(2)
    app.slider(key="temperature").set_value(0.2).run()
    app.run()
    assert app.session_state.temperature == 0.2
    app.button(key="lesson_next").click().run()
    app.button(key="lesson_previous").click().run()
    assert app.slider(key="temperature").value == 1.0


def test_the_views_go_on_with_what_the_lesson_left():
    app = lesson(2)
    app.slider(key="temperature").set_value(0.3).run()
    for view in ("write", "compare", "epochs", "measure", "acrostic"):
        go_to(app, view)
        assert not app.exception, view
        assert not app.error
    go_to(app, "write")
    assert app.slider(key="temperature").value == 0.3
    go_to(app, "lesson")
    assert app.slider(key="temperature").value == 1.0  # opened again, set up again


def test_a_text_of_the_main_view_is_kept_among_the_earlier_ones():
    app = open_app(speed="∞", length="50")
    app.button(key="generate").click().run()
    text = finish(app)
    go_to(app, "lesson")
    assert app.session_state.session.earlier[0].text == text


def test_the_columns_of_a_step_are_kept_among_the_earlier_ones():
    app = lesson(3)
    app.button(key="compare_generate").click().run()
    comparison = finish_columns(app).live
    app.button(key="lesson_next").click().run()
    kept = [(earlier.settings["temperature"], earlier.text) for earlier in app.session_state.session.earlier]
    assert kept == [(0.0, comparison.row_text(0)), (1.0, comparison.row_text(1))]


def test_a_model_that_cannot_read_the_usual_seed_text_gets_none(tiny_model):
    assert _seed_text(tiny_model) == ""
    assert _seed_text(Model(Network, Vocab("".join(sorted(set(DEFAULT_SEED)))))) == DEFAULT_SEED
    assert _seed_text(load_model("tang-poems")).endswith("，")
    assert set(tiny_model.vocab.chars) == set("\n abcdefgh")


def test_a_class_is_walked_through_without_another_control(app_server, page):
    open_page(page, f"{app_server}/?view=lesson", "lesson_head")
    for number in NUMBERS:
        wait_until(
            lambda: page.locator(".st-key-lesson_head h2").inner_text().startswith(f"{number} ·"),  # noqa: B023
            f"step {number}",
        )
        if number > 1:
            wait_until(lambda: f"step={number}" in page.url, "the address follows")  # noqa: B023
        if number in PRESSED:
            button = page.locator(f".st-key-{PRESSED[number]} button").first
            button.wait_for()
            box = button.bounding_box()
            assert 0 < box["y"] < 720 - box["height"]  # on the screen without scrolling
            if button.is_enabled():
                press(page, PRESSED[number])
                page.wait_for_timeout(600)
        assert no_traceback(page)
        if number < len(STEPS):
            press(page, "lesson_next")
