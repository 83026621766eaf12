"""Through training: the same seed text and random numbers through the epochs of one model, a row each.

All rows are written at once, which takes a tenth of a second; playing only uncovers them.
"""

import math
import time

import numpy as np
import streamlit as st

from charlstm.network.model_file import Model
from charlstm.page.locale import say
from charlstm.page.parts import controls
from charlstm.page.parts.epoch_rows import STYLE, EpochRow, rows_html
from charlstm.page.sidebar.model_choice import model_of, saved_epochs
from charlstm.writing.generation import Writer
from charlstm.writing.sampling import Sampler

ROW_CHARACTERS = 230
MAX_ROWS = 9  # what fits a projector
PLAY_SECONDS = 2.5  # a row: long enough to read a line of it aloud


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
        st.html(STYLE)
        st.fragment(_stage, run_every=PLAY_SECONDS if _playing() else None)(model)


def epochs(model: Model) -> list[tuple[str, Model]]:
    """The model on the page as it was through its training: labels and models, from the first epoch to the last.

    The session's own epochs are among them. Of many, the early ones are kept closer together, as most is learnt there.
    """
    found = saved_epochs(st.session_state.model)
    return [(epoch.label, model_of(epoch)) for epoch in _thinned(found)] or [("", model)]


def _thinned(items: list) -> list:
    if len(items) <= MAX_ROWS:
        return items
    places = np.geomspace(1, len(items), MAX_ROWS).round().astype(int) - 1
    for row in range(1, MAX_ROWS):  # rounding makes the first ones equal
        places[row] = max(places[row], places[row - 1] + 1)
    return [items[place] for place in places]


def _stage(model: Model) -> None:
    rows = _written_rows(model)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        _buttons(alone=len(rows) == 1)
        place = _choose_row([row.label for row in rows])
    held_out = model.metadata.val_loss is not None
    cost = say("Bits a character, held out") if held_out else say("Bits a character, training")
    titles = [say("Epoch"), cost, say("What it writes")]
    seed_text = model.vocab.normalize(st.session_state.seed_text).text
    with st.container(key="training_rows"):
        st.html(rows_html(rows, place, seed_text, titles, math.log2(len(model.vocab)), say("collapsed")))
    if len(rows) == 1:
        st.caption(say("This model has only one epoch to show. Choose another model, or train this one."))
    if _playing() and place == len(rows) - 1:
        _stop()
    if st.session_state.pop("training_switched", False):
        st.rerun()  # the ticking begins or ends with the whole page


def _buttons(alone: bool) -> None:
    playing = _playing()
    look = {"type": "primary", "icon": ":material/play_arrow:"}
    st.button(say("Play"), key="training_play", on_click=_play, disabled=playing or alone, **look)
    st.button(say("Stop"), key="training_stop", icon=":material/stop:", on_click=_stop, disabled=not playing)


def _playing() -> bool:
    return st.session_state.get("training_playing", False)


def _play() -> None:
    st.session_state.update(training_playing=True, training_switched=True, training_due=0.0)


def _stop() -> None:
    st.session_state.update(training_playing=False, training_switched=True)


def _choose_row(labels: list[str]) -> int:
    """Draws the slider, moved on by one while playing; returns the place of the large row."""
    state = st.session_state
    if state.get("training_upto") not in labels:
        state.pop("training_upto", None)
    if len(labels) == 1:
        return 0
    now = time.monotonic()
    if _playing() and now >= state.training_due:  # the stage is also drawn when a setting is moved
        first = state.training_due == 0
        state.training_upto = labels[0 if first else min(labels.index(state.training_upto) + 1, len(labels) - 1)]
        state.training_due = now + 0.8 * PLAY_SECONDS
    help = say(
        "Each row is the model after so many epochs. All rows read the same seed text and draw with the same random "
        "numbers."
    )
    kept = {"key": "training_upto", "help": help, **controls.KEPT}
    label = st.select_slider(say("Epoch on the screen"), labels, labels[-1], **kept)
    return labels.index(label)


def _written_rows(model: Model) -> list[EpochRow]:
    """What each epoch writes by the settings on the page; kept until one of them changes."""
    state = st.session_state
    snapshots = epochs(model)
    sampler, context = controls.sampler(), state.get("context")
    identities = [(label, id(snapshot)) for label, snapshot in snapshots]
    settings = (identities, state.seed_text, state.rng_seed, context, sampler)
    if "training_kept" not in state or state.training_kept[0] != settings:
        rows = [_row(label, snapshot, sampler, context) for label, snapshot in snapshots]
        state.training_kept = (settings, rows, snapshots)  # which are kept alive, so that no other takes their identity
    return state.training_kept[1]


def _row(label: str, model: Model, sampler: Sampler, context: int | None) -> EpochRow:
    rng = np.random.default_rng(st.session_state.rng_seed)
    writer = Writer(model, st.session_state.seed_text, rng, context=context)
    [text] = writer.write_texts(sampler, ROW_CHARACTERS)
    return EpochRow(label, model.metadata.bits_per_character, text, model.metadata.collapsed)
