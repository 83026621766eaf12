"""The stage in Chromium: text and chart in step, every character answers, nothing that was seen is unwritten."""

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from model_files import archive, metadata_json
from pages import (
    Frame,
    follow,
    frame_in,
    frame_of,
    no_traceback,
    open_page,
    press,
    text_of,
    wait_until,
    wait_until_drawn,
)

import charlstm
from charlstm.network.metrics import softmax
from charlstm.page.charts.played import DRAWN_COLOR
from charlstm.page.parts.played_text import PIECE
from charlstm.page.parts.signs import visible
from charlstm.text.openings import DEFAULT_SEED
from charlstm.writing.generation import Draw
from charlstm.writing.live_text import LiveText
from charlstm.writing.sampling import Sampler

RNG_SEED = 42  # of the page
TEMPERATURE = 0.5
# One look: text, frame and drawn chart at the same moment, after a frame of the browser.
LOOK = """([output, chart, colour]) => new Promise(done => requestAnimationFrame(() => setTimeout(() => {
  const chars = [...document.querySelectorAll(`.st-key-${output} .stage-text .c`)].map(c => c.textContent);
  const svg = document.querySelector(`${chart} svg.marks`);
  const box = element => (({ x, y, width, height }) => [x, y, width, height])(element.getBoundingClientRect());
  const signs = [...svg.querySelectorAll('g.layer_2_marks text')];
  done({
    chars, value: document.body.value, signs: signs.map(sign => sign.textContent),
    drawn: signs.filter(sign => sign.getAttribute('fill') === colour).map(sign => sign.textContent),
    bars: [...svg.querySelectorAll('g.layer_1_marks path')].map(bar => box(bar)[2]),
    fixed: [box(svg), ...[...svg.querySelectorAll('g.role-axis, g.role-axis text')].map(box),
            ...signs.map(sign => sign.getAttribute('transform'))],
  });
})))"""
# Notes each text that a frame of the browser shows, and whether one was not the beginning of the next.
WATCH = """(key) => {
  window.seen = { unwritten: 0, changes: 0 };
  let before = null;
  const watch = () => {
    const now = document.querySelector(`.st-key-${key} .stage-text`)?.textContent;
    if (now) { // empty for a frame where the page was left and is shown again
      if (before !== null && !now.startsWith(before)) window.seen.unwritten++;
      if (before !== now) window.seen.changes++;
      before = now;
    }
    requestAnimationFrame(watch);
  };
  watch();
}"""
CALM = """() => {
  window.texts = [];
  const watch = () => {
    const now = [...document.querySelectorAll('.st-key-output .stage-text .c')].map(c => c.textContent).join('');
    if (window.texts.at(-1) !== now) window.texts.push(now);
    requestAnimationFrame(watch);
  };
  watch();
}"""
AGAIN = """() => {
  const written = () => document.querySelectorAll('.st-key-output .stage-text .c').length;
  new MutationObserver(() => {
    if (window.pressed || written() < 60) return;
    window.pressed = true;
    document.querySelector('.st-key-generate button').click();
  }).observe(document.querySelector('.st-key-output .stage-text'), { childList: true });
}"""
ANNOUNCED = """() => {
  window.announced = [];
  const live = document.querySelector('.st-key-output .stage-live');
  new MutationObserver(() => window.announced.push(live.textContent)).observe(live, { childList: true });
}"""


@dataclass(frozen=True)
class Look:
    """What stands on the screen at one moment; `signs`, `drawn` and `bars` as the chart has drawn them."""

    chars: list[str]
    frame: Frame | None
    signs: list[str]
    drawn: list[str]
    bars: list[float]
    fixed: list


def look(page, name: str = "stage", output: str = "output", chart: str = ".st-key-next_char_chart") -> Look:
    found = page.evaluate(LOOK, [output, chart, DRAWN_COLOR])
    return Look(frame=frame_in(found.pop("value"), name), **found)


@cache
def expected(length: int, temperature: float = TEMPERATURE) -> list[Draw]:
    """What the page's model draws by the page's settings."""
    rng = np.random.default_rng(RNG_SEED)
    return list(charlstm.generate(charlstm.load_model("nietzsche"), DEFAULT_SEED, temperature, length, rng))


def assert_bars_of(frame: Frame, draw: Draw) -> None:
    """The frame has the bars of one draw, and what was drawn is marked."""
    chars, own = charlstm.load_model("nietzsche").vocab.chars, softmax(draw.logits)
    assert frame.drawn == [visible(draw.char)]
    ids = {visible(char): id for id, char in enumerate(chars)}
    for sign, shown_own, shown_now, _, _ in frame.rows[:-1]:
        assert shown_own == pytest.approx(own[ids[sign]], abs=2e-4)
        assert shown_now == pytest.approx(draw.probabilities[ids[sign]], abs=2e-4)


def written(page, key: str = "output") -> int:
    """How many characters stand there, without the seed."""
    return page.locator(f".st-key-{key} .stage-text .c").count()


def finished(page) -> bool:
    return page.locator(".st-key-stop button").first.is_disabled()


def start(page, address: str, chars: int = 1) -> None:
    """Opens the page, presses Generate and waits until so many characters stand there."""
    open_page(page, address)
    page.wait_for_selector(".st-key-next_char_chart svg.marks")
    wait_until_drawn(page)
    page.evaluate(WATCH, "output")
    press(page, "generate")
    wait_until(lambda: written(page) >= chars, "the text begins")


def slide_to_end(page, key: str = "temperature") -> None:
    page.locator(f".st-key-{key} input[type=range]").press("End")


def char_at(page, place: int):
    return page.locator(".st-key-output .stage-text .c").nth(place)


def shown_place(page) -> int:
    """The place that the bar below the text tells, from 0."""
    return int(page.locator(".st-key-output .stage-place").inner_text().split("/")[0]) - 1


def counted(page) -> list[tuple[str, int]]:
    """A list to which each message is added from now on: `sent` or `received`, and its bytes."""
    messages: list[tuple[str, int]] = []

    def listen(socket) -> None:
        for direction in ("sent", "received"):
            socket.on(f"frame{direction}", lambda frame, way=direction: messages.append((way, len(frame))))

    page.on("websocket", listen)
    return messages


def quiet(page, messages: list, milliseconds: int = 500) -> None:
    """Waits until no message has come for a while."""
    count = -1
    while count != len(messages):
        count = len(messages)
        page.wait_for_timeout(milliseconds)


# In step.


@pytest.mark.parametrize("speed", [5, 40])
def test_the_bars_are_always_those_of_the_last_visible_character(app_server, page, speed):
    start(page, f"{app_server}/?speed={speed}&length=400")
    looks = []
    for _ in range(15):
        looks.append(look(page))
        page.wait_for_timeout(400 / speed + 20)
    assert len({len(each.chars) for each in looks}) > 3
    for each in looks:
        place = len(each.chars) - 1
        assert_bars_of(each.frame, expected(400)[place])
        assert each.drawn == [visible(each.chars[place])]  # as the chart has drawn it
        assert each.signs == [row[0] for row in each.frame.rows]
        widths = np.array(each.bars)
        np.testing.assert_allclose(widths / widths.sum(), probabilities(each.frame), atol=0.02)
    assert len({str(each.bars) for each in looks}) > 3
    assert len({str(each.fixed) for each in looks}) == 1  # axis, rows and scale stay where they are
    assert page.evaluate("() => window.seen.unwritten") == 0


def probabilities(frame: Frame) -> list[float]:
    """Of the reweighted bars."""
    return [row[2] for row in frame.rows]


def test_columns_are_in_step_each_with_its_own_chart(app_server, page):
    open_page(page, f"{app_server}/?view=compare&length=400&speed=20", "stage_3")
    wait_until(lambda: page.locator(".stColumn:has([class*=st-key-stage_]) svg.marks").count() == 4, "four charts")
    wait_until_drawn(page)
    press(page, "compare_generate")
    wait_until(lambda: written(page, "stage_3") > 3, "they begin")
    for _ in range(8):
        value, texts = page.evaluate(
            """() => [document.body.value, [0, 1, 2, 3].map(column =>
            [...document.querySelectorAll(`.st-key-stage_${column} .c`)].map(c => c.textContent))]"""
        )
        assert len({len(chars) for chars in texts}) == 1
        for column, temperature in enumerate((0.2, 0.5, 1.0, 1.2)):
            draw = expected(400, temperature)[len(texts[column]) - 1]
            assert frame_in(value, f"stage_{column}").drawn == [visible(draw.char)] == [visible(texts[column][-1])]
        page.wait_for_timeout(120)
    each = look(page, "stage_3", "stage_3", ".stColumn:has(.st-key-stage_3)")
    assert each.drawn == [visible(each.chars[-1])]
    page.locator(".st-key-stage_1 .c").nth(2).hover()
    assert frame_of(page, "stage_1").drawn == [visible(expected(400, 0.5)[2].char)]
    assert len(frame_of(page, "stage_2").drawn) == 1
    press(page, "compare_stop")
    wait_until(lambda: page.locator(".st-key-compare_stop button").first.is_disabled(), "they stop")
    assert no_traceback(page)


# Every character answers, and the server is not asked.


def test_pointing_keys_and_slider_show_any_character_without_the_server(app_server, page):
    messages = counted(page)
    start(page, f"{app_server}/?speed=∞&length=120", 120)
    wait_until(lambda: finished(page), "it is written")
    quiet(page, messages)
    assert messages  # the wire is heard
    messages.clear()
    for place in (3, 40, 100):
        char_at(page, place).hover()
        assert_bars_of(frame_of(page), expected(120)[place])
        assert shown_place(page) == place
    page.mouse.move(2, 2)
    assert_bars_of(frame_of(page), expected(120)[119])
    page.locator(".st-key-output .stage-text").focus()
    moves = [("ArrowLeft", 118), ("ArrowLeft", 117), ("Home", 0), ("ArrowLeft", 0), ("ArrowRight", 1), ("End", 119)]
    moves += [("ArrowRight", 119), ("ArrowLeft", 118), ("Escape", 119)]
    for key, place in moves:
        page.keyboard.press(key)
        assert_bars_of(frame_of(page), expected(120)[place])
        assert shown_place(page) == place
    for place in (5, 77, 119):
        page.locator(".st-key-output .stage-scrub").fill(str(place))
        assert_bars_of(frame_of(page), expected(120)[place])
    assert page.locator(".st-key-output .pointed").count() == 0
    page.wait_for_timeout(300)
    assert not messages


def test_a_tap_shows_a_character_and_a_second_one_the_newest(app_server, browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    start(page, f"{app_server}/?speed=∞&length=80", 80)
    wait_until(lambda: finished(page), "it is written")
    wait_until_drawn(page)
    char_at(page, 30).tap()
    assert_bars_of(frame_of(page), expected(80)[30])
    char_at(page, 12).tap()
    assert_bars_of(frame_of(page), expected(80)[12])
    char_at(page, 12).tap()
    assert_bars_of(frame_of(page), expected(80)[79])
    context.close()


# Someone intervenes.


def test_pointing_a_pause_and_a_restless_slider_let_the_text_go_on(app_server, page):
    start(page, f"{app_server}/?speed=20&length=400", 12)
    char_at(page, 4).hover()
    before = written(page)
    wait_until(lambda: written(page) > before + 10, "the typing goes on")
    assert_bars_of(frame_of(page), expected(400)[4])
    assert page.locator(".st-key-output .pointed").count() == 1
    page.mouse.move(2, 2)
    each = look(page)
    assert_bars_of(each.frame, expected(400)[len(each.chars) - 1])
    pause = page.locator(".st-key-output .stage-pause")
    pause.click()
    held = written(page)
    page.wait_for_timeout(600)
    assert written(page) == held
    assert_bars_of(frame_of(page), expected(400)[held - 1])
    pause.click()
    wait_until(lambda: written(page) > held + 5, "it goes on")
    slider = page.locator(".st-key-temperature input[type=range]")
    for move in range(8):
        slider.press("ArrowLeft" if move % 3 == 2 else "ArrowRight")
        page.wait_for_timeout(90)
    before = written(page)
    wait_until(lambda: written(page) > before + 20, "it goes on")
    assert page.evaluate("() => window.seen.unwritten") == 0
    press(page, "stop")
    wait_until(lambda: finished(page), "it stops")
    assert no_traceback(page)


def test_the_temperature_acts_from_the_next_character_and_what_was_seen_stays(app_server, page):
    start(page, f"{app_server}/?speed=20&length=200", 30)
    slide_to_end(page)
    seen = written(page)
    wait_until(lambda: "temperature=2" in page.url, "the temperature acts")
    wait_until(lambda: written(page) >= 200 and finished(page), "the text is written")
    text = text_of(page)[len(DEFAULT_SEED) :]
    assert len(text) == 200
    assert text in {mixed(place, 200) for place in range(seen, seen + 60)}  # the slider waits a little before it tells
    assert page.evaluate("() => window.seen.unwritten") == 0
    assert no_traceback(page)
    page.reload()
    lost = page.locator(".st-key-output .stage-text[data-hint*='cannot be written again']")
    wait_until(lambda: lost.count() == 1, "the page says what it cannot bring back")
    assert text_of(page).startswith(DEFAULT_SEED)


def mixed(place: int, length: int) -> str:
    """What is written when the temperature becomes 2 after so many characters."""
    live = LiveText(charlstm.load_model("nietzsche"), DEFAULT_SEED, RNG_SEED)
    live.aim(length, length)
    live.write(Sampler(TEMPERATURE), place)
    live.write(Sampler(2.0), length)
    return live.text


def test_stop_one_character_and_continue(app_server, page):
    start(page, f"{app_server}/?speed=20&length=100", 20)
    press(page, "stop")
    wait_until(lambda: finished(page), "it stops")
    stopped = written(page)
    whole = "".join(draw.char for draw in expected(100))
    page.wait_for_timeout(500)  # in which nothing is to happen
    assert text_of(page) == DEFAULT_SEED + whole[:stopped]
    wait_until_drawn(page)
    press(page, "one_character")
    wait_until(lambda: written(page) == stopped + 1, "one more")
    assert_bars_of(frame_of(page), expected(100)[stopped])
    press(page, "finished")
    assert page.locator("[data-testid=stPopoverBody] code").first.text_content() == text_of(
        page
    )  # the server has no more
    page.keyboard.press("Escape")
    wait_until_drawn(page)
    press(page, "continue")
    wait_until(lambda: written(page) == 100 and finished(page), "to the length that was wanted")
    assert text_of(page) == DEFAULT_SEED + whole
    assert page.evaluate("() => window.seen.unwritten") == 0
    page.reload()
    page.wait_for_selector(".st-key-output .stage-text .c")
    wait_until(lambda: text_of(page) == DEFAULT_SEED + whole, "a reload brings it back")


def test_another_epoch_in_mid_write_goes_on_with_what_was_seen(app_server, page):
    start(page, f"{app_server}/?speed=20&length=150", 20)
    page.locator(".st-key-epoch input[type=range]").press("Home")
    wait_until(lambda: "epoch=0" in page.url, "the epoch acts")
    wait_until(lambda: written(page) == 150 and finished(page), "the text is written")
    assert page.evaluate("() => window.seen.unwritten") == 0
    assert text_of(page) != DEFAULT_SEED + "".join(draw.char for draw in expected(150))
    assert no_traceback(page)


def test_another_text_in_mid_write_begins_anew(app_server, page):
    start(page, f"{app_server}/?speed=20&length=100", 20)
    press(page, "more_settings")
    field = page.locator(".st-key-rng_seed input")
    field.fill("7")
    field.press("Enter")
    page.keyboard.press("Escape")
    wait_until(lambda: "rng_seed=7" in page.url, "the random seed acts")
    before, whole = written(page), "".join(draw.char for draw in expected(100))
    press(page, "generate")
    wait_until(lambda: written(page) < 20, "it begins anew")
    press(page, "finished")
    codes = page.locator("[data-testid=stPopoverBody] code")
    wait_until(lambda: codes.count() == 3, "what is shared, the link, and the earlier text")
    wait_until(lambda: len(codes.last.text_content()) > len(DEFAULT_SEED) + before, "what was seen of the earlier text")
    assert (DEFAULT_SEED + whole).startswith(codes.last.text_content())
    assert len(codes.last.text_content()) < len(DEFAULT_SEED) + 100
    wait_until(lambda: len(codes.first.text_content()) > len(DEFAULT_SEED), "what was seen of this one")
    assert text_of(page).startswith(codes.first.text_content())
    page.keyboard.press("Escape")
    wait_until(lambda: written(page) == 100 and finished(page), "the text is written")
    rng = np.random.default_rng(7)
    draws = charlstm.generate(charlstm.load_model("nietzsche"), DEFAULT_SEED, TEMPERATURE, 100, rng)
    assert text_of(page) == DEFAULT_SEED + "".join(draw.char for draw in draws)


def test_a_text_that_is_replaced_as_it_ends_is_kept_whole(app_server, page):
    """The server hears of the press before it can hear of the end."""
    open_page(page, f"{app_server}/?speed=∞&length=60")
    wait_until_drawn(page)
    page.locator(".st-key-output .stage-text").wait_for(state="attached")
    page.evaluate(AGAIN)
    press(page, "generate")
    page.wait_for_function("() => window.pressed")
    wait_until(lambda: written(page) == 60 and finished(page), "the second text is written")
    press(page, "finished")
    codes = page.locator("[data-testid=stPopoverBody] code")
    wait_until(lambda: codes.count() == 3, "what is shared, the link, and the earlier text")
    assert codes.last.text_content() == DEFAULT_SEED + "".join(draw.char for draw in expected(60))


def test_the_longest_text_comes_at_once_in_pieces(app_server, page):
    start(page, f"{app_server}/?speed=∞&length=10000", 500)
    wait_until(lambda: written(page) == 10_000 and finished(page), "all of it", seconds=90)
    assert page.evaluate("() => window.seen.unwritten") == 0
    assert text_of(page) == DEFAULT_SEED + "".join(draw.char for draw in expected(10_000))
    assert_bars_of(frame_of(page), expected(10_000)[-1])
    page.locator(".st-key-output .stage-scrub").fill("9000")
    assert_bars_of(frame_of(page), expected(10_000)[9000])


# The page is left, the connection is lost.


def test_a_page_that_is_shown_again_goes_on_from_where_it_was(app_server, page):
    start(page, f"{app_server}/?speed=20&length=150", 30)
    follow(page, "Write an acrostic", "Try out")
    page.wait_for_selector(".st-key-acrostic_output")
    wait_until_drawn(page)
    follow(page, "Write")
    page.wait_for_selector(".st-key-output .stage-text .c")
    assert written(page) >= 30
    wait_until(lambda: written(page) == 150 and finished(page), "it is written to its end")
    assert page.evaluate("() => window.seen.unwritten") == 0
    assert text_of(page) == DEFAULT_SEED + "".join(draw.char for draw in expected(150))


class Wire:
    """The connection of a page, which can be cut and mended."""

    def __init__(self, page) -> None:
        self._sockets: list = []
        self.cut = False
        page.route_web_socket(re.compile("stream"), self._opened)

    def _opened(self, socket) -> None:
        if self.cut:
            socket.close(code=1001)
            return
        self._sockets.append(socket)
        socket.connect_to_server()

    def lose(self) -> None:
        self.cut = True
        while self._sockets:
            self._sockets.pop().close(code=1001)

    def mend(self) -> None:
        self.cut = False


@pytest.mark.parametrize(("lost_at", "mended_at"), [(20, 60), (PIECE - 170, PIECE)])
def test_a_connection_that_is_lost_for_a_while_loses_no_text(app_server, page, lost_at, mended_at):
    """The second time, the piece that the browser asks for meanwhile is lost with it."""
    wire, length = Wire(page), PIECE + 60
    start(page, f"{app_server}/?speed=80&length={length}", lost_at)
    wire.lose()
    wait_until(lambda: written(page) >= mended_at, "what is there plays on")
    page.wait_for_timeout(1000)
    wire.mend()
    wait_until(lambda: written(page) == length and finished(page), "it goes on to its end", seconds=60)
    assert page.evaluate("() => window.seen.unwritten") == 0
    assert text_of(page) == DEFAULT_SEED + "".join(draw.char for draw in expected(length))
    assert no_traceback(page)


# What is announced, shown and sent.


def test_where_motion_is_to_be_reduced_a_text_appears_word_by_word(app_server, browser):
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    open_page(page, f"{app_server}/?speed=40&length=120")
    wait_until_drawn(page)
    page.evaluate(CALM)
    press(page, "generate")
    wait_until(lambda: written(page) == 120 and finished(page), "the text is written")
    seen = page.evaluate("() => window.texts")
    whole = "".join(draw.char for draw in expected(120))
    assert 2 < len(seen) < 120 / 3
    assert all(whole.startswith(text) and (text == whole or not text or text[-1].isspace()) for text in seen)
    context.close()


def test_a_text_without_spaces_is_announced_while_it_is_written(app_server, page):
    open_page(page, f"{app_server}/?model=tang-poems&seed_text=&speed=40&length=240")
    wait_until_drawn(page)
    page.locator(".st-key-output .stage-live").wait_for(state="attached")
    page.evaluate(ANNOUNCED)
    press(page, "generate")
    wait_until(lambda: written(page) == 240 and finished(page), "the text is written")
    announced = page.evaluate("() => window.announced")
    assert "".join(announced) == text_of(page)
    assert 1 < len(announced) < 8
    assert all(said[-1] in "，。\n" for said in announced[:-1])


def test_whole_words_are_announced(app_server, page):
    open_page(page, f"{app_server}/?speed=40&length=300")
    wait_until_drawn(page)
    page.locator(".st-key-output .stage-live").wait_for(state="attached")
    page.evaluate(ANNOUNCED)
    press(page, "generate")
    wait_until(lambda: written(page) == 300 and finished(page), "the text is written")
    announced = page.evaluate("() => window.announced")
    assert "".join(announced) == text_of(page)[len(DEFAULT_SEED) :]
    assert 1 < len(announced) < 12
    assert all(text.endswith((" ", "\n")) for text in announced[:-1])


def test_signs_of_html_markdown_and_vega_appear_as_they_are(app_server, page, tmp_path):
    """A model that knows nothing else writes; text, chart and announcement have them all."""
    vocab = "*_$<b>`#'\\\"{}|&"
    path = tmp_path / "signs.keras"
    path.write_bytes(archive(**signs_model(vocab)))
    open_page(page, f"{app_server}/?speed=∞&length=200&temperature=2")
    page.get_by_text("Save and load").click()
    page.locator(".st-key-upload_model input[type=file]").set_input_files(path)
    wait_until(lambda: "signs" in page.locator(".st-key-model input").input_value(), "the model is in use")
    wait_until_drawn(page)
    press(page, "generate")
    wait_until(lambda: written(page) == 200 and finished(page), "the text is written")
    each = look(page)
    assert set(each.chars) == set(vocab)
    assert page.locator(".st-key-output .stage-text .c *").count() == 0
    assert set(each.signs) - {"rest"} <= set(vocab)
    assert each.signs == [row[0] for row in each.frame.rows]
    shown = set()
    for place in range(0, 60):
        page.locator(".st-key-output .stage-scrub").fill(str(place))
        one = look(page)
        assert one.drawn == [one.chars[place]]
        shown |= set(one.signs)
    assert shown - {"rest"} == set(vocab)
    samples = page.locator("[class*=st-key-sample_]")
    assert samples.count() == 4  # of an epoch, by the notebook's temperatures
    for sample in samples.all():
        char = sample.locator(".c").nth(7)
        char.hover()
        assert page.locator(".stage-card:popover-open .head").text_content() == char.text_content()
        assert page.locator(".stage-card:popover-open .drawn .sign").text_content() in (char.text_content(), "rest")
        card, asked = (each.bounding_box() for each in (page.locator(".stage-card:popover-open"), char))
        assert card["y"] >= asked["y"] + asked["height"] or card["y"] + card["height"] <= asked["y"]


def signs_model(vocab: str) -> dict:
    """Parts of a model file of such characters, for `archive`."""
    from model_files import UNITS, random_arrays, weights_h5

    rng = np.random.default_rng(0)
    arrays = random_arrays()
    arrays["layers/embedding/vars/0"] = rng.normal(size=(len(vocab), 3)).astype(np.float32)
    arrays["layers/dense/vars/0"] = rng.normal(size=(UNITS, len(vocab))).astype(np.float32)
    arrays["layers/dense/vars/1"] = np.zeros(len(vocab), np.float32)
    history = [{"epoch": 1, "train_loss": 2.0, "val_loss": None, "seconds": 1}]
    return {"weights": weights_h5(arrays), "metadata": metadata_json(vocab=vocab, epoch=1, history=history)}


@pytest.mark.parametrize(
    ("address", "output", "generate", "stop", "most", "kilobytes"),
    [
        ("speed=80&length=400", "output", "generate", "stop", 30, 100),
        ("view=compare&speed=80&length=400", "stage_3", "compare_generate", "compare_stop", 60, 250),
    ],
)
def test_a_text_takes_two_runs_of_the_server_and_few_messages(
    app_server, page, address, output, generate, stop, most, kilobytes
):
    messages = counted(page)
    open_page(page, f"{app_server}/?{address}", output)
    wait_until_drawn(page)
    quiet(page, messages)
    messages.clear()
    press(page, generate)
    wait_until(lambda: written(page, output) == 400, "the text is written")
    wait_until(lambda: page.locator(f".st-key-{stop} button").first.is_disabled(), "the page says so")
    quiet(page, messages)
    total = sum(size for _, size in messages)
    ways = [way for way, _ in messages]
    assert ways.count("sent") == 2  # Generate was pressed; the text has ended
    assert ways.count("received") <= most
    assert total <= 1000 * kilobytes
