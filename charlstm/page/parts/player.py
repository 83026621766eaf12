"""The stage on a page: a text with its chart, and what the browser says of it."""

from collections.abc import Callable, Collection, Sequence
from hashlib import sha256

import streamlit as st

from charlstm.page.charts.played import played_spec
from charlstm.page.components import stage
from charlstm.page.limits import limits
from charlstm.page.locale import say
from charlstm.page.parts.played_text import PlayedText, WritingSettings
from charlstm.page.state import session
from charlstm.writing.live_text import LiveText
from charlstm.writing.sampling import Sampler


def show_text(
    text: PlayedText,
    name: str,
    settings: Callable[[], WritingSettings],
    hint: str = "",
    column: int = 0,
    marked: Collection[int] = (),
) -> None:
    """Draws one column of a text.

    Args:
        text: Of the session.
        name: Of the component, and of the chart that goes with it.
        settings: Gives the settings of the page when the text goes on.
        hint: Shown until something is written.
        column: Which.
        marked: Places that stand out, such as the letters of an acrostic.
    """
    said = _Said(text, name, settings)
    now = settings()
    look = {
        "column": column,
        "columns": text.live.rows,
        "marked": list(marked),
        "hint": hint,
        "rate": now.speed,
        "clock": name.rstrip("0123456789"),
        "recipe": _recipe(text.live, text.settings or now),
        "session": session().token,
    }
    on = {event: getattr(said, event) for event in ("reached", "more", "ended", "left", "restore")}
    stage.show(name, text.data(column) | look, on)


def _recipe(live: LiveText, settings: WritingSettings) -> str:
    """What gives a text again: the same for the same text; empty where settings were moved in mid-text."""
    ingredients = settings, live.seed_text, live.rng_seed, live.context, live.constraint
    return sha256(repr(ingredients).encode()).hexdigest()[:16] if live.steady else ""


def show_preview(text: PlayedText, names: Sequence[str], sampler: Sampler, ahead: bool = False) -> None:
    """Gives the charts of all columns, by their names, what they show at rest; call it before the texts are shown.

    That is how the newest character was drawn, or, `ahead`, how the one to come will be.
    """
    at_rest = [""] * len(names) if text.playing else text.previews(sampler, ahead)
    drawn = text.live.last_draw is not None and not ahead
    stage.preview(f"{names[0]}-preview", dict(zip(names, at_rest, strict=True)), drawn)


def show_chart(name: str, rows: int, reweighted: str, alt: str, axis: bool = True) -> None:
    """Draws the chart of a text, which follows it without the server: what is drawn here never changes.

    Args:
        name: As of the text.
        rows: The rest included.
        reweighted: Name of the reweighted probability.
        alt: What the chart shows, for readers of the screen.
        axis: Whether the probabilities have one.
    """
    titles = say("the model's own"), reweighted
    spec = played_spec(name, rows, titles, axis)
    st.vega_lite_chart(spec, height="stretch", key=f"{name}-chart", alt=alt)


class _Said:
    """What the browser says of a text, as far as it makes sense."""

    def __init__(self, text: PlayedText, name: str, settings: Callable[[], WritingSettings]) -> None:
        self._text, self._name, self._settings = text, name, settings

    def reached(self) -> None:
        said = self._said("reached")
        if said:
            self._text.reached(said["question"], said["shown"], self._settings())

    def more(self) -> None:
        said = self._said("more")
        if said:
            self._text.more(said["have"], said["shown"], self._settings())

    def ended(self) -> None:
        said = self._said("ended")
        if said:
            self._text.end(said["shown"])

    def left(self) -> None:
        """An earlier text was replaced before its end was heard of: only what was seen of it is kept."""
        said = getattr(st.session_state[self._name], "left", None)
        for earlier in session().earlier:
            if isinstance(said, dict) and said.get("id") == earlier.id and isinstance(said.get("shown"), int):
                earlier.shown = max(earlier.shown, said["shown"])
                earlier.written = earlier.text

    def restore(self) -> None:
        """After a reload: what stood there is written again."""
        said = self._said("restore")
        if said and not self._text.live.written:
            self._text.write_now(self._settings(), min(said["shown"], limits().length))

    def _said(self, event: str) -> dict[str, int]:
        """Whole numbers by name; empty where it is about another text, or is none of these."""
        said = getattr(st.session_state[self._name], event, None)
        if not isinstance(said, dict) or said.get("id") != self._text.id:
            return {}
        numbers = {name: value for name, value in said.items() if isinstance(value, int) and value >= 0}
        return {"question": -1, "shown": 0, "have": -1} | numbers
