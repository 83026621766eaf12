"""Temperatures side by side: the same seed text, the same random numbers, written at the same time as one batch."""

import csv
import io
from collections.abc import Mapping
from html import escape
from typing import Any

import numpy as np
import streamlit as st

from charlstm.network.model_file import Model
from charlstm.page.locale import say
from charlstm.page.parts import controls, player, text_actions
from charlstm.page.parts.making import BUTTONS, Making
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
    COLUMNS.keep(model, ready)
    with st.container(key="columns"):
        st.fragment(_stage)(model, ready, True)


def show_columns(model: Model) -> None:
    """The button, the columns and their chart; the settings stand in the session without a widget."""
    ready = controls.seed_is_ready(model)
    COLUMNS.keep(model, ready)
    with st.container(key="columns"):
        st.fragment(_stage)(model, ready, False)


class _Columns(Making):
    """A text a temperature, side by side, each with a slider of its own."""

    def beginning(self, model: Model) -> dict[str, Any]:
        return super().beginning(model) | {"rows": len(_chosen())}

    def new(self, model: Model) -> PlayedText:
        """Sliders that were moved stay where they are, unless other temperatures are chosen."""
        columns, chosen = super().new(model), _chosen()
        if session().compared != chosen:
            for column, temperature in enumerate(chosen):
                st.session_state[f"compare_temperature_{column}"] = temperature
        session().compared = chosen
        return columns

    def is_stale(self, live: LiveText, model: Model) -> bool:
        return super().is_stale(live, model) or session().compared != _chosen()

    def writing_settings(self, model: Model) -> WritingSettings:
        temperatures = tuple(map(_temperature, range(self.text.live.rows if self.text else 0)))
        return controls.writing_settings_at(controls.sampler_at(temperatures), model)


COLUMNS = _Columns("columns", "compare_", CHART_ROWS)


def _chosen() -> tuple[float, ...]:
    return tuple(sorted(settings().compare_temperatures))


def _temperature(column: int) -> float:
    temperature: float = st.session_state.setdefault(f"compare_temperature_{column}", session().compared[column])
    return temperature


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


# The stage.


def _stage(model: Model, ready: bool, sliders: bool) -> None:
    columns = COLUMNS.on_stage(model)
    _buttons(model, ready, sliders)
    if columns is None:
        return
    places = st.columns(columns.live.rows, gap="small")
    for column, place in enumerate(places):
        with place:
            _temperature_slider(column) if sliders else st.markdown(
                f"**{say('Temperature')} {_temperature(column):g}**"
            )
    names = [f"stage_{column}" for column in range(columns.live.rows)]
    player.show_preview(columns, names, COLUMNS.writing_settings(model).sampler)
    for column, place in enumerate(places):
        with place:
            _column(columns, column, model)


def _buttons(model: Model, ready: bool, sliders: bool) -> None:
    columns = COLUMNS.text
    with COLUMNS.buttons(model, ready, BUTTONS[: 3 if sliders else 2]):
        if sliders:
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
    player.show_text(columns, name, lambda: COLUMNS.writing_settings(model), hint, column)
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
