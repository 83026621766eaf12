"""What the page says, in its language: `say(sentence)`, by standard gettext catalogues.

A sentence stands in English where it is said. Any other language is a catalogue, `<code>/LC_MESSAGES/charlstm.po`, with
the compiled `.mo` beside it that the page reads; as what it makes of `English` it gives its own name. After a change of
sentences, from the project's folder:

    pybabel extract -F pyproject.toml --add-location=file -o messages.pot charlstm streamlit_app.py
    pybabel update -D charlstm -i messages.pot -d charlstm/page/locale -w 120 --no-fuzzy-matching --ignore-obsolete \\
        --ignore-pot-creation-date
    pybabel compile -D charlstm -d charlstm/page/locale

A new language begins with `pybabel init -D charlstm -i messages.pot -d charlstm/page/locale -l <code>`.
"""

from collections.abc import Iterable
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from charlstm.errors import Message, message_of
from charlstm.text.vocab import show_chars

ENGLISH = "English"


def N_(sentence: str) -> str:
    """Marks for the catalogues a sentence that is said elsewhere, by `say`; gettext's usual name for it."""
    return sentence


class Language(NamedTuple):
    """A language of the page: its code, such as `zh`, and its catalogue."""

    code: str
    catalogue: NullTranslations


def languages(folder: Path) -> dict[str, Language]:
    """Those of a folder, and English, by their own names, in which they are offered."""
    found = {ENGLISH: Language("en", NullTranslations())}
    for path in sorted(folder.glob("*/LC_MESSAGES/charlstm.mo")):
        with path.open("rb") as file:
            catalogue = GNUTranslations(file)
        found[catalogue.gettext(N_("English"))] = Language(path.parts[-3], catalogue)
    return found


LANGUAGES = languages(Path(__file__).parent)


def language() -> str:
    """The page's language: the chosen one, else the one that the address asks for, else that of the browser."""
    chosen = st.session_state.get("language") or st.query_params.get("language")
    return chosen if chosen in LANGUAGES else browser_language()


def browser_language() -> str:
    """That of the browser, where the page knows it, else English."""
    code = (st.context.locale or "").partition("-")[0]
    return next((name for name, language in LANGUAGES.items() if language.code == code), ENGLISH)


def language_code() -> str:
    """Of the page's language, such as `zh`."""
    return LANGUAGES[language()].code


def say(sentence: str, /, **values: Any) -> str:
    """The sentence in the page's language, with `values` filled in, messages of the package among them."""
    return say_message(Message(sentence, **values))


def say_message(message: str) -> str:
    """A message of the package in the page's language; text from elsewhere as it is."""
    return message.said(LANGUAGES[language()].catalogue.gettext) if isinstance(message, Message) else message


def say_error(error: Exception) -> str:
    """What an error says, in the page's language if it is one of the package."""
    return say_message(message_of(error))


def say_chars(chars: Iterable[str], limit: int = 8) -> str:
    """A short list of characters, named in the page's language."""
    return say_message(show_chars(chars, limit))


def paragraph(sentences: Iterable[str]) -> str:
    """Sentences one after another: with a space between them, but for the Chinese full stop, which brings its own."""
    return " ".join(sentences).replace("。 ", "。")
