"""The settings that several views share: seed text, length, speed, random seed, temperature, and what draws by them.

A view draws those it needs; the others keep their values while they are not on the screen.
"""

import random
from collections.abc import Callable
from typing import Literal, TypedDict

import streamlit as st

from charlstm.errors import UnknownCharactersError
from charlstm.network.model_file import Model
from charlstm.page import address
from charlstm.page.limits import MAX_LENGTH, limits
from charlstm.page.locale import N_, paragraph, say, say_chars, say_error
from charlstm.page.parts.played_text import AT_ONCE, WritingSettings
from charlstm.page.parts.signs import in_markdown
from charlstm.page.sidebar.model_choice import current_epoch, model_of, own_text
from charlstm.page.state import NOTEBOOK_TEMPERATURES, Settings, session, settings
from charlstm.text.corpus import Corpus
from charlstm.text.openings import DEFAULT_SEED, local_corpus_text, random_seed_text
from charlstm.text.vocab import NormalizedText
from charlstm.training.plan import HOLDOUT
from charlstm.writing.generation import SEED_LIMIT
from charlstm.writing.sampling import Sampler

SPEEDS = ("2", "5", "10", "20", "40", "80", "∞")  # characters a second; without words, as they stand in the address
CHART_ROWS = 8  # few and large: they are read from the last row of a hall, and fit a phone
# Where on the slider it holds of what is written. In five texts of 400 characters by `nietzsche` and `nietzsche-large`
# fewer than half of the 4-grams differ up to 0.2, 19 of 20 words exist up to 0.7, fewer than 3 of 4 from 1.4 on.
TEMPERATURE_WORDS = {
    0: N_("repeats itself"),
    0.65: N_("plausible"),
    1: N_("as learnt"),
    1.6: N_("falls apart"),
}
TEXT_LIMIT = 20_000  # characters of a text that someone gives; read in about half a second


class _Kept(TypedDict):
    bind: Literal["query-params"] | None
    persist_state: Literal["session"]


class _KeptByName(_Kept):
    key: str


# Of widgets whose value stands in the address, and stays where the widget is not on the screen.
KEPT: _Kept = {"bind": "query-params", "persist_state": "session"}


def kept(key: str) -> _KeptByName:
    """Arguments of a shared setting: as `KEPT`, and the page knows that it is drawn."""
    session().drawn.add(key)
    return {"key": key, "bind": None if address.is_endless(key) else "query-params", "persist_state": "session"}


def button(
    words: str,
    key: str,
    press: Callable[..., None],
    *given: object,
    off: bool = False,
    icon: str | None = None,
    main: bool = False,
    help: str | None = None,
) -> None:
    """A button that calls `press` with what is given; the main one of a page stands out."""
    kind: Literal["primary", "secondary"] = "primary" if main else "secondary"
    st.button(words, key, help, press, given, type=kind, icon=icon and f":material/{icon}:", disabled=off)


def seed_text_box() -> None:
    _fit_default_seed(model_of(current_epoch()))
    _seed_text_area()


def seed_text_row(model: Model, *widgets: Callable[[], None]) -> None:
    """The seed text; beside it what takes another one, and the `widgets` that one seldom moves (`more_settings`)."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="seed_row"):
        seed_text_box()
        with st.container(width="content", gap="xsmall"):
            help = say("Takes another beginning: from the corpus where it is on this machine, else from a short list.")
            st.button(
                say("Another"),
                key="another_seed",
                help=help,
                on_click=_take_random_seed_text,
                args=[model],
                icon=":material/casino:",
                width="stretch",
            )
            more_settings(*widgets)


def _seed_text_area() -> None:
    help = say("The network reads this first and continues it. It may be empty.")
    st.text_area(say("Seed text"), DEFAULT_SEED, height=76, help=help, **kept("seed_text"))


def _take_random_seed_text(model: Model) -> None:
    _suggest(_random_seed_text(random.Random(), corpus_text(model), model))


def _suggest(seed_text: str) -> None:
    st.session_state.seed_text = session().suggested_seed = seed_text


def _fit_default_seed(model: Model) -> None:
    """Where the page gave the seed text and the model cannot read it whole: another one, or none.

    What someone typed, or a link brought along, stays while the model stays, or knows a character of it.
    """
    shown, before = settings().seed_text, session().seed_for
    session().seed_for = settings().model
    linked = "seed_text" not in st.session_state and "seed_text" in st.query_params
    given = shown not in (DEFAULT_SEED, session().suggested_seed)
    if given and before not in ("", settings().model) and not model.vocab.knows_any(shown):
        given = False
    if linked or given or (shown and _reads(model, shown)):
        return
    wanted = DEFAULT_SEED if _reads(model, DEFAULT_SEED) else _random_seed_text(random.Random(0), own_text(), model)
    if wanted != shown:
        _suggest(wanted)


def _random_seed_text(rng: random.Random, corpus_text: str | None, model: Model) -> str:
    """One that the model can read; none where it knows no character of it."""
    seed_text = random_seed_text(rng, corpus_text, set(model.vocab.chars))
    try:
        model.vocab.normalize(seed_text)
    except UnknownCharactersError:
        return ""
    return seed_text


def _reads(model: Model, text: str) -> bool:
    return set(text) <= set(model.vocab.chars)


def corpus_text(model: Model) -> str | None:
    """The text that the model on the page was trained on, where it is at hand."""
    return own_text() or shared_corpus(model.metadata.corpus)


def learnt_text(model: Model) -> tuple[str, str] | None:
    """(What the model on the page learnt from, what was held out of that), where its text is at hand."""
    text = corpus_text(model)
    share = model.metadata.held_out_share
    return None if text is None else Corpus("", text).split(HOLDOUT if share is None else share)


def shared_corpus(name: str) -> str | None:
    """The text of a corpus if it is on this machine; one that comes later is found then."""
    try:
        return _found_corpus(name)
    except LookupError:
        return None


@st.cache_resource(max_entries=4, show_spinner=False)
def _found_corpus(name: str) -> str:
    text = local_corpus_text(name)
    if text is None:
        raise LookupError(name)  # which is not cached, as None would be
    return text


def more_settings(*widgets: Callable[[], None]) -> None:
    """What one seldom moves, folded away; by default all that a text is written with."""
    all_ = (
        length_box,
        speed_slider,
        rng_seed_box,
        fresh_seed_toggle,
        _top_k_box,
        _top_p_slider,
        _min_p_slider,
        _context_box,
    )
    with st.popover(say("Settings"), icon=":material/tune:", key="more_settings"):
        for draw in widgets or all_:
            draw()


def length_box() -> None:
    help, most = say("How many characters Generate writes."), limits().length
    st.number_input(say("Length"), 1, most, Settings.length, 100, help=help, **kept("length"))
    if most < MAX_LENGTH:
        st.caption(say("A text has at most {most:,} characters on this server.", most=most))


def speed_slider() -> None:
    help = say("Characters per second; ∞ is as fast as it goes. The text is the same at any speed.")
    st.select_slider(say("Speed"), SPEEDS, Settings.speed, help=help, **kept("speed"))


def rng_seed_box() -> None:
    help = say("The same number and the same settings give the same text, character for character.")
    st.number_input(say("Random seed"), 0, 2**31, Settings.rng_seed, help=help, **kept("rng_seed"))


def temperature_slider(words: bool = True) -> None:
    """The slider, and below it what its places are like, unless there is no room for `words`."""
    help = say(
        "The network gives each character a score, its logit; the softmax makes probabilities of the scores. The "
        "temperature divides the scores first: below 1 the likely characters gain, above 1 the unlikely ones; 0 "
        "always takes the likeliest. It acts from the next character on."
    )
    with st.container(gap=None):
        st.slider(say("Temperature"), 0.0, 2.0, Settings.temperature, 0.05, help=help, **kept("temperature"))
        if words:
            spans = (f'<span style="left: {50 * at:g}%">{say(like)}</span>' for at, like in TEMPERATURE_WORDS.items())
            st.html(f'<div class="temperatures">{"".join(spans)}</div>')


def usual_temperatures() -> None:
    """The notebook's four, the present one marked: one stop of the keyboard, within which arrow keys move."""
    now = settings().temperature
    st.session_state.usual_temperature = now if now in NOTEBOOK_TEMPERATURES else None
    st.segmented_control(
        say("Temperature"),
        NOTEBOOK_TEMPERATURES,
        key="usual_temperature",
        on_change=_take_usual,
        label_visibility="collapsed",
    )


def _take_usual() -> None:
    usual = st.session_state.usual_temperature
    if usual is not None:  # else the marked one was pressed
        st.session_state.temperature = usual


def fresh_seed_toggle() -> None:
    help = say("Generate first picks a new random seed, so that each text differs.")
    st.toggle(say("New random seed for each text"), key="fresh_seed", help=help, persist_state="session")


def _top_k_box() -> None:
    help = say("Draw only from the k likeliest characters; empty keeps all.")
    st.number_input(say("Top-k"), 1, 10_000, None, help=help, placeholder=say("all"), **kept("top_k"))


def _top_p_slider() -> None:
    help = say("Draw only from the likeliest characters whose probabilities together reach p; 1 keeps all.")
    st.slider(say("Top-p"), 0.05, 1.0, 1.0, 0.05, help=help, **kept("top_p"))


def _min_p_slider() -> None:
    help = say("Draw only from characters with at least this part of the likeliest one's probability; 0 keeps all.")
    st.slider(say("Min-p"), 0.0, 0.5, 0.0, 0.01, help=help, **kept("min_p"))


def _context_box() -> None:
    help = say(
        "How many of the last characters the network sees; empty: all that was read and written. 60 is what the "
        "textbook example uses."
    )
    st.number_input(say("Context"), 1, 1000, None, help=help, placeholder=say("all"), **kept("context"))


SHARED: dict[str, Callable[[], None]] = {
    "seed_text": _seed_text_area,
    "temperature": temperature_slider,
    "length": length_box,
    "speed": speed_slider,
    "rng_seed": rng_seed_box,
    "top_k": _top_k_box,
    "top_p": _top_p_slider,
    "min_p": _min_p_slider,
    "context": _context_box,
}


def keep_the_rest() -> None:
    """Draws the shared settings that the page does not show where nobody sees them, so that its address holds all."""
    with st.container(key="kept"):
        for key, draw in SHARED.items():
            if key not in session().drawn:
                draw()


def seed_is_ready(model: Model) -> bool:
    """Says what the model makes of the seed text; returns whether it can write from it."""
    seed_text = settings().seed_text
    if len(seed_text) > SEED_LIMIT:
        rule = N_("A seed text has at most {limit:,} characters; this one has {length:,}. Shorten it.")
        st.error(say(rule, limit=SEED_LIMIT, length=len(seed_text)))
        return False
    try:
        normalized = model.vocab.normalize(seed_text)
    except UnknownCharactersError as error:
        st.error(in_markdown(say_error(error)))
        return False
    if notes := normalized_notes(normalized):
        st.caption(paragraph(notes))
    return True


def normalized_notes(normalized: NormalizedText) -> list[str]:
    """What it took to rewrite a text in the model's characters, as Markdown."""
    lowered, skipped = (in_markdown(say_chars(chars)) for chars in (normalized.lowered, normalized.skipped))
    notes = [say("Lower-cased, as the model knows no capitals here: {chars}.", chars=lowered)] if lowered else []
    return notes + ([say("Skipped, as the model never saw them: {chars}.", chars=skipped)] if skipped else [])


def too_long(text: str) -> bool:
    """Says so where a text that someone gave is longer than `TEXT_LIMIT`."""
    rule = N_("A text has at most {limit:,} characters here; this one has {length:,}. Shorten it.")
    if len(text) > TEXT_LIMIT:
        st.error(say(rule, limit=TEXT_LIMIT, length=len(text)))
    return len(text) > TEXT_LIMIT


def sampler() -> Sampler:
    """Temperature, top-k, top-p and min-p as they stand on the page."""
    return sampler_at(settings().temperature)


def sampler_at(temperature: float | tuple[float, ...]) -> Sampler:
    """As `sampler`, at another temperature, or one for each row."""
    now = settings()
    return Sampler(temperature, now.top_k, None if now.top_p == 1 else now.top_p, now.min_p or None)


def speed() -> float:
    """Characters a second, or `AT_ONCE`."""
    chosen = settings().speed
    return AT_ONCE if chosen == "∞" else float(chosen)


def writing_settings(model: Model) -> WritingSettings:
    """What the page writes with now."""
    return writing_settings_at(sampler(), model)


def writing_settings_at(sampler: Sampler, model: Model) -> WritingSettings:
    """As `writing_settings`, with another sampler."""
    return WritingSettings(sampler, model, session().name, current_epoch().label, speed())
