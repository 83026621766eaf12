"""Inside a written text: how surprising each character was, how uncertain its place, and why it was taken.

Nothing of this is kept while a text is written: the model reads the text again.
"""

import math
from typing import Any

import streamlit as st

from charlstm.errors import UnknownCharactersError
from charlstm.network.model_file import Model, SavedEpoch
from charlstm.page.charts.draws import entropy_chart, entropy_frame, why_chart, why_frame
from charlstm.page.limits import limits
from charlstm.page.locale import N_, paragraph, say, say_error
from charlstm.page.parts import controls
from charlstm.page.parts.invitation import written_text
from charlstm.page.parts.making import MAIN
from charlstm.page.parts.played_text import PlayedText
from charlstm.page.parts.read_text import read_text_data, show_read_text
from charlstm.page.parts.signs import in_code, in_markdown, percent, visible
from charlstm.page.sidebar.model_choice import current_epoch, identity, model_of
from charlstm.page.state import session
from charlstm.reading.replay import Replay, explain_taken, replay
from charlstm.reading.text_score import DrawExplanation
from charlstm.writing.live_text import LiveText

ALTERNATIVES = 6  # likeliest characters that can be taken instead


def show(model: Model) -> None:
    """Draws the view for the model chosen in the sidebar."""
    why = say("This page takes a written text apart, character by character. Nothing is written yet.")
    text = written_text(model, why)
    if text is None:
        return
    live = text.live
    try:
        replayed, data = _replayed(current_epoch(), text)
    except UnknownCharactersError as error:
        st.error(in_markdown(say_error(error)))
        return
    if not replayed.text:
        st.error(say("This model knows none of the characters of the text. Choose the model that wrote it."))
        return
    if session().looked_at != text.id:
        session().looked_at = text.id
        _look_at(max(data["marked"], default=_most_surprising(replayed)))
    position = _position(len(replayed.text))
    left, right = st.columns([5, 4], gap="medium")
    with left:
        _text(replayed, data, position)
    with right:
        _why(model, live, replayed, position)


def _written(text: PlayedText) -> object:
    """By which the cache knows a text: it differs for whatever is read in another way."""
    return text.id, text.live.text, str([(start, settings.sampler) for start, settings in text.stretches])


@st.cache_resource(
    scope="session", max_entries=2, hash_funcs={SavedEpoch: identity, PlayedText: _written}, show_spinner=False
)
def _replayed(epoch: SavedEpoch, text: PlayedText) -> tuple[Replay, dict[str, Any]]:
    """The text read again by a model, and what the browser needs of it."""
    live = text.live
    replayed = replay(model_of(epoch), live)
    by_hand = tuple(position for position, place in enumerate(replayed.places.tolist()) if live.written[place].by_hand)
    drawn = replayed.drawn_probabilities, replayed.taken_probabilities
    return replayed, read_text_data(replayed.score, live.seed.text, by_hand, drawn)


def _most_surprising(replayed: Replay) -> int:
    return next(iter(replayed.score.most_surprising(1)), 0)


def _look_at(position: int) -> None:
    st.session_state.look_position = position + 1


def _position(length: int) -> int:
    """Of the character that is looked at, from 0; the page counts from 1."""
    position: int = min(max(1, st.session_state.get("look_position", 1)), length)
    st.session_state.look_position = position
    return position - 1


# The text and its curve.


def _text(replayed: Replay, data: dict[str, Any], position: int) -> None:
    with st.container(key="surprisal_text"):
        show_read_text("look_text", data, position, _choose)
    score = replayed.score
    own, drawn_from = say("the model's own"), say("drawn from")
    st.markdown(" ".join((say("**Entropy** before each character:"), f":gray[■] {own} :blue[■] {drawn_from}")))
    frame = entropy_frame(replayed.text, score.entropy_bits, replayed.drawn_entropy_bits)
    titles = say("bits"), own, drawn_from, say("character")
    alt = say("Entropy before each character of the text: the model’s own and that of what was drawn from.")
    with st.container(key="entropy_chart"):
        st.altair_chart(entropy_chart(frame, math.log2(len(score.vocab)), position + 1, titles), alt=alt)


def _choose() -> None:
    chosen = st.session_state.look_text.chosen
    if isinstance(chosen, dict) and isinstance(chosen.get("place"), int):
        _look_at(chosen["place"])


# Why it was taken.


def _why(model: Model, live: LiveText, replayed: Replay, position: int) -> None:
    written = live.written[replayed.places[position]]
    taken = explain_taken(model, live, replayed, position)
    chars = model.vocab.chars
    number, facts = st.columns([4, 7], gap="small", vertical_alignment="bottom")
    help = say("Which character of the text is taken apart. You can also click on one in the text.")
    number.number_input(say("Character"), 1, len(replayed.text), key="look_position", help=help)
    facts.html(_facts(replayed, position))
    u = written.u
    bars = {_title(taken.bar.temperature): taken.bar, say("the model's own"): taken.raw_bar}
    titles = say("cumulative probability, the likeliest first"), say("character"), say("probability")
    alt = say(
        "Two stacked bars of probability, the likeliest character first, and the random number as a line across them."
    )
    with st.container(key="why_chart"):
        st.altair_chart(why_chart(why_frame(chars, bars), u, titles), alt=alt)
    st.html(f'<div class="why">{paragraph(_reasons(chars, taken, written.by_hand))}</div>')
    _take_another(model, replayed, position)


def _title(temperature: float) -> str:
    return say("at {temperature:.2f}", temperature=temperature)


def _facts(replayed: Replay, position: int) -> str:
    score = replayed.score
    surprisal = float(score.surprisal_bits[position])
    facts = say(
        "{taken} rank <b>{rank}</b> of {count}, surprise <b>{surprise:.2f}</b> bits<br>model’s own <b>{own}</b>, "
        "drawn from <b>{drawn}</b>",
        taken=in_code(replayed.text[position]),
        rank=int(score.rank[position]),
        count=len(score.vocab),
        surprise=surprisal,
        own=percent(2**-surprisal),
        drawn=percent(float(replayed.taken_probabilities[position])),
    )
    return f'<div class="why-facts">{facts}</div>'


def _reasons(chars: str, why: DrawExplanation, by_hand: bool) -> list[str]:
    """Sentences that answer: why did it not take the likeliest one?"""
    bar, drawn = why.bar, why.bar.drawn
    values = {
        "taken": in_code(chars[why.id]),
        "drawn": in_code(chars[bar.ids[drawn]]),
        "likeliest": in_code(chars[bar.ids[0]]),
        "likeliest_probability": percent(float(bar.probabilities[0])),
        "first": f"{bar.edges[1]:.3f}",
        "start": f"{bar.edges[drawn]:.3f}",
        "stop": f"{bar.edges[drawn + 1]:.3f}",
        "temperature": f"{bar.temperature:.2f}",
        "u": f"{bar.u:.3f}",
    }
    if by_hand:
        reason = N_("{taken} was taken by hand. At temperature {temperature} the random number {u} falls on {drawn}.")
    elif bar.ids[drawn] != why.id:
        reason = N_(
            "The random number {u} falls on {drawn} here, but the text has {taken}: another model wrote it, or a rule "
            "left some characters out."
        )
    elif drawn == 0:
        reason = N_(
            "It took the likeliest one: {taken} has {likeliest_probability} at temperature {temperature}, the stretch "
            "from 0 to {first}, and the random number {u} falls there."
        )
    else:
        reason = N_(
            "Why not the likeliest one? At temperature {temperature}, {likeliest} has {likeliest_probability}, the "
            "stretch from 0 to {first}. The random number {u} lies beyond it and falls on {taken}, from {start} to "
            "{stop}."
        )
    return [say(reason, **values), *_at_one(chars, why)]


def _at_one(chars: str, why: DrawExplanation) -> list[str]:
    raw = why.raw_bar
    if (why.bar.probabilities == raw.probabilities).all():
        return []
    raw_id = raw.ids[raw.drawn]
    char = in_code(chars[raw_id])
    if raw_id == why.bar.ids[why.bar.drawn]:
        return [say("With the model’s own probabilities the same number takes {raw} too.", raw=char)]
    return [say("With the model’s own probabilities the same number takes {raw}.", raw=char)]


# Another character instead.


def _take_another(model: Model, replayed: Replay, position: int) -> None:
    help = say("The text before stays, the random numbers go on, and the text that stood here moves to Earlier texts.")
    st.markdown(say("**Take another one** and continue from there:"), help=help)
    score = replayed.score
    taken = replayed.text[position]
    likeliest = [pair for pair in score.alternatives(position) if pair[0] != taken][:ALTERNATIVES]
    with st.container(horizontal=True, gap="xxsmall", key="take"):
        for index, (char, probability) in enumerate(likeliest):
            st.button(
                f"**{in_markdown(visible(char))}** {percent(probability)}",
                key=f"take_{index}",
                on_click=_take,
                args=[model, int(replayed.places[position]), char],
            )


def _take(model: Model, place: int, char: str) -> None:
    """Goes on in the main page from the text up to `place` and `char`."""
    text, now = MAIN.text, controls.writing_settings(model)
    if text is None:
        return
    try:
        branched = text.branch(place, char, now)
    except UnknownCharactersError as error:
        st.error(in_markdown(say_error(error)))
        return
    MAIN.replace(branched)
    branched.start(now, len(text.live.written), limits().length)
    session().turn_to = "write"
