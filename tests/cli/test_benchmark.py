import itertools
import json
import sys

import numpy as np
import pytest
from model_files import VOCAB, add_metadata, archive

from charlstm import Vocab, generate, load_model
from charlstm.__main__ import main
from charlstm.cli import benchmark
from charlstm.network.metadata import ModelMetadata


@pytest.fixture
def model_file(tmp_path, monkeypatch):
    monkeypatch.setattr(benchmark, "ROUNDS", 2)
    monkeypatch.setattr(benchmark, "NUMPY_LENGTH", 50)
    monkeypatch.setattr(benchmark, "NOTEBOOK_LENGTH", 2)
    (tmp_path / "small.keras").write_bytes(archive())
    return tmp_path / "small.keras"


def test_without_keras_the_rest_is_measured_and_the_gap_told(model_file, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "charlstm.training.keras_model", None)  # as if its import failed
    assert main(["benchmark", "--model", str(model_file), "--json"]) == 0
    out, err = capsys.readouterr()
    result = json.loads(out)
    assert [row["way"] for row in result["measurements"]] == ["carried", "window"]
    assert all(row["characters_per_second"] > 100 for row in result["measurements"])
    assert all(row["times_notebook"] is None for row in result["measurements"])
    assert err.startswith("left out: the notebook's loop needs Keras")
    assert main(["benchmark", "--model", str(model_file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:5] for line in lines] == ["state", "60-ch"]


@pytest.mark.parametrize("one_hot", [True, False])
def test_the_notebooks_loop_is_measured_with_the_same_weights(keras, model_file, one_hot, capsys):
    layers = keras.layers
    first = [keras.Input((60, 8))] if one_hot else [keras.Input((None,)), layers.Embedding(8, 3)]
    model = keras.Sequential([*first, layers.LSTM(5), layers.Dense(8, activation="softmax")])
    model.save(model_file)
    model_file.write_bytes(add_metadata(model_file.read_bytes(), Vocab(VOCAB), ModelMetadata()))
    assert main(["benchmark", "--model", str(model_file), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    rows = {row["way"]: row for row in result["measurements"]}
    assert list(rows) == ["carried", "window", "notebook"]
    assert rows["notebook"]["times_notebook"] == 1
    ratio = rows["carried"]["characters_per_second"] / rows["notebook"]["characters_per_second"]
    assert rows["carried"]["times_notebook"] == pytest.approx(ratio)
    assert ratio > 10  # a thousand times with the real network and more than a few characters
    assert result["left_out"] is None


def test_the_notebooks_loop_draws_from_the_same_network(keras, tmp_path):
    """Greedy text, nearly: at a temperature of 0.02 both ways of writing take the likeliest character each time."""
    from charlstm.training.keras_model import predict_loop

    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((None,)), layers.Embedding(8, 3), layers.LSTM(5), layers.Dense(8), layers.Softmax()]
    )
    rng = np.random.default_rng(3)
    model.set_weights([rng.normal(0, 2, weight.shape) for weight in model.get_weights()])
    model.save(tmp_path / "their.keras")
    theirs = itertools.islice(predict_loop(tmp_path / "their.keras", 8, 0.02), 12)
    ours = generate(load_model(tmp_path / "their.keras", Vocab(VOCAB)), VOCAB, 0, 12, context=8)
    assert list(theirs) == [step.id for step in ours]
