"""The sidebar's choice of view. Only the view on the screen does work."""

from collections.abc import Callable

import streamlit as st

from charlstm.network.model_file import Model
from charlstm.page.locale import say
from charlstm.page.pages import acrostic, compare, copied, epochs, lesson, look, measure, score, write

VIEWS: dict[str, Callable[[Model], None]] = {
    "write": write.show,
    "compare": compare.show,
    "training": epochs.show,
    "measure": measure.show,
    "look": look.show,
    "score": score.show,
    "copied": copied.show,
    "acrostic": acrostic.show,
    "lesson": lesson.show,
}


def choose_view() -> Callable[[Model], None]:
    """Draws the choice and returns what shows the chosen view.

    The address holds the view's name, the same in each language; a bound widget would put its label there.
    """
    names = list(VIEWS)
    if "view" not in st.session_state:
        asked = st.query_params.get("view")
        st.session_state.view = asked if asked in VIEWS else names[0]
    view = st.selectbox(
        say("view"),
        names,
        format_func=lambda name: say(f"view_{name}"),
        key="view",
        help=say("view_help"),
    )
    if view != "lesson":
        st.session_state.pop("lesson_at", None)  # a lesson that is opened again sets the page up again
    if view == names[0]:
        st.query_params.pop("view", None)
    else:
        st.query_params["view"] = view
    return VIEWS[view]
