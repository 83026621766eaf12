"""Characters and shares as the page shows them: visible, and never taken for markup."""

import re
import string
from html import escape

ADDRESS = re.compile(r"https?:(?=//)|www(?=\.)", re.IGNORECASE)  # where it begins
SIGNS = {" ": "␣", "\n": "⏎", "\t": "⇥"}


def visible(char: str) -> str:
    """A sign that can be seen: `␣` for a space, `⏎` for a newline, the character itself for most others."""
    return SIGNS.get(char) or (char if char.isprintable() else f"U+{ord(char):04X}")


def in_code(char: str) -> str:
    """HTML: the character set apart from the sentence around it."""
    return f"<code>{escape(visible(char))}</code>"


def in_markdown(text: str) -> str:
    """Markdown that shows `text` as it is: each sign that could mean something is escaped.

    Addresses become links even so; a sign without width in the middle of one prevents that.
    """
    unlinked = ADDRESS.sub(lambda found: f"{found[0]}\u2060", text).replace("@", "\u2060@")
    return "".join(f"\\{char}" if char in string.punctuation else char for char in unlinked)


def percent(share: float) -> str:
    """Such as 42%, 3.1%, 0.02%, <0.01%, 99.6%, >99.9%: never 0 or 100% where something is left.

    Args:
        share: From 0 to 1.
    """
    if share == 0:
        return "0"
    if 0.99 < share < 1:
        return f"{share:.1%}" if share < 0.9995 else ">99.9%"
    if share >= 0.1:
        return f"{share:.0%}"
    if share >= 0.001:
        return f"{share:.1%}"
    return f"{share:.2%}" if share >= 0.0001 else "<0.01%"
