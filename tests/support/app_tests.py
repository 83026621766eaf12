"""The page without a browser: how tests open it and wait for its texts."""

import time
from pathlib import Path

from streamlit.testing.v1 import AppTest

from charlstm.page.pages.compare import Comparison

PATIENCE_SECONDS = 60
ROOT = Path(__file__).resolve().parents[2]
APP = str(ROOT / "streamlit_app.py")


def open_app(**address) -> AppTest:
    """The page as it is opened with an address."""
    app = AppTest.from_file(APP, default_timeout=60)
    for key, value in address.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def finish(app: AppTest) -> str:
    """Runs the page until the text is written; returns it without the seed."""
    end = time.monotonic() + PATIENCE_SECONDS
    while app.session_state.session.text.playing:
        assert time.monotonic() < end, "it writes on and on"
        app.run()
    return app.session_state.session.text.live.text


def finish_columns(app: AppTest) -> Comparison:
    """Runs the page until all columns are written."""
    end = time.monotonic() + PATIENCE_SECONDS
    while app.session_state.session.columns.writing:
        assert time.monotonic() < end, "it writes on and on"
        app.run()
    assert not app.exception
    return app.session_state.session.columns
