"""Messages: each is a sentence with what was filled in, and comes through other processes as it was."""

import copy
import json
import pickle

import pytest

from charlstm.errors import CharLSTMError, Message, ModelFileError, joined, message_of, pack, unpack

NO_CHAIN = "{name} is not a plain chain of layers."
EXITED = Message("its process ended with exit code {code} ({last})", code=1, last="it said {so}.")
NESTED = Message("Training failed: {reason}; {kept}.", reason=EXITED, kept="all is kept")


def test_a_message_is_its_english_sentence():
    assert Message("A text must have at least {minimum:,} characters.", minimum=1000) == (
        "A text must have at least 1,000 characters."
    )
    assert NESTED == "Training failed: its process ended with exit code 1 (it said {so}.); all is kept."


def test_a_reason_goes_without_its_full_stop():
    assert Message("Failed ({reason}).", reason=Message("It broke.")) == "Failed (It broke)."


def test_a_message_and_all_in_it_is_said_by_other_templates():
    templates = {
        "Training failed: {reason}; {kept}.": "{kept}, for {reason}",
        "its process ended with exit code {code} ({last})": "code {code}: {last}",
    }
    assert NESTED.said(templates.__getitem__) == "all is kept, for code 1: it said {so}"


def test_what_is_filled_in_is_never_a_template():
    assert Message("{name} holds {what}.", name="{what}", what="{name}") == "{what} holds {name}."


def test_an_error_says_its_message_and_hands_it_on():
    error = ModelFileError(NO_CHAIN, name="my.keras")
    assert str(error) == "my.keras is not a plain chain of layers."
    assert message_of(error).template == NO_CHAIN
    assert message_of(CharLSTMError(NESTED)) is NESTED
    assert message_of(ValueError("from elsewhere")) == "from elsewhere"
    assert message_of(ValueError()) == ""


def test_joined():
    assert joined("{first} or {second}", ["a", "b", "c"]) == "a or b or c"
    assert joined("{first}, {second}", ["a"]) == "a"
    assert joined("{first}, {second}", []) == ""


@pytest.mark.parametrize("message", ["from elsewhere", Message(NO_CHAIN, name=Message("The model")), NESTED])
def test_a_message_comes_through_json_as_it_was(message):
    arrived = unpack(json.loads(json.dumps(pack(message))))
    assert arrived == message
    assert vars_of(arrived) == vars_of(message)


@pytest.mark.parametrize("again", [copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_messages_and_errors_can_be_copied(again):
    assert vars_of(again(NESTED)) == vars_of(NESTED)
    error = again(ModelFileError(NO_CHAIN, name="my.keras"))
    assert isinstance(error, ModelFileError)
    assert message_of(error) == "my.keras is not a plain chain of layers."
    assert message_of(error).template == NO_CHAIN


def vars_of(message: str) -> dict:
    return getattr(message, "__dict__", {})
