"""Samples of epochs, every character of which answers: what each epoch of the session's training writes at the
notebook's four temperatures, from one seed text and the same random numbers, so that all of them can be compared."""

from typing import Any

import streamlit as st

from charlstm.errors import UnknownCharactersError
from charlstm.network.model_file import SavedEpoch
from charlstm.page.components import stage
from charlstm.page.locale import say
from charlstm.page.parts.played_text import AT_ONCE, PlayedText, WritingSettings
from charlstm.page.sidebar.model_choice import identity, model_of, own_models
from charlstm.page.state import NOTEBOOK_TEMPERATURES, settings
from charlstm.writing.live_text import LiveText
from charlstm.writing.sampling import Sampler

SAMPLE_CHARACTERS = 200
SHOWN_EPOCHS = 8
CARD_ROWS = 7  # of the distribution at a character


def show() -> None:
    """Draws the samples of the model on the page, the newest epoch first; nothing where there is none."""
    own = own_models().get(settings().model)
    trained = [epoch for epoch in own.epochs if epoch.metadata.history] if own else []
    if not trained:
        return
    help = say("All from the seed text above and the same random numbers: only epoch and temperature differ.")
    newest = say("Samples after each epoch") + " · "
    for epoch in reversed(trained[-SHOWN_EPOCHS:]):
        st.caption(f"{newest}{_title(epoch)}", help=help if newest else None)
        _show_row(epoch)
        newest = ""


def _title(epoch: SavedEpoch) -> str:
    metadata = epoch.metadata
    numbers = {"label": epoch.label, "bits": metadata.bits_per_character}
    if metadata.val_loss is None:
        return say("Epoch **{label}**, training loss {bits:.3f} bits per character", **numbers)
    return say("Epoch **{label}**, held-out loss {bits:.3f} bits per character", **numbers)


def _show_row(epoch: SavedEpoch) -> None:
    now, sampler = settings(), Sampler(NOTEBOOK_TEMPERATURES)
    try:
        text = sample(epoch, now.seed_text, now.rng_seed, None, sampler, SAMPLE_CHARACTERS)
    except (ValueError, UnknownCharactersError):
        return  # the seed text cannot be read; the page says so above
    for column, place in enumerate(st.columns(len(NOTEBOOK_TEMPERATURES))):
        with place:
            show_sample(
                f"sample_{epoch.label}_{column}", text, "stage-sample", f"{NOTEBOOK_TEMPERATURES[column]}  ", column
            )


def show_sample(name: str, text: PlayedText, look: str, before: str, column: int = 0) -> None:
    """Draws a text that is not played; the distributions stand on a card.

    Args:
        name: Of the component.
        text: All of it is shown.
        look: A class of `stage.css`.
        before: What stands before the text, quieter.
        column: Of the text.
    """
    shown: dict[str, Any] = {"id": f"{text.id} {look} {before}", "seed": before, "look": look, "card": True}
    stage.show(name, text.data(column) | shown)


@st.cache_resource(scope="session", max_entries=52, hash_funcs={SavedEpoch: identity}, show_spinner=False)
def sample(
    epoch: SavedEpoch, seed_text: str, rng_seed: int, context: int | None, sampler: Sampler, length: int
) -> PlayedText:
    """What an epoch writes, a column a temperature; not to be changed, as it is written once.

    Raises:
        ValueError, UnknownCharactersError: See `LiveText`.
    """
    model = model_of(epoch)
    live = LiveText(model, seed_text, rng_seed, context, rows=len(sampler.temperatures))
    text = PlayedText(live, CARD_ROWS)
    text.write_now(WritingSettings(sampler, model, "", epoch.label, AT_ONCE), length)
    return text
