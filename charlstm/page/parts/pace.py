"""How often texts are written on, so that one server process serves a class: seldom enough, together, for one core.

A tick costs about 15 ms of processor, most of it Streamlit's own. One text ticks four times a second; where many are
written at once each ticks less often and is written further ahead, so typing stays as steady as it was and a moved
temperature is felt a little later.
"""

import gc
import threading
import time

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

TICK_SECONDS = (0.25, 0.5, 1.0, 1.5, 2.5)  # a few steps: a change of pace redraws the page
TICKS_PER_SECOND = 24  # of all sessions together
FORGET_SECONDS = 4.0  # a session that has not ticked for so long writes no more
SPARE_SECONDS = 0.07  # written further ahead than the next tick, which may be late
FREEZE_SECONDS = 20.0


class Pace:
    """Who is writing just now; one for all sessions of a server."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ticked: dict[str, float] = {}  # session -> when
        self._frozen_at = float("-inf")

    def tick_seconds(self, session: str, now: float) -> float:
        """Notes a tick, and gives the time between ticks that suits the number of writers."""
        with self._lock:
            self._ticked[session] = now
            self._ticked = {name: when for name, when in self._ticked.items() if now - when < FORGET_SECONDS}
            wanted = len(self._ticked) / TICKS_PER_SECOND
        return next((seconds for seconds in TICK_SECONDS if seconds >= wanted), TICK_SECONDS[-1])

    def freeze(self, now: float) -> None:
        """Takes what stands in memory out of the collector's sight, every few seconds.

        Streamlit collects all garbage after each run of a fragment. To walk pandas, pyarrow and the sessions each time
        costs 50 ms; to walk what is new since the last freeze costs next to nothing.
        """
        with self._lock:
            if now - self._frozen_at < FREEZE_SECONDS:
                return
            self._frozen_at = now
        gc.unfreeze()  # what became garbage meanwhile
        gc.collect()
        gc.freeze()


@st.cache_resource(show_spinner=False)
def _pace() -> Pace:
    return Pace()


def run_every(writing: bool) -> float | None:
    """For the fragment of a text: seconds between its ticks while it is written."""
    if not writing:
        return None
    st.session_state.tick_seconds = _wanted()
    return st.session_state.tick_seconds


def ahead_seconds() -> float:
    """How far to write ahead: to the next tick, and what may delay it."""
    return st.session_state.get("tick_seconds", TICK_SECONDS[0]) + SPARE_SECONDS


def redraw_if_needed(was_writing: bool, writing: bool) -> None:
    """At the end of a tick: redraws the page when the text is finished, or should tick at another pace."""
    freeze()
    if was_writing and (not writing or _wanted() != st.session_state.get("tick_seconds")):
        st.rerun()


def freeze() -> None:
    """Keeps the collector quick; call it at the end of each run of the page."""
    _pace().freeze(time.monotonic())


def _wanted() -> float:
    context = get_script_run_ctx()
    return _pace().tick_seconds(context.session_id if context else "", time.monotonic())
