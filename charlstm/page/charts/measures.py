"""The panels of a measurement: a measure over the temperature, with its error band. Frames in, charts out."""

from collections.abc import Sequence
from functools import cache

import altair as alt
import pandas as pd

from charlstm.page.charts.next_char import spec_without_rows
from charlstm.reading.measurement import TEMPERATURES, band, estimate
from charlstm.reading.sweep import SweepPoint

SERIES_COLORS = ("#3b82f6", "#f59e0b")  # the model on the page, and the one next to it
CORPUS_COLOR = "#94a3b8"
HIGHEST_TEMPERATURE = 2.0


def measure_frame(
    series: Sequence[tuple[str, Sequence[SweepPoint]]], measure: str, corpus: tuple[str, float | None]
) -> pd.DataFrame:
    """The rows of `panel_chart` for one measure.

    Args:
        series: A name and the points of each model.
        measure: One of `MEASURES`.
        corpus: The name of the corpus' own line and its height; None for no line.

    Returns:
        Columns `series`, `temperature`, `mean`, `low`, `high`, `corpus` (whether the row belongs to its line).
    """
    rows = []
    for name, points in series:
        found = ((point.temperature, estimate(point, measure)) for point in points)
        rows += [(name, temperature, *band(value), False) for temperature, value in found if value is not None]
    name, height = corpus
    if height is not None:
        rows += [(name, end, height, height, height, True) for end in (TEMPERATURES[0], TEMPERATURES[-1])]
    return pd.DataFrame(rows, columns=["series", "temperature", "mean", "low", "high", "corpus"])


def panel_chart(
    title: str,
    series: tuple[str, ...],
    corpus: str,
    domain: tuple[float, float],
    number_format: str,
    temperature: str,
    height: int,
    log: bool = False,
    data=alt.Undefined,
) -> alt.LayerChart:
    """One measure over the temperature: a line with its band a model, and the corpus as a dashed line.

    Args:
        title: Of the measure.
        series: Names of the models, one or two.
        corpus: Name of the corpus' line.
        domain: Of the axis; fixed, so that only the lines move.
        number_format: Of the axis and the tooltip, as d3 writes them.
        temperature: Name of the horizontal axis.
        height: Pixels, with title and axis.
        log: Whether the axis is logarithmic.
        data: A frame of `measure_frame`, or nothing where the rows are sent apart.
    """
    names, colors = [*series, corpus], [*SERIES_COLORS[: len(series)], CORPUS_COLOR]
    color = alt.Color("series:N", scale=alt.Scale(domain=names, range=colors), legend=None)
    y = _measure_axis(domain, number_format, log)
    base = alt.Chart(data).encode(x=_temperature_axis(temperature), y=y, color=color)
    models = base.transform_filter("!datum.corpus")
    tooltip = _tooltip(title, temperature, number_format)
    return (
        alt.layer(
            base.transform_filter("datum.corpus").mark_line(strokeDash=[5, 4], strokeWidth=2),
            models.mark_area(opacity=0.25).encode(y=_measure_axis(domain, number_format, log, "low"), y2="high:Q"),
            models.mark_line(strokeWidth=2.5),
            models.mark_circle(size=42, opacity=1).encode(tooltip=tooltip),
        )
        .properties(height=height, title=alt.Title(title, anchor="start", fontSize=15, offset=8))
        .configure_view(stroke=None)
    )


def _measure_axis(domain: tuple[float, float], number_format: str, log: bool, column: str = "mean") -> alt.Y:
    scale = alt.Scale(domain=domain, type="log" if log else "linear", nice=False, clamp=True)
    ticks = [3, 10, 30, 100] if log else alt.Undefined
    axis = alt.Axis(title=None, format=number_format, tickCount=5, values=ticks, labelFontSize=12)
    return alt.Y(f"{column}:Q", scale=scale, axis=axis)


def _tooltip(title: str, temperature: str, number_format: str) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("series:N", title=" "),
        alt.Tooltip("temperature:Q", title=temperature),
        alt.Tooltip("mean:Q", title=title, format=number_format),
        alt.Tooltip("low:Q", title="95% ≥", format=number_format),
        alt.Tooltip("high:Q", title="95% ≤", format=number_format),
    ]


def _temperature_axis(title: str) -> alt.X:
    axis = alt.Axis(values=[0, 0.5, 1, 1.5, 2], title=title, format="~g", labelFontSize=12, grid=False, titlePadding=2)
    return alt.X("temperature:Q", scale=alt.Scale(domain=[0, HIGHEST_TEMPERATURE], nice=False), axis=axis)


@cache
def panel_spec(*arguments, **settings) -> dict:
    """The Vega-Lite specification of `panel_chart` without rows, made once for the same arguments."""
    return spec_without_rows(panel_chart(*arguments, **settings, data=alt.NamedData("source")))
