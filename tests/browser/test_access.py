"""Who sees little or reads by ear: axe-core over every view, and the colours of charts in both themes."""

import os
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlencode

import pytest
from pages import open_page, press, wait_until, wait_until_drawn
from server import serving

ROOT = Path(__file__).resolve().parents[2]
WIDE, PHONE = (1280, 720), (390, 844)
# Each pair of language, theme and size once.
SIGHTS = {"English": ((WIDE, "light"), (PHONE, "dark")), "中文": ((WIDE, "dark"), (PHONE, "light"))}
SCHEME = "theme => getComputedStyle(document.querySelector('.stApp')).colorScheme === theme"
WRITTEN = "() => [...document.querySelectorAll('.stage-text')].every(text => text.textContent.length > 120)"
COLORS = "(found, part) => [...new Set(found.map(each => getComputedStyle(each)[part]))].sort()"
# Streamlit's own menu in the sidebar has groups between its list and the items, which no page can change.
FIND = """async () => {
  const STREAMLITS = ["[data-testid=stSidebarNavItems]"];
  const { violations } = await axe.run({ exclude: STREAMLITS }, { resultTypes: ["violations"] });
  return violations.filter((found) => ["serious", "critical"].includes(found.impact)).flatMap((found) =>
    found.nodes.map((node) => `${found.id}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ""}`));
}"""


def written(page, button: str) -> None:
    """Writes and waits until all texts are there."""
    press(page, button)
    page.wait_for_function(WRITTEN)


def write(page) -> None:
    written(page, "generate")
    page.evaluate("document.querySelectorAll('details:not([open]) > summary').forEach(folded => folded.click())")
    press(page, "more_settings")


def write_now(page, result: str) -> None:
    press(page, "write_now")
    page.wait_for_selector(f".st-key-{result}")


def score(page) -> None:
    page.locator(".st-key-score_text textarea").fill("What is great in man is that he is a bridge and not a goal.")
    press(page, "score")
    page.wait_for_selector(".st-key-score_result .stage-text .c")


def guess(page) -> None:
    page.locator(".st-key-guess_show button:visible").click()
    page.wait_for_selector(".st-key-guess_answer svg.marks")


def open_room(page) -> None:
    press(page, "room_open")
    page.wait_for_selector(".st-key-room_histogram svg.marks")


def draw_futures(page) -> None:
    press(page, "futures_draw")
    page.wait_for_selector(".icicle button.drawn")


# What is done in each view before it is looked at.
VIEWS: dict[str, Callable] = {
    "write": write,
    "compare": lambda page: written(page, "compare_generate"),
    "futures": draw_futures,
    "training": lambda page: page.wait_for_selector(".st-key-training_rows .stage-text"),
    "measure": lambda page: page.wait_for_selector(".st-key-sweep_chart svg.marks"),
    "look": lambda page: write_now(page, "why_chart svg.marks"),
    "score": score,
    "copied": lambda page: write_now(page, "copied_result"),
    "guess": guess,
    "room": open_room,
    "network": lambda page: page.wait_for_selector(".st-key-influence_text .stage-text .c"),
    "acrostic": lambda page: written(page, "acrostic_generate"),
    "lesson": lambda page: page.wait_for_selector(".st-key-lesson_text"),
}


@pytest.fixture(scope="module")
def axe() -> str:
    """The script of axe-core."""
    pytest.importorskip("axe_playwright_python", reason="axe-core is not installed (axe-playwright-python has it)")
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


@pytest.mark.parametrize("language", SIGHTS)
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_serious(app_server, page, axe, view, language):
    asked = {"view": view, "language": language, "speed": "∞", "length": 100}
    open_page(page, f"{app_server}/?{urlencode(asked)}", "language")
    wait_until_drawn(page)
    VIEWS[view](page)
    wait_until_drawn(page)
    found = findings(page, axe, language)
    assert not any(found.values()), found


def findings(page, axe: str, language: str) -> dict[tuple[int, str], list[str]]:
    """What axe-core finds on a page, by width and theme."""
    page.evaluate(axe)
    found = {}
    for (width, height), theme in SIGHTS[language]:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme)
        page.wait_for_function(SCHEME, arg=theme)
        found[width, theme] = page.evaluate(FIND)
    return found


def test_axe_finds_nothing_serious_where_little_is_allowed(browser, axe, tmp_path):
    little = {"UPLOADS": "off", "TRAINING": "off", "MAX_LENGTH": "500", "MAX_SESSIONS": "1"}
    environment = os.environ | {f"CHARLSTM_{name}": value for name, value in little.items()}
    command = (sys.executable, "-m", "streamlit", "run", "streamlit_app.py")
    with serving(command, ROOT, tmp_path / "log.txt", env=environment) as address:
        contexts = [browser.new_context(), browser.new_context()]
        inside, outside = (context.new_page() for context in contexts)
        open_page(inside, address)
        write(inside)
        outside.goto(address)
        outside.get_by_text("All places on this server are taken").wait_for()
        found = [findings(page, axe, "English") for page in (inside, outside)]
        for context in contexts:
            context.close()
    assert not any(any(each.values()) for each in found), found


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_legends_have_the_colours_of_the_bars(app_server, page, theme):
    page.emulate_media(color_scheme=theme)
    open_page(page, f"{app_server}/?speed=∞&length=100")
    written(page, "generate")
    chart = page.locator(".st-key-next_char_chart")
    legend, bars = chart.locator("[data-testid=stMarkdownContainer] span"), chart.locator(".mark-rect path")
    wait_until(lambda: len(bars.evaluate_all(COLORS, "fill")) == 3, "the bars are there, one of them drawn")
    assert legend.evaluate_all(COLORS, "color") == bars.evaluate_all(COLORS, "fill")


def test_walking_through_a_text_says_each_character_and_its_probability(app_server, page):
    open_page(page, f"{app_server}/?speed=∞&length=100")
    written(page, "generate")
    page.locator(".st-key-output .stage-text").press("Home")
    first = page.locator(".st-key-output .stage-text .pointed").inner_text()
    said = page.locator(".st-key-output .stage-live")
    wait_until(lambda: said.inner_text().startswith(f"{first} "), "the character is said")
    assert said.inner_text().endswith("%")
