"""The pages: their names, groups and addresses, and the ways from one to another; only the one on the screen works."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx

from charlstm.network.model_file import Model
from charlstm.page import ICON_FILE
from charlstm.page.locale import N_, say
from charlstm.page.pages import (
    acrostic,
    compare,
    copied,
    epochs,
    futures,
    guess,
    lesson,
    look,
    measure,
    network,
    room,
    score,
    write,
)
from charlstm.page.parts.controls import SHARED
from charlstm.page.state import session


@dataclass(frozen=True)
class Entry:
    """A page of the menu.

    Attributes:
        name: As it stands in the address; that of the first page does not.
        title: A sentence for `say`.
        icon: Of Material Symbols, which Streamlit brings along.
        group: A sentence for `say`; empty for pages that stand in the menu themselves.
        show: Draws the page.
        draws: Whether it draws characters, as top-k and its like say.
        reads: Whether what it shows changes with how far back the network looks, though it does not draw.
    """

    name: str
    title: str
    icon: str
    group: str
    show: Callable[[Model], None]
    draws: bool = True
    reads: bool = False


PAGES = (
    Entry("write", N_("Write"), "edit", "", write.show),
    Entry("lesson", N_("A lesson"), "school", "", lesson.show, draws=False),  # which sets all that up itself
    Entry("compare", N_("Compare"), "view_column", "", compare.show),
    Entry("look", N_("Look inside"), "search", N_("Understand"), look.show),
    Entry("network", N_("Inside the network"), "memory", N_("Understand"), network.show, draws=False),
    Entry("futures", N_("Tree of futures"), "account_tree", N_("Understand"), futures.show, draws=False, reads=True),
    Entry("epochs", N_("Through training"), "trending_up", N_("Understand"), epochs.show),
    Entry("measure", N_("Effect of temperature"), "monitoring", N_("Understand"), measure.show, draws=False),
    Entry("score", N_("Score a text"), "format_color_text", N_("Try out"), score.show, draws=False),
    Entry("guess", N_("Guess the next character"), "psychology_alt", N_("Try out"), guess.show, draws=False),
    Entry("room", N_("Guess with the class"), "groups", N_("Try out"), room.show, draws=False),
    Entry("copied", N_("Is this copied?"), "content_copy", N_("Try out"), copied.show),
    Entry("acrostic", N_("Write an acrostic"), "format_list_bulleted", N_("Try out"), acrostic.show),
)
BY_NAME = {entry.name: entry for entry in PAGES}
FORMERLY = {"training": "epochs"}  # names in old addresses, which said `?view=training`


def choose_page() -> Entry:
    """Draws the menu and returns the page on the screen, which Streamlit itself is never asked to run.

    To Streamlit all widgets are then those of the whole app: one that several pages draw keeps its value and its place
    in the address from page to page.
    """
    st.set_page_config(page_icon=ICON_FILE, layout="wide", initial_sidebar_state=270)  # before the menu sets an icon
    _turn()
    pages = {entry.name: _page(entry) for entry in PAGES}
    groups = {
        say(group) if group else "": [pages[entry.name] for entry in entries]
        for group, entries in groupby(PAGES, lambda entry: entry.group)
    }
    shown = st.navigation(groups, position="top")
    entry = next(entry for entry in PAGES if pages[entry.name] is shown)
    name = say("Watch an LSTM write")
    st.set_page_config(name if entry is PAGES[0] else f"{say(entry.title)} · {name}")
    _leave(entry)
    _show_ways(entry, pages.values())
    return entry


def _page(entry: Entry) -> st.Page:
    first, icon = entry is PAGES[0], f":material/{entry.icon}:"
    return st.Page(lambda: None, title=say(entry.title), icon=icon, url_path="" if first else entry.name, default=first)


def _turn() -> None:
    """Goes to the page that a button asked for, or an old address.

    `st.switch_page` would not do: it refuses where a widget's value stands in the address.
    """
    asked, context = session().turn_to or st.query_params.get("view"), get_script_run_ctx()
    session().turn_to = ""
    st.query_params.pop("view", None)
    name = FORMERLY.get(asked or "", asked)
    if context is not None and name in BY_NAME:
        context.pages_manager.set_script_intent("", "" if name == PAGES[0].name else name)


def _leave(entry: Entry) -> None:
    state = st.session_state
    session().turned = session().page not in ("", entry.name)
    if session().turned and session().page == "lesson":
        lesson.leave()
    if session().turned:  # the browser drops from the address what it draws in another place
        state.update({key: state[key] for key in ("language", "model", "epoch", *SHARED) if key in state})
        session().lesson = session().measured_at = None  # a lesson that is opened again sets the page up again
    session().page, session().drawn = entry.name, set()


def place() -> DeltaGenerator:
    """Where the page is drawn; where another one stood that goes at once, so that none is seen beside another."""
    return (st.empty() if session().turned else st).container()


def _show_ways(entry: Entry, pages: Iterable[st.Page]) -> None:
    """Where else one can go, for narrow screens, on which the menu is in the closed sidebar; hidden on wide ones."""
    key = f"ways_from_{entry.name}"  # another one a page, so that it is closed there
    with st.container(key="ways"), st.popover(say("All pages"), icon=":material/menu:", key=key):
        for page in pages:
            st.page_link(page)
