"""The settings that several views share: seed text, length, speed, random seed, temperature, and what draws by them.

A view draws those it needs; the others keep their values while they are not on the screen.
"""

import random

import streamlit as st

from charlstm.errors import UnknownCharactersError
from charlstm.network.model_file import Model
from charlstm.page.locale import say, say_chars
from charlstm.page.sidebar.model_choice import current_version, model_of, own_models
from charlstm.text.openings import DEFAULT_SEED, local_corpus_text, random_seed_text
from charlstm.writing.generation import SEED_LIMIT
from charlstm.writing.live_text import INSTANT
from charlstm.writing.sampling import Sampler

NOTEBOOK_TEMPERATURES = (0.2, 0.5, 1.0, 1.2)
SPEEDS = ("2", "5", "10", "20", "40", "80", "∞")  # characters a second; without words, as they stand in the address
LENGTH_LIMIT = 10_000
KEPT = {"bind": "query-params", "persist_state": "session"}
NARROW = 118  # pixels; three in a row beside the text, two on a phone


def seed_text_box() -> None:
    _fit_default_seed(model_of(current_version()))
    st.text_area(say("seed_text"), DEFAULT_SEED, height=76, key="seed_text", help=say("seed_text_help"), **KEPT)


def seed_text_button(model: Model) -> None:
    st.button(
        say("another_seed"),
        key="another_seed",
        help=say("another_seed_help"),
        on_click=_take_random_seed_text,
        args=[model],
    )


def _take_random_seed_text(model: Model) -> None:
    state = st.session_state
    state.seed_text = state.given_seed = _random_seed_text(random.Random(), _corpus_text(model), model)


def _fit_default_seed(model: Model) -> None:
    """Where the page gave the seed text and the model cannot read it whole: another one, or none.

    What someone typed, or a link brought along, stays.
    """
    state = st.session_state
    shown = state.get("seed_text", DEFAULT_SEED)
    linked = "seed_text" not in state and "seed_text" in st.query_params
    if linked or shown not in (DEFAULT_SEED, state.get("given_seed")) or (shown and _reads(model, shown)):
        return
    wanted = DEFAULT_SEED
    if not _reads(model, wanted):
        wanted = _random_seed_text(random.Random(0), _own_text(), model)
    if wanted != shown:
        state.seed_text = state.given_seed = wanted


def _random_seed_text(rng: random.Random, corpus_text: str | None, model: Model) -> str:
    """One that the model can read; none where it knows no character of it."""
    seed_text = random_seed_text(rng, corpus_text, set(model.vocab.chars))
    try:
        model.vocab.normalize(seed_text)
    except UnknownCharactersError:
        return ""
    return seed_text


def _reads(model: Model, text: str) -> bool:
    return set(text) <= set(model.vocab.chars)


def _own_text() -> str | None:
    own = own_models().get(st.session_state.model)
    return own.corpus.text if own and own.corpus else None


def _corpus_text(model: Model) -> str | None:
    """The text that the model on the page was trained on, where it is at hand."""
    return _own_text() or shared_corpus(model.metadata.corpus)


def shared_corpus(name: str) -> str | None:
    """The text of a corpus if it is on this machine; one that comes later is found then."""
    try:
        return _found_corpus(name)
    except LookupError:
        return None


@st.cache_resource(max_entries=4, show_spinner=False)
def _found_corpus(name: str) -> str:
    text = local_corpus_text(name)
    if text is None:
        raise LookupError(name)  # which is not cached, as None would be
    return text


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
        normalized = model.vocab.normalize(seed_text)
    except UnknownCharactersError:
        examples = [char for char in model.vocab.chars if char.isalpha()][:5]
        unknown = say_chars(dict.fromkeys(seed_text))
        st.error(say("seed_unknown", chars=unknown, examples=say_chars(examples)))
        return False
    notes = (("lowered", normalized.lowered), ("skipped", normalized.skipped))
    if any(chars for _, chars in notes):
        st.caption(" ".join(say(key, chars=say_chars(chars)) for key, chars in notes if chars))
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
