"""The tree of futures on the page: what its blocks say, and the ways into them and back."""

import numpy as np
import pytest
from app_tests import components, finish, go_to, open_app
from pages import no_traceback, open_page, press, wait_until, wait_until_drawn

from charlstm.network.registry import load_model
from charlstm.page.pages.futures import _decoded
from charlstm.reading.futures import DEPTH, futures
from charlstm.text.openings import DEFAULT_SEED
from charlstm.writing.generation import Writer
from charlstm.writing.sampling import Sampler


def tree(app) -> dict:
    """What the browser gets."""
    return next(data for data in components(app) if "parents" in data)


def text_of(app):
    return app.session_state.session.text.live.text


def press_here(app, key: str):
    app.button(key=key).click().run()
    assert not app.exception


def test_it_begins_where_the_text_stands():
    app = open_app(view="futures")
    model = load_model("nietzsche")
    assert tree(app)["ids"] == futures(model, DEFAULT_SEED).ids.tolist()
    app.text_area(key="seed_text").set_value("what is ").run()
    assert tree(app)["ids"] == futures(model, "what is ").ids.tolist()
    go_to(app, "write")
    app.select_slider(key="speed").set_value("∞").run()
    app.button(key="generate").click().run()
    written = finish(app)
    go_to(app, "futures")
    assert tree(app)["ids"] == futures(model, "what is " + written).ids.tolist()
    assert tree(app)["drawn"] == []


def test_what_is_drawn_is_what_the_temperature_alone_draws_and_is_marked():
    app = open_app(view="futures", temperature="1.1", top_k="2")
    model = load_model("nietzsche")
    before = tree(app)
    press_here(app, "futures_draw")
    writer = Writer(model, DEFAULT_SEED, np.random.default_rng(42))
    first, second = (writer.write_texts(Sampler(1.1), DEPTH)[0] for _ in range(2))
    assert text_of(app) == first
    assert tree(app)["drawn"] == model.vocab.encode(first).tolist()
    assert tree(app)["parents"] == before["parents"]
    press_here(app, "futures_draw")
    assert text_of(app) == first + second
    assert tree(app)["ids"] == futures(model, DEFAULT_SEED + first).ids.tolist()
    press_here(app, "futures_back")
    assert tree(app)["drawn"] == model.vocab.encode(first).tolist()
    assert app.button(key="futures_back").disabled
    press_here(app, "start_over")
    assert (text_of(app), tree(app)["drawn"]) == ("", [])
    assert app.session_state.session.earlier[0].text == first + second


def test_another_epoch_gives_another_tree():
    app = open_app(view="futures", context="5")
    press_here(app, "futures_draw")
    of = tree(app)["of"]
    app.select_slider(key="epoch").set_value("1").run()
    assert tree(app)["of"] != of
    model = load_model("models/nietzsche/epoch-001.keras")
    writer = Writer(model, DEFAULT_SEED, np.random.default_rng(42), context=5)
    assert text_of(app) == writer.write_texts(Sampler(0.5), DEPTH)[0]  # which each epoch writes in its own way
    assert tree(app)["ids"] == futures(model, DEFAULT_SEED + text_of(app), context=5).ids.tolist()


def test_another_model_gives_another_tree_also_where_its_epoch_has_the_same_name():
    app = open_app(view="futures", model="nietzsche-large")
    press_here(app, "futures_draw")
    of, epoch = tree(app)["of"], app.session_state.epoch
    app.selectbox(key="model").set_value("nietzsche-notebook").run()
    assert not app.exception
    assert app.session_state.epoch == epoch
    assert tree(app)["of"] != of


def test_a_text_in_mid_play_that_the_model_cannot_read_gives_way():
    app = open_app()
    press_here(app, "generate")
    go_to(app, "acrostic")
    app.selectbox(key="model").set_value("tang-poems").run()
    go_to(app, "futures")
    assert text_of(app) == ""
    assert app.session_state.session.earlier[0].settings["model"] == "nietzsche"
    assert not tree(app)["drawn"]


@pytest.mark.parametrize("path", [None, "ab", [], [1, -1], [57], [1.0], ["a"], [0] * (DEPTH + 1)])
def test_paths_that_no_block_has_lead_nowhere(path):
    assert _decoded(path, load_model("nietzsche")) == ""


def shares(page) -> dict[str, float]:
    """What the blocks on the screen say of themselves: the characters and their probability in percent."""
    labels = page.locator(".icicle button:not([hidden])").evaluate_all("all => all.map(each => each.ariaLabel)")
    return {label.rpartition(" ")[0]: float(label.rpartition(" ")[2].rstrip("%")) for label in labels}


def heights(page) -> dict[str, float]:
    """How much of the whole height each block has, in percent."""
    measure = "each => [each.ariaLabel, 100 * each.getBoundingClientRect().height / each.parentElement.clientHeight]"
    found = page.locator(".icicle button:not([hidden])").evaluate_all(f"all => all.map({measure})")
    return {label.rpartition(" ")[0]: height for label, height in found}


def probability(signs: str, temperature: float) -> float:
    """Of some characters after the default seed text, in percent, by a writer."""
    model, product = load_model("nietzsche"), 100.0
    writer = Writer(model, DEFAULT_SEED)
    for char in signs.replace("␣", " ").replace("⏎", "\n"):
        product *= Sampler(temperature).probabilities(writer.logits)[0, model.vocab.chars.index(char)]
        writer.read(char)
    return product


def check_numbers(page, temperature: float) -> None:
    found, high = shares(page), heights(page)
    assert len(found) > 5
    for signs, share in found.items():
        expected = probability(signs, temperature)
        assert share == pytest.approx(expected, abs=0.51 if share >= 10 else 0.051), signs
        assert high[signs] == pytest.approx(expected, abs=0.4), signs


def expect_end(page, signs: str) -> None:
    page.wait_for_selector(".futures-text")
    end = signs.replace("␣", " ").replace("⏎", "\n")
    wait_until(lambda: page.locator(".futures-text").text_content().endswith(end), "the text goes on with it")


def open_tree(page, app_server) -> None:
    open_page(page, f"{app_server}/futures?temperature=1", "futures_tree")
    wait_until_drawn(page)
    page.wait_for_selector(".icicle button:not([hidden])")


def test_blocks_are_as_high_as_their_probability_while_the_slider_moves_and_lead_where_they_say(app_server, page):
    open_tree(page, app_server)
    check_numbers(page, 1.0)
    before = shares(page)
    thumb = page.locator(".st-key-temperature").get_by_role("slider")
    box = thumb.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] - 60, box["y"] + box["height"] / 2, steps=6)  # dragged, and not let go
    wait_until(lambda: shares(page) != before, "the blocks move")
    cooler = float(thumb.get_attribute("aria-valuetext") or thumb.input_value())
    assert cooler < 1
    check_numbers(page, cooler)
    page.mouse.up()
    wait_until(lambda: f"temperature={cooler:g}" in page.evaluate("location.href"), "the address follows")
    wait_until_drawn(page)
    check_numbers(page, cooler)
    deep = max(shares(page), key=len)
    page.locator(f'.icicle button:not([hidden])[aria-label^="{deep} "]').click()
    expect_end(page, deep)
    assert page.locator(".icicle .drawn").count() == 0
    press(page, "futures_back")
    wait_until(lambda: page.locator(".icicle button.drawn").count() == len(deep), "the way that was taken is marked")
    assert no_traceback(page)


def test_the_keyboard_walks_through_the_tree(app_server, page):
    open_tree(page, app_server)
    first = page.locator(".icicle button[tabindex='0']")
    first.focus()
    label = "() => document.activeElement.ariaLabel?.split(' ')[0]"
    one = page.evaluate(label)
    page.keyboard.press("ArrowRight")
    two = page.evaluate(label)
    assert two.startswith(one)
    assert len(two) == len(one) + 1
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    other = page.evaluate(label)
    assert len(other) == 1
    assert other != one
    page.keyboard.press("Enter")
    expect_end(page, other)


def test_on_a_phone_fewer_characters_ahead_are_seen(app_server, page):
    page.set_viewport_size({"width": 390, "height": 844})
    open_tree(page, app_server)
    assert max(map(len, shares(page))) <= 6
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
