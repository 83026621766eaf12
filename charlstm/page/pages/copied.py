"""Which runs of a text stand word for word in the corpus that the model was trained on."""

import contextlib
from html import escape

import streamlit as st

from charlstm.errors import CorpusError, UnknownCharactersError
from charlstm.network.model_file import Model
from charlstm.page.locale import N_, say, say_error
from charlstm.page.parts.controls import too_long
from charlstm.page.parts.invitation import written_text
from charlstm.page.parts.language import in_words
from charlstm.page.parts.signs import in_markdown, percent
from charlstm.page.sidebar.model_choice import own_text
from charlstm.reading.overlap import CorpusIndex, Run, copied_runs
from charlstm.text.corpus import is_on_this_machine, load_corpus

SHORTEST, LONGEST, DEFAULT = 10, 100, 20  # characters of a run, on the slider
TEXT_HEIGHT = 400  # pixels
LISTED = 8  # longest runs that are listed
CONTEXT = 30  # characters of the corpus shown on either side of one


def show(model: Model) -> None:
    """Draws the view for the model chosen in the sidebar."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        source = _choose_source()
        help = say("Only runs of at least so many characters count; short ones stand in any large text by chance.")
        length = st.slider(
            say("Shortest run, characters"),
            SHORTEST,
            LONGEST,
            DEFAULT,
            key="copied_length",
            help=help,
            width=320,
            persist_state="session",
        )
    seed_text, text = _written(model) if source == "written" else ("", _pasted(model))
    with st.container(key="copied_result"):
        if text:
            _result(model, seed_text, text, length)


def _choose_source() -> str:
    sources = in_words("copied_source", {"written": N_("the text of the page Write"), "pasted": N_("a pasted text")})
    chosen: str = st.segmented_control(
        say("Text"), **sources, default="written", required=True, persist_state="session"
    )
    return chosen


def _written(model: Model) -> tuple[str, str]:
    why = say("This page marks what a written text has copied from the corpus. Nothing is written yet.")
    text = written_text(model, why)
    return ("", "") if text is None else (text.live.seed.text, text.live.text)


def _pasted(model: Model) -> str:
    """The text of the box in the model's characters, as its corpus has them; "" where there is nothing to look for."""
    help = say("Lower-cased where the model knows no capitals, as its corpus was.")
    text = st.text_area(say("A text"), key="copied_text", height=96, help=help, persist_state="session")
    if too_long(text):
        return ""
    if not text:
        why = say("Paste a text: what stands word for word in the model’s corpus is marked.")
        st.info(why, icon=":material/content_paste:")
    try:
        return model.vocab.normalize(text).text
    except UnknownCharactersError as error:
        st.error(in_markdown(say_error(error)))
        return ""


# The corpus.


def _index(model: Model) -> CorpusIndex | None:
    """Of the corpus that the model was trained on; None where it is not on this machine."""
    if own := own_text():
        return _own_index(own)
    with contextlib.suppress(CorpusError):  # a damaged one is none
        if is_on_this_machine(model.metadata.corpus):
            return _shared_index(model.metadata.corpus, model.metadata.lowercase)
    return None


@st.cache_resource(scope="session", max_entries=1, hash_funcs={str: hash}, show_spinner=False)
def _own_index(text: str) -> CorpusIndex:
    return CorpusIndex(text, SHORTEST)


@st.cache_resource(max_entries=4, show_spinner=False)
def _shared_index(name: str, lowercase: bool) -> CorpusIndex:
    return CorpusIndex(load_corpus(name, lowercase).text, SHORTEST)


# The result.


def _result(model: Model, seed_text: str, text: str, length: int) -> None:
    index, corpus = _index(model), in_markdown(model.metadata.corpus or "?")
    if index is None:
        why = say(
            "The text that this model was trained on ({corpus}) is not on the server, so nothing can be compared "
            "with it. Choose a model whose text is there, or train one on a text of your own.",
            corpus=corpus,
        )
        st.info(why, icon=":material/database_off:")
        return
    runs = copied_runs(text, index, length)
    st.markdown(_summary(text, runs, corpus, length))
    numbered = sorted(runs, key=lambda run: -run.length)
    left, right = st.columns([5, 4], gap="medium")
    with left, st.container(height=TEXT_HEIGHT):
        st.html(marked_html(seed_text, text, numbered))
    if runs:
        with right, st.container(height=TEXT_HEIGHT, border=False):
            st.html(runs_html(text, index.text, numbered))


def _summary(text: str, runs: list[Run], corpus: str, length: int) -> str:
    if not runs:
        return say(
            "No run of {length} characters or more stands word for word in the corpus {corpus}. Move the slider down "
            "to see shorter ones.",
            corpus=corpus,
            length=length,
        )
    return say(
        "**{share}** of the text stands word for word in the corpus {corpus}, in runs of {length} characters or more. "
        "The longest has **{longest}**.",
        share=percent(sum(run.length for run in runs) / len(text)),
        corpus=corpus,
        length=length,
        longest=max(run.length for run in runs),
    )


def marked_html(seed_text: str, text: str, runs: list[Run]) -> str:
    """The text with its runs marked and numbered in the order given; neighbours in the text differ in colour."""
    numbers = {run.start: number for number, run in enumerate(runs, start=1)}
    parts, end = [], 0
    for place, run in enumerate(sorted(runs, key=lambda run: run.start)):
        shade = ' class="even"' if place % 2 else ""
        marked = f"<mark{shade}><sup>{numbers[run.start]}</sup>{escape(text[run.start : run.stop])}</mark>"
        parts += [escape(text[end : run.start]), marked]
        end = run.stop
    seed = f'<span class="seed">{escape(seed_text)}</span>'
    return f'<div class="written copied">{seed}{"".join(parts)}{escape(text[end:])}</div>'


def runs_html(text: str, corpus: str, runs: list[Run]) -> str:
    """A list of the first of one or more runs: length, place in the corpus, and what stands around it there."""
    items = [_run_html(text, corpus, run) for run in runs[:LISTED]]
    more = say("and {count} shorter ones, marked in the text", count=len(runs) - LISTED) if len(runs) > LISTED else ""
    title = say("The longest runs, as they stand in the corpus")
    return f'<div class="runs"><b>{title}</b><ol>{"".join(items)}</ol>{more}</div>'


def _run_html(text: str, corpus: str, run: Run) -> str:
    start, stop = run.corpus_start, run.corpus_start + run.length
    before, after = corpus[max(0, start - CONTEXT) : start], corpus[stop : stop + CONTEXT]
    facts = say(
        "{length} characters, at character {place:,} of the corpus ({share} in)",
        length=run.length,
        place=start + 1,
        share=percent(start / len(corpus)),
    )
    run_text = escape(_one_line(text[run.start : run.stop]))
    context = f"<span>…{escape(_one_line(before))}</span><b>{run_text}</b><span>{escape(_one_line(after))}…</span>"
    return f'<li><small>{facts}</small><br><span class="context">{context}</span></li>'


def _one_line(text: str) -> str:
    return " ".join(text.split("\n"))
