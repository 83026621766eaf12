"""The epochs of a model as rows of HTML: one large, those before it a line each, those after it still covered."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

STYLE = """
<style>
.epochs { font: 400 1.05rem/1.75 "Source Serif", Georgia, serif; }
.epochs > div { display: grid; grid-template-columns: 3.2rem 10.5rem minmax(0, 1fr); column-gap: 1rem;
                padding: 0 .8rem; border-left: 4px solid transparent; }
.epochs .head { font: 400 .875rem/1.8 "Source Sans", sans-serif; opacity: .7; }
.epochs .number { font-variant-numeric: tabular-nums; }
.epochs .mark { font: 600 .8rem "Source Sans", sans-serif; color: light-dark(#b45309, #f59e0b); margin-right: .6em; }
.epochs .bits { display: flex; align-items: center; gap: .5rem; height: 1.75em; }
.epochs .bits > span { flex: 1; height: .5rem; }
.epochs .bits > span > span { display: block; height: 100%; background: #94a3b8; border-radius: 2px; }
.epochs .text { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; opacity: .75; }
.epochs .covered .text { visibility: hidden; }
.epochs .covered { opacity: .4; }
.epochs .large { border-left-color: #3b82f6; background: rgb(59 130 246 / .09); border-radius: 4px;
                 padding-block: .5rem; min-height: 11.6rem; }
.epochs .head .text { opacity: 1; }
.epochs .large .text { font-size: 1.4rem; line-height: 1.5; white-space: pre-wrap; overflow-wrap: anywhere;
                       opacity: 1; max-width: 34em; }
.epochs .large .bits > span > span { background: #3b82f6; }
.epochs .seed { opacity: .5; }
@media (max-width: 640px) {
  .epochs > div { grid-template-columns: 2.6rem minmax(0, 1fr); column-gap: .6rem; padding-inline: .4rem; }
  .epochs .bits { grid-column: 2; }
  .epochs .text { grid-column: 1 / -1; }
  .epochs .head .text { display: none; }
  .epochs .large .text { font-size: 1.2rem; }
}
</style>
"""


@dataclass(frozen=True)
class EpochRow:
    """What one row shows.

    Attributes:
        label: Such as `13`.
        bits: Bits a character, held out, or of training where nothing was held out; None where neither is known.
        text: What the model wrote.
        collapsed: Whether training had collapsed by then.
    """

    label: str
    bits: float | None
    text: str
    collapsed: bool = False


def rows_html(
    rows: Sequence[EpochRow], shown: int, seed_text: str, titles: Sequence[str], most_bits: float, mark: str
) -> str:
    """All rows; that at `shown` is large and starts with the seed text, those after it are covered.

    Args:
        rows: From the first epoch to the last.
        shown: Place of the large one.
        seed_text: Quieter, before the large text.
        titles: Of the three columns.
        most_bits: What fills the bar: what a blind guess among all characters would cost.
        mark: A word before the text of epochs by which training had collapsed.
    """
    head = "".join(
        f'<span class="{name}">{escape(title)}</span>'
        for name, title in zip(("number", "bits", "text"), titles, strict=True)
    )
    body = "".join(_row_html(row, place - shown, seed_text, most_bits, mark) for place, row in enumerate(rows))
    return f'<div class="epochs"><div class="head">{head}</div>{body}</div>'


def _row_html(row: EpochRow, distance: int, seed_text: str, most_bits: float, mark: str) -> str:
    kind = "large" if distance == 0 else "covered" if distance > 0 else "before"
    seed = f'<span class="seed">{escape(seed_text)}</span>' if distance == 0 else ""
    text = "" if distance > 0 else escape(row.text)
    marked = f'<small class="mark">{escape(mark)}</small>' if row.collapsed else ""
    return (
        f'<div class="{kind}"><span class="number">{escape(row.label)}</span>'
        f"{_bits_html(row.bits, most_bits)}"
        f'<span class="text">{marked}{seed}{text}</span></div>'
    )


def _bits_html(bits: float | None, most_bits: float) -> str:
    if bits is None:
        return '<span class="bits">–</span>'
    width = min(100.0, 100 * bits / most_bits)
    return f'<span class="bits">{bits:.2f}<span><span style="width:{width:.1f}%"></span></span></span>'
