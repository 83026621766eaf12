"""Texts keep to what the page says of them: which model writes, from which seed text, and with what they are filed."""

import numpy as np
import pytest
from app_tests import finish, go_to, open_app, page_of, reached

from charlstm.network.registry import load_model
from charlstm.page.parts.text_actions import settings_of
from charlstm.page.state import Settings
from charlstm.writing.generation import generate
from charlstm.writing.sampling import Sampler


def text_of(app):
    return app.session_state.session.text


def test_a_model_that_is_chosen_before_anything_is_written_reads_the_seed_text_as_it_was_typed():
    app = open_app(seed_text="The Will To Power", speed="∞", length="60")
    app.selectbox(key="model").set_value("python-docs").run()
    app.button(key="generate").click().run()
    written = finish(app)
    assert text_of(app).live.seed.text == "The Will To Power"
    link = {key: str(value) for key, value in settings_of(text_of(app)).items() if value is not None}
    assert link["seed_text"] == "The Will To Power"
    again = open_app(**link, speed="∞")
    again.button(key="generate").click().run()
    assert finish(again) == written


def test_one_character_of_a_model_that_was_just_chosen_reads_the_seed_text_as_it_was_typed():
    app = open_app(seed_text="The Will To Power")
    app.selectbox(key="model").set_value("python-docs").run()
    app.button(key="one_character").click().run()
    rng = np.random.default_rng(Settings.rng_seed)
    [first] = generate(load_model("python-docs"), "The Will To Power", Settings.temperature, 1, rng)
    assert text_of(app).live.text == first.char


def test_what_is_asked_for_as_another_model_is_chosen_is_filed_under_the_one_that_wrote_it():
    app = open_app()
    app.selectbox(key="model").set_value("python-docs")
    app.button(key="generate").click().run()
    [(_, settings)] = text_of(app).stretches
    assert settings.name == "nietzsche"
    assert settings.model == load_model("nietzsche")


@pytest.mark.parametrize("button", ["generate", "one_character"])
def test_a_seed_text_that_cannot_be_read_writes_nothing(button):
    app = open_app(speed="∞")
    app.text_area(key="seed_text").set_value("猫")
    app.button(key=button).click().run()
    assert not app.exception
    assert len(app.error) == 1
    assert text_of(app) is None
    assert app.button(key=button).disabled


def test_one_character_begins_with_the_seed_text_that_was_just_typed():
    app = open_app()
    app.text_area(key="seed_text").set_value("what is ")
    app.button(key="one_character").click().run()
    assert text_of(app).live.seed.text == "what is "
    assert len(text_of(app).live.text) == 1


def test_the_invitation_writes_nothing_from_a_seed_text_that_cannot_be_read():
    app = open_app(view="look")
    app.text_area(key="seed_text").set_value("猫")
    app.button(key="write_now").click().run()
    assert not app.exception
    assert len(app.error) == 1
    assert text_of(app) is None


def chinese_text():
    """A poem of 60 characters from an empty seed text, looked into by a model that reads hardly any of it."""
    app = open_app(model="tang-poems", speed="∞", length="60")
    app.text_area(key="seed_text").set_value("").run()
    app.button(key="generate").click().run()
    finish(app)
    go_to(app, "look")
    app.selectbox(key="model").set_value("nietzsche").run()
    assert not app.exception
    return app


def test_where_a_model_reads_nothing_before_a_character_none_is_taken_and_one_sentence_says_so():
    app = chinese_text()
    before = text_of(app)
    model, text = before.live.model, before.live.text
    app.button(key="take_0").click().run()  # of the first line break, the first character that it knows
    assert not app.exception
    assert ["knows none of the characters" in error.value for error in app.error] == [True]
    assert text_of(app) is before
    assert (before.live.model, before.live.text) == (model, text)
    assert page_of(app) == "look"
    assert not app.session_state.session.earlier


def test_another_model_goes_on_from_a_character_that_was_taken_and_the_first_text_keeps_its_own():
    app = chinese_text()
    before = text_of(app)
    model, text = before.live.model, before.live.text
    app.number_input(key="look_position").set_value(2).run()
    app.button(key="take_0").click().run()
    assert not app.exception
    assert (before.live.model, before.live.text) == (model, text)
    assert text_of(app).live.model is not model
    assert app.session_state.session.earlier[0].settings["model"] == "tang-poems"
    kept = text.index("\n", text.index("\n") + 1)
    assert finish(app)[:kept] == text[:kept]


def test_a_text_is_filed_with_the_model_and_the_temperatures_that_wrote_it():
    app = open_app(length="100", temperature="0.5")
    app.button(key="generate").click().run()
    app.slider(key="temperature").set_value(1.2).run()
    reached(app, 40, sampler=Sampler(1.2))
    app.slider(key="temperature").set_value(0.2)
    app.selectbox(key="model").set_value("python-docs")
    app.button(key="generate").click().run()
    earlier = app.session_state.session.earlier[0].settings
    assert earlier["temperature"] == "0.5 → 1.2"
    assert earlier["model"] == "nietzsche"
    app.button(key="generate").click().run()
    assert app.session_state.session.earlier[0].settings["temperature"] == 0.2


@pytest.mark.parametrize(("wrote", "comes"), [("tang-poems", "nietzsche"), ("nietzsche", "tang-poems")])
def test_a_model_that_cannot_read_the_text_begins_a_new_one_and_the_old_one_stays_filed_under_its_own(wrote, comes):
    app = open_app(model=wrote, speed="∞", length="120", seed_text="" if wrote == "tang-poems" else "the ")
    app.button(key="generate").click().run()
    written = finish(app)
    app.selectbox(key="model").set_value(comes).run()
    assert not app.exception
    assert not app.error
    assert text_of(app).live.model.metadata.corpus == comes
    [earlier] = app.session_state.session.earlier
    assert (earlier.text, earlier.settings["model"]) == (written, wrote)


def test_epochs_that_are_scrubbed_on_another_page_leave_the_text_as_it_is():
    app = open_app(speed="∞", length="40")
    app.button(key="generate").click().run()
    text = finish(app)
    go_to(app, "acrostic")
    app.select_slider(key="epoch").set_value("0").run()
    go_to(app, "write")
    assert app.session_state.session.text.live.text == text


def test_settings_begin_with_what_the_widgets_show():
    app = open_app()
    for key in ("temperature", "top_p", "min_p"):
        assert app.slider(key=key).value == getattr(Settings, key)
    for key in ("length", "rng_seed", "top_k", "context"):
        assert app.number_input(key=key).value == getattr(Settings, key)
    assert app.select_slider(key="speed").value == Settings.speed
    assert app.text_area(key="seed_text").value == Settings.seed_text
