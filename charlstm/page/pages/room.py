"""Guess with the class: the lecturer opens a room, phones join it by its address, and all guess against the model."""

from collections.abc import Mapping
from contextlib import suppress
from html import escape
from urllib.parse import urlsplit

import numpy as np
import streamlit as st

from charlstm.errors import Message, UnknownCharactersError, message_of
from charlstm.network.metrics import softmax
from charlstm.network.model_file import Model
from charlstm.page import address
from charlstm.page.charts.guesses import CLASS_COLOR, guess_frame, guess_spec, rows_of
from charlstm.page.components.browser import visitor
from charlstm.page.locale import ENGLISH, N_, language, say, say_error, say_message
from charlstm.page.pages.guess import (
    SCORED,
    guess_box,
    new_passage,
    passage_html,
    score_help,
)
from charlstm.page.parts.controls import button, temperature_slider
from charlstm.page.parts.real_text import choose_text, text_to_guess
from charlstm.page.parts.signs import in_code, in_markdown
from charlstm.page.questions import LETTERS, QUESTIONS, tally_csv
from charlstm.page.rooms import ALONE_SECONDS, Asked, Room, RoomError, Rooms, Scene, Standing
from charlstm.page.state import session, settings
from charlstm.text.vocab import show_chars
from charlstm.writing.sampling import Sampler

LECTURER_SECONDS, PHONE_SECONDS = 1.0, 2.0  # between two looks at the room
QR_PIXELS = 190
HERE = ("localhost", "127.0.0.1", "::1")  # names that mean another machine on a phone


@st.cache_resource(show_spinner=False)
def all_rooms() -> Rooms:
    """Of this server."""
    return Rooms()


def show(model: Model) -> None:
    """Draws the view: a room that is led, one that is visited, or the door."""
    led = all_rooms().led_by(visitor())
    code = st.query_params.get("room", led.code if led else "")
    room = all_rooms().find(code)
    if room is None:
        _door(model, code)
    elif room is led:
        st.query_params["room"] = room.code
        _lead(model, room)
    else:
        st.fragment(_visit, run_every=PHONE_SECONDS)(room)


def _door(model: Model, code: str) -> None:
    if code:
        rule = N_("There is no room {code}, or it has ended.")
        st.warning(say(rule, code=in_markdown(code[:20])), icon=":material/door_front:")
    st.markdown(say("A class guesses the next character, each on a phone, and sees its guesses beside the network’s."))
    found = text_to_guess(model)
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        label, off = say("Open a room"), found is None
        button(label, "room_open", _open, model, *(found or ()), off=off, icon="meeting_room", main=True)
        if found:
            with st.popover(say("Text"), key="room_text"):
                choose_text()
        st.text_input(say("or join one by its code"), key="room_code_asked", on_change=_join, max_chars=20, width=220)
    if found:
        st.caption(found[1])
    if note := _note_of():
        st.error(in_markdown(note))
        session().room_note = ("", "", 0)  # said once


def _open(model: Model, text: str, about: str) -> None:
    session().room_note = ("", "", 0)
    try:
        room = all_rooms().open(new_passage(model, text), about, visitor())
    except RoomError as error:
        session().room_note = (message_of(error), "", 0)
        return
    st.query_params["room"] = room.code


def _note_of(code: str = "", turn: int = 0) -> str:
    """What there is to say of a press, in the language of now; nothing where it was of another turn or room."""
    note, *of = session().room_note
    return say_message(note) if of == [code, turn] else ""


def _join() -> None:
    st.query_params["room"] = st.session_state.room_code_asked


# For who leads.


def _lead(model: Model, room: Room) -> None:
    room.ask(None)  # a lesson may have asked, of which a reload has left nothing
    left, right = st.columns([5, 2], gap="medium")
    with right, st.container(key="room_code"):
        _ways_in(room)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        with st.container(width=240):
            temperature_slider()
        help = say("Else the class sees what the network expects while it still guesses.")
        st.toggle(say("Network only with the truth"), key="room_hides", help=help, persist_state="session")
        found = text_to_guess(model)
        if found:
            button(say("Another passage"), "room_another", _take, room, model, *found, icon="shuffle")
        button(say("Close the room"), "room_close", _close, room, icon="close")
        download_tally(room)
    minutes = {"minutes": int(room.seconds_left // 60), "alone": int(ALONE_SECONDS // 60)}
    ends = N_("The room ends in {minutes} minutes, or {alone} minutes after this page is closed. No names are kept.")
    st.caption(f"{room.about} {say(ends, **minutes)}")
    with left:  # after the slider, whose value it needs
        st.fragment(_lead_live, run_every=LECTURER_SECONDS)(room)


def _ways_in(room: Room) -> None:
    import segno  # 40 ms, for who leads alone

    spoken = language()
    server = st.context.cookies.get("charlstm_server")  # that has the room, where a balancer stands before several
    link = address.link({"room": room.code, "language": None if spoken == ENGLISH else spoken, "server": server})
    alt = say("QR code of the address of this room")
    image = segno.make(link, error="m", micro=False).svg_data_uri(border=3, light="white")
    code = f'<div class="room-code">{room.code}</div>'
    st.html(f'{code}<img class="room-qr" width="{QR_PIXELS}" alt="{alt}" src="{image}">')
    page = urlsplit(link)
    st.caption(in_markdown(f"{page.netloc}{page.path}"))
    if page.hostname in HERE:
        st.caption(say("Phones reach this page only by the machine’s own address: open it by that one."))


def download_tally(room: Room) -> None:
    """Offers what a class has answered in a lesson, once it has."""
    if tally := room.tally():
        help = say("How many of the class gave each answer, before and after; no names.")
        file, name = tally_csv(tally).encode("utf-8-sig"), f"room-{room.code}.csv"  # as spreadsheets read it
        icon = ":material/download:"
        st.download_button(
            say("Answers (CSV)"), file, name, "text/csv", "room_tally", help, on_click="ignore", icon=icon
        )


def _take(room: Room, model: Model, text: str, about: str) -> None:
    room.take(new_passage(model, text), about)


def _close(room: Room) -> None:
    room.close()
    st.query_params.pop("room", None)


def _lead_live(room: Room) -> None:
    room.is_led_by(visitor())  # the lecturer is here
    try:
        scene = room.look()
    except RoomError:
        st.rerun()  # at the door
    with st.container(key="room_passage"):
        st.html(passage_html(scene.seen, scene.complete, scene.shown.char if scene.shown else ""))
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if scene.shown:
            button(say("Next character"), "room_next", room.go_on, main=True, off=scene.complete)
        else:
            button(say("Show the truth"), "room_show", room.show, scene.turn, main=True, off=scene.complete)
        counts = {"votes": sum(scene.votes.values()), "present": scene.present}
        st.markdown(say("**{votes}** of {present} have guessed", **counts))
    with st.container(key="room_histogram"):
        _histogram(scene)
    with st.container(key="room_score"):
        _score(scene.standing)


def _histogram(scene: Scene) -> None:
    chars, truth = scene.vocab.chars, scene.shown.id if scene.shown else None
    shares = vote_shares(chars, scene.votes)
    own, temperature = softmax(scene.logits), settings().temperature
    hidden = truth is None and st.session_state.get("room_hides", False)
    wanted = [*([] if truth is None else [truth]), *np.argsort(-shares, kind="stable")[: np.count_nonzero(shares)]]
    ids = rows_of(shares if hidden else own, [int(id) for id in wanted])
    class_side, model_side = st.columns(2, gap="small")
    frame = guess_frame(chars, ids, shares, say("rest"), truth)
    alt = say("How many of the class guess each character.")
    class_side.vega_lite_chart(frame, guess_spec(say("the class"), CLASS_COLOR), alt=alt)
    if hidden:
        return
    name = say("the network, temperature {temperature:.2f}", temperature=temperature)
    frame = guess_frame(chars, ids, Sampler(temperature).probabilities(scene.logits), say("rest"), truth, own)
    alt = say("What the network expects at this temperature; grey: its own probabilities.")
    model_side.vega_lite_chart(frame, guess_spec(name), alt=alt)


def vote_shares(chars: str, votes: Mapping[str, int]) -> np.ndarray:
    """The share of the votes that each character has, (vocab_size,); all 0 where there are none."""
    counts = np.array([votes.get(char, 0) for char in chars], float)
    counts /= max(1.0, counts.sum())
    return counts


def _score(standing: Standing | None) -> None:
    if standing is None:
        return
    counts = {"right": standing.right, "count": standing.places, "model_right": standing.model_right}
    line = say("First choice right: the class {right} of {count}, the network {model_right}.", **counts)
    if standing.places >= SCORED:
        lower, upper = standing.bounds
        values = {"lower": lower, "upper": upper, "bits": standing.model_bits}
        bits = say("Class {lower:.1f} to {upper:.1f} bits, the network {bits:.1f}", **values)
        st.subheader(bits, anchor=False, help=score_help())
    st.markdown(line)


# For who visits.


def _visit(room: Room) -> None:
    try:
        scene = room.look(visitor())
    except RoomError as error:
        if not room.seconds_left:
            st.rerun()  # at the door
        st.info(say_error(error))
        return
    if scene.asked is not None:
        _answer_lesson(room, scene.asked, scene.answer)
    else:
        _guess_along(room, scene)
    st.caption(say("Room {code} · {present} here", code=room.code, present=scene.present))


def _answer_lesson(room: Room, asked: Asked, given: int | None) -> None:
    if not asked.is_open:
        st.info(say("A lesson is going on: look at the screen. Its next question will stand here."))
        return
    question = QUESTIONS[asked.step - 1]
    if asked.again:
        st.caption(say("Once more, after what you have seen:"))
    st.markdown(f"**{say(question.asks)}**")
    for place, (letter, answer) in enumerate(zip(LETTERS, question.answers, strict=True)):
        words, chosen = f"{letter} · {say(answer)}", place == given
        button(
            words, f"room_answer_{place}", _answer, room, asked, place, main=chosen, icon="check" if chosen else None
        )
    told = say("Choose one answer.") if given is None else say("Your answer counts. You can still change it.")
    st.html(f'<div role="status">{told}</div>')


def _answer(room: Room, asked: Asked, place: int) -> None:
    with suppress(RoomError):  # which the page says as it is drawn again
        room.answer(visitor(), asked, place)


def _guess_along(room: Room, scene: Scene) -> None:
    st.html(passage_html(scene.seen, scene.complete, scene.shown.char if scene.shown else ""))
    with st.container(key="room_guess_row", horizontal=True, gap="small", vertical_alignment="bottom"):
        off = scene.own is not None or scene.shown is not None or scene.complete
        guess_box(say("Your guess: the next character"), "room_guess", scene.vocab, off, _guess, room, scene.turn)
        if "\n" in scene.vocab.chars:
            help = say("Guess that the line ends here")
            st.button("⏎", "room_newline", help, _vote, [room, scene.turn, "\n"], disabled=off)
    with st.container(key="room_told"):
        st.html(f'<div class="guess-wrong" role="status">{_told(room, scene)}</div>')


def _told(room: Room, scene: Scene) -> str:
    own = in_code(scene.own) if scene.own else ""
    if scene.shown:
        truth = in_code(scene.shown.char)
        right = {"truth": truth, "right": scene.votes.get(scene.shown.char, 0), "all": sum(scene.votes.values())}
        told = say("It was {truth}: {right} of {all} had it.", **right)
        mine = say("You guessed {own}.", own=own)
        return f"{told} {mine}" if own else told
    if scene.complete:
        return say("The passage is at its end.")
    if own:
        return say("You guessed {own}. Now wait for the truth.", own=own)
    return escape(_note_of(room.code, scene.turn)) or say("Type one character; each has one guess.")


def _guess(room: Room, turn: int) -> None:
    typed = st.session_state.room_guess
    st.session_state.room_guess = ""
    if typed:
        _vote(room, turn, typed[0])


def _vote(room: Room, turn: int, char: str) -> None:
    note = ""
    try:
        room.guess(visitor(), turn, room.vocab.normalize(char).text)
    except UnknownCharactersError:
        note = Message("The model does not know {char}: no guess.", char=show_chars([char]))
    except RoomError as error:
        note = message_of(error)
    session().room_note = (note, room.code, turn)
