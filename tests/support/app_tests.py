"""The page without a browser: how tests open it, and what stands for the browser that plays its texts."""

import base64
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from charlstm.page.parts.played_text import PlayedText

ROOT = Path(__file__).resolve().parents[2]
APP = str(ROOT / "streamlit_app.py")
# Each page that is opened looks through all installed packages for components: half of the time of many tests.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


def open_app(browser: dict[str, Any] | None = None, /, **address) -> AppTest:
    """The page as it is opened with an address, by a browser that says something of itself (`st.context`)."""
    app = AppTest.from_file(APP, default_timeout=60)
    app.context = browser or {}
    for key, value in address.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def go_to(app: AppTest, view: str) -> AppTest:
    """Goes to another page as its link in the menu does."""
    app._page_hash = calc_hash("" if view == "write" else view)  # which AppTest gives for pages in files alone
    app.run()
    app._page_hash = ""  # from here on it stays where the page itself goes
    assert not app.exception
    return app


def page_of(app: AppTest) -> str:
    """The name of the page on the screen."""
    return app.session_state.session.page


def finish(app: AppTest) -> str:
    """Plays the text of the main page to its end; returns it without the seed."""
    return play_to_the_end(app, app.session_state.session.text).live.text


def finish_columns(app: AppTest) -> PlayedText:
    """The same for all columns."""
    return play_to_the_end(app, app.session_state.session.columns)


def play_to_the_end(app: AppTest, text: PlayedText) -> PlayedText:
    """What a browser says while it plays a text: it needs more, answers when it is asked, and has ended.

    A browser that is asked answers with all that it has.
    """
    while text.playing:
        if text.questions > text.answered:
            text.reached(text.questions, len(text.live.written), text.settings)
        elif text.live.complete:
            text.end(len(text.live.written))
        else:
            text.more(len(text.live.written), text.shown, text.settings)
    app.run()
    assert not app.exception
    return text


def reached(app: AppTest, shown: int, **changed) -> None:
    """The browser answers that it has shown so many characters, where the page has meanwhile `changed` the settings."""
    text = app.session_state.session.text
    text.reached(text.questions, shown, replace(text.settings, **changed))
    app.run()
    assert not app.exception


def browser_data(app: AppTest, name: str = "stage") -> dict[str, Any]:
    """What the browser gets for the text of a name."""
    return next(data for data in components(app) if data.get("name") == name and "chars" in data)


def components(app: AppTest) -> list[dict[str, Any]]:
    """What the browser gets for all that it draws itself."""
    found = [json.loads(element.proto.json or "{}") for element in app.get("bidi_component")]
    return [data for data in found if data and "page" not in data]  # else it is code, or for the browser itself


def unpacked(distributions: str, rows: int) -> np.ndarray:
    """What the browser unpacks, (steps, 2 + 3 rows)."""
    return np.frombuffer(base64.b64decode(distributions), "<u2").reshape(-1, 2 + 3 * rows)


def opened(app: AppTest, key: str) -> AppTest:
    """The page once the popover with a key is open."""
    app.session_state[key] = True
    return app.run()
