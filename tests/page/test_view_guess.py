"""The view in which one guesses the next character: the text, the guesses, both scores; in Chromium the keyboard."""

import pytest
from app_tests import open_app
from pages import no_traceback, open_page, press, wait_until, wait_until_drawn, words_of

from charlstm.network.registry import load_model
from charlstm.page.charts.guesses import ROWS, guess_frame, rows_of
from charlstm.page.pages.guess import MARKS, _new
from charlstm.reading.guessing import OPENING, rank_frequencies, shannon_bounds
from charlstm.reading.text_score import score_text
from charlstm.text.corpus import load_corpus

PASTED = "The <b>will</b> to power, and nothing besides; so it was said. The rest is silence and then some more."


def guessing(**address):
    """The view with the Python manual's model, whose corpus is on every machine."""
    return open_app(view="guess", **{"model": "python-docs"} | address)


def game(app):
    return app.session_state.session.guess.game


def right(app) -> str:
    passage = game(app).passage
    return passage.text[passage.place]


def wrong(app) -> str:
    return next(char for char in "zqxj" if char != right(app))


def guess(app, typed: str) -> None:
    app.text_input(key="guess_input").set_value(typed).run()
    assert not app.exception


def give_up(app, times: int) -> None:
    for _ in range(times):
        app.button(key="guess_show").click().run()


def html(app) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def said(app) -> str:
    return " ".join(element.value for element in (*app.main.markdown, *app.main.caption, *app.main.subheader))


def test_the_text_is_held_out_and_the_page_says_so():
    app = guessing()
    held_out = load_corpus("python-docs").split(0.1)[1]
    passage = game(app).passage
    assert passage.text in held_out
    assert passage.place == OPENING
    assert "From the last 10% of python\\-docs, which this model never saw." in said(app)
    app.button(key="guess_another").click().run()
    assert game(app).passage.text != passage.text


def test_a_model_that_read_all_of_its_corpus_says_so(corpus_path):
    assert "trained on all of it" in said(guessing(model="nietzsche-notebook"))


def test_wrong_guesses_go_on_until_one_is_right():
    app = guessing()
    one = wrong(app)
    guess(app, one)
    guess(app, one)
    assert f"Not <code>{one}</code>." in html(app)
    assert game(app).passage.place == OPENING
    assert "guess_answer" not in html(app)
    char = right(app)
    guess(app, char)
    assert game(app).passage.place == OPENING + 1
    assert game(app).score.ranks == [(2, 2)]
    assert "your guess number 2" in html(app)
    assert app.text_input(key="guess_input").value.strip(MARKS) == ""
    assert "Not" not in html(app)


def test_several_characters_are_taken_as_long_as_they_are_right():
    app = guessing()
    passage = game(app).passage
    following = passage.text[passage.place :][:3]
    guess(app, following)
    assert passage.place == OPENING + 3
    guess(app, wrong(app) + "zzz")
    assert passage.place == OPENING + 3
    assert len(game(app).wrong) == 1
    assert game(app).score.first_right[0] == 3


def test_the_bars_and_the_bits_are_those_of_the_model_that_read_the_passage():
    app = guessing()
    passage = game(app).passage
    score = score_text(load_model("python-docs"), passage.text, top=ROWS - 1)
    guess(app, right(app))
    bits, rank = float(score.surprisal_bits[OPENING]), int(score.rank[OPENING])
    assert f"the network’s number {rank}, with" in html(app)
    assert f": {bits:.1f} bits." in html(app)
    assert len(app.main.get("vega_lite_chart")) == 1


def test_after_twenty_characters_both_scores_are_told_in_bits():
    app = guessing()
    give_up(app, 1)
    guess(app, right(app))
    assert "In bits after 18 more characters." in said(app)
    give_up(app, 18)
    passage, size = game(app).passage, len(load_model("python-docs").vocab)
    score = score_text(load_model("python-docs"), passage.text)
    model_bits = score.surprisal_bits[OPENING : OPENING + 20].mean()
    lower, upper = shannon_bounds(rank_frequencies([(1, 1)] + [(1, size)] * 19, size))
    assert f"You {lower:.1f} to {upper:.1f} bits, the network {model_bits:.1f}" in said(app)
    hits = int((score.rank[OPENING : OPENING + 20] == 1).sum())
    assert f"First guess right: you 1 of 20, the network {hits}." in said(app)


@pytest.mark.parametrize(
    ("typed", "before", "mark", "new"),
    [
        ("t", "", "", "t"),
        (MARKS[1] + "h", "t", MARKS[1], "h"),  # the box was emptied
        ("th", "t", MARKS[1], "h"),  # typed on before it was
        (MARKS[0] + "the", MARKS[0] + "t", MARKS[1], "he"),
        (MARKS[1] + "the", "t", MARKS[1], "the"),
        ("t", "t", "", "t"),  # the same again
        ("the", MARKS[0] + "x", MARKS[1], "the"),  # all that was there was replaced
        ("", "t", MARKS[1], ""),
    ],
)
def test_what_is_new_in_the_box_is_told_from_what_was_there(typed, before, mark, new):
    assert _new(typed, before, mark) == new


def test_a_character_that_the_model_does_not_know_is_no_guess():
    app = guessing()
    guess(app, "Ω")
    assert "The model does not know Ω: no guess." in html(app)
    assert game(app).wrong == []
    guess(app, wrong(app))
    assert "no guess" not in html(app)


def test_capitals_are_taken_for_a_model_that_knows_none(corpus_path):
    app = guessing(model="nietzsche")
    while not right(app).isalpha():
        give_up(app, 1)
    before = len(game(app).score)
    guess(app, right(app).upper())
    assert len(game(app).score) == before + 1


def pasted(text: str, **address):
    app = guessing(**address)
    app.segmented_control(key="guess_source").set_value("pasted").run()
    app.text_area(key="guess_pasted").set_value(text).run()
    assert not app.exception
    return app


def test_a_pasted_text_is_guessed_to_its_end_and_shown_as_it_is():
    app = pasted(PASTED)
    passage = game(app).passage
    assert passage.text == PASTED
    assert "A text that was pasted here." in said(app)
    assert "&lt;b&gt;will&lt;/b&gt;" in html(app)
    assert "<b>will" not in html(app)
    guess(app, PASTED[passage.place : -1])
    give_up(app, 1)
    assert passage.complete
    assert "The passage is at its end." in html(app)
    assert app.text_input(key="guess_input").disabled


@pytest.mark.parametrize("text", ["", "x", "ΩΩ"])
def test_a_text_of_nothing_to_guess_gets_one_sentence(text):
    app = pasted(text)
    assert app.main.info[0].value.startswith("Paste a text of two characters or more")


def test_a_corpus_that_is_elsewhere_can_be_fetched_or_a_text_pasted(monkeypatch):
    monkeypatch.setattr("charlstm.page.parts.real_text.corpus_text", lambda model: None)
    app = guessing(model="nietzsche")
    assert "can be pasted" in app.main.info[0].value
    calls = []
    monkeypatch.setattr("charlstm.page.parts.missing_corpus.load_corpus", lambda name, progress: calls.append(name))
    app.button(key="fetch_corpus").click().run()
    assert calls == ["nietzsche"]
    app.selectbox(key="model").set_value("tang-poems").run()
    assert "fetch_corpus" not in {button.key for button in app.button}


def test_where_a_corpus_is_elsewhere_the_manual_is_at_hand(monkeypatch):
    here = {"python-docs": load_corpus("python-docs").text}
    monkeypatch.setattr("charlstm.page.parts.real_text.corpus_text", lambda model: here.get(model.metadata.corpus))
    app = guessing(model="nietzsche")
    app.button(key="take_manual").click().run()
    assert not app.exception
    assert app.session_state.model == "python-docs"
    assert "From the last 10% of python\\-docs" in said(app)
    assert game(app).passage.seen


def test_another_model_begins_another_game():
    app = guessing()
    guess(app, right(app))
    app.select_slider(key="epoch").set_value("1").run()
    assert not app.exception
    assert len(game(app).score) == 0
    assert "trained" not in said(app)


def test_in_chinese_the_page_says_nothing_in_english():
    app = guessing(language="中文")
    guess(app, wrong(app))
    guess(app, right(app))
    assert "你第 2 次猜中" in html(app)
    assert "从未见过" in said(app)
    assert "your guess" not in html(app)


def test_rows_are_the_likeliest_and_the_right_one_has_a_row():
    import numpy as np

    probabilities = np.array([0.3, 0.2, 0.1, 0.1, 0.08, 0.07, 0.06, 0.04, 0.03, 0.02])
    assert rows_of(probabilities) == list(range(8))
    assert rows_of(probabilities, [9]) == [0, 1, 2, 3, 4, 5, 6, 9]
    assert rows_of(probabilities, [7, 8, 9]) == [0, 1, 2, 3, 4, 7, 8, 9]
    frame = guess_frame("abcdefghi\n", rows_of(probabilities, [9]), probabilities, "rest", truth=9)
    assert frame["sign"].tolist() == [*"abcdefg", "⏎", "rest"]
    assert frame["share"].tolist() == pytest.approx([*probabilities[:7], 0.02, 0.07])
    assert frame["truth"].tolist() == [False] * 7 + [True, False]
    assert frame["label"].tolist()[0] == "30%"


# In Chromium.


def type_text(page, text: str, delay: float = 60) -> None:
    page.keyboard.type(text, delay=delay)


def use_pasted(page, address: str) -> None:
    """The view with `PASTED`, and the box for the next character at hand."""
    open_page(page, address, "guess_input")
    wait_until_drawn(page)
    press(page, "guess_choice")
    page.get_by_role("radio", name="a pasted text").click()
    page.locator(".st-key-guess_pasted textarea").fill(PASTED)
    press(page, "guess_use")
    wait_until(lambda: "The <b>will</b> to power" in words_of(page, "guess_text"), "the text is in use")
    page.keyboard.press("Escape")
    wait_until_drawn(page)
    page.locator(".st-key-guess_input input").focus()


def test_guessed_by_keyboard_alone_and_no_key_is_lost(app_server, page):
    use_pasted(page, f"{app_server}/guess?model=python-docs")
    rest = PASTED[len(PASTED) // 2 :] if len(PASTED) < 2 * OPENING else PASTED[OPENING:]
    type_text(page, rest[:24])
    wait_until(lambda: "First guess right: you 24 of 24" in words_of(page, "guess_score"), "all are taken")
    assert "You 0.0 to 0.0 bits" in words_of(page, "guess_score")
    for typed, told in (("Z", "Not Z."), ("Q", "Not Z Q.")):
        type_text(page, typed)
        wait_until(lambda told=told: told in page.locator(".guess-wrong").inner_text(), "wrong ones are told")
    page.keyboard.press("Escape")
    wait_until(lambda: "you 24 of 25" in words_of(page, "guess_score"), "it is shown")
    page.keyboard.press("Control+Enter")
    wait_until(lambda: "Not ⏎" in page.locator(".guess-wrong").inner_text(), "a line end is a guess")
    assert page.locator(".st-key-guess_answer [data-testid=stVegaLiteChart] :is(svg, canvas)").count() == 1
    assert no_traceback(page)


def test_on_a_phone_text_box_and_bars_are_on_one_screen(app_server, browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    open_page(page, f"{app_server}/guess?model=python-docs", "guess_input")
    wait_until_drawn(page)
    for _ in range(3):
        page.locator(".st-key-guess_show button:visible").click()
        wait_until_drawn(page)
    chart = page.locator(".st-key-guess_answer [data-testid=stVegaLiteChart]")
    wait_until(lambda: chart.count() == 1, "the bars are drawn")
    page.wait_for_timeout(500)
    bottom = chart.bounding_box()
    assert bottom["y"] + bottom["height"] < 844
    assert page.locator(".guess-passage").bounding_box()["y"] > 0
    assert page.locator(".st-key-guess_show button:visible").bounding_box()["y"] == pytest.approx(
        page.locator(".st-key-guess_newline button:visible").bounding_box()["y"], abs=2
    )
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    context.close()
