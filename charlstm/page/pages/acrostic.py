"""An acrostic, written live: the letters of a word start the lines, and the chart shows what the rule forbids.

While the text is being written the chart stays at the latest of these letters, where the rule acts most; one character
at a time it shows every draw.
"""

import time

import streamlit as st

from charlstm.errors import UnknownCharactersError
from charlstm.network.metrics import softmax
from charlstm.network.model_file import Model
from charlstm.page.charts.masked import masked_frame, masked_spec
from charlstm.page.charts.next_char import percent
from charlstm.page.locale import say, say_error
from charlstm.page.parts import controls, pace, text_actions
from charlstm.page.parts.escaping import in_markdown
from charlstm.page.parts.written_html import written_html
from charlstm.text.vocab import Vocab
from charlstm.writing.acrostic import WORD_LIMIT, Acrostic, letter_variants
from charlstm.writing.generation import Draw
from charlstm.writing.live_text import LiveText
from charlstm.writing.sampling import Sampler, mask_logits

STAGE_HEIGHT = 404  # pixels
DEFAULT_WORDS = ("lecture", "春風明月")  # the first that the model can write
SHORTEST_VERSE = 5  # characters of a line where there are no spaces: a Chinese verse
LONGEST_LINE = 42  # characters: what fits a line of the page at this size


class AcrosticText(LiveText):
    """A text under the rule of an acrostic, which remembers the draw that is to be shown, once there is one."""

    def __init__(self, model: Model, seed_text: str, rng_seed: int, context: int | None, rule: Acrostic) -> None:
        super().__init__(model, _beginning(seed_text, rule.unit), rng_seed, context, constraint=rule)
        self.rule = rule
        self.shown: Draw | None = None

    def write_one(self, sampler: Sampler) -> Draw:
        draw = super().write_one(sampler)
        if self.rule.letter_positions(self.text)[-1] == len(self.text) - 1:
            self.shown = draw
        return draw

    def write_and_show(self, sampler: Sampler) -> None:
        """Writes one character and shows its draw, whichever it is."""
        self.shown = self.write_one(sampler)


def _beginning(seed_text: str, unit: str) -> str:
    """The seed text, ended so that a line or a word can start after it."""
    if unit == "word":
        return seed_text if seed_text[-1:].isspace() else seed_text + " "
    return seed_text if seed_text.endswith("\n") else seed_text.rstrip(" ") + "\n"


def show(model: Model) -> None:
    """Draws the view for the model chosen in the sidebar."""
    _controls(model.vocab)
    rule = _rule(model.vocab) if controls.seed_is_ready(model) else None
    _keep_text(model, rule)
    live = _live()
    _buttons(model, rule)
    if live is not None:
        st.fragment(_stage, run_every=pace.run_every(live.writing))()


def _live() -> AcrosticText | None:
    return st.session_state.get("acrostic_live")


def _controls(vocab: Vocab) -> None:
    left, right = st.columns([5, 4], gap="medium")
    with left:
        controls.seed_text_box()
    with right, st.container(horizontal=True, gap="small"):
        controls.speed_slider()
        controls.rng_seed_box()
    left, right = st.columns([5, 4], gap="medium")
    with left, st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        help = say(
            "Its letters start the lines, one after another. At the start of a line the model may write only the "
            "letter whose turn it is; the rest of the line it writes freely."
        )
        _fit_default_word(vocab)
        kept = {"key": "acrostic", "help": help, "width": 240, **controls.KEPT}
        st.text_input(say("Word"), DEFAULT_WORDS[0], max_chars=WORD_LIMIT, **kept)
        help = say("The letters start words, all on one line, instead of lines.")
        st.toggle(say("Each word, not each line"), key="acrostic_words", help=help, **controls.KEPT)
    with right:
        controls.temperature_slider()


def _fit_default_word(vocab: Vocab) -> None:
    """Where the page gave the word and the model cannot write it: one that it can.

    What someone typed, or a link brought along, stays.
    """
    state = st.session_state
    shown = state.get("acrostic", DEFAULT_WORDS[0])
    linked = "acrostic" not in state and "acrostic" in st.query_params
    if not linked and shown in DEFAULT_WORDS and _unknown_letters(shown, vocab):
        state.acrostic = next((word for word in DEFAULT_WORDS if not _unknown_letters(word, vocab)), shown)


def _unknown_letters(word: str, vocab: Vocab) -> list[str]:
    return [letter for letter in word if not letter_variants(letter) & set(vocab.chars)]


def _rule(vocab: Vocab) -> Acrostic | None:
    """The acrostic as it stands on the page; says why where there is none."""
    word, words = st.session_state.acrostic, st.session_state.acrostic_words
    letters = "".join(word.split())
    if not letters:
        st.info(say("Give a word; each of its letters starts a line."))
        return None
    try:
        shortest = None if " " in vocab.chars else SHORTEST_VERSE
        return Acrostic(letters, vocab, "word") if words else Acrostic(letters, vocab, "line", shortest, LONGEST_LINE)
    except UnknownCharactersError as error:
        st.error(in_markdown(say_error(error)))
        return None


def _keep_text(model: Model, rule: Acrostic | None) -> None:
    """The session's text: new where nothing is written yet, else the same, with the model on the page."""
    live = _live()
    if live is not None and live.model is not model:
        if live.model.vocab == model.vocab:
            live.use_model(model)
            text_actions.note_model(live)
        else:
            text_actions.keep_earlier(live)
            live = st.session_state.acrostic_live = None
    if rule is not None and (live is None or not live.written and not live.writing):
        _begin(model, rule)


def _buttons(model: Model, rule: Acrostic | None) -> None:
    live = _live()
    writing = bool(live and live.writing)
    ended = not (live and live.written) or live.rule.is_complete(live.text)
    arguments = {"args": [model, rule], "disabled": rule is None}
    look = {"type": "primary", "icon": ":material/edit:"}
    with st.container(horizontal=True, gap="small"):
        st.button(say("Generate"), key="acrostic_generate", on_click=_generate, **arguments, **look)
        look = {"icon": ":material/stop:", "disabled": not writing}
        st.button(say("Stop"), key="acrostic_stop", on_click=_stop, **look)
        st.button(say("Continue"), key="acrostic_continue", on_click=_continue, disabled=writing or ended)
        look = {"help": say("Draws just the next character.")}
        full = live is None or writing or bool(live.written and ended)
        st.button(say("One character"), key="acrostic_one", on_click=_one_character, disabled=full, **look)
        text_actions.show_earlier()


# Callbacks.


def _begin(model: Model, rule: Acrostic) -> None:
    state = st.session_state
    live = AcrosticText(model, state.seed_text, state.rng_seed, state.get("context"), rule)
    text_actions.note_model(live)
    text_actions.keep_earlier(_live())
    state.acrostic_live = live


def _generate(model: Model, rule: Acrostic) -> None:
    try:
        _begin(model, rule)
    except (ValueError, UnknownCharactersError):
        return  # a seed text typed at the last moment; the page says what is wrong with it
    _continue()


def _continue() -> None:
    rule = _live().rule
    _live().start(time.monotonic(), len(rule.word) * (rule.longest + 2))  # the rule ends it before that


def _stop() -> None:
    _live().stop()


def _one_character() -> None:
    _live().write_and_show(controls.sampler())


# The stage.


def _stage() -> None:
    live = _live()
    writing = live.writing
    now = time.monotonic()
    live.advance(now, pace.ahead_seconds(), controls.sampler(), controls.speed())
    left, right = st.columns([5, 4], gap="medium")
    letters = live.rule.letter_positions(live.text)
    with left, st.container(key="acrostic_output", height=STAGE_HEIGHT, autoscroll=True):
        invitation = say("Press Generate: the acrostic appears here.")
        st.html(written_html(live.seed.text, live.text, live.pending(now), invitation, marked=letters))
    with right, st.container(key="acrostic_chart", height=STAGE_HEIGHT, border=False, gap="xxsmall"):
        _chart(live)
    pace.redraw_if_needed(writing, live.writing)


def _chart(live: AcrosticText) -> None:
    shown, sampler = live.shown, controls.sampler()
    logits, allowed = (live.next_logits, live.allowed_next()) if shown is None else (shown.logits, shown.allowed)
    logits, drawn_id = logits[0], None if shown is None else shown.id
    free = sampler.probabilities(logits)
    forbidden = 0.0 if allowed is None else float(free[~allowed].sum())
    names = say("the model's own"), say("under the rule")
    legend = {":gray[■]": names[0], ":blue[■]": names[1], ":orange[■]": say("drawn"), ":red[~~a~~]": say("forbidden")}
    st.markdown(" ".join(f"{sign} {name}" for sign, name in legend.items()))
    some = say("The rule forbids **{share}** of what would be drawn here", share=percent(forbidden))
    st.markdown(some if forbidden else say("Here the rule forbids nothing"))
    own, reweighted = softmax(logits), sampler.probabilities(mask_logits(logits, allowed))
    frame = masked_frame(live.model.vocab.chars, own, reweighted, drawn_id, say("rest"), allowed)
    alt = say(
        "Probabilities of the next character: the model's own and under the rule; forbidden characters are struck out."
    )
    st.vega_lite_chart(frame, masked_spec(names), alt=alt)
