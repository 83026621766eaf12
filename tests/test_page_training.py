"""Training from the page, without a browser but with real training: what a session gets, and what others do not see."""

import time

import numpy as np
import pytest
from test_page import finish, open_app

from charlstm.checkpoint import load_model
from charlstm.worker import training_unavailable

SECONDS = 120
TEXT = "a cat sat on a mat and a dog sat on a log. " * 60

needs_training = pytest.mark.skipif(training_unavailable() is not None, reason=f"{training_unavailable()}")


def begin(app, epochs: int, text: str = TEXT) -> None:
    """Presses Train for a new small model on a pasted text."""
    app.selectbox(key="corpus").set_value("own").run()
    app.text_area(key="paste_corpus").set_value(text).run()
    app.select_slider(key="units").set_value(32).run()
    app.number_input(key="train_epochs").set_value(epochs).run()
    app.button(key="train").click().run()
    assert not app.exception


def train_to_the_end(app) -> None:
    end = time.monotonic() + SECONDS
    while app.session_state.run.status.active:
        assert time.monotonic() < end
        time.sleep(0.3)
    app.run()
    app.run()


@needs_training
def test_what_a_session_trains_is_its_own():
    mine, other = open_app(), open_app()
    shared = mine.session_state.current_version
    before = load_model(shared.path).network.dense_kernel
    begin(mine, 2)
    assert mine.session_state.run.status.phase in ("starting", "queued")
    train_to_the_end(mine)
    assert mine.session_state.model == "my pasted text"
    assert mine.session_state.epoch == "+2"
    assert mine.selectbox(key="corpus").value == "same"
    other.run()
    assert other.selectbox(key="model").options == ["nietzsche", *other.selectbox(key="model").options[1:]]
    assert "my pasted text" not in other.selectbox(key="model").options
    assert np.array_equal(load_model(shared.path).network.dense_kernel, before)

    mine.select_slider(key="speed").set_value("∞").run()
    mine.button(key="generate").click().run()
    assert set(finish(mine)) <= set(TEXT)
    mine.button(key="reset_model").click().run()
    assert mine.session_state.model == "nietzsche"
    assert "my pasted text" in mine.selectbox(key="model").options


@needs_training
def test_a_failed_run_says_why_and_keeps_the_model():
    app = open_app()
    begin(app, 1)
    run = app.session_state.run
    while not hasattr(run, "_process"):
        time.sleep(0.05)
    run._process.kill()
    train_to_the_end(app)
    assert "killed" in app.error[0].value
    assert app.session_state.model == "nietzsche"
    assert not app.button(key="train").disabled


@pytest.mark.parametrize(
    ("text", "sentence"), [("too short", "at least 1,000 characters"), ("", "Upload a text file or paste a text first")]
)
def test_a_text_that_will_not_do_gets_one_sentence(text, sentence):
    app = open_app()
    if training_unavailable() is not None:
        pytest.skip(training_unavailable())
    begin(app, 1, text)
    assert any(sentence in error.value for error in app.error)
    assert "run" not in app.session_state


@needs_training
def test_the_estimate_grows_with_the_network():
    app = open_app()
    app.selectbox(key="corpus").set_value("python-docs").run()

    def seconds() -> float:
        words = next(caption.value for caption in app.caption if "an epoch on this machine" in caption.value)
        number, unit = words.split("about ")[1].split()[:2]
        return float(number) * (60 if unit == "min" else 1)

    small = seconds()
    app.select_slider(key="units").set_value(512).run()
    assert seconds() > 3 * small
