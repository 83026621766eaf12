"""The tree of futures: all that may follow the text, as blocks as high as their probability, and a way into each."""

from html import escape
from typing import Any

import streamlit as st

from charlstm.network.model_file import Model, SavedEpoch
from charlstm.page.components import icicle
from charlstm.page.limits import limits
from charlstm.page.locale import say
from charlstm.page.parts import controls, text_actions
from charlstm.page.parts.making import MAIN
from charlstm.page.parts.played_text import PlayedText, WritingSettings
from charlstm.page.sidebar.model_choice import current_epoch, identity, model_of
from charlstm.page.state import session, settings
from charlstm.reading.futures import DEPTH, futures
from charlstm.writing.sampling import Sampler


def show(model: Model) -> None:
    """Draws the view for the model chosen in the sidebar."""
    left, right = st.columns([5, 4], gap="medium")
    with right:
        controls.temperature_slider()
    with left:
        if MAIN.text is None or not MAIN.text.live.written:
            controls.seed_text_row(model, controls.rng_seed_box)
        ready = controls.seed_is_ready(model)
        if MAIN.text is not None and MAIN.text.playing:
            MAIN.text.rest()  # all of it is shown; only then a model that cannot read it begins another
        MAIN.keep(model, ready)
        text = MAIN.text
        if text is None:
            return
        _find_place(text)
        if text.live.written:
            _show_text(text)
    _buttons(model, text, ready)
    st.caption(say("The higher a block, the likelier it is. Click one to go there."))
    tree, drawn = session().tree, text.live.text[session().tree.at :][:DEPTH]
    before = model.vocab.normalize(text.live.seed.text + text.live.text[: tree.at]).text
    data = _tree_data(current_epoch(), before, text.live.context) | {"of": _token(text)}
    ids = model.vocab.encode(model.vocab.normalize(drawn).text).tolist()
    icicle.show("futures_tree", data, settings().temperature, ids, lambda: _follow(model))


def _find_place(text: PlayedText) -> None:
    """The tree begins at the end of the text, unless this page left both in another place."""
    tree = session().tree
    if tree.of != (text.id, len(text.live.written)):
        tree.at, tree.before = len(text.live.written), []
        _remember(text)


def _remember(text: PlayedText) -> None:
    session().tree.of = text.id, len(text.live.written)


def _token(text: PlayedText) -> str:
    """Of the text, the place where the tree begins and its model: what is clicked in another tree is passed over."""
    return f"{text.id} {session().tree.at} {len(text.live.written)} {session().name} {current_epoch().label}"


@st.cache_resource(scope="session", max_entries=8, hash_funcs={SavedEpoch: identity}, show_spinner=False)
def _tree_data(epoch: SavedEpoch, before: str, context: int | None) -> dict[str, Any]:
    model = model_of(epoch)
    return icicle.tree_data(futures(model, before, context), model.vocab.chars)


def _show_text(text: PlayedText) -> None:
    """Its end in sight, and what was drawn from where the tree begins on."""
    live, at = text.live, session().tree.at
    parts = f'<span class="seed">{escape(live.seed.text)}</span>{escape(live.text[:at])}<b>{escape(live.text[at:])}</b>'
    st.html(f'<div class="futures-text" tabindex="0"><div class="written">{parts}</div></div>')


def _buttons(model: Model, text: PlayedText, ready: bool) -> None:
    off = not ready or len(text.live.written) + DEPTH > limits().length
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="futures_buttons"):
        words = say("Draw {count} characters", count=DEPTH)
        controls.button(words, "futures_draw", _draw, model, off=off, icon="casino", main=True)
        controls.button(say("Back"), "futures_back", _back, off=not session().tree.before, icon="undo")
        text_actions.start_over_button(lambda: MAIN.start_over(model), ready and bool(text.live.written))


# Callbacks.


def _settings(model: Model) -> WritingSettings:
    """What the blocks show: the temperature alone."""
    return controls.writing_settings_at(Sampler(settings().temperature), model)


def _go_to(place: int) -> None:
    tree = session().tree
    if place != tree.at:
        tree.before.append(tree.at)
        tree.at = place


def _draw(model: Model) -> None:
    """From the seed text that stands there now where nothing is written yet."""
    begun = MAIN.text is not None and MAIN.text.live.written
    if (begun or MAIN.begin(model)) and MAIN.text is not None:
        _go_to(len(MAIN.text.live.written))
        MAIN.text.write_now(_settings(model), DEPTH)
        _remember(MAIN.text)


def _follow(model: Model) -> None:
    """Takes the characters that lead to a block; what the text went on with instead is kept among the earlier ones."""
    said, text, at = st.session_state.futures_tree.followed, MAIN.text, session().tree.at
    if text is None or not isinstance(said, dict) or said.get("of") != _token(text):
        return
    chars = _decoded(said.get("path"), model)
    if not chars or at + len(chars) > limits().length:
        return
    now = _settings(model)
    if at == len(text.live.written):
        text.take(chars, now)
    elif not text.live.text[at:].startswith(chars):
        MAIN.replace(text.branch(at, chars[0], now))
        text = MAIN.text
        assert text is not None
        text.take(chars[1:], now)
    _go_to(at + len(chars))
    _remember(text)


def _decoded(path: object, model: Model) -> str:
    """The characters of a path; none where it is no path of the model."""
    ids = range(len(model.vocab))
    if not isinstance(path, list) or len(path) > DEPTH or not all(isinstance(id, int) and id in ids for id in path):
        return ""
    return model.vocab.decode(path)


def _back() -> None:
    tree = session().tree
    if tree.before:
        tree.at = tree.before.pop()
