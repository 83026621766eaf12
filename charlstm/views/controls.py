"""The settings that several views share: seed text, length, speed, random seed, temperature, and what draws by them.

A view draws those it needs; the others keep their values while they are not on the screen.
"""

import random

import streamlit as st

from charlstm.checkpoint import Model
from charlstm.errors import UnknownCharactersError
from charlstm.generation import SEED_LIMIT
from charlstm.live import INSTANT
from charlstm.sampling import Sampler
from charlstm.seeds import DEFAULT_SEED, another_seed, corpus_on_this_machine
from charlstm.views.words import say
from charlstm.vocab import show_chars

NOTEBOOK_TEMPERATURES = (0.2, 0.5, 1.0, 1.2)
SPEEDS = ("2", "5", "10", "20", "40", "80", "∞")  # characters a second; without words, as they stand in the address
LENGTH_LIMIT = 10_000
KEPT = {"bind": "query-params", "persist_state": "session"}
NARROW = 118  # pixels; three in a row beside the text, two on a phone
TICK_SECONDS = 0.25  # how often a text is written on
AHEAD_SECONDS = 0.32  # how far: a tick, and what may delay the next one


def seed_text_box() -> None:
    st.text_area(say("seed_text"), DEFAULT_SEED, height=76, key="seed_text", help=say("seed_text_help"), **KEPT)


def another_seed_button(model: Model) -> None:
    st.button(
        say("another_seed"),
        key="another_seed",
        help=say("another_seed_help"),
        on_click=_take_another_seed,
        args=[model.record.corpus],
    )


def _take_another_seed(corpus: str) -> None:
    st.session_state.seed_text = another_seed(random.Random(), shared_corpus(corpus))


@st.cache_resource(max_entries=4, show_spinner=False)
def shared_corpus(name: str) -> str | None:
    return corpus_on_this_machine(name)


def text_settings() -> None:
    """Length, speed and random seed, for a horizontal container."""
    length_help = say("length_help")
    st.number_input(say("length"), 1, LENGTH_LIMIT, 400, 100, key="length", help=length_help, width=NARROW, **KEPT)
    speed_slider()
    rng_seed_box()


def speed_slider() -> None:
    st.select_slider(say("speed"), SPEEDS, "40", key="speed", help=say("speed_help"), width=NARROW, **KEPT)


def rng_seed_box() -> None:
    st.number_input(say("rng_seed"), 0, 2**31, 42, key="rng_seed", help=say("rng_seed_help"), width=NARROW, **KEPT)


def temperature_slider() -> None:
    st.slider(say("temperature"), 0.0, 2.0, 0.5, 0.05, key="temperature", help=say("temperature_help"), **KEPT)


def advanced() -> None:
    """Fresh random seeds, top-k, top-p and context, folded away."""
    with st.popover(say("advanced"), key="advanced"):
        st.toggle(say("fresh_seed"), key="fresh_seed", help=say("fresh_seed_help"), persist_state="session")
        empty = {"placeholder": say("all"), **KEPT}
        st.number_input(say("top_k"), 1, 10_000, None, key="top_k", help=say("top_k_help"), **empty)
        st.slider(say("top_p"), 0.05, 1.0, 1.0, 0.05, key="top_p", help=say("top_p_help"), **KEPT)
        st.number_input(say("context"), 1, 1000, None, key="context", help=say("context_help"), **empty)


def seed_is_ready(model: Model) -> bool:
    """Says what the model makes of the seed text; returns whether it can write from it."""
    seed_text = st.session_state.seed_text
    if len(seed_text) > SEED_LIMIT:
        st.error(say("seed_too_long", limit=SEED_LIMIT, length=len(seed_text)))
        return False
    try:
        fitted = model.vocab.fit(seed_text)
    except UnknownCharactersError:
        examples = [char for char in model.vocab.chars if char.isalpha()][:5]
        unknown = show_chars(dict.fromkeys(seed_text))
        st.error(say("seed_unknown", chars=unknown, examples=show_chars(examples)))
        return False
    notes = (("lowered", fitted.lowered), ("skipped", fitted.skipped))
    if any(chars for _, chars in notes):
        st.caption(" ".join(say(key, chars=show_chars(chars)) for key, chars in notes if chars))
    return True


def sampler() -> Sampler:
    """Temperature, top-k and top-p as they stand on the page."""
    state = st.session_state
    return sampler_at(state.temperature)


def sampler_at(temperature) -> Sampler:
    """As `sampler`, at another temperature, or one for each row."""
    state = st.session_state
    top_p = state.get("top_p", 1.0)
    return Sampler(temperature, state.get("top_k"), None if top_p == 1 else top_p)


def speed() -> float:
    """Characters a second, or `INSTANT`."""
    return INSTANT if st.session_state.speed == "∞" else float(st.session_state.speed)
