"""Guess the next character: Shannon's game of 1951 on a text that the model never saw, against the model."""

import random
from collections.abc import Callable
from html import escape
from typing import Any

import numpy as np
import streamlit as st

from charlstm.errors import Message, UnknownCharactersError
from charlstm.network.metrics import softmax
from charlstm.network.model_file import Model
from charlstm.page.charts.guesses import guess_frame, guess_spec, rows_of
from charlstm.page.locale import say, say_message
from charlstm.page.parts.controls import button
from charlstm.page.parts.real_text import choose_text, text_to_guess
from charlstm.page.parts.signs import in_code, percent
from charlstm.page.sidebar.model_choice import current_epoch, identity
from charlstm.page.state import session
from charlstm.reading.guessing import (
    GuessRank,
    GuessScore,
    Passage,
    ShannonGame,
    Uncovered,
    choose_passage,
    opening_length,
)
from charlstm.text.vocab import Vocab, show_chars

SCORED = 20  # characters from which on bits are told; fewer say too little
PAUSE = "200ms"  # after which what was typed is taken
MARKS = "\u200b\u200c\u200d\u2060"  # of no width
WIDE = "\u2e80"  # from here on characters are typed with an input method, which needs Enter to itself


def show(model: Model) -> None:
    """Draws the view for the model chosen in the sidebar."""
    found = text_to_guess(model)
    if found is None:
        return
    text, about = found
    state, of = session().guess, (identity(current_epoch()), hash(text))
    if state.game is None or state.of != of:
        state.of = of
        _begin(model, text)
    st.fragment(_play)(model, text, about)


def _begin(model: Model, text: str) -> None:
    """Begins a game with another passage of the text."""
    state = session().guess
    state.game = ShannonGame(new_passage(model, text))
    state.note = state.typed = state.mark = ""


def new_passage(model: Model, text: str) -> Passage:
    """A random passage of a text, its opening seen."""
    passage = choose_passage(text, random.Random())
    return Passage(model, passage, opening_length(passage))


# The game.


def _play(model: Model, text: str, about: str) -> None:
    game = session().guess.game
    assert game is not None
    left, right = st.columns([5, 4], gap="medium")
    with left:
        with st.container(key="guess_text"):
            st.html(passage_html(game.passage.seen, game.passage.complete))
        _ask(model, game)
    with right:
        with st.container(key="guess_answer"):
            _answer(model, game)
        with st.container(key="guess_score"):
            _score(game.score)
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            button(say("Another passage"), "guess_another", _begin, model, text, icon="shuffle")
            with st.popover(say("Text"), key="guess_choice"):
                choose_text()
                if st.button(say("Use it"), "guess_use"):
                    st.rerun()  # all of the page: the text stands outside the fragment
        st.caption(about)


def passage_html(seen: str, complete: bool = False, shown: str = "") -> str:
    """A passage as far as it is seen, its end in sight however long it is.

    Args:
        seen: All before the place to guess.
        complete: Whether there is none.
        shown: The character that stands there, once it is shown.
    """
    here = in_code(shown) if shown.isspace() else escape(shown or "?")
    place = "" if complete and not shown else f'<b class="guess-place">{here}</b>'
    # Focusable, since a passage longer than its box scrolls.
    return f'<div class="guess-passage" tabindex="0"><div class="written">{escape(seen)}{place}</div></div>'


def _ask(model: Model, game: ShannonGame) -> None:
    state = session().guess
    over = game.passage.complete
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        help = say(
            "Type what comes next; wrong guesses may go on until one is right. Upper case only where it matters."
        )
        guess_box(say("The next character"), "guess_input", model.vocab, over, _guess, help=help)
        if "\n" in model.vocab.chars:
            help = say("Guess that the line ends here")
            st.button("⏎", "guess_newline", help, _end_line, disabled=over, shortcut="Ctrl+Enter")
        help = say("Give up on this one and see it")
        st.button(say("Show"), "guess_show", help, _give_up, disabled=over, shortcut="Esc")
    wrong = " ".join(in_code(char) for char in game.wrong)
    parts = [say("Not {chars}.", chars=wrong)] if wrong else []
    parts += [escape(say_message(state.note))] if state.note else []
    parts += [say("The passage is at its end. Take another one.")] if over else []
    st.html(f'<div class="guess-wrong" role="status">{" ".join(parts)}</div>')


def guess_box(
    label: str, key: str, vocab: Vocab, off: bool, take: Callable[..., None], *given: object, help: str | None = None
) -> None:
    """A box that calls `take` as soon as something is typed, or at Enter where several keys make a character."""
    live = PAUSE if max(vocab.chars) < WIDE else False
    also: dict[str, Any] = {"help": help, "autocomplete": "off", "disabled": off, "live": live}
    st.text_input(label, key=key, on_change=take, args=given, width=220, **also)


def _guess() -> None:
    """Takes what was typed: a character, or several in a row as long as they are right."""
    state, typed = session().guess, st.session_state.guess_input
    game = state.game
    if game is None or not typed:
        state.typed = ""
        return
    new = _new(typed, state.typed, state.mark)
    state.typed, state.mark = typed, MARKS[MARKS.find(state.mark) - 1]
    st.session_state.guess_input = state.mark
    for char in new:
        if game.passage.complete or not _try(char):
            return


def _new(typed: str, before: str, mark: str) -> str:
    """What was typed since the box was read: who types on before it is emptied adds to what was there then.

    Args:
        typed: What is in the box.
        before: What was in it.
        mark: With which it was emptied; without it, the browser has not got that.
    """
    new = typed if mark and typed.startswith(mark) else typed.removeprefix(before) or typed
    return new.strip(MARKS)


def _try(char: str) -> bool:
    """Whether a character is right; one that the model does not know is no guess."""
    state = session().guess
    state.note = ""
    assert state.game is not None
    vocab = state.game.passage.model.vocab
    try:
        known = vocab.normalize(char).text
    except UnknownCharactersError:
        state.note = Message("The model does not know {char}: no guess.", char=show_chars([char]))
        return False
    return state.game.guess(known)


def _end_line() -> None:
    _try("\n")


def _give_up() -> None:
    state = session().guess
    state.note = state.typed = state.mark = ""
    assert state.game is not None
    if not state.game.passage.complete:
        state.game.give_up()


# What came of it.


def _answer(model: Model, game: ShannonGame) -> None:
    if game.last is None:
        st.caption(say("Once you have guessed, the network’s own guesses stand here."))
        return
    uncovered, rank = game.last
    probabilities = softmax(uncovered.logits)
    ids = rows_of(probabilities, [uncovered.id])
    frame = guess_frame(model.vocab.chars, ids, probabilities, say("rest"), uncovered.id)
    alt = say("What the network expected at the last place, the right character marked.")
    st.vega_lite_chart(frame, guess_spec(say("the network")), alt=alt)
    st.html(f'<div class="guess-reading">{_reading(uncovered, rank, probabilities)}</div>')


def _reading(uncovered: Uncovered, rank: GuessRank, probabilities: np.ndarray) -> str:
    values = {
        "char": in_code(uncovered.char),
        "rank": rank[0],
        "model_rank": uncovered.rank,
        "probability": percent(float(probabilities[uncovered.id])),
        "bits": f"{uncovered.surprisal_bits:.1f}",
    }
    if rank[0] < rank[1]:
        return say(
            "{char} was shown. The network has it as its guess number {model_rank}, with {probability}: {bits} bits.",
            **values,
        )
    return say(
        "{char}: your guess number {rank}, the network’s number {model_rank}, with {probability}: {bits} bits.",
        **values,
    )


def _score(score: GuessScore) -> None:
    count = len(score)
    if not count:
        return
    right, model_right = score.first_right
    firsts = say(
        "First guess right: you {right} of {count}, the network {model_right}.",
        right=right,
        count=count,
        model_right=model_right,
    )
    if count < SCORED:
        st.markdown(firsts, help=score_help())
        st.caption(say("In bits after {left} more characters.", left=SCORED - count))
        return
    lower, upper = score.bounds
    line = say(
        "You {lower:.1f} to {upper:.1f} bits, the network {bits:.1f}", lower=lower, upper=upper, bits=score.model_bits
    )
    st.subheader(line, anchor=False, help=score_help())
    st.markdown(firsts)


def score_help() -> str:
    """What the bits are."""
    return say(
        "Bits per character over the places guessed. How often the first guess was right, the second, and so on bounds "
        "yours from both sides (Shannon 1951); the network’s is exact, the mean of −log₂ p. Few characters say little: "
        "fifty are better than twenty."
    )
