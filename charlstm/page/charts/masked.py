"""The next-character chart under a rule: what is forbidden is struck out, and keeps the bar that the model gave it."""

from functools import cache

import altair as alt
import numpy as np
import pandas as pd

from charlstm.page.charts.next_char import ROWS, next_char_chart, next_char_frame, row_order, spec_without_rows

STRUCK_COLOR = "#dc2626"
STRIKE_START = -24  # pixels from the axis: left of the sign


def masked_frame(
    chars: str,
    own: np.ndarray,
    reweighted: np.ndarray,
    drawn_id: int | None,
    rest_label: str,
    allowed: np.ndarray | None,
) -> pd.DataFrame:
    """The rows of `masked_chart`; what the rule leaves likeliest has one in any case.

    Args:
        chars: See `next_char_frame`, as all but the last.
        own: Before the rule.
        reweighted: Under the rule.
        drawn_id: Or None before the draw.
        rest_label: Of the last row.
        allowed: Booleans (vocab_size,); None allows all.

    Returns:
        The columns of `next_char_frame`, and `struck`: whether the rule forbids the character of a row.
    """
    kept_id = int(reweighted.argmax())
    frame = next_char_frame(chars, own, reweighted, drawn_id, rest_label, kept_id)
    struck = np.zeros(len(frame), dtype=bool)
    if allowed is not None:
        top = row_order(own, kept_id)[:ROWS]
        struck[: len(top)] = ~allowed[top]
    percent = np.where(struck, "", frame["percent"])
    return frame.assign(struck=struck, percent=percent)


def masked_chart(titles: tuple[str, str], data=alt.Undefined) -> alt.LayerChart:
    """`next_char_chart` with a line through each struck row, as long as the bar under it.

    Args:
        titles: See `next_char_chart`.
        data: A frame of `masked_frame`, or nothing where the rows are sent apart from the specification.
    """
    chart = next_char_chart(titles, data)
    y = alt.Y("rank:O", axis=None, scale=alt.Scale(domain=list(range(ROWS + 1)), paddingInner=0.15))
    strikes = (
        alt.Chart()  # the layers share their data
        .transform_filter("datum.struck")
        .transform_calculate(axis="0")
        .mark_rule(color=STRUCK_COLOR, strokeWidth=1.5, opacity=0.8, xOffset=STRIKE_START)
        .encode(y=y, x=alt.X("axis:Q", scale=alt.Scale(domain=[0, 1])), x2="own:Q")
    )
    chart.layer.append(strikes)
    return chart


@cache
def masked_spec(titles: tuple[str, str]) -> dict:
    """The Vega-Lite specification of `masked_chart` without rows, made once for each language."""
    return spec_without_rows(masked_chart(titles, alt.NamedData("source")))
