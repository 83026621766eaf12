"""The text of the main view, for the views that look at it; where nothing is written yet, the invitation to write."""

import streamlit as st

from charlstm.network.model_file import Model
from charlstm.page.locale import say
from charlstm.page.parts import controls, text_actions
from charlstm.writing.live_text import LiveText

DEFAULT_RNG_SEED = 42  # where the main view was never shown
FIRST_LENGTH = 200  # characters that the invitation writes


def written_text(model: Model, why: str) -> LiveText | None:
    """The text, or None where there is none; then this draws the invitation, with one sentence that says why."""
    live: LiveText | None = st.session_state.get("live")
    st.session_state.pop("rewrite", None)  # another model here reads the text that stands, it does not write it again
    if live is not None and live.written:
        return live
    st.info(why, icon=":material/edit:")
    left, right = st.columns([5, 4], gap="medium")
    with left:
        controls.seed_text_box()
    with right:
        controls.temperature_slider()
    ready = controls.seed_is_ready(model)
    label = say("Write {count} characters now", count=FIRST_LENGTH)
    st.button(label, key="write_now", type="primary", on_click=_write_now, args=[model], disabled=not ready)
    return None


def _write_now(model: Model) -> None:
    state = st.session_state
    settings = (state.seed_text, state.get("rng_seed", DEFAULT_RNG_SEED), state.get("context"))
    state.live = LiveText(model, *settings)
    state.live_settings = settings
    text_actions.note_model(state.live)
    state.live.write(controls.sampler(), FIRST_LENGTH)
