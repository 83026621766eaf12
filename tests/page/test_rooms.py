"""Rooms in the server's memory: who may what, what a class's guesses come to, and when a room ends."""

import itertools
import threading
from collections import Counter

import pytest

from charlstm.page import rooms as module
from charlstm.page.rooms import (
    ALONE_SECONDS,
    AWAY_SECONDS,
    IDLE_SECONDS,
    LIFE_SECONDS,
    MAX_ROOMS,
    Asked,
    RoomError,
    Rooms,
)
from charlstm.reading.guessing import Passage, rank_frequencies, shannon_bounds
from charlstm.reading.text_score import score_text

TEXT = "abcd fab\ngab dab"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def rooms(clock):
    return Rooms(clock)


@pytest.fixture
def opened(rooms, passage):
    """Opens a room of a lecturer of its own."""
    numbers = itertools.count()
    return lambda: rooms.open(passage(), "", f"lecturer {next(numbers)}")


@pytest.fixture
def passage(tiny_model):
    return lambda opening=4: Passage(tiny_model, TEXT, opening)


@pytest.fixture
def room(rooms, passage):
    return rooms.open(passage(), "a text", "secret")


def test_a_room_is_found_by_its_code_and_by_nothing_else(rooms, room, opened):
    other = opened()
    assert rooms.find(f" {room.code.lower()} ") is room
    assert rooms.find(other.code) is other
    assert rooms.find("") is rooms.find("nosuchroom" * 1000) is rooms.find("<b>\x00") is None


def test_only_its_secret_leads(rooms, room, opened):
    assert room.is_led_by("secret")
    assert rooms.led_by("secret") is room
    other = opened()
    for secret in ("", "guess", room.code, "secre", "lecturer 0", "ü"):
        assert not room.is_led_by(secret)
        assert rooms.led_by(secret) is (other if secret == "lecturer 0" else None)


def test_who_opens_another_room_ends_the_first(rooms, room, passage):
    other = rooms.open(passage(), "", "secret")
    assert (room.seconds_left, rooms.led_by("secret")) == (0, other)


def test_a_seat_guesses_once_at_the_place_that_is_open(room):
    assert room.guess("s1", 0, "a")
    assert not room.guess("s1", 0, "b")
    assert room.guess("s2", 0, " ")
    assert not room.guess("s3", -1, "a")
    assert not room.guess("s3", 1, "a")
    scene = room.look("s1")
    assert (scene.turn, scene.seen, scene.own, scene.present) == (0, "abcd", "a", 3)
    assert scene.votes == {"a": 1, " ": 1}


@pytest.mark.parametrize("char", ["", "aa", "Z", "<", "\x00", "a\u0301", "🙂", "a" * 100_000])
def test_what_is_no_character_of_the_model_is_no_guess(room, char):
    assert not room.guess("s1", 0, char)
    assert room.look().votes == {}


def test_what_is_shown_is_counted_and_the_next_place_opens(room, tiny_model):
    for seat, char in enumerate("a a bb  "):  # the space has its four
        room.guess(f"s{seat}", 0, char)
    room.show(0)
    scene, score = room.look("s1"), score_text(tiny_model, TEXT)
    assert scene.shown.char == " "
    assert (scene.turn, scene.seen) == (0, "abcd")
    assert scene.votes == {" ": 4, "a": 2, "b": 2}
    assert scene.standing.places == 1
    assert scene.standing.right == 1
    assert scene.standing.bounds == (0, 0)
    assert scene.standing.model_bits == pytest.approx(score.surprisal_bits[4], rel=1e-5)
    assert not room.guess("late", 0, "a")
    assert not room.guess("late", 1, "a")
    room.show(0)  # pressed twice
    room.go_on()
    room.guess("s1", 1, "a")
    room.go_on()
    scene = room.look("s1")
    assert (scene.turn, scene.seen, scene.shown, scene.own) == (1, "abcd ", None, "a")
    room.show(1)
    standing = room.look().standing
    size = len(tiny_model.vocab)
    assert standing.bounds == pytest.approx(shannon_bounds(rank_frequencies([(1, 1), (2, size)], size)))
    assert standing.model_right == sum(score.rank[4:6] == 1)


def test_a_place_without_guesses_does_not_count(room):
    room.show(0)
    assert room.look().standing is None


def test_a_passage_ends_and_another_one_goes_on(room, passage, tiny_model):
    room.guess("s", 0, " ")
    turns = len(TEXT) - 4
    for turn in range(turns):
        room.show(turn)
        room.go_on()
    assert room.look().complete
    assert not room.guess("s", turns, "a")
    room.show(turns)
    room.take(passage(2), "the same")
    assert (room.look().seen, room.look().standing.places) == (TEXT[:2], 1)


def test_a_guess_for_the_former_passage_is_none_for_a_new_one_that_opens_at_the_same_place(room, passage):
    turn = room.look("s1").turn
    room.take(passage(), "another")
    assert not room.guess("s1", turn, "a")
    room.show(turn)
    scene = room.look("s1")
    assert (scene.votes, scene.shown) == ({}, None)
    assert room.guess("s1", scene.turn, "a")


def test_who_leaves_gives_up_the_seat_and_may_come_back(room, clock):
    room.guess("s1", 0, "a")
    room.look("s2")
    clock.now += AWAY_SECONDS / 2
    room.look("s1")
    clock.now += AWAY_SECONDS * 0.75
    assert room.look("s1").present == 1
    assert room.look("s2").present == 2
    assert room.look("s1").own == "a"
    clock.now += 1.5 * AWAY_SECONDS
    assert room.look("s2").present == 2  # a phone that sleeps has guessed all the same


def test_a_room_is_bounded(rooms, room, passage, monkeypatch, clock):
    monkeypatch.setattr(module, "MAX_SEATS", 3)
    for seat in range(3):
        assert room.guess(f"s{seat}", 0, "a")
    with pytest.raises(RoomError, match="full"):
        room.guess("s9", 0, "a")
    with pytest.raises(RoomError, match="full"):
        room.look("s9")
    clock.now += AWAY_SECONDS
    assert not room.guess("s9", 0, "a")  # a seat is free, but all guesses are in


def test_the_idlest_room_gives_way_where_there_are_too_many(room, opened, rooms, clock):
    others = [opened() for _ in range(MAX_ROOMS - 1)]
    with pytest.raises(RoomError, match="rooms already"):
        opened()
    clock.now += IDLE_SECONDS - 1
    room.look("s1")  # a class is here
    others[0].show(0)  # and a lecturer there, who only looks at all others
    assert all(other.is_led_by(f"lecturer {number}") for number, other in enumerate(others))
    clock.now += 2
    for gone in others[1:3]:
        assert opened().code != room.code
        assert gone.seconds_left == 0
    assert rooms.find(room.code) is room
    assert rooms.find(others[0].code) is others[0]


def test_a_room_that_has_ended_lets_go_of_its_model(rooms, opened, clock):
    closed, old = opened(), opened()
    closed.close()
    assert closed._passage is None
    clock.now += ALONE_SECONDS + 1
    assert rooms.find("") is None
    assert old._passage is None
    closed.show(0)
    closed.take(None, "")  # by whoever still has it on a screen


def test_a_room_ends_when_it_is_closed_left_or_old(rooms, opened, clock):
    closed, left, old = (opened() for _ in range(3))
    closed.close()
    assert rooms.find(closed.code) is None
    with pytest.raises(RoomError, match="has ended"):
        closed.look("s")
    with pytest.raises(RoomError, match="has ended"):
        closed.guess("s", 0, "a")
    end = clock.now + LIFE_SECONDS
    assert old.seconds_left == LIFE_SECONDS
    clock.now += ALONE_SECONDS - 1
    assert old.is_led_by("lecturer 2")
    left.look("s")  # a class alone does not keep it
    clock.now += 2
    assert rooms.find(left.code) is None
    while clock.now < end:
        assert rooms.find(old.code) is old
        old.is_led_by("lecturer 2")
        clock.now += ALONE_SECONDS / 2
    assert rooms.find(old.code) is None


def test_a_class_answers_what_is_asked_while_it_is_asked(room):
    first, again = Asked(2), Asked(2, again=True)
    assert not room.answer("s1", first, 0)  # nothing is asked
    room.ask(first)
    assert [room.answer(seat, first, choice) for seat, choice in (("s1", 0), ("s2", 1), ("s1", 2))] == [True] * 3
    assert (room.look("s1").asked, room.look("s1").answer, room.look().answers) == (first, 2, 2)
    room.ask(Asked(2, is_open=False))
    assert not room.answer("s3", first, 0)
    assert not room.answer("s3", Asked(2, is_open=False), 0)
    room.ask(again)
    assert not room.answer("s1", first, 0)
    assert room.look("s1").answer is None
    assert room.answer("s1", again, 1)
    assert room.tally() == {(2, False): {1: 1, 2: 1}, (2, True): {1: 1}}
    room.ask(None)
    assert room.look("s1").asked is None


def test_no_more_answer_than_there_are_seats(room, monkeypatch, clock):
    monkeypatch.setattr(module, "MAX_SEATS", 2)
    room.ask(Asked(1))
    assert room.answer("s1", Asked(1), 0)
    assert room.answer("s2", Asked(1), 0)
    clock.now += AWAY_SECONDS
    assert not room.answer("s3", Asked(1), 0)
    assert room.answer("s1", Asked(1), 1)


def test_many_at_once_lose_no_guess(room):
    def phone(number: int) -> None:
        for _ in range(20):
            room.look(f"s{number}")
            room.guess(f"s{number}", 0, "abcd"[number % 4])

    phones = [threading.Thread(target=phone, args=[number]) for number in range(50)]
    for each in phones:
        each.start()
    for each in phones:
        each.join()
    assert room.look().votes == Counter({"a": 13, "b": 13, "c": 12, "d": 12})
