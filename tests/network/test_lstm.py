import numpy as np
import pytest

from charlstm.network.lstm import ROOMS_KEPT
from charlstm.network.metrics import softmax
from charlstm.network.model_file import read_model
from charlstm.text.vocab import Vocab
from charlstm.writing.generation import CarriedContext, SlidingWindowContext

VOCAB_SIZE = 11
VOCAB = Vocab("abcdefghijk")
TOLERANCE = 1e-5
WINDOW = 60


def random_keras_model(keras, units, inputs, rng_seed):
    """A Keras model of odd sizes whose weights, biases too, are random and large enough to matter."""
    layers = keras.layers
    first = [keras.Input((None, VOCAB_SIZE))] if inputs is None else [layers.Embedding(VOCAB_SIZE, inputs)]
    lstms = [layers.LSTM(size, return_sequences=True) for size in units]
    model = keras.Sequential([*first, *lstms, layers.Dense(VOCAB_SIZE, activation="softmax")])
    model.build((None, None) if inputs is not None else (None, None, VOCAB_SIZE))
    rng = np.random.default_rng(rng_seed)
    model.set_weights([rng.normal(0, 0.7, weight.shape) for weight in model.weights])
    return model


def keras_inputs(ids, inputs):
    return np.eye(VOCAB_SIZE, dtype=np.float32)[ids] if inputs is None else ids


def read_here(model, path):
    model.save(path)
    return read_model(path, VOCAB).network


SIZES = [((7,), 5), ((13,), None), ((9, 6), None), ((5, 17), 3), ((4, 11, 8), 6)]  # units of each layer, embedding


@pytest.fixture(scope="module", params=SIZES, ids=str)
def pair(request, keras, tmp_path_factory):
    """(a Keras model, the same network read from its file, a function that makes inputs of ids)."""
    units, inputs = request.param
    model = random_keras_model(keras, units, inputs, rng_seed=len(units))
    network = read_here(model, tmp_path_factory.mktemp("models") / "random.keras")
    assert network.units == units
    return model, network, lambda ids: keras_inputs(ids, inputs)


def probabilities_along(context, ids):
    """What a context expects after each of ids."""
    rows = []
    for position in range(len(ids)):
        context.read(ids[position : position + 1])
        rows.append(softmax(context.logits())[0])
    return np.array(rows)


def test_state_carried_over_hundreds_of_characters_agrees_with_keras(pair):
    model, network, inputs = pair
    ids = np.random.default_rng(1).integers(VOCAB_SIZE, size=300)
    expected = model.predict(inputs(ids[None]), verbose=0)[0]
    found = probabilities_along(CarriedContext(network), ids)
    assert np.abs(found - expected).max() < TOLERANCE
    assert np.ptp(found, axis=0).max() > 0.1  # the comparison would notice a constant


def test_window_context_agrees_with_keras_on_each_window(pair):
    model, network, inputs = pair
    ids = np.random.default_rng(2).integers(VOCAB_SIZE, size=150)
    found = probabilities_along(SlidingWindowContext(network, WINDOW), ids)
    windows = np.lib.stride_tricks.sliding_window_view(ids, WINDOW)  # (91, 60)
    full = model.predict(inputs(windows), verbose=0)[:, -1]
    assert np.abs(found[WINDOW - 1 :] - full).max() < TOLERANCE
    growing = model.predict(inputs(ids[None, :WINDOW]), verbose=0)[0]  # fewer characters than the window so far
    assert np.abs(found[:WINDOW] - growing).max() < TOLERANCE


def test_reading_a_text_in_one_go_agrees_with_keras(pair):
    model, network, inputs = pair
    ids = np.random.default_rng(3).integers(VOCAB_SIZE, size=120)
    expected = model.predict(inputs(ids[None]), verbose=0)[0]
    logits = np.concatenate([logits for _, logits in network.read_logits(ids)])
    assert np.abs(softmax(logits)[1:] - expected[:-1]).max() < TOLERANCE  # each from those before it
    last = network.logits(network.read(ids)[-1].hidden)
    assert np.abs(softmax(last)[0] - expected[-1]).max() < TOLERANCE


def test_reading_in_chunks_changes_nothing(tiny_model, monkeypatch):
    ids = np.random.default_rng(4).integers(len(tiny_model.vocab), size=50)
    whole = np.concatenate([logits for _, logits in tiny_model.network.read_logits(ids)])
    monkeypatch.setattr("charlstm.network.lstm.LOGITS_CHUNK", 7)
    firsts, parts = zip(*tiny_model.network.read_logits(ids), strict=True)
    assert firsts == tuple(range(0, 50, 7))
    np.testing.assert_allclose(np.concatenate(parts), whole, rtol=0, atol=1e-6)


def test_rows_are_separate(tiny_model):
    network = tiny_model.network
    ids = np.random.default_rng(5).integers(len(tiny_model.vocab), size=(40, 3))
    state = network.initial_state(3)
    for row_ids in ids:
        state = network.step(row_ids, state)
    for row in range(3):
        alone = network.read(ids[:, row])
        np.testing.assert_allclose(state[-1].hidden[row], alone[-1].hidden[0], rtol=0, atol=1e-6)


def test_a_step_leaves_the_state_it_was_given_alone(tiny_model):
    state = tiny_model.network.read(np.array([1, 2, 3]))
    before = [array.copy() for layer in state for array in layer]
    tiny_model.network.step(np.array([4]), state)
    after = [array for layer in state for array in layer]
    assert all(np.array_equal(old, new) for old, new in zip(before, after, strict=True))


@pytest.mark.parametrize("rows", [1, 2, ROOMS_KEPT, ROOMS_KEPT + 1])
def test_a_cursor_of_any_number_of_rows_makes_the_same_steps(tiny_model, rows):
    network, cursor = tiny_model.network, tiny_model.network.cursor(rows)
    ids, state = np.random.default_rng(6).integers(len(tiny_model.vocab), size=20), network.initial_state(rows)
    for id in ids:
        cursor.read(np.full(rows, id))
        state = network.step(np.full(rows, id), state)
    for expected in (state, network.read(ids)):
        for layer, wanted in zip(cursor.state, expected, strict=True):
            for array, other in zip(layer, wanted, strict=True):
                np.testing.assert_allclose(array, np.broadcast_to(other, array.shape), rtol=0, atol=1e-6)


def test_logits_are_float64(tiny_model):
    assert tiny_model.network.logits(tiny_model.network.initial_state()[-1].hidden).dtype == np.float64
