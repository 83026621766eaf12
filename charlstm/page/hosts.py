"""By which names the page answers: a name that a stranger points at this machine (DNS rebinding) is none of them."""

import ipaddress
from urllib.parse import urlsplit

import streamlit as st

from charlstm.page.locale import say
from charlstm.page.parts.signs import in_markdown

OURS = (".local", ".localhost", ".streamlit.app", ".app.github.dev")  # of this network, and of usual hosts


def check() -> None:
    """Stops the page with a sentence where it was opened by a name that is not known.

    Where `server.allowedHosts` names hosts, Streamlit has refused all others already.
    """
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
