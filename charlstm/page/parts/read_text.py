"""Texts on the stage that a model reads: coloured by surprisal, with the distribution before each character."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from charlstm.page.components import stage
from charlstm.page.parts.signs import visible
from charlstm.reading.text_score import TextScore

LEVELS = (1, 2, 4, 6, 8)  # bits at which the colour changes: probabilities 1/2, 1/4, 1/16, 1/64, 1/256


def show_read_text(
    name: str,
    data: dict[str, Any],
    selected: int | None = None,
    on_chosen: Callable[[], None] | None = None,
) -> None:
    """Draws the text.

    Args:
        name: Of the component; the character last clicked is then `st.session_state[name].chosen["place"]`.
        data: Of `read_text_data`.
        selected: The character to mark; None where none can be chosen.
        on_chosen: Called when one is clicked.
    """
    look = {"look": "stage-read", "card": True, "selected": selected}
    stage.show(name, data | look, {"chosen": on_chosen} if on_chosen else {})


def read_text_data(
    score: TextScore,
    seed_text: str = "",
    by_hand: tuple[int, ...] = (),
    drawn: tuple[np.ndarray, np.ndarray] | None = None,
) -> dict[str, Any]:
    """What the browser needs to show the score of a text.

    Args:
        score: With the model's own probabilities.
        seed_text: Shown before the text, without colour.
        by_hand: Positions to underline.
        drawn: Probabilities drawn from, of `score.top_ids`, (length, top), and of the characters there, (length,);
            None if nothing was drawn.
    """
    text, chars, surprisal = score.normalized.text, score.vocab.chars, score.surprisal_bits
    own = np.column_stack([score.top_probabilities, np.exp2(-surprisal)])
    reweighted = own if drawn is None else np.column_stack(drawn)
    packed = stage.pack_likeliest(score.vocab.encode(text), score.top_ids, own, reweighted, score.entropy_bits)
    data: dict[str, Any] = {
        "seed": seed_text,
        "chars": text,
        "distributions": stage.encoded(packed),
        "first": 0,
        "alphabet": chars,
        "signs": [visible(char) for char in chars],
        "rows": own.shape[1],
        "shown": len(text),
        "target": len(text),
        "complete": True,
        "question": 0,
        "answered": 0,
        "surprisal": np.minimum(surprisal, 999.99).round(2).tolist(),  # JSON knows no infinity
        "rank": score.rank.tolist(),
        "levels": list(LEVELS),
        "marked": list(by_hand),
    }
    return data | {"id": hashlib.sha256(json.dumps(data).encode()).hexdigest()}


def level(surprisal_bits: float) -> int:
    """Which colour of the scale a surprise has, 0 to 5."""
    return sum(surprisal_bits >= edge for edge in LEVELS)
