"""Through training: a row an epoch, all with the same luck, uncovered one after another."""

import re

import numpy as np
import pytest
from app_tests import components, open_app
from pages import no_traceback, open_page, press, wait_until

import charlstm
from charlstm.network.registry import list_models
from charlstm.page.pages.epochs import MAX_ROWS, PLAY_SECONDS, ROW_CHARACTERS, EpochRow, _thinned, lead_html
from charlstm.page.parts.played_text import PlayedText
from charlstm.page.parts.signs import visible
from charlstm.writing.live_text import LiveText

EPOCHS = list_models()["nietzsche"]


def training(**address):
    return open_app(view="training", **address)


LEAD = re.compile(r'<span class="number">(.*?)</span><span class="bits">([\d.]+)')


def rows_of(app) -> list[tuple[str, float, str]]:
    """Label, bits and text of each row; the text of a covered one is empty."""
    texts = {data["name"]: data["chars"] for data in components(app) if "chars" in data}
    leads = [match for element in app.get("html") if (match := LEAD.search(element.proto.body))]
    return [(lead[1], float(lead[2]), texts.get(f"sample_epoch_{row}", "")) for row, lead in enumerate(leads)]


def kinds(app) -> list[str]:
    looks = {data["name"]: data["look"] for data in components(app) if "chars" in data}
    names = {None: "covered", "": "large", "stage-line": "before"}
    return [names[looks.get(f"sample_epoch_{row}")] for row in range(len(rows_of(app)))]


def tick(app) -> None:
    """Runs the page when the next row is due."""
    app.session_state.session.due = 1e-9
    app.run()
    assert not app.exception


def test_there_is_a_row_an_epoch_with_its_held_out_bits():
    app = training()
    rows = rows_of(app)
    assert [label for label, _, _ in rows] == [epoch.label for epoch in EPOCHS][: len(rows)]
    assert rows[0][1] == pytest.approx(np.log2(57), abs=0.05)  # untrained: a blind guess among 57 characters
    assert rows[-1][1] < 2.2
    assert kinds(app) == ["before"] * (len(rows) - 1) + ["large"]


def test_all_rows_read_the_same_and_draw_with_the_same_random_numbers():
    app = training(seed_text="what is ", rng_seed="5", temperature="0.7")
    for (_, _, text), epoch in zip(rows_of(app), EPOCHS, strict=True):
        model = charlstm.load_model(epoch.file)
        steps = charlstm.generate(model, "what is ", 0.7, ROW_CHARACTERS, np.random.default_rng(5))
        assert text == "".join(step.char for step in steps)


def test_playing_uncovers_row_after_row_and_ends_by_itself():
    app = training()
    count = len(kinds(app))
    app.button(key="training_play").click().run()
    for place in range(count):
        assert kinds(app) == ["before"] * place + ["large"] + ["covered"] * (count - place - 1)
        assert app.session_state.session.playing == (place < count - 1)
        tick(app)
    assert not app.button(key="training_play").disabled
    assert app.button(key="training_stop").disabled


def test_a_moved_setting_does_not_hurry_the_playing():
    app = training()
    app.button(key="training_play").click().run()
    app.session_state.session.due = float("inf")  # on no machine the next row's time has come
    app.slider(key="temperature").set_value(1.0).run()
    assert kinds(app)[0] == "large"
    assert app.session_state.session.playing


def test_stop_leaves_the_row_that_is_shown():
    app = training()
    app.button(key="training_play").click().run()
    tick(app)
    app.button(key="training_stop").click().run()
    tick(app)
    assert kinds(app)[:2] == ["before", "large"]


def test_the_slider_shows_any_epoch_and_covers_the_later_ones():
    app = training()
    covered = rows_of(app)[3][2]
    app.select_slider(key="training_upto").set_value(EPOCHS[2].label).run()
    assert kinds(app)[:4] == ["before", "before", "large", "covered"]
    assert covered not in [text for _, _, text in rows_of(app)]


def test_nothing_is_written_again_unless_a_setting_changes(monkeypatch):
    app = training()
    first = rows_of(app)[0]
    with monkeypatch.context() as patched:
        patched.setattr("charlstm.page.parts.samples.LiveText", None)  # would fail if it were called
        app.select_slider(key="training_upto").set_value("1").run()
        assert not app.exception
    app.slider(key="temperature").set_value(1.2).run()
    assert not app.exception
    assert rows_of(app)[0] != first


def test_an_unreadable_seed_is_said_and_draws_no_rows():
    app = training(seed_text="猫")
    assert len(app.error) == 1
    assert not rows_of(app)


@pytest.mark.parametrize("count", [1, 2, 9, 10, 11, 60, 1000])
def test_of_many_epochs_the_first_the_last_and_most_early_ones_are_kept(count):
    kept = _thinned(list(range(count)))
    assert len(kept) == min(count, MAX_ROWS)
    assert (kept[0], kept[-1]) == (0, count - 1)
    assert kept == sorted(set(kept))
    gaps = np.diff(kept)
    assert list(gaps) == sorted(gaps)


def test_what_stands_before_a_text_is_escaped(tiny_model):
    text = PlayedText(LiveText(tiny_model, "", 0), 6)
    made = lead_html(EpochRow("<i>", None, text, collapsed=True), 5.0, "<p>")
    assert "&lt;i&gt;" in made
    assert "&lt;p&gt;" in made
    made = lead_html(EpochRow("1", 2.5, text), 5.0, "!")
    assert "width:50.0%" in made
    assert "!" not in made


def test_a_class_sees_the_rows_come_and_every_character_answers(app_server, page):
    open_page(page, f"{app_server}/?view=training&temperature=1.2", "training_rows .stage-text")
    rows = page.locator("[class*=st-key-epoch_]:has(.epoch)")
    large = page.locator("[class*=st-key-epoch_large]")
    wait_until(lambda: rows.count() == len(EPOCHS), "all rows")
    assert rows.last.bounding_box()["y"] + rows.last.bounding_box()["height"] <= 720
    press(page, "training_play")
    for epoch in EPOCHS[:3]:
        shown = [epoch.label]  # alone: for a moment the row before is large too
        wait_until(lambda: large.locator(".number").all_inner_texts() == shown, "the next row", 3 * PLAY_SECONDS)  # noqa: B023
    press(page, "training_stop")
    wait_until(lambda: page.locator(".st-key-training_play button").first.is_enabled(), "it stops")
    for char in (large.locator(".c").nth(20), page.locator("[class*=st-key-epoch_before] .c").nth(5)):
        char.hover()
        sign = page.locator(".stage-card:popover-open .head").text_content()
        assert sign == visible(char.text_content())
        assert page.locator(".stage-card:popover-open .drawn .sign").text_content() in (sign, "rest")
    assert no_traceback(page)
    page.set_viewport_size({"width": 390, "height": 844})
    wait_until(lambda: page.evaluate("document.documentElement.scrollWidth") <= 390, "it fits a phone")
