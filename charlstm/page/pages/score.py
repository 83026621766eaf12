"""A text of one's own, scored: how many bits it costs the model, and where it surprised it."""

import math
from html import escape
from typing import Any

import streamlit as st

from charlstm.errors import UnknownCharactersError
from charlstm.network.metrics import bits
from charlstm.network.model_file import Model, SavedEpoch
from charlstm.page.locale import N_, paragraph, say, say_error
from charlstm.page.parts.controls import normalized_notes, too_long
from charlstm.page.parts.read_text import level, read_text_data, show_read_text
from charlstm.page.parts.signs import in_code, in_markdown, percent, visible
from charlstm.page.sidebar.model_choice import current_epoch, identity, model_of
from charlstm.reading.replay import TOP
from charlstm.reading.text_score import TextScore, score_text

FIGURE_WIDTH = 160  # pixels; four in a row, two on a phone
FIGURES = {
    N_("Bits per character"): N_(
        "The mean surprise, −log2 p: so many yes-no questions a character costs a reader who knows what the model "
        "knows."
    ),
    N_("Nats per character"): N_(
        "The same with the natural logarithm: the cross-entropy loss that training minimizes. 1 nat = 1.443 bits."
    ),
    N_("Perplexity"): N_(
        "2 to the power of the bits per character: as uncertain as a choice among so many equally likely characters."
    ),
    N_("Characters"): N_("How many were scored. Those the model does not know are left out."),
}
PLACES = 5  # most surprising ones that are listed; what fits a projector
CONTEXT = 18  # characters shown on either side of one
NAMES = {
    "aphorism": N_("An aphorism"),
    "news": N_("News"),
    "german": N_("German"),
    "poem": N_("A poem"),
    "prose": N_("Prose"),
    "monkey": N_("Random keys"),
    "repeat": N_("Over and over"),
}
EXAMPLES = {
    "aphorism": "There is perhaps no greater vanity than that of the man who believes himself free of it; "
    "for even his modesty wants to be seen.",
    "news": "The city council voted on Tuesday to close two bridges for repairs. Buses will take another route until "
    "the end of May, a spokeswoman said.",
    "german": "Wer am Morgen aus dem Fenster schaut, sieht zuerst das Wetter und dann erst die Welt.",
    "poem": "床前明月光，疑是地上霜。舉頭望明月，低頭思故鄉。",
    "prose": "今日城中人議修橋二座，車馬皆改行他路，至月末方可復過。",
    "monkey": "xq zj vkw pfgh qqj bnx wtr ouiz kd jvc mxpl sdf gkw zzt hbq",
    "repeat": "the same the same the same the same the same the same the same the same the same",
}
LATIN, CHINESE = ("aphorism", "news", "german", "monkey", "repeat"), ("poem", "prose", "monkey", "repeat")
IN_CHINESE = {"monkey": "魚之九燈何鐵且雨弓夫羊四玉乃門耳金又", "repeat": "明月明月明月明月明月明月明月明月明月明月"}


def show(model: Model) -> None:
    """Draws the view for the model chosen in the sidebar."""
    help = say("Any text; characters the model does not know are lower-cased or skipped. Press Ctrl+Enter or Score.")
    text = st.text_area(say("Your text"), key="score_text", height=96, help=help, persist_state="session")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button(say("Score"), key="score", type="primary")  # the page scores at any click; this is one to look for
        for name, example in _examples(model).items():
            st.button(say(NAMES[name]), key=f"score_{name}", on_click=_take_example, args=[example])
    with st.container(key="score_result"):
        _result(model, text)


def _examples(model: Model) -> dict[str, str]:
    """By their names, those that the model can read."""
    chinese = EXAMPLES | IN_CHINESE
    if set("etao") & set(model.vocab.chars.lower()):
        return {name: EXAMPLES[name] for name in LATIN}
    return {name: chinese[name] for name in CHINESE}


def _take_example(example: str) -> None:
    st.session_state.score_text = example


def _result(model: Model, text: str) -> None:
    if not text:
        why = say(
            "Paste a text, or take one of the examples: the model reads it and says how much each character "
            "surprised it."
        )
        st.info(why, icon=":material/edit:")
        return
    if too_long(text):
        return
    try:
        score, data = _read(current_epoch(), text)
    except UnknownCharactersError as error:
        st.error(in_markdown(say_error(error)))
        return
    _figures(model, score)
    left, right = st.columns([5, 4], gap="medium")
    with left:
        show_read_text("score_coloured", data)
    right.html(_places_html(score))


@st.cache_resource(scope="session", max_entries=1, hash_funcs={SavedEpoch: identity}, show_spinner=False)
def _read(epoch: SavedEpoch, text: str) -> tuple[TextScore, dict[str, Any]]:
    """The text read, and what the browser needs of it."""
    score = score_text(model_of(epoch), text, top=TOP)
    return score, read_text_data(score)


def _figures(model: Model, score: TextScore) -> None:
    cost, count = score.bits_per_character, len(model.vocab)
    values = f"{cost:.2f}", f"{cost * math.log(2):.2f}", _perplexity(cost), f"{len(score.surprisal_bits):,}"
    with st.container(horizontal=True, gap="small"):
        for (label, help), value in zip(FIGURES.items(), values, strict=True):
            st.metric(say(label), value, help=say(help), width=FIGURE_WIDTH)
    notes = [say("A blind guess among {count} characters costs {bits:.2f} bits.", count=count, bits=math.log2(count))]
    if model.metadata.val_loss is not None:
        held_out = bits(model.metadata.val_loss)
        notes.append(say("Text of the model’s own kind that it never saw costs it {bits:.2f}.", bits=held_out))
    st.caption(paragraph(notes + normalized_notes(score.normalized)))


def _perplexity(cost: float) -> str:
    if cost > 40:  # bits; a million millions say no more than this
        return "> 10¹²"
    return f"{2**cost:.1f}" if cost < 10 else f"{2**cost:,.0f}"


def _places_html(score: TextScore) -> str:
    """A list of the most surprising places: each within its context, with its surprise and what was expected."""
    items = [_place_html(score, position) for position in score.most_surprising(PLACES)]
    title = say("Most surprising places")
    return f'<div class="places"><b>{title}</b><ol>{"".join(items)}</ol></div>'


def _place_html(score: TextScore, position: int) -> str:
    text, surprisal = score.normalized.text, float(score.surprisal_bits[position])
    start, stop = max(0, position - CONTEXT), position + 1 + CONTEXT
    before = "…" * (start > 0) + text[start:position]
    after = text[position + 1 : stop] + "…" * (stop < len(text))
    mark = f'<span class="level level{level(surprisal)}">{escape(visible(text[position]))}</span>'
    expected, probability = score.alternatives(position)[0]
    facts = say(
        "{surprise:.1f} bits; likeliest was {expected} with {probability}",
        surprise=surprisal,
        expected=in_code(expected),
        probability=percent(probability),
    )
    return (
        f'<li><span class="context">{_one_line(before)}{mark}{_one_line(after)}</span><br><small>{facts}</small></li>'
    )


def _one_line(text: str) -> str:
    return escape(text.replace("\n", "⏎"))
