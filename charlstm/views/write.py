"""The main view: a seed text, a temperature, the text being written, and the distribution it is drawn from.

The text is written ahead by a fraction of a second in a fragment that ticks a few times a second; the browser shows
each character at its own time (`written_html`). Widgets stay outside the fragment, so they act at once and cut nothing
short.
"""

import random
import secrets
import time

import streamlit as st

from charlstm.charts import next_char_frame, next_char_spec
from charlstm.checkpoint import Model
from charlstm.errors import UnknownCharactersError
from charlstm.generation import SEED_LIMIT
from charlstm.live import INSTANT, LiveText
from charlstm.metrics import effective_choices, entropy_bits
from charlstm.sampling import Sampler, softmax
from charlstm.seeds import DEFAULT_SEED, another_seed, corpus_on_this_machine
from charlstm.views import finished
from charlstm.views.live_html import written_html
from charlstm.views.words import say
from charlstm.vocab import show_chars

NOTEBOOK_TEMPERATURES = (0.2, 0.5, 1.0, 1.2)
SPEEDS = ("2", "5", "10", "20", "40", "80", "∞")  # characters a second; without words, as they stand in the address
TICK_SECONDS = 0.25  # how often the text is written on
AHEAD_SECONDS = 0.32  # how far: a tick, and what may delay the next one
LENGTH_LIMIT = 10_000
STAGE_HEIGHT = 400  # pixels


def show(model: Model) -> None:
    """Draws the view for the model chosen in the sidebar."""
    _controls()
    ready = _seed_notes(model)
    _keep_live_text(model, ready)
    _buttons(ready)
    live: LiveText = st.session_state.live
    st.fragment(_stage, run_every=TICK_SECONDS if live.writing else None)()
    finished.show(live)


def _controls() -> None:
    left, right = st.columns([5, 4], gap="medium")
    with left:
        st.text_area(
            say("seed_text"), DEFAULT_SEED, height=76, key="seed_text", help=say("seed_text_help"), bind="query-params"
        )
    with right, st.container(horizontal=True, gap="small"):
        _text_settings()
    left, right = st.columns([5, 4], gap="medium", vertical_alignment="center")
    with left:
        st.slider(
            say("temperature"),
            0.0,
            2.0,
            0.5,
            0.05,
            key="temperature",
            help=say("temperature_help"),
            bind="query-params",
        )
    with right, st.container(horizontal=True, gap="small"):
        for temperature in NOTEBOOK_TEMPERATURES:
            st.button(f"{temperature}", key=f"temperature_{temperature}", on_click=_set_temperature, args=[temperature])
        with st.popover(say("advanced"), key="advanced"):
            _advanced()


def _text_settings() -> None:
    bound = {"width": 118, "bind": "query-params"}
    st.number_input(say("length"), 1, LENGTH_LIMIT, 400, 100, key="length", help=say("length_help"), **bound)
    st.select_slider(say("speed"), SPEEDS, "40", key="speed", help=say("speed_help"), **bound)
    st.number_input(say("rng_seed"), 0, 2**31, 42, key="rng_seed", help=say("rng_seed_help"), **bound)


def _advanced() -> None:
    empty = {"placeholder": say("all"), "bind": "query-params"}
    st.toggle(say("fresh_seed"), key="fresh_seed", help=say("fresh_seed_help"))
    st.number_input(say("top_k"), 1, 10_000, None, key="top_k", help=say("top_k_help"), **empty)
    st.slider(say("top_p"), 0.05, 1.0, 1.0, 0.05, key="top_p", help=say("top_p_help"), bind="query-params")
    st.number_input(say("context"), 1, 1000, None, key="context", help=say("context_help"), **empty)


def _seed_notes(model: Model) -> bool:
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
    notes = [say(kind, chars=show_chars(chars)) for kind, chars in _notes(fitted) if chars]
    if notes:
        st.caption(" ".join(notes))
    return True


def _notes(fitted):
    return ("lowered", fitted.lowered), ("skipped", fitted.skipped)


def _buttons(ready: bool) -> None:
    live: LiveText = st.session_state.live
    idle, empty = not live.writing, not live.written
    with st.container(horizontal=True, gap="small", key="buttons"):
        # The first two have no help: Streamlit draws a button with help twice, and they say it all.
        st.button(
            say("generate"),
            key="generate",
            type="primary",
            icon=":material/edit:",
            on_click=_generate,
            disabled=not ready,
        )
        st.button(say("stop"), key="stop", icon=":material/stop:", on_click=_stop, disabled=idle)
        _button("continue", _continue, disabled=not idle or empty)
        _button("one_character", _one_character, disabled=not idle)
        _button("start_over", _start_over, disabled=not ready or empty)
        _button("another_seed", _take_another_seed)


def _button(key: str, on_click, disabled: bool = False) -> None:
    st.button(say(key), key=key, help=say(f"{key}_help"), on_click=on_click, disabled=disabled)


def _new_live_text(model: Model) -> LiveText:
    state = st.session_state
    return LiveText(model, state.seed_text, state.rng_seed, state.context)


def _keep_live_text(model: Model, ready: bool) -> None:
    """The session's text: new where nothing is written yet and the settings changed, else the same, with the model."""
    state = st.session_state
    state.shown_model = model
    wanted = (state.seed_text, state.rng_seed, state.context)
    untouched = "live" in state and not state.live.written and not state.live.writing
    if "live" not in state or (untouched and state.live_settings != wanted):
        state.live = _new_live_text(model) if ready else LiveText(model, "", state.rng_seed)
        state.live_settings = wanted
    elif state.live.model is not model:
        try:
            state.live.use_model(model)
        except UnknownCharactersError as error:
            st.error(str(error))


def sampler() -> Sampler:
    """Temperature, top-k and top-p as they stand on the page."""
    state = st.session_state
    return Sampler(state.temperature, state.top_k, None if state.top_p == 1 else state.top_p)


def speed() -> float:
    """Characters a second, or `INSTANT`."""
    return INSTANT if st.session_state.speed == "∞" else float(st.session_state.speed)


# Callbacks: they run before the page is drawn again.


def _generate() -> None:
    state = st.session_state
    if state.fresh_seed:
        state.rng_seed = secrets.randbelow(1_000_000)
    _start_over()
    state.live.start(time.monotonic(), state.length)


def _start_over() -> None:
    state = st.session_state
    finished.keep_earlier(state.live)
    state.live = _new_live_text(state.shown_model)
    state.live_settings = (state.seed_text, state.rng_seed, state.context)


def _stop() -> None:
    st.session_state.live.stop()


def _continue() -> None:
    st.session_state.live.start(time.monotonic(), st.session_state.length)


def _one_character() -> None:
    st.session_state.live.write_one(sampler())


def _set_temperature(temperature: float) -> None:
    st.session_state.temperature = temperature


def _take_another_seed() -> None:
    corpus = st.session_state.shown_model.record.corpus
    st.session_state.seed_text = another_seed(random.Random(), _shared_corpus(corpus))


@st.cache_resource(max_entries=4, show_spinner=False)
def _shared_corpus(name: str) -> str | None:
    return corpus_on_this_machine(name)


# The stage: text and chart, drawn again at every tick while text is written.


def _stage() -> None:
    live: LiveText = st.session_state.live
    writing = live.writing
    now = time.monotonic()
    live.advance(now, AHEAD_SECONDS, sampler(), speed())
    left, right = st.columns([5, 4], gap="medium")
    with left, st.container(key="output", height=STAGE_HEIGHT, autoscroll=True):
        st.html(written_html(live.seed.text, live.text, live.pending(now), say("empty_output")))
    with right, st.container(key="next_char_chart", height=STAGE_HEIGHT, border=False, gap="xxsmall"):
        _next_char_chart(live)
    if writing and not live.writing:
        st.rerun()  # the buttons change, the ticking ends


def _next_char_chart(live: LiveText) -> None:
    draw = live.last_draw
    logits = live.next_logits[0] if draw is None else draw.logits[0]
    reweighted = sampler().probabilities(logits)
    entropy, choices = float(entropy_bits(reweighted)), float(effective_choices(reweighted))
    st.markdown(f":gray[■] {say('own')} :blue[■] {say('reweighted')} :orange[■] {say('drawn')}")
    st.markdown(say("uncertainty", entropy=entropy, choices=choices))
    drawn_id = None if draw is None else int(draw.ids[0])
    frame = next_char_frame(live.model.vocab.chars, softmax(logits), reweighted, drawn_id, say("rest"))
    st.vega_lite_chart(frame, next_char_spec((say("own"), say("reweighted"))), alt=say("chart_alt"))
