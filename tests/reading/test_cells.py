"""Cells and what they follow: hand-made networks whose cells are known, features counted by hand, Keras beside."""

import numpy as np
import pytest
from small_models import hand_made, random_model

from charlstm.network.lstm import keras_weights
from charlstm.network.registry import load_model
from charlstm.reading.cells import (
    FEATURES,
    SEARCHED,
    SHORTEST,
    STRETCHES,
    WARM_UP,
    read_cells,
    study_cells,
)
from charlstm.text.corpus import load_corpus

COUNTED = {
    "line": ("ab\ncd\n\ne", [1, 2, 0, 1, 2, 0, 0, 1]),
    "word": ("ab  c3d", [1, 2, 0, 0, 1, 0, 1]),
    "phrase": ("ab, c。d", [1, 2, 0, 1, 2, 0, 1]),
    "quotes": ('a "b" "c\n\nd"', [0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1]),
    "brackets": ("a(b[c])d(\n\ne", [0, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0]),
    "capitalized": ("Ab c Dé.", [1, 1, 0, 0, 0, 1, 1, 0]),
    "indentation": ("  a b\n  c", [1, 1, 0, 0, 0, 0, 1, 1, 0]),
    "capital": ("aB c", [0, 1, 0, 0]),
    "space": ("a \nb", [0, 1, 1, 0]),
    "vowel": ("aBE", [1, 0, 1]),
    "digit": ("a1", [0, 1]),
    "mark": ("a, 1", [0, 1, 0, 0]),
}


@pytest.mark.parametrize("name", FEATURES)
def test_what_one_can_name_is_what_one_counts_by_hand(name):
    text, expected = COUNTED[name]
    assert FEATURES[name](text).astype(int).tolist() == expected


def test_a_cell_that_counts_has_the_course_that_one_counts_by_hand():
    model = hand_made("ab ", adds={"a": 1}, keeps=True)
    courses = read_cells(model.network, model.vocab.encode("aab a")[None])
    np.testing.assert_allclose(courses[0, :, 0], np.tanh([1, 2, 2, 2, 3]), rtol=1e-5)


def test_rows_are_read_side_by_side_as_alone(tiny_model):
    ids = tiny_model.vocab.encode("abc dabe\nfgh")
    both = read_cells(tiny_model.network, np.stack([ids, ids[::-1]]))
    for row, alone in zip(both, (ids, ids[::-1]), strict=True):
        np.testing.assert_allclose(row, read_cells(tiny_model.network, alone[None])[0], rtol=1e-5, atol=1e-6)


def test_a_planted_cell_is_found_with_a_correlation_of_one():
    model = hand_made("ab c\n", adds={" ": 1, "\n": 1}, keeps=False, cells=5, at=3)
    text = "".join(np.random.default_rng(0).choice(list("abc \n"), SHORTEST))
    study = study_cells(model, text)
    space = next(pair for pair in study.followers() if pair.feature == "space")
    assert (space.cell, space.correlation) == (3, pytest.approx(1, abs=1e-6))
    assert study.followers()[0] == space
    assert study.of_cell(3) == space
    assert study.characters == STRETCHES // 2 * (SHORTEST // STRETCHES - WARM_UP)
    assert "quotes" not in study.features  # which this text does not have
    assert study.told.min() >= -1
    still = [cell for cell in range(5) if cell != 3]
    assert not study.told[:, still].any()  # cells that never move


def test_correlations_are_those_of_numpy_on_the_other_half(tiny_model):
    text = "".join(np.random.default_rng(1).choice(list("abcdefgh \n"), SHORTEST))
    study, length = study_cells(tiny_model, text), SHORTEST // STRETCHES
    courses = read_cells(tiny_model.network, tiny_model.vocab.encode(text).reshape(STRETCHES, length))
    line = FEATURES["line"](text).reshape(STRETCHES, length)
    expected = np.corrcoef(line[1::2, WARM_UP:].ravel(), courses[1::2, WARM_UP:, 4].ravel())[0, 1]
    assert study.told[study.features.index("line"), 4] == pytest.approx(expected, abs=1e-5)


def test_a_short_text_is_not_searched_and_a_long_one_no_further_than_needed(tiny_model):
    assert study_cells(tiny_model, "abc\n" * (SHORTEST // 4 - 1)) is None
    study = study_cells(tiny_model, "abc \n" * SEARCHED)
    assert study.characters == STRETCHES // 2 * (SEARCHED // STRETCHES - WARM_UP)


def test_a_text_in_which_nothing_varies_has_no_followers(tiny_model):
    study = study_cells(tiny_model, "ab" * SHORTEST)
    assert set(study.features) <= {"word", "line", "phrase", "vowel"}
    assert study.of_cell(0) is None or study.of_cell(0).feature in study.features


def test_the_manual_has_cells_that_follow_what_one_can_name():
    study = study_cells(load_model("python-docs"), load_corpus("python-docs").split(0.1)[1])
    told = {pair.feature: abs(pair.correlation) for pair in study.followers()}
    assert told["quotes"] > 0.4
    assert told["line"] > 0.4
    assert told["word"] > 0.5


def test_cells_are_those_of_keras(keras):
    model = random_model(units=7)
    ids = model.vocab.encode("abc dab\nhe")
    vocab_size, weights = len(model.vocab), keras_weights(model.network)
    layer = keras.layers.LSTM(7, return_state=True)
    layer.build((None, None, vocab_size))
    layer.set_weights(weights[:3])
    inputs = np.eye(vocab_size, dtype=np.float32)[ids]
    courses = read_cells(model.network, ids[None])[0]
    for length in (1, 5, len(ids)):
        *_, cell = layer(inputs[None, :length])
        np.testing.assert_allclose(courses[length - 1], np.tanh(cell[0]), rtol=1e-4, atol=1e-5)
