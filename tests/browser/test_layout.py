"""Where things stand: what one turns and what it changes are on the screen together, on a projector and on a phone."""

import pytest
from pages import open_page, press, wait_until, wait_until_drawn

PROJECTOR, PHONE = {"width": 1280, "height": 720}, {"width": 390, "height": 844}
# What is in sight without scrolling, by the page: on both screens, and on a projector.
PAGES = {
    "": (("temperature", "generate", "output", "next_char_chart"), ("seed_text",)),
    "compare": (("compare_generate", "stage_0", "stage_3"), ("bars_0", "bars_3", "seed_text")),
    "lesson?step=1": (("one_character", "output", "next_char_chart"), ("lesson_next",)),
    "lesson?step=2": (("temperature", "output", "next_char_chart"), ("lesson_next",)),
    "lesson?step=3": (("compare_generate", "stage_0", "stage_1"), ("bars_1", "lesson_next")),
    "lesson?step=4": (("compare_generate", "stage_0", "stage_3"), ("bars_3", "lesson_next")),
    "lesson?step=5": (("training_play", "epoch_large_8"), ("lesson_next",)),
    "lesson?step=6": (("measure",), ("sweep_chart", "lesson_next")),
    "compare?compare_by=counting&model=python-docs": (
        ("compare_generate", "stage_0", "stage_1", "temperature"),
        ("stage_3",),
    ),
    "futures": (("temperature", "futures_draw", "futures_tree"), ("seed_text",)),
    "epochs": (("training_play",), ("epoch_large_8", "temperature")),
    "measure": (("measure",), ("sweep_chart",)),
    "network?model=python-docs": (("cell", "cell_text"), ("cell_follows", "influence")),
    "acrostic": (("acrostic_generate", "temperature", "acrostic_output"), ("acrostic_chart",)),
}
SMALL = """() => [...document.querySelectorAll('.stMain *')]
  .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  .filter((element) => element.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true }))
  .map((element) => [parseFloat(getComputedStyle(element).fontSize), element.textContent])
  .filter(([size]) => size < 14)"""


def opened(page, address: str, size: dict[str, int], waits_for: str) -> None:
    page.set_viewport_size(size)
    open_page(page, address, waits_for)
    wait_until_drawn(page)


def wait_until_in_sight(page, key: str) -> None:
    wait_until(lambda: in_sight(page, key), f"{key} is in sight")


def in_sight(page, key: str) -> bool:
    """Whether all of it is in the window, and nothing lies on its middle."""
    return page.evaluate(
        """key => {
          const [, column] = key.match(/^bars_(\\d)$/) ?? [];
          const element = column ? document.querySelectorAll(".st-key-columns .stVegaLiteChart")[column]
            : document.querySelector(`.st-key-${key}`);
          if (!element) return false;
          const box = element.getBoundingClientRect();
          const top = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 20));
          return box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth
            && (element.contains(top) || top.contains(element));
        }""",
        key,
    )


def close_sidebar(page) -> None:
    page.locator("[data-testid=stSidebarContent]").hover()
    page.locator("[data-testid=stSidebarCollapseButton] button").click()


@pytest.mark.parametrize("address", PAGES)
def test_control_text_and_chart_are_in_sight_in_a_hall_and_nothing_is_under_14_pixels(app_server, page, address):
    both, wide = PAGES[address]
    opened(page, f"{app_server}/{address}", PROJECTOR, both[0])
    for key in both + wide:
        wait_until_in_sight(page, key)
    wait_until(lambda: page.locator(".stMain .stSkeleton").count() == 0, "all is drawn")
    assert page.evaluate(SMALL) == []
    close_sidebar(page)
    for key in both + wide:
        wait_until_in_sight(page, key)


@pytest.mark.parametrize("address", PAGES)
def test_control_text_and_chart_are_in_sight_on_a_phone(app_server, page, address):
    keys, _ = PAGES[address]
    opened(page, f"{app_server}/{address}", PHONE, keys[0])
    for key in keys:
        wait_until_in_sight(page, key)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("size", [PROJECTOR, PHONE], ids=["projector", "phone"])
@pytest.mark.parametrize("step", range(1, 7))
def test_a_step_of_the_lesson_fits_while_it_is_tried_and_when_it_says_what_was_seen(app_server, page, step, size):
    both, wide = PAGES[f"lesson?step={step}"]
    opened(page, f"{app_server}/lesson?step={step}", size, "lesson_answers")
    for pressed in ("lesson_answer_0", "lesson_next"):
        press(page, pressed)
        wait_until(lambda: page.locator(".st-key-lesson_answers").count() == 0, "the question is gone")
        for key in both + (wide if size == PROJECTOR else ()):
            wait_until_in_sight(page, key)


def test_columns_show_how_each_text_begins(app_server, page):
    opened(page, f"{app_server}/compare?speed=∞", PROJECTOR, "compare_generate")
    press(page, "compare_generate")
    for column in range(4):
        text = page.locator(f".st-key-stage_{column} .stage-text")
        wait_until(lambda: text.locator(".c").count() == 400, "the column is written")  # noqa: B023
        wait_until(lambda: text.evaluate("text => text.scrollTop") == 0, "its beginning is in sight")  # noqa: B023
        assert text.locator(".c").first.is_visible()


def test_a_text_in_the_making_has_22_pixels_in_a_hall(app_server, page):
    for address in ("", "compare"):
        opened(page, f"{app_server}/{address}", PROJECTOR, "seed_text")
        page.wait_for_selector(".stage-text")
        size = "() => parseFloat(getComputedStyle(document.querySelector('.stage-text')).fontSize)"
        wait_until(lambda: page.evaluate(size) >= 22, "it is large")  # noqa: B023


def test_the_last_of_the_most_surprising_places_is_in_sight_on_a_projector(app_server, page):
    opened(page, f"{app_server}/score", PROJECTOR, "score")
    press(page, "score_german")
    place = page.locator(".places li").last
    place.wait_for()
    wait_until(lambda: place.bounding_box()["y"] + place.bounding_box()["height"] <= 720, "it is in sight")


# Pairs of things that one reads or presses which lie on one another.
OVERLAPS = """() => {
  const things = '.stMain :is(button, textarea, h2, .stage-text, .stVegaLiteChart)';
  const ways = '.st-key-language, .st-key-ways, [data-testid=stExpandSidebarButton]';
  const found = [...document.querySelectorAll(`${things}, ${ways}`)]
    .filter((each) => each.checkVisibility({ checkVisibilityCSS: true }) && each.getBoundingClientRect().width > 0);
  const on = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
  return found.flatMap((a, place) => found.slice(place + 1)
    .filter((b) => !a.contains(b) && !b.contains(a) && on(a.getBoundingClientRect(), b.getBoundingClientRect()))
    .map((b) => `${a.className} ${a.textContent} on ${b.className} ${b.textContent}`));
}"""


def wait_until_nothing_overlaps(page) -> None:
    wait_until(lambda: not page.evaluate(OVERLAPS), f"nothing lies on another: {page.evaluate(OVERLAPS)}")


@pytest.mark.parametrize("width", [641, 700, 768])
@pytest.mark.parametrize("address", ["", "lesson", "compare"])
def test_no_header_lies_over_a_page(app_server, page, width, address):
    key = "lesson_next" if address == "lesson" else "seed_text"
    opened(page, f"{app_server}/{address}", {"width": width, "height": 800}, key)
    wait_until_in_sight(page, key)
    wait_until_nothing_overlaps(page)


@pytest.mark.parametrize("width", [360, 390, 640, 700])
def test_embedded_in_a_narrow_frame_all_fits(app_server, page, width):
    opened(page, f"{app_server}/?embed=true", {"width": width, "height": 844}, "generate")
    for key in ("seed_text", "generate", "next_char_chart"):
        wait_until_in_sight(page, key)
    wait_until_nothing_overlaps(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_at_twice_its_size_control_and_effect_stay_together(app_server, browser):
    context = browser.new_context(viewport={"width": 640, "height": 360}, device_scale_factor=2)
    page = context.new_page()
    open_page(page, app_server, "generate")
    wait_until_drawn(page)
    for key in ("temperature", "generate", "output", "next_char_chart"):
        wait_until_in_sight(page, key)
    wait_until_nothing_overlaps(page)
    context.close()
