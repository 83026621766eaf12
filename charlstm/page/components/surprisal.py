"""A text coloured by surprisal: point at a character to see its distribution, click it to choose it.

The page gets all numbers once, so pointing asks the server nothing; that takes a little code in the browser
(`surprisal.js`).
"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from charlstm.page.locale import language, say
from charlstm.page.parts.signs import visible
from charlstm.reading.text_score import TextScore

LEVELS = (1, 2, 4, 6, 8)  # bits at which the colour changes: probabilities 1/2, 1/4, 1/16, 1/64, 1/256
HTML = (
    '<div class="surprisal-legend"></div><div class="surprisal-text" tabindex="0"></div>'
    '<div class="surprisal-card" popover="manual"></div>'
)
_FILES = Path(__file__).with_name("surprisal")
_component = st.components.v2.component(
    "surprisal_text",
    html=HTML,
    css=_FILES.with_suffix(".css").read_text("utf-8"),
    js=_FILES.with_suffix(".js").read_text("utf-8"),
    isolate_styles=False,  # the colours follow the page's theme
)


def coloured_text(
    data: dict[str, Any],
    key: str,
    height: int = 0,
    selected: int | None = None,
    on_chosen: Callable[[], None] | None = None,
) -> None:
    """Draws the text.

    Args:
        data: Of `surprisal_data`.
        key: Of the component; the character last clicked is then `st.session_state[key].chosen`.
        height: Pixels, beyond which it scrolls; 0 for as high as it is.
        selected: The character to mark; None where none can be chosen.
        on_chosen: Called when one is clicked.
    """
    words = {"surprisal": say("Surprise"), "bits": say("bits"), "rank": say("rank")}
    shown = data | {"words": words, "height": height, "selected": selected}
    shown["digest"] += language()
    _component(key=key, data=shown, on_chosen_change=on_chosen or _nothing)


def _nothing() -> None:
    """Nothing can be chosen."""


def surprisal_data(
    score: TextScore,
    seed_text: str = "",
    by_hand: tuple[int, ...] = (),
    drawn: np.ndarray | None = None,
    taken_drawn: np.ndarray | None = None,
) -> dict[str, Any]:
    """What the browser needs to show the score of a text; probabilities in units of 0.01 %.

    Args:
        score: With the model's own probabilities.
        seed_text: Shown before the text, without colour.
        by_hand: Positions to underline.
        drawn: Probabilities drawn from, of `score.top_ids`, (length, top); None if nothing was drawn.
        taken_drawn: Those of the characters of the text, (length,).
    """
    text = score.normalized.text
    data: dict[str, Any] = {
        "seed": seed_text,
        "chars": text,
        "surprisal": np.minimum(score.surprisal_bits, 999.99).round(2).tolist(),  # JSON knows no infinity
        "rank": score.rank.tolist(),
        "top": score.top_ids.shape[1],
        "ids": score.top_ids.ravel().tolist(),
        "own": _hundredths(score.top_probabilities),
        "drawn": None if drawn is None else _hundredths(drawn),
        "taken_own": _hundredths(np.exp2(-score.surprisal_bits)),
        "taken_drawn": None if taken_drawn is None else _hundredths(taken_drawn),
        "taken_signs": [visible(char) for char in text],
        "signs": [visible(char) for char in score.vocab.chars],
        "by_hand": list(by_hand),
        "levels": list(LEVELS),
    }
    return data | {"digest": hashlib.sha256(json.dumps(data).encode()).hexdigest()}


def level(surprisal_bits: float) -> int:
    """Which colour of the scale a surprise has, 0 to 5."""
    return sum(surprisal_bits >= edge for edge in LEVELS)


def _hundredths(probabilities: np.ndarray) -> list[int]:
    """In units of 0.01 %; what is not 0 stays at least 1."""
    flat = probabilities.ravel()
    hundredths: list[int] = np.maximum(np.rint(flat * 10_000), flat > 0).astype(int).tolist()
    return hundredths
