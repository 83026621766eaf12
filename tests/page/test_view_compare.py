"""Temperatures side by side: each column keeps its own, nothing is lost, and the downloads say what wrote the texts."""

import csv
import io

import numpy as np
from app_tests import finish_columns, open_app, opened
from pages import frame_of, no_traceback, open_page, press, text_of, wait_until, wait_until_drawn

import charlstm
from charlstm.network.counting import CountingNetwork, RunCounts
from charlstm.network.metrics import bits, surprisals
from charlstm.network.model_file import Model
from charlstm.network.registry import MODELS_DIR, load_model
from charlstm.page.pages.compare import CHART_ROWS, as_csv, as_html
from charlstm.page.parts import controls
from charlstm.page.parts.played_text import AT_ONCE, PlayedText, WritingSettings
from charlstm.page.parts.text_actions import settings_of
from charlstm.reading.text_score import score_text
from charlstm.text.corpus import load_corpus
from charlstm.text.openings import DEFAULT_SEED
from charlstm.writing.generation import Writer
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
        why = f"Choose at least two to compare (chosen: {len(chosen)})."
        assert [error.value for error in app.error] == [why]
        assert app.button(key="compare_generate").disabled
        assert row_texts(app.session_state.session.columns)[0] == text


def test_the_downloads_hold_what_wrote_the_texts(tiny_model):
    comparison = PlayedText(LiveText(tiny_model, "ab", 3, rows=2), CHART_ROWS)
    comparison.write_now(WritingSettings(Sampler((0.2, 1.4)), tiny_model, "<m>", "8", AT_ONCE), 20)
    facts = {"model": "<m>", "epoch": "8", "seed_text": "ab", "rng_seed": 3, "top_k": None}
    titles = ["<cold>", "hot"]
    rows = list(csv.DictReader(io.StringIO(as_csv(comparison, facts, titles))))
    assert len(rows) == 40
    assert [row["title"] for row in rows[:3]] == ["<cold>", "hot", "<cold>"]
    assert {key: rows[0][key] for key in facts} == {**facts, "rng_seed": "3", "top_k": ""}
    cold, hot = row_texts(comparison)
    assert "".join(row["character"] for row in rows if row["column"] == "1") == hot
    score = score_text(tiny_model, cold, seed_text="ab")
    costs = [float(row["cost_bits"]) for row in rows if row["column"] == "0"]
    np.testing.assert_allclose(costs, score.surprisal_bits, atol=1e-4)
    page = as_html(comparison, facts, titles)
    assert "&lt;cold&gt;</h2>" in page
    assert "hot</h2>" in page
    assert "model: &#x27;&lt;m&gt;&#x27; · epoch: &#x27;8&#x27;" in page
    assert cold in page


def alone(model: Model, **settings) -> str:
    """What is written where nothing is compared."""
    draws = charlstm.generate(
        model, DEFAULT_SEED, settings.pop("temperature", 0.5), 40, np.random.default_rng(42), **settings
    )
    return "".join(draw.char for draw in draws)


def titles(app) -> list[str]:
    return [markdown.value for markdown in app.markdown if markdown.value.startswith("**")]


def written_by(app) -> list[tuple[object, object]]:
    """Model and epoch of the columns, as links and downloads tell them."""
    columns = app.session_state.session.columns
    found = [settings_of(columns, column) for column in range(columns.live.rows)]
    return [(settings["model"], settings["epoch"]) for settings in found]


def test_by_truncation_only_what_is_cut_off_differs():
    app = compare(
        compare_by="truncation",
        compare_cuts=["top-p 1", "top-k 3", "top-p 0.5", "min-p 0.2"],
        length="40",
        temperature="1.2",
    )
    assert not app.warning
    model = load_model("nietzsche")
    cuts: tuple[dict, ...] = ({}, {"top_k": 3}, {"top_p": 0.5}, {"min_p": 0.2})
    assert row_texts(generate(app)) == [alone(model, temperature=1.2, **cut) for cut in cuts]
    assert titles(app) == [rf"**top\-{name}**" for name in ("p 1", "k 3", r"p 0\.5")] + [r"**min\-p 0\.2**"]


def test_by_model_each_column_is_written_by_another():
    app = compare(compare_by="model", compare_models=["python-docs", "nietzsche"], length="40")
    texts = row_texts(generate(app))
    assert texts == [alone(load_model(name)) for name in ("nietzsche", "python-docs")]
    assert written_by(app) == [("nietzsche", "100"), ("python-docs", "34")]
    app.select_slider(key="epoch").set_value("0").run()  # of the page, not of the columns
    app.button(key="compare_continue").click().run()
    assert [text[:40] for text in row_texts(finish_columns(app))] == texts
    assert written_by(app) == [("nietzsche", "100"), ("python-docs", "34")]


def test_by_epoch_each_column_is_as_far_in_training():
    app = compare(compare_by="epoch", compare_epochs=["5", "1/64", "0"], length="40")
    files = ("epoch-000", "epoch-1of64", "epoch-005")
    models = [load_model(MODELS_DIR / "nietzsche" / f"{name}.keras") for name in files]
    assert row_texts(generate(app)) == list(map(alone, models))
    assert titles(app) == ["**Epoch 0**", r"**Epoch 1\/64**", "**Epoch 5**"]
    app.selectbox(key="model").set_value("python-docs").run()
    assert len(app.multiselect(key="compare_epochs").value) == 4  # of the other model


def test_by_order_the_same_cut_comes_after_the_temperature_and_before():
    app = compare(compare_by="order", compare_cut="min-p 0.1", length="40", temperature="1.5")
    texts = row_texts(generate(app))
    model, rng = load_model("nietzsche"), np.random.default_rng(42)
    before = Writer(model, DEFAULT_SEED, rng).write_texts(Sampler(1.5, min_p=0.1, truncate_first=True), 40)
    assert texts == [alone(model, temperature=1.5, min_p=0.1), *before]
    assert texts[0] != texts[1]
    assert titles(app) == [r"**The temperature\, then min\-p 0\.1**", r"**min\-p 0\.1\, then the temperature**"]


def test_by_counting_models_that_count_stand_beside_the_network():
    app = compare(compare_by="counting", compare_orders=["5", "1"], model="python-docs", length="40")
    model = load_model("python-docs")
    seen, held_out = load_corpus("python-docs").split(0.1)
    counts = RunCounts(model.vocab.encode(seen), len(model.vocab))
    networks = [CountingNetwork(counts, order) for order in (1, 5)]
    assert row_texts(generate(app)) == [*(alone(Model(network, model.vocab)) for network in networks), alone(model)]
    costs = [bits(surprisals(network, model.vocab.encode(held_out)).mean()) for network in networks]
    costs.append(model.metadata.val_bits_per_character)
    names = (r"1\-gram", r"5\-gram", r"python\-docs")
    assert titles(app) == [f"**{name}** · {cost:.2f} bits held out" for name, cost in zip(names, costs, strict=True)]
    assert costs[0] > costs[1] > costs[2]
    app.select_slider(key="epoch").set_value("1").run()  # the columns stay, and what they cost is not that of another
    assert titles(app)[-1] == r"**python\-docs**"


def test_where_the_text_is_missing_nothing_is_counted_and_the_page_says_so(monkeypatch):
    monkeypatch.setattr(controls, "corpus_text", lambda model: None)
    app = compare(compare_by="counting")
    assert "The text that this model learnt from (nietzsche) is not on this machine" in app.info[0].value
    assert app.button(key="compare_generate").disabled
    app.selectbox(key="compare_by").set_value("temperature").run()
    assert not app.button(key="compare_generate").disabled


def test_the_address_says_what_differs_and_what_it_cannot_say_is_warned_of():
    app = compare()
    assert "compare_by" not in app.query_params
    app.selectbox(key="compare_by").set_value("model").run()
    assert app.query_params["compare_by"] == "model"
    app.selectbox(key="compare_by").set_value("temperature").run()
    assert "compare_by" not in app.query_params
    assert "compare\\_by" in compare(compare_by="nothing").warning[0].value


def test_what_differs_waits_for_generate_and_the_columns_stay():
    app = compare(length="30")
    before = row_texts(generate(app))
    app.selectbox(key="compare_by").set_value("truncation").run()
    assert row_texts(app.session_state.session.columns) == before
    assert sliders(app) == list(NOTEBOOK)
    generate(app)
    assert not sliders(app)
    assert [earlier.text for earlier in app.session_state.session.earlier] == before


def columns(page) -> list[str]:
    return [text_of(page, f"stage_{column}") for column in range(4)]


def test_what_is_cut_off_is_struck_out_in_the_bars(app_server, page):
    address = (
        f"{app_server}/compare?compare_by=truncation&compare_cuts=top-p+1&compare_cuts=top-k+2&temperature=1&speed=∞"
    )
    open_page(page, f"{address}&length=60", "stage_1")
    wait_until_drawn(page)
    press(page, "compare_generate")
    wait_until(lambda: min(len(text_of(page, f"stage_{column}")) for column in range(2)) >= 60, "both are written")

    def states(column: int) -> list[str]:
        frame = frame_of(page, f"stage_{column}")
        return [state if row[0] != "rest" else "rest" for row in (frame.rows if frame else ()) for state in row[4:]]

    wait_until(lambda: states(1).count("struck") == 2, "two of four rows are struck out")
    assert states(1)[-1] == "rest"
    assert "struck" not in states(0)
    page.locator(".st-key-compare_by input").click()
    page.get_by_role("option", name="model", exact=True).click()
    wait_until(lambda: "compare_by=model" in page.evaluate("location.href"), "the address says so")
    assert no_traceback(page)


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
    assert {row["title"] for row in rows if row["column"] == "0"} == {"Temperature 0.2 → 2.0"}
    assert (rows[0]["model"], rows[0]["rng_seed"]) == ("nietzsche", "42")
    assert no_traceback(page)
