"""What a lesson asks before anything moves: a question a step, three answers, and what is seen in the end."""

import csv
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO

from charlstm.page.locale import N_, say

LETTERS = "ABC"  # of the answers
Tally = Mapping[tuple[int, bool], Counter[int]]  # how many gave each answer, by step and whether it was asked again


@dataclass(frozen=True)
class Question:
    """Of one step of the lesson; all are sentences for `say`.

    Attributes:
        asks: What will happen?
        answers: Three, two of them what many expect.
        right: Place of the one that holds.
        seen: What was seen, and why.
    """

    asks: str
    answers: tuple[str, str, str]
    right: int
    seen: str


QUESTIONS = (
    Question(
        N_("One character is about to be drawn from these bars. Which one will it be?"),
        (
            N_("The one with the longest bar"),
            N_("Any one, all alike"),
            N_("Each as its bar is long"),
        ),
        2,
        N_(
            "Long bars came often, short ones seldom, and now and then one that nobody had expected. The network does "
            "not decide what comes next: it says how often each character should come, and chance draws."
        ),
    ),
    Question(
        N_("The temperature goes from 1 to 0.2. What will it do to these bars?"),
        (
            N_("Another order"),
            N_("Larger differences, same order"),
            N_("The short ones cut off"),
        ),
        1,
        N_(
            "No bar overtook another: dividing all scores by the same number changes no order, so the temperature "
            "never changes what the network ranks first. It cuts nothing off either; that is what top-p does, which "
            "leaves the others in proportion."
        ),
    ),
    Question(
        N_("At temperature 0 the likeliest character is taken each time. What will that text be?"),
        (
            N_("Repetitive"),
            N_("The truth"),
            N_("The best text"),
        ),
        0,
        N_(
            "The text at 0 went in circles. Temperature 0 is no truth behind the others, only one way to choose: the "
            "best step each time does not make the best text, nor the likeliest one."
        ),
    ),
    Question(
        N_("One of these four texts will be most like a page of a book. Which one?"),
        (
            N_("0.2: the likeliest"),
            N_("1.2: varies most"),
            N_("One in between"),
        ),
        2,
        N_(
            "At 0.2 the words exist, and the same few come again; at 1.2 nothing comes again, and many words do not "
            "exist. Likely text is not good text, and neither is varied text: what reads like a book lies in between."
        ),
    ),
    Question(
        N_("Could another temperature make the text of an early epoch like that of a late one?"),
        (
            N_("Yes, a lower one"),
            N_("No temperature can"),
            N_("Yes, a higher one"),
        ),
        1,
        N_(
            "The temperature and the random numbers were the same in all rows: only the weights differed. Training "
            "puts knowledge into the weights; the temperature gathers or spreads what is there and adds none."
        ),
    ),
    Question(
        N_("From temperature 0 on, texts get more varied. What will the distinct 4-grams do between 1 and 2?"),
        (
            N_("Hardly rise any more"),
            N_("Rise as fast as before"),
            N_("Fall again"),
        ),
        0,
        N_(
            "Variety has an end: from about 1 on nearly every run of four characters is a new one. What still rises "
            "beyond is the entropy, and what falls are the real words: not more variety, but more noise."
        ),
    ),
)


def tally_csv(tally: Tally) -> str:
    """What a class answered before and after, a row for each answer of each step that was asked."""
    table = StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(map(say, (N_("step"), N_("question"), N_("answer"), N_("right"), N_("before"), N_("after"))))
    for step in sorted({step for step, _ in tally}):
        question = QUESTIONS[step - 1]
        for place, answer in enumerate(question.answers):
            counts = (tally.get((step, again), Counter())[place] for again in (False, True))
            rows.writerow([step, say(question.asks), say(answer), int(place == question.right), *counts])
    return table.getvalue()
