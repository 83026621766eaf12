"""Every word the page shows, in English and Chinese: a file for each view, and `say(key)` in the page's language."""

import streamlit as st

from charlstm.views.words import (
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

LANGUAGES = ("English", "中文")
WORDS: dict[str, tuple[str, str]] = (
    common.WORDS | training_panel.WORDS | write.WORDS | compare.WORDS | training.WORDS | acrostic.WORDS | measure.WORDS
)
WORDS |= lesson.WORDS | look.WORDS | score.WORDS | copied.WORDS


def say(key: str, /, **values) -> str:
    """The words for `key` in the page's language, with `values` filled in."""
    english, chinese = WORDS[key]
    return (chinese if st.session_state.get("language") == LANGUAGES[1] else english).format(**values)


def say_error(error: Exception) -> str:
    """What an error of the package says, in the page's language."""
    return str(error)


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
