"""A real text to guess, to measure or to look into: what was held out of the model's corpus, or what was pasted."""

import streamlit as st

from charlstm.errors import UnknownCharactersError
from charlstm.network.metadata import ModelMetadata
from charlstm.network.model_file import Model
from charlstm.page.locale import N_, say, say_error
from charlstm.page.parts import missing_corpus
from charlstm.page.parts.controls import corpus_text, too_long
from charlstm.page.parts.language import in_words
from charlstm.page.parts.signs import in_markdown, percent
from charlstm.text.corpus import Corpus
from charlstm.text.vocab import Vocab
from charlstm.training.plan import HOLDOUT

SHORTEST = 2  # characters of a text: one to see, one to guess


def text_to_guess(model: Model) -> tuple[str, str] | None:
    """A text in the model's characters and what it is, as Markdown; None where there is none, and the page says why."""
    if st.session_state.get("guess_source") == "pasted":
        given = st.session_state.get("guess_pasted", "")
        pasted = "" if too_long(given) else _known(model, given)
        if len(pasted) >= SHORTEST:
            return pasted, say("A text that was pasted here.")
        choose_text()
        st.info(say("Paste a text of two characters or more that the model knows."), icon=":material/content_paste:")
        return None
    if len(held_out := held_out_text(model)) >= SHORTEST:
        return held_out, _about(model.metadata)
    rule = N_("The corpus of this model ({corpus}) is not on this machine. A text of your own can be pasted too.")
    missing_corpus.show(model, say(rule, corpus=in_markdown(model.metadata.corpus or "?")))
    choose_text()
    return None


def held_out_text(model: Model) -> str:
    """What was held out of the model's corpus, in its characters; empty where the corpus is not on this machine."""
    corpus, metadata = corpus_text(model), model.metadata
    return _known(model, Corpus(metadata.corpus, corpus).split(_share(metadata))[1]) if corpus else ""


def _known(model: Model, text: str) -> str:
    try:
        return _normalized(model.vocab, text)
    except UnknownCharactersError as error:
        st.error(in_markdown(say_error(error)))
        return ""


@st.cache_resource(scope="session", max_entries=2, hash_funcs={str: hash, Vocab: hash}, show_spinner=False)
def _normalized(vocab: Vocab, text: str) -> str:
    return vocab.normalize(text).text


def _share(metadata: ModelMetadata) -> float:
    return metadata.held_out_share or HOLDOUT


def _about(metadata: ModelMetadata) -> str:
    values = {"share": percent(_share(metadata)), "corpus": in_markdown(metadata.corpus or "?")}
    if metadata.val_loss is not None:
        return say("From the last {share} of {corpus}, which this model never saw.", **values)
    if metadata.history:
        return say("From the last {share} of {corpus}. Mind: this model was trained on all of it.", **values)
    return say("From the last {share} of {corpus}. Mind: this model may have been trained on it.", **values)


def choose_text() -> None:
    """Draws the choice between the model's own corpus and a pasted text."""
    sources = in_words("guess_source", {"corpus": N_("the model’s corpus"), "pasted": N_("a pasted text")})
    chosen = st.segmented_control(say("Text"), **sources, default="corpus", required=True, persist_state="session")
    if chosen == "pasted":
        help = say("Characters the model does not know are lower-cased or skipped.")
        st.text_area(say("A text"), key="guess_pasted", height=96, help=help, persist_state="session")
