"""To whom the page opens: by which names it answers, and to how many at a time.

A name that a stranger points at this machine (DNS rebinding) is none of those by which it answers.
"""

import ipaddress
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from charlstm.errors import SettingError
from charlstm.page.limits import limits
from charlstm.page.locale import N_, say, say_error
from charlstm.page.parts.signs import in_markdown

LOOK_AGAIN_SECONDS = 5.0  # of someone for whom there was no room
AWAY_SECONDS = 60.0  # that a seat waits for whose connection was lost
OURS = (".local", ".localhost", ".streamlit.app", ".hf.space", ".app.github.dev")  # of this network, and of usual hosts


def check() -> None:
    """Stops the page with a sentence where it does not open.

    Where `server.allowedHosts` names hosts, Streamlit has refused all others already.
    """
    _check_host()
    try:
        most = limits().sessions
    except SettingError as error:  # told to whoever runs the page, who looks at it before others do
        st.error(in_markdown(say_error(error)))
        st.stop()
    if not _has_room(most):
        rule = N_("All places on this server are taken ({count:,}). The page opens by itself once one is free.")
        st.info(say(rule, count=most), icon=":material/hourglass_empty:")
        st.fragment(_look_again, run_every=LOOK_AGAIN_SECONDS)(most)
        st.stop()


class Seats:
    """Who is here: ids of sessions, at most so many at a time.

    Args:
        clock: Gives seconds on a monotonic clock.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._seen: dict[str, float] = {}  # when each that has a seat was last known to be connected
        self._clock = clock
        self._lock = threading.Lock()

    def take(self, session: str, most: int, is_here: Callable[[str], bool]) -> bool:
        """Whether a session has a seat, or gets one that is free or was left `AWAY_SECONDS` ago."""
        with self._lock:
            now = self._clock()
            self._seen |= {taken: now for taken in self._seen if is_here(taken)}
            self._seen = {taken: seen for taken, seen in self._seen.items() if now - seen < AWAY_SECONDS}
            if session in self._seen or len(self._seen) < most:
                self._seen[session] = now
            return session in self._seen


@st.cache_resource(show_spinner=False)
def _seats() -> Seats:
    """Of this server."""
    return Seats()


def _has_room(most: int) -> bool:
    context = get_script_run_ctx()
    if context is None or not runtime.exists():
        return True
    return _seats().take(context.session_id, most, runtime.get_instance().is_active_session)


def _look_again(most: int) -> None:
    if _has_room(most):
        st.rerun()


def _check_host() -> None:
    host = st.context.headers.get("Host")
    if host and not st.get_option("server.allowedHosts") and not is_known(host):
        st.error(
            say(
                "This page does not answer to the name {host}. Whoever runs it can allow it: "
                "server.allowedHosts in .streamlit/config.toml.",
                host=in_markdown(host),
            )
        )
        st.stop()


def is_known(host: str) -> bool:
    """Whether no stranger can have made a host's name: an address, a name without a dot, or one of `OURS`."""
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False
    try:
        return bool(ipaddress.ip_address(name))
    except ValueError:
        return "." not in name or name.endswith(OURS)
