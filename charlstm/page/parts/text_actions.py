"""What one does with a text that stands there: copy, download, link to it, and find the earlier ones again."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from itertools import groupby

import streamlit as st

from charlstm.page.address import link
from charlstm.page.locale import say
from charlstm.page.parts.played_text import PlayedText, WritingSettings
from charlstm.page.parts.signs import in_markdown
from charlstm.page.state import EarlierText, session, settings

EARLIER_LIMIT = 20
LINK_KEYS = ("model", "epoch", "seed_text", "temperature", "length", "rng_seed", "top_k", "top_p", "min_p", "context")


def settings_of(text: PlayedText, column: int = 0) -> dict[str, object]:
    """The settings that write a column of this text again, by their names in the page's address."""
    live, now = text.live, settings()
    found: dict[str, object] = {key: getattr(now, key) for key in LINK_KEYS}
    found |= {"seed_text": live.seed_text, "length": max(1, text.shown)}
    found |= {"rng_seed": live.rng_seed, "context": live.context}
    return found | _settings_of(text.settings, column) if text.settings else found


def _settings_of(settings: WritingSettings, column: int) -> dict[str, object]:
    alone = settings.of_column(column)
    sampler = {key: value for key, value in asdict(alone.sampler).items() if key in LINK_KEYS}
    return {"model": alone.name, "epoch": alone.epoch} | sampler


def written_with(text: PlayedText, column: int = 0) -> dict[str, object]:
    """As `settings_of`, but of one that was moved in mid-text all values, such as `0.5 → 1.2`."""
    found, written = settings_of(text, column), [_settings_of(settings, column) for _, settings in text.stretches]
    for key in written[0] if written else ():
        values = [str(value) for value, _ in groupby(each[key] for each in written)]
        if len(values) > 1:
            found[key] = " → ".join(values)
    return found


def keep_earlier(text: PlayedText | None) -> None:
    """Files the columns of a text that is about to be replaced, the newest first."""
    if text is not None and text.live.written:
        live, earlier = text.live, session().earlier
        earlier[:0] = [
            EarlierText(written_with(text, row), live.seed.text, live.row_text(row), text.id, text.shown)
            for row in range(live.rows)
        ]
        del earlier[EARLIER_LIMIT:]


def show(text: PlayedText, start_over: Callable[[], None], ready: bool) -> None:
    """What one keeps of a text, behind one button; it is drawn when that is opened."""
    seed_text, seen = text.live.seed.text, text.seen()
    with st.popover(say("Share"), icon=":material/ios_share:", key="finished", on_change=text.ask) as opened:
        if not opened.open:
            return
        st.code(seed_text + seen, language=None, wrap_lines=True, height=160)
        with st.container(horizontal=True, gap="small"):
            st.download_button(
                say("Download"),
                lambda: as_file(written_with(text), seed_text, seen),
                "lstm-text.txt",
                key="download",
                icon=":material/download:",
                disabled=not seen,
                on_click="ignore",
            )
            start_over_button(start_over, ready and bool(seen))
        st.caption(_about_link(text))
        st.code(link(settings_of(text)), language=None, wrap_lines=True)
        st.markdown(f"**{say('Earlier texts')}**")
        _list_earlier()


def start_over_button(start_over: Callable[[], None], ready: bool) -> None:
    help = say("Clears the page for the seed text above; the text moves to Earlier texts.")
    st.button(say("Start over"), key="start_over", help=help, on_click=start_over, disabled=not ready)


def _about_link(text: PlayedText) -> str:
    if str(settings_of(text)["epoch"]).startswith("+"):
        return say("This epoch was trained here and cannot be linked to; download the model to pass it on.")
    if text.live.steady:
        return say("This address opens the page with the settings of this text; Generate writes it again.")
    return say(
        "A setting was moved, or a character taken by hand, while this text was written. The address holds only the "
        "last settings: it gives another text."
    )


def as_file(facts: Mapping[str, object], seed_text: str, text: str) -> str:
    """A text file: the settings, a line each, then the seed and the text, verbatim."""
    lines = "".join(f"{key}: {value!r}\n" for key, value in facts.items())
    return f"{lines}\n{seed_text}{text}\n"


def show_earlier(text: PlayedText | None, above: Callable[[PlayedText], None] | None = None) -> None:
    """The texts that newer ones have replaced, folded away; `above` them what one may do with the present one."""
    opens = text.ask if text else lambda: None
    with st.popover(say("Earlier texts"), icon=":material/history:", key="earlier_texts", on_change=opens) as opened:
        if not opened.open:
            return
        if text and text.shown and above:
            above(text)
        _list_earlier()


def _list_earlier() -> None:
    earlier = [text for text in session().earlier if text.text]
    if not earlier:
        st.caption(say("Texts that a new one has replaced are kept here."))
    for text in earlier:
        facts = (f"{key} {text.settings[key]}" for key in ("model", "epoch", "temperature", "rng_seed"))
        st.caption(in_markdown(" · ".join(facts)))
        st.code(text.seed_text + text.text, language=None, wrap_lines=True, height=120)
