"""The written text as HTML: verbatim, the seed told apart, each new character appearing at its own time.

Native elements show a text all at once; this is the one place where the page needs HTML of its own. Everything that
comes from a text is escaped.
"""

from collections.abc import Collection
from html import escape

STYLE = """
<style>
.stMainBlockContainer { padding: 1.6rem 2.5rem 2rem; }
@media (max-width: 640px) { .stMainBlockContainer { padding: 4rem 1.2rem 2rem; } }
.stSidebar [data-testid="stSidebarHeader"] { height: 2.5rem; margin: 0; }
.written { font: 400 1.4rem/1.5 "Source Serif", Georgia, serif; white-space: pre-wrap; overflow-wrap: anywhere;
           max-width: 34em; }
.written .seed, .written .hint { opacity: .5; }
.written.small { font-size: 1.1rem; line-height: 1.4; }
.written.sample { font-size: .95rem; line-height: 1.35; }
.written b { color: #3b82f6; font-weight: 700; }
.written i { font-style: normal; animation: appear 1ms backwards; }
@keyframes appear { from { visibility: hidden; } to { visibility: visible; } }
</style>
"""


def written_html(
    seed_text: str,
    text: str,
    pending: list[float],
    hint: str = "",
    small: bool = False,
    marked: Collection[int] = (),
) -> str:
    """Seed and text; the last len(pending) characters appear after so many seconds each.

    Args:
        seed_text: Shown quieter.
        text: What was written.
        pending: Rising seconds from now, one for each of the last characters of `text`.
        hint: Shown where there is nothing else to show.
        small: For texts side by side.
        marked: Places in `text` that stand out, such as the letters of an acrostic.
    """
    classes = "written small" if small else "written"
    if not seed_text and not text:
        return f'<div class="{classes}"><span class="hint">{escape(hint)}</span></div>'
    due = len(text) - len(pending)
    written = "".join(_char_html(text, place, marked) for place in range(due)) if marked else escape(text[:due])
    later = "".join(
        f'<i style="animation-delay:{seconds * 1000:.0f}ms">{_char_html(text, place, marked)}</i>'
        for place, seconds in enumerate(pending, due)
    )
    return f'<div class="{classes}"><span class="seed">{escape(seed_text)}</span>{written}{later}</div>'


def _char_html(text: str, place: int, marked: Collection[int]) -> str:
    return f"<b>{escape(text[place])}</b>" if place in marked else escape(text[place])
