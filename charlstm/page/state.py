"""What the page keeps for one session, in one typed place: `session()`; and what its widgets say: `settings()`."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import streamlit as st

from charlstm.network.model_file import SavedEpoch
from charlstm.page.parts.played_text import PlayedText
from charlstm.page.parts.text_reading import Reading
from charlstm.page.session_models import OwnModel
from charlstm.reading.guessing import ShannonGame
from charlstm.text.openings import DEFAULT_SEED
from charlstm.training.run import TrainingRun

NOTEBOOK_TEMPERATURES = (0.2, 0.5, 1.0, 1.2)


@dataclass(frozen=True)
class Settings:
    """The values of widgets that several places read, by their keys; where one was never drawn, what it begins with.

    The first eleven stand in the page's address and in links.
    """

    model: str = ""
    epoch: str = ""
    seed_text: str = DEFAULT_SEED
    temperature: float = 0.5
    length: int = 400
    rng_seed: int = 42
    speed: str = "40"
    top_k: int | None = None
    top_p: float = 1.0
    min_p: float = 0.0
    context: int | None = None
    fresh_seed: bool = False
    corpus: str = "same"
    paste_corpus: str = ""
    lowercase: bool = False
    encoding: str = ""
    continue_model: bool = False
    train_epochs: int = 5
    units: int = 128
    layers: int = 1
    learning_rate: float | None = None
    batch_size: int | None = None
    show_nats: bool = False
    compare_temperatures: Sequence[float] = NOTEBOOK_TEMPERATURES
    acrostic: str = "lecture"
    acrostic_words: bool = False
    measure_characters: int = 10_000
    measure_other: str | None = None


def settings() -> Settings:
    """As they are now."""
    state = st.session_state
    return Settings(**{setting.name: state.get(setting.name, setting.default) for setting in fields(Settings)})


Value = float | int | str


@dataclass(frozen=True)
class Comparison:
    """What the columns of a comparison differ in, which is one thing.

    Attributes:
        by: One of `comparison.KINDS`.
        values: One for each column.
        models: Name and epoch of each column's model; none where all are written by the one on the page.
    """

    by: str = "temperature"
    values: tuple[Value, ...] = ()
    models: tuple[tuple[str, str], ...] = ()


@dataclass
class EarlierText:
    """A text that a new one has replaced.

    Attributes:
        settings: With which it was written, see `text_actions.written_with`.
        seed_text: As the model read it.
        written: What the model wrote; until the browser has said what was seen, also beyond that.
        id: Of the text (`PlayedText.id`).
        shown: Characters that were seen.
    """

    settings: dict[str, object]
    seed_text: str
    written: str
    id: str
    shown: int

    @property
    def text(self) -> str:
        """What was seen of it."""
        return self.written[: self.shown]


@dataclass
class Texts:
    """Texts in the making.

    Attributes:
        text: Of the main page, which other pages look at.
        columns: Of the comparison.
        compared: What these columns differ in, as they began.
        wanted: What the next ones will differ in; no values where the page cannot begin any.
        acrostic: Of the page that writes acrostics.
        earlier: Texts that newer ones have replaced, the newest first.
        rewrite: Whether this run of the page comes from someone who scrubs through the epochs: what stands on the main
            page is then written again by each.
        scrubbed: Whether the next run does.
        seed_for: The name of the model that was on the page when the seed text was last looked at.
        suggested_seed: The seed text that the page itself gave last.
        looked_at: `PlayedText.id` of the text that was looked into last.
    """

    text: PlayedText | None = None
    columns: PlayedText | None = None
    compared: Comparison = Comparison()
    wanted: Comparison = Comparison()
    acrostic: PlayedText | None = None
    earlier: list[EarlierText] = field(default_factory=list)
    rewrite: bool = False
    scrubbed: bool = False
    seed_for: str = ""
    suggested_seed: str = DEFAULT_SEED
    looked_at: str = ""


@dataclass
class Training:
    """The session's latest training run, and how the page goes along with it.

    Attributes:
        run: None before the first.
        name: Of the model that gets its epochs.
        labels: Of the epochs that it began with, where its losses compare, and came by.
        open: Whether the page has still to look at its end.
        followed: Name and label of the epoch that the page showed when it last went along.
        back_at: The epoch to which the page went back at its end; None where it did not.
        upload_name: Of the text file that was given, which outlives its widget; empty for none.
        upload: Its bytes.
        pasted: Whether the pasted text counts and not the file.
        reading: Of the text that was given last; None before the first.
    """

    run: TrainingRun | None = None
    name: str = ""
    labels: list[str] = field(default_factory=list)
    open: bool = False
    followed: tuple[str, str] = ("", "")
    back_at: str | None = None
    upload_name: str = ""
    upload: bytes = b""
    pasted: bool = False
    reading: Reading | None = None


@dataclass
class Guess:
    """A game of guessing the next character.

    Attributes:
        game: None before the first.
        of: What it was begun for: the epoch and the text.
        typed: What was in the box when it was last read.
        mark: A sign of no width with which it was emptied then.
        note: What the page has to say of the last guess.
    """

    game: ShannonGame | None = None
    of: object = None
    typed: str = ""
    mark: str = ""
    note: str = ""


@dataclass
class Inside:
    """A passage whose characters are asked about, and the cells of the network that read it.

    Attributes:
        of: What it was taken for: the epoch and the text.
        place: Of the character that is asked about.
    """

    passage: str = ""
    of: object = None
    place: int = 0


@dataclass
class Tree:
    """The tree of futures of the main page's text.

    Attributes:
        of: Id and length of that text as the page left it.
        at: Where in it the tree begins.
        before: Where it began before, the newest place last.
    """

    of: tuple[str, int] = ("", 0)
    at: int = 0
    before: list[int] = field(default_factory=list)


@dataclass
class Session(Texts):
    """What belongs to one session and to nobody else.

    Attributes:
        token: By which the browser tells it from one on another server.
        taken_over: Whether it goes on for one that was lost with its server, and has still to say so.
        own_models: What it trained or loaded, by the model's name.
        name: Of the model on the page, as it was drawn last: a widget may say already what the next run will show.
        epoch: Of it; None before it is drawn.
        go_to: Name and label of the epoch that the next run of the page shows; None for no other.
        train_further: Whether the next run of the page trains the model on it further, not a new one.
        loaded_file: Id of the last model file that was taken.
        asked_for: Id of the model file whose vocabulary or layers the page asks for.
        found: How the vocabulary of the last one was found; empty where it had one.
        training: Its run.
        guess: Its game.
        tree: Where its tree of futures stands.
        inside: What is looked at inside the network.
        visitor: By which rooms know its browser; empty before the first, see `components.browser.visitor`.
        room_note: What a room has to say of a press, and of which one: its code and turn, nothing for the door.
        measuring: Whether someone watches a measurement.
        measured_at: Since when the results of a measurement are uncovered (`time.monotonic`); None for all at once,
            infinite for none before Measure is pressed.
        measured_real: Whether what real text costs is asked for.
        guessing: Whether the lesson shows the bars of the character to come, before it is drawn.
        playing: Whether the epochs of a model are uncovered one after another.
        switched: Whether that has just begun or ended.
        due: When the next epoch is (`time.monotonic`); 0 for the first one, now.
        lesson: What the lesson's step was set up for; None to set it up again.
        step_drawn: Whether that step has been drawn to its end.
        lesson_part: Of that step: what is on the screen, see `pages.lesson`.
        lesson_answer: Place of the answer that was given to its question; None for none.
        page: The name of the page on the screen.
        turned: Whether another one stood there before.
        turn_to: The name of the page that a button asked for; empty for none.
        drawn: Keys of the shared settings that the page on the screen draws.
        in_words: Keys of the widgets that offer words, which another language changes.
        address: The settings that it asked for, until the page has said which it could not use.
    """

    token: str = field(default_factory=lambda: secrets.token_hex(8))
    taken_over: bool = False
    own_models: dict[str, OwnModel] = field(default_factory=dict)
    name: str = ""
    epoch: SavedEpoch | None = None
    go_to: tuple[str, str] | None = None
    train_further: bool = False
    loaded_file: str = ""
    asked_for: str = ""
    found: str = ""
    training: Training = field(default_factory=Training)
    guess: Guess = field(default_factory=Guess)
    tree: Tree = field(default_factory=Tree)
    inside: Inside = field(default_factory=Inside)
    visitor: str = ""
    room_note: tuple[str, str, int] = ("", "", 0)
    measuring: bool = False
    measured_at: float | None = None
    measured_real: bool = False
    guessing: bool = True
    playing: bool = False
    switched: bool = False
    due: float = 0.0
    lesson: tuple[int, str] | None = None
    step_drawn: bool = False
    lesson_part: str = "ask"
    lesson_answer: int | None = None
    page: str = ""
    turned: bool = False
    turn_to: str = ""
    drawn: set[str] = field(default_factory=set)
    in_words: set[str] = field(default_factory=set)
    address: dict[str, list[str]] | None = None


def session() -> Session:
    """Of the session whose page is drawn."""
    if "session" not in st.session_state:
        st.session_state.session = Session()
    kept: Session = st.session_state.session
    return kept
