"""Data frames -> Altair charts. Knows nothing of models or pages; the frames say what is drawn.

Charts that move while text is written keep their axes and their number of rows, so that only the bars move. Their
specification never changes and is made once (`spec`): making it costs 20 ms, sending new rows for it 1 ms.
"""

from functools import cache

import altair as alt
import numpy as np
import pandas as pd

from charlstm.writing.sampling import likeliest_first

ROWS = 20  # the likeliest characters; one row more sums the rest
SIGNS = {" ": "␣", "\n": "⏎", "\t": "⇥"}
OWN_COLOR = "#94a3b8"  # the model's own probabilities, as the network gave them
REWEIGHTED_COLOR = "#3b82f6"  # after temperature, top-k and top-p
DRAWN_COLOR = "#f59e0b"  # the character that was drawn
ROW_STEP = 15  # pixels
COLUMN_ROWS = 6  # bars in each column of a comparison
COLUMN_MARGIN, COLUMN_WIDTH = 0.12, 0.68  # of a column: left of its bars for the signs, and the length of 100%


def visible(char: str) -> str:
    """A sign that can be seen: `␣` for a space, `⏎` for a newline, the character itself for most others."""
    return SIGNS.get(char) or (char if char.isprintable() else f"U+{ord(char):04X}")


def next_char_frame(
    chars: str,
    own: np.ndarray,
    reweighted: np.ndarray,
    drawn_id: int | None,
    rest_label: str,
    kept_id: int | None = None,
) -> pd.DataFrame:
    """The rows of `next_char_chart`: the likeliest characters, then the rest summed.

    Args:
        chars: The vocabulary; a character's id is its place.
        own: The model's own probabilities, (vocab_size,); they order the rows, so a temperature never reorders them.
        reweighted: The probabilities that are drawn from, (vocab_size,).
        drawn_id: The id that was drawn, or None before the draw.
        rest_label: Name of the last row, such as `rest`.
        kept_id: An id that has a row even where it is not among the likeliest.

    Returns:
        Columns `rank` (0 to 20), `sign`, `own`, `reweighted`, `drawn`, `percent`.
    """
    order = row_order(own, kept_id)
    top, rest = order[:ROWS], order[ROWS:]
    signs = [visible(chars[id]) for id in top] + [""] * (ROWS - len(top)) + [rest_label]
    values = np.zeros((2, ROWS + 1))
    for row, probabilities in enumerate((own, reweighted)):
        values[row, : len(top)] = probabilities[top]
        values[row, ROWS] = probabilities[rest].sum()
    drawn = np.zeros(ROWS + 1, dtype=bool)
    if drawn_id is not None:
        place = np.flatnonzero(top == drawn_id)
        drawn[place[0] if len(place) else ROWS] = True
    percent_labels = [percent(value, fine=False) if sign else "" for value, sign in zip(values[1], signs, strict=True)]
    return pd.DataFrame(
        {
            "rank": np.arange(ROWS + 1),
            "sign": signs,
            "own": values[0],
            "reweighted": values[1],
            "drawn": drawn,
            "percent": percent_labels,
        }
    )


def row_order(own: np.ndarray, kept_id: int | None = None) -> np.ndarray:
    """All ids as `next_char_frame` puts them: the likeliest first, `kept_id` in the last row if not before."""
    order = likeliest_first(own)
    if kept_id is None or kept_id in order[:ROWS]:
        return order
    return np.insert(order[order != kept_id], ROWS - 1, kept_id)


def percent(share: float, fine: bool = True) -> str:
    """Such as 42%, 3.1%, 0.02%, <0.01%, 99.6%, >99.9%: never 0 or 100% where something is left.

    Args:
        share: From 0 to 1.
        fine: False for the labels of bars, of at most five characters: <0.1% and 100% are as far as these go.
    """
    if share == 0:
        return "0"
    if fine and 0.99 < share < 1:
        return f"{share:.1%}" if share < 0.9995 else ">99.9%"
    if share >= 0.1:
        return f"{share:.0%}"
    if share >= 0.001:
        return f"{share:.1%}"
    if not fine:
        return "<0.1%"
    return f"{share:.2%}" if share >= 0.0001 else "<0.01%"


def next_char_chart(titles: tuple[str, str], data=alt.Undefined) -> alt.LayerChart:
    """Two bars a character: the model's own probability, and within it or beyond it the reweighted one.

    Args:
        titles: Names of the model's own probability and of the reweighted one, for the tooltips.
        data: A frame of `next_char_frame`, or nothing where the rows are sent apart from the specification.
    """
    own_title, reweighted_title = titles
    y = alt.Y("rank:O", axis=None, scale=alt.Scale(domain=list(range(ROWS + 1)), paddingInner=0.15))
    x_scale = alt.Scale(domain=[0, 1])
    axis = alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1], title=None, grid=True, tickSize=0)
    base = alt.Chart(data).encode(y=y)
    tooltip = [
        alt.Tooltip("sign:N", title=" "),
        alt.Tooltip("own:Q", title=own_title, format=".2%"),
        alt.Tooltip("reweighted:Q", title=reweighted_title, format=".2%"),
    ]
    own = base.mark_bar(opacity=0.55, size=ROW_STEP - 2, cornerRadius=0).encode(
        x=alt.X("own:Q", scale=x_scale, axis=axis), color=alt.value(OWN_COLOR), tooltip=tooltip
    )
    color = alt.condition("datum.drawn", alt.value(DRAWN_COLOR), alt.value(REWEIGHTED_COLOR))
    reweighted = base.mark_bar(size=ROW_STEP - 8, cornerRadius=0).encode(
        x=alt.X("reweighted:Q", scale=x_scale, axis=axis), color=color, tooltip=tooltip
    )
    # Signs to the left of the axis, percentages right of the longer bar; both fixed in size, so nothing jumps.
    text = alt.Color("drawn:N", scale=alt.Scale(domain=[False, True], range=["#7c8594", DRAWN_COLOR]), legend=None)
    signs = base.mark_text(align="right", dx=-8, dy=-1, fontSize=13, fontWeight="bold", font="monospace").encode(
        x=alt.XDatum(0, scale=x_scale), text="sign:N", color=text
    )
    percents = (
        base.transform_calculate(end="max(datum.own, datum.reweighted)")
        .mark_text(align="left", dx=5, fontSize=11)
        .encode(x=alt.X("end:Q", scale=x_scale), text=alt.Text("percent:N"), color=text)
    )
    return (
        alt.layer(own, reweighted, signs, percents)
        .resolve_scale(color="independent")
        .properties(height=alt.Step(ROW_STEP), padding={"left": 34, "right": 8, "top": 2, "bottom": 0})
        .configure_view(stroke=None)
    )


@cache
def next_char_spec(titles: tuple[str, str]) -> dict:
    """The Vega-Lite specification of `next_char_chart` without rows, made once for each language."""
    return spec_without_rows(next_char_chart(titles, alt.NamedData("source")))


def columns_frame(chars: str, probabilities: np.ndarray, drawn_ids: np.ndarray | None) -> pd.DataFrame:
    """The rows of `columns_chart`: the likeliest characters of each column.

    Args:
        chars: The vocabulary.
        probabilities: What each column draws from, (columns, vocab_size).
        drawn_ids: What each drew, (columns,), or None before the draw.

    Returns:
        Columns `rank`, `sign`, `start` and `end` (the bar: column number to column number + 0.8 p), `drawn`, `percent`.
    """
    order = likeliest_first(probabilities)[:, :COLUMN_ROWS]
    count, ranks = order.shape
    top = np.take_along_axis(probabilities, order, axis=1).ravel()
    start = np.repeat(np.arange(count) + COLUMN_MARGIN, ranks)
    drawn = np.zeros(order.shape, bool) if drawn_ids is None else order == drawn_ids[:, None]
    return pd.DataFrame(
        {
            "rank": np.tile(np.arange(ranks), count),
            "sign": [visible(chars[id]) for id in order.ravel()],
            "start": start,
            "end": start + top * COLUMN_WIDTH,
            "drawn": drawn.ravel(),
            "percent": [percent(value, fine=False) for value in top],
        }
    )


def columns_chart(columns: int, data=alt.Undefined) -> alt.LayerChart:
    """A small bar chart a column, all in one chart, so that one message moves them all."""
    base = alt.Chart(data).encode(
        y=alt.Y("rank:O", axis=None, scale=alt.Scale(domain=list(range(COLUMN_ROWS)), paddingInner=0.2)),
    )
    scale = alt.Scale(domain=[0, columns], nice=False)
    color = alt.condition("datum.drawn", alt.value(DRAWN_COLOR), alt.value(REWEIGHTED_COLOR))
    text = alt.condition("datum.drawn", alt.value(DRAWN_COLOR), alt.value("#7c8594"))
    bars = base.mark_bar(size=ROW_STEP - 5, cornerRadius=0).encode(
        x=alt.X("start:Q", scale=scale, axis=None), x2="end:Q", color=color
    )
    signs = base.mark_text(align="right", dx=-6, dy=-1, fontSize=13, fontWeight="bold", font="monospace").encode(
        x=alt.X("start:Q", scale=scale, axis=None), text="sign:N", color=text
    )
    percents = base.mark_text(align="left", dx=5, fontSize=11).encode(
        x=alt.X("end:Q", scale=scale, axis=None), text="percent:N", color=text
    )
    return alt.layer(bars, signs, percents).properties(height=alt.Step(ROW_STEP + 1)).configure_view(stroke=None)


@cache
def columns_spec(columns: int) -> dict:
    """The Vega-Lite specification of `columns_chart` without rows."""
    return spec_without_rows(columns_chart(columns, alt.NamedData("source")))


def spec_without_rows(chart: alt.TopLevelMixin) -> dict:
    """A chart's Vega-Lite specification, for rows that are sent apart from it."""
    spec = chart.to_dict()
    spec.pop("data", None)
    return spec


def loss_frame(history: list[dict], unit: float, names: tuple[str, str]) -> pd.DataFrame:
    """The rows of `loss_chart`.

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


def loss_chart(titles: tuple[str, str], names: tuple[str, str], data=alt.Undefined) -> alt.Chart:
    """Training and held-out loss by epoch.

    Args:
        titles: Of the axes.
        names: Of the two lines.
        data: A frame of `loss_frame`, or nothing where the rows are sent apart from the specification.
    """
    colors = alt.Scale(domain=list(names), range=[OWN_COLOR, REWEIGHTED_COLOR])
    return (
        alt.Chart(data)
        .mark_line(point=alt.OverlayMarkDef(size=14), clip=True)
        .encode(
            x=alt.X("epoch:Q", title=None, axis=alt.Axis(tickMinStep=1, tickCount=5, format="d", grid=False)),
            y=alt.Y("loss:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=4, format=".1f")),
            color=alt.Color("which:N", scale=colors, legend=alt.Legend(orient="top", title=None, offset=0)),
            tooltip=[
                alt.Tooltip("epoch:Q", title=titles[0], format=".2~f"),
                alt.Tooltip("loss:Q", title=titles[1], format=".3f"),
            ],
        )
        .properties(height=210)
    )


@cache
def loss_spec(titles: tuple[str, str], names: tuple[str, str]) -> dict:
    """The Vega-Lite specification of `loss_chart` without rows."""
    return spec_without_rows(loss_chart(titles, names, alt.NamedData("source")))
