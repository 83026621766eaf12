"""The stage: a text that the server has written whole, played in the browser by one clock that also moves its chart.

All that the browser needs of a text is sent once, so that while it plays, and while someone points at its characters,
the server does nothing. `stage.js` says where the browser has come to when it is asked, which is where a text is cut
when the temperature moves or someone stops it: what was seen is never unwritten.
"""

import base64
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from charlstm.network.metrics import entropy_bits
from charlstm.page.locale import say

EVENTS = ("reached", "more", "ended", "left", "restore", "chosen")
REST, STRUCK, NO_ID = 0x7FFF, 0x8000, 0x7FFE  # beside ids, as `stage.js` knows them
HTML = (
    '<div class="stage"><div class="stage-legend"></div><div class="stage-text" tabindex="0" role="group"></div>'
    '<div class="stage-card" popover="manual"></div>'
    '<div class="stage-live" aria-live="polite"></div>'
    '<div class="stage-bar"><button class="stage-pause" type="button"></button>'
    '<input class="stage-scrub" type="range" min="0" value="0"><span class="stage-place"></span></div></div>'
)
_FILES = Path(__file__).with_name("stage")
# What plays all texts is a component of its own: Streamlit sends the code of a component with each of its messages.
_code = st.components.v2.component(
    "stage_code",
    css=_FILES.with_suffix(".css").read_text("utf-8"),
    js=_FILES.with_suffix(".js").read_text("utf-8"),
    isolate_styles=False,  # the colours follow the page's theme
)
_component = st.components.v2.component(
    "stage", html=HTML, js=_FILES.with_name("stage_text.js").read_text("utf-8"), isolate_styles=False
)

# How a text looks that is neither small, beside a chart, nor read by another model.
USUAL: dict[str, Any] = {"look": "", "hint": "", "marked": [], "rate": 0.0, "clock": "", "recipe": "", "session": ""}
USUAL |= {"column": 0, "columns": 1, "card": False, "surprisal": None, "rank": None, "levels": [], "selected": None}
USUAL |= {"heads": None, "scale": None}

_preview = st.components.v2.component("stage_preview", js=_FILES.with_name("stage_preview.js").read_text("utf-8"))


def load() -> None:
    """Draws what plays the texts; once a page, and nothing of it is seen."""
    _code(key="stage-code-preview")


def pack_steps(
    own: np.ndarray,
    reweighted: np.ndarray,
    ids: np.ndarray,
    allowed: np.ndarray | None,
    forbidden: np.ndarray | None,
    rows: int,
) -> np.ndarray:
    """The bars of some characters, as few and as small as a chart can show them.

    The likeliest characters by the model's own probability have a row each, so that a temperature never reorders
    them; the one that was drawn has the last of these where it is none of them; one row more sums the rest.

    Args:
        own: The model's own probabilities, (steps, vocab_size).
        reweighted: Those drawn from, (steps, vocab_size).
        ids: What was drawn, (steps,); -1 before a draw.
        allowed: What a rule allows, booleans (steps, vocab_size); None for all.
        forbidden: The share of what would be drawn that the rule forbids, (steps,); None for nothing.
        rows: Of the chart, the rest included.

    Returns:
        uint16 (steps, 2 + 3 rows): the entropy of what was drawn from in thousandths of a bit; the share that a rule
        forbids in units of 0.01 %; then for each row the id (plus `STRUCK`), own and reweighted probability in these
        units.
    """
    steps, vocab_size = own.shape
    shown = min(rows - 1, vocab_size)
    top = np.argpartition(-own, shown - 1, axis=-1)[:, :shown]
    each = np.arange(steps)[:, None]
    top = top[each, np.lexsort((top, -own[each, top]), axis=-1)]
    kept = np.where(ids >= 0, ids, reweighted.argmax(axis=-1))  # before a draw under a rule: what may be drawn
    missing = (top != kept[:, None]).all(axis=-1)
    top[missing, -1] = kept[missing]
    codes = np.full((steps, rows), NO_ID)
    codes[:, :shown], codes[:, -1] = top, REST
    if allowed is not None:
        codes[:, :shown] += STRUCK * ~allowed[each, top]
    packed = np.zeros((steps, 2 + 3 * rows), np.uint16)
    packed[:, 0] = np.rint(1000 * entropy_bits(reweighted))
    if forbidden is not None:
        packed[:, 1] = _hundredths(forbidden)
    packed[:, 2::3] = codes
    for place, probabilities in enumerate((own, reweighted), start=3):
        packed[:, place : 3 * shown + 2 : 3] = _hundredths(probabilities[each, top])
        packed[:, place + 3 * (rows - 1)] = _hundredths(np.maximum(0, 1 - probabilities[each, top].sum(axis=-1)))
    return packed


def pack_likeliest(
    ids: np.ndarray, likeliest: np.ndarray, own: np.ndarray, reweighted: np.ndarray, entropy: np.ndarray
) -> np.ndarray:
    """As `pack_steps`, where the likeliest are known already: a row for each, and one for an id that is none of them.

    Args:
        ids: What stands there, (steps,).
        likeliest: Ids, (steps, top).
        own: The model's own probabilities of `likeliest`, then of `ids`, (steps, top + 1).
        reweighted: Those drawn from, in the same way.
        entropy: In bits, (steps,).
    """
    steps, rows = own.shape
    packed = np.zeros((steps, 2 + 3 * rows), np.uint16)
    packed[:, 0] = np.rint(1000 * entropy)
    packed[:, 2:-3:3] = likeliest
    packed[:, -3] = np.where((likeliest == ids[:, None]).any(axis=-1), NO_ID, ids)
    packed[:, 3::3], packed[:, 4::3] = _hundredths(own), _hundredths(reweighted)
    return packed


def encoded(packed: np.ndarray) -> str:
    """Packed distributions, uint16 of any shape, as the browser gets them."""
    return base64.b64encode(packed.astype("<u2").tobytes()).decode()


def _hundredths(probabilities: np.ndarray) -> np.ndarray:
    """In units of 0.01 %; what is not 0 stays at least 1."""
    hundredths: np.ndarray = np.maximum(np.rint(probabilities * 10_000), probabilities > 1e-12)
    return hundredths


def show(name: str, data: dict[str, Any], on: dict[str, Callable[[], None]] | None = None) -> None:
    """Draws a text and what one looks back with.

    Args:
        name: Of the text, and of the chart that goes with it (`played_chart`); the key of the component too, so that
            what the browser says is in `st.session_state[name]`.
        data: Of the text, see `parts.played_text`, and how it looks where that is not as in `USUAL`.
        on: What to call when the browser has `reached` a place that it was asked for, needs `more`, has `ended`, has
            `left` an earlier text, can `restore` one after a reload, or someone has `chosen` a character.
    """
    on = on or {}
    callbacks: dict[str, Any] = {f"on_{event}_change": on.get(event, _nothing) for event in EVENTS}
    data = USUAL | data | {"name": name}
    _component(key=name, data=data | {"words": _words(short=data["card"] or data["columns"] > 1)}, **callbacks)


def preview(key: str, distributions: Mapping[str, str], drawn: bool) -> None:
    """Gives charts the bars that they show at rest, on a way of their own: the texts need not be sent again.

    Args:
        key: Of the component.
        distributions: Packed, see `PlayedText.previews`, by the names of the texts; empty for none.
        drawn: Whether the newest character was drawn from them; else they are of the one to come.
    """
    _preview(key=key, data={name: {"distribution": packed, "drawn": drawn} for name, packed in distributions.items()})


def _nothing() -> None:
    """Of an event that this text does not need."""


def _words(short: bool) -> dict[str, str]:
    numbers = {"entropy": "{entropy}", "choices": "{choices}"}  # which the browser fills in
    return {
        "text": say("The text; arrow keys walk through its characters"),
        "scrub": say("Look back through the text"),
        "pause": say("Pause"),
        "resume": say("Go on"),
        "rest": say("rest"),
        "uncertainty": say("{entropy} bits = {choices} choices", **numbers)
        if short
        else say("Entropy {entropy} bits = {choices} equally likely choices", **numbers),
        "surprisal": say("Surprise"),
        "bits": say("bits"),
        "rank": say("rank"),
        "lost": say("The text that stood here cannot be written again, as settings were moved since it began."),
        "forbidden": say("The rule forbids {share} of what would be drawn here", share="{share}"),
    }
