"""Temperature measured: the work in the background, the numbers, the panels."""

import re
import threading
import time

import numpy as np
import pyarrow.ipc
import pytest
from app_tests import open_app
from pages import no_traceback, open_page, press, wait_until

from charlstm.network.counting import CountingNetwork, RunCounts
from charlstm.network.model_file import Model
from charlstm.network.registry import load_model
from charlstm.page.charts.curves import measure_frame, panel_spec
from charlstm.page.pages.measure import FIT_TEMPERATURES
from charlstm.reading import measurement
from charlstm.reading.calibration import fit_temperatures
from charlstm.reading.measurement import (
    MEASURES,
    TEMPERATURES,
    Measurement,
    band,
    contrast,
    corpus_estimates,
)
from charlstm.reading.sweep import Estimate, SweepPoint, TextEstimates, sweep
from charlstm.text.corpus import load_corpus


def wait_for(condition, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def point(temperature: float, mean: float, error: float = 0.0) -> SweepPoint:
    value = Estimate(mean, error)
    return SweepPoint(temperature, (), value, value, TextEstimates(value, value, None))


@pytest.fixture(scope="module")
def measured(tiny_model) -> Measurement:
    """All points of a small model."""
    measurement = Measurement(tiny_model, 500)
    measurement.watch()
    wait_for(lambda: measurement.done)
    return measurement


def test_a_measurement_is_the_sweep(tiny_model, measured):
    expected = list(sweep(tiny_model, TEMPERATURES, 500, 2, np.random.default_rng(0)))
    assert measured.points == expected
    assert [point.temperature for point in measured.points] == list(TEMPERATURES)


def test_watching_returns_at_once_and_many_watchers_share_the_work(tiny_model):
    measurement, before = Measurement(tiny_model, 10_000), threading.active_count()
    for _ in range(50):
        measurement.watch()
    assert not measurement.done  # nobody waited for it
    assert threading.active_count() <= before + 1
    wait_for(lambda: measurement.done)
    assert len(measurement.points) == len(TEMPERATURES)


def test_it_pauses_where_nobody_watches_and_goes_on_where_it_was(tiny_model, monkeypatch):
    measurement_, patience = Measurement(tiny_model, 500), measurement.PATIENCE_SECONDS
    monkeypatch.setattr(measurement, "PATIENCE_SECONDS", 0.0)
    measurement_.watch()
    wait_for(lambda: not measurement_._thread.is_alive())
    assert not measurement_.done
    monkeypatch.setattr(measurement, "PATIENCE_SECONDS", patience)
    measurement_.watch()
    wait_for(lambda: measurement_.done)
    assert [point.temperature for point in measurement_.points] == list(TEMPERATURES)


class Failing:
    """In the place of `sweep`: fails the first `times`, counting all starts."""

    def __init__(self, times: int) -> None:
        self.times, self.starts = times, 0

    def __call__(self, *arguments):
        self.starts += 1
        points = sweep(*arguments)
        yield next(points)
        if self.starts <= self.times:
            raise MemoryError
        yield from points


def test_what_failed_stays_failed_until_it_is_tried_again(tiny_model, measured, monkeypatch):
    failing = Failing(times=1)
    monkeypatch.setattr(measurement, "sweep", failing)
    measurement_ = Measurement(tiny_model, 500)
    measurement_.watch()
    wait_for(lambda: measurement_.failure)
    for _ in range(5):
        measurement_.watch()
    assert (failing.starts, len(measurement_.points)) == (1, 1)
    assert measurement_.ended
    assert not measurement_.done
    measurement_.retry()
    measurement_.watch()
    wait_for(lambda: measurement_.done)
    assert measurement_.points == measured.points  # it went on where it was


def test_the_band_holds_19_of_20():
    assert band(Estimate(10.0, 1.0)) == pytest.approx((10.0, 8.04, 11.96))


@pytest.mark.parametrize(
    ("cold", "hot", "rises", "falls"),
    [
        ((0.5, 0.1), (0.9, 0.1), True, False),  # 0.4 / sqrt(0.02) = 2.8
        ((0.9, 0.1), (0.5, 0.1), False, True),
        ((0.5, 0.2), (0.9, 0.2), False, False),  # 1.4
        ((0.5, 0.0), (0.6, 0.0), True, False),
        ((0.5, 0.0), (0.5, 0.0), False, False),
    ],
)
def test_a_difference_counts_from_196_standard_errors_on(cold, hot, rises, falls):
    found = contrast([point(0.2, *cold), point(1.2, *hot)], "real_word_share", 0.2, 1.2)
    assert (found.rises, found.falls) == (rises, falls)


def test_there_is_no_contrast_where_nothing_was_measured():
    points = [point(0.2, 0.5), point(1.2, 0.5)]
    assert contrast(points, "longest_repeat", 0.2, 1.2) is None
    assert contrast(points[:1], "real_word_share", 0.2, 1.2) is None


def test_the_frame_has_a_row_a_point_and_the_corpus_from_end_to_end():
    frame = measure_frame([("a", [point(0.5, 0.25, 0.1)])], "real_word_share", ("corpus", 0.9))
    row = frame[~frame.corpus].iloc[0]
    assert (row.series, row.temperature, row["mean"]) == ("a", 0.5, 0.25)
    assert (row.low, row.high) == pytest.approx((0.054, 0.446))
    assert frame[frame.corpus][["temperature", "mean"]].values.tolist() == [[0.0, 0.9], [2.0, 0.9]]
    assert len(measure_frame([("a", [])], "longest_repeat", ("corpus", None))) == 0


def test_the_corpus_is_measured_in_texts_of_the_same_length():
    words = "the cat sat on the mat and then it ran to the man " * 40  # 2,000 characters
    estimates = corpus_estimates(words)
    assert estimates.real_word_share.mean == 1
    assert estimates.longest_repeat.mean == 200  # of 250, the sentence has 50
    assert corpus_estimates("too short") is None


def test_a_panel_has_the_line_the_band_and_the_corpus():
    chart = panel_spec("Entropy", ("a", "b"), "corpus", (0, 6), ".1f", "temperature", 200)
    marks = [layer["mark"]["type"] for layer in chart["layer"]]
    assert marks == ["line", "area", "line", "circle"]
    assert all(layer["encoding"]["y"]["scale"]["domain"] == [0, 6] for layer in chart["layer"])


# The view.


def run_until_done(app) -> None:
    end = time.monotonic() + 60
    while not app.button(key="measure_stop").disabled:
        assert time.monotonic() < end
        time.sleep(0.1)
        app.run()
    assert not app.exception


def words(app) -> str:
    return "\n".join(element.value for element in app.markdown)


def measure(**address):
    return open_app(view="measure", measure_characters="2,500", **address)


def test_measuring_draws_five_panels_and_reads_the_result_aloud():
    app = measure()
    assert not app.warning
    assert len(app.main.get("vega_lite_chart")) == len(MEASURES)
    app.button(key="measure").click().run()
    run_until_done(app)
    sentence = re.search(r"real words go from \*\*([\d.]+)%\*\* to \*\*([\d.]+)%\*\*", words(app))
    assert float(sentence[1]) > 95 > float(sentence[2])
    assert "cold text repeats real words, hot text invents new ones" in words(app)


def test_the_second_look_is_instant_in_any_session_and_language():
    first = measure(epoch="13")
    first.button(key="measure").click().run()
    run_until_done(first)
    second = measure(epoch="13", language="中文")
    assert not second.button(key="measure").disabled  # it uncovers the lines once more, for the next class
    assert "温度从 0.2 到 1.2" in words(second)


def test_another_epoch_stands_next_to_it():
    app = measure()
    app.selectbox(key="measure_other").select("nietzsche · 0").run()
    app.button(key="measure").click().run()
    run_until_done(app)
    assert ":orange[■] nietzsche, epoch 0" in words(app).replace("\\", "")
    assert words(app).count("From temperature 0.2 to 1.2") == 2


def test_nothing_is_measured_unasked_and_stop_stops():
    app = open_app(view="measure", measure_characters="40,000", model="nietzsche", epoch="1")
    assert not app.button(key="measure").disabled
    assert app.button(key="measure_stop").disabled
    app.button(key="measure").click().run()
    assert not app.button(key="measure_stop").disabled
    app.button(key="measure_stop").click().run()
    assert not app.button(key="measure").disabled


def test_a_failure_is_said_once_and_the_button_tries_again(monkeypatch):
    failing = Failing(times=1)
    monkeypatch.setattr(measurement, "sweep", failing)
    app = measure(epoch="5")
    app.button(key="measure").click().run()
    run_until_done(app)
    for _ in range(3):
        app.run()
    assert [error.value for error in app.error] == ["The measurement failed (MemoryError). Press Measure to go on."]
    assert failing.starts == 1
    app.button(key="measure").click().run()
    run_until_done(app)
    assert not app.error
    assert "From temperature 0.2 to 1.2" in words(app)


def test_the_lines_grow_while_the_page_stays_alive(app_server, page):
    open_page(page, f"{app_server}/?view=measure&epoch=34&measure_characters=2,500", "sweep_chart")
    panels = page.locator(".st-key-sweep_chart [data-testid=stVegaLiteChart]")
    wait_until(lambda: panels.locator("canvas, svg").count() == len(MEASURES), "five panels")
    press(page, "measure")
    press(page, "measure_definitions")
    wait_until(lambda: "Σ p log₂ p" in page.locator("[data-testid=stPopoverBody]").inner_text(), "the page answers", 5)
    page.keyboard.press("Escape")
    wait_until(lambda: "From temperature 0.2 to 1.2" in page.locator(".st-key-sweep_chart").inner_text(), "the result")
    bottom = panels.last.bounding_box()
    assert bottom["y"] + bottom["height"] <= 720
    assert no_traceback(page)


def test_real_text_is_read_at_each_temperature_and_the_best_is_told():
    app, model = open_app(view="measure", model="python-docs"), load_model("python-docs")
    charts = len(app.main.get("vega_lite_chart"))
    app.button(key="measure_real").click().run()
    text = model.vocab.normalize(load_corpus("python-docs").split(0.1)[1]).text
    fits = fit_temperatures(model, text, FIT_TEMPERATURES)
    best, own = min(fits, key=lambda fit: fit.cost_bits), fits[FIT_TEMPERATURES.index(1.0)]
    said = " ".join(element.value for element in app.main.markdown)
    assert f"best at temperature **{best.temperature:g}**: {best.cost_bits:.3f} bits per character." in said
    assert (
        f"At 1 it costs {own.cost_bits:.3f}, and the model expects {own.entropy_bits:.3f}: it is overconfident." in said
    )
    assert len(app.main.get("vega_lite_chart")) == charts + 1
    rows = pyarrow.ipc.open_stream(app.main.get("vega_lite_chart")[-1].proto.data.data).read_pandas()
    means = np.array(rows["mean"])
    np.testing.assert_allclose(means[: 2 * len(fits) : 2], [fit.cost_bits for fit in fits])
    np.testing.assert_allclose(means[1 : 2 * len(fits) : 2], [fit.entropy_bits for fit in fits])
    ids = model.vocab.encode(model.vocab.normalize(load_corpus("python-docs").split(0.1)[0]).text)
    counting = Model(CountingNetwork(RunCounts(ids, len(model.vocab), 5), 5), model.vocab)
    expected = [fit.cost_bits for fit in fit_temperatures(counting, text, FIT_TEMPERATURES)]
    np.testing.assert_allclose(means[2 * len(fits) :], expected, rtol=1e-6)
    assert min(expected) > best.cost_bits


def test_without_the_text_that_a_model_learnt_from_nothing_can_be_read(monkeypatch):
    monkeypatch.setattr("charlstm.page.pages.measure.held_out_text", lambda model: "")
    app = open_app(view="measure")
    assert app.button(key="measure_real").disabled
    assert "not on this machine" in " ".join(element.value for element in app.main.caption)


def test_a_model_of_which_nothing_was_held_out_reads_no_real_text(monkeypatch):
    monkeypatch.setattr("charlstm.page.pages.measure.held_out_text", lambda model: "what it learnt from " * 100)
    app = open_app(view="measure", model="nietzsche-notebook")
    assert app.button(key="measure_real").disabled
    assert "may have learnt from all of its text" in " ".join(element.value for element in app.main.caption)
