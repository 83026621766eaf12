"""Models that others made: each kind that is read gives what Keras gives; the others are refused by name.

The table in `docs/reliability.md` lists these kinds.
"""

import io
import json
import re
import warnings
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from model_files import VOCAB

from charlstm.errors import MissingArchitectureError, MissingVocabularyError, ModelFileError
from charlstm.network.keras_file import keras_file
from charlstm.network.metrics import softmax
from charlstm.network.model_file import Model, read_model
from charlstm.text.vocab import Vocab

SIZE = len(VOCAB)
IDS = np.random.default_rng(1).integers(SIZE, size=12)
KERAS2 = Path(__file__).resolve().parents[1] / "support" / "keras2_files.zip"
CASES = Path(__file__).resolve().parents[3] / "shared" / "cases" / "models"
TOLERANCE = 1e-5


def one_hot(keras, *layers) -> list:
    return [keras.Input((12, SIZE)), *layers]


def embedded(keras, *layers) -> list:
    return [keras.Input((None,)), keras.layers.Embedding(SIZE, 4), *layers]


def with_states(keras):
    """A functional model whose LSTM gives its states, which the model gives too."""
    layers = keras.layers
    ids = keras.Input((None,))
    outputs, hidden, cell = layers.LSTM(6, return_sequences=True, return_state=True)(layers.Embedding(SIZE, 4)(ids))
    return keras.Model(ids, [layers.Dense(SIZE, activation="softmax")(outputs), hidden, cell])


def by_its_state(keras):
    """A functional model that goes on from the first state of an LSTM, which is its last output."""
    layers = keras.layers
    ids = keras.Input((None,))
    _, hidden, _ = layers.LSTM(6, return_state=True)(layers.Embedding(SIZE, 4)(ids))
    return keras.Model(ids, layers.Activation("softmax")(layers.Dense(SIZE)(hidden)))


def compiled(keras):
    model = keras.Sequential(one_hot(keras, keras.layers.LSTM(6), keras.layers.Dense(SIZE, activation="softmax")))
    model.compile("adam", "categorical_crossentropy")
    return model


def last(keras, activation: str | None = "softmax"):
    return keras.layers.Dense(SIZE, activation=activation)


KINDS = {
    "the notebook": lambda k: one_hot(k, k.layers.LSTM(9), last(k)),
    "two layers, dropout, activation": lambda k: one_hot(
        k,
        k.layers.LSTM(7, return_sequences=True),
        k.layers.Dropout(0.5),
        k.layers.LSTM(5),
        last(k, None),
        k.layers.Activation("softmax"),
    ),
    "ids, logits": lambda k: embedded(k, k.layers.LSTM(6), last(k, None)),
    "no biases": lambda k: one_hot(
        k,
        k.layers.LSTM(6, use_bias=False, return_sequences=True),
        k.layers.LSTM(6, use_bias=False),
        k.layers.Dense(SIZE, use_bias=False, activation="softmax"),
    ),
    "softmax layer": lambda k: one_hot(k, k.layers.LSTM(6), last(k, None), k.layers.Softmax()),
    "stateful": lambda k: [
        k.Input(batch_shape=(1, 12)),
        k.layers.Embedding(SIZE, 4),
        k.layers.LSTM(6, stateful=True, return_sequences=True),
        last(k),
    ],
    "unrolled, with dropouts of its own": lambda k: one_hot(
        k, k.layers.LSTM(6, unroll=True, dropout=0.1, recurrent_dropout=0.2), last(k)
    ),
    "double precision": lambda k: [
        k.Input((None,)),
        k.layers.Embedding(SIZE, 4, dtype="float64"),
        k.layers.LSTM(6, dtype="float64"),
        k.layers.Dense(SIZE, dtype="float64"),
    ],
    "time-distributed dense": lambda k: one_hot(
        k, k.layers.LSTM(6, return_sequences=True), k.layers.TimeDistributed(last(k))
    ),
    "dense relu before the output": lambda k: embedded(k, k.layers.LSTM(6), k.layers.Dense(7, "relu"), last(k)),
    "dense relu as an activation of its own": lambda k: embedded(
        k, k.layers.LSTM(6), k.layers.Dense(7), k.layers.Activation("relu"), k.layers.Dropout(0.1), last(k)
    ),
    "dense tanh between LSTM layers": lambda k: one_hot(
        k,
        k.layers.LSTM(6, return_sequences=True),
        k.layers.TimeDistributed(k.layers.Dense(5, "tanh")),
        k.layers.LSTM(4),
        last(k),
    ),
    "dense before the first LSTM, one-hot": lambda k: one_hot(
        k, k.layers.Dense(5, "relu"), k.layers.Dense(4), k.layers.LSTM(6), last(k)
    ),
    "dense before the first LSTM, ids": lambda k: embedded(k, k.layers.Dense(5, "tanh"), k.layers.LSTM(6), last(k)),
    "an LSTM cell in an RNN": lambda k: embedded(k, k.layers.RNN(k.layers.LSTMCell(6)), last(k)),
    "functional, states given too": with_states,
    "functional, by its state": by_its_state,
    "with the state of Adam": compiled,
}


@pytest.fixture(scope="module")
def made(keras):
    """Models by the names of their kinds, with random weights."""
    rng, models = np.random.default_rng(1), {}
    for kind, make in KINDS.items():
        model = make(keras)
        models[kind] = model if isinstance(model, keras.Model) else keras.Sequential(model)
        models[kind].set_weights([rng.normal(0, 0.8, weight.shape) for weight in models[kind].get_weights()])
    return models


def keras_probabilities(model) -> np.ndarray:
    shape = model.input_shape
    for layer in model.layers:
        if getattr(layer, "stateful", False):
            layer.reset_state()
    outputs = model(np.eye(SIZE, dtype=np.float32)[IDS][None] if shape[-1] == SIZE else IDS[None])
    outputs = np.asarray(outputs[0] if isinstance(outputs, list | tuple) else outputs)
    predicted = outputs.reshape(-1, SIZE)[-1].astype(np.float64)
    return softmax(predicted) if abs(predicted.sum() - 1) > 1e-3 else predicted


def probabilities(model: Model, ids=IDS) -> np.ndarray:
    return softmax(model.network.logits(model.network.read(np.asarray(ids))[-1].hidden))[0]


@pytest.mark.parametrize("kind", KINDS)
def test_what_keras_3_saves_is_read_and_written_again(keras, made, kind, tmp_path):
    path = tmp_path / "model.keras"
    made[kind].save(path)
    expected = keras_probabilities(made[kind])
    ours = read_model(path, Vocab(VOCAB))
    assert np.abs(probabilities(ours) - expected).max() < TOLERANCE
    path.write_bytes(keras_file(ours))
    assert np.array_equal(probabilities(read_model(path)), probabilities(ours))
    assert np.abs(keras_probabilities(keras.models.load_model(path)) - expected).max() < TOLERANCE


@pytest.mark.parametrize(
    "kind", ["the notebook", "stateful", "functional, states given too", "with the state of Adam", "no biases"]
)
def test_h5_files_and_weights_beside_their_architecture_are_read(keras, made, kind, tmp_path):
    whole, weights = tmp_path / "model.h5", tmp_path / "model.weights.h5"
    made[kind].save(whole)
    made[kind].save_weights(weights)
    expected = keras_probabilities(made[kind])
    assert np.abs(probabilities(read_model(whole, Vocab(VOCAB))) - expected).max() < TOLERANCE
    with pytest.raises(MissingArchitectureError, match=r"model.weights.h5 holds weights alone. Give its layers"):
        read_model(weights, Vocab(VOCAB))
    read = read_model(weights.read_bytes(), Vocab(VOCAB), architecture=made[kind].to_json().encode())
    assert np.abs(probabilities(read) - expected).max() < TOLERANCE


def keras_2() -> dict[str, bytes]:
    with zipfile.ZipFile(KERAS2) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("kind", ["sequential", "functional", "stateful"])
@pytest.mark.parametrize("suffix", [".keras", "_2_13.keras", ".h5", "_weights.h5", ".weights.h5"])
def test_what_keras_2_saved_is_read(kind, suffix):
    files = keras_2()
    stored = json.loads(files["probabilities.json"])
    architecture = files[f"{kind}.json"] if "weights" in suffix else None
    model = read_model(files[kind + suffix], Vocab(VOCAB), architecture=architecture)
    assert np.abs(probabilities(model, stored["ids"]) - stored[kind]).max() < TOLERANCE


@pytest.mark.skipif(not CASES.is_dir(), reason="the cases are not beside this checkout")
def test_the_cases_are_read():
    vocab = Vocab("".join(map(chr, range(100, 143))))
    model = read_model(CASES / "tf213-one.keras", vocab)
    expected = np.load(CASES / "tf213-one.npy")
    assert np.abs(probabilities(model, np.arange(40) % 43) - expected).max() < TOLERANCE
    for name in ("legacy.h5", "td-softmax.keras", "hidden-dense-relu.keras", "first-seen-order.keras"):
        assert read_model(CASES / name, vocab).network.vocab_size == 43
    for name, kind in (("gru-tutorial", "GRU"), ("hard-sigmoid", "LSTM"), ("int8", "Embedding")):
        with pytest.raises(ModelFileError, match=f"has a layer {kind} "):
            read_model(CASES / f"{name}.keras", vocab)


def bidirectional(k):
    return embedded(k, k.layers.Bidirectional(k.layers.LSTM(6)), last(k))


def quantized(k):
    model = k.Sequential(embedded(k, k.layers.LSTM(6), last(k)))
    with warnings.catch_warnings(action="ignore"):  # of layers that have nothing to quantize
        model.quantize("int8")
    return model


def branching(keras):
    layers = keras.layers
    ids = keras.Input((None,))
    embedded = layers.Embedding(SIZE, 4)(ids)
    return keras.Model(ids, layers.Dense(SIZE)(layers.Add()([layers.LSTM(6)(embedded), layers.LSTM(6)(embedded)])))


def inner_output(keras):
    layers = keras.layers
    ids = keras.Input((None,))
    hidden = layers.LSTM(6)(layers.Embedding(SIZE, 4)(ids))
    return keras.Model(ids, [layers.Dense(SIZE)(hidden), hidden])


def skipping(keras):
    layers = keras.layers
    ids = keras.Input((None,))
    embedded = layers.Embedding(SIZE, 6)(ids)
    first = layers.LSTM(6, return_sequences=True)(embedded)
    return keras.Model(ids, layers.Dense(SIZE)(layers.LSTM(6)(embedded + first)))


def by_its_cell(keras):
    layers = keras.layers
    ids = keras.Input((None,))
    _, _, cell = layers.LSTM(6, return_state=True)(layers.Embedding(SIZE, 4)(ids))
    return keras.Model(ids, layers.Dense(SIZE)(cell))


def called_twice(keras):
    layers = keras.layers
    ids = keras.Input((None,))
    dense = layers.Dense(6)
    outputs = dense(dense(layers.LSTM(6)(layers.Embedding(SIZE, 4)(ids))))
    return keras.Model(ids, layers.Dense(SIZE)(outputs))


def from_a_state(keras):
    layers = keras.layers
    ids, hidden, cell = keras.Input((None,)), keras.Input((6,)), keras.Input((6,))
    outputs = layers.LSTM(6)(layers.Embedding(SIZE, 4)(ids), initial_state=[hidden, cell])
    return keras.Model([ids, hidden, cell], layers.Dense(SIZE)(outputs))


REFUSED = {
    "GRU": (lambda k: embedded(k, k.layers.GRU(6), last(k)), "has a layer GRU that cannot be run here. Train it again"),
    "SimpleRNN": (lambda k: embedded(k, k.layers.SimpleRNN(6), last(k)), "has a layer SimpleRNN that"),
    "Bidirectional": (bidirectional, "has a layer Bidirectional that"),
    "LayerNormalization": (
        lambda k: embedded(k, k.layers.LSTM(6), k.layers.LayerNormalization(), last(k)),
        "has a layer LayerNormalization that",
    ),
    "Conv1D": (lambda k: embedded(k, k.layers.Conv1D(6, 3), k.layers.LSTM(6), last(k)), "has a layer Conv1D that"),
    "Masking": (lambda k: one_hot(k, k.layers.Masking(), k.layers.LSTM(6), last(k)), "has a layer Masking that"),
    "hard_sigmoid": (
        lambda k: embedded(k, k.layers.LSTM(6, recurrent_activation="hard_sigmoid"), last(k)),
        r"layer LSTM with recurrent_activation='hard_sigmoid', which cannot be run here. Train it again with 'sigmoid'",
    ),
    "an LSTM with relu": (
        lambda k: embedded(k, k.layers.LSTM(6, activation="relu"), last(k)),
        "layer LSTM with activation='relu'.* Train it again with 'tanh'",
    ),
    "backwards": (lambda k: embedded(k, k.layers.LSTM(6, go_backwards=True), last(k)), "go_backwards=True"),
    "masked ids": (
        lambda k: [k.Input((None,)), k.layers.Embedding(SIZE, 4, mask_zero=True), k.layers.LSTM(6), last(k)],
        "layer Embedding with mask_zero=True",
    ),
    "another activation": (
        lambda k: embedded(k, k.layers.LSTM(6), k.layers.Dense(5, "elu"), last(k)),
        "layer Dense with activation='elu'",
    ),
    "sigmoid at the end": (lambda k: embedded(k, k.layers.LSTM(6), last(k, "relu")), "Train it again with 'linear' or"),
    "a softmax that is not the last": (
        lambda k: embedded(k, k.layers.LSTM(6), k.layers.Dense(5, "softmax"), last(k)),
        "has a layer Dense after a softmax",
    ),
    "int8": (quantized, "layer Embedding in int8, which cannot be run here. Save it before it is quantized"),
    "other outputs than inputs": (
        lambda k: embedded(k, k.layers.LSTM(6), k.layers.Dense(5)),
        "shapes do not fit a character model",
    ),
    "branches": (branching, "is not a plain chain of layers"),
    "two outputs": (inner_output, "is not a plain chain of layers"),
    "a skip": (skipping, "is not a plain chain of layers"),
    "the cell's state": (by_its_cell, "is not a plain chain of layers"),
    "a layer called twice": (called_twice, "is not a plain chain of layers"),
    "a first state": (from_a_state, "is not a plain chain of layers"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_chain_of_these_layers_is_refused_by_name(keras, kind, tmp_path):
    make, message = REFUSED[kind]
    model = make(keras)
    path = tmp_path / "model.keras"
    (model if isinstance(model, keras.Model) else keras.Sequential(model)).save(path)
    with pytest.raises(ModelFileError, match=message) as refused:
        read_model(path, Vocab(VOCAB))
    assert str(refused.value).startswith("model.keras ")


def test_a_model_with_its_optimizer_counts_as_the_network_alone_and_is_saved_without(keras, made, tmp_path):
    path = tmp_path / "model.keras"
    made["with the state of Adam"].save(path)
    with_optimizer = path.stat().st_size
    keras.models.load_model(path, compile=False).save(path)  # what the message says
    assert path.stat().st_size < with_optimizer
    assert "optimizer" not in h5py.File(io.BytesIO(zipfile.ZipFile(path).read("model.weights.h5")))


def test_a_model_without_vocabulary_asks_for_it(made, tmp_path):
    made["the notebook"].save(tmp_path / "model.keras")
    with pytest.raises(MissingVocabularyError, match=re.escape("or the list of its characters.")):
        read_model(tmp_path / "model.keras")
