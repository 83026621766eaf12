"""Charts of guesses: what a model expects at one place of a text, and beside it what a class does.

All have the same rows, the model's likeliest characters from the top, so that they can be read across.
"""

from collections.abc import Sequence
from functools import cache

import altair as alt
import numpy as np
import pandas as pd

from charlstm.page.charts import (
    DARK_TEXT_COLOR,
    DRAWN_COLOR,
    INSIDE_TEXT_COLOR,
    OWN_COLOR,
    REWEIGHTED_COLOR,
    Spec,
    without_rows,
)
from charlstm.page.charts.played import LONG_BAR, SIGNS_SHARE_SMALL, TEXT_COLOR
from charlstm.page.parts.signs import percent, visible

ROWS, ROW_STEP = 9, 25  # the rest included; pixels
CLASS_COLOR = "#0f766e"


def rows_of(probabilities: np.ndarray, wanted: Sequence[int] = ()) -> list[int]:
    """Ids of the rows: the model's likeliest; what is `wanted` too takes the place of the last of these.

    Args:
        probabilities: Of the model, (vocab_size,).
        wanted: Ids that must have a row, the most important first.
    """
    order = np.argsort(-probabilities, kind="stable").tolist()
    kept = list(dict.fromkeys([*wanted, *order]))[: ROWS - 1]  # a likely one that is wanted is not pushed out either
    return sorted(kept, key=order.index)


def guess_frame(
    chars: str,
    ids: Sequence[int],
    shares: np.ndarray,
    rest: str,
    truth: int | None = None,
    own: np.ndarray | None = None,
) -> pd.DataFrame:
    """The rows of `guess_spec`.

    Args:
        chars: The vocabulary.
        ids: Of the rows, see `rows_of`.
        shares: Of all characters, sum 1 or all 0, (vocab_size,).
        rest: What the last row is called, which sums the others.
        truth: Id of the right character, once that is seen.
        own: Of a model: its own probabilities where it is not these that `shares` has, (vocab_size,).

    Returns:
        Columns `row`, `sign`, `share`, `own`, `label`, `truth`.
    """
    own = np.zeros_like(shares) if own is None else own
    columns = [np.append(some[ids], max(0.0, some.sum() - some[ids].sum())) for some in (shares, own)]
    left = len(ids) < len(chars)  # whether there is a rest
    frame = pd.DataFrame(
        {
            "row": range(len(ids) + 1),
            "sign": [*(visible(chars[id]) for id in ids), rest],
            "share": columns[0],
            "own": columns[1],
            "label": [percent(min(1.0, share)) if share > 1e-12 else "" for share in columns[0].tolist()],
            "truth": [*(id == truth for id in ids), False],
        }
    )
    return frame if left else frame[:-1]


@cache
def guess_spec(title: str, color: str = REWEIGHTED_COLOR) -> Spec:
    """A bar a character, the right one in the colour of what is taken; a model's own probability wide and grey behind.

    Args:
        title: Whose guesses they are.
        color: Of the bars.

    Returns:
        A Vega-Lite specification for the rows of `guess_frame`, made once: making it takes 20 ms.
    """
    scale = alt.Scale(domain=[-SIGNS_SHARE_SMALL, 1], nice=False)

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=None)

    rows = alt.Scale(domain=list(range(ROWS)), paddingInner=0.15)
    base = alt.Chart(alt.NamedData("source")).encode(y=alt.Y("row:O", axis=None, scale=rows))
    base = base.transform_calculate(end="max(datum.share, datum.own)")
    paint = alt.condition("datum.truth", alt.value(DRAWN_COLOR), alt.value(color))
    ink = alt.condition("datum.truth", alt.value(DRAWN_COLOR), alt.value(TEXT_COLOR))
    on_own = alt.condition("datum.own > datum.share", alt.value(DARK_TEXT_COLOR), alt.value(INSIDE_TEXT_COLOR))
    size = round(ROW_STEP * 0.62)
    tooltip = [alt.Tooltip("sign:N", title=" "), alt.Tooltip("share:Q", title=title, format=".2%")]
    short, long = (base.transform_filter(f"datum.end {sign} {LONG_BAR}") for sign in ("<=", ">"))
    layers = alt.layer(
        base.mark_bar(clip=True, size=ROW_STEP * 0.84, color=OWN_COLOR).encode(x=x("own")),
        base.mark_bar(clip=True, size=ROW_STEP * 0.52).encode(x=x("share"), color=paint, tooltip=tooltip),
        base.mark_text(align="right", dx=-8, fontSize=size, fontWeight="bold", font="monospace").encode(
            x=alt.XDatum(0, scale=scale, axis=None), text="sign:N", color=ink
        ),
        short.mark_text(align="left", dx=6, fontSize=size - 1).encode(x=x("end"), text="label:N", color=ink),
        long.mark_text(align="right", dx=-6, fontSize=size - 1).encode(x=x("end"), text="label:N", color=on_own),
    )
    heading = alt.Title(title, anchor="start", fontSize=14, fontWeight="normal", offset=4)
    padding = {"left": 0, "right": 8, "top": 2, "bottom": 0}
    chart = layers.properties(height=alt.Step(ROW_STEP), title=heading, padding=padding)
    return without_rows(chart.configure_view(stroke=None))
