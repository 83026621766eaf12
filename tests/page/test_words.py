"""Every word of the page exists in both languages, is used, and none is written elsewhere."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

import charlstm.page
from charlstm.errors import CorpusError, Message
from charlstm.page import locale
from charlstm.page.locale import LANGUAGES, WORDS, say, say_error
from charlstm.text.corpus import corpus_from_upload
from charlstm.text.vocab import show_chars

VIEWS = Path(charlstm.page.__file__).parent
PAGE = VIEWS.parents[1] / "streamlit_app.py"
SOURCES = [PAGE, *(path for path in sorted(VIEWS.rglob("*.py")) if path.parent.name != "locale")]
SOURCES.append(VIEWS / "locale" / "__init__.py")
TREES = {str(source.relative_to(PAGE.parent)): ast.parse(source.read_text("utf-8")) for source in SOURCES}
CHINESE = re.compile("[\u4e00-\u9fff]")
SAME_IN_BOTH = {"top_k", "top_p", "phase_failed"}  # names that Chinese texts leave as they are, and a message alone
# What shows its first argument.
SHOWING = {
    "set_page_config",
    "write",
    "markdown",
    "caption",
    "text",
    "title",
    "header",
    "subheader",
    "error",
    "warning",
    "info",
    "success",
    "toast",
    "button",
    "download_button",
    "link_button",
    "toggle",
    "checkbox",
    "slider",
    "select_slider",
    "selectbox",
    "multiselect",
    "radio",
    "segmented_control",
    "pills",
    "number_input",
    "text_input",
    "text_area",
    "file_uploader",
    "popover",
    "expander",
    "tabs",
    "progress",
    "spinner",
    "status",
    "metric",
    "dialog",
}
SHOWN_ARGUMENTS = ("label", "help", "placeholder", "alt", "body", "text")
MARKUP = re.compile(r":[a-z]+\[|</?\w+[^>]*>|~~a~~")


def calls(tree: ast.AST):
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def said(tree: ast.AST) -> list[ast.expr]:
    """What is passed to `say`."""
    return [call.args[0] for call in calls(tree) if isinstance(call.func, ast.Name) and call.func.id == "say"]


def pattern(key: ast.JoinedStr) -> re.Pattern:
    """The keys that an f-string can be."""
    parts = [re.escape(part.value) if isinstance(part, ast.Constant) else r"([\w-]+)" for part in key.values]
    return re.compile("".join(parts))


def literals_of(tree: ast.AST) -> set:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}


def says(tree: ast.AST, key: ast.JoinedStr, word: str) -> bool:
    """Whether an f-string of a file can be a word; what it begins with must stand in that file."""
    found = pattern(key).fullmatch(word)
    return bool(found) and (isinstance(key.values[0], ast.Constant) or found[1] in literals_of(tree))


def visible(expression: ast.expr) -> str:
    """The letters that an expression writes by itself, without markup."""
    if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
        return "".join(re.findall(r"[^\W\d_]", MARKUP.sub("", expression.value)))
    if isinstance(expression, ast.JoinedStr):
        whole = "".join(part.value if isinstance(part, ast.Constant) else "0" for part in expression.values)
        return "".join(re.findall(r"[^\W\d_]", MARKUP.sub("", whole)))
    if isinstance(expression, ast.BinOp):
        return visible(expression.left) + visible(expression.right)
    if isinstance(expression, ast.IfExp):
        return visible(expression.body) + visible(expression.orelse)
    return ""


def placeholders(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name is not None}


@pytest.mark.parametrize("key", sorted(WORDS))
def test_a_key_has_both_languages_with_the_same_placeholders(key):
    english, chinese = WORDS[key]
    assert english.strip()
    assert placeholders(english) == placeholders(chinese)
    assert CHINESE.search(chinese) or key in SAME_IN_BOTH


@pytest.mark.parametrize("name", sorted(TREES))
def test_all_that_is_said_exists(name):
    for key in said(TREES[name]):
        if isinstance(key, ast.Constant):
            assert key.value in WORDS
        elif isinstance(key, ast.JoinedStr):
            assert any(pattern(key).fullmatch(word) for word in WORDS), ast.unparse(key)


@pytest.fixture
def in_chinese(monkeypatch):
    monkeypatch.setattr(locale.st, "session_state", {"language": LANGUAGES[1]})


def too_short() -> Exception:
    with pytest.raises(CorpusError) as raised:
        corpus_from_upload("my.txt", b"abcde", lowercase=False)
    return raised.value


def test_a_message_is_english_unless_the_page_is_chinese():
    error = too_short()
    assert say_error(error) == str(error) == "A text must have at least 1,000 characters, this one has 5. Add more."


@pytest.mark.usefixtures("in_chinese")
def test_a_message_and_all_in_it_is_in_the_language_of_the_page():
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
    assert say("skipped", chars=show_chars("a \n")).count("a、空格、换行") == 1
    assert say_error(ValueError("from elsewhere")) == "from elsewhere"


@pytest.mark.parametrize("name", sorted(TREES))
def test_an_error_is_shown_by_say_error(name):
    for handler in (node for node in ast.walk(TREES[name]) if isinstance(node, ast.ExceptHandler) and node.name):
        for call in calls(handler):
            if not (isinstance(call.func, ast.Name) and call.func.id == "say_error"):
                passed = [*call.args, *(keyword.value for keyword in call.keywords)]
                used = [part.id for part in passed if isinstance(part, ast.Name)]
                assert handler.name not in used, f"line {call.lineno}: {ast.unparse(call)}"


@pytest.mark.parametrize("name", sorted(name for name in TREES if "locale" not in name))
def test_characters_are_named_by_say_chars(name):
    assert "show_chars" not in (PAGE.parent / name).read_text("utf-8")


def test_no_words_are_left_over():
    literals = set().union(*map(literals_of, TREES.values()))
    patterns = [(tree, key) for tree in TREES.values() for key in said(tree) if isinstance(key, ast.JoinedStr)]
    unused = [word for word in WORDS if word not in literals and not any(says(*one, word) for one in patterns)]
    assert unused == []


def test_a_pattern_that_begins_with_a_name_is_not_all_words():
    tree = ast.parse("names = ['stop']; say(f'{name}_help')")
    key = said(tree)[0]
    assert says(tree, key, "stop_help")
    assert not says(tree, key, "generate_help")


@pytest.mark.parametrize("name", sorted(TREES))
def test_no_words_are_written_beside_the_lists(name):
    for call in calls(TREES[name]):
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in SHOWING:
            continue
        shown = call.args[:1] + [keyword.value for keyword in call.keywords if keyword.arg in SHOWN_ARGUMENTS]
        for expression in shown:
            assert not visible(expression), f"line {call.lineno}: {ast.unparse(expression)}"


@pytest.mark.parametrize(
    ("code", "letters"),
    [("'Stop'", "Stop"), ("f':gray[■] {x}'", ""), ("f'{x} of 3'", "of"), ("'a' if x else say('b')", "a"), ("'∞'", "")],
)
def test_written_words_are_found(code, letters):
    assert visible(ast.parse(code, mode="eval").body) == letters
