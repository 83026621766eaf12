"""One character taken by hand in the middle of a written text."""

import numpy as np
import pytest

from charlstm.errors import UnknownCharactersError
from charlstm.writing.live_text import LiveText
from charlstm.writing.sampling import Sampler, draw

SAMPLER = Sampler(0.8, top_k=7)
LIMIT = 1000


def written_text(model, length: int = 40, context: int | None = None) -> LiveText:
    live = LiveText(model, "abc", rng_seed=7, context=context)
    write_on(live, length)
    return live


def write_on(live: LiveText, length: int) -> None:
    live.aim(length, LIMIT)
    live.write(SAMPLER, LIMIT)


def other_char(live: LiveText, position: int) -> str:
    return next(char for char in live.model.vocab.chars if char != live.text[position])


@pytest.mark.parametrize("position", [0, 17, 39])
def test_keeps_the_text_before_and_takes_the_character(tiny_model, position):
    live = written_text(tiny_model)
    char = other_char(live, position)
    branched = live.branch(position, char)
    assert branched.text == live.text[:position] + char
    assert branched.written[-1].by_hand
    assert branched.written[-1].u == live.written[position].u
    assert len(live.written) == 40  # the old text stays as it was


@pytest.mark.parametrize("context", [None, 5])
def test_the_random_numbers_go_on_as_they_would_have(tiny_model, context):
    live = written_text(tiny_model, context=context)
    branched = live.branch(12, other_char(live, 12))
    write_on(branched, 27)
    assert [w.u for w in branched.written] == [w.u for w in live.written]


@pytest.mark.parametrize("context", [None, 5])
def test_taking_the_same_character_gives_the_same_text(tiny_model, context):
    live = written_text(tiny_model, context=context)
    same = live.branch(12, live.text[12])
    write_on(same, 27)
    assert same.text == live.text


def test_the_last_draw_is_of_the_character_taken(tiny_model):
    live = written_text(tiny_model)
    branched = live.branch(12, other_char(live, 12))
    assert tiny_model.vocab.decode(branched.last_draw.ids) == branched.text[12]
    probabilities = SAMPLER.probabilities(branched.last_draw.logits)
    np.testing.assert_array_equal(branched.last_draw.probabilities, probabilities)
    drawn = draw(probabilities, live.written[12].u)
    assert tiny_model.vocab.decode(drawn) == live.text[12]  # the draw that was overruled


def test_a_text_with_a_character_taken_by_hand_is_not_steady(tiny_model):
    live = written_text(tiny_model)
    assert live.steady
    assert not live.branch(0, other_char(live, 0)).steady
    assert not live.branch(39, other_char(live, 39)).steady


def test_goes_on_by_the_length_asked_for(tiny_model):
    branched = written_text(tiny_model).branch(12, "a")
    write_on(branched, 5)
    assert len(branched.written) == 18


@pytest.mark.parametrize("position", [-1, 40])
def test_refuses_a_place_that_is_not_there(tiny_model, position):
    with pytest.raises(ValueError, match="`position` must be from 0 to 39"):
        written_text(tiny_model).branch(position, "a")


def test_refuses_a_character_the_model_does_not_know(tiny_model):
    with pytest.raises(UnknownCharactersError):
        written_text(tiny_model).branch(3, "z")


def test_refuses_texts_side_by_side(tiny_model):
    live = LiveText(tiny_model, "abc", 7, rows=2)
    live.write_one(Sampler(np.array([0.5, 1.0])))
    with pytest.raises(ValueError, match="single text"):
        live.branch(0, "a")
