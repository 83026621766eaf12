"""Temperatures side by side: the same seed text, the same random numbers, written at the same time as one batch."""

import csv
import io
import time
from html import escape

import numpy as np
import streamlit as st

from charlstm.errors import UnknownCharactersError
from charlstm.network.metrics import entropy_bits
from charlstm.network.model_file import Model
from charlstm.page.charts.next_char import columns_frame, columns_spec, percent
from charlstm.page.locale import say
from charlstm.page.parts import controls, pace, text_actions
from charlstm.page.parts.written_html import written_html
from charlstm.reading.text_score import surprisal_bits
from charlstm.reading.text_statistics import distinct_ngram_share, real_word_share
from charlstm.writing.generation import Draw
from charlstm.writing.live_text import LiveText
from charlstm.writing.sampling import Sampler

CHOICES = [tenths / 10 for tenths in range(21)]
MAX_COLUMNS = 6
TEXT_HEIGHT = 230  # pixels
SHARED_SETTINGS = ("model", "epoch", "seed_text", "rng_seed", "top_k", "top_p", "context")
CSV_COLUMNS = ("column", "position", "character", "temperature", "u", "entropy_bits", "cost_bits")


class Comparison(LiveText):
    """Texts side by side that note what each character was worth.

    Attributes:
        chosen: The temperatures that the columns began with.
        entropies: Of each distribution drawn from, bits, one array (rows,) a character.
        costs: Of each character under the model itself, at temperature 1, bits, likewise.
    """

    def __init__(
        self, model: Model, seed_text: str, rng_seed: int, context: int | None, chosen: tuple[float, ...]
    ) -> None:
        super().__init__(model, seed_text, rng_seed, context, rows=len(chosen))
        self.chosen = chosen
        self.entropies: list[np.ndarray] = []
        self.costs: list[np.ndarray] = []

    def write_one(self, sampler: Sampler) -> Draw:
        draw = super().write_one(sampler)
        self.entropies.append(entropy_bits(draw.probabilities))
        self.costs.append(surprisal_bits(draw.logits, draw.ids))
        return draw


def show(model: Model) -> None:
    """Draws the view for the model chosen in the sidebar."""
    left, right = st.columns([5, 4], gap="medium")
    with left:
        controls.seed_text_box()
    with right, st.container(horizontal=True, gap="small"):
        controls.text_settings()
    _choose_temperatures(model, controls.seed_is_ready(model))
    _show_stage()


def show_columns(model: Model) -> None:
    """The button, the columns and their chart; the settings stand in the session without a widget."""
    ready = controls.seed_is_ready(model)
    _keep_comparison(model, ready)
    with st.container(horizontal=True, gap="small"):
        _write_buttons(model, ready)
    _show_stage(sliders=False)


def _show_stage(sliders: bool = True) -> None:
    if _comparison() is not None:
        st.fragment(_stage, run_every=pace.run_every(_comparison().writing))(sliders)


def _comparison() -> Comparison | None:
    return st.session_state.get("comparison")


def _chosen() -> tuple[float, ...]:
    return tuple(sorted(st.session_state.compare_temperatures))


def _keep_comparison(model: Model, ready: bool) -> None:
    """The session's columns: new where nothing is written yet and the settings changed, else the same, on with the
    model on the page."""
    state, comparison = st.session_state, _comparison()
    if comparison is None or not comparison.written and not comparison.writing:
        wanted = (state.seed_text, state.rng_seed, state.get("context"), _chosen())
        if ready and (comparison is None or comparison.model is not model or _settings(comparison) != wanted):
            _begin(model)
    elif comparison.model is not model:
        _change_model(model, ready)


def _settings(comparison: Comparison) -> tuple:
    return comparison.seed_text, comparison.rng_seed, comparison.context, comparison.chosen


def _change_model(model: Model, ready: bool) -> None:
    """The columns go on with another epoch; a model of other characters begins anew."""
    comparison = _comparison()
    if comparison.model.vocab == model.vocab:
        comparison.use_model(model)  # equal vocabularies read as many characters of each column
        text_actions.note_model(comparison)
    elif ready:
        _begin(model)


def _choose_temperatures(model: Model, ready: bool) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        help = say(
            "Two to six, side by side, from the next Generate on. All columns read the same seed text and draw with "
            "the same random numbers."
        )
        chosen = st.multiselect(
            say("Temperatures"),
            CHOICES,
            list(controls.NOTEBOOK_TEMPERATURES),
            key="compare_temperatures",
            max_selections=MAX_COLUMNS,
            help=help,
            width=320,
            **controls.KEPT,
        )
        ready = ready and len(chosen) >= 2
        _keep_comparison(model, ready)
        _write_buttons(model, ready)
        st.button(say("Continue"), key="compare_continue", on_click=_continue, disabled=not _can_go_on())
        controls.seed_text_button(model)
        text_actions.show_earlier()
    if len(chosen) < 2:
        st.error(say("Choose at least two temperatures to compare (chosen: {count}).", count=len(chosen)))


def _can_go_on() -> bool:
    comparison = _comparison()
    return comparison is not None and not comparison.writing and 0 < len(comparison.written) < controls.LENGTH_LIMIT


def _write_buttons(model: Model, ready: bool) -> None:
    comparison = _comparison()
    writing = bool(comparison and comparison.writing)
    look = {"type": "primary", "icon": ":material/edit:"}
    st.button(say("Generate"), key="compare_generate", on_click=_generate, args=[model], disabled=not ready, **look)
    st.button(say("Stop"), key="compare_stop", icon=":material/stop:", on_click=_stop, disabled=not writing)


# Callbacks.


def _begin(model: Model) -> None:
    """Begins anew; moved sliders stay where they are, unless other temperatures are chosen."""
    state, before = st.session_state, _comparison()
    comparison = Comparison(model, state.seed_text, state.rng_seed, state.get("context"), _chosen())
    text_actions.note_model(comparison)
    text_actions.keep_earlier(before)
    if before is None or before.chosen != comparison.chosen:
        for column, temperature in enumerate(comparison.chosen):
            state[f"compare_temperature_{column}"] = temperature
    state.comparison = comparison


def _generate(model: Model) -> None:
    try:
        _begin(model)
    except (ValueError, UnknownCharactersError):
        return  # a seed text typed at the last moment; the page says what is wrong with it
    _continue()


def _continue() -> None:
    _comparison().start(time.monotonic(), st.session_state.length, controls.LENGTH_LIMIT)


def _stop() -> None:
    _comparison().stop()


# The stage.


def _temperature(column: int) -> float:
    return st.session_state.setdefault(f"compare_temperature_{column}", _comparison().chosen[column])


def _stage(sliders: bool) -> None:
    comparison = _comparison()
    writing = comparison.writing
    columns = st.columns(comparison.rows, gap="small")
    for column, place in enumerate(columns):
        with place:
            _temperature_slider(column) if sliders else st.markdown(f"**{_title(_temperature(column), 'g')}**")
    temperatures = tuple(_temperature(column) for column in range(comparison.rows))
    now = time.monotonic()
    comparison.advance(now, pace.ahead_seconds(), controls.sampler_at(temperatures), controls.speed())
    for column, place in enumerate(columns):
        with place:
            _column(comparison, column, now)
    _chart(comparison, temperatures)
    if not comparison.writing:
        _downloads(comparison)
    pace.redraw_if_needed(writing, comparison.writing)


def _title(temperature: float, number_format: str) -> str:
    word = say("Temperature")
    return f"{word} {temperature:{number_format}}"


def _temperature_slider(column: int) -> None:
    kept = {"key": f"compare_temperature_{column}", "persist_state": "session"}
    help = say("Moves this column alone, from its next character on.")
    st.slider(say("Temperature"), 0.0, 2.0, step=0.05, help=help, **kept)


def _column(comparison: Comparison, column: int, now: float) -> None:
    text = comparison.row_text(column)
    with st.container(key=f"compare_output_{column}", height=TEXT_HEIGHT, autoscroll=True):
        invitation = say("Press Generate: the text appears here.")
        st.html(written_html(comparison.seed.text, text, comparison.pending(now), invitation, small=True))
    st.caption(_measures(comparison, column, text))


def _measures(comparison: Comparison, column: int, text: str) -> str:
    if not text:
        return say("Entropy and cost a character,  \nreal words and repetition  \nappear here.")
    return say(
        "Entropy {entropy:.2f}, cost {bits:.2f} bits  \n{words} real words  \n{distinct} distinct 4-grams",
        entropy=float(np.mean([entropies[column] for entropies in comparison.entropies])),
        bits=float(np.mean([costs[column] for costs in comparison.costs])),
        words=_share(real_word_share(text)),
        distinct=_share(distinct_ngram_share(text)),
    )


def _share(share: float | None) -> str:
    return "–" if share is None else percent(share)


def _chart(comparison: Comparison, temperatures: tuple[float, ...]) -> None:
    draw = comparison.last_draw
    logits = comparison.next_logits if draw is None else draw.logits
    probabilities = controls.sampler_at(temperatures).probabilities(logits)
    drawn = None if draw is None else draw.ids
    frame = columns_frame(comparison.model.vocab.chars, probabilities, drawn)
    alt = say("The likeliest next characters in each column; the drawn one is marked.")
    st.vega_lite_chart(frame, columns_spec(comparison.rows), alt=alt)


# Downloads.


def _downloads(comparison: Comparison) -> None:
    if not comparison.written:
        return
    with st.container(horizontal=True, gap="small"):
        page, data = say("Comparison (HTML)"), say("Data (CSV)")
        titles = [_title(temperature, ".2f") for temperature in comparison.written[-1].sampler.temperatures]
        facts = _facts(comparison)
        st.download_button(
            page, lambda: as_html(comparison, titles, facts), "comparison.html", key="compare_html", on_click="ignore"
        )
        st.download_button(
            data, lambda: as_csv(comparison, facts), "comparison.csv", key="compare_csv", on_click="ignore"
        )


def _facts(comparison: Comparison) -> dict:
    """The settings that the columns share, by their names in the page's address."""
    settings = text_actions.settings_of(comparison)
    return {key: settings[key] for key in SHARED_SETTINGS}


def as_html(comparison: Comparison, titles: list[str], facts: dict) -> str:
    """A page of its own with the settings, the seed text and the texts side by side, all escaped."""
    shared = " · ".join(escape(f"{key}: {value!r}") for key, value in facts.items())
    columns = "".join(
        f"<td><h2>{escape(title)}</h2><pre>{escape(comparison.seed.text)}<b>{escape(comparison.row_text(column))}</b></pre></td>"
        for column, title in enumerate(titles)
    )
    style = (
        "td { vertical-align: top; width: 20em } pre { white-space: pre-wrap } b { color: #1d4ed8; font-weight: 400 }"
    )
    return (
        f'<!doctype html><meta charset="utf-8"><style>{style}</style><p>{shared}</p><table><tr>{columns}</tr></table>\n'
    )


def as_csv(comparison: Comparison, facts: dict) -> str:
    """A line for each character of each column, with all that drew it; the shared settings stand in the first line."""
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow([*CSV_COLUMNS, *facts])
    for position, draw in enumerate(comparison.written):
        for column, (char, temperature) in enumerate(zip(draw.chars, draw.sampler.temperatures, strict=True)):
            entropy, cost = comparison.entropies[position][column], comparison.costs[position][column]
            numbers = [temperature, draw.u, f"{entropy:.6f}", f"{cost:.6f}"]
            shared = list(facts.values()) if position == column == 0 else [""] * len(facts)
            rows.writerow([column, position, char, *numbers, *shared])
    return file.getvalue()
