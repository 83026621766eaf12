"""Single characters and probabilities as words of a sentence: visible, and never taken for markup."""

import string
from html import escape

from charlstm.charts import visible


def in_code(char: str) -> str:
    """HTML: the character set apart from the sentence around it."""
    return f"<code>{escape(visible(char))}</code>"


def in_markdown(text: str) -> str:
    """Markdown that shows `text` as it is: each sign that could mean something is escaped."""
    return "".join(f"\\{char}" if char in string.punctuation else char for char in text)


def percent(probability: float) -> str:
    """Such as 42%, 3.1%, 0.02%, <0.01%."""
    if probability >= 0.1:
        return f"{probability:.0%}"
    if probability >= 0.001:
        return f"{probability:.1%}"
    return f"{probability:.2%}" if probability >= 0.0001 else "0" if probability == 0 else "<0.01%"
