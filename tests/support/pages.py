"""The page in a real browser: how tests open it and press its buttons."""

import time
from collections.abc import Callable

from playwright.sync_api import Page

CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_SECONDS = 30


def open_page(page: Page, address: str, waits_for: str = "output") -> None:
    """Opens an address and waits until the element with the key `waits_for` is there."""
    page.goto(address)
    page.wait_for_selector(f".st-key-{waits_for}", timeout=PATIENCE_SECONDS * 1000)
    page.wait_for_function("() => !document.querySelector('[data-testid=stStatusWidget]')", timeout=30_000)


def wait_until_drawn(page: Page) -> None:
    """Waits until the server has drawn all of the page; buttons further down are those of the last run until then."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=PATIENCE_SECONDS * 1000)


def press(page: Page, key: str) -> None:
    """Presses the button with a key; Streamlit draws one with a help text twice, the second hidden."""
    page.locator(f".st-key-{key} button").first.click()


def text_of(page: Page, key: str = "output") -> str:
    """What stands in the container with a key, the seed text included."""
    return page.locator(f".st-key-{key}").first.inner_text()


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
