"""The view in which a class guesses: who opens, leads and joins a room; in Chromium a lecturer and two phones."""

import re
from html import unescape
from types import SimpleNamespace

import numpy as np
import pyarrow.ipc
import pytest
from app_tests import go_to, open_app
from pages import follow, no_traceback, open_page, press, wait_until, wait_until_drawn, words_of

from charlstm.errors import Message
from charlstm.network.metrics import softmax
from charlstm.network.registry import load_model
from charlstm.page.charts import DRAWN_COLOR
from charlstm.page.components import browser as browser_of_page
from charlstm.page.components.browser import COOKIE
from charlstm.page.pages.room import all_rooms, vote_shares
from charlstm.page.questions import QUESTIONS
from charlstm.page.rooms import LIFE_SECONDS
from charlstm.writing.sampling import Sampler


@pytest.fixture(autouse=True)
def no_rooms():
    all_rooms.clear()


def lecturer(**address):
    """The view once a room is open."""
    app = open_app(view="room", model="python-docs", **address)
    app.button(key="room_open").click().run()
    assert not app.exception
    return app


def first(value) -> str:
    return value[0] if isinstance(value, list) else value


def reloaded(app, monkeypatch, **address):
    """The page opened by the same browser, which sends its cookie."""
    monkeypatch.setattr(browser_of_page, "_kept", lambda: app.session_state.session.visitor)
    again = open_app(view="room", **address)
    monkeypatch.undo()
    return again


def code(app) -> str:
    return first(app.query_params["room"])


def room(app):
    return all_rooms().find(code(app))


def phone(app, **address):
    """One that joins the room of a lecturer."""
    return open_app(view="room", room=code(app), **address)


def guess(app, char: str) -> None:
    app.text_input(key="room_guess").set_value(char).run()
    assert not app.exception


def html(app) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def said(app) -> str:
    return " ".join(element.value for element in (*app.main.markdown, *app.main.caption, *app.main.subheader))


def keys(app) -> set:
    return {button.key for button in app.button}


def test_a_room_shows_its_code_and_the_way_in():
    app = lecturer()
    assert f'<div class="room-code">{code(app)}</div>' in html(app)
    assert 'src="data:image/svg+xml' in html(app)
    assert "The room ends in" in said(app)
    assert set(app.query_params) <= {"room", "model", "epoch"}


def test_phones_guess_and_the_projector_counts_then_shows():
    app = lecturer()
    phones = [phone(app) for _ in range(3)]
    truth = room(app)._passage.text[len(room(app).look().seen)]
    other = "Z" if truth != "Z" else "Q"
    for each, char in zip(phones, (truth, truth, other), strict=True):
        assert "Type one character" in html(each)
        guess(each, char)
        assert "Now wait for the truth." in html(each)
        assert each.text_input(key="room_guess").disabled
    app.run()
    assert "**3** of 3 have guessed" in said(app)
    seen = room(app).look().seen
    app.button(key="room_show").click().run()
    assert "First choice right: the class 1 of 1" in said(app)
    phones[2].run()
    assert "2 of 3 had it. You guessed" in html(phones[2])
    app.button(key="room_next").click().run()
    assert room(app).look().seen == seen + truth
    phones[0].run()
    assert not phones[0].text_input(key="room_guess").disabled
    assert "of 3 have guessed" in said(app)


def test_the_bars_are_those_of_the_model_at_the_temperature_of_the_page():
    app = lecturer(temperature="1.5")
    logits, chars = room(app).look().logits, load_model("python-docs").vocab.chars
    own, drawn = softmax(logits), Sampler(1.5).probabilities(logits)
    chart = app.main.get("vega_lite_chart")[1].proto
    assert "the network, temperature 1.50" in chart.spec
    rows = pyarrow.ipc.open_stream(chart.data.data).read_pandas()
    order = np.argsort(-own)[: len(rows) - 1]
    np.testing.assert_allclose(rows["share"][:-1], drawn[order])
    np.testing.assert_allclose(rows["own"][:-1], own[order])
    assert rows["share"].sum() == pytest.approx(1)
    assert vote_shares(chars, {chars[3]: 3, chars[5]: 1}).nonzero()[0].tolist() == [3, 5]
    assert vote_shares(chars, {}).sum() == 0


def test_the_network_can_be_kept_back_until_the_truth():
    app = lecturer()
    app.toggle(key="room_hides").set_value(True).run()
    assert len(app.main.get("vega_lite_chart")) == 1
    app.button(key="room_show").click().run()
    assert len(app.main.get("vega_lite_chart")) == 2


def test_a_lecturer_who_reloads_leads_again_and_nobody_else_does(monkeypatch):
    app = lecturer()
    assert "room_show" in keys(reloaded(app, monkeypatch, room=code(app)))
    assert "room_show" in keys(reloaded(app, monkeypatch))  # from the menu
    shown_on_a_projector = {key: first(value) for key, value in app.query_params.items()}
    for other in (open_app(view="room", **shown_on_a_projector), phone(app), phone(app, lead="x", seat="x")):
        assert not keys(other) & {"room_show", "room_close", "room_another"}


def test_a_phone_that_reloads_keeps_its_seat_and_its_guess(monkeypatch):
    app = lecturer()
    one = phone(app)
    guess(one, "e")
    assert set(one.query_params) <= {"room", "model", "epoch"}
    again = reloaded(one, monkeypatch, room=code(app))
    assert "You guessed <code>e</code>. Now wait" in html(again)
    assert again.text_input(key="room_guess").disabled
    assert sum(room(app).look().votes.values()) == 1


@pytest.mark.parametrize("kept", ["<img src=x onerror=alert(1)>" * 50, "a; path=/x", "ü", ""])
def test_a_cookie_that_is_none_of_ours_is_not_taken(monkeypatch, kept):
    monkeypatch.setattr(browser_of_page.st, "context", SimpleNamespace(cookies={COOKIE: kept}, url="", locale=None))
    assert browser_of_page._kept() == ""


@pytest.mark.parametrize("typed", ["<script>alert(1)</script>", "\x00\x1b", "Ω" * 5000, "&", "🙂🙂", "*_`#"])
def test_rude_input_is_at_most_one_guess_and_shown_as_it_is(typed):
    app = lecturer()
    one = phone(app)
    guess(one, typed)
    assert sum(room(app).look().votes.values()) <= 1
    assert "<script" not in html(one)
    app.run()
    assert not app.exception


def test_two_rooms_do_not_mix_and_a_second_one_closes_the_first():
    one, other = lecturer(), lecturer()
    guess(phone(one), "e")
    assert (room(one).look().present, room(other).look().present) == (1, 0)
    assert room(other).look().votes == {}
    former = code(one)
    one.button(key="room_close").click().run()
    assert all_rooms().find(former) is None
    assert "room_open" in keys(one)
    assert "room" not in one.query_params


def test_a_room_that_has_ended_says_so():
    app = lecturer()
    one = phone(app)
    room(app).close()
    one.run()
    assert "or it has ended" in one.main.warning[0].value
    assert "room_open" in keys(one)
    one.text_input(key="room_code_asked").set_value(code(lecturer())).run()  # the way on
    assert "Type one character" in html(one)
    nowhere = open_app(view="room", room="<b>" * 40)
    assert nowhere.main.warning[0].value.startswith("There is no room \\<b\\>")


def test_joined_by_typing_the_code():
    app = lecturer()
    door = open_app(view="room")
    door.text_input(key="room_code_asked").set_value(f" {code(app).lower()} ").run()
    assert "Type one character" in html(door)


def test_a_lecturer_who_comes_back_from_another_page_finds_the_room_until_it_ends(monkeypatch):
    app = lecturer()
    led = code(app)
    del app.query_params["room"]
    app.run()
    assert code(app) == led
    assert "room_show" in keys(app)
    del app.query_params["room"]
    room_led = all_rooms().find(led)
    monkeypatch.setattr(room_led, "_opened", room_led._opened - LIFE_SECONDS)
    app.run()
    assert "room_open" in keys(app)
    assert not app.main.warning
    assert "room" not in app.query_params


def test_what_is_said_of_a_guess_is_of_this_turn_and_in_the_language_of_now():
    app = lecturer()
    one = phone(app)
    guess(one, "Ω")
    assert "The model does not know Ω: no guess." in html(one)
    one.segmented_control(key="language").set_value("中文").run()
    assert "模型不认识 Ω" in html(one)
    app.button(key="room_another").click().run()
    one.run()
    assert "Ω" not in html(one)
    assert "每人只能猜一次" in html(one)


def test_what_is_said_at_the_door_is_shown_as_it_is_once():
    app = open_app(view="room", model="python-docs")
    app.session_state.session.room_note = (Message("This room has ended. {what}", what="*<b>*"), "", 0)
    app.run()
    assert "\\*\\<b\\>\\*" in app.main.error[0].value
    app.text_input(key="room_code_asked").set_value("no").run()
    assert not app.main.error


def test_another_passage_keeps_the_room_and_the_standing():
    app = lecturer()
    guess(phone(app), "e")
    app.button(key="room_show").click().run()
    seen = room(app).look().seen
    app.button(key="room_another").click().run()
    assert room(app).look().seen != seen
    assert "the class" in said(app)
    assert room(app).look().standing.places == 1


def test_a_chinese_room_is_joined_in_chinese():
    app = lecturer(language="中文")
    assert "不保存任何姓名" in said(app)
    one = phone(app, language="中文")
    assert "每人只能猜一次" in html(one)


def test_a_class_answers_the_questions_of_a_lesson_before_and_after(monkeypatch):
    app = lecturer()
    one, other = phone(app), phone(app)
    go_to(app, "lesson")
    led = all_rooms().find(code(one))
    app.segmented_control(key="step").set_value(2).run()
    question = QUESTIONS[1]
    for each, place in ((one, 0), (other, 1)):
        each.run()
        assert question.asks in said(each)
        each.button(key=f"room_answer_{place}").click().run()
        assert "Your answer counts." in html(each)
    app.run()
    assert f"Room {led.code}: **2** of 2 have answered" in said(app)
    app.button(key="lesson_try").click().run()
    one.run()
    assert "look at the screen" in one.main.info[0].value
    assert app.button(key="lesson_next").label == "Ask again"
    app.button(key="lesson_next").click().run()
    for each in (one, other):
        each.run()
        each.button(key=f"room_answer_{question.right}").click().run()
    app.button(key="lesson_next").click().run()
    assert "The class before: A **1** · B **1** · C **0**; after: A **0** · B **2** · C **0**" in said(app)
    assert app.get("download_button")
    again = reloaded(app, monkeypatch)  # at the room, where the class guesses again
    assert again.get("download_button")
    one.run()
    assert "Type one character" in html(one)


# In Chromium.


def join(browser, address: str):
    page = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True).new_page()
    open_page(page, address, "room_guess")
    wait_until_drawn(page)
    return page


def drawn(page, which: int) -> str:
    """What one of the charts of the projector has drawn, as it stands."""
    chart = page.locator(".st-key-room_histogram svg.marks")
    return chart.nth(which).inner_html() if chart.count() > which else ""


def test_a_lecturer_and_two_phones_guess_together(app_server, browser, page):
    open_page(page, f"{app_server}/room?model=python-docs", "room_open")
    wait_until_drawn(page)
    press(page, "room_open")
    page.wait_for_selector(".room-code")
    wait_until(lambda: page.locator(".room-qr").evaluate("image => image.naturalWidth") > 20, "the code is drawn")
    joined = f"{app_server}/room?room={page.locator('.room-code').inner_text()}"
    phones = [join(browser, joined) for _ in range(2)]
    wait_until(lambda: "0 of 2 have guessed" in page.locator("[data-testid=stMain]").inner_text(), "both are here")
    before = drawn(page, 0)
    for phone, char in zip(phones, "eZ", strict=True):
        phone.locator(".st-key-room_guess input").press(char)
        wait_until(lambda phone=phone: "Now wait for the truth" in words_of(phone, "room_told"), "it counts")
    wait_until(lambda: "2 of 2 have guessed" in page.locator("[data-testid=stMain]").inner_text(), "both have guessed")
    wait_until(lambda: drawn(page, 0) != before and "50%" in drawn(page, 0), "the histogram is live")
    press(page, "room_show")
    wait_until(lambda: DRAWN_COLOR in unescape(drawn(page, 1)), "the truth is marked among the network's")
    for phone in phones:
        wait_until(lambda phone=phone: "It was" in words_of(phone, "room_told"), "phones see it")
    page.reload()
    page.wait_for_selector(".st-key-room_next button")  # who reloads leads on
    wait_until_drawn(page)
    press(page, "room_next")
    wait_until(lambda: "Type one character" in words_of(phones[0], "room_told"), "the next place is open")
    for address in (phones[0].url, page.url):
        assert "room=" in address
        assert not {"lead=", "seat="} & set(re.findall(r"\w+=", address))
    phones[0].locator(".st-key-room_guess input").press("e")
    wait_until(lambda: "Now wait for the truth" in words_of(phones[0], "room_told"), "it counts")
    phones[0].reload()
    wait_until(lambda: "Now wait for the truth" in words_of(phones[0], "room_told"), "who reloads has guessed")
    fresh = join(browser, page.url)  # as read off the lecturer's screen
    wait_until(lambda: "Type one character" in words_of(fresh, "room_told"), "a fresh browser has a seat")
    assert fresh.locator(".st-key-room_close").count() == 0
    fresh.context.close()
    phones[1].context.close()
    follow(page, "A lesson")
    answer = phones[0].locator(".st-key-room_answer_1 button")
    answer.wait_for()
    answer.click()
    wait_until(lambda: "1 of 1 have answered" in words_of(page, "lesson_text"), "the answer is counted")
    press(page, "lesson_try")
    wait_until(lambda: "look at the screen" in phones[0].locator("[data-testid=stMain]").inner_text(), "it is closed")
    follow(page, "Guess with the class", "Try out")
    page.locator(".st-key-room_tally button").first.wait_for()
    wait_until(lambda: "Now wait for the truth" in words_of(phones[0], "room_told"), "the class guesses again")
    press(page, "room_close")
    wait_until(lambda: "has ended" in phones[0].locator("[data-testid=stMain]").inner_text(), "the phone is told")
    assert phones[0].evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    assert no_traceback(page)
    assert no_traceback(phones[0])
    phones[0].context.close()
