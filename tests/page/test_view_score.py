"""The view that scores a text."""

import numpy as np
import pytest
from app_tests import APP, components, open_app, unpacked
from pages import no_traceback, open_page, press, wait_until
from streamlit.testing.v1 import AppTest

from charlstm.network.registry import load_model
from charlstm.page.pages.score import EXAMPLES, LATIN, _places_html
from charlstm.page.parts.controls import TEXT_LIMIT
from charlstm.page.parts.read_text import LEVELS, level, read_text_data
from charlstm.reading.text_score import evaluate, score_text
from charlstm.text.vocab import Vocab

TEXT = "The will to power, and nothing besides. Ω"


def score(text: str):
    app = open_app(view="score")
    app.text_area(key="score_text").set_value(text).run()
    assert not app.exception
    return app


def figures(app) -> list[str]:
    return [metric.value for metric in app.metric]


def browser_data(app) -> dict:
    return components(app)[-1]


def test_an_empty_box_says_what_to_do():
    app = open_app(view="score")
    assert len(app.main.info) == 1
    assert not app.metric


def test_the_figures_are_those_of_the_evaluation():
    app = score(TEXT)
    expected = evaluate(load_model("nietzsche"), TEXT)
    assert figures(app) == [
        f"{expected['bits_per_character']:.2f}",
        f"{expected['nats_per_character']:.2f}",
        f"{expected['perplexity']:.1f}",
        str(len(TEXT) - 1),
    ]


def test_what_was_lowered_or_skipped_is_named():
    captions = " ".join(caption.value for caption in score(TEXT).caption)
    assert "Lower-cased, as the model knows no capitals here: T" in captions
    assert "Skipped, as the model never saw them: Ω" in captions


def test_the_text_is_coloured_by_its_surprise():
    data = browser_data(score(TEXT))
    expected = score_text(load_model("nietzsche"), TEXT, top=8)
    assert data["chars"] == TEXT.lower()[:-2] + " "
    np.testing.assert_allclose(data["surprisal"], expected.surprisal_bits, atol=0.006)
    own, reweighted = (unpacked(data["distributions"], data["rows"])[:, place::3] for place in (3, 4))
    assert (own == reweighted).all()  # nothing was drawn
    assert data["selected"] is None


@pytest.mark.parametrize("name", LATIN)
def test_examples_are_scored_at_a_click(name):
    app = open_app(view="score")
    app.button(key=f"score_{name}").click().run()
    assert not app.exception
    assert app.text_area(key="score_text").value == EXAMPLES[name]
    assert len(figures(app)) == 4


def test_a_model_of_chinese_gets_examples_that_it_can_read():
    app = open_app(view="score", model="tang-poems")
    for name in ("poem", "prose", "monkey", "repeat"):
        app.button(key=f"score_{name}").click().run()
        assert not app.error
        assert len(figures(app)) == 4


def test_the_examples_differ_as_a_class_would_guess():
    model = load_model("nietzsche")
    cost = {name: evaluate(model, text)["bits_per_character"] for name, text in EXAMPLES.items() if name in LATIN}
    assert cost["aphorism"] < cost["news"] < cost["german"] < cost["monkey"]
    assert cost["repeat"] < cost["news"]


def test_a_text_beyond_the_limit_gets_one_sentence():
    app = score("a" * (TEXT_LIMIT + 1))
    assert "20,000" in app.error[0].value
    assert "20,001" in app.error[0].value
    assert not app.metric


def test_a_text_of_unknown_characters_gets_one_sentence():
    app = score("ΩΩΩ")
    assert len(app.error) == 1
    assert not app.metric


def test_what_went_wrong_is_said_in_the_language_of_the_page():
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["language"], app.query_params["view"] = "中文", "score"
    app.session_state.score_text = "Ω\x07Ω"
    app.run()
    assert not app.exception
    assert app.error[0].value.startswith("模型不认识这段文本中的任何字符（Ω、U\\+0007）。")


def test_a_text_as_long_as_the_limit_is_scored():
    app = score("and so on. " * (TEXT_LIMIT // 11))
    assert figures(app)[3] == f"{TEXT_LIMIT // 11 * 11:,}"


@pytest.mark.parametrize(("bits", "expected"), [(0, 0), (0.99, 0), (1, 1), (3.9, 2), (4, 3), (7.9, 4), (8, 5), (99, 5)])
def test_levels_change_at_their_edges(bits, expected):
    assert level(bits) == expected
    assert len(LEVELS) == 5


def test_signs_of_markup_in_the_list_are_escaped(tiny_model):
    model = type(tiny_model)(tiny_model.network, Vocab("<b>&_$*`#a"))
    score = score_text(model, "<b>a&_$</b>", top=8)
    html = _places_html(score)
    assert "<b>a" not in html
    assert "&lt;" in html or "&amp;" in html


def test_small_probabilities_never_become_nothing(tiny_model):
    data = read_text_data(score_text(tiny_model, "abcabc", temperature=0.05, top=8))
    assert unpacked(data["distributions"], 9).shape == (6, 2 + 3 * 9)
    certain = read_text_data(score_text(tiny_model, "abcabc", temperature=0.0, top=8))
    assert max(certain["surprisal"]) < 1000  # JSON knows no infinity
    assert set(unpacked(certain["distributions"], 9)[:, 3::3].ravel()) == {0, 10_000}


# In Chromium.


def test_a_pasted_text_is_scored_and_shown_verbatim(app_server, page):
    open_page(page, f"{app_server}/?view=score", "score_text")
    page.locator(".st-key-score_text textarea").fill("a_b_ [x](y) **c**\n\n  d: `e`; 1_000 = 'f'")
    press(page, "score")
    page.wait_for_selector(".stage-read .c")
    text = page.locator(".stage-read").text_content()
    assert text == "a_b_ [x](y) c\n\n  d: e; 1_000 = 'f'"  # what the model never saw is left out
    page.locator(".stage-read .c").nth(2).hover()
    page.wait_for_selector(".stage-card:popover-open")
    assert page.locator(".stage-card .drawn").count() == 1
    press(page, "score_monkey")
    wait_until(lambda: "xq zj" in page.locator(".stage-read").text_content(), "the example is scored")
    assert page.locator(".places li").count() == 5
    assert no_traceback(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(500)
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
