"""The charts about texts that are read."""

import numpy as np
import pytest

from charlstm.page.charts import DRAWN_COLOR
from charlstm.page.charts.draws import PIECES, entropy_chart, entropy_frame, why_chart, why_frame
from charlstm.reading.text_score import CumulativeBar
from charlstm.writing.sampling import Sampler

CHARS = "a \n<"
LOGITS = np.log([0.5, 0.3, 0.19, 0.01])
TITLES = ("cumulative", "character", "probability")


def bars(u: float, temperature: float = 0.5) -> dict[str, CumulativeBar]:
    return {
        "reweighted": CumulativeBar.from_logits(LOGITS, Sampler(temperature), u),
        "own": CumulativeBar.from_logits(LOGITS, Sampler(1.0), u),
    }


def test_the_pieces_of_each_bar_fill_it_in_order_of_probability():
    frame = why_frame(CHARS, bars(0.6))
    for _, pieces in frame.groupby("bar"):
        assert pieces["start"].iloc[0] == 0
        assert pieces["end"].iloc[-1] == pytest.approx(1)
        np.testing.assert_allclose(pieces["end"][:-1], pieces["start"][1:])
        assert pieces["probability"].is_monotonic_decreasing
        assert list(pieces["sign"]) == ["a", "␣", "⏎", "<"]


@pytest.mark.parametrize(("u", "drawn"), [(0.0, "a"), (0.49, "a"), (0.51, "␣"), (0.81, "⏎"), (0.995, "<")])
def test_the_piece_under_the_random_number_is_marked(u, drawn):
    frame = why_frame(CHARS, bars(u))
    own = frame[frame["bar"] == "own"]
    assert list(own["sign"][own["kind"] == "drawn"]) == [drawn]
    marked = own[own["kind"] == "drawn"].iloc[0]
    assert marked["start"] <= u < marked["end"]


def test_narrow_pieces_have_no_label_and_neighbours_differ():
    frame = why_frame(CHARS, bars(0.1))
    own = frame[frame["bar"] == "own"]
    assert list(own["label"]) == ["a", "␣", "⏎", ""]
    assert list(own["kind"]) == ["drawn", "own1", "own0", "own1"]


@pytest.mark.parametrize("u", [0.3, 0.85, 0.9999])
def test_of_a_large_vocabulary_the_narrowest_pieces_are_one(u):
    chars = "".join(map(chr, range(0x4E00, 0x4E00 + 3000)))
    logits = np.random.default_rng(0).normal(size=3000)
    bar = CumulativeBar.from_logits(logits, Sampler(1.0), u)
    frame = why_frame(chars, {"own": bar})
    assert PIECES + 1 <= len(frame) <= PIECES + 3
    assert (frame["start"].iloc[0], frame["end"].iloc[-1]) == (0, pytest.approx(1))
    np.testing.assert_allclose(frame["end"][:-1], frame["start"][1:])
    np.testing.assert_allclose(frame["end"] - frame["start"], frame["probability"], atol=1e-12)
    drawn = frame[frame["kind"] == "drawn"].iloc[0]
    assert drawn["sign"] == chars[bar.ids[bar.drawn]]
    assert drawn["start"] <= u < drawn["end"]


def test_a_wide_character_needs_more_room():
    logits = np.log([0.94, 0.06])
    for chars, labels in (("ab", ["a", "b"]), ("一二", ["一", ""])):
        assert list(why_frame(chars, {"own": CumulativeBar.from_logits(logits, Sampler(1.0), 0.1)})["label"]) == labels


def test_greedy_text_has_one_piece():
    frame = why_frame(CHARS, bars(0.9, temperature=0.0))
    greedy = frame[frame["bar"] == "reweighted"]
    assert list(greedy["sign"]) == ["a"]
    assert list(greedy["end"]) == [1.0]


def test_the_random_number_is_a_line_across_the_bars():
    spec = why_chart(why_frame(CHARS, bars(0.731)), 0.731, TITLES).to_dict()
    rule = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "rule")
    assert rule["mark"]["color"] == DRAWN_COLOR
    assert "y" not in rule["encoding"]  # from top to bottom
    assert spec["datasets"][rule["data"]["name"]] == [{"u": 0.731, "label": "u = 0.731"}]


@pytest.mark.parametrize(("u", "align"), [(0.01, "left"), (0.5, "center"), (0.99, "right")])
def test_the_number_stays_inside_the_chart(u, align):
    spec = why_chart(why_frame(CHARS, bars(u)), u, TITLES).to_dict()
    assert spec["layer"][-1]["mark"]["align"] == align


def test_the_entropy_curve_has_both_curves_and_the_place_looked_at():
    frame = entropy_frame("a\n<", np.array([1.0, 2.0, 0.5]), np.array([0.5, 1.5, 0.0]))
    assert list(frame["position"]) == [1, 2, 3]
    assert list(frame["sign"]) == ["a", "⏎", "<"]
    spec = entropy_chart(frame, 2.0, 2, ("bits", "own", "drawn", "character")).to_dict()
    assert [layer["mark"]["type"] for layer in spec["layer"]] == ["line", "line", "rule"]
    assert spec["layer"][0]["encoding"]["y"]["scale"]["domain"] == [0, 2.0]  # fixed, so curves can be compared
    assert spec["datasets"][spec["layer"][2]["data"]["name"]] == [{"position": 2}]


def test_a_single_character_is_drawn_too():
    frame = entropy_frame("a", np.array([1.0]), np.array([0.5]))
    spec = entropy_chart(frame, 2.0, 1, ("bits", "own", "drawn", "character")).to_dict()
    assert spec["layer"][0]["encoding"]["x"]["scale"]["domain"] == [1, 2]
