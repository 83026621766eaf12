"""The effect of temperature: the notebook's conclusion drawn from numbers, as small panels that grow while one watches.

The work is done in the background (`Measurement`), once for all sessions that ask for the same; the page looks at it a
few times a second.
"""

import math
import time
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from charlstm.network.model_file import Model, SavedEpoch
from charlstm.page.charts.curves import fit_frame, measure_frame, panel_spec
from charlstm.page.locale import N_, say
from charlstm.page.parts import controls
from charlstm.page.parts.comparison import counting_model
from charlstm.page.parts.real_text import held_out_text
from charlstm.page.parts.signs import in_markdown, percent
from charlstm.page.sidebar.model_choice import current_epoch, identity, model_names, model_of, saved_epochs
from charlstm.page.state import Settings, session, settings
from charlstm.reading.calibration import SHORTEST, Fit, fit_temperatures
from charlstm.reading.measurement import (
    MEASURES,
    STREAM_CHARACTERS,
    TEMPERATURES,
    Measurement,
    contrast,
    corpus_estimates,
)
from charlstm.reading.sweep import SweepPoint, TextEstimates

CHARACTERS = (2_500, 10_000, 40_000)
COLORS = ("blue", "orange")  # of the lines, in the page's words for them
FIT_TEMPERATURES = (0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 1.0, 1.05, 1.1, 1.15, 1.2, 1.4, 1.7, 2.0)
ORDER = 5  # of a model that only counts: so many characters, its own guess included, are best on Nietzsche
FIT_HEIGHT = 220  # pixels
CALIBRATED_BITS = 0.02  # at most so far is what text costs from what the model expects
PANEL_HEIGHT = 266  # pixels; two rows of panels fill a projector
COLD, HOT = 0.2, 1.2  # the ends of the notebook's four temperatures
LOOK_SECONDS = 0.5
UNCOVER_SECONDS = 0.4  # a temperature
DEFINITIONS = N_(
    "At each of {temperatures} temperatures the model writes {characters:,} characters, in {streams} "
    "texts of 250. A point is the mean over the texts, its band 1.96 standard errors on either side.\n\n"
    "- **Real words**: the share of the words that are in an English word list. More is not better: a text that "
    "repeats a few of them has 100%.\n"
    "- **Distinct 4-grams**: different runs of 4 characters / all runs of 4 characters. Low means "
    "repetition.\n"
    "- **Longest repeat**: the longest run of characters that stands in a text twice.\n"
    "- **Entropy**: −Σ p log₂ p of what each character is drawn from, after the temperature.\n"
    "- **Cost**: −log₂ p of each character under the model itself, at temperature 1. The dashed line is what the part "
    "of the corpus costs that was held out of training."
)
TITLES = {
    "real_word_share": N_("Real words"),
    "distinct_ngram_share": N_("Distinct 4-grams"),
    "longest_repeat": N_("Longest repeat, characters"),
    "entropy_bits": N_("Entropy, bits per character"),
    "bits_per_character": N_("Cost, bits per character"),
}


@dataclass(frozen=True)
class Series:
    """A model's line."""

    name: str
    measurement: Measurement

    @property
    def points(self) -> list[SweepPoint]:
        """What is measured, as far as the page uncovers it."""
        return self.measurement.points[: _uncovered()]

    @property
    def done(self) -> bool:
        return len(self.points) == len(TEMPERATURES)

    @property
    def ended(self) -> bool:
        """Whether looking again shows nothing new."""
        return self.done or self.measurement.failure is not None


def _uncovered() -> int:
    """How many temperatures the page shows: someone else may have measured them all, but a class sees them grow."""
    since = session().measured_at
    if since is None:
        return len(TEMPERATURES)
    return 0 if math.isinf(since) else 1 + int((time.monotonic() - since) / UNCOVER_SECONDS)


def show(model: Model) -> None:
    """Draws the view for the model chosen in the sidebar."""
    row = st.container(horizontal=True, gap="small", vertical_alignment="bottom")
    with row:
        help = say("Written in texts of 250 characters; four times as many halve the bands.")
        st.select_slider(
            say("Characters per temperature"),
            CHARACTERS,
            Settings.measure_characters,
            "{:,}".format,
            key="measure_characters",
            help=help,
            width=210,
            **controls.KEPT,
        )
        help = say("Measures another model or epoch with the same random numbers, in the same panels.")
        st.selectbox(
            say("Compare with"),
            _others(),
            None,
            key="measure_other",
            help=help,
            placeholder=say("no other model"),
            width=260,
            **controls.KEPT,
        )
    _show_panels(model, row, PANEL_HEIGHT)
    _real_text(model)


def show_panels(model: Model, height: int) -> None:
    """The button and the panels; the settings may stand in the session without a widget."""
    _show_panels(model, st.container(horizontal=True, gap="small"), height)


def _others() -> list[str]:
    """All other models and epochs, as `name · label`, the epochs of the model on the page first."""
    shown = settings().model
    names = sorted(model_names(), key=lambda name: name != shown)
    found = [(name, epoch.label) for name in names for epoch in saved_epochs(name)]
    return [f"{name} · {label}" for name, label in found if (name, label) != (shown, current_epoch().label)]


def _series() -> list[Series]:
    shown, characters, other = settings().model, settings().measure_characters, settings().measure_other
    series = [Series(_name(shown, current_epoch().label), _measurement(current_epoch(), characters))]
    if other is not None and other in _others():
        name, _, label = other.rpartition(" · ")
        epoch = next(epoch for epoch in saved_epochs(name) if epoch.label == label)
        series.append(Series(_name(name, label), _measurement(epoch, characters)))
    return series


def _name(model: str, label: str) -> str:
    return say("{name}, epoch {label}", name=model, label=label)


@st.cache_resource(max_entries=32, hash_funcs={SavedEpoch: identity}, show_spinner=False)
def _measurement(epoch: SavedEpoch, characters_each: int) -> Measurement:
    """Shared by all sessions."""
    return Measurement(model_of(epoch), characters_each)


def _buttons(series: list[Series]) -> None:
    running = _running(series)
    controls.button(say("Measure"), "measure", _start, series, off=running, icon="monitoring", main=True)
    controls.button(say("Stop"), "measure_stop", _stop, off=not running, icon="stop")


def _definitions() -> None:
    characters = settings().measure_characters
    with st.popover(say("What is measured"), key="measure_definitions"):
        counts = {"temperatures": len(TEMPERATURES), "characters": characters}
        counts["streams"] = characters // STREAM_CHARACTERS
        st.markdown(say(DEFINITIONS, **counts))


def _running(series: list[Series]) -> bool:
    return session().measuring and not all(line.ended for line in series)


def _start(series: list[Series]) -> None:
    for line in series:
        line.measurement.retry()
    session().measuring, session().measured_at = True, time.monotonic()


def _stop() -> None:
    session().measuring = False


# The panels.


def _show_panels(model: Model, row: DeltaGenerator, height: int) -> None:
    series = _series()
    with row:
        _buttons(series)
        _definitions()
    running = _running(series)
    st.fragment(_stage, run_every=LOOK_SECONDS if running else None)(model, series, height, running)


def _stage(model: Model, series: list[Series], height: int, running: bool) -> None:
    if running:
        for line in series:
            line.measurement.watch()
    corpus = _corpus_measures(model)
    with st.container(key="sweep_chart"):
        places = [*st.columns(3, gap="small"), *st.columns(3, gap="small")]
        for place, measure in zip(places, MEASURES, strict=False):
            with place:
                _panel(model, series, measure, corpus, height)
        with places[-1]:
            _readout(series, corpus, running)
    if running and all(line.ended for line in series):
        st.rerun()  # the buttons change, the looking ends


def _panel(model: Model, series: list[Series], measure: str, corpus: TextEstimates | None, height: int) -> None:
    title, name = say(TITLES[measure]), say("the corpus itself")
    if measure == "real_word_share" and " " not in model.vocab.chars:
        st.markdown(f"**{title}**")
        st.caption(say("This model writes without spaces: there are no words to look up."))
        return
    points = [(line.name, line.points) for line in series]
    frame = measure_frame(points, measure, (name, _corpus_height(model, corpus, measure)))
    domain, number_format, log = _axis(model, measure)
    names = tuple(line.name for line in series)
    spec = panel_spec(title, names, name, domain, number_format, say("temperature"), height, log)
    st.vega_lite_chart(frame, spec, alt=say("{title} over the temperature, with error bands.", title=title))


def _axis(model: Model, measure: str) -> tuple[tuple[float, float], str, bool]:
    """(domain, format of the numbers, whether logarithmic)."""
    if measure.endswith("_share"):
        return (0, 1), ".0%", False
    if measure == "longest_repeat":
        return (3, STREAM_CHARACTERS), ".0f", True
    return (0, math.ceil(math.log2(len(model.vocab)))), ".1f", False


def _corpus_height(model: Model, corpus: TextEstimates | None, measure: str) -> float | None:
    if measure == "bits_per_character":
        return model.metadata.val_bits_per_character
    found = getattr(corpus, measure, None)
    return found.mean if found else None


def _corpus_measures(model: Model) -> TextEstimates | None:
    """Of the corpus that the model was trained on, if it is on this machine."""
    text = controls.corpus_text(model)
    return _measured_corpus(text) if text else None


@st.cache_data(max_entries=8, hash_funcs={str: hash}, show_spinner=False)
def _measured_corpus(text: str) -> TextEstimates | None:
    return corpus_estimates(text)


# Real text.


def _real_text(model: Model) -> None:
    """What text that the model never saw costs it at each temperature, once that is asked for."""
    text = held_out_text(model)
    why = _why_not(model, text)
    with st.container(key="fit"):
        words = st.container(horizontal=True, gap="small", vertical_alignment="center")
        with words:
            controls.button(say("Read real text"), "measure_real", _read_real, off=bool(why), icon="menu_book")
            about = N_("Which temperature predicts text best that the model never saw? It reads, and writes nothing.")
            st.caption(say(why or about))
        if why or not session().measured_real:
            return
        with st.spinner(say("Reading …")):
            fits, counted = _fits(current_epoch(), text)
        left, right = st.columns([5, 4], gap="medium", vertical_alignment="center")
        names = say("what it costs"), say("what the model expects it to cost"), say("what it costs who only counts")
        title, alt = say("Real text, bits per character"), say("Cost and entropy of real text over the temperature.")
        spec = panel_spec(
            title, names[:2], names[2], _axis(model, "entropy_bits")[0], ".1f", say("temperature"), FIT_HEIGHT
        )
        left.vega_lite_chart(fit_frame(fits, counted, names), spec, alt=alt)
        help = say("How often each character followed the last four, in the very text that the model learnt from.")
        legend = f":{COLORS[0]}[■] {names[0]}  \n:{COLORS[1]}[■] {names[1]}  \n:gray[┅] {names[2]}"
        right.markdown(legend, help=help)
        right.markdown(_fit_reading(fits))


def _why_not(model: Model, text: str) -> str:
    """Why there is no real text to read, as a sentence for `say`; empty where there is."""
    if not text:
        return N_("The text that this model learnt from is not on this machine.")
    if model.metadata.val_loss is None:
        return N_("This model may have learnt from all of its text, so there is none here that it never saw.")
    return "" if len(text) >= SHORTEST else N_("The text that was held out of this model's own is too short to read.")


def _read_real() -> None:
    session().measured_real = True


@st.cache_resource(max_entries=16, hash_funcs={SavedEpoch: identity, str: hash}, show_spinner=False)
def _fits(epoch: SavedEpoch, text: str) -> tuple[list[Fit], list[Fit]]:
    """Of the model, and of one that only counted in the text that it learnt from."""
    model = model_of(epoch)
    network, counted = (
        fit_temperatures(each, text, FIT_TEMPERATURES) for each in (model, counting_model(model, ORDER))
    )
    return network, counted


def _fit_reading(fits: list[Fit]) -> str:
    best = min(fits, key=lambda fit: fit.cost_bits)
    own = next(fit for fit in fits if fit.temperature == 1)
    gap = own.cost_bits - own.entropy_bits
    verdict = N_("it is calibrated.")
    if abs(gap) >= CALIBRATED_BITS:
        verdict = N_("it is overconfident.") if gap > 0 else N_("it could be surer.")
    values = {
        "best": f"{best.temperature:g}",
        "bits": best.cost_bits,
        "own": own.cost_bits,
        "expected": own.entropy_bits,
    }
    sentence = N_(
        "This model predicts real text best at temperature **{best}**: {bits:.3f} bits per character. At 1 it costs "
        "{own:.3f}, and the model expects {expected:.3f}: {verdict} What one likes to read is often written colder: to "
        "predict well and to write well are two aims."
    )
    return say(sentence, **values, verdict=say(verdict))


# The words beside the panels.


def _readout(series: list[Series], corpus: TextEstimates | None, running: bool) -> None:
    legend = [f":{color}[■] {in_markdown(line.name)}" for color, line in zip(COLORS, series, strict=False)]
    own = say("the corpus itself")
    legend += [f":gray[┅] {own}"] if corpus else []
    st.markdown("  \n".join(legend))
    if running:
        done = sum(len(line.points) for line in series)
        counts = {"done": done, "all": len(TEMPERATURES) * len(series)}
        st.progress(done / counts["all"], say("{done} of {all} temperatures", **counts))
    readings = [_reading(line) for line in series if line.done]
    if readings:
        colors = COLORS if len(series) > 1 else ("",)
        signs = [f":{color}[■] " if color else "" for color in colors]
        st.markdown("\n\n".join(sign + reading for sign, reading in zip(signs, readings, strict=False)))
    for line in series:
        if line.measurement.failure:
            kind = type(line.measurement.failure).__name__
            st.error(say("The measurement failed ({kind}). Press Measure to go on.", kind=kind))
    if not running and not readings:
        press = N_("Press Measure: the model writes at {temperatures} temperatures from 0 to 2, and the lines grow.")
        st.caption(say(press, temperatures=len(TEMPERATURES)))


def _reading(line: Series) -> str:
    """The result in one sentence."""
    points = line.points
    words, distinct = (contrast(points, measure, COLD, HOT) for measure in MEASURES[:2])
    assert distinct is not None  # any text has 4-grams
    numbers: dict[str, object] = {"cold": COLD, "hot": HOT}
    numbers |= {"distinct_cold": percent(distinct.cold.mean), "distinct_hot": percent(distinct.hot.mean)}
    verdict = say(": cold text repeats itself more.") if distinct.rises else say(": no clear effect.")
    if words is None:
        change = N_(
            "From temperature {cold} to {hot}, distinct 4-grams go from **{distinct_cold}** to **{distinct_hot}**"
        )
        return say(change, **numbers) + verdict
    if words.falls and distinct.rises:
        verdict = say(": cold text repeats real words, hot text invents new ones.")
    numbers |= {"words_cold": percent(words.cold.mean), "words_hot": percent(words.hot.mean)}
    change = N_(
        "From temperature {cold} to {hot}, real words go from **{words_cold}** to **{words_hot}**, distinct 4-grams "
        "from **{distinct_cold}** to **{distinct_hot}**"
    )
    return say(change, **numbers) + verdict
