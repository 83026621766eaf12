"""Rooms in the server's memory: who may what, what a class's guesses come to, and when a room ends."""

import threading
from collections import Counter

import pytest

from charlstm.page import rooms as module
from charlstm.page.rooms import ALONE_SECONDS, AWAY_SECONDS, LIFE_SECONDS, MAX_ROOMS, RoomError, Rooms
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
def passage(tiny_model):
    return lambda opening=4: Passage(tiny_model, TEXT, opening)


@pytest.fixture
def room(rooms, passage):
    return rooms.open(passage(), "a text")


def test_a_room_is_found_by_its_code_and_by_nothing_else(rooms, room, passage):
    other = rooms.open(passage(), "another")
    assert rooms.find(f" {room.code.lower()} ") is room
    assert rooms.find(other.code) is other
    assert rooms.find("") is rooms.find("nosuchroom" * 1000) is rooms.find("<b>\x00") is None


def test_only_its_secret_leads(rooms, room, passage):
    assert room.is_led_by(room.secret)
    for secret in ("", "guess", room.code, room.secret[:-1], rooms.open(passage(), "").secret, "ü"):
        assert not room.is_led_by(secret)


def test_a_seat_guesses_once_at_the_place_that_is_open(room):
    assert room.guess("s1", 4, "a")
    assert not room.guess("s1", 4, "b")
    assert room.guess("s2", 4, " ")
    assert not room.guess("s3", 3, "a")
    assert not room.guess("s3", 5, "a")
    scene = room.look("s1")
    assert (scene.place, scene.seen, scene.own, scene.present) == (4, "abcd", "a", 3)
    assert scene.votes == {"a": 1, " ": 1}


@pytest.mark.parametrize("char", ["", "aa", "Z", "<", "\x00", "a\u0301", "🙂", "a" * 100_000])
def test_what_is_no_character_of_the_model_is_no_guess(room, char):
    assert not room.guess("s1", 4, char)
    assert room.look().votes == {}


def test_what_is_shown_is_counted_and_the_next_place_opens(room, tiny_model):
    for seat, char in enumerate("a a bb  "):  # the space has its four
        room.guess(f"s{seat}", 4, char)
    room.show(4)
    scene, score = room.look("s1"), score_text(tiny_model, TEXT)
    assert scene.shown.char == " "
    assert (scene.place, scene.seen) == (4, "abcd")
    assert scene.votes == {" ": 4, "a": 2, "b": 2}
    assert scene.standing.places == 1
    assert scene.standing.right == 1
    assert scene.standing.bounds == (0, 0)
    assert scene.standing.model_bits == pytest.approx(score.surprisal_bits[4], rel=1e-5)
    assert not room.guess("late", 4, "a")
    assert not room.guess("late", 5, "a")
    room.show(4)  # pressed twice
    room.go_on()
    room.guess("s1", 5, "a")
    room.go_on()
    scene = room.look("s1")
    assert (scene.place, scene.seen, scene.shown, scene.own) == (5, "abcd ", None, "a")
    room.show(5)
    standing = room.look().standing
    size = len(tiny_model.vocab)
    assert standing.bounds == pytest.approx(shannon_bounds(rank_frequencies([(1, 1), (2, size)], size)))
    assert standing.model_right == sum(score.rank[4:6] == 1)


def test_a_place_without_guesses_does_not_count(room):
    room.show(4)
    assert room.look().standing is None


def test_a_passage_ends_and_another_one_goes_on(room, passage, tiny_model):
    room.guess("s", 4, " ")
    for place in range(4, len(TEXT)):
        room.show(place)
        room.go_on()
    assert room.look().complete
    assert not room.guess("s", len(TEXT), "a")
    room.show(len(TEXT))
    room.take(passage(2), "the same")
    assert (room.look().place, room.look().standing.places) == (2, 1)


def test_who_leaves_gives_up_the_seat_and_may_come_back(room, clock):
    room.guess("s1", 4, "a")
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
        assert room.guess(f"s{seat}", 4, "a")
    with pytest.raises(RoomError, match="full"):
        room.guess("s9", 4, "a")
    with pytest.raises(RoomError, match="full"):
        room.look("s9")
    clock.now += AWAY_SECONDS
    assert not room.guess("s9", 4, "a")  # a seat is free, but all guesses are in
    for _ in range(MAX_ROOMS - 1):
        rooms.open(passage(), "")
    with pytest.raises(RoomError, match="rooms already"):
        rooms.open(passage(), "")
    room.close()
    assert rooms.open(passage(), "").code != room.code


def test_a_room_ends_when_it_is_closed_left_or_old(rooms, passage, clock):
    closed, left, old = (rooms.open(passage(), "") for _ in range(3))
    closed.close()
    assert rooms.find(closed.code) is None
    with pytest.raises(RoomError, match="has ended"):
        closed.look("s")
    with pytest.raises(RoomError, match="has ended"):
        closed.guess("s", 4, "a")
    end = clock.now + LIFE_SECONDS
    assert old.seconds_left == LIFE_SECONDS
    clock.now += ALONE_SECONDS - 1
    assert old.is_led_by(old.secret)
    left.look("s")  # a class alone does not keep it
    clock.now += 2
    assert rooms.find(left.code) is None
    while clock.now < end:
        assert rooms.find(old.code) is old
        old.is_led_by(old.secret)
        clock.now += ALONE_SECONDS / 2
    assert rooms.find(old.code) is None


def test_many_at_once_lose_no_guess(room):
    def phone(number: int) -> None:
        for _ in range(20):
            room.look(f"s{number}")
            room.guess(f"s{number}", 4, "abcd"[number % 4])

    phones = [threading.Thread(target=phone, args=[number]) for number in range(50)]
    for each in phones:
        each.start()
    for each in phones:
        each.join()
    assert room.look().votes == Counter({"a": 13, "b": 13, "c": 12, "d": 12})
