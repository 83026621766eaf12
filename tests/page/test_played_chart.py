"""The chart beside a text that plays: only its bars can move, whatever the text and its name are made of."""

import json

import pytest

from charlstm.page.charts.played import OWN_COLOR, PARTS, played_chart

TITLES = ("own", "now")


def spec(name: str = "stage", rows: int = 8, axis: bool = True) -> dict:
    return played_chart(name, rows, TITLES, axis).to_dict()


def x_channels(layers: list[dict]) -> list[dict]:
    return [layer["encoding"]["x"] for layer in layers]


def test_the_data_are_the_rows_and_never_change():
    found = spec(rows=7)
    (rows,) = found["datasets"].values()
    assert rows == [{"rank": rank} for rank in range(7)]
    assert json.dumps(found) == json.dumps(spec(rows=7))


@pytest.mark.parametrize("axis", [True, False])
def test_scale_and_axis_do_not_depend_on_what_is_shown(axis):
    found = spec(axis=axis)
    for x in x_channels(found["layer"]):
        assert x["scale"]["domain"][1] == 1
        assert x["scale"]["domain"] == x_channels(found["layer"])[0]["scale"]["domain"]
        assert not x["scale"]["nice"]
        assert (x["axis"]["values"] == [0, 0.25, 0.5, 0.75, 1]) if axis else x["axis"] is None
    assert all(layer["mark"]["clip"] for layer in found["layer"])  # nothing that sticks out moves the rest
    assert found["padding"] == {"left": 0, "right": 12, "top": 4, "bottom": 0}


def test_all_layers_have_the_rows_of_all_ranks_in_their_order():
    for layer in spec()["layer"]:
        y = layer["encoding"]["y"]
        assert (y["field"], y["type"], y["axis"]) == ("rank", "ordinal", None)


def test_what_it_shows_comes_through_one_parameter_bound_to_the_page():
    frames, parts = spec()["params"]
    assert frames == {"name": "frames", "value": "", "bind": {"element": "body", "event": "frames"}}
    assert parts["name"] == "parts"
    assert "frames" in parts["expr"]


def test_each_field_reads_its_part_of_a_row():
    own = next(layer for layer in spec()["layer"] if layer["mark"].get("color") == OWN_COLOR)
    calculated = {step["as"]: step["calculate"] for step in own["transform"]}
    for offset, field in enumerate(("sign", "own", "reweighted", "label", "state")):
        assert f"parts[1 + {PARTS} * datum.rank + {offset}]" in calculated[field]


def test_only_what_a_rule_forbids_is_struck():
    strikes = [layer for layer in spec()["layer"] if layer["mark"]["type"] == "rule"]
    assert len(strikes) == 1
    assert {"filter": "datum.state == 'struck'"} in strikes[0]["transform"]


def test_columns_differ_in_nothing_but_their_name():
    one, other = (json.dumps(spec(f"stage_{column}", 5, axis=False)) for column in (1, 2))
    assert one != other
    assert one.replace("stage_1", "stage_2") == other


@pytest.mark.parametrize("name", ["it's", 'a"b', "a\\b", "a\nb", "文"])
def test_a_name_of_any_characters_is_one_literal(name):
    expression = spec(name)["params"][1]["expr"]
    assert expression.count(json.dumps(f"\x1e{name}\x1d")) == 2
    assert f"\x1e{name}\x1d" not in expression
