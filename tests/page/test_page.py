"""The page without a browser: what its widgets do, and that no click loses a text."""

from urllib.parse import parse_qs, urlsplit

import pytest
from app_tests import browser_data, finish, go_to, open_app, opened, reached
from streamlit.testing.v1 import AppTest

from charlstm.page.limits import MAX_LENGTH
from charlstm.page.parts.text_actions import as_file
from charlstm.text.openings import DEFAULT_SEED
from charlstm.writing.generation import SEED_LIMIT
from charlstm.writing.sampling import Sampler


def generate(app: AppTest) -> str:
    app.button(key="generate").click().run()
    assert not app.exception
    return finish(app)


def fast(**address) -> AppTest:
    return open_app(speed="∞", **address)


def test_the_page_works_at_once():
    app = open_app()
    assert browser_data(app)["seed"] == app.session_state.session.text.live.seed.text == DEFAULT_SEED
    assert not app.button(key="generate").disabled
    assert app.button(key="stop").disabled
    assert not app.error


def test_generate_writes_as_many_characters_as_asked_for():
    app = fast(length="123")
    assert len(generate(app)) == 123


def test_the_same_settings_give_the_same_text():
    assert generate(fast(rng_seed="7", length="200")) == generate(fast(rng_seed="7", length="200"))


def test_another_random_seed_gives_another_text():
    assert generate(fast(rng_seed="7")) != generate(fast(rng_seed="8"))


def test_a_fresh_random_seed_is_shown():
    app = fast()
    app.toggle(key="fresh_seed").set_value(True).run()
    before = app.number_input(key="rng_seed").value
    generate(app)
    assert app.number_input(key="rng_seed").value != before
    assert app.session_state.session.text.live.rng_seed == app.number_input(key="rng_seed").value


@pytest.mark.parametrize("seed_text", ["", "a", "The Will TO power", "x" * 300])
def test_seed_texts_of_any_length(seed_text):
    app = fast(seed_text=seed_text, length="30") if seed_text else fast(length="30")
    if not seed_text:
        app.text_area(key="seed_text").set_value("").run()
    assert len(generate(app)) == 30
    assert not app.error


def test_a_model_of_three_thousand_characters_writes_from_a_seed_it_can_read():
    app = fast(model="tang-poems", length="100")
    live = app.session_state.session.text.live
    assert live.seed.text == app.text_area(key="seed_text").value != ""
    assert not live.seed.skipped
    text = generate(app)
    assert len(text) == 100
    assert "，" in text
    app.button(key="another_seed").click().run()
    assert set(app.text_area(key="seed_text").value) <= set(live.model.vocab.chars)
    app.selectbox(key="model").set_value("nietzsche").run()
    assert app.text_area(key="seed_text").value == DEFAULT_SEED


def test_characters_the_model_never_saw_are_named():
    app = open_app(seed_text="Hello 中 world")
    notes = " ".join(caption.value for caption in app.caption)
    assert "Lower-cased" in notes
    assert "H" in notes
    assert "Skipped" in notes
    assert "中" in notes


@pytest.mark.parametrize(("seed_text", "sentence"), [("😀😀", "knows none"), ("a" * (SEED_LIMIT + 1), "at most")])
def test_a_bad_seed_text_gets_one_sentence_and_loses_nothing(seed_text, sentence):
    app = fast(length="50")
    text = generate(app)
    app.text_area(key="seed_text").set_value(seed_text).run()
    assert not app.exception
    assert [sentence in error.value for error in app.error] == [True]
    assert app.button(key="generate").disabled
    assert app.session_state.session.text.live.text == text


@pytest.mark.parametrize(
    ("key", "value", "used"),
    [
        ("temperature", "-1", 0.5),
        ("temperature", "nan", 0.5),
        ("temperature", "warm", 0.5),
        ("length", "0", 400),
        ("length", "-5", 400),
        ("length", "10000000", 400),
        ("rng_seed", "-1", 42),
        ("top_k", "0", None),
        ("model", "shakespeare", "nietzsche"),
    ],
)
def test_a_bad_setting_in_the_address_gets_one_sentence(key, value, used):
    app = open_app(**{key: value})
    assert app.session_state[key] == used
    assert len(app.warning) == 1
    warning = app.warning[0].value.replace("\\", "")
    assert key in warning
    assert value in warning


def test_a_warning_shows_an_address_as_it_is():
    app = open_app(temperature="[a](http://b) ![c](d)")
    assert r"\[a\]\(http" in app.warning[0].value


def test_good_settings_in_the_address_get_no_warning():
    address = {"temperature": "1.2", "length": "77", "rng_seed": "3", "top_k": "9", "top_p": "0.9", "context": "60"}
    address["min_p"] = "0.03"
    app = open_app(**address, seed_text="the", speed="80", language="中文")
    assert not app.warning
    assert {key: str(app.session_state[key]) for key in address} == address


def test_stop_continue_one_character_and_start_over_lose_nothing():
    app = open_app(length="400")
    app.button(key="generate").click().run()
    written = app.session_state.session.text.live.text
    app.button(key="stop").click().run()
    reached(app, 123)
    stopped = app.session_state.session.text.live.text
    assert stopped == written[:123]
    assert app.button(key="stop").disabled
    app.button(key="one_character").click().run()
    assert app.session_state.session.text.live.text[:-1] == stopped
    app.select_slider(key="speed").set_value("∞").run()
    app.button(key="continue").click().run()
    whole = finish(app)
    assert whole.startswith(stopped)
    assert len(whole) == 400
    opened(app, "finished").button(key="start_over").click().run()
    assert app.session_state.session.text.live.text == ""
    assert app.session_state.session.earlier[0].text == whole


def test_moving_the_temperature_while_it_writes_keeps_the_text():
    app = open_app(length="400")
    app.button(key="generate").click().run()
    before = app.session_state.session.text.live.text
    app.button_group(key="usual_temperature").set_value(1.2).run()
    assert browser_data(app)["question"] == 1
    reached(app, 30, sampler=Sampler(1.2))
    live = app.session_state.session.text.live
    assert live.text[:30] == before[:30]
    assert len(live.text) == 400
    assert {draw.sampler.temperature for draw in live.written[30:]} == {1.2}
    assert browser_data(app)["answered"] == 1


def test_generate_again_files_the_earlier_text():
    app = fast(length="60")
    first = generate(app)
    app.number_input(key="rng_seed").set_value(7).run()
    second = generate(app)
    assert first != second
    assert [earlier.text for earlier in app.session_state.session.earlier] == [first]


def test_another_epoch_writes_the_same_settings_again_and_back():
    app = fast(length="80")
    trained = generate(app)
    best = app.select_slider(key="epoch").value
    app.select_slider(key="epoch").set_value("0").run()
    untrained = app.session_state.session.text.live.text
    assert len(untrained) == 80
    assert untrained != trained
    app.select_slider(key="epoch").set_value(best).run()
    assert app.session_state.session.text.live.text == trained


def test_the_browser_gets_the_text_verbatim():
    app = open_app(seed_text="<b>*a_b* $x$ `c` # d")
    app.select_slider(key="epoch").set_value("0").run()
    app.button(key="one_character").click().run()
    live, data = app.session_state.session.text.live, browser_data(app)
    assert data["seed"] == live.seed.text == "ba_b x c  d"
    assert data["chars"] == live.text


def test_the_link_holds_all_that_the_text_needs():
    app = fast(seed_text="what is ", temperature="0.8", length="90", rng_seed="5", top_p="0.9")
    text = generate(app)
    settings = {key: str(value) for key, value in _settings(app).items() if value is not None}
    assert generate(fast(**settings)) == text


def test_the_link_keeps_the_language_and_the_context_of_the_text_when_another_is_chosen():
    app = fast(length="90", context="20", language="中文")
    text = generate(app)
    app.number_input(key="context").set_value(60).run()
    assert (_settings(app)["context"], _settings(app)["language"]) == ("20", "中文")
    assert generate(fast(**_settings(app))) == text


def test_the_link_names_the_model_of_the_text_when_another_is_on_the_page():
    app = fast(length="40")
    generate(app)
    best = app.session_state.epoch
    go_to(app, "look")  # where another epoch only gives its opinion of the text
    app.select_slider(key="epoch").set_value("0").run()
    go_to(app, "lesson")  # which files the text
    assert app.session_state.session.earlier[0].settings["epoch"] == best


def test_scrubbing_keeps_what_the_text_was_drawn_with():
    app = fast(length="80", top_k="5")
    text, best = generate(app), app.session_state.epoch
    app.number_input(key="top_k").set_value(1).run()
    for epoch in ("0", best):
        app.select_slider(key="epoch").set_value(epoch).run()
    assert app.session_state.session.text.live.text == text


def test_a_text_goes_on_to_the_longest_that_a_link_can_hold():
    app = fast(length="100")
    generate(app)
    text = app.session_state.session.text
    text.write_now(text.settings, MAX_LENGTH - 150)
    app.run().button(key="continue").click().run()
    assert len(finish(app)) == MAX_LENGTH
    assert app.button(key="continue").disabled
    assert app.button(key="one_character").disabled
    assert _settings(app)["length"] == str(MAX_LENGTH)


def _settings(app: AppTest) -> dict:
    opened(app, "finished")
    link = next(code.value for code in app.code if code.value.startswith(("?", "http")))
    return {key: values[0] for key, values in parse_qs(urlsplit(link).query, keep_blank_values=True).items()}


def test_the_download_holds_settings_and_text():
    file = as_file({"temperature": 0.5, "rng_seed": 42}, "seed ", "a\nb")
    assert file == "temperature: 0.5\nrng_seed: 42\n\nseed a\nb\n"


def test_chinese_changes_every_label():
    english, chinese = open_app(), open_app(language="中文")
    for key in ("generate", "stop", "continue", "one_character", "another_seed"):
        assert english.button(key=key).label != chinese.button(key=key).label
    assert chinese.slider(key="temperature").label == "温度"
