"""The main page: a seed text, a temperature, the text being written, and the distribution it is drawn from."""

from collections.abc import Callable, Collection

import streamlit as st

from charlstm.network.model_file import Model
from charlstm.page.locale import say
from charlstm.page.parts import controls, player, samples, text_actions
from charlstm.page.parts.making import BUTTONS, MAIN
from charlstm.page.state import session


def show(model: Model) -> None:
    """Draws the page for the model chosen in the sidebar."""
    _controls(model)
    show_writing(model)
    samples.show()


def show_writing(
    model: Model,
    buttons: Collection[str] = BUTTONS,
    above: Callable[[], None] | None = None,
    instead: Callable[[], None] | None = None,
) -> None:
    """The buttons, the text and the chart; the settings may stand in the session, without a widget but for `above`.

    What stands `instead` of the chart shows what comes next, and nothing that was written.
    """
    ready = controls.seed_is_ready(model)
    MAIN.keep(model, ready)
    with st.container(key="stage_row"):
        left, right = st.columns([5, 4], gap="medium")
    with left:
        if above is not None:
            above()
        st.fragment(_stage)(model, ready, buttons)
    with right, st.container(key="next_char_chart"):
        own, reweighted, drawn = say("the model's own"), say("at this temperature"), say("written")
        legend = f":gray[■] {own} :blue[■] {reweighted}"
        st.markdown(legend if instead else f"{legend} :orange[■] {drawn}")
        about = say("Probabilities of the next character: the model's own and at this temperature.")
        if instead is None:
            player.show_chart("stage", controls.CHART_ROWS, reweighted, about)
        else:
            instead()


def _controls(model: Model) -> None:
    left, right = st.columns([5, 4], gap="medium")
    with left:
        controls.seed_text_row(model)
    with right:
        controls.temperature_slider()
        controls.usual_temperatures()


# The stage and its buttons, which one run draws again when one of them is pressed or the browser has come to the end.


def _stage(model: Model, ready: bool, buttons: Collection[str]) -> None:
    text = MAIN.on_stage(model)
    _buttons(model, ready, buttons)
    if text is None:
        return
    player.show_preview(text, ["stage"], controls.sampler(), ahead="guess" in buttons and session().guessing)
    with st.container(key="output"):
        hint = say("Press Generate: the network continues this text, one character at a time.")
        hint = hint if "generate" in buttons else ""
        player.show_text(text, "stage", lambda: MAIN.writing_settings(model), hint)


def _buttons(model: Model, ready: bool, wanted: Collection[str]) -> None:
    text = MAIN.text
    begun = text is not None and bool(text.live.written)
    with MAIN.buttons(model, ready, wanted):
        if "guess" in wanted:
            words = say("Draw one") if session().guessing else say("The next bars")
            controls.button(words, "one_character", _guess_or_draw, model, off=not (begun or ready), main=True)
        if "start_over" in wanted:
            text_actions.start_over_button(lambda: MAIN.start_over(model), ready and begun)
        if text is not None and "continue" in wanted:
            text_actions.show(text, lambda: MAIN.start_over(model), ready)


def _guess_or_draw(model: Model) -> None:
    """Draws the character whose bars were shown, or goes on to the bars of the next one."""
    if session().guessing:
        MAIN.one_character(model)
    session().guessing = not session().guessing
