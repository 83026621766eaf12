"""Inside the network: a text coloured by one cell, cells that follow something, and what made a character likely."""

import random
from typing import Any

import numpy as np
import streamlit as st

from charlstm.network.lstm import Float32s
from charlstm.network.model_file import Model, SavedEpoch
from charlstm.page.locale import N_, say
from charlstm.page.parts.controls import button
from charlstm.page.parts.language import in_words
from charlstm.page.parts.read_text import show_read_text, signed_text_data
from charlstm.page.parts.real_text import choose_text, text_to_guess
from charlstm.page.parts.signs import in_code, percent
from charlstm.page.sidebar.model_choice import current_epoch, identity, model_of
from charlstm.page.state import session
from charlstm.reading.cells import CellStudy, Follower, read_cells, study_cells
from charlstm.reading.guessing import choose_passage
from charlstm.reading.influence import Influence, influence

EDGES = (0.1, 0.35, 0.7)  # of the tanh of a cell, where its colour changes
BITS = (0.2, 0.7, 2.0)  # of influence: factors of 1.15, 1.6 and 4
WORTH = 0.3  # correlation from which on a cell is offered, where it was found and where it was measured
STRONGEST = 3  # characters that are named
WORDS = {
    "line": N_("position in the line"),
    "word": N_("position in the word"),
    "phrase": N_("characters since a punctuation mark"),
    "quotes": N_("inside quotes"),
    "brackets": N_("inside brackets"),
    "capitalized": N_("in a word with a capital"),
    "indentation": N_("indentation"),
    "capital": N_("a capital"),
    "space": N_("between words"),
    "vowel": N_("a vowel"),
    "digit": N_("a digit"),
    "mark": N_("a punctuation mark"),
}


def show(model: Model) -> None:
    """Draws the view for the model chosen in the sidebar."""
    found = text_to_guess(model)
    if found is None:
        return
    text, about = found
    epoch, state = current_epoch(), session().inside
    if state.of != (identity(epoch), hash(text)):
        state.of = (identity(epoch), hash(text))
        _take_passage(text)
        with st.spinner(say("Looking through the cells …")):
            _choose_cell(_study(epoch, text))
    left, right = st.columns([5, 4], gap="medium")
    with left:
        _cell(model, epoch, text)
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            button(say("Another passage"), "cell_another", _take_passage, text, icon="shuffle")
            with st.popover(say("Text"), key="cell_choice"):
                choose_text()
        st.caption(about)
    with right, st.container(key="influence"):
        _influence(epoch)


def _take_passage(text: str) -> None:
    state = session().inside
    state.passage = choose_passage(text, random.Random())
    state.place = len(state.passage) // 3


@st.cache_resource(max_entries=16, hash_funcs={SavedEpoch: identity, str: hash}, show_spinner=False)
def _study(epoch: SavedEpoch, text: str) -> CellStudy | None:
    return study_cells(model_of(epoch), text)


@st.cache_resource(scope="session", max_entries=1, hash_funcs={SavedEpoch: identity}, show_spinner=False)
def _courses(epoch: SavedEpoch, passage: str) -> Float32s:
    """Of all cells, (length, cells)."""
    model = model_of(epoch)
    courses: Float32s = read_cells(model.network, model.vocab.encode(passage)[None])[0]
    return courses


# One cell.


def _cell(model: Model, epoch: SavedEpoch, text: str) -> None:
    count, study = sum(model.network.units), _study(epoch, text)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        help = say("Each cell of the LSTM holds one number, which each character changes.")
        state = st.session_state
        state.cell = min(max(1, state.get("cell", 1)), count)
        kept: dict[str, Any] = {"width": 130, "on_change": _forget_follower, "persist_state": "session"}
        st.number_input(say("Cell"), 1, count, key="cell", help=help, **kept)
        if study is not None:
            _followers(study)
    cell = st.session_state.cell - 1
    values = _courses(epoch, session().inside.passage)[:, cell]
    heads = [_signed(value) for value in values.tolist()]
    title = say("What it holds after each character")
    data = signed_text_data(session().inside.passage, values.tolist(), EDGES, heads, title)
    show_read_text("cell_text", data, session().inside.place, _look_at)
    st.html(f'<div class="cell-follows">{_told(study, cell, count)}</div>')


def _followers(study: CellStudy) -> None:
    """Offers cells that follow something, the closest first."""
    pairs = {pair.feature: pair for pair in _worth(study)}
    words = {name: f"{say(WORDS[name])} {_signed(pair.correlation)}" for name, pair in pairs.items()}
    options: dict[str, Any] = in_words("cell_follows", {name: WORDS[name] for name in pairs})
    if st.session_state.get("cell_follows") not in (None, *pairs):
        st.session_state.cell_follows = None
    options["format_func"] = words.__getitem__
    label = say("Cells that follow something, with their correlation")
    kept: dict[str, Any] = {"on_change": _follow, "args": [pairs], "persist_state": "session"}
    st.selectbox(label, **options, index=None, placeholder=say("choose one"), disabled=not pairs, **kept)


def _follow(pairs: dict[str, Follower]) -> None:
    chosen = pairs.get(st.session_state.cell_follows)
    if chosen is not None:
        st.session_state.cell = chosen.cell + 1


def _forget_follower() -> None:
    st.session_state.cell_follows = None


def _choose_cell(study: CellStudy | None) -> None:
    """Begins with the cell that follows something most closely."""
    first = next(iter(_worth(study)), None) if study is not None else None
    st.session_state.cell, st.session_state.cell_follows = (first.cell + 1, first.feature) if first else (1, None)


def _worth(study: CellStudy) -> list[Follower]:
    return [pair for pair in study.followers() if min(abs(pair.correlation), abs(pair.found)) >= WORTH]


def _told(study: CellStudy | None, cell: int, count: int) -> str:
    if study is None:
        return say("The text is too short to search for cells that follow something.")
    chosen = st.session_state.get("cell_follows")
    pair = study.pair(chosen, cell) if chosen else study.of_cell(cell)
    if pair is None:
        return ""
    values = {"cell": cell + 1, "count": count, "what": say(WORDS[pair.feature]), "r": _signed(pair.correlation)}
    return say(
        "Cell {cell} of {count} and <b>{what}</b>: correlation {r}, measured on {characters:,} characters, other ones "
        "than those by which it was found.",
        **values,
        characters=study.characters,
    )


def _signed(number: float) -> str:
    return f"{number:+.2f}".replace("-", "−")


# What made a character likely.


def _look_at() -> None:
    chosen = st.session_state.cell_text.chosen
    if isinstance(chosen, dict) and chosen.get("place") in range(len(session().inside.passage)):
        session().inside.place = int(chosen["place"])


@st.cache_resource(scope="session", max_entries=1, hash_funcs={SavedEpoch: identity}, show_spinner=False)
def _asked(epoch: SavedEpoch, passage: str, place: int) -> Influence:
    return influence(model_of(epoch), passage, place)


def _influence(epoch: SavedEpoch) -> None:
    passage, place = session().inside.passage, session().inside.place
    asked = _asked(epoch, passage, place)
    values = {"char": in_code(passage[place]), "probability": percent(asked.probability)}
    title = say("What made {char} as likely as it was: <b>{probability}</b>", **values)
    st.html(f'<div class="influence-title">{title}</div>')
    before = passage[asked.start : place]
    if not before:
        st.caption(say("Nothing stands before it. Choose another character in the text."))
        return
    unit, without = say("bits"), [percent(share) for share in asked.without.tolist()]
    facts = [say("without it {share}", share=share) for share in without]
    heads = [f"{_signed(bits)} {unit} · {fact}" for bits, fact in zip(asked.bits.tolist(), facts, strict=True)]
    data = signed_text_data(before, asked.bits.tolist(), BITS, heads, say("What each did for it"), unit)
    show_read_text("influence_text", data)
    st.html(_strongest(before, asked))
    st.caption(
        say(
            "Each of the {reach} characters before it is left out in turn and the rest is read again: log₂ of the "
            "probability with it over that without it. Click on any character of the text to ask about it.",
            reach=len(before),
        )
    )


def _strongest(before: str, asked: Influence) -> str:
    """The characters that did most, either way."""
    items = []
    for place in np.argsort(-np.abs(asked.bits), kind="stable")[:STRONGEST].tolist():
        facts = say(
            "{char}, {distance} before: without it {share} ({bits} bits)",
            char=in_code(before[place]),
            distance=len(before) - place,
            share=percent(float(asked.without[place])),
            bits=_signed(float(asked.bits[place])),
        )
        items.append(f"<li>{facts}</li>")
    return f'<ol class="strongest">{"".join(items)}</ol>'
