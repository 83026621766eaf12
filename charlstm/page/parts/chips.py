"""What is active and changes the outcome, wherever it was set: a button each, which takes it away."""

from collections.abc import Callable, Sequence

import streamlit as st

from charlstm.network.registry import best_epoch, list_models
from charlstm.page.locale import N_, say
from charlstm.page.parts.signs import in_markdown
from charlstm.page.sidebar.model_choice import default_model, go_to, shipped
from charlstm.page.state import Settings, settings

WORDS = {
    "top_k": N_("top-k {value}"),
    "top_p": N_("top-p {value}"),
    "min_p": N_("min-p {value}"),
    "context": N_("context {value}"),
}


def show(draws: bool, reads: bool = False) -> None:
    """Draws them; call it once the settings are drawn.

    Args:
        draws: Whether the page draws characters; else it says of what acts on draws alone that it does nothing here.
        reads: Whether what it shows changes with the context, though it does not draw.
    """
    now = settings()
    moved = [key for key in WORDS if getattr(now, key) != getattr(Settings, key)]
    active = [key for key in moved if draws or (reads and key == "context")]
    own = now.epoch.startswith("+")
    if not moved and not own:
        return
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="chips"):
        if own or active:
            st.caption(say("Active here:"), width="content")
        if own:
            help = say("A model of your own. Press for the one that the page opens with; yours stays in the list.")
            label = in_markdown(say("{name}, epoch {label}", name=now.model, label=now.epoch))
            _chip(label, "remove_own", help, _leave_own, off=not list_models())
        _removable(active)
        if idle := [key for key in moved if key not in active]:
            st.caption(say("Without effect here:"), width="content")
            _removable(idle)


def _removable(keys: Sequence[str]) -> None:
    help = say("Acts on what is written. Press to remove it.")
    for key in keys:
        _chip(say(WORDS[key], value=getattr(settings(), key)), f"remove_{key}", help, _remove, key)


def _chip(label: str, key: str, help: str, remove: Callable[..., None], *given: object, off: bool = False) -> None:
    st.button(label, key, help, remove, given, icon=":material/close:", icon_position="right", disabled=off)


def _remove(key: str) -> None:
    st.session_state[key] = getattr(Settings, key)


def _leave_own() -> None:
    go_to(default_model(), best_epoch(shipped(default_model())))
