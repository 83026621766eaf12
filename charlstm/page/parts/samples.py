"""What each epoch of the session's training writes: the notebook's four temperatures, from one seed text and the same
random numbers, so that epochs can be compared as well as temperatures."""

from html import escape

import numpy as np
import streamlit as st

from charlstm.errors import UnknownCharactersError
from charlstm.network.metadata import ModelMetadata
from charlstm.network.model_file import SavedEpoch
from charlstm.page.locale import say
from charlstm.page.sidebar.model_choice import identity, model_of, own_models
from charlstm.page.state import NOTEBOOK_TEMPERATURES, settings
from charlstm.writing.generation import Writer
from charlstm.writing.sampling import Sampler

SAMPLE_CHARACTERS = 200
SHOWN_EPOCHS = 8


def show() -> None:
    """Draws the samples of the model on the page, the newest epoch first; nothing where there is none."""
    own = own_models().get(settings().model)
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
        return say("Epoch {epoch}, training loss {bits:.3f} bits per character", epoch=epoch, bits=cost)
    return say("Epoch {epoch}, held-out loss {bits:.3f} bits per character", epoch=epoch, bits=cost)


def _show_row(epoch: SavedEpoch) -> None:
    try:
        texts = _samples(epoch, settings().seed_text, settings().rng_seed)
    except (ValueError, UnknownCharactersError):
        return  # the seed text cannot be read; the page says so above
    for place, temperature, text in zip(st.columns(4), NOTEBOOK_TEMPERATURES, texts, strict=True):
        place.html(f'<div class="written sample"><b>{temperature}</b> {escape(text)}</div>')


@st.cache_data(scope="session", max_entries=2 * SHOWN_EPOCHS, hash_funcs={SavedEpoch: identity}, show_spinner=False)
def _samples(epoch: SavedEpoch, seed_text: str, rng_seed: int) -> list[str]:
    writer = Writer(model_of(epoch), seed_text, np.random.default_rng(rng_seed), rows=len(NOTEBOOK_TEMPERATURES))
    return writer.write_texts(Sampler(NOTEBOOK_TEMPERATURES), SAMPLE_CHARACTERS)
