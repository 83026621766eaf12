"""What the page asks of the browser itself: language, entries of its history, a word to know it by, a lost server."""

import secrets
from pathlib import Path

import streamlit as st

from charlstm.page.locale import language_code, say
from charlstm.page.state import session

COOKIE = "charlstm_visitor"
DAY_SECONDS = 86_400
WORD_LENGTH = 32  # characters of what a cookie brings along
_component = st.components.v2.component("browser", js=Path(__file__).with_name("browser.js").read_text("utf-8"))


def show(page: str) -> None:
    """Draws nothing; call it before all widgets whose values stand in the address.

    Args:
        page: The name of the page on the screen.
    """
    word = visitor() if page == "room" else ""
    data = {"language": language_code(), "page": page, "cookie": word and f"{COOKIE}={word}"}
    _component(key="browser", data=data | {"session": session().token}, on_taken_over_change=_take_over)
    # A browser that has lost its server asks the next one for the page only if something there runs by itself; else the
    # next one would know nothing of what is pressed.
    st.fragment(_nothing, run_every=DAY_SECONDS)()


def _nothing() -> None:
    pass


def _take_over() -> None:
    """The browser had a session that expired, or one on another server, or on this one before it was started again."""
    session().taken_over = True


def tell_of_another_server() -> None:
    """Says so, once, where that is what has happened."""
    if session().taken_over:
        session().taken_over = False
        rule = say(
            "This page was away for too long, or its server was lost. It goes on as it was set; what was trained or "
            "loaded here is gone."
        )
        st.info(rule, icon=":material/sync:")


def visitor() -> str:
    """A random word for this browser, which keeps it in a cookie until it is closed: never in an address."""
    session().visitor = session().visitor or _kept() or secrets.token_urlsafe(16)
    return session().visitor


def _kept() -> str:
    word = str(st.context.cookies.get(COOKIE, ""))[:WORD_LENGTH]
    return word if word.replace("-", "").replace("_", "").isalnum() and word.isascii() else ""
