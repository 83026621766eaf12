"""Texts side by side that differ in one thing: the same seed text, the same random numbers, written as one batch."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any

import numpy as np
import streamlit as st

from charlstm.network.model_file import Model
from charlstm.page.locale import say
from charlstm.page.parts import comparison, controls, player, text_actions
from charlstm.page.parts.making import BUTTONS, Making
from charlstm.page.parts.played_text import PlayedText, WritingSettings
from charlstm.page.parts.signs import in_markdown, percent
from charlstm.page.state import Comparison, session, settings
from charlstm.reading.text_statistics import distinct_ngram_share, real_word_share
from charlstm.writing.live_text import LiveText

CHART_ROWS = 5
SHARED_SETTINGS = ("model", "epoch", "seed_text", "rng_seed", "top_k", "top_p", "min_p", "context")
CSV_COLUMNS = ("column", "title", "position", "character", "temperature", "u", "entropy_bits", "cost_bits")


def show(model: Model) -> None:
    """Draws the view for the model chosen in the sidebar."""
    left, right = st.columns([5, 4], gap="medium", vertical_alignment="bottom")
    with left:
        controls.seed_text_row(model)
    with right:
        wanted = comparison.choose(model)
    _show(model, wanted, sliders=True)


def show_columns(model: Model) -> None:
    """Temperatures: the button, the columns and their charts; the settings stand in the session without a widget."""
    _show(model, Comparison("temperature", tuple(sorted(settings().compare_temperatures))), sliders=False)


def _show(model: Model, wanted: Comparison | None, sliders: bool) -> None:
    session().wanted = wanted or Comparison()
    ready = controls.seed_is_ready(comparison.joined_model(session().wanted, model)) and wanted is not None
    COLUMNS.keep(model, ready)
    with st.container(key="columns"):
        st.fragment(_stage)(model, ready, sliders)


class _Columns(Making):
    """Texts side by side that differ in one thing; what that is, is fixed as they begin."""

    def beginning(self, model: Model) -> dict[str, Any]:
        return super().beginning(model) | {"rows": len(session().wanted.values)}

    def new(self, model: Model) -> PlayedText:
        """Sliders that were moved stay where they are, unless other temperatures are chosen."""
        wanted = session().wanted
        columns = super().new(comparison.joined_model(wanted, model))
        if wanted.by == "temperature" and session().compared != wanted:
            for column, temperature in enumerate(wanted.values):
                st.session_state[f"compare_temperature_{column}"] = temperature
        session().compared = wanted
        return columns

    def is_stale(self, live: LiveText, model: Model) -> bool:
        wanted = session().wanted
        return session().compared != wanted or super().is_stale(live, comparison.joined_model(wanted, model))

    def keep(self, model: Model, ready: bool) -> None:
        """As any text; but columns with models of their own stay as they are when the page has another one."""
        if self.text is None or not self.text.live.written or not session().compared.models:
            super().keep(model, ready)

    def on_stage(self, model: Model) -> PlayedText | None:
        return super().on_stage(self._writer(model))

    def writing_settings(self, model: Model) -> WritingSettings:
        compared, rows = session().compared, self.text.live.rows if self.text else 0
        of_each = [_temperature(column) for column in range(rows)] if compared.by == "temperature" else ()
        now = controls.writing_settings_at(comparison.sampler(compared, of_each), self._writer(model))
        if not compared.models:
            return now
        names, epochs = zip(*compared.models, strict=True)
        return replace(now, name=names, epoch=epochs)

    def _writer(self, model: Model) -> Model:
        """The model on the page, or the columns' own ones as one."""
        return self.text.live.model if self.text and session().compared.models else model


COLUMNS = _Columns("columns", "compare_", CHART_ROWS)


def _temperature(column: int) -> float:
    begun_with = session().compared.values[column]
    temperature: float = st.session_state.setdefault(f"compare_temperature_{column}", begun_with)
    return temperature


# The stage.


def _stage(model: Model, ready: bool, sliders: bool) -> None:
    columns = COLUMNS.on_stage(model)
    _buttons(model, ready, sliders)
    if columns is None:
        return
    places = st.columns(columns.live.rows, gap="small")
    for column, place in enumerate(places):
        with place:
            _head(column, model, sliders)
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
        if sliders and session().compared.by != "temperature":
            controls.temperature_slider(words=False)


def _head(column: int, model: Model, sliders: bool) -> None:
    """What stands above a column: what it differs in."""
    compared = session().compared
    if compared.by != "temperature":
        bits = comparison.cost(compared, column, model)
        cost = [] if bits is None else [say("{bits:.2f} bits held out", bits=bits)]
        st.markdown(" · ".join([f"**{in_markdown(comparison.title(compared, column))}**", *cost]))
    elif sliders:
        _temperature_slider(column)
    else:
        st.markdown(f"**{say('Temperature')} {_temperature(column):g}**")


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
    about = say("The likeliest next characters in each column; the drawn one is marked, what is cut off is struck out.")
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
        facts, titles = _facts(columns), _titles(columns)
        st.download_button(
            page, lambda: as_html(columns, facts, titles), "comparison.html", key="compare_html", on_click="ignore"
        )
        st.download_button(
            data, lambda: as_csv(columns, facts, titles), "comparison.csv", key="compare_csv", on_click="ignore"
        )


def _titles(columns: PlayedText) -> list[str]:
    """Of the columns; of a temperature all that a column was written with."""
    titles = [comparison.title(session().compared, column) for column in range(columns.live.rows)]
    temperatures = [text_actions.written_with(columns, column)["temperature"] for column in range(columns.live.rows)]
    return [title or f"{say('Temperature')} {now}" for title, now in zip(titles, temperatures, strict=True)]


def _facts(columns: PlayedText) -> dict[str, object]:
    """The settings that the columns share, by their names in the page's address."""
    first, *others = (text_actions.settings_of(columns, column) for column in range(columns.live.rows))
    return {key: first[key] for key in SHARED_SETTINGS if all(other[key] == first[key] for other in others)}


def as_html(columns: PlayedText, facts: Mapping[str, object], titles: Sequence[str]) -> str:
    """A page of its own with the settings, the seed text and the texts side by side below their titles, all escaped."""
    shared = " · ".join(escape(f"{key}: {value!r}") for key, value in facts.items())
    seed = escape(columns.live.seed.text)
    texts = "".join(
        f"<td><h2>{escape(title)}</h2><pre>{seed}<b>{escape(columns.seen(column))}</b></pre></td>"
        for column, title in enumerate(titles)
    )
    style = (
        "td { vertical-align: top; width: 20em } pre { white-space: pre-wrap } b { color: #1d4ed8; font-weight: 400 }"
    )
    return (
        f'<!doctype html><meta charset="utf-8"><style>{style}</style><p>{shared}</p><table><tr>{texts}</tr></table>\n'
    )


def as_csv(columns: PlayedText, facts: Mapping[str, object], titles: Sequence[str]) -> str:
    """A line for each character of each column, with all that drew it; the shared settings stand in the first line."""
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow([*CSV_COLUMNS, *facts])
    for position, draw in enumerate(columns.live.written[: columns.shown]):
        for column, (char, title) in enumerate(zip(draw.chars, titles, strict=True)):
            entropy, cost = columns.bits[position][column]
            temperature = draw.sampler.of_row(column).temperature
            numbers = [temperature, draw.u, f"{entropy:.6f}", f"{cost:.6f}"]
            shared = list(facts.values()) if position == column == 0 else [""] * len(facts)
            rows.writerow([column, title, position, char, *numbers, *shared])
    return file.getvalue()
