"""What whoever runs the page allows: each setting by environment, what is off says so, and what makes no sense too."""

import os
import sys
from pathlib import Path

import pytest
from app_tests import finish, finish_columns, go_to, open_app
from pages import open_page, wait_until, words_of
from server import serving

from charlstm.errors import SettingError
from charlstm.page.hosts import AWAY_SECONDS, LOOK_AGAIN_SECONDS, Seats
from charlstm.page.limits import MAX_LENGTH, limits
from charlstm.training.cluster import training_unavailable

ROOT = Path(__file__).resolve().parents[2]
needs_training = pytest.mark.skipif(training_unavailable(None) is not None, reason=f"{training_unavailable(None)}")
# The page, of which a seat is free a second after it was left.
HURRIED = "from charlstm.page import hosts; from streamlit.web.cli import main; hosts.AWAY_SECONDS = 1; main()"


def said(app) -> str:
    """All captions of the page."""
    return "\n".join(caption.value for caption in app.caption)


def test_by_default_all_is_allowed():
    now = limits()
    assert (now.uploads, now.training, now.length, now.workers) == (True, True, MAX_LENGTH, None)
    assert now.sessions > 10_000


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("UPLOADS", "no", "on or off, got 'no'"),
        ("TRAINING", "0", "on or off, got '0'"),
        ("MAX_LENGTH", "399", "from 400 to 10,000, got '399'"),
        ("MAX_LENGTH", "many", "whole number from 400"),
        ("MAX_SESSIONS", "0", "from 1 to "),
        ("WORKERS", "1.5", "from 1 to "),
        ("WORKERS", "-1", "from 1 to "),
    ],
)
def test_a_setting_that_makes_no_sense_is_told_by_its_name(monkeypatch, name, value, rule):
    monkeypatch.setenv(f"CHARLSTM_{name}", value)
    with pytest.raises(SettingError, match=f"CHARLSTM_{name} must be .*{rule}"):
        limits()
    app = open_app()
    assert f"CHARLSTM_{name}" in app.error[0].value.replace("\\", "")
    assert not app.selectbox


def test_without_uploads_no_file_is_asked_for(monkeypatch):
    monkeypatch.setenv("CHARLSTM_UPLOADS", "off")
    app = open_app()
    assert "Models cannot be loaded: this server takes no files." in said(app)
    assert not app.get("file_uploader")


@needs_training
def test_without_uploads_a_text_to_train_on_can_be_pasted(monkeypatch):
    monkeypatch.setenv("CHARLSTM_UPLOADS", "off")
    app = open_app()
    app.selectbox(key="corpus").set_value("own").run()
    assert not app.get("file_uploader")
    assert app.text_area(key="paste_corpus").label == "Paste it here: this server takes no files"


def test_without_training_there_is_no_button_for_it(monkeypatch):
    monkeypatch.setenv("CHARLSTM_TRAINING", "off")
    app = open_app()
    assert "Training is switched off on this server." in said(app)
    assert "train" not in [button.key for button in app.button]
    assert "corpus" not in [box.key for box in app.selectbox]


def test_no_text_gets_longer_than_allowed(monkeypatch):
    monkeypatch.setenv("CHARLSTM_MAX_LENGTH", "500")
    app = open_app(length="400", speed="∞")
    assert "A text has at most 500 characters on this server." in said(app)
    app.button(key="generate").click().run()
    assert len(finish(app)) == 400
    app.button(key="continue").click().run()
    assert len(finish(app)) == 500
    assert app.button(key="continue").disabled
    go_to(app, "compare")
    app.button(key="compare_generate").click().run()
    assert len(finish_columns(app).live.written) == 400


def test_an_address_that_asks_for_a_longer_text_is_told_so(monkeypatch):
    monkeypatch.setenv("CHARLSTM_MAX_LENGTH", "500")
    app = open_app(length="9000")
    assert app.number_input(key="length").max == 500
    assert any("length" in warning.value for warning in app.warning)


def test_seats_are_for_those_who_are_here():
    seats = Seats()
    assert [seats.take(session, 2, lambda _: True) for session in "abcab"] == [True, True, False, True, True]


def test_a_seat_is_kept_for_a_minute_for_whose_connection_was_lost():
    now, here = [0.0], {"a", "b", "c"}
    seats = Seats(lambda: now[0])
    assert [seats.take(session, 2, here.__contains__) for session in "abc"] == [True, True, False]
    now[0] = 1000.0  # all read, and say nothing
    assert not seats.take("c", 2, here.__contains__)
    here.remove("a")
    now[0] += LOOK_AGAIN_SECONDS
    assert not seats.take("c", 2, here.__contains__)
    here.add("a")
    assert seats.take("a", 2, here.__contains__)
    here.remove("a")
    now[0] += AWAY_SECONDS - 1
    assert not seats.take("c", 2, here.__contains__)
    now[0] += 1
    assert seats.take("c", 2, here.__contains__)
    assert not seats.take("a", 2, here.__contains__)


def test_who_finds_no_room_gets_in_when_someone_leaves(browser, tmp_path):
    command = (sys.executable, "-c", HURRIED, "run", "streamlit_app.py")
    few = os.environ | {"CHARLSTM_MAX_SESSIONS": "1"}
    with serving(command, ROOT, tmp_path / "log.txt", env=few) as address:
        first, second = browser.new_context(), browser.new_context()
        open_page(first.new_page(), address)
        waiting = second.new_page()
        waiting.goto(address)
        waiting.get_by_text("All places on this server are taken (1).").wait_for()
        assert not waiting.locator(".st-key-output").count()
        first.close()
        waiting.wait_for_selector(".st-key-output", timeout=60_000)
        wait_until(lambda: words_of(waiting, "output"), "the page is drawn")
        second.close()
