"""A lesson in six steps: each sets the page up, says what to do and what to look at, and shows the view it needs.

The views are those of the chooser, drawn without their settings; a step puts the settings into the session instead.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from charlstm.network.model_file import Model
from charlstm.page.locale import say
from charlstm.page.pages import compare, epochs, measure, write
from charlstm.page.parts import controls, text_actions
from charlstm.reading.measurement import TEMPERATURES
from charlstm.text.openings import OPENINGS

PANEL_HEIGHT = 218  # pixels: two rows of panels below the words
STYLE = """
<style>
.st-key-lesson_text p { font-size: 1.15rem; line-height: 1.5; }
.st-key-lesson_head h2 { font-size: 1.6rem; padding: 0; }
</style>
"""
SETTINGS = {  # of every step, so that each class sees the same
    "length": 400,
    "speed": "40",
    "rng_seed": 3,
    "temperature": 1.0,
    "top_k": None,
    "top_p": 1.0,
    "context": None,
    "fresh_seed": False,
    "training_playing": False,
    "measuring": False,
    "measure_characters": measure.CHARACTERS[1],
    "measure_other": None,
}


def _columns(*temperatures: float) -> dict:
    """Settings that put these temperatures side by side."""
    return {"compare_temperatures": list(temperatures)}


def _one_character(model: Model) -> None:
    write.show_writing(model, ("one_character", "start_over"))


def _slider(model: Model) -> None:
    controls.temperature_slider()
    write.show_writing(model, buttons=())


def _panels(model: Model) -> None:
    measure.show_panels(model, PANEL_HEIGHT)


@dataclass(frozen=True)
class Step:
    """What a step shows, and its settings beyond `SETTINGS`."""

    show: Callable[[Model], None]
    settings: dict = field(default_factory=dict)


STEPS = (
    Step(_one_character),
    Step(_slider),
    Step(compare.show_columns, _columns(0.0, 1.0)),
    Step(compare.show_columns, _columns(*controls.NOTEBOOK_TEMPERATURES)),
    Step(epochs.show_rows, {"temperature": 0.5}),
    Step(_panels),
)


def show(model: Model) -> None:
    """Draws the step that the address names."""
    st.html(STYLE)
    number = _head()
    _set_up(number, model)
    numbers = {"vocab_size": len(model.vocab), "temperatures": len(TEMPERATURES)}
    numbers["characters"] = st.session_state.measure_characters
    with st.container(key="lesson_text"):
        st.markdown(say(f"lesson_text_{number}", **numbers))
    STEPS[number - 1].show(model)


def _head() -> int:
    """Draws the title and the way through the steps; returns the step."""
    numbers = list(range(1, len(STEPS) + 1))
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="lesson_head"):
        title = st.empty()
        back, steps, forth = st.empty(), st.empty(), st.empty()
        kept = {"key": "step", "required": True, "label_visibility": "collapsed", **controls.KEPT}
        number = steps.segmented_control(say("lesson_step"), numbers, default=1, **kept)
        look = {"icon": ":material/arrow_back:", "disabled": number == 1}
        back.button(say("lesson_previous"), key="lesson_previous", on_click=_go_to, args=[number - 1], **look)
        look = {"icon": ":material/arrow_forward:", "disabled": number == len(STEPS)}
        forth.button(say("lesson_next"), key="lesson_next", on_click=_go_to, args=[number + 1], **look)
        title.header(f"{number} · {say(f'lesson_title_{number}')}", anchor=False)
    return number


def _go_to(number: int) -> None:
    st.session_state.step = number


def _set_up(number: int, model: Model) -> None:
    """Puts a step's settings into the session as it is opened; what is moved afterwards stays moved."""
    state = st.session_state
    if state.get("lesson_at") == (number, model.vocab.chars):
        return
    state.lesson_at = (number, model.vocab.chars)
    state.update(SETTINGS | STEPS[number - 1].settings)
    state.seed_text = _seed_text(model)
    for kind in ("comparison", "live"):
        text_actions.keep_earlier(state.pop(kind, None))
    state.pop("training_upto", None)


def _seed_text(model: Model) -> str:
    """The page's usual seed text, or another opening that the model reads whole, or none."""
    return next((opening for opening in OPENINGS if set(opening) <= set(model.vocab.chars)), "")
