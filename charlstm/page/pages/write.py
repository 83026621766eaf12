"""The main page: a seed text, a temperature, the text being written, and the distribution it is drawn from."""

import secrets
from collections.abc import Callable, Collection

import streamlit as st

from charlstm.errors import UnknownCharactersError
from charlstm.network.model_file import Model
from charlstm.page.locale import say
from charlstm.page.parts import controls, player, samples, text_actions
from charlstm.page.parts.played_text import PlayedText
from charlstm.page.state import session, settings
from charlstm.writing.live_text import LiveText

BUTTONS = ("generate", "stop", "continue", "one_character")


def show(model: Model) -> None:
    """Draws the page for the model chosen in the sidebar."""
    _controls(model)
    show_writing(model)
    samples.show()


def show_writing(model: Model, buttons: Collection[str] = BUTTONS, above: Callable[[], None] | None = None) -> None:
    """The buttons, the text and the chart; the settings may stand in the session, without a widget but for `above`."""
    ready = controls.seed_is_ready(model)
    _keep_text(model, ready)
    with st.container(key="stage_row"):
        left, right = st.columns([5, 4], gap="medium")
    with left:
        if above is not None:
            above()
        st.fragment(_stage)(model, ready, buttons)
    with right, st.container(key="next_char_chart"):
        own, reweighted, drawn = say("the model's own"), say("at this temperature"), say("written")
        st.markdown(f":gray[■] {own} :blue[■] {reweighted} :orange[■] {drawn}")
        about = say("Probabilities of the next character: the model's own and at this temperature.")
        player.show_chart("stage", controls.CHART_ROWS, reweighted, about)


def _controls(model: Model) -> None:
    left, right = st.columns([5, 4], gap="medium")
    with left:
        controls.seed_text_row(model)
    with right:
        controls.temperature_slider()
        with st.container(horizontal=True, gap="xsmall"):
            controls.temperature_buttons()


def _keep_text(model: Model, ready: bool) -> None:
    """The session's text: new where nothing is written and the settings changed, else the same, on with the model."""
    text = session().text
    if text is None or controls.is_stale(text.live, model):
        session().text = controls.new_text(model, ready)
    elif text.playing:
        text.follow(controls.writing_settings(model))
    elif text.live.model != model:
        _change_model(text, model, ready)


def _change_model(text: PlayedText, model: Model, ready: bool) -> None:
    """Someone who scrubs through epochs sees the text as each writes it; else the text stays, and the model goes on.

    A model that cannot read the text begins a new one, and the old one is kept.
    """
    live = text.live
    try:
        if session().rewrite and live.steady:
            again = PlayedText(LiveText(model, live.seed_text, live.rng_seed, live.context), text.chart_rows)
            again.write_now(controls.writing_settings_at(live.written[0].sampler, model), len(live.written))
            session().text = again
        else:
            live.use_model(model)
    except UnknownCharactersError:
        text_actions.keep_earlier(text)
        session().text = controls.new_text(model, ready)


# The stage and its buttons, which one run draws again when one of them is pressed or the browser has come to the end.


def _stage(model: Model, ready: bool, buttons: Collection[str]) -> None:
    _buttons(model, ready, buttons)
    text = session().text
    if text is None:
        return
    if not text.playing and text.live.model != model:
        st.rerun()  # it came while the text was played, and cannot read it
    player.show_preview(text, ["stage"], controls.sampler(), ahead="guess" in buttons and session().guessing)
    with st.container(key="output"):
        hint = say("Press Generate: the network continues this text, one character at a time.")
        hint = hint if "generate" in buttons else ""
        player.show_text(text, "stage", lambda: controls.writing_settings(model), hint)


def _buttons(model: Model, ready: bool, wanted: Collection[str]) -> None:
    text = session().text
    playing, length = bool(text and text.playing), len(text.live.written) if text else 0
    full = length >= controls.LENGTH_LIMIT
    with st.container(horizontal=True, gap="xsmall", key="buttons"):
        if "generate" in wanted:
            controls.button(say("Generate"), "generate", _generate, model, off=not ready, icon="edit", main=True)
        if "stop" in wanted:
            controls.button(say("Stop"), "stop", _stop, off=not playing, icon="stop")
        if "continue" in wanted:
            help, off = say("Continues where the text ends."), playing or not length or full
            controls.button(say("Continue"), "continue", _continue, model, off=off, icon="resume", help=help)
        if "one_character" in wanted:
            help, off = say("Draws and writes just the next character."), playing or full or not ready
            controls.button(
                say("One character"), "one_character", _one_character, model, off=off, icon="step", help=help
            )
        if "guess" in wanted:
            words = say("Draw one") if session().guessing else say("The next bars")
            controls.button(words, "one_character", _guess_or_draw, model, off=full or not ready, main=True)
        if "start_over" in wanted:
            text_actions.start_over_button(lambda: _start_over(model), ready and bool(length))
        if text is not None and "continue" in wanted:
            text_actions.show(text, lambda: _start_over(model), ready)


# Callbacks: they run before the page is drawn again.


def _generate(model: Model) -> None:
    if settings().fresh_seed:
        st.session_state.rng_seed = secrets.randbelow(1_000_000)
    if _begins(model):
        _continue(model)


def _start_over(model: Model) -> None:
    _begins(model)


def _begins(model: Model) -> bool:
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
        text.start(controls.writing_settings(model), settings().length, controls.LENGTH_LIMIT)


def _guess_or_draw(model: Model) -> None:
    """Draws the character whose bars were shown, or goes on to the bars of the next one."""
    if session().guessing:
        _one_character(model)
    session().guessing = not session().guessing


def _one_character(model: Model) -> None:
    """From the seed text that stands there now, where nothing is written yet."""
    text = session().text
    if text is None or controls.is_stale(text.live, model):
        text = session().text if _begins(model) else None
    if text is not None:
        text.write_now(controls.writing_settings(model))
