"""What each epoch of the session's training writes: the notebook's four temperatures, from one seed text and the same
random numbers, so that epochs can be compared as well as temperatures."""

from html import escape
from weakref import WeakKeyDictionary

import numpy as np
import streamlit as st

from charlstm.errors import UnknownCharactersError
from charlstm.network.metadata import ModelMetadata
from charlstm.network.model_file import SavedEpoch
from charlstm.page.locale import say
from charlstm.page.parts.controls import NOTEBOOK_TEMPERATURES
from charlstm.page.sidebar.model_choice import model_of, own_models
from charlstm.writing.generation import Writer
from charlstm.writing.sampling import Sampler

SAMPLE_CHARACTERS = 200
SHOWN_EPOCHS = 8


def show() -> None:
    """Draws the samples of the model on the page, the newest epoch first; nothing where there is none."""
    own = own_models().get(st.session_state.model)
    trained = [epoch for epoch in own.epochs if epoch.metadata.history] if own else []
    if not trained:
        return
    help = say("All from the seed text above and the same random numbers: only epoch and temperature differ.")
    st.subheader(say("Samples after each epoch"), anchor=False, help=help)
    for epoch in reversed(trained[-SHOWN_EPOCHS:]):
        st.caption(f"**{epoch.label}** · {_title(epoch.metadata)}")
        _show_row(epoch)


def _title(metadata: ModelMetadata) -> str:
    epoch, cost = metadata.epoch, metadata.bits_per_character
    if metadata.val_loss is None:
        return say("Epoch {epoch}, training {bits:.3f} bits a character", epoch=epoch, bits=cost)
    return say("Epoch {epoch}, held out {bits:.3f} bits a character", epoch=epoch, bits=cost)


def _show_row(epoch: SavedEpoch) -> None:
    try:
        texts = _samples(epoch)
    except (ValueError, UnknownCharactersError):
        return  # the seed text cannot be read; the page says so above
    for place, temperature, text in zip(st.columns(4), NOTEBOOK_TEMPERATURES, texts, strict=True):
        place.html(f'<div class="written sample"><b>{temperature}</b> {escape(text)}</div>')


def _samples(epoch: SavedEpoch) -> list[str]:
    """Kept for each epoch as long as it is there, until seed text or random seed change."""
    state = st.session_state
    kept = state.setdefault("samples", WeakKeyDictionary())
    settings = (state.seed_text, state.rng_seed)
    if epoch not in kept or kept[epoch][0] != settings:
        rng = np.random.default_rng(state.rng_seed)
        writer = Writer(model_of(epoch), state.seed_text, rng, rows=len(NOTEBOOK_TEMPERATURES))
        kept[epoch] = settings, writer.write_texts(Sampler(NOTEBOOK_TEMPERATURES), SAMPLE_CHARACTERS)
    return kept[epoch][1]
