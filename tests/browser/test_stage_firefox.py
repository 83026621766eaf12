"""The story of the stage in Firefox: it plays in step, every character answers, the temperature acts, Stop stops."""

import shutil
import socket

import numpy as np
import pytest
from firefox import Firefox, running_firefox
from pages import Frame, frame_in, wait_until

import charlstm
from charlstm.page.charts.played import DRAWN_COLOR
from charlstm.page.parts.signs import visible
from charlstm.text.openings import DEFAULT_SEED

BROWSERS = ("firefox-esr", "firefox")
CHARS = "[...document.querySelectorAll('.st-key-output .stage-text .c')].map(c => c.textContent)"
DRAWN = (
    "[...document.querySelectorAll('.st-key-next_char_chart svg.marks g.layer_2_marks text')]"
    f".filter(sign => sign.getAttribute('fill') === '{DRAWN_COLOR}').map(sign => sign.textContent)"
)
FIXED = (
    "[...document.querySelectorAll('.st-key-next_char_chart svg.marks g.role-axis text')]"
    ".map(tick => Math.round(tick.getBoundingClientRect().x))"
)
DRAWN_WHOLE = "!!document.querySelector('[data-testid=stApp][data-test-script-state=notRunning]')"
WATCH = """(() => {
  window.unwritten = 0;
  let before = "";
  const watch = () => {
    const now = document.querySelector('.st-key-output .stage-text')?.textContent ?? before;
    if (!now.startsWith(before)) window.unwritten++;
    before = now;
    requestAnimationFrame(watch);
  };
  watch();
})()"""


@pytest.fixture
def firefox():
    """A running Firefox."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"no Firefox: none of {', '.join(BROWSERS)} is installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with running_firefox(path, port) as running:
        yield running


def look(firefox: Firefox) -> tuple[list[str], Frame | None, list[str], list[int]]:
    """The characters, the frame, what the chart marks, and where its axis is, at one moment."""
    chars, value, drawn, fixed = firefox.evaluate(f"[{CHARS}, document.body.value, {DRAWN}, {FIXED}]")
    return chars, frame_in(value), drawn, fixed


def press(firefox: Firefox, key: str) -> None:
    wait_until(lambda: firefox.evaluate(DRAWN_WHOLE), "the page is drawn")
    firefox.click(f".st-key-{key} button:not(:disabled)")


def test_the_story_of_the_stage(app_server, firefox):
    firefox.resize(1280, 720)
    firefox.open(f"{app_server}/?speed=10&length=150")
    wait_until(lambda: firefox.evaluate(f"{FIXED}.length > 0"), "the chart is there", seconds=60)
    firefox.evaluate(WATCH)
    press(firefox, "generate")
    wait_until(lambda: firefox.evaluate(f"{CHARS}.length > 3"), "the text begins")
    looks = [look(firefox) for _ in range(15)]
    rng = np.random.default_rng(42)
    draws = list(charlstm.generate(charlstm.load_model("nietzsche"), DEFAULT_SEED, 0.5, 150, rng))
    for chars, frame, drawn, fixed in looks:
        assert chars == [draw.char for draw in draws[: len(chars)]]
        assert frame.drawn == drawn == [visible(chars[-1])]
        assert fixed == looks[0][3]
    firefox.evaluate("document.querySelector('.st-key-output .stage-text').focus()")
    key = "new KeyboardEvent('keydown', {{ key: '{}', bubbles: true }})"
    for pressed, place in (("Home", 0), ("ArrowRight", 1)):
        firefox.evaluate(f"document.activeElement.dispatchEvent({key.format(pressed)})")
        assert look(firefox)[1].drawn == [visible(draws[place].char)]
    firefox.evaluate(f"document.activeElement.dispatchEvent({key.format('Escape')})")
    firefox.evaluate("[...document.querySelectorAll('.st-key-usual_temperature button')].at(-1).click()")
    wait_until(lambda: firefox.evaluate("location.search").find("temperature=1.2") > 0, "the temperature acts")
    count = firefox.evaluate(f"{CHARS}.length")
    wait_until(lambda: firefox.evaluate(f"{CHARS}.length") > count + 10, "it goes on")
    press(firefox, "stop")
    wait_until(lambda: firefox.evaluate("document.querySelector('.st-key-stop button').disabled"), "it stops")
    chars, frame, drawn, _ = look(firefox)
    assert frame.drawn == drawn == [visible(chars[-1])]
    assert chars[:count] == look(firefox)[0][:count]
    assert firefox.evaluate("window.unwritten") == 0
