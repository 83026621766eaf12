"""What the page asks of the browser itself: which language it is in, and what is an entry of its history."""

from pathlib import Path

import streamlit as st

from charlstm.page.locale import language_code

_component = st.components.v2.component("browser", js=Path(__file__).with_name("browser.js").read_text("utf-8"))


def show(page: str) -> None:
    """Draws nothing; call it before all widgets whose values stand in the address.

    Args:
        page: The name of the page on the screen.
    """
    _component(key="browser", data={"language": language_code(), "page": page})
