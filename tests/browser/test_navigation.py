"""The ways between pages in Chromium: the menu, old links, Back and Forward, and what travels along."""

from collections import Counter
from urllib.parse import urlsplit

import pytest
from pages import (
    choose_temperature,
    follow,
    no_traceback,
    open_page,
    press,
    text_of,
    wait_until,
    wait_until_drawn,
)

from charlstm.page.navigation import PAGES

ENTRIES = "() => history.length"


def address_of(page) -> str:
    """As it is now; Playwright's own is that of the last message."""
    return page.evaluate("() => location.href")


def value_of(page, key: str) -> str:
    return page.locator(f".st-key-{key} :is(input, textarea)").first.input_value()


def step_of(page) -> str:
    return page.locator(".st-key-lesson_head h2").inner_text()[0]


def settled(page) -> None:
    """Nothing moves any more: the address is the last that this page gets."""
    page.wait_for_function("() => history.pushState.byPlace")
    wait_until_drawn(page)
    page.wait_for_timeout(300)


@pytest.fixture
def hosts(page) -> Counter:
    """How often the page asked which host for something."""
    found: Counter = Counter()
    page.on("request", lambda request: found.update(filter(None, [urlsplit(request.url).netloc])))
    return found


def test_each_page_has_an_address_and_a_title_and_none_asks_another_host(app_server, page, hosts):
    open_page(page, app_server)
    titles = {}
    for entry in PAGES:
        follow(page, entry.title, entry.group)
        wait_until(lambda title=entry.title: page.title().startswith(title) or title == "Write", entry.name)
        settled(page)
        titles[urlsplit(address_of(page)).path] = page.title()
        assert no_traceback(page)
    assert list(titles) == ["/", *(f"/{entry.name}" for entry in PAGES[1:])]
    assert titles["/"] == "Watch an LSTM write"
    assert titles["/look"] == "Look inside · Watch an LSTM write"
    assert list(hosts) == [urlsplit(app_server).netloc]


def test_settings_travel_and_back_and_forward_return_a_page_with_them(app_server, page):
    open_page(page, f"{app_server}/?top_k=7")
    settled(page)
    start = page.evaluate(ENTRIES)
    for temperature in ("0.2", "1.2"):  # which moves a widget, and adds nothing to the history
        choose_temperature(page, temperature)
        wait_until(lambda temperature=temperature: f"temperature={temperature}" in address_of(page), temperature)
    follow(page, "Compare")
    page.wait_for_selector(".st-key-stage_0")
    settled(page)
    assert page.evaluate(ENTRIES) == start + 1
    assert urlsplit(address_of(page)).path == "/compare"
    assert {"temperature=1.2", "top_k=7"} <= set(urlsplit(address_of(page)).query.split("&"))
    press(page, "more_settings")
    page.locator(".st-key-rng_seed input").fill("5")
    page.keyboard.press("Enter")
    wait_until(lambda: "rng_seed=5" in address_of(page), "the address follows")
    settled(page)
    page.go_back()
    wait_until(lambda: urlsplit(address_of(page)).path == "/" and "rng_seed" not in address_of(page), "as it was left")
    assert value_of(page, "temperature") == "1.2"
    settled(page)
    page.go_forward()
    wait_until(
        lambda: urlsplit(address_of(page)).path == "/compare" and "rng_seed=5" in address_of(page), "as it was left"
    )
    assert page.evaluate(ENTRIES) == start + 1


def test_back_in_mid_write_returns_to_a_text_that_goes_on(app_server, page):
    open_page(page, f"{app_server}/?length=5000&temperature=0.7")
    settled(page)
    seed = text_of(page)
    press(page, "generate")
    wait_until(lambda: len(text_of(page)) > len(seed) + 40, "it grows")
    before = text_of(page)
    follow(page, "Compare")
    page.wait_for_selector(".st-key-stage_0")
    settled(page)
    page.go_back()
    page.wait_for_selector(".st-key-output")
    wait_until(lambda: len(text_of(page)) > len(before) + 40, "it goes on")
    assert text_of(page).startswith(before)
    assert value_of(page, "temperature") == "0.7"
    assert no_traceback(page)


def test_a_step_of_the_lesson_is_an_entry_of_the_history(app_server, page):
    open_page(page, f"{app_server}/lesson", "lesson_head")
    settled(page)
    start = page.evaluate(ENTRIES)
    press(page, "lesson_next")
    wait_until(lambda: step_of(page) == "2", "the next step")
    page.locator(".st-key-temperature input[type=range]").press("End")
    wait_until(lambda: "temperature=2" in address_of(page), "the slider acts")
    page.locator(".st-key-step button").nth(3).click()
    wait_until(lambda: step_of(page) == "4", "the chosen step")
    settled(page)
    assert page.evaluate(ENTRIES) == start + 2
    for number in ("2", "1"):
        page.go_back()
        wait_until(lambda number=number: step_of(page) == number, f"back to step {number}")
        settled(page)
    page.go_forward()
    wait_until(lambda: step_of(page) == "2" and value_of(page, "temperature") == "2", "step 2 as it was left")


def test_old_links_open_their_page_with_their_settings(app_server, page):
    open_page(
        page, f"{app_server}/?view=compare&temperature=1.2&compare_temperatures=0.1&compare_temperatures=2.0", "stage_1"
    )
    settled(page)
    assert urlsplit(address_of(page)).path == "/compare"
    assert "view=" not in address_of(page)
    assert "temperature=1.2" in address_of(page)
    assert [value_of(page, f"compare_temperature_{column}") for column in (0, 1)] == ["0.1", "2"]


def test_on_a_phone_the_page_says_where_else_one_can_go_and_menus_close(app_server, browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    page = context.new_page()
    open_page(page, app_server)
    wait_until(lambda: page.evaluate("() => document.documentElement.lang") == "zh", "the language is said")
    assert page.title() == "看 LSTM 写作"
    page.locator(".st-key-ways button").first.click()
    page.locator("[data-testid=stPopoverBody]").get_by_role("link", name="比较", exact=True).click()
    page.wait_for_selector(".st-key-stage_0")
    wait_until(lambda: page.locator("[data-testid=stPopoverBody]").count() == 0, "the menu is closed")
    page.locator("[data-testid=stExpandSidebarButton]").click()
    sidebar = page.locator("[data-testid=stSidebar]")
    sidebar.get_by_role("link", name="给文本打分").click()
    page.wait_for_selector(".st-key-score_text")
    wait_until(page.locator("[data-testid=stExpandSidebarButton]").is_visible, "the sidebar is closed")
    page.locator(".st-key-language").get_by_text("English", exact=True).click()
    wait_until(lambda: page.evaluate("() => document.documentElement.lang") == "en", "the language is said")
    assert address_of(page).endswith("/score?language=English")
    context.close()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("=x", 0),
        ("$$ID-a=b", 0),
        ("length=1&length=2", 0),
        ("view=nope", 0),
        ("length=-inf", 1),
        ("rng_seed=inf", 1),
        ("top_k=" + "9" * 400, 1),
        ("context=nan&context=1e999", 1),
        ("temperature=1e999", 1),
        ("seed_text=" + "x" * 9_000, 0),
    ],
)
def test_an_odd_address_gives_a_page_and_a_sentence_at_most(app_server, page, query, said):
    open_page(page, f"{app_server}/?{query}", "generate")
    settled(page)
    assert no_traceback(page)
    assert page.locator("[data-testid=stAlert]").count() == said
