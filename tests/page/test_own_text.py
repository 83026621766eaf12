"""A text of one's own on the page: how it was read stands there before it is trained on, and can be changed."""

import threading

import pytest
from app_tests import open_app

from charlstm.page.parts import text_reading
from charlstm.page.sidebar import own_text
from charlstm.training.cluster import training_unavailable

TURKISH = "Küçük kız ağacın altında oturdu ve şarkı söyledi.\nGüneş batarken kardeşine ılık süt içirdi.\n" * 20
needs_training = pytest.mark.skipif(training_unavailable(None) is not None, reason=f"{training_unavailable(None)}")


def given(content: bytes, name: str = "my.txt"):
    """The page once a file was uploaded."""
    app = open_app()
    app.selectbox(key="corpus").set_value("own").run()
    app.file_uploader(key="upload_corpus").set_value((name, content, "text/plain")).run()
    assert not app.exception
    return app


def words(app, kind: str) -> str:
    return " ".join(element.value for element in app.get(kind)).replace("\\", "")


@needs_training
def test_the_first_lines_stand_there_with_the_encoding_and_another_can_be_chosen():
    app = given(TURKISH.encode("cp1254"))
    assert app.text[0].value.startswith("Küçük kız ağacın altında oturdu ve şarkı söyledi.\nGüneş")
    assert "Read as Windows-1254 (Turkish)." in words(app, "caption")
    app.selectbox(key="encoding").set_value("cp1252").run()
    assert app.text[0].value.startswith("Küçük kýz aðacýn")
    assert "Read as Windows-1252 (Western Europe)." in words(app, "caption")
    assert app.session_state.session.training.reading.corpus.text.startswith("Küçük kýz")


@needs_training
def test_a_damaged_text_is_utf8_and_that_is_said():
    app = given(TURKISH.encode()[:-2] + b"\xc3")
    assert "Read as UTF-8 (all languages)." in words(app, "caption")
    assert "1 damaged characters were replaced by �." in words(app, "warning")


@needs_training
def test_what_is_not_certain_is_said():
    app = given("The price: 5°.\n".encode("cp1252") * 100)
    assert "That is not certain." in words(app, "warning")


@needs_training
def test_what_cannot_be_trained_on_is_said_and_can_still_be_read_otherwise():
    app = given(b"a" * 5000)
    assert "at least 2 different characters" in words(app, "error")
    app = given(b"\x89PNG" + bytes(range(256)) * 9)
    assert "The file is not text" in words(app, "error")
    assert app.selectbox(key="encoding").value == ""


@needs_training
def test_a_new_file_is_read_without_the_encoding_chosen_for_the_last():
    app = given(TURKISH.encode("cp1254"))
    app.selectbox(key="encoding").set_value("koi8-r").run()
    app.file_uploader(key="upload_corpus").set_value(("other.txt", TURKISH.encode(), "text/plain")).run()
    assert app.selectbox(key="encoding").value == ""
    assert "Read as UTF-8" in words(app, "caption")


@needs_training
def test_a_pasted_text_counts_before_the_file_until_its_box_is_empty_again():
    app = given(TURKISH.encode())
    app.text_area(key="paste_corpus").set_value("cats and dogs. " * 100).run()
    assert "The pasted text is taken; empty the box to take my.txt." in words(app, "caption")
    assert app.session_state.session.training.reading.corpus.name == "pasted text"
    assert not app.text
    app.text_area(key="paste_corpus").set_value("").run()
    assert "The pasted text is taken" not in words(app, "caption")
    assert app.session_state.session.training.reading.corpus.name == "my.txt"
    assert app.text[0].value.startswith("Küçük")


@needs_training
def test_while_a_long_text_is_read_the_page_answers_and_says_so(monkeypatch):
    go_on, threads = threading.Event(), []
    decode = text_reading.decode

    def slow(*arguments):
        threads.append(threading.current_thread())
        go_on.wait(60)
        return decode(*arguments)

    monkeypatch.setattr(text_reading, "decode", slow)
    monkeypatch.setattr(own_text, "AT_ONCE_BYTES", 0)
    app = given(TURKISH.encode())
    assert "Reading the text …" in " ".join(bar.proto.text for bar in app.get("progress"))
    go_on.set()
    assert app.session_state.session.training.reading.done.wait(60)
    app.run()
    assert not app.exception
    assert app.text[0].value.startswith("Küçük")
    assert threads[0] is not threading.current_thread()
