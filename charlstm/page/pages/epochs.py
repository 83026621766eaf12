"""Through training: the same seed text and random numbers through the epochs of one model, a row each.

All rows are written at once, which takes a tenth of a second; playing only uncovers them.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeVar

import numpy as np
import streamlit as st

from charlstm.network.model_file import Model, SavedEpoch
from charlstm.page.locale import say
from charlstm.page.parts import controls
from charlstm.page.sidebar.model_choice import identity, model_of, saved_epochs
from charlstm.page.state import session, settings
from charlstm.writing.generation import Writer
from charlstm.writing.sampling import Sampler

ROW_CHARACTERS = 230
MAX_ROWS = 9  # what fits a projector
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
    text: str
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
    seed_text = model.vocab.normalize(settings().seed_text).text
    with st.container(key="training_rows"):
        st.html(rows_html(rows, place, seed_text, titles, math.log2(len(model.vocab)), say("collapsed")))
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
    text = _text(epoch, now.seed_text, now.rng_seed, now.context, controls.sampler())
    return EpochRow(epoch.label, metadata.bits_per_character, text, metadata.collapsed)


@st.cache_data(scope="session", max_entries=4 * MAX_ROWS, hash_funcs={SavedEpoch: identity}, show_spinner=False)
def _text(epoch: SavedEpoch, seed_text: str, rng_seed: int, context: int | None, sampler: Sampler) -> str:
    writer = Writer(model_of(epoch), seed_text, np.random.default_rng(rng_seed), context=context)
    [text] = writer.write_texts(sampler, ROW_CHARACTERS)
    return text


# The rows as HTML: one large, those before it a line each, those after it still covered.


def rows_html(
    rows: Sequence[EpochRow], shown: int, seed_text: str, titles: Sequence[str], most_bits: float, mark: str
) -> str:
    """All rows; that at `shown` is large and starts with the seed text, those after it are covered.

    Args:
        rows: From the first epoch to the last.
        shown: Place of the large one.
        seed_text: Quieter, before the large text.
        titles: Of the three columns.
        most_bits: What fills the bar: what a blind guess among all characters would cost.
        mark: A word before the text of epochs by which training had collapsed.
    """
    head = "".join(
        f'<span class="{name}">{escape(title)}</span>'
        for name, title in zip(("number", "bits", "text"), titles, strict=True)
    )
    body = "".join(_row_html(row, place - shown, seed_text, most_bits, mark) for place, row in enumerate(rows))
    return f'<div class="epochs"><div class="head">{head}</div>{body}</div>'


def _row_html(row: EpochRow, distance: int, seed_text: str, most_bits: float, mark: str) -> str:
    kind = "large" if distance == 0 else "covered" if distance > 0 else "before"
    seed = f'<span class="seed">{escape(seed_text)}</span>' if distance == 0 else ""
    text = "" if distance > 0 else escape(row.text)
    marked = f'<small class="mark">{escape(mark)}</small>' if row.collapsed else ""
    return (
        f'<div class="{kind}"><span class="number">{escape(row.label)}</span>'
        f"{_bits_html(row.bits, most_bits)}"
        f'<span class="text">{marked}{seed}{text}</span></div>'
    )


def _bits_html(bits: float | None, most_bits: float) -> str:
    if bits is None:
        return '<span class="bits">–</span>'
    width = min(100.0, 100 * bits / most_bits)
    return f'<span class="bits">{bits:.2f}<span><span style="width:{width:.1f}%"></span></span></span>'
