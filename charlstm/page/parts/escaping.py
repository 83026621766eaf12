"""Single characters as words of a sentence: visible, and never taken for markup."""

import string
from html import escape

from charlstm.page.charts.next_char import visible


def in_code(char: str) -> str:
    """HTML: the character set apart from the sentence around it."""
    return f"<code>{escape(visible(char))}</code>"


def in_markdown(text: str) -> str:
    """Markdown that shows `text` as it is: each sign that could mean something is escaped."""
    return "".join(f"\\{char}" if char in string.punctuation else char for char in text)
