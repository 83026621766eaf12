"""An acrostic on the page: the letters, the chart of what is forbidden, and words that cannot be."""

import numpy as np
import pytest
from app_tests import open_app
from pages import no_traceback, open_page, press, text_of, wait_until

from charlstm.page.charts.masked import masked_chart, masked_frame
from charlstm.page.charts.next_char import ROWS
from charlstm.page.pages.acrostic import AcrosticText
from charlstm.page.parts.written_html import written_html
from charlstm.writing.acrostic import Acrostic
from charlstm.writing.live_text import LiveText
from charlstm.writing.sampling import Sampler

CHARS = "\n abcdefgh"  # of the small model


def acrostic(word: str = "cat", **address):
    return open_app(view="acrostic", speed="∞", acrostic=word, **address)


def finish(app) -> str:
    """Runs the page until the acrostic stands there; returns it."""
    while app.session_state.session.acrostic.writing:
        app.run()
    assert not app.exception
    return app.session_state.session.acrostic.text


def generate(app) -> str:
    app.button(key="acrostic_generate").click().run()
    return finish(app)


def shown_html(app) -> str:
    return next(element.proto.body for element in app.get("html") if 'class="written"' in element.proto.body)


def test_a_word_that_the_model_cannot_write_gives_way():
    app = open_app(view="acrostic", speed="∞", model="tang-poems")
    word = app.text_input(key="acrostic").value
    lines = generate(app).splitlines()
    assert [line[0] for line in lines] == list(word) == list("春風明月")
    assert all(5 <= len(line) < 20 for line in lines)  # verses
    app.selectbox(key="model").set_value("nietzsche").run()
    assert app.text_input(key="acrostic").value == "lecture"
    app.text_input(key="acrostic").set_value("cat").run()
    app.selectbox(key="model").set_value("tang-poems").run()
    assert app.text_input(key="acrostic").value == "cat"  # someone typed it
    assert len(app.error) == 1


# The rule, without a page.


def test_a_live_text_keeps_the_rule_and_ends_with_it(tiny_model):
    rule = Acrostic("cafe", tiny_model.vocab, shortest=3, longest=9)
    live = LiveText(tiny_model, "", 0, constraint=rule)
    live.start(0.0, 1000)
    live.advance(0.0, 0.1, Sampler(1.0), 0)
    assert not live.writing
    assert [line[0] for line in live.text.splitlines()] == list("cafe")
    assert live.text.endswith("\n")


def test_at_a_pace_it_ends_by_itself_too(tiny_model):
    live = LiveText(tiny_model, "", 0, constraint=Acrostic("a", tiny_model.vocab, shortest=3, longest=5))
    live.start(0.0, 1000)
    for tick in range(100):
        live.advance(tick / 4, 0.3, Sampler(1.0), 10)
    assert not live.writing
    assert len(live.text) <= 6


def test_without_a_rule_everything_is_as_before(tiny_model):
    free, ruled = LiveText(tiny_model, "abc", 1), LiveText(tiny_model, "abc", 1, constraint=None)
    for live in (free, ruled):
        live.start(0.0, 50)
        live.advance(0.0, 0.1, Sampler(1.0), 0)
    assert free.text == ruled.text
    assert len(free.text) == 50


def test_the_draw_of_the_latest_letter_is_remembered(tiny_model):
    rule = Acrostic("cab", tiny_model.vocab, shortest=4, longest=6)
    text = AcrosticText(tiny_model, "abc", 0, None, rule)
    assert (text.seed.text, text.shown) == ("abc\n", None)
    for _ in range(3):
        text.write_one(Sampler(1.0))
    assert text.shown.id == CHARS.index("c")
    assert text.shown.allowed.sum() == 1
    text.write_and_show(Sampler(1.0))
    assert text.shown.id == CHARS.index(text.text[-1])


@pytest.mark.parametrize(
    ("seed_text", "unit", "read"),
    [("abc", "line", "abc\n"), ("abc ", "line", "abc\n"), ("abc\n", "line", "abc\n"), ("abc", "word", "abc ")],
)
def test_the_seed_text_ends_where_a_unit_can_begin(tiny_model, seed_text, unit, read):
    assert AcrosticText(tiny_model, seed_text, 0, None, Acrostic("a", tiny_model.vocab, unit)).seed.text == read


# The chart.


def test_forbidden_rows_keep_the_model_s_own_bar_and_lose_the_other():
    own = np.array([0.4, 0.3, 0.2, 0.1])
    allowed = np.array([False, True, False, True])
    reweighted = np.array([0.0, 0.75, 0.0, 0.25])
    frame = masked_frame("abcd", own, reweighted, 1, "rest", allowed)
    rows = frame[frame["rank"] < 4]
    assert rows.sign.tolist() == list("abcd")
    assert rows.struck.tolist() == [True, False, True, False]
    assert rows.own.tolist() == own.tolist()
    assert rows.reweighted[rows.struck].tolist() == [0, 0]
    assert not frame.struck[ROWS]  # the rest is not one character


def test_without_a_mask_nothing_is_struck():
    own = np.full(4, 0.25)
    assert not masked_frame("abcd", own, own, None, "rest", None).struck.any()


def test_a_forced_letter_has_a_row_however_unlikely_it_is():
    chars = "".join(chr(ord("A") + place) for place in range(30))
    own = np.linspace(2, 1, 30) / 45  # A likeliest, the last one least
    allowed = np.arange(30) == 29
    frame = masked_frame(chars, own, allowed.astype(float), 29, "rest", allowed)
    assert frame.sign.tolist() == [*chars[: ROWS - 1], chars[29], "rest"]
    assert frame.struck.tolist() == [True] * (ROWS - 1) + [False, False]
    assert frame.reweighted[ROWS - 1] == 1
    assert frame.drawn[ROWS - 1]
    assert frame.own.sum() == pytest.approx(1)


def test_the_chart_strikes_only_the_struck_rows():
    strikes = masked_chart(("own", "reweighted")).to_dict()["layer"][-1]
    assert strikes["mark"]["type"] == "rule"
    assert {"filter": "datum.struck"} in strikes["transform"]


# The page.


def test_each_line_starts_with_its_letter_and_the_letters_stand_out():
    app = acrostic("cat")
    lines = generate(app).splitlines()
    assert [line[0] for line in lines] == list("cat")
    html = shown_html(app)
    assert [html.split("<b>")[place][0] for place in (1, 2, 3)] == list("cat")
    assert html.count("<b>") == 3
    assert "The rule forbids" in "".join(element.value for element in app.markdown)


def test_each_word_can_start_with_its_letter():
    assert [word[0] for word in generate(acrostic("streamlit", acrostic_words="true")).split()] == list("streamlit")


def test_the_same_settings_give_the_same_acrostic():
    assert generate(acrostic("echo", rng_seed="3")) == generate(acrostic("echo", rng_seed="3"))
    assert generate(acrostic("echo", rng_seed="3")) != generate(acrostic("echo", rng_seed="4"))


def test_one_character_at_a_time_shows_every_draw():
    app = acrostic("cat")
    for _ in range(3):
        app.button(key="acrostic_one").click().run()
    live = app.session_state.session.acrostic
    assert live.text[0] == "c"
    assert live.model.vocab.chars[live.shown.id] == live.text[-1]


def test_capitals_are_taken_for_small_letters_where_the_model_has_no_others():
    assert [line[0] for line in generate(acrostic("Cat")).splitlines()] == list("cat")


@pytest.mark.parametrize(("word", "named"), [("c猫t", "猫"), ("$", "$")])
def test_letters_that_the_model_lacks_are_named_in_one_sentence(word, named):
    app = acrostic(word)
    assert [named in error.value for error in app.error] == [True]
    assert app.button(key="acrostic_generate").disabled


def test_an_empty_word_is_asked_for():
    app = acrostic("cat")
    app.text_input(key="acrostic").set_value("  ").run()
    assert len(app.main.info) == 1
    assert app.button(key="acrostic_generate").disabled
    assert not app.exception


def test_a_new_word_leaves_the_text_until_generate():
    app = acrostic("cat")
    text = generate(app)
    app.text_input(key="acrostic").set_value("dog").run()
    assert app.session_state.session.acrostic.text == text
    assert [line[0] for line in generate(app).splitlines()] == list("dog")


def test_generate_again_files_the_acrostic():
    app = acrostic("cat")
    text = generate(app)
    app.number_input(key="rng_seed").set_value(9).run()
    generate(app)
    assert [earlier.text for earlier in app.session_state.earlier] == [text]
    assert any(text.strip() in code.value for code in app.code)


def test_another_epoch_goes_on_with_the_text():
    app = acrostic("cat", rng_seed="8")
    app.button(key="acrostic_one").click().run()
    app.select_slider(key="epoch").set_value("2").run()
    app.button(key="acrostic_continue").click().run()
    assert [line[0] for line in finish(app).splitlines()] == list("cat")


def test_an_address_with_a_switch_is_understood():
    assert not acrostic("cat", acrostic_words="true").warning


def test_marked_letters_are_escaped():
    html = written_html("", "<a>", [], marked=[0, 2])
    assert html.endswith('"></span><b>&lt;</b>a<b>&gt;</b></div>')


def test_letters_come_in_time_and_the_chart_is_struck(app_server, page):
    open_page(page, f"{app_server}/?view=acrostic&acrostic=sea&speed=80", "acrostic_output")
    press(page, "acrostic_generate")
    initials = page.locator(".st-key-acrostic_output .written b")
    wait_until(lambda: initials.all_inner_texts() == ["s", "e", "a"], "three letters")
    wait_until(lambda: page.locator(".st-key-acrostic_stop button").first.is_disabled(), "it ends by itself")
    assert page.locator(".st-key-acrostic_chart").locator("canvas, svg.marks").count() >= 1
    assert "forbids" in text_of(page, "acrostic_chart")
    assert no_traceback(page)
