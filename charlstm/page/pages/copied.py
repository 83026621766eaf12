"""Which runs of a text stand word for word in the corpus that the model was trained on."""

import contextlib
from html import escape

import streamlit as st

from charlstm.errors import CorpusError, UnknownCharactersError
from charlstm.network.model_file import Model
from charlstm.page.charts.next_char import percent
from charlstm.page.locale import say, say_error
from charlstm.page.parts.escaping import in_markdown
from charlstm.page.parts.invitation import written_text
from charlstm.page.sidebar.model_choice import own_models
from charlstm.reading.overlap import CorpusIndex, Run, copied_runs
from charlstm.text.corpus import is_on_this_machine, load_corpus

SHORTEST, LONGEST, DEFAULT = 10, 100, 20  # characters of a run, on the slider
TEXT_LIMIT = 20_000  # characters
TEXT_HEIGHT = 400  # pixels
LISTED = 8  # longest runs that are listed
CONTEXT = 30  # characters of the corpus shown on either side of one
STYLE = """
<style>
.copied mark { color: inherit; border-radius: 2px; padding: .1em 0; background: light-dark(#bfdbfe, #1e4076);
  box-shadow: inset 0 -2px light-dark(#2563eb, #60a5fa); }
.copied mark.even { background: light-dark(#fed7aa, #6b3a10); box-shadow: inset 0 -2px light-dark(#c2570c, #f59e0b); }
.copied sup { font: 600 .65em sans-serif; margin-right: .15em; user-select: none; }
.runs ol { padding-left: 1.6em; margin: .3em 0; }
.runs li { margin-bottom: .5em; }
.runs .context { font-family: "Source Serif", Georgia, serif; overflow-wrap: anywhere; }
.runs .context span { opacity: .55; }
.runs small { opacity: .8; }
</style>
"""


def show(model: Model) -> None:
    """Draws the view for the model chosen in the sidebar."""
    st.html(STYLE)
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        source = _choose_source()
        label, hint = say("copied_length"), say("copied_length_help")
        kept = {"key": "copied_length", "persist_state": "session"}
        st.slider(label, SHORTEST, LONGEST, DEFAULT, help=hint, width=320, **kept)
    seed_text, text = _written(model) if source == "written" else ("", _pasted(model))
    with st.container(key="copied_result"):
        if text:
            _result(model, seed_text, text)


def _choose_source() -> str:
    return st.segmented_control(
        say("copied_source"),
        ("written", "pasted"),
        default="written",
        format_func=lambda name: say(f"copied_{name}"),
        key="copied_source",
        required=True,
        persist_state="session",
    )


def _written(model: Model) -> tuple[str, str]:
    live = written_text(model, say("copied_empty"))
    return ("", "") if live is None else (live.seed.text, live.text)


def _pasted(model: Model) -> str:
    """The text of the box in the model's characters, as its corpus has them; "" where there is nothing to look for."""
    text = st.text_area(
        say("copied_text"), key="copied_text", height=96, help=say("copied_text_help"), persist_state="session"
    )
    if len(text) > TEXT_LIMIT:
        st.error(say("score_too_long", limit=TEXT_LIMIT, length=len(text)))
        return ""
    if not text:
        st.info(say("copied_paste"), icon=":material/content_paste:")
    try:
        return model.vocab.normalize(text).text
    except UnknownCharactersError as error:
        st.error(in_markdown(say_error(error)))
        return ""


# The corpus.


def _index(model: Model) -> CorpusIndex | None:
    """Of the corpus that the model was trained on; None where it is not on this machine."""
    state = st.session_state
    own = own_models().get(state.model)
    if own is None or own.corpus is None:
        with contextlib.suppress(CorpusError):  # a damaged one is none
            if is_on_this_machine(model.metadata.corpus):
                return _shared_index(model.metadata.corpus, model.metadata.lowercase)
        return None
    kept = state.get("copied_index")
    if kept is None or kept[0] is not own.corpus:
        state.copied_index = own.corpus, CorpusIndex(own.corpus.text, SHORTEST)
    return state.copied_index[1]


@st.cache_resource(max_entries=4, show_spinner=False)
def _shared_index(name: str, lowercase: bool) -> CorpusIndex:
    return CorpusIndex(load_corpus(name, lowercase).text, SHORTEST)


# The result.


def _result(model: Model, seed_text: str, text: str) -> None:
    index, corpus = _index(model), in_markdown(model.metadata.corpus or "?")
    if index is None:
        st.info(say("copied_no_corpus", corpus=corpus), icon=":material/database_off:")
        return
    length = st.session_state.copied_length
    runs = copied_runs(text, index, length)
    if runs:
        share, longest = sum(run.length for run in runs) / len(text), max(run.length for run in runs)
        st.markdown(say("copied_summary", share=percent(share), corpus=corpus, length=length, longest=longest))
    else:
        st.markdown(say("copied_none", corpus=corpus, length=length))
    numbered = sorted(runs, key=lambda run: -run.length)
    left, right = st.columns([5, 4], gap="medium")
    with left, st.container(height=TEXT_HEIGHT):
        st.html(marked_html(seed_text, text, numbered))
    if runs:
        with right, st.container(height=TEXT_HEIGHT, border=False):
            st.html(runs_html(text, index.text, numbered))


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
    more = say("copied_more", count=len(runs) - LISTED) if len(runs) > LISTED else ""
    return f'<div class="runs"><b>{say("copied_runs")}</b><ol>{"".join(items)}</ol>{more}</div>'


def _run_html(text: str, corpus: str, run: Run) -> str:
    start, stop = run.corpus_start, run.corpus_start + run.length
    before, after = corpus[max(0, start - CONTEXT) : start], corpus[stop : stop + CONTEXT]
    facts = say("copied_run", length=run.length, place=start + 1, share=percent(start / len(corpus)))
    run_text = escape(_one_line(text[run.start : run.stop]))
    context = f"<span>…{escape(_one_line(before))}</span><b>{run_text}</b><span>{escape(_one_line(after))}…</span>"
    return f'<li><small>{facts}</small><br><span class="context">{context}</span></li>'


def _one_line(text: str) -> str:
    return " ".join(text.split("\n"))
