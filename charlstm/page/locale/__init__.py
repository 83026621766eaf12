"""Every word the page shows, in English and Chinese: a file for each view, and `say(key)` in the page's language."""

from gettext import GNUTranslations
from pathlib import Path

import streamlit as st

from charlstm.errors import Message, message_of
from charlstm.page.locale import (
    acrostic,
    common,
    compare,
    copied,
    lesson,
    look,
    measure,
    score,
    training,
    training_panel,
    write,
)
from charlstm.text.vocab import show_chars

LANGUAGES = ("English", "中文")
with (Path(__file__).parent / "zh/LC_MESSAGES/charlstm.mo").open("rb") as file:
    CHINESE = GNUTranslations(file)
WORDS: dict[str, tuple[str, str]] = (
    common.WORDS | training_panel.WORDS | write.WORDS | compare.WORDS | training.WORDS | acrostic.WORDS | measure.WORDS
)
WORDS |= lesson.WORDS | look.WORDS | score.WORDS | copied.WORDS


def say(key: str, /, **values) -> str:
    """The words for `key` in the page's language, with `values` filled in, messages of the package among them."""
    said = {name: say_message(value) if isinstance(value, Message) else value for name, value in values.items()}
    return WORDS[key][_in_chinese()].format(**said)


def say_message(message: str) -> str:
    """A message of the package in the page's language; text from elsewhere as it is."""
    return message.said(CHINESE.gettext) if isinstance(message, Message) and _in_chinese() else str(message)


def say_error(error: Exception) -> str:
    """What an error says, in the page's language if it is one of the package."""
    return say_message(message_of(error))


def say_chars(chars, limit: int = 8) -> str:
    """A short list of characters, named in the page's language."""
    return say_message(show_chars(chars, limit))


def _in_chinese() -> bool:
    return st.session_state.get("language") == LANGUAGES[1]


def choose_language() -> None:
    """Draws the choice of language; kept in the address."""
    st.segmented_control(
        say("language"),
        LANGUAGES,
        default=LANGUAGES[0],
        key="language",
        required=True,
        help=say("language_help"),
        bind="query-params",
    )
