"""What one does with a text that stands there: copy, download, link to it, and find the earlier ones again."""

from dataclasses import asdict, dataclass

import streamlit as st

from charlstm.page.address import link
from charlstm.page.locale import say
from charlstm.page.parts.escaping import in_markdown
from charlstm.writing.live_text import LiveText

EARLIER_LIMIT = 20
LINK_KEYS = ("model", "epoch", "seed_text", "temperature", "length", "rng_seed", "top_k", "top_p", "context")


@dataclass(frozen=True)
class EarlierText:
    """A text that a new one has replaced."""

    settings: dict
    seed_text: str
    text: str


def note_model(live: LiveText) -> None:
    """Notes on a text that the model on the page writes it, for a link to it when another one is on the page."""
    live.origin = {key: st.session_state[key] for key in ("model", "epoch")}


def settings_of(live: LiveText, row: int = 0) -> dict:
    """The settings that write a row of this text again, by their names in the page's address."""
    settings = {key: st.session_state.get(key) for key in LINK_KEYS} | live.origin
    settings |= {"seed_text": live.seed_text, "length": max(1, len(live.written))}
    settings |= {"rng_seed": live.rng_seed, "context": live.context}
    if live.written:
        settings |= asdict(live.written[-1].sampler.of_row(row))
    return settings


def keep_earlier(live: LiveText | None) -> None:
    """Files the texts of all rows that are about to be replaced, the newest first."""
    if live is not None and live.written:
        earlier = st.session_state.setdefault("earlier", [])
        rows = range(live.rows)
        earlier[:0] = [EarlierText(settings_of(live, row), live.seed.text, live.row_text(row)) for row in rows]
        del earlier[EARLIER_LIMIT:]


def show(live: LiveText) -> None:
    """The row below the text."""
    with st.container(horizontal=True, gap="small", key="finished"):
        with st.popover(say("Copy"), icon=":material/content_copy:", disabled=not live.written):
            st.code(live.seed.text + live.text, language=None, wrap_lines=True)
        st.download_button(
            say("Download"),
            lambda: as_file(settings_of(live), live.seed.text, live.text),
            "lstm-text.txt",
            key="download",
            icon=":material/download:",
            disabled=not live.written,
            on_click="ignore",
        )
        with st.popover(say("Link"), icon=":material/link:"):
            st.caption(_about_link(live))
            st.code(link(settings_of(live)), language=None, wrap_lines=True)
        show_earlier()


def _about_link(live: LiveText) -> str:
    if settings_of(live)["epoch"].startswith("+"):
        return say("This epoch was trained here and cannot be linked to; download the model to pass it on.")
    if live.steady:
        return say("This address opens the page with the settings of this text; Generate writes it again.")
    return say(
        "A setting was moved, or a character taken by hand, while this text was written. The address holds only the "
        "last settings: it gives another text."
    )


def as_file(settings: dict, seed_text: str, text: str) -> str:
    """A text file: the settings, a line each, then the seed and the text, verbatim."""
    lines = "".join(f"{key}: {value!r}\n" for key, value in settings.items())
    return f"{lines}\n{seed_text}{text}\n"


def show_earlier() -> None:
    """The texts that newer ones have replaced, folded away."""
    with st.popover(say("Earlier texts"), icon=":material/history:"):
        earlier = st.session_state.get("earlier", [])
        if not earlier:
            st.caption(say("Texts that a new one has replaced are kept here."))
        for text in earlier:
            facts = (f"{key} {text.settings[key]}" for key in ("model", "epoch", "temperature", "rng_seed"))
            st.caption(in_markdown(" · ".join(facts)))
            st.code(text.seed_text + text.text, language=None, wrap_lines=True, height=120)
