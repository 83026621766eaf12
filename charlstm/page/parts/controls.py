"""The settings that several views share: seed text, length, speed, random seed, temperature, and what draws by them.

A view draws those it needs; the others keep their values while they are not on the screen.
"""

import random

import streamlit as st

from charlstm.errors import UnknownCharactersError
from charlstm.network.model_file import Model
from charlstm.page.locale import N_, say, say_chars, say_error
from charlstm.page.parts.escaping import in_markdown
from charlstm.page.parts.played_text import AT_ONCE, Pen, PlayedText
from charlstm.page.sidebar.model_choice import current_epoch, model_of, own_models
from charlstm.text.openings import DEFAULT_SEED, local_corpus_text, random_seed_text
from charlstm.text.vocab import NormalizedText
from charlstm.writing.generation import SEED_LIMIT
from charlstm.writing.live_text import LiveText
from charlstm.writing.sampling import Sampler

NOTEBOOK_TEMPERATURES = (0.2, 0.5, 1.0, 1.2)
SPEEDS = ("2", "5", "10", "20", "40", "80", "∞")  # characters a second; without words, as they stand in the address
LENGTH_LIMIT = 10_000
DEFAULT_RNG_SEED = 42
CHART_ROWS = 11
KEPT = {"bind": "query-params", "persist_state": "session"}
TEXT_LIMIT = 20_000  # characters of a text that someone gives; read in about half a second
NARROW = 118  # pixels; three in a row beside the text, two on a phone


def seed_text_box(model: Model | None = None) -> None:
    """The seed text; with a model, a button beside it that takes another one."""
    _fit_default_seed(model_of(current_epoch()))
    help = say("The network reads this first, then writes on from it; it may be empty.")
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        st.text_area(say("Seed text"), DEFAULT_SEED, height=76, key="seed_text", help=help, **KEPT)
        if model is not None:
            help = say("Takes another beginning: from the corpus where it is on this machine, else from a short list.")
            st.button(say("Another"), key="another_seed", help=help, on_click=_take_random_seed_text, args=[model])


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
    help = say("How many characters Generate writes.")
    st.number_input(say("Length"), 1, LENGTH_LIMIT, 400, 100, key="length", help=help, width=NARROW, **KEPT)
    speed_slider()
    rng_seed_box()


def speed_slider() -> None:
    help = say("Characters a second; ∞ is as fast as it goes. The text is the same at any speed.")
    st.select_slider(say("Speed"), SPEEDS, "40", key="speed", help=help, width=NARROW, **KEPT)


def rng_seed_box() -> None:
    help = say("The same number and the same settings give the same text, character for character.")
    st.number_input(say("Random seed"), 0, 2**31, 42, key="rng_seed", help=help, width=NARROW, **KEPT)


def temperature_slider() -> None:
    help = say(
        "Divides the logits before the softmax: below 1 the likely characters gain, above 1 the unlikely ones; 0 "
        "always takes the likeliest. It acts from the next character on."
    )
    st.slider(say("Temperature"), 0.0, 2.0, 0.5, 0.05, key="temperature", help=help, **KEPT)


def advanced() -> None:
    """Fresh random seeds, top-k, top-p and context, folded away."""
    with st.popover(say("Advanced"), key="advanced"):
        help = say("Generate first picks a new random seed, so that each text differs.")
        st.toggle(say("New one each time"), key="fresh_seed", help=help, persist_state="session")
        empty = {"placeholder": say("all"), **KEPT}
        help = say("Draw only from the k likeliest characters; empty keeps all.")
        st.number_input(say("Top-k"), 1, 10_000, None, key="top_k", help=help, **empty)
        help = say("Draw only from the likeliest characters whose probabilities together reach p; 1 keeps all.")
        st.slider(say("Top-p"), 0.05, 1.0, 1.0, 0.05, key="top_p", help=help, **KEPT)
        help = say(
            "How many last characters the network sees; empty is all that was read and written, 60 is the notebook's."
        )
        st.number_input(say("Context"), 1, 1000, None, key="context", help=help, **empty)


def seed_is_ready(model: Model) -> bool:
    """Says what the model makes of the seed text; returns whether it can write from it."""
    seed_text = st.session_state.seed_text
    if len(seed_text) > SEED_LIMIT:
        rule = N_("A seed text has at most {limit:,} characters; this one has {length:,}. Shorten it.")
        st.error(say(rule, limit=SEED_LIMIT, length=len(seed_text)))
        return False
    try:
        normalized = model.vocab.normalize(seed_text)
    except UnknownCharactersError as error:
        st.error(in_markdown(say_error(error)))
        return False
    if notes := normalized_notes(normalized):
        st.caption(" ".join(notes))
    return True


def normalized_notes(normalized: NormalizedText) -> list[str]:
    """What it took to rewrite a text in the model's characters, as Markdown."""
    lowered, skipped = (in_markdown(say_chars(chars)) for chars in (normalized.lowered, normalized.skipped))
    notes = [say("Lower-cased, as the model knows no capitals here: {chars}.", chars=lowered)] if lowered else []
    return notes + ([say("Skipped, as the model never saw them: {chars}.", chars=skipped)] if skipped else [])


def too_long(text: str) -> bool:
    """Says so where a text that someone gave is longer than `TEXT_LIMIT`."""
    rule = N_("A text has at most {limit:,} characters here; this one has {length:,}. Shorten it.")
    if len(text) > TEXT_LIMIT:
        st.error(say(rule, limit=TEXT_LIMIT, length=len(text)))
    return len(text) > TEXT_LIMIT


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
    """Characters a second, or `AT_ONCE`."""
    chosen = st.session_state.get("speed", "40")
    return AT_ONCE if chosen == "∞" else float(chosen)


def pen(model: Model) -> Pen:
    """With what the page writes now."""
    return pen_of(sampler(), model)


def pen_of(sampler: Sampler, model: Model) -> Pen:
    """As `pen`, with another sampler."""
    state = st.session_state
    return Pen(sampler, model, state.model, state.epoch, speed())


def new_text(model: Model, ready: bool = True) -> PlayedText:
    """A text that goes on from the seed text on the page, or from nothing where the model cannot read that."""
    state = st.session_state
    seed_text = state.seed_text if ready else ""
    live = LiveText(model, seed_text, state.get("rng_seed", DEFAULT_RNG_SEED), state.get("context"))
    return PlayedText(live, CHART_ROWS)
