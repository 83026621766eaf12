"""The view inside the network: a cell, cells that follow something, influence; in Chromium a click in the text."""

import numpy as np
import pytest
from app_tests import browser_data, open_app
from pages import no_traceback, open_page, press, wait_until, wait_until_drawn, words_of

from charlstm.network.registry import load_model
from charlstm.page.pages.network import BITS, EDGES, WORTH
from charlstm.reading.cells import read_cells, study_cells
from charlstm.reading.influence import REACH, influence
from charlstm.text.corpus import load_corpus


@pytest.fixture(scope="module")
def model():
    return load_model("python-docs")


@pytest.fixture(scope="module")
def study(model):
    return study_cells(model, load_corpus("python-docs").split(0.1)[1])


def inside(**address):
    """The view with the Python manual's model, whose corpus is on every machine."""
    return open_app(view="network", **{"model": "python-docs"} | address)


def kept(app):
    return app.session_state.session.inside


def html(app) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def signed(number: float) -> str:
    return f"{number:+.2f}".replace("-", "−")


def test_it_begins_with_the_cell_that_follows_something_most_closely(study):
    app, best = inside(), study.followers()[0]
    assert app.number_input(key="cell").value == best.cell + 1
    assert app.selectbox(key="cell_follows").value == best.feature
    assert f"correlation {signed(best.correlation)}, measured on {study.characters:,} characters" in html(app)
    offered = [pair for pair in study.followers() if min(abs(pair.correlation), abs(pair.found)) >= WORTH]
    assert len(app.selectbox(key="cell_follows").options) == len(offered) > 4


def test_the_colours_are_those_of_the_cell(model):
    app = inside()
    app.number_input(key="cell").set_value(7).run()
    data = browser_data(app, "cell_text")
    courses = read_cells(model.network, model.vocab.encode(data["chars"])[None])
    np.testing.assert_allclose(data["surprisal"], courses[0, :, 6], atol=1e-4)
    assert data["heads"][3] == signed(courses[0, 3, 6])
    assert data["levels"] == [-EDGES[2], -EDGES[1], -EDGES[0], *EDGES]
    assert data["scale"]["labels"] == ["< −0.7", "−0.35", "−0.1", "0", "+0.1", "+0.35", "> +0.7"]


def test_a_cell_that_was_chosen_by_its_number_says_what_it_goes_with_most(study):
    app = inside()
    app.number_input(key="cell").set_value(7).run()
    pair = study.of_cell(6)
    assert app.selectbox(key="cell_follows").value is None
    assert "Cell 7 of 128 and" in html(app)
    assert f"correlation {signed(pair.correlation)}" in html(app)


def test_a_thing_that_was_chosen_brings_its_cell(study):
    app, pair = inside(), study.followers()[2]
    app.selectbox(key="cell_follows").set_value(pair.feature).run()
    assert app.number_input(key="cell").value == pair.cell + 1
    assert f"correlation {signed(pair.correlation)}" in html(app)


def test_influence_is_that_of_the_character_that_was_chosen(model):
    app = inside()
    kept(app).place = 70
    app.run()
    passage, data = kept(app).passage, browser_data(app, "influence_text")
    found = influence(model, passage, 70)
    assert data["chars"] == passage[70 - REACH : 70]
    np.testing.assert_allclose(data["surprisal"], found.bits, atol=1e-3)
    assert data["levels"][3:] == list(BITS)
    strongest = int(np.abs(found.bits).argmax())
    assert f"{REACH - strongest} before: without it" in html(app)
    assert f"({signed(found.bits[strongest])} bits)" in html(app)
    kept(app).place = 0
    app.run()
    assert any("Nothing stands before it." in caption.value for caption in app.main.caption)


def test_another_passage_and_another_model_are_read_anew():
    app = inside()
    passage = kept(app).passage
    app.button(key="cell_another").click().run()
    assert kept(app).passage != passage
    app.selectbox(key="model").set_value("tang-poems").run()
    assert not app.exception


def test_a_short_text_says_that_it_is_too_short():
    app = inside()
    app.session_state["guess_source"] = "pasted"
    app.session_state["guess_pasted"] = "The will to power, and nothing besides."
    app.run()
    assert not app.exception
    assert "too short to search" in html(app)
    assert browser_data(app, "cell_text")["chars"] == "The will to power, and nothing besides."


def test_a_chinese_page_says_it_in_chinese():
    assert "相关系数" in html(inside(language="中文"))


# In Chromium.


def test_a_click_in_the_text_asks_what_made_that_character_likely(app_server, page):
    open_page(page, f"{app_server}/network?model=python-docs", "influence")
    wait_until_drawn(page)
    text = page.locator(".st-key-cell_text .stage-text")
    wait_until(lambda: text.locator(".c").count() > 400, "the text is there")
    levels = "spans => spans.filter(span => !span.classList.contains('level3')).length"
    assert text.locator(".c").evaluate_all(levels) > 20
    before = words_of(page, "influence")
    text.locator(".c").nth(90).click()
    wait_until(lambda: words_of(page, "influence") != before, "another character is asked about")
    influenced = page.locator(".st-key-influence_text .c")
    wait_until(lambda: influenced.count() == REACH, "those before it are there")
    influenced.nth(REACH - 1).hover()
    card = page.locator(".st-key-influence_text .stage-card")
    wait_until(lambda: "bits · without it" in card.inner_text(), "the card says what it did")
    painted = "spans => spans.map(span => getComputedStyle(span).backgroundColor).join()"
    colours = text.locator(".c").evaluate_all(painted)
    page.locator(".st-key-cell input").fill("5")
    page.locator(".st-key-cell input").press("Enter")
    wait_until(lambda: text.locator(".c").evaluate_all(painted) != colours, "another cell has other colours")
    press(page, "cell_another")
    wait_until(lambda: text.locator(".c").count() > 400, "another passage is there")
    assert no_traceback(page)
