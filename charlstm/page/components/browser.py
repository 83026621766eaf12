"""What the page asks of the browser itself: its language, what is an entry of its history, what to know it by later."""

import secrets
from pathlib import Path

import streamlit as st

from charlstm.page.locale import language_code
from charlstm.page.state import session

COOKIE = "charlstm_visitor"
WORD_LENGTH = 32  # characters of what a cookie brings along
_component = st.components.v2.component("browser", js=Path(__file__).with_name("browser.js").read_text("utf-8"))


def show(page: str) -> None:
    """Draws nothing; call it before all widgets whose values stand in the address.

    Args:
        page: The name of the page on the screen.
    """
    word = visitor() if page == "room" else ""
    _component(key="browser", data={"language": language_code(), "page": page, "cookie": word and f"{COOKIE}={word}"})


def visitor() -> str:
    """A random word for this browser, which keeps it in a cookie until it is closed: never in an address."""
    session().visitor = session().visitor or _kept() or secrets.token_urlsafe(16)
    return session().visitor


def _kept() -> str:
    word = str(st.context.cookies.get(COOKIE, ""))[:WORD_LENGTH]
    return word if word.replace("-", "").replace("_", "").isalnum() and word.isascii() else ""
