"""Makes the screenshots of the documents: `python -m docs.screenshots`, with Chromium and the development packages."""

import shutil
import sys
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from benchmarks.page import server, wait_for_server
from charlstm.network.registry import load_model
from tests.support.pages import CHROMIUM_ARGUMENTS, open_page, press, wait_until_drawn

ROOT = Path(__file__).resolve().parent.parent


def write(page, address: str) -> None:
    """The main view in mid-write."""
    open_page(page, address)
    press(page, "generate")
    page.wait_for_timeout(7000)


def compare(page, address: str) -> None:
    open_page(page, f"{address}/compare", "stage_0")
    press(page, "compare_generate")
    page.wait_for_timeout(8000)


def pressed(view: str, key: str, seconds: float):
    """A view some seconds after its button is pressed."""

    def shoot(page, address: str) -> None:
        open_page(page, f"{address}/{view}", key)
        press(page, key)
        page.mouse.move(0, 0)
        page.wait_for_timeout(1000 * seconds)

    return shoot


def guess(page, address: str) -> None:
    """Some characters guessed by another model, the last one wrong."""
    other = load_model("nietzsche-large")
    open_page(page, f"{address}/guess", "guess_input")
    wait_until_drawn(page)
    text, box = page.locator(".guess-passage .written"), page.locator(".st-key-guess_input input")
    for _ in range(24):
        seen = text.text_content()[:-1]
        logits = other.network.logits(other.network.read(other.vocab.encode(seen))[-1].hidden)[0]
        for id in np.argsort(-logits)[:6]:
            char = other.vocab.chars[id]
            press(page, "guess_newline") if char == "\n" else box.press_sequentially(char)
            page.wait_for_timeout(700)
            if text.text_content()[:-1] != seen:
                break
        else:
            press(page, "guess_show")
            page.wait_for_timeout(700)
    box.press_sequentially("x")
    page.wait_for_timeout(2000)


def room(page, address: str) -> None:
    """A room with a few phones that have guessed."""
    open_page(page, f"{address}/room", "room_open")
    wait_until_drawn(page)
    press(page, "room_open")
    joined = f"{address}/room?room={page.locator('.room-code').inner_text()}"
    contexts = [page.context.browser.new_context() for _ in range(4)]
    for context, char in zip(contexts, "etea", strict=True):
        phone = context.new_page()
        open_page(phone, joined, "room_guess")
        wait_until_drawn(phone)
        phone.locator(".st-key-room_guess input").press(char)
        phone.wait_for_timeout(1000)
    press(page, "room_show")
    page.wait_for_timeout(3000)


def lesson(page, address: str) -> None:
    """The third step, once its question is answered and its texts are written."""
    open_page(page, f"{address}/lesson?step=3", "lesson_answers")
    wait_until_drawn(page)
    press(page, "lesson_answer_2")
    page.wait_for_selector(".st-key-lesson_answers", state="detached")
    press(page, "compare_generate")
    page.wait_for_timeout(8000)


SHOTS = {
    "write": write,
    "compare": compare,
    "counting": pressed("compare?compare_by=counting&temperature=1", "compare_generate", 8),
    "futures": pressed("futures?temperature=0.8", "futures_draw", 3),
    "look": pressed("look?temperature=0.8", "write_now", 3),
    "score": pressed("score", "score_news", 3),
    "copied": pressed("copied?temperature=0.2", "write_now", 3),
    "training": pressed("epochs", "training_play", 9),
    "measure": pressed("measure", "measure", 20),
    "acrostic": pressed("acrostic", "acrostic_generate", 9),
    "guess": guess,
    "room": room,
    "lesson": lesson,
    "network": pressed("network?model=nietzsche-large", "cell_another", 9),
}


def main() -> None:
    with server(ROOT / "streamlit_app.py") as (_, address), sync_playwright() as playwright:
        wait_for_server(address)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS)
        for name in sys.argv[1:] or SHOTS:
            page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
            SHOTS[name](page, address)
            page.screenshot(path=ROOT / "docs" / "screenshots" / f"{name}.png")
            page.context.close()
        browser.close()


if __name__ == "__main__":
    main()
