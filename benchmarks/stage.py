"""The stage as a browser sees it, in a real Chromium: `python -m benchmarks.stage`.

Prints a JSON object: of 25 looks at each speed, those in which the marked bar is not that of the last visible character
or in which something else than bars has moved; what a text of 400 characters at 40 a second takes of the server's
processor, and of messages and bytes, alone and as four columns; and how long a moved temperature takes to reach the
bars of an idle page. Needs Chromium and Linux; run it on a machine that does nothing else.
"""

import json
import shutil
import time
from contextlib import closing
from statistics import median, quantiles

from playwright.sync_api import Page, sync_playwright

from benchmarks.page import ROOT, processor_seconds, server, wait_for_server
from charlstm.page.charts.played import DRAWN_COLOR
from charlstm.page.parts.signs import visible
from tests.support.pages import CHROMIUM_ARGUMENTS, open_page, press, wait_until_drawn

SPEEDS = (2, 5, 10, 20, 40)  # characters a second
LOOKS, LOOK_SECONDS = 25, 0.173  # no multiple of a character's time
MOVES = 40  # of the temperature
# Text and chart at the same moment, after a frame of the browser.
LOOK = """colour => new Promise(done => requestAnimationFrame(() => setTimeout(() => {
  const svg = document.querySelector('.st-key-next_char_chart svg.marks');
  const signs = [...svg.querySelectorAll('g.layer_2_marks text')];
  const box = each => { const { x, y, width } = each.getBoundingClientRect(); return `${x} ${y} ${width}`; };
  done({
    char: [...document.querySelectorAll('.st-key-output .stage-text .c')].at(-1)?.textContent,
    marked: signs.filter(sign => sign.getAttribute('fill') === colour).map(sign => sign.textContent),
    fixed: [svg, ...svg.querySelectorAll('g.role-axis text')].map(box).join(),
  });
})))"""
MOVED = """() => new Promise(done => {
  document.body.addEventListener("frames", () => requestAnimationFrame(() => done(performance.now())), { once: true });
})"""


class Wire:
    """Counts what the server sends to a page."""

    def __init__(self, page: Page) -> None:
        self.messages = self.bytes = 0
        page.on("websocket", lambda socket: socket.on("framereceived", self._hear))

    def _hear(self, payload: str | bytes) -> None:
        self.messages += 1
        self.bytes += len(payload)


def looks(page: Page, address: str, speed: int) -> dict[str, int]:
    """Of `LOOKS` looks at a text that plays, those that are wrong."""
    open_page(page, f"{address}/?speed={speed}&length=1000")
    page.wait_for_selector(".st-key-next_char_chart svg.marks")
    wait_until_drawn(page)
    press(page, "generate")
    page.wait_for_selector(".st-key-output .stage-text .c")
    seen = []
    for _ in range(LOOKS):
        page.wait_for_timeout(LOOK_SECONDS * 1000)
        seen.append(page.evaluate(LOOK, DRAWN_COLOR))
    wrong = sum(each["marked"] != [visible(each["char"])] for each in seen)
    return {"out_of_step": wrong, "moved": sum(each["fixed"] != seen[0]["fixed"] for each in seen)}


def one_text(page: Page, address: str, pid: int, view: str, generate: str, stop: str) -> dict[str, float]:
    """What the second text on a page takes, from the press to the end."""
    wire = Wire(page)
    open_page(page, f"{address}/?view={view}&speed=40&length=400", "buttons" if view == "write" else generate)
    wait_until_drawn(page)
    for _ in range(2):
        page.wait_for_timeout(2000)
        wire.messages = wire.bytes = 0
        before = processor_seconds(pid)
        press(page, generate)
        page.wait_for_timeout(2000)
        page.wait_for_function(f"document.querySelector('.st-key-{stop} button').disabled", timeout=60_000)
        page.wait_for_timeout(1000)
    processor = processor_seconds(pid) - before
    return {"processor_seconds": processor, "messages": wire.messages, "kilobytes": wire.bytes / 1000}


def temperature_to_bars(page: Page, address: str) -> dict[str, float]:
    """Milliseconds from a key on the temperature's slider to the bars, on an idle page."""
    open_page(page, address)
    page.wait_for_selector(".st-key-next_char_chart svg.marks")
    wait_until_drawn(page)
    slider, waits = page.locator(".st-key-temperature input[type=range]"), []
    for move in range(MOVES):
        page.wait_for_timeout(300)
        moved = page.evaluate_handle(f"() => ({{ promise: ({MOVED})() }})")
        start = page.evaluate("() => performance.now()")
        slider.press("ArrowRight" if move % 2 else "ArrowLeft")
        waits.append(moved.evaluate("each => each.promise") - start)
    return {"median_ms": median(waits), "95_ms": quantiles(waits, n=20)[-1]}


def main() -> None:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with server(ROOT / "streamlit_app.py") as (process, address), sync_playwright() as playwright:
        wait_for_server(address)
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        figures: dict[str, object] = {}
        for speed in SPEEDS:
            with closing(browser.new_page()) as page:  # one that stays open goes on playing, and takes its part
                figures[f"looks_at_{speed}"] = looks(page, address, speed)
        time.sleep(2)
        for name, view, prefix in (("one_text", "write", ""), ("four_columns", "compare", "compare_")):
            with closing(browser.new_page()) as page:
                figures[name] = one_text(page, address, process.pid, view, f"{prefix}generate", f"{prefix}stop")
        with closing(browser.new_page()) as page:
            figures["temperature_to_bars"] = temperature_to_bars(page, address)
        browser.close()
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
