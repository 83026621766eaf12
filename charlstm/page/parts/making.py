"""How a page makes its text: it begins, goes on, stops and gives way to the next one, and the buttons for all that.

A page that makes its texts in another way says how by overriding what differs.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from charlstm.errors import UnknownCharactersError
from charlstm.network.model_file import Model
from charlstm.page.limits import limits
from charlstm.page.locale import say
from charlstm.page.parts import controls, text_actions
from charlstm.page.parts.played_text import PlayedText, WritingSettings
from charlstm.page.state import session, settings
from charlstm.writing.live_text import LiveText

BUTTONS = ("generate", "stop", "continue", "one_character")


@dataclass(frozen=True)
class Making:
    """A text in the making.

    Attributes:
        place: Where the session has it.
        prefix: Of the keys of its buttons.
        chart_rows: Of each chart, the rest included.
        rewritten: Whether it is written again by each epoch that someone scrubs through.
    """

    place: Literal["text", "columns", "acrostic"]
    prefix: str = ""
    chart_rows: int = controls.CHART_ROWS
    rewritten: bool = False

    # What pages do in their own way.

    def beginning(self, model: Model) -> dict[str, Any]:
        """Arguments of `LiveText` by the settings on the page.

        Raises:
            ValueError, UnknownCharactersError: They give none; the page says why.
        """
        now = settings()
        return {"seed_text": now.seed_text, "rng_seed": now.rng_seed, "context": now.context}

    def new(self, model: Model) -> PlayedText:
        """A text by the settings on the page, of which nothing is written.

        Raises:
            ValueError, UnknownCharactersError: As `beginning` and `LiveText`.
        """
        return PlayedText(LiveText(model, **self.beginning(model)), self.chart_rows)

    def is_stale(self, live: LiveText, model: Model) -> bool:
        """Whether the settings on the page begin another text than `live`."""
        now = self.beginning(model)
        return live.model != model or any(repr(getattr(live, name)) != repr(value) for name, value in now.items())

    def writing_settings(self, model: Model) -> WritingSettings:
        """What the page writes with now."""
        return controls.writing_settings(model)

    def length(self, text: PlayedText) -> int:
        """How many characters it goes on for."""
        return settings().length

    # What is alike for all.

    @property
    def text(self) -> PlayedText | None:
        """Of the session; None before the first."""
        text: PlayedText | None = getattr(session(), self.place)
        return text

    def replace(self, text: PlayedText | None) -> None:
        """Puts another text in its place; what stood there is filed."""
        text_actions.keep_earlier(self.text)
        setattr(session(), self.place, text)

    def keep(self, model: Model, ready: bool) -> None:
        """Sees to the text as the page is drawn: a new one where nothing is written yet and the settings changed, else
        the same, on with the model on the page.

        Args:
            model: On the page.
            ready: Whether the page can begin a text.
        """
        text = self.text
        if text is None or not text.live.written:
            if not ready:
                self.replace(None)
            elif text is None or self.is_stale(text.live, model):
                self.replace(self.new(model))
        elif not text.playing and text.live.model != model:
            try:
                self._use_model(text, model)
            except (ValueError, UnknownCharactersError):
                self.replace(self.new(model) if ready else None)

    def _use_model(self, text: PlayedText, model: Model) -> None:
        live = text.live
        if not (self.rewritten and session().rewrite and live.steady):
            live.use_model(model)
            return
        again = PlayedText(LiveText(model, live.seed_text, live.rng_seed, live.context), text.chart_rows)
        again.write_now(controls.writing_settings_at(live.written[0].sampler, model), len(live.written))
        if text.settings is not None and text.settings.name == settings().model:
            setattr(session(), self.place, None)  # epochs are looks at one text, which none of them need be filed for
        self.replace(again)

    def on_stage(self, model: Model) -> PlayedText | None:
        """The text as the stage is drawn: where the settings moved while it plays, the browser is asked where it is."""
        text = self.text
        if text is not None and text.playing:
            text.follow(self.writing_settings(model))
        elif text is not None and text.live.model != model:
            st.rerun()  # it came while the text was played, and cannot read it
        return text

    def buttons(self, model: Model, ready: bool, wanted: Collection[str] = BUTTONS) -> DeltaGenerator:
        """Draws those that are wanted; returns their row.

        Args:
            model: On the page.
            ready: Whether the page can begin a text.
            wanted: Some of `BUTTONS`.
        """
        text = self.text
        playing, begun = bool(text and text.playing), bool(text and text.live.written)
        over = text is not None and (text.live.ended or len(text.live.written) >= limits().length)
        row = st.container(horizontal=True, gap="xsmall", vertical_alignment="bottom", key=f"{self.prefix}buttons")
        with row:
            if "generate" in wanted:
                words, key = say("Generate"), f"{self.prefix}generate"
                controls.button(words, key, self.generate, model, off=not ready, icon="edit", main=True)
            if "stop" in wanted:
                controls.button(say("Stop"), f"{self.prefix}stop", self.stop, off=not playing, icon="stop")
            if "continue" in wanted:
                words, key, off = say("Continue"), f"{self.prefix}continue", playing or over or not begun
                help = say("Continues where the text ends.")
                controls.button(words, key, self.go_on, model, off=off, icon="resume", help=help)
            if "one_character" in wanted:
                words, key = say("One character"), f"{self.prefix}one_character"
                help, off = say("Draws and writes just the next character."), playing or over or not (begun or ready)
                controls.button(words, key, self.one_character, model, off=off, icon="step", help=help)
        return row

    # Callbacks: they run before the page is drawn again.

    def begin(self, model: Model) -> bool:
        """Whether a new text begins; the page says what is wrong with settings that were typed at the last moment."""
        try:
            self.replace(self.new(model))
        except (ValueError, UnknownCharactersError):
            return False
        return True

    def start_over(self, model: Model) -> None:
        """Begins a new text and writes nothing of it."""
        self.begin(model)

    def generate(self, model: Model) -> None:
        """Writes a new text."""
        if settings().fresh_seed:
            st.session_state.rng_seed = secrets.randbelow(1_000_000)
        if self.begin(model):
            self.go_on(model)

    def go_on(self, model: Model) -> None:
        """Writes on where the text ends."""
        text = self.text
        if text is not None:
            text.start(self.writing_settings(model), self.length(text), limits().length)

    def stop(self) -> None:
        """Ends the text where the browser is."""
        text = self.text
        if text is not None:
            text.stop()

    def one_character(self, model: Model) -> None:
        """Writes just the next one, by the settings that stand there now where nothing is written yet."""
        begun = self.text is not None and self.text.live.written
        if (begun or self.begin(model)) and self.text is not None:
            self.text.write_now(self.writing_settings(model))


MAIN = Making("text", rewritten=True)  # that of Write, which other pages look at
