"""Shannon's game: ranks, his bounds at values known by hand, and what the model pays."""

import math
import random

import numpy as np
import pytest

from charlstm.reading.guessing import (
    OPENING,
    PASSAGE,
    Passage,
    ShannonGame,
    choose_passage,
    opening_length,
    rank_by_votes,
    rank_frequencies,
    shannon_bounds,
)
from charlstm.reading.text_score import score_text

TEXT = "abcd fab\ngab dab"


@pytest.fixture
def game(tiny_model):
    return ShannonGame(Passage(tiny_model, TEXT, 4))


@pytest.mark.parametrize(
    ("frequencies", "lower", "upper"),
    [
        ([1, 0, 0], 0, 0),  # always right at once
        ([0.5, 0.5], 1, 1),  # a coin
        ([0.25] * 4, 2, 2),  # nothing is known
        ([0.75, 0.25], 0.5, 2 - 0.75 * math.log2(3)),  # 2 (1/4 - 0) log2 2; 3/4 log2 4/3 + 1/4 log2 4
        ([0.5, 0.25, 0.25], 3 * 0.25 * math.log2(3), 1.5),
    ],
)
def test_the_bounds_are_those_worked_out_by_hand(frequencies, lower, upper):
    assert shannon_bounds(np.array(frequencies, float)) == pytest.approx((lower, upper))


def test_the_bounds_hold_a_source_between_them():
    """Of two contexts, one sure and one a coin, each half of the time: half a bit."""
    lower, upper = shannon_bounds(rank_frequencies([(1, 1)] * 3 + [(2, 2)], 4))
    assert lower == pytest.approx(0.5)
    assert lower <= 0.5 <= upper


@pytest.mark.parametrize(
    ("ranks", "size", "expected"),
    [
        ([(1, 1), (1, 1), (2, 2), (4, 4)], 4, [0.5, 0.25, 0.125, 0.125]),  # 0 and 1/4 share
        ([(2, 2)], 3, [0.5, 0.5, 0]),  # who is right at the second guess each time
        ([(1, 1), (3, 4)], 4, [0.5, 1 / 6, 1 / 6, 1 / 6]),  # given up after two
        ([(1, 4)], 4, [0.25] * 4),
    ],
)
def test_frequencies_fall_and_what_is_not_known_is_spread(ranks, size, expected):
    np.testing.assert_allclose(rank_frequencies(ranks, size), expected)


@pytest.mark.parametrize("ranks", [[], [(0, 1)], [(2, 1)], [(1, 6)]])
def test_ranks_out_of_range_are_refused(ranks):
    with pytest.raises(ValueError, match="1 to 5"):
        rank_frequencies(ranks, 5)


def test_the_lower_bound_is_never_above_the_upper_one():
    rng = np.random.default_rng(0)
    for count in (1, 2, 5, 20, 100):
        for size in (2, 27, 60):
            firsts = rng.integers(1, size, count, endpoint=True).tolist()
            lower, upper = shannon_bounds(rank_frequencies([(first, first) for first in firsts], size))
            assert -1e-9 <= lower <= upper + 1e-9 <= math.log2(size) + 2e-9


def test_the_model_pays_what_it_pays_where_a_text_is_scored(tiny_model):
    passage, score = Passage(tiny_model, TEXT, 4), score_text(tiny_model, TEXT)
    found = [passage.uncover() for _ in TEXT[4:]]
    assert "".join(place.char for place in found) == TEXT[4:]
    np.testing.assert_allclose([place.surprisal_bits for place in found], score.surprisal_bits[4:], rtol=1e-5)
    assert [place.rank for place in found] == score.rank[4:].tolist()
    assert passage.complete
    assert passage.seen == TEXT


def test_a_guesser_who_guesses_as_the_model_ranks_has_its_ranks(tiny_model, game):
    while not game.passage.complete:
        for id in np.argsort(-game.passage.logits, kind="stable"):
            if game.guess(tiny_model.vocab.chars[id]):
                break
    assert game.score.ranks == [(rank, rank) for rank in game.score.model_ranks]
    assert game.score.first_right == (game.score.model_ranks.count(1),) * 2
    assert len(game.score) == len(TEXT) - 4


def test_wrong_guesses_count_once_and_do_not_uncover(game):
    assert [game.guess(char) for char in "aab"] == [False] * 3
    assert game.wrong == ["a", "b"]
    assert game.passage.seen == "abcd"
    assert game.last is None
    assert game.guess(" ")
    assert game.score.ranks == [(3, 3)]
    assert game.wrong == []
    assert game.last[0].char == " "


def test_who_gives_up_counts_for_all_that_is_left(tiny_model, game):
    game.guess("a")
    game.give_up()
    assert game.score.ranks == [(2, len(tiny_model.vocab))]
    assert game.passage.seen == "abcd "


def test_a_blind_guesser_gets_the_bits_of_the_vocabulary(tiny_model, game):
    while not game.passage.complete:
        game.give_up()
    assert game.score.bounds == pytest.approx((math.log2(len(tiny_model.vocab)),) * 2)


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        ({"a": 3, "b": 1}, (1, 1)),
        ({"a": 2, "b": 2}, (1, 2)),
        ({"b": 5, "c": 2, "a": 1}, (3, 3)),
        ({"b": 5, "c": 1}, (3, 10)),
        ({}, (1, 10)),
    ],
)
def test_a_class_guesses_in_the_order_of_its_votes(votes, expected):
    assert rank_by_votes(votes, "a", 10) == expected


def test_a_passage_begins_a_word_and_has_its_length():
    text = "one two three four five six seven " * 100
    for rng_seed in range(20):
        passage = choose_passage(text, random.Random(rng_seed))
        assert len(passage) == PASSAGE
        assert f" {passage}" in f" {text}"
        assert opening_length(passage) == OPENING


def test_a_short_text_is_a_passage_of_which_half_is_seen():
    assert choose_passage("abcdef", random.Random(0)) == "abcdef"
    assert opening_length("abcdef") == 3


@pytest.mark.parametrize("opening", [0, len(TEXT), -1])
def test_an_opening_leaves_something_to_guess(tiny_model, opening):
    with pytest.raises(ValueError, match="opening"):
        Passage(tiny_model, TEXT, opening)
