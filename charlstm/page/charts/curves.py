"""Curves that grow while one watches: a measure over the temperature, the loss over the epochs.

Their axes and layers stay as they are, only rows are added. So a specification is made once for the same arguments and
has no rows of its own: making one costs 20 ms, sending new rows for it 1 ms.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import altair as alt
import pandas as pd

from charlstm.page.charts import DRAWN_COLOR, OWN_COLOR, REWEIGHTED_COLOR, Spec, plain, without_rows
from charlstm.reading.calibration import Fit
from charlstm.reading.measurement import TEMPERATURES, band, estimate
from charlstm.reading.sweep import SweepPoint

SERIES_COLORS = (REWEIGHTED_COLOR, DRAWN_COLOR)  # the model on the page, and the one next to it


def measure_frame(
    series: Sequence[tuple[str, Sequence[SweepPoint]]], measure: str, corpus: tuple[str, float | None]
) -> pd.DataFrame:
    """The rows of `panel_spec` for one measure.

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


def fit_frame(fits: Sequence[Fit], counted: Sequence[Fit], names: tuple[str, str, str]) -> pd.DataFrame:
    """The rows of `panel_spec` for real text, without bands: cost, entropy, and what counting costs, by their names."""
    pairs = [(fit.temperature, (fit.cost_bits, fit.entropy_bits)) for fit in fits]
    rows = [(name, at, bits, bits, bits, False) for at, both in pairs for name, bits in zip(names, both, strict=False)]
    rows += [(names[2], fit.temperature, fit.cost_bits, fit.cost_bits, fit.cost_bits, True) for fit in counted]
    return pd.DataFrame(rows, columns=["series", "temperature", "mean", "low", "high", "corpus"])


@cache
def panel_spec(
    title: str,
    series: tuple[str, ...],
    corpus: str,
    domain: tuple[float, float],
    number_format: str,
    temperature: str,
    height: int,
    log: bool = False,
) -> Spec:
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

    Returns:
        A Vega-Lite specification for the rows of `measure_frame`.
    """
    names, colors = [*series, corpus], [*SERIES_COLORS[: len(series)], OWN_COLOR]
    color = alt.Color("series:N", scale=alt.Scale(domain=names, range=colors), legend=None)
    y = _measure_axis(domain, number_format, log)
    base = alt.Chart(alt.NamedData("source")).encode(x=_temperature_axis(temperature), y=y, color=color)
    models = base.transform_filter("!datum.corpus")
    tooltip = _tooltip(title, temperature, number_format)
    layers = alt.layer(
        base.transform_filter("datum.corpus").mark_line(strokeDash=[5, 4], strokeWidth=2),
        models.mark_area(opacity=0.25).encode(y=_measure_axis(domain, number_format, log, "low"), y2="high:Q"),
        models.mark_line(strokeWidth=2.5),
        models.mark_circle(size=42, opacity=1).encode(tooltip=tooltip),
    )
    heading = alt.Title(title, anchor="start", fontSize=16, offset=8)
    return without_rows(plain(layers.properties(height=height, title=heading)))


def _measure_axis(domain: tuple[float, float], number_format: str, log: bool, column: str = "mean") -> alt.Y:
    scale = alt.Scale(domain=domain, type="log" if log else "linear", nice=False, clamp=True)
    ticks = [3, 10, 30, 100] if log else alt.Undefined
    axis = alt.Axis(title=None, format=number_format, tickCount=5, values=ticks, labelFontSize=14)
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
    axis = alt.Axis(
        values=[0, 0.5, 1, 1.5, 2],
        title=title,
        format="~g",
        labelFontSize=14,
        titleFontSize=14,
        grid=False,
        titlePadding=2,
    )
    return alt.X("temperature:Q", scale=alt.Scale(domain=[0, TEMPERATURES[-1]], nice=False), axis=axis)


def loss_frame(history: Iterable[Mapping[str, Any]], unit: float, names: tuple[str, str]) -> pd.DataFrame:
    """The rows of `loss_spec`.

    Args:
        history: A dict an epoch with `epoch`, `train_loss`, `val_loss`; either loss may be None.
        unit: Nats in the unit to show: 1 for nats, ln 2 for bits.
        names: Of the training and of the held-out loss.

    Returns:
        Columns `epoch`, `loss`, `which`.
    """
    keys = ("train_loss", "val_loss")
    rows = [
        (entry["epoch"], entry[key] / unit, name)
        for key, name in zip(keys, names, strict=True)
        for entry in history
        if entry.get(key) is not None
    ]
    return pd.DataFrame(rows, columns=["epoch", "loss", "which"])


@cache
def loss_spec(titles: tuple[str, str], names: tuple[str, str]) -> Spec:
    """Training and held-out loss by epoch.

    Args:
        titles: Of the axes.
        names: Of the two lines.

    Returns:
        A Vega-Lite specification for the rows of `loss_frame`.
    """
    colors = alt.Scale(domain=list(names), range=[OWN_COLOR, REWEIGHTED_COLOR])
    epochs = alt.Axis(tickMinStep=1, tickCount=5, format="d", grid=False, labelFontSize=14)
    losses = alt.Axis(tickCount=4, format=".1f", labelFontSize=14)
    legend = alt.Legend(orient="top", title=None, offset=0, labelFontSize=14)
    tooltip = [
        alt.Tooltip("epoch:Q", title=titles[0], format=".2~f"),
        alt.Tooltip("loss:Q", title=titles[1], format=".3f"),
    ]
    lines = alt.Chart(alt.NamedData("source")).mark_line(point=alt.OverlayMarkDef(size=14), clip=True)
    chart = lines.encode(
        x=alt.X("epoch:Q", title=None, axis=epochs),
        y=alt.Y("loss:Q", title=None, scale=alt.Scale(zero=False), axis=losses),
        color=alt.Color("which:N", scale=colors, legend=legend),
        tooltip=tooltip,
    )
    return without_rows(chart.properties(height=210).configure_mark(aria=False))
