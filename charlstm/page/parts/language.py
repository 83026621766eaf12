"""The choice of language, and widgets that offer words."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from charlstm.page.locale import LANGUAGES, browser_language, say
from charlstm.page.state import session


def choose_language() -> None:
    """Draws the choice of language, in the corner of the page; the address holds it where it is not the browser's."""
    words = [say("Language"), *(language.catalogue.gettext("Language") for language in LANGUAGES.values())]
    st.segmented_control(
        " · ".join(dict.fromkeys(words)),
        tuple(LANGUAGES),
        default=browser_language(),
        key="language",
        required=True,
        label_visibility="collapsed",
        on_change=_choose_again,
        bind="query-params",
    )


def in_words(key: str, options: Mapping[str, str]) -> dict[str, Any]:
    """Arguments for a widget that offers `options`, each by its sentence in the page's language.

    Args:
        key: Of the widget.
        options: Sentences, marked by `N_`, by the values that the widget gives.
    """
    session().in_words.add(key)
    words = {option: say(sentence) for option, sentence in options.items()}
    return {"key": key, "options": tuple(options), "format_func": words.__getitem__}


def _choose_again() -> None:
    """Browsers go on showing the words that were chosen, unless their value is set anew."""
    state = st.session_state
    state.update({key: state[key] for key in session().in_words if key in state})
