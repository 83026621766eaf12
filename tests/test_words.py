"""Every word of the page exists in both languages, is used, and none is written elsewhere."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

import charlstm.views
from charlstm.views.words import WORDS

VIEWS = Path(charlstm.views.__file__).parent
PAGE = VIEWS.parent.parent / "streamlit_app.py"
SOURCES = [PAGE, *sorted(VIEWS.glob("*.py"))]
TREES = {source.name: ast.parse(source.read_text("utf-8")) for source in SOURCES}
CHINESE = re.compile("[\u4e00-\u9fff]")
SAME_IN_BOTH = {"top_k", "top_p"}  # names that Chinese texts leave as they are
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
    parts = [re.escape(part.value) if isinstance(part, ast.Constant) else r"[\w-]+" for part in key.values]
    return re.compile("".join(parts))


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


def test_no_words_are_left_over():
    everything = [node for tree in TREES.values() for node in ast.walk(tree)]
    literals = {node.value for node in everything if isinstance(node, ast.Constant)}
    patterns = [pattern(key) for tree in TREES.values() for key in said(tree) if isinstance(key, ast.JoinedStr)]
    unused = [key for key in WORDS if key not in literals and not any(found.fullmatch(key) for found in patterns)]
    assert unused == []


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
