"""A text of one's own, scored: how many bits it costs the model, and where it surprised it."""

import math
from html import escape

import streamlit as st

from charlstm.errors import UnknownCharactersError
from charlstm.network.metrics import bits
from charlstm.network.model_file import Model
from charlstm.page.charts.next_char import percent, visible
from charlstm.page.components.surprisal import coloured_text, level, surprisal_data
from charlstm.page.locale import say, say_chars, say_error
from charlstm.page.parts.escaping import in_code, in_markdown
from charlstm.reading.replay import TOP
from charlstm.reading.text_score import TextScore, score_text
from charlstm.text.vocab import NormalizedText

TEXT_LIMIT = 20_000  # characters; read in about half a second
TEXT_HEIGHT = 250  # pixels
FIGURE_WIDTH = 160  # pixels; four in a row, two on a phone
PLACES = 6  # most surprising ones that are listed
CONTEXT = 18  # characters shown on either side of one
EXAMPLES = {
    "aphorism": "There is perhaps no greater vanity than that of the man who believes himself free of it; "
    "for even his modesty wants to be seen.",
    "news": "The city council voted on Tuesday to close two bridges for repairs. Buses will take another route until "
    "the end of May, a spokeswoman said.",
    "german": "Wer am Morgen aus dem Fenster schaut, sieht zuerst das Wetter und dann erst die Welt.",
    "monkey": "xq zj vkw pfgh qqj bnx wtr ouiz kd jvc mxpl sdf gkw zzt hbq",
    "repeat": "the same the same the same the same the same the same the same the same the same",
}


def show(model: Model) -> None:
    """Draws the view for the model chosen in the sidebar."""
    st.text_area(say("score_text"), key="score_text", height=96, help=say("score_text_help"), persist_state="session")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button(say("score"), key="score", type="primary")  # the page scores at any click; this is one to look for
        for name in EXAMPLES:
            st.button(say(f"score_{name}"), key=f"score_{name}", on_click=_take_example, args=[name])
    with st.container(key="score_result"):
        _result(model, st.session_state.score_text)


def _take_example(name: str) -> None:
    st.session_state.score_text = EXAMPLES[name]


def _result(model: Model, text: str) -> None:
    if not text:
        st.info(say("score_empty"), icon=":material/edit:")
        return
    if len(text) > TEXT_LIMIT:
        st.error(say("score_too_long", limit=TEXT_LIMIT, length=len(text)))
        return
    try:
        score, data = _read(model, text)
    except UnknownCharactersError as error:
        st.error(in_markdown(say_error(error)))
        return
    _figures(model, score)
    left, right = st.columns([5, 4], gap="medium")
    with left:
        coloured_text(data, "score_coloured", TEXT_HEIGHT)
    right.html(_places_html(score))


def _read(model: Model, text: str) -> tuple[TextScore, dict]:
    """The text read, and what the browser needs of it, kept until the text or the model changes."""
    state = st.session_state
    kept = state.get("score_kept")
    if kept is None or kept[0] is not model or kept[1] != text:
        score = score_text(model, text, top=TOP)
        state.score_kept = model, text, score, surprisal_data(score)
    return state.score_kept[2:]


def _figures(model: Model, score: TextScore) -> None:
    cost = score.bits_per_character
    figures = {
        "score_bits": f"{cost:.2f}",
        "score_nats": f"{cost * math.log(2):.2f}",
        "score_perplexity": _perplexity(cost),
        "score_characters": f"{len(score.surprisal_bits):,}",
    }
    with st.container(horizontal=True, gap="small"):
        for key, figure in figures.items():
            st.metric(say(key), figure, help=say(f"{key}_help"), width=FIGURE_WIDTH)
    notes = [say("score_blind", count=len(model.vocab), bits=math.log2(len(model.vocab)))]
    if model.metadata.val_loss is not None:
        notes.append(say("score_held_out", bits=bits(model.metadata.val_loss)))
    st.caption(" ".join(notes + _normalized_notes(score.normalized)))


def _perplexity(cost: float) -> str:
    if cost > 40:  # bits; a million millions say no more than this
        return "> 10¹²"
    return f"{2**cost:.1f}" if cost < 10 else f"{2**cost:,.0f}"


def _normalized_notes(normalized: NormalizedText) -> list[str]:
    notes = (("lowered", normalized.lowered), ("skipped", normalized.skipped))
    return [say(key, chars=in_markdown(say_chars(chars))) for key, chars in notes if chars]


def _places_html(score: TextScore) -> str:
    """A list of the most surprising places: each within its context, with its surprise and what was expected."""
    items = [_place_html(score, position) for position in score.most_surprising(PLACES)]
    return f'<div class="places"><b>{say("score_places")}</b><ol>{"".join(items)}</ol></div>'


def _place_html(score: TextScore, position: int) -> str:
    text, surprisal = score.normalized.text, float(score.surprisal_bits[position])
    start, stop = max(0, position - CONTEXT), position + 1 + CONTEXT
    before = "…" * (start > 0) + text[start:position]
    after = text[position + 1 : stop] + "…" * (stop < len(text))
    mark = f'<span class="level level{level(surprisal)}">{escape(visible(text[position]))}</span>'
    expected, probability = score.alternatives(position)[0]
    facts = say("score_place", surprise=surprisal, expected=in_code(expected), probability=percent(probability))
    return (
        f'<li><span class="context">{_one_line(before)}{mark}{_one_line(after)}</span><br><small>{facts}</small></li>'
    )


def _one_line(text: str) -> str:
    return escape(text.replace("\n", "⏎"))
