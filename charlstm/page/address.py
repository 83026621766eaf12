"""The page's address: it holds the settings, so that a link shows another person the same text.

Each widget writes its own setting there (`bind="query-params"`) and leaves out a default. Here is what remains: a full
link to a text, and a word about settings in an address that the page could not use, which Streamlit drops silently.
"""

import math
from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from charlstm.page.locale import N_, language, say
from charlstm.page.parts.signs import in_markdown
from charlstm.page.state import session

NUMBERS = ("length", "rng_seed", "top_k", "context")  # in boxes that take any


def link(settings: Mapping[str, object]) -> str:
    """The address of this page with `settings`, in its language; None values are left out."""
    page = (st.context.url or "").split("?")[0]
    values = {"language": language()} | dict(settings)
    return f"{page}?{urlencode({key: value for key, value in values.items() if value is not None})}"


def remember() -> None:
    """Keeps the settings in the address as the page was opened; call it before the first widget is drawn."""
    if session().address is None:
        asked = st.query_params
        session().address = {key: asked.get_all(key) for key in asked}  # a list is a repeated setting
        endless = list(filter(is_endless, asked))
        for key in endless:
            del asked[key]
        if endless:
            st.rerun()


def is_endless(key: str) -> bool:
    """Whether the address asks for a number without end, which a widget bound to it could not hold."""
    return key in NUMBERS and any(map(_endless, st.query_params.get_all(key)))


def _endless(asked: str) -> bool:
    try:
        return math.isinf(float(asked))
    except ValueError:
        return False


def warn_of_unusable() -> None:
    """Says which settings of the address were out of range; call it once all widgets are drawn."""
    drawn = set(st.session_state)
    if _warn_of_lost_model():
        return
    for key, values in (session().address or {}).items():
        if key in drawn and not _all_same(values, st.session_state[key]):
            words = {"key": key, "asked": repr(", ".join(values)[:60]), "used": repr(st.session_state[key])}
            words = {name: in_markdown(value) for name, value in words.items()}
            rule = N_("The address asks for {key} = {asked}, which this page cannot use; it is {used} instead.")
            st.warning(say(rule, **words))
    session().address = {}  # said once


def _warn_of_lost_model() -> bool:
    """Says which model of the session's own is gone after a reload, and how to keep the next; whether there was one."""
    asked = session().address or {}
    name, label = (asked.get(key, [""])[-1] for key in ("model", "epoch"))
    if not label.startswith("+") or label == st.session_state.get("epoch"):
        return False
    rule = N_(
        "What you had trained or loaded ({name}, epoch {label}) went with the page that was closed or reloaded. Next "
        "time, Download this model under Save and load first, and load the file again."
    )
    st.warning(say(rule, name=in_markdown(name or "?"), label=in_markdown(label[:20])))
    session().address = {}
    return True


def _all_same(asked: list[str], used: object) -> bool:
    if isinstance(used, list | tuple):
        return len(asked) == len(used) and all(map(_same, asked, used))
    return _same(asked[-1], used)


def _same(asked: str, used: object) -> bool:
    if isinstance(used, bool):
        return asked.lower() == str(used).lower()
    if not isinstance(used, int | float):
        return asked == str("" if used is None else used)
    try:
        return float(asked.replace(",", "")) == used
    except ValueError:
        return False
