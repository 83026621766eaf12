"""Where things stand: what one turns and what it changes are on the screen together, on a projector and on a phone."""

import pytest
from pages import open_page, press, wait_until, wait_until_drawn

PROJECTOR, PHONE = {"width": 1280, "height": 720}, {"width": 390, "height": 844}
# What is in sight without scrolling, by the page: on both screens, and on a projector.
PAGES = {
    "": (("temperature", "generate", "output", "next_char_chart"), ("seed_text",)),
    "compare": (("compare_generate", "stage_0", "stage_1", "stage_3"), ("seed_text",)),
    "lesson?step=1": (("one_character", "output", "next_char_chart"), ("lesson_next",)),
    "lesson?step=2": (("temperature", "output", "next_char_chart"), ("lesson_next",)),
    "lesson?step=3": (("compare_generate", "stage_0", "stage_1"), ("lesson_next",)),
    "lesson?step=4": (("compare_generate", "stage_0", "stage_1"), ("stage_3", "lesson_next")),
    "lesson?step=5": (("training_play",), ("epoch_large_8", "lesson_next")),
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
          const element = document.querySelector(`.st-key-${key}`);
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
        size = "() => parseFloat(getComputedStyle(document.querySelector('.stage-text')).fontSize)"
        wait_until(lambda: page.evaluate(size) >= 22, "it is large")  # noqa: B023


@pytest.mark.parametrize("width", [641, 700, 768])
def test_no_header_lies_over_a_lesson(app_server, page, width):
    opened(page, f"{app_server}/lesson", {"width": width, "height": 800}, "lesson_next")
    wait_until_in_sight(page, "lesson_next")


@pytest.mark.parametrize("width", [390, 640])
def test_embedded_in_a_narrow_frame_all_fits(app_server, page, width):
    opened(page, f"{app_server}/?embed=true", {"width": width, "height": 844}, "generate")
    wait_until_in_sight(page, "generate")
    wait_until_in_sight(page, "next_char_chart")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
