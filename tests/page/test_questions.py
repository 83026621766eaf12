"""What the lesson asks: a question a step, and what a class answered as a table."""

import csv
from collections import Counter
from io import StringIO

from charlstm.page.pages.lesson import STEPS
from charlstm.page.questions import LETTERS, QUESTIONS, tally_csv


def test_each_step_has_a_question_with_three_answers_one_of_them_right():
    assert len(QUESTIONS) == len(STEPS)
    for question in QUESTIONS:
        assert len(set(question.answers)) == len(LETTERS) == 3
        assert 0 <= question.right < 3
    assert {question.right for question in QUESTIONS} == {0, 1, 2}


def test_the_table_has_each_answer_before_and_after_and_nobody_s_name():
    tally = {(3, False): Counter({0: 2, 2: 5}), (3, True): Counter({0: 7}), (1, False): Counter({1: 1})}
    head, *rows = csv.reader(StringIO(tally_csv(tally)))
    assert head == ["step", "question", "answer", "right", "before", "after"]
    assert [row[0] for row in rows] == ["1"] * 3 + ["3"] * 3
    assert [row[3:] for row in rows] == [
        ["0", "0", "0"], ["0", "1", "0"], ["1", "0", "0"], ["1", "2", "7"], ["0", "0", "0"], ["0", "5", "0"]
    ]  # fmt: skip
    assert [row[2] for row in rows[3:]] == list(QUESTIONS[2].answers)
