"""Every sentence has its translation, the catalogues are up to date, and the page keeps to one language."""

import ast
import re
import tomllib
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from string import Formatter

import pytest
import streamlit as st
from app_tests import finish, go_to, open_app
from google.protobuf.json_format import MessageToDict

from charlstm import errors
from charlstm.errors import CharLSTMError, CorpusError, Message
from charlstm.page import locale
from charlstm.page.locale import say, say_error
from charlstm.page.navigation import PAGES
from charlstm.page.pages.lesson import STEPS
from charlstm.page.sidebar.training_setup import TEXTS
from charlstm.text.corpus import CORPORA, own_corpus
from charlstm.text.vocab import show_chars
from charlstm.training.cluster import training_unavailable

FOLDER = Path(locale.__file__).parent
ROOT = FOLDER.parents[2]
SOURCES = [ROOT / "streamlit_app.py", *sorted((ROOT / "charlstm").rglob("*.py"))]
MAPPING = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["babel"]["mappings"][0]
KEYWORDS = {*MAPPING["keywords"], "N_", "gettext"}
FILES = sorted(FOLDER.glob("*/LC_MESSAGES/charlstm.po"))
CJK = re.compile("[\u4e00-\u9fff]")
HIDDEN = {"id", "queryParamKey", "jsContent", "cssContent"}  # fields of elements that nobody sees
REMEDY = "Run the commands that charlstm/page/locale/__init__.py names."


class Unknown(NullTranslations):
    """What a catalogue asks for a sentence that it does not have."""

    def gettext(self, message: str) -> str:
        return ""


def sentences(source: Path) -> set[str]:
    """What a file says or marks, wherever it stands in an expression."""
    calls = [
        node for node in ast.walk(ast.parse(source.read_text("utf-8"))) if isinstance(node, ast.Call) and node.args
    ]
    named = [call for call in calls if getattr(call.func, "id", getattr(call.func, "attr", "")) in KEYWORDS]
    said = {call.args[0].value for call in named if isinstance(call.args[0], ast.Constant)}
    return {sentence for sentence in said if isinstance(sentence, str)}


SENTENCES = set().union(*map(sentences, SOURCES))


def compiled(file: Path) -> GNUTranslations:
    with file.with_suffix(".mo").open("rb") as stream:
        catalogue = GNUTranslations(stream)
    catalogue.add_fallback(Unknown())
    return catalogue


def placeholders(sentence: str) -> set[tuple]:
    """Names, with their formats and conversions."""
    return {part[1:] for part in Formatter().parse(sentence) if part[1] is not None}


def test_every_kind_of_error_is_searched_for_sentences():
    kinds = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, CharLSTMError)}
    assert kinds | {"say", "Message", "joined"} <= KEYWORDS


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parts[-3])
def test_every_sentence_is_translated_with_the_same_placeholders(file):
    catalogue = compiled(file)
    assert sorted(sentence for sentence in SENTENCES if not catalogue.gettext(sentence)) == [], REMEDY
    changed = [one for one in SENTENCES if placeholders(one) != placeholders(catalogue.gettext(one))]
    assert changed == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parts[-3])
def test_a_catalogue_is_what_extraction_and_compilation_give(file, tmp_path):
    pytest.importorskip("babel", reason="Babel, which makes the catalogues, is not installed")
    from babel.messages.frontend import CommandLineInterface
    from babel.messages.mofile import read_mo
    from babel.messages.pofile import read_po

    template = tmp_path / "messages.pot"
    arguments = ["-q", "extract", "-F", str(ROOT / "pyproject.toml"), "-o", str(template)]
    CommandLineInterface().run(["pybabel", *arguments, str(ROOT / "charlstm"), str(ROOT / "streamlit_app.py")])
    with template.open("rb") as extracted, file.open("rb") as text, file.with_suffix(".mo").open("rb") as binary:
        wanted, written, used = read_po(extracted), read_po(text), read_mo(binary)
    assert {message.id for message in wanted} == {message.id for message in written} == {"", *SENTENCES}, REMEDY
    assert not written.obsolete
    assert not any(message.fuzzy for message in written if message.id)
    texts = [{message.id: message.string for message in catalogue if message.id} for catalogue in (written, used)]
    assert texts[0] == texts[1], REMEDY


def test_a_language_is_a_folder(tmp_path):
    pytest.importorskip("babel", reason="Babel, which makes the catalogues, is not installed")
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo

    for code, name in {"de": "Deutsch", "fr": "français"}.items():
        catalogue = Catalog(locale=code)
        catalogue.add("English", name)
        folder = tmp_path / code / "LC_MESSAGES"
        folder.mkdir(parents=True)
        with (folder / "charlstm.mo").open("wb") as file:
            write_mo(file, catalogue)
    assert list(locale.languages(tmp_path)) == ["English", "Deutsch", "français"]


def test_every_corpus_is_offered_for_training():
    assert list(TEXTS) == ["same", *CORPORA, "own"]


# Messages in the page's language.


@pytest.fixture
def speaks(monkeypatch):
    return lambda language: monkeypatch.setattr(locale.st, "session_state", {"language": language})


def too_short() -> Exception:
    with pytest.raises(CorpusError) as raised:
        own_corpus("my.txt", "abcde", lowercase=False)
    return raised.value


def test_a_message_is_english_where_the_page_is(speaks):
    speaks("English")
    assert say_error(too_short()) == str(too_short())
    assert str(too_short()) == "A text must have at least 1,000 characters, this one has 5. Add more."


def test_a_message_and_all_in_it_is_in_the_language_of_the_page(speaks):
    speaks("中文")
    assert say_error(too_short()) == "文本至少要有 1,000 个字符，这段只有 5 个。请补充。"
    reason = Message(
        "{name} is not a whole .keras file ({reason}). Save or download it again.",
        name="my.keras",
        reason=Message("compressed in a way that cannot be unpacked bit by bit"),
    )
    kept = Message("the {count} finished epochs are kept", count=3)
    failed = Message("Training failed: {reason}; {kept}.", reason=reason, kept=kept)
    assert say_error(ValueError(failed)) == (
        "训练失败：my.keras 不是完整的 .keras 文件（其压缩方式无法逐段解压）。请重新保存或下载；已完成的 3 轮均已保留。"
    )
    skipped = say("Skipped, as the model never saw them: {chars}.", chars=show_chars("a \n"))
    assert skipped.count("a、空格、换行") == 1
    assert say_error(ValueError("from elsewhere")) == "from elsewhere"


# The page keeps to its language.


def texts(value, field: str = "") -> list[str]:
    """All that a tree of elements holds in strings, but for the names by which the page's parts know each other."""
    if isinstance(value, str):
        return [] if field in HIDDEN else [value]
    if isinstance(value, dict):
        return [text for name, part in value.items() for text in texts(part, name)]
    return [text for part in value for text in texts(part, field)] if isinstance(value, list) else []


def shown(app) -> list[str]:
    elements = [element for place in (app.main, app.sidebar) for element in place]
    return [text for element in elements if element.proto for text in texts(MessageToDict(element.proto))]


def tour(language: str):
    """The texts of every view and step, with a text written and a setting of the address that cannot be used."""
    app = open_app(language=language, length="30", speed="∞", temperature="9", corpus="own")
    yield "first", shown(app)
    app.button(key="generate").click().run()
    finish(app)
    for view in (entry.name for entry in PAGES):
        go_to(app, view)
        for step in range(1, len(STEPS) + 1) if view == "lesson" else [None]:
            if step is not None:
                app.segmented_control(key="step").set_value(step).run()
            assert not app.exception
            yield f"{view} {step}", shown(app)


def test_the_page_in_chinese_says_nothing_in_english():
    catalogue = compiled(FOLDER / "zh/LC_MESSAGES/charlstm.po")
    ours = {sentence for sentence in SENTENCES if CJK.search(catalogue.gettext(sentence))} - {"English"}
    parts = {literal for sentence in ours for literal, *_ in Formatter().parse(sentence) if len(literal) > 12}
    for view, found in tour("中文"):
        left = [text for text in found if text in ours or any(part in text for part in parts)]
        assert left == [], view


def test_the_page_in_english_says_nothing_in_chinese():
    for view, found in tour("English"):
        own = {text for text in found if text in locale.LANGUAGES or text.startswith("Language · ")}
        left = [text for text in found if CJK.search(text) and text not in own]
        assert left == [], view


def test_the_title_of_the_tab_is_in_the_language_of_the_address_at_once(monkeypatch):
    titles = []
    monkeypatch.setattr(st, "set_page_config", lambda title=None, *_, **__: titles.append(title))
    open_app(language="中文")
    open_app(language="Klingon", view="look")
    assert list(filter(None, titles)) == ["看 LSTM 写作", "Look inside · Watch an LSTM write"]


def test_the_language_is_that_of_the_browser_unless_the_address_names_another():
    for locale_code, address, words in (("zh-CN", {}, "温度"), ("zh-CN", {"language": "English"}, "Temperature")):
        app = open_app({"locale": locale_code}, **address)
        assert app.slider(key="temperature").label == words
        assert not app.warning


def test_what_is_chosen_is_shown_in_the_new_language_and_stays():
    app = open_app(view="look")
    app.segmented_control(key="language").set_value("中文").run()
    if training_unavailable(None) is None:  # else there is nothing to choose
        assert app.selectbox(key="corpus").proto.raw_value == "它自己的文本，继续训练"
