"""Texts on the stage that a model reads: coloured by surprisal, with the distribution before each one, or by numbers.

Numbers have a sign: what a cell of the network holds after a character, what a character did for another one.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
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
    stage.show(name, look | data, {"chosen": on_chosen} if on_chosen else {})


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
    data = _data(text, chars) | {
        "seed": seed_text,
        "distributions": stage.encoded(packed),
        "rows": own.shape[1],
        "surprisal": np.minimum(surprisal, 999.99).round(2).tolist(),  # JSON knows no infinity
        "rank": score.rank.tolist(),
        "levels": list(LEVELS),
        "marked": list(by_hand),
    }
    return _identified(data)


def signed_text_data(
    text: str, values: Sequence[float], edges: Sequence[float], heads: Sequence[str], title: str, unit: str = ""
) -> dict[str, Any]:
    """What the browser needs to show a text by numbers.

    Args:
        text: In any characters.
        values: One a character.
        edges: Three above 0, at which the colour changes; below 0 are their like.
        heads: What the card of a character says of it.
        title: What the numbers are, before the scale of colours.
        unit: Of them, after it.
    """
    below, above = ([f"{sign}{edge:g}" for edge in edges] for sign in "−+")
    labels = [f"< {below[2]}", below[1], below[0], "0", above[0], above[1], f"> {above[2]}"]
    data = _data(text, "".join(sorted(set(text)))) | {
        "look": "stage-read stage-signed",
        "surprisal": [round(float(value), 4) for value in values],
        "levels": [*(-edge for edge in reversed(edges)), *edges],
        "heads": list(heads),
        "scale": {"title": title, "labels": labels, "unit": unit},
    }
    return _identified(data)


def _data(text: str, alphabet: str) -> dict[str, Any]:
    """Of a text that stands there whole, without bars."""
    return {
        "seed": "",
        "chars": text,
        "distributions": "",
        "first": 0,
        "alphabet": alphabet,
        "signs": [visible(char) for char in alphabet],
        "rows": 0,
        "shown": len(text),
        "target": len(text),
        "complete": True,
        "question": 0,
        "answered": 0,
    }


def _identified(data: dict[str, Any]) -> dict[str, Any]:
    return data | {"id": hashlib.sha256(json.dumps(data).encode()).hexdigest()}


def level(surprisal_bits: float) -> int:
    """Which colour of the scale a surprise has, 0 to 5."""
    return sum(surprisal_bits >= edge for edge in LEVELS)
