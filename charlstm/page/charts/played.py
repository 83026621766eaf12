"""The chart beside a text that plays: its data never change, what it shows comes through one parameter.

The parameter `frames` is bound to the body of the page, to which the stage gives the bars of one character of each text
that plays: `START`, the name of the text, `STOP`, a title, then for each row sign, own probability, reweighted
probability, label and state (empty, `drawn` or `struck`), with `SEPARATOR` between them. So axis, rows, scale and
legend stay where they are, and only bars move. (The body is there before any chart is; an input might not be.)
"""

import json
from collections.abc import Callable
from functools import cache, partial

import altair as alt
import pandas as pd

from charlstm.page.charts import (
    DARK_TEXT_COLOR,
    DRAWN_COLOR,
    INSIDE_TEXT_COLOR,
    OWN_COLOR,
    REWEIGHTED_COLOR,
    Spec,
    plain,
)

STRUCK_COLOR = "#dc2626"  # what a rule forbids
TEXT_COLOR = "#475569"
SEPARATOR, START, STOP = "\u001f", "\u001e", "\u001d"  # no text has a sign for them
PARTS = 5  # of a row
# Signs stand within the chart and all is clipped to it: what stuck out would move the axis.
SIGNS_SHARE, SIGNS_SHARE_SMALL = 0.22, 0.36  # of the length of 100%, left of the axis
SIGN_WIDTH = 0.066  # of the chart: the most a sign has, so that the longest fits left of the axis
MakeX = Callable[[str], alt.X]
LONG_BAR = 0.8  # a longer one has its label inside, where it does not run out of the chart


def _row_part(offset: int) -> str:
    return f"parts[1 + {PARTS} * datum.rank + {offset}]"


def _parts(name: str) -> str:
    """The Vega expression of the parts of one text's frame."""
    start = json.dumps(f"{START}{name}{STOP}")  # a literal of the expression's language, whatever the name is made of
    frame = f"split(split(frames, {start})[1], '{START}')[0]"
    return f"isString(frames) && indexof(frames, {start}) >= 0 ? split({frame}, '{SEPARATOR}') : ['']"


def played_chart(name: str, rows: int, titles: tuple[str, str], axis: bool) -> alt.LayerChart:
    """Two bars a row: the model's own probability, and within it or beyond it the reweighted one.

    It is as high as the page makes it, and its signs are as large as that allows.

    Args:
        name: Of the text.
        rows: How many, the last one sums all other characters.
        titles: Names of the model's own probability and of the reweighted one, for the tooltips.
        axis: Whether the probabilities have one.
    """
    scale = alt.Scale(domain=[-SIGNS_SHARE if axis else -SIGNS_SHARE_SMALL, 1], nice=False)
    x = partial(_x, scale=scale, axis=_axis(axis))
    frames = alt.param(name="frames", value="", bind=alt.BindDirect(element="body", event="frames"))
    parts = alt.param(name="parts", expr=_parts(name))
    fields = {
        "sign": _row_part(0),
        "own": f"toNumber({_row_part(1)}) || 0",
        "reweighted": f"toNumber({_row_part(2)}) || 0",
        "label": _row_part(3),
        "state": _row_part(4),
        "end": "max(datum.own, datum.reweighted)",
    }
    base = alt.Chart(pd.DataFrame({"rank": range(rows)})).encode(
        y=alt.Y("rank:O", axis=None, scale=alt.Scale(paddingInner=0.15))
    )
    for field, expression in fields.items():
        base = base.transform_calculate(**{field: expression})
    zero = alt.XDatum(0, scale=scale, axis=_axis(axis))
    layers = [*_bars(base, x, titles), *_labels(base, x, rows, zero), _strikes(base, x)]
    padding = {"left": 0, "right": 12, "top": 4, "bottom": 0}
    title = alt.TitleParams(
        text=alt.ExprRef("parts[0]"), anchor="start", fontSize=16, fontWeight="normal", offset=6, limit=600
    )
    return plain(alt.layer(*layers).add_params(frames, parts).properties(padding=padding, title=title))


@cache
def played_spec(name: str, rows: int, titles: tuple[str, str], axis: bool) -> Spec:
    """The Vega-Lite specification of `played_chart`, made once: making it takes 20 ms, and nothing of it changes."""
    spec: Spec = played_chart(name, rows, titles, axis).to_dict()
    return spec


def _axis(shown: bool) -> alt.Axis | None:
    values = [0, 0.25, 0.5, 0.75, 1]
    return alt.Axis(format="%", values=values, title=None, grid=True, tickSize=0, labelFontSize=14) if shown else None


def _x(field: str, scale: alt.Scale, axis: alt.Axis | None) -> alt.X:
    return alt.X(f"{field}:Q", scale=scale, axis=axis)


def _bars(base: alt.Chart, x: MakeX, titles: tuple[str, str]) -> list[alt.Chart]:
    tooltip = [
        alt.Tooltip("sign:N", title=" "),
        alt.Tooltip("own:Q", title=titles[0], format=".2%"),
        alt.Tooltip("reweighted:Q", title=titles[1], format=".2%"),
    ]
    own = base.mark_bar(clip=True, height=alt.RelativeBandSize(1), cornerRadius=0, color=OWN_COLOR)
    color = alt.condition("datum.state == 'drawn'", alt.value(DRAWN_COLOR), alt.value(REWEIGHTED_COLOR))
    reweighted = base.mark_bar(clip=True, height=alt.RelativeBandSize(0.62), cornerRadius=0)
    return [
        own.encode(x=x("own"), tooltip=tooltip),
        reweighted.encode(x=x("reweighted"), color=color, tooltip=tooltip),
    ]


def _labels(base: alt.Chart, x: MakeX, rows: int, zero: alt.XDatum) -> list[alt.Chart]:
    """Signs left of the axis, percentages right of the longer bar, or within it where it is long."""
    color = alt.condition("datum.state == 'drawn'", alt.value(DRAWN_COLOR), alt.value(TEXT_COLOR))
    sign_size, size = (
        alt.ExprRef(f"max(14, min({share} * height / {rows}, width * {SIGN_WIDTH}))") for share in (0.68, 0.6)
    )
    signs = base.mark_text(clip=True, align="right", dx=-8, fontSize=sign_size, fontWeight="bold", font="monospace")
    short, long = (base.transform_filter(f"datum.end {sign} {LONG_BAR}") for sign in ("<=", ">"))
    after = short.mark_text(clip=True, align="left", dx=6, fontSize=size)
    within = long.mark_text(clip=True, align="right", dx=-6, fontSize=size)
    on_own = alt.condition("datum.own > datum.reweighted", alt.value(DARK_TEXT_COLOR), alt.value(INSIDE_TEXT_COLOR))
    return [
        signs.encode(x=zero, text="sign:N", color=color),
        after.encode(x=x("end"), text="label:N", color=color),
        within.encode(x=x("end"), text="label:N", color=on_own),
    ]


def _strikes(base: alt.Chart, x: MakeX) -> alt.Chart:
    """A line through what a rule forbids, as long as the bar under it."""
    rule = base.transform_filter("datum.state == 'struck'").transform_calculate(axis="0")
    struck = rule.mark_rule(clip=True, color=STRUCK_COLOR, strokeWidth=2, opacity=0.8, xOffset=-24)
    chart: alt.Chart = struck.encode(x=x("axis"), x2="own:Q")
    return chart
