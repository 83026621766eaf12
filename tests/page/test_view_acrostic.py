"""An acrostic on the page: the letters, the chart of what is forbidden, and words that cannot be."""

import pytest
from app_tests import browser_data, open_app, opened, play_to_the_end
from pages import frame_of, no_traceback, open_page, press, wait_until

from charlstm.page.pages.acrostic import _beginning
from charlstm.writing.acrostic import Acrostic
from charlstm.writing.live_text import LiveText
from charlstm.writing.sampling import Sampler


def acrostic(word: str = "cat", **address):
    return open_app(view="acrostic", speed="∞", acrostic=word, **address)


def finish(app) -> str:
    """Plays the acrostic to its end; returns it."""
    return play_to_the_end(app, app.session_state.session.acrostic).live.text


def generate(app) -> str:
    app.button(key="acrostic_generate").click().run()
    return finish(app)


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


def test_a_word_that_is_typed_just_before_a_press_counts():
    app = acrostic()
    app.text_input(key="acrostic").set_value("dog")
    assert "".join(line[0] for line in generate(app).splitlines()) == "dog"
    app = acrostic()
    app.text_input(key="acrostic").set_value("sea")
    app.button(key="acrostic_one_character").click().run()
    assert app.session_state.session.acrostic.live.text == "s"


def test_without_a_word_nothing_is_written():
    app = acrostic()
    text = app.session_state.session.acrostic
    app.run()
    assert app.session_state.session.acrostic is text  # nothing changed
    app.text_input(key="acrostic").set_value(" ").run()
    assert app.button(key="acrostic_one_character").disabled
    assert app.button(key="acrostic_generate").disabled


# The rule, without a page.


def test_a_live_text_keeps_the_rule_and_ends_with_it(tiny_model):
    rule = Acrostic("cafe", tiny_model.vocab, shortest=3, longest=9)
    live = LiveText(tiny_model, "", 0, constraint=rule)
    live.aim(1000, 1000)
    live.write(Sampler(1.0), 1000)
    assert live.complete
    assert [line[0] for line in live.text.splitlines()] == list("cafe")
    assert live.text.endswith("\n")


def test_without_a_rule_everything_is_as_before(tiny_model):
    free, ruled = LiveText(tiny_model, "abc", 1), LiveText(tiny_model, "abc", 1, constraint=None)
    for live in (free, ruled):
        live.aim(50, 50)
        live.write(Sampler(1.0), 50)
    assert free.text == ruled.text
    assert len(free.text) == 50


@pytest.mark.parametrize(
    ("seed_text", "unit", "read"),
    [("abc", "line", "abc\n"), ("abc ", "line", "abc\n"), ("abc\n", "line", "abc\n"), ("abc", "word", "abc ")],
)
def test_the_seed_text_ends_where_a_unit_can_begin(seed_text, unit, read):
    assert _beginning(seed_text, unit) == read


# The page.


def test_each_line_starts_with_its_letter_and_the_letters_stand_out():
    app = acrostic("cat")
    lines = generate(app).splitlines()
    assert [line[0] for line in lines] == list("cat")
    data = browser_data(app, "acrostic_stage")
    assert [data["chars"][place] for place in data["marked"]] == list("cat")
    assert data["words"]["forbidden"] == "The rule forbids {share} of what would be drawn here"


def test_each_word_can_start_with_its_letter():
    assert [word[0] for word in generate(acrostic("streamlit", acrostic_words="true")).split()] == list("streamlit")


def test_the_same_settings_give_the_same_acrostic():
    assert generate(acrostic("echo", rng_seed="3")) == generate(acrostic("echo", rng_seed="3"))
    assert generate(acrostic("echo", rng_seed="3")) != generate(acrostic("echo", rng_seed="4"))


def test_one_character_at_a_time_shows_every_draw():
    app = acrostic("cat")
    for _ in range(3):
        app.button(key="acrostic_one_character").click().run()
    text = app.session_state.session.acrostic
    assert text.live.text[0] == "c"
    assert text.live.last_draw.char == text.live.text[-1]
    assert text.live.written[0].sampler.temperature == app.session_state.temperature
    assert len(browser_data(app, "acrostic_stage")["chars"]) == 3


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
    assert app.session_state.session.acrostic.live.text == text
    assert [line[0] for line in generate(app).splitlines()] == list("dog")


def test_generate_again_files_the_acrostic():
    app = acrostic("cat")
    text = generate(app)
    app.number_input(key="rng_seed").set_value(9).run()
    generate(app)
    assert [earlier.text for earlier in app.session_state.session.earlier] == [text]
    assert any(text.strip() in code.value for code in opened(app, "earlier_texts").code)


def test_another_epoch_goes_on_with_the_text():
    app = acrostic("cat", rng_seed="8")
    app.button(key="acrostic_one_character").click().run()
    app.select_slider(key="epoch").set_value("2").run()
    app.button(key="acrostic_continue").click().run()
    assert [line[0] for line in finish(app).splitlines()] == list("cat")


def test_an_address_with_a_switch_is_understood():
    assert not acrostic("cat", acrostic_words="true").warning


def test_letters_come_in_time_and_the_chart_is_struck(app_server, page):
    open_page(page, f"{app_server}/?view=acrostic&acrostic=sea&speed=80", "acrostic_output")
    press(page, "acrostic_generate")
    initials = page.locator(".st-key-acrostic_output .stage-text .marked")
    wait_until(lambda: initials.all_inner_texts() == ["s", "e", "a"], "three letters")
    wait_until(lambda: page.locator(".st-key-acrostic_stop button").first.is_disabled(), "it ends by itself")
    assert page.locator(".st-key-acrostic_chart").locator("canvas, svg.marks").count() >= 1
    assert "forbids" in frame_of(page, "acrostic_stage").title
    assert no_traceback(page)
