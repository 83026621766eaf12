"""What the page keeps for one session beside the values of its widgets: one typed place, `session()`."""

from dataclasses import dataclass, field

import streamlit as st

from charlstm.page.parts.played_text import PlayedText


@dataclass(frozen=True)
class EarlierText:
    """A text that a new one has replaced.

    Attributes:
        settings: That write it again, by their names in the page's address.
        seed_text: As the model read it.
        text: What it wrote.
    """

    settings: dict[str, object]
    seed_text: str
    text: str


@dataclass
class Session:
    """What belongs to one session and to nobody else.

    Attributes:
        text: Of the main page, which other pages look at.
        columns: Of the comparison.
        compared: The temperatures that these columns began with.
        acrostic: Of the page that writes acrostics.
        earlier: Texts that newer ones have replaced, the newest first.
    """

    text: PlayedText | None = None
    columns: PlayedText | None = None
    compared: tuple[float, ...] = ()
    acrostic: PlayedText | None = None
    earlier: list[EarlierText] = field(default_factory=list)


def session() -> Session:
    """Of the session whose page is drawn."""
    return st.session_state.setdefault("session", Session())
