"""Inside a written text: how surprising each character was, how uncertain its place, and why it was taken.

Nothing of this is kept while a text is written: the model reads the text again.
"""

import math
import time

import streamlit as st

from charlstm.errors import UnknownCharactersError
from charlstm.network.model_file import Model
from charlstm.page.charts.draws import entropy_chart, entropy_frame, why_chart, why_frame
from charlstm.page.charts.next_char import percent, visible
from charlstm.page.components.surprisal import coloured_text, surprisal_data
from charlstm.page.locale import say, say_error
from charlstm.page.parts import text_actions
from charlstm.page.parts.escaping import in_code, in_markdown
from charlstm.page.parts.invitation import written_text
from charlstm.reading.replay import Replay, explain_taken, replay
from charlstm.reading.text_score import DrawExplanation
from charlstm.writing.live_text import LiveText

TEXT_HEIGHT = 372  # pixels
ALTERNATIVES = 6  # likeliest characters that can be taken instead


def show(model: Model) -> None:
    """Draws the view for the model chosen in the sidebar."""
    live = written_text(model, say("look_empty"))
    if live is None:
        return
    try:
        replayed, data = _replayed(model, live)
    except UnknownCharactersError as error:
        st.error(in_markdown(say_error(error)))
        return
    if not replayed.text:
        st.error(say("look_unreadable"))
        return
    position = _position(len(replayed.text))
    left, right = st.columns([5, 4], gap="medium")
    with left:
        _text(replayed, data, position)
    with right:
        _why(model, live, replayed, position)


def _replayed(model: Model, live: LiveText) -> tuple[Replay, dict]:
    """The text read again and what the browser needs of it, kept until the text or the model changes."""
    state = st.session_state
    kept = state.get("look_replay")
    if kept is None or kept[0] is not model or kept[1] is not live or kept[2] != len(live.written):
        replayed = replay(model, live)
        places = replayed.places.tolist()
        by_hand = tuple(position for position, place in enumerate(places) if live.written[place].by_hand)
        drawn = replayed.drawn_probabilities, replayed.taken_probabilities
        if kept is None or kept[1] is not live:
            _look_at(max(by_hand, default=_most_surprising(replayed)))
        state.look_replay = (
            model,
            live,
            len(live.written),
            replayed,
            surprisal_data(replayed.score, live.seed.text, by_hand, *drawn),
        )
    return state.look_replay[3:]


def _most_surprising(replayed: Replay) -> int:
    return next(iter(replayed.score.most_surprising(1)), 0)


def _look_at(position: int) -> None:
    st.session_state.look_position = position + 1


def _position(length: int) -> int:
    """Of the character that is looked at, from 0; the page counts from 1."""
    state = st.session_state
    state.look_position = min(max(1, state.get("look_position", 1)), length)
    return state.look_position - 1


# The text and its curve.


def _text(replayed: Replay, data: dict, position: int) -> None:
    with st.container(key="surprisal_text"):
        coloured_text(data, "look_text", TEXT_HEIGHT, position, _choose)
    score = replayed.score
    st.markdown(f"{say('look_entropy')} :gray[■] {say('own')} :blue[■] {say('look_drawn_from')}")
    frame = entropy_frame(replayed.text, score.entropy_bits, replayed.drawn_entropy_bits)
    titles = say("surprise_bits"), say("own"), say("look_drawn_from"), say("look_character")
    with st.container(key="entropy_chart"):
        chart = entropy_chart(frame, math.log2(len(score.vocab)), position + 1, titles)
        st.altair_chart(chart, alt=say("look_entropy_alt"))


def _choose() -> None:
    chosen = st.session_state.look_text.chosen
    if isinstance(chosen, int):
        _look_at(chosen)


# Why it was taken.


def _why(model: Model, live: LiveText, replayed: Replay, position: int) -> None:
    written = live.written[replayed.places[position]]
    taken = explain_taken(model, live, replayed, position)
    chars = model.vocab.chars
    number, facts = st.columns([4, 7], gap="small", vertical_alignment="bottom")
    label, hint = say("look_position"), say("look_position_help")
    number.number_input(label, 1, len(replayed.text), key="look_position", help=hint)
    facts.html(_facts(replayed, position))
    u = written.u
    bars = {_title(taken.bar.temperature): taken.bar, say("own"): taken.raw_bar}
    titles = say("look_cumulative"), say("look_character"), say("look_probability")
    with st.container(key="why_chart"):
        st.altair_chart(why_chart(why_frame(chars, bars), u, titles), alt=say("look_why_alt"))
    st.html(f'<div class="why">{" ".join(_reasons(chars, taken, written.by_hand))}</div>')
    _take_another(model, live, replayed, position)


def _title(temperature: float) -> str:
    return say("look_bar", temperature=temperature)


def _facts(replayed: Replay, position: int) -> str:
    score = replayed.score
    surprisal = float(score.surprisal_bits[position])
    values = {
        "taken": in_code(replayed.text[position]),
        "rank": int(score.rank[position]),
        "count": len(score.vocab),
        "surprise": surprisal,
        "own": percent(2**-surprisal),
        "drawn": percent(float(replayed.taken_probabilities[position])),
    }
    return f'<div class="why-facts">{say("look_facts", **values)}</div>'


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
        key = "look_by_hand"
    elif bar.ids[drawn] != why.id:
        key = "look_changed"
    else:
        key = "look_likeliest" if drawn == 0 else "look_other"
    return [say(key, **values), *_at_one(chars, why)]


def _at_one(chars: str, why: DrawExplanation) -> list[str]:
    raw = why.raw_bar
    if (why.bar.probabilities == raw.probabilities).all():
        return []
    raw_id = raw.ids[raw.drawn]
    same = raw_id == why.bar.ids[why.bar.drawn]
    return [say("look_at_one_same" if same else "look_at_one", raw=in_code(chars[raw_id]))]


# Another character instead.


def _take_another(model: Model, live: LiveText, replayed: Replay, position: int) -> None:
    st.markdown(say("look_take"), help=say("look_take_help"))
    score = replayed.score
    taken = replayed.text[position]
    likeliest = [pair for pair in score.alternatives(position) if pair[0] != taken][:ALTERNATIVES]
    with st.container(horizontal=True, gap="xxsmall", key="take"):
        for index, (char, probability) in enumerate(likeliest):
            st.button(
                f"**{in_markdown(visible(char))}** {percent(probability)}",
                key=f"take_{index}",
                on_click=_take,
                args=[model, live, int(replayed.places[position]), char],
            )


def _take(model: Model, live: LiveText, place: int, char: str) -> None:
    """Goes on in the main view from the text up to `place` and `char`."""
    state = st.session_state
    text_actions.keep_earlier(live)
    if live.model is not model:
        live.use_model(model)
    state.live = live.branch(place, char)
    text_actions.note_model(state.live)
    state.live.start(time.monotonic(), state.get("length", len(live.written)))
    state.view = "write"
