"""The main view: a seed text, a temperature, the text being written, and the distribution it is drawn from.

The text is written ahead by a fraction of a second in a fragment that ticks a few times a second; the browser shows
each character at its own time (`written_html`). Widgets stay outside the fragment, so they act at once and cut nothing
short.
"""

import secrets
import time
from collections.abc import Collection

import streamlit as st

from charlstm.errors import UnknownCharactersError
from charlstm.network.metrics import effective_choices, entropy_bits, softmax
from charlstm.network.model_file import Model
from charlstm.page.charts.next_char import next_char_frame, next_char_spec
from charlstm.page.locale import N_, say, say_error
from charlstm.page.parts import controls, pace, samples, text_actions
from charlstm.page.parts.controls import sampler
from charlstm.page.parts.escaping import in_markdown
from charlstm.page.parts.written_html import written_html
from charlstm.writing.live_text import LiveText

STAGE_HEIGHT = 404  # pixels
BUTTONS = ("generate", "stop", "continue", "one_character", "start_over", "another_seed")
LABELS = {
    "generate": N_("Generate"),
    "stop": N_("Stop"),
    "continue": N_("Continue"),
    "one_character": N_("One character"),
    "start_over": N_("Start over"),
}
# Those without help say it all; Streamlit draws a button with help twice.
LOOKS = {"generate": {"type": "primary", "icon": ":material/edit:"}, "stop": {"icon": ":material/stop:"}}
HELP = {
    "continue": N_("Writes on from where the text ends."),
    "one_character": N_("Draws just the next character."),
    "start_over": N_("Clears the page for the seed text above; the text moves to Earlier texts."),
}


def show(model: Model) -> None:
    """Draws the view for the model chosen in the sidebar."""
    _controls()
    show_writing(model)
    text_actions.show(st.session_state.live)
    samples.show()


def show_writing(model: Model, buttons: Collection[str] = BUTTONS) -> None:
    """The buttons, the text and the chart; the settings may stand in the session without a widget."""
    ready = controls.seed_is_ready(model)
    _keep_live_text(model, ready)
    _buttons(model, ready, buttons)
    live: LiveText = st.session_state.live
    st.fragment(_stage, run_every=pace.run_every(live.writing))()


def _controls() -> None:
    left, right = st.columns([5, 4], gap="medium")
    with left:
        controls.seed_text_box()
    with right, st.container(horizontal=True, gap="small"):
        controls.text_settings()
    left, right = st.columns([5, 4], gap="medium", vertical_alignment="center")
    with left:
        controls.temperature_slider()
    with right, st.container(horizontal=True, gap="small"):
        for temperature in controls.NOTEBOOK_TEMPERATURES:
            st.button(f"{temperature}", key=f"temperature_{temperature}", on_click=_set_temperature, args=[temperature])
        controls.advanced()


def _buttons(model: Model, ready: bool, wanted: Collection[str]) -> None:
    live: LiveText = st.session_state.live
    idle, empty, full = not live.writing, not live.written, len(live.written) >= controls.LENGTH_LIMIT
    buttons = {
        "generate": (_generate, not ready),
        "stop": (_stop, idle),
        "continue": (_continue, not idle or empty or full),
        "one_character": (_one_character, not idle or full),
        "start_over": (_start_over, not ready or empty),
    }
    with st.container(horizontal=True, gap="small", key="buttons"):
        for key in wanted:
            if key == "another_seed":
                controls.seed_text_button(model)
            else:
                on_click, disabled = buttons[key]
                looks = LOOKS.get(key) or {"help": say(HELP[key])}
                st.button(say(LABELS[key]), key=key, on_click=on_click, disabled=disabled, **looks)


def _new_live_text(model: Model) -> LiveText:
    state = st.session_state
    live = LiveText(model, state.seed_text, state.rng_seed, state.context)
    text_actions.note_model(live)
    return live


def _keep_live_text(model: Model, ready: bool) -> None:
    """The session's text: new where nothing is written yet and the settings changed, else the same, with the model."""
    state = st.session_state
    state.shown_model = model
    wanted = (state.seed_text, state.rng_seed, state.context)
    scrubbed = state.pop("rewrite", False)
    untouched = "live" in state and not state.live.written and not state.live.writing
    if "live" not in state or (untouched and state.live_settings != wanted):
        state.live = _new_live_text(model) if ready else LiveText(model, "", state.rng_seed)
        state.live_settings = wanted
    elif state.live.model is not model:
        _change_model(model, scrubbed)


def _change_model(model: Model, scrubbed: bool) -> None:
    """Someone who scrubs through epochs sees the text as each writes it; else the text stays, and the model goes on."""
    live: LiveText = st.session_state.live
    try:
        if scrubbed and live.written and live.steady and not live.writing:
            again = LiveText(model, live.seed_text, live.rng_seed, live.context)
            again.write(live.written[0].sampler, len(live.written))
            again.target = live.target
            st.session_state.live = again
        else:
            live.use_model(model)
        text_actions.note_model(st.session_state.live)
    except UnknownCharactersError as error:
        st.error(in_markdown(say_error(error)))


# Callbacks: they run before the page is drawn again.


def _generate() -> None:
    state = st.session_state
    if state.fresh_seed:
        state.rng_seed = secrets.randbelow(1_000_000)
    _start_over()
    if not state.live.written:
        state.live.start(time.monotonic(), state.length, controls.LENGTH_LIMIT)


def _start_over() -> None:
    state = st.session_state
    try:
        live = _new_live_text(state.shown_model)
    except (ValueError, UnknownCharactersError):
        return  # a seed text typed at the last moment; the page says what is wrong with it
    text_actions.keep_earlier(state.live)
    state.live = live
    state.live_settings = (state.seed_text, state.rng_seed, state.context)


def _stop() -> None:
    st.session_state.live.stop()


def _continue() -> None:
    st.session_state.live.start(time.monotonic(), st.session_state.length, controls.LENGTH_LIMIT)


def _one_character() -> None:
    st.session_state.live.write_one(sampler())


def _set_temperature(temperature: float) -> None:
    st.session_state.temperature = temperature


# The stage: text and chart, drawn again at every tick while text is written.


def _stage() -> None:
    live: LiveText = st.session_state.live
    writing = live.writing
    now = time.monotonic()
    live.advance(now, pace.ahead_seconds(), sampler(), controls.speed())
    left, right = st.columns([5, 4], gap="medium")
    with left, st.container(key="output", height=STAGE_HEIGHT, autoscroll=True):
        invitation = say("Press Generate: the text appears here.")
        st.html(written_html(live.seed.text, live.text, live.pending(now), invitation))
    with right, st.container(key="next_char_chart", height=STAGE_HEIGHT, border=False, gap="xxsmall"):
        _next_char_chart(live)
    pace.redraw_if_needed(writing, live.writing)


def _next_char_chart(live: LiveText) -> None:
    draw = live.last_draw
    logits = (live.next_logits if draw is None else draw.logits)[0]
    reweighted = sampler().probabilities(logits)
    entropy, choices = float(entropy_bits(reweighted)), float(effective_choices(reweighted))
    names = say("the model's own"), say("at this temperature")
    legend = {":gray[■]": names[0], ":blue[■]": names[1], ":orange[■]": say("drawn")}
    st.markdown(" ".join(f"{sign} {name}" for sign, name in legend.items()))
    uncertainty = N_("Entropy **{entropy:.2f} bits** = **{choices:.1f}** equally likely choices")
    st.markdown(say(uncertainty, entropy=entropy, choices=choices))
    drawn_id = None if draw is None else draw.id
    frame = next_char_frame(live.model.vocab.chars, softmax(logits), reweighted, drawn_id, say("rest"))
    alt = say("Probabilities of the next character: the model's own and at this temperature.")
    st.vega_lite_chart(frame, next_char_spec(names), alt=alt)
