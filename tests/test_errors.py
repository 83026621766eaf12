"""Messages: each is known, whole, and comes through other processes as it was."""

import ast
import copy
import json
import pickle
from pathlib import Path
from string import Formatter

import pytest

import charlstm
from charlstm import errors
from charlstm.errors import MESSAGES, CharLSTMError, Message, ModelFileError, joined, message_of, pack, unpack

PACKAGE = Path(charlstm.__file__).parent
SOURCES = {str(path.relative_to(PACKAGE)): ast.parse(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py")}
CARRIERS = {"Message"} | {
    name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, CharLSTMError)
}
NESTED = Message("training_failed", reason=Message("process_exit", code=1, last="it said {so}."), kept="all is kept")


def made(tree: ast.AST) -> list[ast.Call]:
    """Where messages, and errors with messages, are made of a key."""
    found = [call for call in ast.walk(tree) if isinstance(call, ast.Call) and getattr(call.func, "id", "") in CARRIERS]
    return [call for call in found if not isinstance(call.args[0], ast.Name)]  # a whole message handed on


def keys(call: ast.Call) -> list[str]:
    choice = call.args[0]
    constants = [choice.body, choice.orelse] if isinstance(choice, ast.IfExp) else [choice]
    assert all(isinstance(constant, ast.Constant) for constant in constants), ast.unparse(call)
    return [constant.value for constant in constants]


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("name", sorted(SOURCES.keys() - {"errors.py"}))
def test_messages_are_made_of_known_keys_and_their_values(name):
    for call in made(SOURCES[name]):
        given = {keyword.arg for keyword in call.keywords}
        for key in keys(call):
            wanted = placeholders(MESSAGES[key])
            assert given == wanted or (None in given and given - {None} <= wanted), ast.unparse(call)


def test_no_messages_are_left_over():
    trees = [tree for name, tree in SOURCES.items() if name != "errors.py"]
    used = {key for tree in trees for call in made(tree) for key in keys(call)}
    parts = {"list", "both", "either", "also"}  # of `joined`
    assert sorted(MESSAGES.keys() - used - parts) == []


def test_a_message_is_its_english_sentence():
    assert Message("text_too_short", minimum=1000, count=5) == (
        "A text must have at least 1,000 characters, this one has 5. Add more."
    )
    assert NESTED == "Training failed: its process ended with exit code 1 (it said {so}.); all is kept."


def test_an_error_says_its_message_and_hands_it_on():
    error = ModelFileError("no_chain", name="my.keras")
    assert str(error).startswith("my.keras is not a plain chain of layers.")
    assert message_of(error).key == "no_chain"
    assert message_of(CharLSTMError(NESTED)) is NESTED
    assert message_of(ValueError("from elsewhere")) == "from elsewhere"
    assert message_of(ValueError()) == ""


def test_joined():
    assert joined("either", ["a", "b", "c"]) == "a or b or c"
    assert joined("list", ["a"]) == "a"
    assert joined("list", []) == ""


@pytest.mark.parametrize("message", ["from elsewhere", Message("no_chain", name=Message("model_to_train_on")), NESTED])
def test_a_message_comes_through_json_as_it_was(message):
    arrived = unpack(json.loads(json.dumps(pack(message))))
    assert arrived == message
    assert vars_of(arrived) == vars_of(message)


@pytest.mark.parametrize("again", [copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_messages_and_errors_can_be_copied(again):
    assert vars_of(again(NESTED)) == vars_of(NESTED)
    error = again(ModelFileError("no_chain", name="my.keras"))
    assert isinstance(error, ModelFileError)
    assert message_of(error) == Message("no_chain", name="my.keras")
    assert message_of(error).key == "no_chain"


def vars_of(message: str) -> dict:
    return getattr(message, "__dict__", {})
