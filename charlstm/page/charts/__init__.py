"""Data frames in, Altair charts out. Knows neither models nor session."""

from typing import Any

import altair as alt

# Those of the light theme, at least 3 to 1 against the page and told apart with any colour vision (the closest two,
# grey and blue without blue cones, are 23 apart in CIELAB). `style.css` has their like for the dark theme; a picture of
# a chart that someone saves stays light. Legends are words in these colours, by `.streamlit/config.toml`.
OWN_COLOR = "#8492a6"  # the model's own probabilities, as the network gave them
REWEIGHTED_COLOR = "#2563eb"  # after temperature and truncation
DRAWN_COLOR = "#bf540a"  # the character that was drawn
DARK_TEXT_COLOR = "#0f172a"  # on what is pale in both themes
INSIDE_TEXT_COLOR = "#ffffff"  # on blue and orange

Spec = dict[str, Any]  # of Vega-Lite


def plain(chart: alt.LayerChart | alt.FacetChart) -> alt.LayerChart:
    """Without a frame around it, and with one text for who reads by ear in place of one a mark."""
    found: alt.LayerChart = chart.configure_view(stroke=None).configure_mark(aria=False)
    return found


def without_rows(chart: alt.Chart | alt.LayerChart) -> Spec:
    """The specification of a chart of `alt.NamedData`, for `st.vega_lite_chart` and rows that change."""
    spec: Spec = chart.to_dict()
    del spec["data"]
    return spec
