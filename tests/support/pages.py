"""The page in a real browser: how tests open it and press its buttons."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # files of tests that need no browser as well are read where Playwright is not installed
    from playwright.sync_api import Page

from charlstm.page.charts.played import PARTS, SEPARATOR, START, STOP

CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_SECONDS = 60


def open_page(page: Page, address: str, waits_for: str = "output") -> None:
    """Opens an address and waits until the element with the key `waits_for` is there."""
    page.goto(address)
    page.wait_for_selector(f".st-key-{waits_for}", timeout=PATIENCE_SECONDS * 1000)
    page.wait_for_function(
        "() => !document.querySelector('[data-testid=stStatusWidget]')", timeout=PATIENCE_SECONDS * 1000
    )


def wait_until_drawn(page: Page) -> None:
    """Waits until the server has drawn all of the page; buttons further down are those of the last run until then."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=PATIENCE_SECONDS * 1000)


def follow(page: Page, title: str, group: str = "") -> None:
    """Goes to another page by the menu, in which it stands in a group or by itself."""
    if group:
        page.locator("header").get_by_text(group, exact=True).click()
    page.locator("[data-testid=stTopNavLink], [data-testid=stTopNavDropdownLink]").filter(has_text=title).click()


def choose(page: Page, key: str, option: str) -> None:
    """Chooses an option in the box with a key; a run of the page that comes between may close the list."""
    wait_until_drawn(page)
    entry = page.get_by_role("option", name=option)

    def is_open() -> bool:
        if not entry.count():
            page.locator(f".st-key-{key} input").click()
            page.wait_for_timeout(1000)
        return entry.count() > 0

    wait_until(is_open, f"{option} can be chosen")
    entry.click()
    wait_until_drawn(page)


def press(page: Page, key: str) -> None:
    """Presses the button with a key; Streamlit draws one with a help text twice, the second hidden."""
    page.locator(f".st-key-{key} button").first.click()


def choose_temperature(page: Page, temperature: str) -> None:
    """Presses one of the usual temperatures."""
    page.locator(".st-key-usual_temperature button").get_by_text(temperature, exact=True).click()


def words_of(page: Page, key: str) -> str:
    """What one reads in the container with a key."""
    return page.locator(f".st-key-{key}").first.inner_text()


def text_of(page: Page, key: str = "output") -> str:
    """The text on the stage in the container with a key, the seed text included; empty while there is none."""
    stage = page.locator(f".st-key-{key} .stage-text").first
    return page.evaluate("stage => stage.textContent", stage.element_handle())


@dataclass(frozen=True)
class Frame:
    """What the chart of a text shows.

    Attributes:
        title: Above the bars.
        rows: Sign, own and reweighted probability, label, and state of each.
    """

    title: str
    rows: tuple[tuple[str, float, float, str, str], ...]

    @property
    def drawn(self) -> list[str]:
        """The signs of the rows that are marked as drawn."""
        return [row[0] for row in self.rows if row[4] == "drawn"]


def frame_in(value: str, name: str = "stage") -> Frame | None:
    """The frame of one text among those that the page holds (`document.body.value`); None where there is none."""
    frames = dict(frame.split(STOP, 1) for frame in (value or "").split(START)[1:])
    if not frames.get(name):
        return None
    title, *parts = frames[name].split(SEPARATOR)
    rows = zip(*(parts[offset::PARTS] for offset in range(PARTS)), strict=True)
    return Frame(title, tuple((sign, float(own), float(now), label, state) for sign, own, now, label, state in rows))


def frame_of(page: Page, name: str = "stage") -> Frame | None:
    """The frame of one text as it is now."""
    return frame_in(page.evaluate("() => document.body.value"), name)


def wait_until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Waits until a condition holds.

    Raises:
        AssertionError: It did not in time.
    """
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not in {seconds} s: {what}"
        time.sleep(0.05)


def no_traceback(page: Page) -> bool:
    """Whether the page shows no exception."""
    return page.locator("[data-testid=stException]").count() == 0
