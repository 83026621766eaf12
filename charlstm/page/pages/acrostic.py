"""An acrostic: the letters of a word start the lines, and the chart shows what the rule forbids at each character."""

from typing import Any

import streamlit as st

from charlstm.errors import UnknownCharactersError
from charlstm.network.model_file import Model
from charlstm.page.locale import say, say_error
from charlstm.page.parts import controls, player, text_actions
from charlstm.page.parts.making import Making
from charlstm.page.parts.played_text import PlayedText
from charlstm.page.parts.signs import in_markdown
from charlstm.page.state import Settings, settings
from charlstm.text.vocab import Vocab
from charlstm.writing.acrostic import WORD_LIMIT, Acrostic, letter_variants

DEFAULT_WORDS = (Settings.acrostic, "春風明月")  # the first that the model can write
SHORTEST_VERSE = 5  # characters of a line where there are no spaces: a Chinese verse
LONGEST_LINE = 42  # characters: what fits a line of the page at this size


def show(model: Model) -> None:
    """Draws the page for the model chosen in the sidebar."""
    _controls(model)
    ready = controls.seed_is_ready(model) and _rule_is_ready(model.vocab)
    ACROSTIC.keep(model, ready)
    left, right = st.columns([5, 4], gap="medium")
    with left:
        st.fragment(_stage)(model, ready)
    with right, st.container(key="acrostic_chart"):
        _chart()


def _controls(model: Model) -> None:
    left, middle, right = st.columns([20, 9, 7], gap="medium")
    with left:
        controls.seed_text_row(model, controls.speed_slider, controls.rng_seed_box, controls.fresh_seed_toggle)
    with middle:
        help = say(
            "Its letters start the lines, one after another. At the start of a line the model may write only the "
            "letter whose turn it is; the rest of the line it writes freely."
        )
        _fit_default_word(model.vocab)
        word = say("Word")
        st.text_input(word, DEFAULT_WORDS[0], WORD_LIMIT, key="acrostic", help=help, **controls.KEPT)
        help = say("The letters start the words of one line instead of the lines.")
        st.toggle(say("Start words, not lines"), key="acrostic_words", help=help, **controls.KEPT)
    with right:
        controls.temperature_slider()


def _fit_default_word(vocab: Vocab) -> None:
    """Where the page gave the word and the model cannot write it: one that it can.

    What someone typed, or a link brought along, stays.
    """
    shown = settings().acrostic
    linked = "acrostic" not in st.session_state and "acrostic" in st.query_params
    if not linked and shown in DEFAULT_WORDS and _unknown_letters(shown, vocab):
        st.session_state.acrostic = next((word for word in DEFAULT_WORDS if not _unknown_letters(word, vocab)), shown)


def _unknown_letters(word: str, vocab: Vocab) -> list[str]:
    return [letter for letter in word if not letter_variants(letter) & set(vocab.chars)]


def _rule_is_ready(vocab: Vocab) -> bool:
    """Says what is wrong with the word; returns whether there is a rule."""
    try:
        _asked_rule(vocab)
    except UnknownCharactersError as error:
        st.error(in_markdown(say_error(error)))
        return False
    except ValueError:
        st.info(say("Give a word; each of its letters starts a line."))
        return False
    return True


def _asked_rule(vocab: Vocab) -> Acrostic:
    """The acrostic as it stands on the page.

    Raises:
        ValueError: There is no letter.
        UnknownCharactersError: See `Acrostic`.
    """
    word = settings().acrostic
    if settings().acrostic_words:
        return Acrostic(word, vocab, "word")
    return Acrostic(word, vocab, "line", None if " " in vocab.chars else SHORTEST_VERSE, LONGEST_LINE)


class _UnderRule(Making):
    def beginning(self, model: Model) -> dict[str, Any]:
        rule = _asked_rule(model.vocab)
        return super().beginning(model) | {"seed_text": _beginning(settings().seed_text, rule.unit), "constraint": rule}

    def length(self, text: PlayedText) -> int:
        """More than the rule leaves room for."""
        rule = _rule_of(text)
        return len(rule.word) * (rule.longest + 2)


ACROSTIC = _UnderRule("acrostic", "acrostic_")


def _beginning(seed_text: str, unit: str) -> str:
    """The seed text, ended so that a line or a word can start after it."""
    if unit == "word":
        return seed_text if seed_text[-1:].isspace() else seed_text + " "
    return seed_text if seed_text.endswith("\n") else seed_text.rstrip(" ") + "\n"


def _rule_of(text: PlayedText) -> Acrostic:
    assert isinstance(text.live.constraint, Acrostic)
    return text.live.constraint


# The stage.


def _stage(model: Model, ready: bool) -> None:
    text = ACROSTIC.on_stage(model)
    with ACROSTIC.buttons(model, ready):
        text_actions.show_earlier(None)
    if text is None:
        return
    player.show_preview(text, ["acrostic_stage"], controls.sampler())
    with st.container(key="acrostic_output"):
        hint = say("Press Generate: the acrostic appears here.")
        letters = _rule_of(text).letter_positions(text.live.text)
        player.show_text(text, "acrostic_stage", lambda: ACROSTIC.writing_settings(model), hint, marked=letters)


def _chart() -> None:
    own, under, drawn, forbidden = say("the model's own"), say("under the rule"), say("written"), say("forbidden")
    st.markdown(f":gray[■] {own} :blue[■] {under} :orange[■] {drawn} :red[~~a~~] {forbidden}")
    about = say(
        "Probabilities of the next character: the model's own and under the rule; forbidden characters are struck out."
    )
    player.show_chart("acrostic_stage", controls.CHART_ROWS, under, about)
