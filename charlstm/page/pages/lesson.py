"""A lesson in six steps: each asks what will happen, says what to do and what to look at, and what was seen.

A step shows the view it needs. The views are those of the menu, drawn without their settings; a step puts the settings
into the session instead.
"""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from charlstm.network.model_file import Model
from charlstm.page.components.browser import visitor
from charlstm.page.locale import N_, paragraph, say
from charlstm.page.pages import compare, epochs, measure, write
from charlstm.page.pages.room import all_rooms, download_tally
from charlstm.page.parts import controls
from charlstm.page.parts.making import MAIN
from charlstm.page.parts.softmax_table import show_softmax
from charlstm.page.questions import LETTERS, QUESTIONS, Question, Tally
from charlstm.page.rooms import Asked, Room, RoomError
from charlstm.page.state import NOTEBOOK_TEMPERATURES, Comparison, Settings, session, settings
from charlstm.reading.measurement import TEMPERATURES
from charlstm.text.openings import OPENINGS

ASK, TRY, AGAIN, SEEN = "ask", "try", "again", "seen"  # the parts of a step
_NEXT = {  # what leads to each of them
    ASK: (N_("Next"), "arrow_forward"),
    AGAIN: (N_("Ask again"), "replay"),
    SEEN: (N_("What was seen"), "visibility"),
}
COUNT_SECONDS = 1.0  # between two looks at how many have answered
PANEL_HEIGHT = 206  # pixels: two rows of panels below the words
AS_USUAL = (
    "length",
    "speed",
    "top_k",
    "top_p",
    "min_p",
    "context",
    "fresh_seed",
    "measure_characters",
    "measure_other",
)
# Of every step, so that each class sees the same.
SETTINGS = {key: getattr(Settings, key) for key in AS_USUAL} | {"rng_seed": 3, "temperature": 1.0}


def _columns(*temperatures: float) -> dict[str, Any]:
    """Settings that put these temperatures side by side."""
    return {"compare_temperatures": list(temperatures)}


def _one_character(model: Model) -> None:
    write.show_writing(model, ("guess", "start_over"))


def _slider(model: Model) -> None:
    write.show_writing(model, buttons=(), above=controls.temperature_slider, instead=_softmax)


def _softmax() -> None:
    text = session().text
    if text is not None:
        show_softmax(text.live.model.vocab, text.live.next_logits[0], settings().temperature)


def _panels(model: Model) -> None:
    measure.show_panels(model, PANEL_HEIGHT)


@dataclass(frozen=True)
class Step:
    """What a step says and shows, and its settings beyond `SETTINGS`."""

    title: str
    text: str
    show: Callable[[Model], None]
    settings: dict[str, Any] = field(default_factory=dict)


STEPS = (
    Step(
        N_("What a distribution is"),
        N_(
            "The network has read the grey text. To each of the {vocab_size} characters it knows it gives a "
            "probability of coming next; together they make 100%. **Guess** the next one from the bars, then **press "
            "Draw one**: likely ones come often, unlikely ones seldom. **Press The next bars** and guess again. "
            "**Look**: sometimes one character is almost sure, sometimes many are possible. The entropy says how many."
        ),
        _one_character,
    ),
    Step(
        N_("What temperature does to it"),
        N_(
            "The network gives each character a score, its logit. The temperature T divides the scores, and the "
            "softmax makes probabilities of them: exp(logit ÷ T), over the sum of all such. **Move the slider** down "
            "to 0.2, then up to 2. **Look** along the columns: below 1 the high bars rise, above 1 they sink. Their "
            "order never changes, and the grey bars, the network's own, stay."
        ),
        _slider,
    ),
    Step(
        N_("Greedy against sampling"),
        N_(
            "At temperature 0 nothing is drawn: the likeliest character is taken, every time. At 1 each is drawn with "
            "the network's own probability. **Press Generate.** **Look**: the text at 0 soon goes in circles, though "
            "each of its steps was the best one. The text at 1 does not repeat, and makes mistakes."
        ),
        compare.show_columns,
        _columns(0.0, 1.0),
    ),
    Step(
        N_("Four temperatures"),
        N_(
            "Four temperatures, one seed text and the same random numbers for all: only the temperature differs. "
            "**Press Generate**, then read a line of each aloud. **Look** for words that come again, and for words "
            "that do not exist. Both are counted below each text."
        ),
        compare.show_columns,
        _columns(*NOTEBOOK_TEMPERATURES),
    ),
    Step(
        N_("Through training"),
        N_(
            "The same network before training and after more and more epochs; in an epoch it reads the whole corpus "
            "once. **Press Play.** **Look**: untrained it writes noise; within the first epoch come the commonest "
            "letters, then short words; after it stand phrases with many invented words, fewer with each epoch. The "
            "bits say how surprised the network is by text it never read: each bit less halves the guesswork."
        ),
        epochs.show_rows,
        {"temperature": 0.5},
    ),
    Step(
        N_("Measure it"),
        N_(
            "One text proves little. Here the network writes {characters:,} characters at each of {temperatures} "
            "temperatures. **Press Measure.** **Look**: the hotter, the fewer real words, and the less repetition; the "
            "dashed line is the corpus. Which temperature comes closest to it on all panels?"
        ),
        _panels,
    ),
)


def show(model: Model) -> None:
    """Draws the step that the address names."""
    room = all_rooms().led_by(visitor())
    number, title = _head(model, room)
    place = st if session().step_drawn else st.empty()  # before the title, so that no step stands under another's
    title.header(f"{number} · {say(STEPS[number - 1].title)}", anchor=False)
    with place.container():
        with st.container(key="lesson_text"):
            _words(number, model, room)
        STEPS[number - 1].show(model)
    session().step_drawn = True  # a run that is cut off before clears the page again


def _head(model: Model, room: Room | None) -> tuple[int, DeltaGenerator]:
    """Draws the way through the steps; returns the step, and the place of its title."""
    numbers = list(range(1, len(STEPS) + 1))
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="lesson_head"):
        title = st.empty()
        back, steps, forth = st.empty(), st.empty(), st.empty()
        number = steps.segmented_control(
            say("Step"), numbers, default=1, required=True, key="step", label_visibility="collapsed", **controls.KEPT
        )
        _set_up(number, model)
        icon, off = ":material/arrow_back:", number == numbers[0]
        back.button(say("Back"), key="lesson_previous", icon=icon, on_click=_go_to, args=[number - 1], disabled=off)
        words, icon = _NEXT[_following(room)]
        off = number == numbers[-1] and _following(room) == ASK
        args = [number, _following(room)]
        forth.button(say(words), key="lesson_next", icon=f":material/{icon}:", on_click=_go_on, args=args, disabled=off)
    return number, title


def _go_to(number: int) -> None:
    st.session_state.step = number


# A step is asked about, then tried; a class is asked again; in the end it says what was seen.


def _following(room: Room | None) -> str:
    """What comes after the part that is on the screen; `ASK` is that of the next step."""
    return {ASK: ASK, TRY: AGAIN if room else SEEN, AGAIN: SEEN, SEEN: ASK}[session().lesson_part]


def _go_on(number: int, part: str) -> None:
    session().lesson_part = part
    if part == ASK:
        _go_to(number + 1)


def leave() -> None:
    """What the lesson asked is closed on the phones of the class, too."""
    if room := all_rooms().led_by(visitor()):
        room.ask(None)


def _words(number: int, model: Model, room: Room | None) -> None:
    part, question = session().lesson_part, QUESTIONS[number - 1]
    if room is not None:
        room.ask(Asked(number, part == AGAIN, part in (ASK, AGAIN)))
    if part in (ASK, AGAIN):
        _ask(question, room)
    elif part == SEEN:
        _seen(number, question, room)
    else:
        numbers = {"vocab_size": len(model.vocab), "temperatures": len(TEMPERATURES)}
        st.markdown(say(STEPS[number - 1].text, **numbers, characters=settings().measure_characters))


def _ask(question: Question, room: Room | None) -> None:
    st.markdown(f"**{say(question.asks)}**")
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="lesson_answers"):
        for place, (letter, answer) in enumerate(zip(LETTERS, question.answers, strict=True)):
            controls.button(f"{letter} · {say(answer)}", f"lesson_answer_{place}", _answer, place, off=room is not None)
        if session().lesson_part == ASK:
            controls.button(say("Try it"), "lesson_try", _answer, None, icon="play_arrow")
        if room is not None:
            st.fragment(_count, run_every=COUNT_SECONDS)(room)


def _answer(place: int | None) -> None:
    session().lesson_part, session().lesson_answer = TRY, place


def _count(room: Room) -> None:
    """How many of a class have answered on their phones."""
    try:
        scene = room.look()
    except RoomError:
        st.rerun()
    counts = {"answers": scene.answers, "present": scene.present}
    st.markdown(say("Room {code}: **{answers}** of {present} have answered", code=room.code, **counts))


def _seen(number: int, question: Question, room: Room | None) -> None:
    answers, own = [say(answer) for answer in question.answers], session().lesson_answer
    values = {"right": answers[question.right], "own": answers[own or 0]}
    verdict = N_("It was **{right}**.") if own is None else N_("You expected **{own}**; it was **{right}**.")
    if own == question.right:
        verdict = N_("It was **{right}**, as you expected.")
    st.markdown(paragraph((say(verdict, **values), say(question.seen))))
    if room is not None:
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown(_shares(room.tally(), number))
            download_tally(room)


def _shares(tally: Tally, number: int) -> str:
    """What a class answered before and after, in one line."""
    before, after = (_counts(tally.get((number, again), Counter())) for again in (False, True))
    return say("The class before: {before}; after: {after}", before=before, after=after)


def _counts(answers: Counter[int]) -> str:
    return " · ".join(f"{letter} **{answers[place]}**" for place, letter in enumerate(LETTERS))


def _set_up(number: int, model: Model) -> None:
    """Puts a step's settings into the session as it is opened; what is moved afterwards stays moved."""
    kept, state = session(), st.session_state
    if kept.lesson == (number, model.vocab.chars):
        return
    kept.lesson, kept.step_drawn = (number, model.vocab.chars), False
    kept.lesson_part, kept.lesson_answer = ASK, None
    kept.playing = kept.measuring = False
    kept.guessing, kept.measured_at = True, math.inf
    state.update(SETTINGS | STEPS[number - 1].settings)
    state.seed_text = _seed_text(model)
    for making in (compare.COLUMNS, MAIN):
        making.replace(None)
    kept.compared = Comparison()  # the sliders of the columns are those of the step again
    state.pop("training_upto", None)


def _seed_text(model: Model) -> str:
    """The page's usual seed text, or another opening that the model reads whole, or none."""
    return next((opening for opening in OPENINGS if set(opening) <= set(model.vocab.chars)), "")
