"""The view inside a written text: numbers, sentences, another character; in Chromium pointing and clicking."""

import re
import statistics

import numpy as np
import pytest
from app_tests import APP, ROOT, components, finish, go_to, open_app, page_of, unpacked
from model_files import archive, metadata_json
from pages import no_traceback, open_page, press, wait_until, wait_until_drawn
from streamlit.testing.v1 import AppTest

from charlstm.page.components.stage import NO_ID
from charlstm.page.parts.read_text import LEVELS
from charlstm.reading.text_score import score_text

# Notes when the pointer moves and when the card with the distribution is on the screen.
WATCH_CARD = """() => {
  window.waited = [];
  let moved = null;
  document.addEventListener("pointermove", () => { moved = performance.now(); shown = null; }, true);
  let shown = null;
  const watch = () => {
    const card = document.querySelector(".stage-card:popover-open");
    const pointed = document.querySelector(".stage-read .pointed");
    if (moved !== null && card && shown !== pointed) {
      shown = pointed;
      window.waited.push(performance.now() - moved);
      moved = null;
    }
    requestAnimationFrame(watch);
  };
  watch();
}"""
CARD = ".stage-card:popover-open"


def look(**address):
    """The view with 200 characters written."""
    app = open_app(view="look", speed="∞", **address)
    app.button(key="write_now").click().run()
    assert not app.exception
    return app


def browser_data(app) -> dict:
    return components(app)[-1]


def reasons(app) -> str:
    return next(element.proto.body for element in app.get("html") if 'class="why"' in element.proto.body)


def look_at(app, position: int) -> None:
    app.number_input(key="look_position").set_value(position + 1).run()
    assert not app.exception


def test_where_nothing_is_written_one_sentence_and_a_button():
    app = open_app(view="look")
    assert len(app.main.info) == 1
    assert not components(app)
    app.button(key="write_now").click().run()
    assert not app.main.info
    assert len(browser_data(app)["chars"]) == 200


def test_the_browser_gets_the_numbers_of_every_character_once():
    app = look(temperature="0.8")
    live, data = app.session_state.session.text.live, browser_data(app)
    score = score_text(live.model, live.text, top=8, seed_text=live.seed.text)
    assert data["chars"] == live.text
    np.testing.assert_allclose(data["surprisal"], score.surprisal_bits, atol=0.006)
    assert data["rank"] == score.rank.tolist()
    ids, own, reweighted = (unpacked(data["distributions"], data["rows"])[:, place::3] for place in (2, 3, 4))
    np.testing.assert_array_equal(ids[:, :-1], score.top_ids)
    np.testing.assert_allclose(own[:, :-1], score.top_probabilities * 10_000, atol=1)
    taken = [live.model.vocab.chars.index(char) for char in live.text]
    np.testing.assert_array_equal(ids[:, -1], np.where(score.rank > 8, taken, NO_ID))
    assert (own != reweighted).any()  # at 0.8


def test_starts_at_the_most_surprising_character():
    app = look()
    data = browser_data(app)
    assert data["selected"] == int(np.argmax(data["surprisal"]))


def test_says_why_it_did_not_take_the_likeliest():
    app = look(temperature="1.0")
    live, data = app.session_state.session.text.live, browser_data(app)
    other = next(position for position, rank in enumerate(data["rank"]) if rank > 1)
    look_at(app, other)
    assert "Why not the likeliest one? At temperature 1.00" in reasons(app)
    assert f"The random number {live.written[other].u:.3f} lies beyond it" in reasons(app)
    likeliest = next(position for position, rank in enumerate(data["rank"]) if rank == 1)
    look_at(app, likeliest)
    assert "It took the likeliest one" in reasons(app)
    assert "own probabilities" not in reasons(app)  # temperature 1 is the model's own


def test_another_temperature_is_held_against_the_models_own():
    app = look(temperature="0.2")
    assert "With the model’s own probabilities the same number takes" in reasons(app)


@pytest.mark.parametrize("position", [0, 120, 199])
def test_another_character_goes_on_in_the_main_view(position):
    app = look(temperature="1.0")
    before = app.session_state.session.text.live
    look_at(app, position)
    app.button(key="take_0").click().run()
    assert page_of(app) == "write"
    live = app.session_state.session.text.live
    finish(app)
    assert live.text[:position] == before.text[:position]
    assert live.text[position] != before.text[position]
    assert len(live.text) == position + 1 + len(before.text)
    assert [w.u for w in live.written[: len(before.written)]] == [w.u for w in before.written]
    earlier = app.session_state.session.earlier
    assert [text.text for text in earlier] == [before.text]


def test_the_character_taken_by_hand_is_looked_at_first_and_said_so():
    app = look(temperature="1.0")
    look_at(app, 50)
    app.button(key="take_1").click().run()
    finish(app)
    go_to(app, "look")
    data = browser_data(app)
    assert data["selected"] == 50
    assert data["marked"] == [50]
    assert "was taken by hand" in reasons(app)


def test_another_epoch_reads_the_same_text():
    app = look(temperature="1.0")
    text, surprisal = app.session_state.session.text.live.text, browser_data(app)["surprisal"]
    app.select_slider(key="epoch").set_value("0").run()
    assert not app.exception
    assert browser_data(app)["chars"] == text
    assert np.mean(browser_data(app)["surprisal"]) > np.mean(surprisal)  # untrained, it understands less
    assert app.session_state.session.text.live.text == text


def test_the_same_text_is_not_read_again_for_each_click(monkeypatch):
    app = look()
    monkeypatch.setattr("charlstm.page.pages.look.replay", None)  # would fail if it were called
    look_at(app, 3)
    look_at(app, 4)


def test_chinese_changes_the_sentences():
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["language"], app.query_params["view"] = "中文", "look"
    app.session_state.session = look().session_state.session
    app.run()
    assert not app.exception
    assert "随机数" in reasons(app)
    assert "random" not in reasons(app)


# The colours.


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_colour_reads_on_its_ground(scheme):
    """Contrast of text and ground by WCAG, at least 4.5, for each level of surprise."""
    css = (ROOT / "charlstm" / "page" / "components" / "stage.css").read_text("utf-8")
    page_ground, page_text = (("#ffffff", "#31333f"), ("#191916", "#fafafa"))[scheme]
    grounds = [luminance(page_ground)]
    for level in range(1, len(LEVELS) + 1):
        rule = re.search(rf"\.level{level} {{(.*)}}", css)[1]
        ground, *text = (pair[scheme] for pair in re.findall(r"light-dark\((#\w+), (#\w+)\)", rule))
        grounds.append(luminance(ground))
        light, dark = sorted((luminance(*text or [page_text]), grounds[-1]), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, level
    assert grounds == sorted(grounds, reverse=scheme == 0)  # by lightness alone, so that any colour vision reads it


def luminance(colour: str) -> float:
    """Relative luminance of `#rgb` or `#rrggbb`."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    values = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


# In Chromium.


def open_look(page, app_server) -> None:
    open_page(page, f"{app_server}/?view=look&temperature=0.8", "write_now")
    press(page, "write_now")
    page.wait_for_selector(".stage-read .c")
    page.wait_for_selector(".st-key-why_chart [data-testid=stVegaLiteChart] :is(svg, canvas)")


def char_at(page, position: int):
    return page.locator(".stage-read .c").nth(position)


def looked_at(page) -> int:
    return int(page.locator(".st-key-look_position input").input_value()) - 1


def test_pointing_shows_the_distribution_at_once_and_asks_the_server_nothing(app_server, page):
    sent = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    open_look(page, app_server)
    page.wait_for_timeout(1000)
    page.evaluate(WATCH_CARD)
    assert sent  # the wire is heard
    sent.clear()
    for position in range(5, 150, 15):
        page.locator(".stage-read .c:not(.newline)").nth(position).hover()
        page.wait_for_selector(CARD)
        page.wait_for_timeout(50)
    waited = page.evaluate("() => window.waited")
    assert len(waited) >= 9
    assert statistics.median(waited) < 100, waited  # milliseconds
    assert not sent
    card = page.locator(CARD)
    assert card.locator(".row").count() >= 8
    assert card.locator(".drawn").count() == 1
    page.mouse.move(2, 2)
    assert page.locator(CARD).count() == 0
    assert_fits(page)


def assert_fits(page) -> None:
    """A projector without scrolling, and the width of a phone."""
    bottom = page.locator(".st-key-take_0 button").bounding_box()
    assert bottom["y"] + bottom["height"] < 720
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(500)
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= 390


def test_clicks_and_keys_take_characters_apart_and_another_writes_on(app_server, page):
    open_look(page, app_server)
    char_at(page, 30).click()
    wait_until(lambda: looked_at(page) == 30, "the character is chosen")
    assert "selected" in char_at(page, 30).get_attribute("class")
    page.locator(".stage-read").focus()
    page.mouse.move(2, 2)
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(CARD)
    page.keyboard.press("Enter")
    wait_until(lambda: looked_at(page) == 31, "the next is chosen")
    page.keyboard.press("Escape")
    assert page.locator(CARD).count() == 0
    wait_until_drawn(page)
    text = page.evaluate("() => [...document.querySelectorAll('.stage-read .c')].map(c => c.textContent).join('')")
    press(page, "take_0")
    page.wait_for_selector(".st-key-output .stage-text .c")
    seed = page.locator(".st-key-output .seed").text_content()
    wait_until(lambda: len(written(page)) > len(seed) + 60, "it goes on")
    after = written(page)[len(seed) :]
    assert after[:31] == text[:31]
    assert after[31] != text[31]
    assert no_traceback(page)


def written(page) -> str:
    return page.locator(".st-key-output .stage-text").text_content()


def test_signs_of_markup_are_shown_as_they_are(app_server, page, tmp_path):
    """A model that knows nothing but the characters of Markdown and HTML."""
    path = tmp_path / "markdown.keras"
    path.write_bytes(archive(metadata=metadata_json(vocab="*_$<b>`#")))
    open_page(page, f"{app_server}/?view=look&temperature=2&seed_text=%3Cb%3E", "write_now")
    page.get_by_text("Save and load").click()
    page.locator(".st-key-upload_model input[type=file]").set_input_files(path)
    wait_until(lambda: "markdown" in page.locator(".st-key-model input").input_value(), "the model is in use")
    press(page, "write_now")
    page.wait_for_selector(".stage-read .c")
    wait_until(lambda: page.locator(".st-key-take button").count() >= 6, "there are others to take")
    assert page.locator(".stage-read .c").count() == 200
    text = page.locator(".stage-read").text_content()
    assert text.startswith("<b>")
    assert set(text) == set("*_$<b>`#")
    assert page.locator(".stage-read b, .stage-read em").count() == 0
    char_at(page, 3).hover()
    assert page.locator(f"{CARD} b").count() == 0
    signs = page.locator(f"{CARD} .sign").all_text_contents()
    assert sorted(signs) == sorted("*_$<b>`#")
    for label in page.locator(".st-key-take button").all_inner_texts():
        assert label.split()[0] in set("*_$<b>`#")
    for code in page.locator(".why code, .why-facts code").all_inner_texts():
        assert code in set("*_$<b>`#")
