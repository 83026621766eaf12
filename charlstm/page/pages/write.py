"""The main page: a seed text, a temperature, the text being written, and the distribution it is drawn from."""

import secrets
from collections.abc import Collection

import streamlit as st

from charlstm.errors import UnknownCharactersError
from charlstm.network.model_file import Model
from charlstm.page.locale import say
from charlstm.page.parts import controls, player, samples, text_actions
from charlstm.page.parts.played_text import PlayedText
from charlstm.page.state import session
from charlstm.writing.live_text import LiveText

STAGE_HEIGHT = 340  # pixels
ROW_STEP = 30
BUTTONS = ("generate", "stop", "continue", "one_character")


def show(model: Model) -> None:
    """Draws the page for the model chosen in the sidebar."""
    _controls(model)
    show_writing(model)
    samples.show()


def show_writing(model: Model, buttons: Collection[str] = BUTTONS) -> None:
    """The buttons, the text and the chart; the settings may stand in the session without a widget."""
    ready = controls.seed_is_ready(model)
    _keep_text(model, ready)
    left, right = st.columns([5, 4], gap="medium")
    with left:
        st.fragment(_stage)(model, ready, buttons)
    with right, st.container(key="next_char_chart"):
        own, reweighted, drawn = say("the model's own"), say("at this temperature"), say("drawn")
        st.markdown(f":gray[■] {own} :blue[■] {reweighted} :orange[■] {drawn}")
        about = say("Probabilities of the next character: the model's own and at this temperature.")
        player.show_chart("stage", controls.CHART_ROWS, ROW_STEP, reweighted, about)


def _controls(model: Model) -> None:
    left, right = st.columns([5, 4], gap="medium")
    with left:
        controls.seed_text_box(model)
    with right, st.container(horizontal=True, gap="small"):
        controls.text_settings()
    left, right = st.columns([5, 4], gap="medium", vertical_alignment="center")
    with left:
        controls.temperature_slider()
    with right, st.container(horizontal=True, gap="small"):
        for temperature in controls.NOTEBOOK_TEMPERATURES:
            st.button(f"{temperature}", key=f"temperature_{temperature}", on_click=_set_temperature, args=[temperature])
        controls.advanced()


def _set_temperature(temperature: float) -> None:
    st.session_state.temperature = temperature


def _keep_text(model: Model, ready: bool) -> None:
    """The session's text: new where nothing is written and the settings changed, else the same, on with the model."""
    state, text = st.session_state, session().text
    scrubbed = state.pop("rewrite", False)
    if text is None or not text.live.written and _start_of(text) != _wanted(model):
        session().text = controls.new_text(model, ready)
    elif text.playing:
        text.follow(controls.pen(model))
    elif text.live.model is not model:
        _change_model(text, model, scrubbed)


def _start_of(text: PlayedText) -> tuple[object, ...]:
    live = text.live
    return live.model, live.seed_text, live.rng_seed, live.context


def _wanted(model: Model) -> tuple[object, ...]:
    state = st.session_state
    return model, state.seed_text, state.rng_seed, state.get("context")


def _change_model(text: PlayedText, model: Model, scrubbed: bool) -> None:
    """Someone who scrubs through epochs sees the text as each writes it; else the text stays, and the model goes on.

    A model that cannot read the text begins a new one, and the old one is kept.
    """
    live, pen = text.live, controls.pen(model)
    try:
        if scrubbed and live.steady:
            again = PlayedText(LiveText(model, live.seed_text, live.rng_seed, live.context), text.chart_rows)
            again.write_now(controls.pen_of(live.written[0].sampler, model), len(live.written))
            session().text = again
        else:
            live.use_model(pen.model)
    except UnknownCharactersError:
        text_actions.keep_earlier(text)
        session().text = controls.new_text(model)


# The stage and its buttons, which one run draws again when one of them is pressed or the browser has come to the end.


def _stage(model: Model, ready: bool, buttons: Collection[str]) -> None:
    _buttons(model, ready, buttons)
    text = session().text
    if text is None:
        return
    if not text.playing and text.live.model is not model:
        st.rerun()  # it came while the text was played, and cannot read it
    with st.container(key="output"):
        hint = say("Press Generate: the text appears here.")
        player.show_text(text, "stage", lambda: controls.pen(model), STAGE_HEIGHT, hint)


def _buttons(model: Model, ready: bool, wanted: Collection[str]) -> None:
    text = session().text
    playing, length = bool(text and text.playing), len(text.live.written) if text else 0
    full = length >= controls.LENGTH_LIMIT
    arguments = {"on_click": _generate, "args": [model]}
    with st.container(horizontal=True, gap="xsmall", key="buttons"):
        if "generate" in wanted:
            st.button(
                say("Generate"), key="generate", type="primary", icon=":material/edit:", disabled=not ready, **arguments
            )
        if "stop" in wanted:
            st.button(say("Stop"), key="stop", icon=":material/stop:", on_click=_stop, disabled=not playing)
        if "continue" in wanted:
            off = playing or not length or full
            st.button(
                say("Continue"),
                key="continue",
                help=say("Writes on from where the text ends."),
                on_click=_continue,
                args=[model],
                disabled=off,
            )
        if "one_character" in wanted:
            off, help = playing or full or not ready, say("Draws just the next character.")
            st.button(
                say("One character"),
                key="one_character",
                help=help,
                on_click=_one_character,
                args=[model],
                disabled=off,
            )
        if "start_over" in wanted:
            off, help = (
                not ready or not length,
                say("Clears the page for the seed text above; the text moves to Earlier texts."),
            )
            st.button(say("Start over"), key="start_over", help=help, on_click=_start_over, args=[model], disabled=off)
        if text is not None and "continue" in wanted:
            text_actions.show(text, lambda: _start_over(model), ready)


# Callbacks: they run before the page is drawn again.


def _generate(model: Model) -> None:
    state = st.session_state
    if state.get("fresh_seed"):
        state.rng_seed = secrets.randbelow(1_000_000)
    if _start_over(model):
        _continue(model)


def _start_over(model: Model) -> bool:
    """Whether a new text begins; the page says what is wrong with a seed text that was typed at the last moment."""
    try:
        text = controls.new_text(model)
    except (ValueError, UnknownCharactersError):
        return False
    text_actions.keep_earlier(session().text)
    session().text = text
    return True


def _stop() -> None:
    text = session().text
    if text is not None:
        text.stop()


def _continue(model: Model) -> None:
    text = session().text
    if text is not None:
        text.start(controls.pen(model), st.session_state.length, controls.LENGTH_LIMIT)


def _one_character(model: Model) -> None:
    text = session().text
    if text is not None:
        text.write_now(controls.pen(model))
