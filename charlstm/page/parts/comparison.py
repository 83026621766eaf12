"""What the columns of a comparison differ in: exactly one thing; seed text, random numbers and all else are alike."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from charlstm.network.counting import MAX_ORDER, CountingNetwork, RunCounts
from charlstm.network.metrics import bits, surprisals
from charlstm.network.model_file import Model
from charlstm.network.registry import best_epoch
from charlstm.network.side_by_side import side_by_side
from charlstm.page.locale import N_, say
from charlstm.page.parts import controls, missing_corpus
from charlstm.page.parts.language import in_words
from charlstm.page.parts.signs import in_markdown
from charlstm.page.sidebar.model_choice import current_epoch, model_names, model_of, saved_epochs
from charlstm.page.state import NOTEBOOK_TEMPERATURES, Comparison, Value, settings
from charlstm.text.vocab import Vocab
from charlstm.writing.sampling import Sampler

KINDS = {
    "temperature": N_("temperature"),
    "model": N_("model"),
    "epoch": N_("epoch"),
    "truncation": N_("what is cut off"),
    "order": N_("cut before or after"),
    "counting": N_("counting or network"),
}
MAX_COLUMNS = 6
TEMPERATURES = tuple(tenths / 10 for tenths in range(21))
ALL = "top-p 1"  # which cuts nothing off: the names of cuts stand in the address, so they have no words
CUTS: dict[str, dict[str, Any]] = {
    ALL: {},
    **{f"top-k {k}": {"top_k": k} for k in (2, 3, 5, 10, 20)},
    **{f"top-p {p:g}": {"top_p": p} for p in (0.3, 0.5, 0.8, 0.9, 0.95)},
    **{f"min-p {p:g}": {"min_p": p} for p in (0.02, 0.05, 0.1, 0.2, 0.5)},
}
DEFAULT_CUTS, DEFAULT_CUT = (ALL, "top-k 5", "top-p 0.9", "min-p 0.1"), "top-p 0.9"
ORDERS, DEFAULT_ORDERS = tuple(range(1, MAX_ORDER + 1)), (2, 4, 6)
NETWORK = 0  # in the place of an order
COUNTED, SCORED = 1_000_000, 100_000  # characters of a text that are counted, from its start, and of its held-out part


def choose(model: Model) -> Comparison | None:
    """Draws the choice; None where there are no two columns, and the page says why."""
    with st.container(gap="xsmall", key="compare_choice"):
        by = _choose_kind()
        chosen = _CHOICES[by](model)
    if chosen is None:
        return None
    if len(chosen) < 2:
        st.error(say("Choose at least two to compare (chosen: {count}).", count=len(chosen)))
        return None
    return Comparison(by, chosen, _models(by, chosen))


def _choose_kind() -> str:
    """Stands in the address by its name, as words would change with the language."""
    state, asked = st.session_state, st.query_params
    state.setdefault("compare_by", asked["compare_by"] if asked.get("compare_by") in KINDS else "temperature")
    help = say(
        "What differs from column to column, from the next Generate on. All columns read the same seed text and draw "
        "with the same random numbers."
    )
    words = say("Columns differ in")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(words, help=help, width="content")
        by: str = st.selectbox(
            words, **in_words("compare_by", KINDS), label_visibility="collapsed", persist_state="session"
        )
    if by == "temperature":
        asked.pop("compare_by", None)
    elif asked.get("compare_by") != by:
        asked["compare_by"] = by
    return by


def _several(words: str, key: str, options: Sequence[Value], default: Sequence[Value], limit: int) -> tuple[Any, ...]:
    """The chosen ones of some options, in the order of these; what is no option any more is passed over."""
    state = st.session_state
    if not set(state.get(key, ())) <= set(options):
        left = [option for option in state[key] if option in options]
        state[key] = left if len(left) > 1 else list(default)
    look: dict[str, Any] = {"max_selections": limit, "label_visibility": "collapsed"}
    chosen = st.multiselect(words, options, list(default), key=key, **look, **controls.KEPT)
    return tuple(sorted(chosen, key=list(options).index))


def _temperatures(_: Model) -> tuple[Value, ...]:
    return _several(say("Temperatures"), "compare_temperatures", TEMPERATURES, NOTEBOOK_TEMPERATURES, MAX_COLUMNS)


def _model_names(model: Model) -> tuple[Value, ...]:
    names = [name for name in model_names() if saved_epochs(name)]
    alike = [name for name in names if saved_epochs(name)[-1].metadata.corpus == model.metadata.corpus]
    return _several(say("Models"), "compare_models", names, (alike if len(alike) > 1 else names)[:4], MAX_COLUMNS)


def _epochs(_: Model) -> tuple[Value, ...]:
    epochs = saved_epochs(settings().model)
    labels = [epoch.label for epoch in epochs]
    spread = np.linspace(0, epochs.index(best_epoch(epochs)), 4).round().astype(int)
    default = [labels[place] for place in dict.fromkeys(spread.tolist())]
    return _several(say("Epochs"), "compare_epochs", labels, default, MAX_COLUMNS)


def _cuts(_: Model) -> tuple[Value, ...]:
    return _several(say("Cuts"), "compare_cuts", list(CUTS), DEFAULT_CUTS, MAX_COLUMNS)


def _one_cut(_: Model) -> tuple[Value, ...]:
    """Of both columns: what differs is whether it comes after the temperature, or before."""
    cuts = [cut for cut in CUTS if cut != ALL]
    look: dict[str, Any] = {"key": "compare_cut", "label_visibility": "collapsed"}
    cut: str = st.selectbox(say("Cut"), cuts, cuts.index(DEFAULT_CUT), **look, **controls.KEPT)
    return cut, cut


def _orders(model: Model) -> tuple[Value, ...] | None:
    """Of the counting models; the network is the last column."""
    if controls.learnt_text(model) is None:
        rule = N_("The text that this model learnt from ({corpus}) is not on this machine, so nothing can be counted.")
        missing_corpus.show(model, say(rule, corpus=in_markdown(model.metadata.corpus or "?")))
        return None
    words = say("Characters in a row that are counted")
    return *_several(words, "compare_orders", ORDERS, DEFAULT_ORDERS, MAX_COLUMNS - 1), NETWORK


_CHOICES = {
    "temperature": _temperatures,
    "model": _model_names,
    "epoch": _epochs,
    "truncation": _cuts,
    "order": _one_cut,
    "counting": _orders,
}


# What the choice comes to.


def _models(by: str, values: Sequence[Value]) -> tuple[tuple[str, str], ...]:
    now = settings()
    if by == "model":
        return tuple((str(name), best_epoch(saved_epochs(str(name))).label) for name in values)
    if by == "epoch":
        return tuple((now.model, str(label)) for label in values)
    if by == "counting":
        return tuple((now.model, now.epoch) if order == NETWORK else (f"{order}-gram", "") for order in values)
    return ()


def joined_model(compared: Comparison, model: Model) -> Model:
    """The one model that writes all columns.

    Raises:
        ModelFileError: The file of one is damaged.
    """
    if compared.by == "counting":
        return side_by_side(
            [model if order == NETWORK else counting_model(model, int(order)) for order in compared.values]
        )
    epochs = [{epoch.label: epoch for epoch in saved_epochs(name)}[label] for name, label in compared.models]
    return side_by_side([model_of(epoch) for epoch in epochs]) if epochs else model


def counting_model(model: Model, order: int) -> Model:
    """One that only counted in what the model on the page learnt from, which is at hand (`controls.learnt_text`)."""
    text = controls.learnt_text(model)
    assert text is not None
    return Model(CountingNetwork(_counts(text[0], model.vocab), order), model.vocab)


@st.cache_resource(max_entries=2, hash_funcs={str: hash, Vocab: hash}, show_spinner=False)
def _counts(text: str, vocab: Vocab) -> RunCounts:
    return RunCounts(vocab.encode(vocab.normalize(text[:COUNTED]).text), len(vocab))


@st.cache_resource(max_entries=32, hash_funcs={str: hash, Vocab: hash}, show_spinner=False)
def _cost(text: str, held_out: str, vocab: Vocab, order: int) -> float:
    """Bits per character of the held-out text by the counts of the other."""
    ids = vocab.encode(vocab.normalize(held_out[:SCORED]).text)
    return bits(surprisals(CountingNetwork(_counts(text, vocab), order), ids).mean())


def sampler(compared: Comparison, temperatures: Sequence[float]) -> Sampler:
    """What draws in the columns; a cut comes beside what is cut off by the settings of the page.

    Args:
        compared: What they differ in.
        temperatures: Of the columns, where that is what they differ in.
    """
    if compared.by == "temperature":
        return controls.sampler_at(tuple(temperatures))
    base = controls.sampler()
    if compared.by == "truncation":
        cut = [replace(base, **CUTS[str(value)]) for value in compared.values]
        limits = zip(*((each.top_k, each.top_p, each.min_p) for each in cut), strict=True)
        return Sampler(base.temperature, *limits)
    if compared.by == "order":
        return replace(base, **CUTS[str(compared.values[0])], truncate_first=(False, True))
    return base


def title(compared: Comparison, column: int) -> str:
    """What stands above a column; nothing where that is its temperature."""
    value = compared.values[column]
    if compared.by == "epoch":
        return f"{say('Epoch')} {value}"
    if compared.by == "order":
        return (
            say("{cut}, then the temperature", cut=value) if column else say("The temperature, then {cut}", cut=value)
        )
    if compared.by == "counting":
        return compared.models[column][0]
    return str(value) if compared.by != "temperature" else ""


def cost(compared: Comparison, column: int, model: Model) -> float | None:
    """Bits per held-out character of what writes a column, where columns of counts stand beside the network's.

    None for columns that another model than that on the page has begun.
    """
    now = settings()
    if compared.by != "counting" or compared.models[-1] != (now.model, now.epoch):
        return None
    order, text = compared.values[column], controls.learnt_text(model)
    if text is None:
        return None
    if order == NETWORK:
        return current_epoch().metadata.val_bits_per_character
    return _cost(*text, model.vocab, int(order)) if text[1] else None
