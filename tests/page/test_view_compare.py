"""Temperatures side by side: each column keeps its own, nothing is lost, and the downloads say what wrote the texts."""

import csv
import io

import numpy as np
from app_tests import finish_columns, open_app, opened
from pages import no_traceback, open_page, press, text_of, wait_until

from charlstm.page.pages.compare import CHART_ROWS, as_csv, as_html
from charlstm.page.parts.played_text import AT_ONCE, PlayedText, WritingSettings
from charlstm.reading.text_score import score_text
from charlstm.writing.live_text import LiveText
from charlstm.writing.sampling import Sampler

NOTEBOOK = (0.2, 0.5, 1.0, 1.2)


def compare(**address):
    return open_app(view="compare", speed="∞", **address)


def generate(app) -> PlayedText:
    app.button(key="compare_generate").click().run()
    return finish_columns(app)


def choose(app, *temperatures: float):
    return app.multiselect(key="compare_temperatures").set_value(list(temperatures)).run()


def row_texts(columns: PlayedText) -> list[str]:
    return [columns.live.row_text(row) for row in range(columns.live.rows)]


def sliders(app) -> list[float]:
    return [slider.value for slider in app.slider if slider.key.startswith("compare_temperature_")]


def test_the_columns_write_what_each_temperature_writes_alone():
    comparison = generate(compare(length="60")).live
    assert comparison.written[0].sampler.temperatures == NOTEBOOK
    app = open_app(speed="∞", length="60", temperature="1.0")
    app.button(key="generate").click().run()
    assert comparison.row_text(2) == app.session_state.session.text.live.text


def test_a_link_with_repeated_settings_is_understood():
    app = compare(compare_temperatures=["0.3", "0.8", "1.5"])
    assert not app.warning
    assert sliders(app) == [0.3, 0.8, 1.5]
    assert compare(compare_temperatures=["0.3", "9", "1.5"]).warning


def test_before_anything_is_written_every_setting_begins_anew():
    app = compare(length="30")
    choose(app, 0.1, 0.9, 1.7)
    assert (app.session_state.session.columns.live.rows, sliders(app)) == (3, [0.1, 0.9, 1.7])
    app.text_area(key="seed_text").set_value("what is ").run()
    app.number_input(key="rng_seed").set_value(7).run()
    app.select_slider(key="epoch").set_value("0").run()
    comparison = generate(app)
    assert (comparison.live.seed_text, comparison.live.rng_seed) == ("what is ", 7)
    assert comparison.settings.epoch == "0"
    assert comparison.live.one_model


def test_another_choice_waits_for_generate():
    app = compare(length="30")
    before = generate(app)
    choose(app, 0.3, 1.4)
    assert sliders(app) == list(NOTEBOOK)
    assert app.session_state.session.columns is before
    assert generate(app).live.written[0].sampler.temperatures == (0.3, 1.4)
    assert sliders(app) == [0.3, 1.4]


def test_a_moved_slider_moves_one_column_and_stays():
    app = compare(length="30")
    generate(app)
    app.slider(key="compare_temperature_1").set_value(1.9).run()
    app.button(key="compare_continue").click().run()
    comparison = finish_columns(app).live
    assert [draw.sampler.temperatures for draw in comparison.written[29:31]] == [NOTEBOOK, (0.2, 1.9, 1.0, 1.2)]
    assert generate(app).live.written[0].sampler.temperatures == (0.2, 1.9, 1.0, 1.2)


def test_another_epoch_acts_from_the_next_character_on():
    app = compare(length="30")
    before = row_texts(generate(app))
    app.select_slider(key="epoch").set_value("0").run()
    app.button(key="compare_continue").click().run()
    comparison = finish_columns(app)
    assert comparison.settings.epoch == "0"
    assert [text[:30] for text in row_texts(comparison)] == before
    assert not comparison.live.one_model


def test_generate_again_files_every_column():
    app = compare(length="30")
    texts = row_texts(generate(app))
    app.number_input(key="rng_seed").set_value(7).run()
    generate(app)
    kept = app.session_state.session.earlier
    assert [earlier.text for earlier in kept] == texts
    assert [earlier.settings["temperature"] for earlier in kept] == list(NOTEBOOK)
    assert any(texts[0] in code.value for code in opened(app, "earlier_texts").code)


def test_too_few_temperatures_get_one_sentence_and_lose_nothing():
    app = compare(length="30")
    text = row_texts(generate(app))[0]
    for chosen in ((0.5,), ()):
        choose(app, *chosen)
        why = f"Choose at least two temperatures to compare (chosen: {len(chosen)})."
        assert [error.value for error in app.error] == [why]
        assert app.button(key="compare_generate").disabled
        assert row_texts(app.session_state.session.columns)[0] == text


def test_the_downloads_hold_what_wrote_the_texts(tiny_model):
    comparison = PlayedText(LiveText(tiny_model, "ab", 3, rows=2), CHART_ROWS)
    comparison.write_now(WritingSettings(Sampler((0.2, 1.4)), tiny_model, "<m>", "8", AT_ONCE), 20)
    facts = {"model": "<m>", "epoch": "8", "seed_text": "ab", "rng_seed": 3, "top_k": None}
    rows = list(csv.DictReader(io.StringIO(as_csv(comparison, facts))))
    assert len(rows) == 40
    assert {key: rows[0][key] for key in facts} == {**facts, "rng_seed": "3", "top_k": ""}
    cold, hot = row_texts(comparison)
    assert "".join(row["character"] for row in rows if row["column"] == "1") == hot
    score = score_text(tiny_model, cold, seed_text="ab")
    costs = [float(row["cost_bits"]) for row in rows if row["column"] == "0"]
    np.testing.assert_allclose(costs, score.surprisal_bits, atol=1e-4)
    comparison.write_now(WritingSettings(Sampler((0.7, 1.4)), tiny_model, "<m>", "8", AT_ONCE), 5)
    page = as_html(comparison, facts)
    assert "Temperature 0.2 → 0.7</h2>" in page
    assert "Temperature 1.4</h2>" in page
    assert "model: &#x27;&lt;m&gt;&#x27; · epoch: &#x27;8&#x27;" in page
    assert cold in page


def columns(page) -> list[str]:
    return [text_of(page, f"stage_{column}") for column in range(4)]


def test_four_columns_grow_one_slider_moves_one_and_all_can_be_downloaded(app_server, page):
    open_page(page, f"{app_server}/?view=compare&length=10000&speed=40", "stage_3")
    press(page, "compare_generate")
    seed = len(columns(page)[0])
    wait_until(lambda: min(map(len, columns(page))) > seed + 40, "all columns grow")
    before = columns(page)
    page.locator(".st-key-compare_temperature_0 input[type=range]").press("End")
    wait_until(lambda: min(map(len, columns(page))) > len(before[0]) + 150, "all go on")
    assert all(text.startswith(old[:-20]) for text, old in zip(columns(page), before, strict=True))
    press(page, "compare_stop")
    wait_until(lambda: page.locator(".st-key-compare_stop button").first.is_disabled(), "they stop")
    press(page, "earlier_texts")
    button = page.locator(".st-key-compare_csv button").first
    button.wait_for()
    with page.expect_download() as download:
        button.click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8"))))
    temperatures = [{row["temperature"] for row in rows if row["column"] == str(column)} for column in range(4)]
    assert temperatures == [{"0.2", "2.0"}, {"0.5"}, {"1.0"}, {"1.2"}]
    assert (rows[0]["model"], rows[0]["rng_seed"]) == ("nietzsche", "42")
    assert no_traceback(page)
