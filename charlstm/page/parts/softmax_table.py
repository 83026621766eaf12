"""Logit, divided by the temperature, probability: three columns of numbers, a row a character."""

from html import escape

import numpy as np
import streamlit as st

from charlstm.network.lstm import Floats
from charlstm.page.locale import say
from charlstm.page.parts.signs import percent, visible
from charlstm.reading.softmax_steps import softmax_steps
from charlstm.text.vocab import Vocab


def show_softmax(vocab: Vocab, logits: Floats, temperature: float) -> None:
    """Draws the steps of the likeliest characters, and one row for all others.

    Args:
        vocab: Of the model.
        logits: Of the next character, (vocab_size,).
        temperature: At which.
    """
    steps = softmax_steps(logits, temperature)
    heads = "", say("logit"), f"÷ {temperature:.2f}", say("probability")
    cells = "".join(f'<th scope="col"{" colspan=2" * (head == heads[-1])}>{head}</th>' for head in heads)
    columns = zip(steps.ids, steps.logits, steps.divided, steps.own, steps.probabilities, strict=True)
    rows = [
        _row(visible(vocab.chars[id]), _number(logit), _number(divided), own, probability)
        for id, logit, divided, own, probability in columns
    ]
    if len(steps.ids) < len(vocab):
        rows.append(_row(say("rest"), "", "", *steps.rest))
    st.html(f'<table class="softmax"><thead><tr>{cells}</tr></thead><tbody>{"".join(rows)}</tbody></table>')


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−") if np.isfinite(value) else "–"


def _row(sign: str, logit: str, divided: str, own: float, probability: float) -> str:
    shares = {"own": own, "now": probability}
    bars = "".join(f'<i class="{name}" style="width: {share:.2%}"></i>' for name, share in shares.items())
    numbers = f'<td>{logit}</td><td>{divided}</td><td class="bars">{bars}</td><td>{percent(min(1.0, probability))}</td>'
    return f'<tr><th scope="row">{escape(sign)}</th>{numbers}</tr>'
