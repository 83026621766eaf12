"""The sidebar's choice of view. Only the view on the screen does work."""

from collections.abc import Callable

import streamlit as st

from charlstm.network.model_file import Model
from charlstm.page.locale import N_, in_words, say
from charlstm.page.pages import acrostic, compare, copied, epochs, lesson, look, measure, score, write
from charlstm.page.state import session

VIEWS: dict[str, tuple[str, Callable[[Model], None]]] = {
    "write": (N_("Write"), write.show),
    "compare": (N_("Compare temperatures"), compare.show),
    "training": (N_("Through training"), epochs.show),
    "measure": (N_("Measure temperature"), measure.show),
    "look": (N_("Look inside"), look.show),
    "score": (N_("Score a text"), score.show),
    "copied": (N_("Is this copied?"), copied.show),
    "acrostic": (N_("Write an acrostic"), acrostic.show),
    "lesson": (N_("A lesson"), lesson.show),
}


def choose_view() -> Callable[[Model], None]:
    """Draws the choice and returns what shows the chosen view.

    The address holds the view's name, the same in each language; a bound widget would put its label there.
    """
    names = list(VIEWS)
    if "view" not in st.session_state:
        asked = st.query_params.get("view")
        st.session_state.view = asked if asked in VIEWS else names[0]
    help = say("What this page shows: the text being written, or one of the views that explain and measure it.")
    view = st.selectbox(say("View"), **in_words("view", {name: words for name, (words, _) in VIEWS.items()}), help=help)
    if view != "lesson":
        session().lesson = None  # a lesson that is opened again sets the page up again
    if view == names[0]:
        st.query_params.pop("view", None)
    else:
        st.query_params["view"] = view
    return VIEWS[view][1]
