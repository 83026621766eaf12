"""The tree of futures in the browser: sent once, it moves with the page's temperature slider while that is dragged."""

import base64
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from charlstm.page.locale import say
from charlstm.page.parts.signs import visible
from charlstm.reading.futures import DEPTH, TEMPERATURES, Futures

_FILE = Path(__file__).with_name("icicle")
_component = st.components.v2.component(
    "icicle",
    html='<div class="icicle" role="group"></div>',
    css=_FILE.with_suffix(".css").read_text("utf-8"),
    js=_FILE.with_suffix(".js").read_text("utf-8"),
    isolate_styles=False,  # the colours follow the page's theme
)


def show(
    key: str, tree: dict[str, Any], temperature: float, drawn: Sequence[int], on_followed: Callable[[], None]
) -> None:
    """Draws a tree.

    Args:
        key: Of the component; the future last clicked is then `st.session_state[key].followed`, with the `path` of ids
            that leads to it and what it is `of`.
        tree: See `tree_data`.
        temperature: Of the page, where its slider is not on the screen.
        drawn: Ids that the text goes on with.
        on_followed: Called when a future is clicked.
    """
    words = {
        "tree": say("What may follow; arrow keys walk through it, Enter follows"),
        "rest": say("rest"),
    }
    data = tree | {"temperature": temperature, "drawn": list(drawn), "words": words}
    _component(key=key, data=data, on_followed_change=on_followed)


def tree_data(tree: Futures, chars: str) -> dict[str, Any]:
    """What the browser needs of a tree.

    Args:
        tree: Of a model.
        chars: The characters of its vocabulary.
    """
    return {
        "parents": tree.parents.tolist(),
        "ids": tree.ids.tolist(),
        "signs": ["", *(visible(chars[id]) for id in tree.ids[1:])],
        "logits": _packed(tree.logits),
        "rests": _packed(tree.rests),
        "temperatures": len(TEMPERATURES),
        "step": TEMPERATURES[1],
        "depth": DEPTH,
    }


def _packed(numbers: np.ndarray) -> str:
    return base64.b64encode(numbers.astype("<f4").tobytes()).decode()
