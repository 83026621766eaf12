"""An acrostic: the letters of a word start the lines, and the chart shows what the rule forbids at each character."""

import streamlit as st

from charlstm.errors import UnknownCharactersError
from charlstm.network.model_file import Model
from charlstm.page.locale import say, say_error
from charlstm.page.parts import controls, player, text_actions
from charlstm.page.parts.played_text import PlayedText
from charlstm.page.parts.signs import in_markdown
from charlstm.page.state import Settings, session, settings
from charlstm.text.vocab import Vocab
from charlstm.writing.acrostic import WORD_LIMIT, Acrostic, letter_variants
from charlstm.writing.live_text import LiveText

DEFAULT_WORDS = (Settings.acrostic, "春風明月")  # the first that the model can write
SHORTEST_VERSE = 5  # characters of a line where there are no spaces: a Chinese verse
LONGEST_LINE = 42  # characters: what fits a line of the page at this size


def show(model: Model) -> None:
    """Draws the page for the model chosen in the sidebar."""
    _controls(model)
    rule = _rule(model.vocab) if controls.seed_is_ready(model) else None
    _keep_text(model, rule)
    left, right = st.columns([5, 4], gap="medium")
    with left:
        st.fragment(_stage)(model, rule)
    with right, st.container(key="acrostic_chart"):
        _chart()


def _controls(model: Model) -> None:
    left, middle, right = st.columns([20, 9, 7], gap="medium")
    with left:
        controls.seed_text_row(model, controls.speed_slider, controls.rng_seed_box)
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


def _rule(vocab: Vocab) -> Acrostic | None:
    """The acrostic as it stands on the page; says why where there is none."""
    try:
        return _asked_rule(vocab)
    except UnknownCharactersError as error:
        st.error(in_markdown(say_error(error)))
    except ValueError:
        st.info(say("Give a word; each of its letters starts a line."))
    return None


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


def _keep_text(model: Model, rule: Acrostic | None) -> None:
    """The session's text: new where nothing is written yet, else the same, with the model on the page."""
    text = session().acrostic
    if text is not None and text.live.model.vocab != model.vocab:
        text_actions.keep_earlier(text)
        text = session().acrostic = None
    if text is not None and text.playing:
        text.follow(controls.writing_settings(model))
    elif text is not None and text.live.written:
        if text.live.model != model:
            text.live.use_model(model)
    elif rule is not None and (text is None or _is_stale(text.live, model, rule)):
        _begin(model)


def _is_stale(live: LiveText, model: Model, rule: Acrostic) -> bool:
    """Whether the settings on the page would begin another text."""
    begun_with = live.model, live.seed_text, live.rng_seed, live.context, repr(live.constraint)
    now = settings()
    return begun_with != (model, _beginning(now.seed_text, rule.unit), now.rng_seed, now.context, repr(rule))


def _begin(model: Model) -> None:
    now, rule = settings(), _asked_rule(model.vocab)
    live = LiveText(model, _beginning(now.seed_text, rule.unit), now.rng_seed, now.context, constraint=rule)
    text_actions.keep_earlier(session().acrostic)
    session().acrostic = PlayedText(live, controls.CHART_ROWS)


def _beginning(seed_text: str, unit: str) -> str:
    """The seed text, ended so that a line or a word can start after it."""
    if unit == "word":
        return seed_text if seed_text[-1:].isspace() else seed_text + " "
    return seed_text if seed_text.endswith("\n") else seed_text.rstrip(" ") + "\n"


# Callbacks.


def _generate(model: Model) -> None:
    if _begins(model):
        _continue(model)


def _begins(model: Model) -> bool:
    """Whether a new text begins; the page says what is wrong with words that were typed at the last moment."""
    try:
        _begin(model)
    except (ValueError, UnknownCharactersError):
        return False
    return True


def _continue(model: Model) -> None:
    text = session().acrostic
    if text is not None:
        rule = _rule_of(text)
        length = len(rule.word) * (rule.longest + 2)  # the rule ends it before that
        text.start(controls.writing_settings(model), length, length)


def _stop() -> None:
    text = session().acrostic
    if text is not None:
        text.stop()


def _one_character(model: Model) -> None:
    text = session().acrostic
    if text is None or not text.live.written:  # by the word that stands there now
        text = session().acrostic if _begins(model) else None
    if text is not None:
        text.write_now(controls.writing_settings(model))


def _rule_of(text: PlayedText) -> Acrostic:
    assert isinstance(text.live.constraint, Acrostic)
    return text.live.constraint


# The stage.


def _stage(model: Model, rule: Acrostic | None) -> None:
    text = session().acrostic
    _buttons(text, model, rule)
    if text is None:
        return
    player.show_preview(text, ["acrostic_stage"], controls.sampler())
    with st.container(key="acrostic_output"):
        hint = say("Press Generate: the acrostic appears here.")
        letters = _rule_of(text).letter_positions(text.live.text)
        player.show_text(text, "acrostic_stage", lambda: controls.writing_settings(model), hint, marked=letters)


def _chart() -> None:
    own, under, drawn, forbidden = say("the model's own"), say("under the rule"), say("written"), say("forbidden")
    st.markdown(f":gray[■] {own} :blue[■] {under} :orange[■] {drawn} :red[~~a~~] {forbidden}")
    about = say(
        "Probabilities of the next character: the model's own and under the rule; forbidden characters are struck out."
    )
    player.show_chart("acrostic_stage", controls.CHART_ROWS, under, about)


def _buttons(text: PlayedText | None, model: Model, rule: Acrostic | None) -> None:
    playing, begun = bool(text and text.playing), bool(text and text.live.written)
    ended = text is None or begun and _rule_of(text).is_complete(text.live.text)
    with st.container(horizontal=True, gap="xsmall", key="acrostic_buttons"):
        off = rule is None
        controls.button(say("Generate"), "acrostic_generate", _generate, model, off=off, icon="edit", main=True)
        controls.button(say("Stop"), "acrostic_stop", _stop, off=not playing, icon="stop")
        off = playing or ended or not begun
        controls.button(say("Continue"), "acrostic_continue", _continue, model, off=off, icon="resume")
        help, off = say("Draws and writes just the next character."), playing or ended or not begun and rule is None
        controls.button(say("One character"), "acrostic_one", _one_character, model, off=off, icon="step", help=help)
        text_actions.show_earlier(None)
