"""What stands where a text is needed that is not on this machine: what fetches it, and a model whose text is here."""

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from charlstm.errors import CorpusError
from charlstm.network.model_file import Model
from charlstm.network.registry import best_epoch
from charlstm.page.locale import say, say_error
from charlstm.page.parts.controls import button
from charlstm.page.parts.signs import in_markdown
from charlstm.page.sidebar.model_choice import go_to, shipped
from charlstm.text.corpus import load_corpus

DOWNLOADED = "nietzsche"  # the one corpus that can be fetched
MANUAL = "python-docs"  # the model of the one corpus that Python itself brings along


def show(model: Model, why: str) -> None:
    """Says why there is nothing to see, in a translated sentence, and offers what helps."""
    st.info(why, icon=":material/database_off:")
    name = model.metadata.corpus
    with st.container(horizontal=True, gap="small"):
        fetched = name == DOWNLOADED and st.button(say("Fetch it"), "fetch_corpus", type="primary")
        if name != MANUAL and shipped(MANUAL):
            button(say("Take the Python manual"), "take_manual", _take_manual)
    if fetched:
        _fetch(name)


def _take_manual() -> None:
    go_to(MANUAL, best_epoch(shipped(MANUAL)))


def _fetch(name: str) -> None:
    bar = st.progress(0.0, say("Downloading {corpus} …", corpus=name))
    try:
        load_corpus(name, progress=partial(_show_progress, bar))
    except CorpusError as error:
        st.error(in_markdown(say_error(error)))
    else:
        st.rerun()


def _show_progress(bar: DeltaGenerator, done: int, total: int) -> None:
    bar.progress(min(1.0, done / total) if total else 0.0)
