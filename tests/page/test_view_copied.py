"""The view that looks for a text in the corpus."""

import pytest
from app_tests import open_app
from pages import no_traceback, open_page, press, wait_until

from charlstm.page.pages.copied import marked_html, runs_html
from charlstm.page.session_models import OwnModel
from charlstm.reading.overlap import copied_runs
from charlstm.text.corpus import Corpus

SENTENCE = "the quick brown fox jumps over the lazy dog"
CORPUS = "some text before it. " * 30 + SENTENCE + ". and after it comes <b>more</b> & more_of $it$. " * 30


def pasted(text: str, corpus: str | None = CORPUS, length: int = 20):
    """The view with a pasted text, against a corpus of the session's own."""
    app = open_app(view="copied")
    if corpus is not None:
        app.session_state.session.own_models["nietzsche"] = OwnModel(corpus=Corpus("mine", corpus))
    app.segmented_control(key="copied_source").set_value("pasted").run()
    app.text_area(key="copied_text").set_value(text)
    app.slider(key="copied_length").set_value(length).run()
    assert not app.exception
    return app


def html_of(app, name: str) -> str:
    return next((element.proto.body for element in app.get("html") if f'"{name}' in element.proto.body), "")


def marks(app) -> int:
    return html_of(app, "written copied").count("<mark")


def test_where_nothing_is_written_one_sentence_and_a_button():
    app = open_app(view="copied")
    assert len(app.main.info) == 1
    app.button(key="write_now").click().run()
    assert not app.exception
    assert app.session_state.session.text.live.text


def test_a_run_is_marked_with_its_length_and_its_place():
    app = pasted("Then THE QUICK BROWN FOX jumps over a cat")
    summary = next(markdown.value for markdown in app.markdown if "word for word" in markdown.value)
    run = " the quick brown fox jumps over "
    assert f"**{len(run)}**" in summary
    assert marks(app) == 1
    assert f"</sup>{run}</mark>" in html_of(app, "written copied")
    assert f"at character {CORPUS.index(run) + 1:,} of the corpus" in html_of(app, "runs")
    assert f"<b>{run}</b>" in html_of(app, "runs")


def test_the_slider_leaves_short_runs_out():
    assert marks(pasted("Then the quick brown fox jumps over a cat", length=40)) == 0
    app = pasted("Then the quick brown fox jumps over a cat", length=40)
    assert any("No run of 40 characters or more" in markdown.value for markdown in app.markdown)


def test_without_its_corpus_the_view_says_what_is_needed(monkeypatch):
    monkeypatch.setattr("charlstm.page.pages.copied.is_on_this_machine", lambda name: False)
    app = pasted("the will to power", corpus=None)
    assert len(app.main.info) == 1
    assert "is not on the server" in app.main.info[0].value
    assert not html_of(app, "written copied")


def test_the_corpus_of_the_model_is_found_on_this_machine(corpus_path):
    start = 123_456
    app = pasted(corpus_path.read_text("utf-8")[start : start + 300], corpus=None)
    assert any("**100%**" in markdown.value and "**300**" in markdown.value for markdown in app.markdown)
    assert f"at character {start + 1:,}" in html_of(app, "runs")


def test_a_text_of_unknown_characters_gets_one_sentence():
    assert len(pasted("ΩΩΩ").error) == 1


def test_a_text_beyond_the_limit_gets_one_sentence():
    assert "20,001" in pasted("a" * 20_001).error[0].value


@pytest.mark.parametrize("text", ["comes <b>more</b> & more_of $it$. and", "<i>x</i> & y"])
def test_texts_are_escaped(text):
    runs = copied_runs(text, CORPUS, 10)
    for html in (marked_html("<seed>", text, runs), runs_html(text, CORPUS, runs) if runs else ""):
        for tag in ("<b>more", "<i>", "<seed>", "& "):
            assert tag not in html


def test_the_whole_text_stands_there_and_neighbours_differ():
    text = SENTENCE + "?" + SENTENCE
    runs = copied_runs(text, CORPUS, 10)
    html = marked_html("", text, runs)
    assert html.count("<mark") == len(runs) == 2
    assert html.count('class="even"') == 1


def test_the_longest_comes_first():
    text = "brown fox jumps! " + SENTENCE
    runs = sorted(copied_runs(text, CORPUS, 10), key=lambda run: -run.length)
    html = marked_html("", text, runs)
    assert html.index("<sup>2</sup>") < html.index("<sup>1</sup>")
    listed = runs_html(text, CORPUS, runs)
    assert listed.index(SENTENCE) < listed.index("<b>brown fox jumps<")


# In Chromium.


def test_marks_follow_the_slider(app_server, page, corpus_path):
    open_page(page, f"{app_server}/?view=copied&temperature=0.2", "write_now")
    press(page, "write_now")
    page.wait_for_selector(".st-key-copied_result .copied")
    seed = page.locator(".copied .seed").text_content()
    assert len(page.locator(".copied").inner_text()) >= len(seed) + 200
    few = page.locator(".copied mark").count()
    page.locator(".st-key-copied_length input[type=range]").press("Home")
    wait_until(lambda: page.locator(".copied mark").count() > few, "shorter runs are marked too")
    assert page.locator(".runs li").count() >= 1
    page.locator(".st-key-copied_length input[type=range]").press("End")
    wait_until(lambda: page.locator(".copied mark").count() == 0, "no run is so long")
    assert no_traceback(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(500)
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
