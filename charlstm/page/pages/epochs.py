"""Through training: the same seed text and random numbers through the epochs of one model, a row each.

All rows are written at once, which takes a tenth of a second; playing only uncovers them.
"""

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TypeVar

import numpy as np
import streamlit as st

from charlstm.network.model_file import Model, SavedEpoch
from charlstm.page.locale import say
from charlstm.page.parts import controls
from charlstm.page.parts.played_text import PlayedText
from charlstm.page.parts.samples import sample, show_sample
from charlstm.page.sidebar.model_choice import saved_epochs
from charlstm.page.state import session, settings

ROW_CHARACTERS = 180
MAX_ROWS = 9  # what fits a projector
LEAD_WIDTH = 236  # pixels
Item = TypeVar("Item")
PLAY_SECONDS = 2.5  # a row: long enough to read a line of it aloud


@dataclass(frozen=True)
class EpochRow:
    """What one row shows.

    Attributes:
        label: Such as `13`.
        bits: Bits per character, held out, or of training where nothing was held out; None where neither is known.
        text: What the model wrote.
        collapsed: Whether training had collapsed by then.
    """

    label: str
    bits: float | None
    text: PlayedText
    collapsed: bool = False


def show(model: Model) -> None:
    """Draws the view for the model chosen in the sidebar."""
    left, middle, right = st.columns([10, 5, 3], gap="medium")
    with left:
        controls.seed_text_box()
    with middle:
        controls.temperature_slider()
    with right:
        controls.rng_seed_box()
    show_rows(model)


def show_rows(model: Model) -> None:
    """The play button, the slider and the rows; the settings may stand in the session without a widget."""
    if controls.seed_is_ready(model):
        st.fragment(_stage, run_every=PLAY_SECONDS if session().playing else None)(model)


def _thinned(items: list[Item]) -> list[Item]:
    """The first, the last, and of many those between them; early ones closer together, as most is learnt there."""
    if len(items) <= MAX_ROWS:
        return items
    places = np.geomspace(1, len(items), MAX_ROWS).round().astype(int) - 1
    for row in range(1, MAX_ROWS):  # rounding makes the first ones equal
        places[row] = max(places[row], places[row - 1] + 1)
    return [items[place] for place in places]


def _stage(model: Model) -> None:
    rows = [_row(epoch) for epoch in _thinned(saved_epochs(settings().model))]
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        _buttons(alone=len(rows) == 1)
        place = _choose_row([row.label for row in rows])
    held_out = model.metadata.val_loss is not None
    cost = say("Held-out text, bits per character") if held_out else say("Training text, bits per character")
    titles = [say("Epoch"), cost, say("What it writes")]
    with st.container(key="training_rows", gap=None):
        _show_rows(rows, place, titles, math.log2(len(model.vocab)))
    if len(rows) == 1:
        st.caption(say("This model has only one epoch to show. Choose another model, or train this one."))
    if session().playing and place == len(rows) - 1:
        _stop()
    if session().switched:
        session().switched = False
        st.rerun()  # the ticking begins or ends with the whole page


def _buttons(alone: bool) -> None:
    off = session().playing or alone
    controls.button(say("Play"), "training_play", _play, off=off, icon="play_arrow", main=True)
    controls.button(say("Stop"), "training_stop", _stop, off=not session().playing, icon="stop")


def _play() -> None:
    session().playing, session().switched, session().due = True, True, 0.0


def _stop() -> None:
    session().playing, session().switched = False, True


def _choose_row(labels: list[str]) -> int:
    """Draws the slider, moved on by one while playing; returns the place of the large row."""
    state = st.session_state
    if state.get("training_upto") not in labels:
        state.pop("training_upto", None)
    if len(labels) == 1:
        return 0
    now = time.monotonic()
    if session().playing and now >= session().due:  # the stage is also drawn when a setting is moved
        first = session().due == 0
        state.training_upto = labels[0 if first else min(labels.index(state.training_upto) + 1, len(labels) - 1)]
        session().due = now + 0.8 * PLAY_SECONDS
    help = say(
        "Each row is the model after so many epochs. All rows read the same seed text and draw with the same random "
        "numbers."
    )
    title = say("Epoch on the screen")
    return labels.index(st.select_slider(title, labels, labels[-1], key="training_upto", help=help, **controls.KEPT))


def _row(epoch: SavedEpoch) -> EpochRow:
    """What an epoch writes by the settings on the page."""
    now, metadata = settings(), epoch.metadata
    text = sample(epoch, now.seed_text, now.rng_seed, now.context, controls.sampler(), ROW_CHARACTERS)
    return EpochRow(epoch.label, metadata.bits_per_character, text, metadata.collapsed)


# The rows: one large, those before it a line each, those after it still covered.


def _show_rows(rows: list[EpochRow], shown: int, titles: list[str], most_bits: float) -> None:
    """All rows, from the first epoch to the last; that at `shown` is large and starts with the seed text."""
    st.html(f'<div class="epoch head">{_spans(zip(("number", "bits", "text"), titles, strict=True))}</div>')
    for place, row in enumerate(rows):
        kind = "large" if place == shown else "covered" if place > shown else "before"
        with st.container(horizontal=True, gap="small", key=f"epoch_{kind}_{place}"):
            st.html(lead_html(row, most_bits, say("collapsed")), width=LEAD_WIDTH)
            if kind == "large":
                show_sample(f"sample_epoch_{place}", row.text, "", row.text.live.seed.text)
            elif kind == "before":
                show_sample(f"sample_epoch_{place}", row.text, "stage-line", "")


def lead_html(row: EpochRow, most_bits: float, mark: str) -> str:
    """What stands before a text: the epoch, its bits, and how they compare.

    Args:
        row: With the epoch.
        most_bits: What fills the bar: what a blind guess among all characters would cost.
        mark: A word for epochs by which training had collapsed.
    """
    marked = f'<small class="mark">{escape(mark)}</small>' if row.collapsed else ""
    return f'<div class="epoch">{_spans([("number", row.label)])}{_bits_html(row.bits, most_bits)}{marked}</div>'


def _spans(texts: Iterable[tuple[str, str]]) -> str:
    return "".join(f'<span class="{name}">{escape(text)}</span>' for name, text in texts)


def _bits_html(bits: float | None, most_bits: float) -> str:
    if bits is None:
        return '<span class="bits">–</span>'
    width = min(100.0, 100 * bits / most_bits)
    return f'<span class="bits">{bits:.2f}<span><span style="width:{width:.1f}%"></span></span></span>'
