"""What is active and changes the outcome, wherever it was set: a button each, which takes it away."""

import streamlit as st

from charlstm.network.registry import best_epoch, list_models
from charlstm.page.locale import N_, say
from charlstm.page.parts.signs import in_markdown
from charlstm.page.sidebar.model_choice import default_model, go_to, shipped
from charlstm.page.state import Settings, settings

WORDS = {"top_k": N_("top-k {value}"), "top_p": N_("top-p {value}"), "context": N_("context {value}")}


def show(draws: bool) -> None:
    """Draws them; call it once the settings are drawn.

    Args:
        draws: Whether the page draws characters, so that how they are drawn changes what it shows.
    """
    now = settings()
    active = [key for key in WORDS if draws and getattr(now, key) != getattr(Settings, key)]
    own = now.epoch.startswith("+")
    if not active and not own:
        return
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="chips"):
        st.caption(say("Active here:"), width="content")
        help = say("Acts on what is written. Press to remove it.")
        for key in active:
            label = say(WORDS[key], value=getattr(now, key))
            st.button(label, f"remove_{key}", help, _remove, [key], icon=":material/close:", icon_position="right")
        if own:
            label = in_markdown(say("{name}, epoch {label}", name=now.model, label=now.epoch))
            help = say("A model of your own. Press for the one that the page opens with; yours stays in the list.")
            off = not list_models()
            st.button(
                label, "remove_own", help, _leave_own, icon=":material/close:", icon_position="right", disabled=off
            )


def _remove(key: str) -> None:
    st.session_state[key] = getattr(Settings, key)


def _leave_own() -> None:
    go_to(default_model(), best_epoch(shipped(default_model())))
