"""The text of the main page, for the pages that look at it; where nothing is written yet, the invitation to write."""

import streamlit as st

from charlstm.errors import UnknownCharactersError
from charlstm.network.model_file import Model
from charlstm.page.locale import say
from charlstm.page.parts import controls
from charlstm.page.parts.making import MAIN
from charlstm.page.parts.played_text import PlayedText

FIRST_LENGTH = 200  # characters that the invitation writes


def written_text(model: Model, why: str) -> PlayedText | None:
    """The text, or None where there is none; then this draws the invitation, with one sentence that says why."""
    text = MAIN.text
    if text is not None and text.live.written and _reads(model, text):
        return text
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


def _reads(model: Model, text: PlayedText) -> bool:
    """Whether the model knows anything of the text; else that is kept among the earlier ones, and a new one begins."""
    try:
        return bool(model.vocab.normalize(text.live.text).text)
    except UnknownCharactersError:
        MAIN.replace(None)
        return False


def _write_now(model: Model) -> None:
    if MAIN.begin(model) and MAIN.text is not None:
        MAIN.text.write_now(controls.writing_settings(model), FIRST_LENGTH)
