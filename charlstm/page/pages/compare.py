"""Temperatures side by side: the same seed text, the same random numbers, written at the same time as one batch."""

import csv
import io
from collections.abc import Mapping
from html import escape

import numpy as np
import streamlit as st

from charlstm.errors import UnknownCharactersError
from charlstm.network.model_file import Model
from charlstm.page.locale import say
from charlstm.page.parts import controls, player, text_actions
from charlstm.page.parts.played_text import PlayedText, WritingSettings
from charlstm.page.parts.signs import percent
from charlstm.page.state import NOTEBOOK_TEMPERATURES, session, settings
from charlstm.reading.text_statistics import distinct_ngram_share, real_word_share
from charlstm.writing.live_text import LiveText

CHOICES = [tenths / 10 for tenths in range(21)]
MAX_COLUMNS = 6
CHART_ROWS = 5
SHARED_SETTINGS = ("model", "epoch", "seed_text", "rng_seed", "top_k", "top_p", "context")
CSV_COLUMNS = ("column", "position", "character", "temperature", "u", "entropy_bits", "cost_bits")


def show(model: Model) -> None:
    """Draws the view for the model chosen in the sidebar."""
    left, right = st.columns([5, 4], gap="medium", vertical_alignment="bottom")
    with left:
        controls.seed_text_row(model)
    with right:
        enough = _choose_temperatures()
    ready = controls.seed_is_ready(model) and enough
    _keep_columns(model, ready)
    with st.container(key="columns"):
        st.fragment(_stage)(model, ready, True)


def show_columns(model: Model) -> None:
    """The button, the columns and their chart; the settings stand in the session without a widget."""
    ready = controls.seed_is_ready(model)
    _keep_columns(model, ready)
    with st.container(key="columns"):
        st.fragment(_stage)(model, ready, False)


def _chosen() -> tuple[float, ...]:
    return tuple(sorted(settings().compare_temperatures))


def _keep_columns(model: Model, ready: bool) -> None:
    """The session's columns: new where nothing is written yet and the settings changed, else the same, on with the
    model on the page."""
    columns = session().columns
    if columns is None or not columns.live.written:
        stale = columns is None or controls.is_stale(columns.live, model) or session().compared != _chosen()
        if ready and stale:
            _begin(model)
    elif columns.live.model.vocab == model.vocab:  # equal vocabularies read as many characters of each column
        if not columns.playing and columns.live.model != model:
            columns.live.use_model(model)
    elif ready:
        _begin(model)
    else:
        text_actions.keep_earlier(columns)
        session().columns = None


def _choose_temperatures() -> bool:
    """Draws the choice of temperatures; returns whether there are enough."""
    help = say(
        "Two to six, side by side, from the next Generate on. All columns read the same seed text and draw with "
        "the same random numbers. The slider above a column moves that column alone."
    )
    chosen = st.multiselect(
        say("Temperatures"),
        CHOICES,
        list(NOTEBOOK_TEMPERATURES),
        key="compare_temperatures",
        max_selections=MAX_COLUMNS,
        help=help,
        **controls.KEPT,
    )
    if len(chosen) < 2:
        st.error(say("Choose at least two temperatures to compare (chosen: {count}).", count=len(chosen)))
    return len(chosen) >= 2


# Callbacks.


def _begin(model: Model) -> None:
    """Begins anew; moved sliders stay where they are, unless other temperatures are chosen."""
    now, chosen = settings(), _chosen()
    live = LiveText(model, now.seed_text, now.rng_seed, now.context, rows=len(chosen))
    text_actions.keep_earlier(session().columns)
    if session().compared != chosen:
        for column, temperature in enumerate(chosen):
            st.session_state[f"compare_temperature_{column}"] = temperature
    session().columns, session().compared = PlayedText(live, CHART_ROWS), chosen


def _generate(model: Model) -> None:
    try:
        _begin(model)
    except (ValueError, UnknownCharactersError):
        return  # a seed text typed at the last moment; the page says what is wrong with it
    _continue(model)


def _continue(model: Model) -> None:
    columns = session().columns
    if columns is not None:
        columns.start(_writing_settings(columns, model), settings().length, controls.LENGTH_LIMIT)


def _stop() -> None:
    columns = session().columns
    if columns is not None:
        columns.stop()


# The stage.


def _temperature(column: int) -> float:
    temperature: float = st.session_state.setdefault(f"compare_temperature_{column}", session().compared[column])
    return temperature


def _writing_settings(columns: PlayedText, model: Model) -> WritingSettings:
    temperatures = tuple(_temperature(column) for column in range(columns.live.rows))
    return controls.writing_settings_at(controls.sampler_at(temperatures), model)


def _stage(model: Model, ready: bool, sliders: bool) -> None:
    columns = session().columns
    _buttons(model, ready, sliders)
    if columns is None:
        return
    places = st.columns(columns.live.rows, gap="small")
    for column, place in enumerate(places):
        with place:
            _temperature_slider(column) if sliders else st.markdown(
                f"**{say('Temperature')} {_temperature(column):g}**"
            )
    now = _writing_settings(columns, model)
    columns.follow(now)
    player.show_preview(columns, [f"stage_{column}" for column in range(columns.live.rows)], now.sampler)
    for column, place in enumerate(places):
        with place:
            _column(columns, column, model)


def _buttons(model: Model, ready: bool, sliders: bool) -> None:
    columns = session().columns
    playing, length = bool(columns and columns.playing), len(columns.live.written) if columns else 0
    with st.container(horizontal=True, gap="xsmall", key="compare_buttons"):
        controls.button(say("Generate"), "compare_generate", _generate, model, off=not ready, icon="edit", main=True)
        controls.button(say("Stop"), "compare_stop", _stop, off=not playing, icon="stop")
        if sliders:
            off = playing or not 0 < length < controls.LENGTH_LIMIT
            controls.button(say("Continue"), "compare_continue", _continue, model, off=off, icon="resume")
            text_actions.show_earlier(columns, _downloads)
        elif columns is not None:
            st.html(f'<div class="written seed-line">{escape(columns.live.seed.text)}</div>')


def _temperature_slider(column: int) -> None:
    st.slider(
        say("Temperature"),
        0.0,
        2.0,
        step=0.05,
        key=f"compare_temperature_{column}",
        label_visibility="collapsed",
        persist_state="session",
    )


def _column(columns: PlayedText, column: int, model: Model) -> None:
    name = f"stage_{column}"
    hint = say("Press Generate: the text appears here.")
    player.show_text(columns, name, lambda: _writing_settings(columns, model), hint, column)
    about = say("The likeliest next characters in each column; the drawn one is marked.")
    player.show_chart(name, CHART_ROWS, say("at this temperature"), about, axis=False)
    if not columns.playing:  # they are those of the whole text
        help = say(
            "Entropy: how open the next character was. Cost: how surprised the network itself is by what stands there. "
            "Both in bits per character. Words that exist are in an English word list; a text that repeats a few of "
            "them has 100%. 4-grams are runs of four characters: the fewer differ, the more the text repeats itself."
        )
        st.caption(_measures(columns, column), help=help)


def _measures(columns: PlayedText, column: int) -> str:
    if not columns.live.written:
        return say("Entropy and cost per character,  \nreal words and repetition  \nappear here.")
    text = columns.live.row_text(column)
    entropy, cost = np.mean([bits[column] for bits in columns.bits], axis=0)
    return say(
        "Entropy {entropy:.2f}, cost {bits:.2f} bits  \n{words} of its words exist  \n{distinct} of its 4-grams differ",
        entropy=entropy,
        bits=cost,
        words=_share(real_word_share(text)),
        distinct=_share(distinct_ngram_share(text)),
    )


def _share(share: float | None) -> str:
    return "–" if share is None else percent(share)


# Downloads.


def _downloads(columns: PlayedText) -> None:
    with st.container(horizontal=True, gap="small"):
        page, data = say("Comparison (HTML)"), say("Data (CSV)")
        facts = _facts(columns)
        st.download_button(
            page, lambda: as_html(columns, facts), "comparison.html", key="compare_html", on_click="ignore"
        )
        st.download_button(data, lambda: as_csv(columns, facts), "comparison.csv", key="compare_csv", on_click="ignore")


def _facts(columns: PlayedText) -> dict[str, object]:
    """The settings that the columns share, by their names in the page's address."""
    settings = text_actions.settings_of(columns)
    return {key: settings[key] for key in SHARED_SETTINGS}


def as_html(columns: PlayedText, facts: Mapping[str, object]) -> str:
    """A page of its own with the settings, the seed text and the texts side by side, all escaped.

    Above each text stand all temperatures that it was written with.
    """
    shared = " · ".join(escape(f"{key}: {value!r}") for key, value in facts.items())
    seed, rows = escape(columns.live.seed.text), range(columns.live.rows)
    titles = [f"{say('Temperature')} {text_actions.written_with(columns, row)['temperature']}" for row in rows]
    texts = "".join(
        f"<td><h2>{escape(title)}</h2><pre>{seed}<b>{escape(columns.seen(row))}</b></pre></td>"
        for row, title in zip(rows, titles, strict=True)
    )
    style = (
        "td { vertical-align: top; width: 20em } pre { white-space: pre-wrap } b { color: #1d4ed8; font-weight: 400 }"
    )
    return (
        f'<!doctype html><meta charset="utf-8"><style>{style}</style><p>{shared}</p><table><tr>{texts}</tr></table>\n'
    )


def as_csv(columns: PlayedText, facts: Mapping[str, object]) -> str:
    """A line for each character of each column, with all that drew it; the shared settings stand in the first line."""
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow([*CSV_COLUMNS, *facts])
    for position, draw in enumerate(columns.live.written[: columns.shown]):
        for column, (char, temperature) in enumerate(zip(draw.chars, draw.sampler.temperatures, strict=True)):
            entropy, cost = columns.bits[position][column]
            numbers = [temperature, draw.u, f"{entropy:.6f}", f"{cost:.6f}"]
            shared = list(facts.values()) if position == column == 0 else [""] * len(facts)
            rows.writerow([column, position, char, *numbers, *shared])
    return file.getvalue()
