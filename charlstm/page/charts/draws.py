"""Charts about texts that are read: why a character was taken, and how uncertain each place was."""

from typing import Literal
from unicodedata import east_asian_width

import altair as alt
import numpy as np
import pandas as pd

from charlstm.page.charts import DARK_TEXT_COLOR, DRAWN_COLOR, INSIDE_TEXT_COLOR, OWN_COLOR, REWEIGHTED_COLOR, plain
from charlstm.page.parts.signs import visible
from charlstm.reading.text_score import CumulativeBar

PIECE_COLORS = {  # every other piece is paler, so that neighbours are told apart
    "drawn": DRAWN_COLOR,
    "own0": OWN_COLOR,
    "own1": "#c3ceda",
    "reweighted0": REWEIGHTED_COLOR,
    "reweighted1": "#8db9fa",
}
PALE_KINDS = ["own0", "own1", "reweighted1"]
LABELLED_WIDTH = 0.035  # narrower pieces have no room for their character, a Chinese one needs twice as much
PIECES = 150  # of a bar that are drawn one by one; of 3,000 most would be too narrow to be seen
WHY_HEIGHT, ENTROPY_HEIGHT = 190, 126  # pixels


def why_frame(chars: str, bars: dict[str, CumulativeBar]) -> pd.DataFrame:
    """The rows of `why_chart`: a row for each piece of each bar.

    Args:
        chars: The vocabulary.
        bars: By their titles, the one of the model's own probabilities last.

    Returns:
        Columns `bar`, `sign`, `start`, `end`, `probability`, `kind` (drawn, or which bar and whether even), `label`.
    """
    return pd.concat([_pieces(chars, title, bar, own=title == list(bars)[-1]) for title, bar in bars.items()])


def _pieces(chars: str, title: str, bar: CumulativeBar, own: bool) -> pd.DataFrame:
    count = int((bar.probabilities > 0).sum())  # in front: the pieces fall in size
    places = np.arange(count)
    alone = (places < PIECES) | (places == bar.drawn)
    first = np.flatnonzero(alone | np.append(True, alone[:-1]))  # where a piece begins; what is not alone is one
    edges = np.append(bar.edges[first], bar.edges[count])
    signs = [visible(chars[bar.ids[place]]) if alone[place] else "…" for place in first]
    name = "own" if own else "reweighted"
    return pd.DataFrame(
        {
            "bar": title,
            "sign": signs,
            "start": edges[:-1],
            "end": edges[1:],
            "probability": np.add.reduceat(bar.probabilities[:count], first),
            "kind": ["drawn" if place == bar.drawn else f"{name}{place % 2}" for place in first],
            "label": [sign if _fits(sign, width) else "" for sign, width in zip(signs, np.diff(edges), strict=True)],
        }
    )


def _fits(sign: str, width: float) -> bool:
    return width > LABELLED_WIDTH * (2 if east_asian_width(sign[0]) in "WF" else 1)


def why_chart(frame: pd.DataFrame, u: float, titles: tuple[str, str, str]) -> alt.LayerChart:
    """A stacked bar a distribution, the likeliest character first, and the random number as a line across them.

    Args:
        frame: Of `why_frame`.
        u: The random number in [0, 1).
        titles: Of the axis, of the character, and of its probability.
    """
    axis_title, *names = titles
    axis = alt.Axis(
        title=axis_title, values=[0, 0.25, 0.5, 0.75, 1], format="%", grid=False, titleFontSize=14, labelFontSize=14
    )
    labels = alt.Axis(title=None, labelFontSize=14, ticks=False, domain=False, labelLimit=110)
    y = alt.Y("bar:N", sort=None, axis=labels, scale=alt.Scale(paddingInner=0.28, paddingOuter=0.1))
    pieces = _coloured_pieces(frame, *names).encode(
        x=alt.X("start:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=axis), x2="end:Q", y=y
    )
    on_pale = alt.FieldOneOfPredicate("kind", PALE_KINDS)
    dark, inside = alt.value(DARK_TEXT_COLOR), alt.value(INSIDE_TEXT_COLOR)
    signs = (
        alt.Chart(frame)
        .transform_calculate(middle="(datum.start + datum.end) / 2")
        .mark_text(fontSize=15, fontWeight="bold", font="monospace")
        .encode(x=alt.X("middle:Q", axis=axis), y=y, text="label:N", color=alt.condition(on_pale, dark, inside))
    )
    padding = {"left": 5, "right": 12, "top": 20, "bottom": 0}
    return plain(alt.layer(pieces, signs, *_line(u)).properties(height=WHY_HEIGHT, padding=padding))


def _coloured_pieces(frame: pd.DataFrame, char_title: str, probability_title: str) -> alt.Chart:
    scale = alt.Scale(domain=list(PIECE_COLORS), range=list(PIECE_COLORS.values()))
    # A stroke, so that the drawn piece shows however narrow it is.
    stroke = alt.condition("datum.kind == 'drawn'", alt.value(DRAWN_COLOR), alt.value(None))
    tooltip = [
        alt.Tooltip("sign:N", title=char_title),
        alt.Tooltip("probability:Q", title=probability_title, format=".2%"),
        alt.Tooltip("start:Q", title="≥", format=".4f"),
        alt.Tooltip("end:Q", title="<", format=".4f"),
    ]
    color = alt.Color("kind:N", scale=scale, legend=None)
    bars = alt.Chart(frame).mark_bar(strokeWidth=2, cornerRadius=0)
    chart: alt.Chart = bars.encode(color=color, stroke=stroke, tooltip=tooltip)
    return chart


def _line(u: float) -> tuple[alt.Chart, alt.Chart]:
    """The random number: a rule through all bars, its value above them; near an end the value stays inside."""
    at = alt.Chart(pd.DataFrame({"u": [u], "label": [f"u = {u:.3f}"]})).encode(x="u:Q")
    align: Literal["left", "center", "right"] = "left" if u < 0.15 else "right" if u > 0.85 else "center"
    value = at.mark_text(align=align, dy=-9, fontSize=14, fontWeight="bold", color=DRAWN_COLOR)
    return at.mark_rule(color=DRAWN_COLOR, strokeWidth=3), value.encode(y=alt.value(0), text="label:N")


def entropy_frame(chars: str, own: np.ndarray, drawn: np.ndarray) -> pd.DataFrame:
    """The rows of `entropy_chart`: columns `position` from 1, `sign`, `own`, `drawn`, in bits.

    Args:
        chars: The text, a character a place.
        own: Entropies of the model's own distributions, (length,).
        drawn: Of those drawn from, (length,).
    """
    signs = [visible(char) for char in chars]
    return pd.DataFrame({"position": np.arange(1, len(signs) + 1), "sign": signs, "own": own, "drawn": drawn})


def entropy_chart(frame: pd.DataFrame, most: float, position: int, titles: tuple[str, str, str, str]) -> alt.LayerChart:
    """Two curves over a text, and a line at the character that is looked at.

    Args:
        frame: Of `entropy_frame`.
        most: The largest entropy there can be: log2 of the size of the vocabulary.
        position: Of the character, from 1.
        titles: Of the axis, of the model's own, of what was drawn from, and of the character.
    """
    title, own_title, drawn_title, char_title = titles
    tooltip = [
        alt.Tooltip("position:Q", title="#"),
        alt.Tooltip("sign:N", title=char_title),
        alt.Tooltip("own:Q", title=own_title, format=".2f"),
        alt.Tooltip("drawn:Q", title=drawn_title, format=".2f"),
    ]
    x_scale = alt.Scale(domain=[1, max(2, len(frame))], nice=False)
    x = alt.X(
        "position:Q", scale=x_scale, axis=alt.Axis(title=None, grid=False, tickMinStep=1, format="d", labelFontSize=14)
    )
    y_axis = alt.Axis(title=title, tickCount=3, titleFontSize=14, labelFontSize=14)
    base = alt.Chart(frame).encode(x=x, tooltip=tooltip)

    def curve(column: str, color: str) -> alt.Chart:
        y = alt.Y(f"{column}:Q", scale=alt.Scale(domain=[0, most], nice=False), axis=y_axis)
        chart: alt.Chart = base.mark_line(color=color, strokeWidth=1.5, interpolate="step").encode(y=y)
        return chart

    rule = alt.Chart(pd.DataFrame({"position": [position]})).mark_rule(color=DRAWN_COLOR, strokeWidth=2)
    layers = curve("own", OWN_COLOR), curve("drawn", REWEIGHTED_COLOR), rule.encode(x="position:Q")
    padding = {"left": 5, "right": 5, "top": 5, "bottom": 0}
    return plain(alt.layer(*layers).properties(height=ENTROPY_HEIGHT, padding=padding))
