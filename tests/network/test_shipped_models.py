"""The models that come along: what each file holds, that Keras opens it, and that its figures are true."""

from pathlib import Path

import numpy as np
import pytest

from charlstm.network.lstm import Network
from charlstm.network.metrics import softmax
from charlstm.network.registry import MODELS_DIR, best_epoch, epoch_file_name, list_models, load_model
from charlstm.reading.text_score import evaluate
from charlstm.text.corpus import CORPORA, is_on_this_machine, load_corpus

ROOT = Path(__file__).resolve().parents[2]
MODELS = list_models()
PATHS = [epoch.file for epochs in MODELS.values() for epoch in epochs]
HELD_OUT = [name for name in MODELS if name != "nietzsche-notebook"]  # which is the notebook's, on the whole text
HELD_OUT_BITS = {"nietzsche": 1.88, "nietzsche-large": 1.85}  # at the most


def short_name(path) -> str:
    return f"{path.parent.name}-{path.stem}"


def test_the_models_are_those_of_the_documents():
    documents = [(ROOT / name).read_text("utf-8") for name in ("README.md", "docs/models.md")]
    for name in MODELS:
        assert all(f"\n| `{name}` |" in text or f"\n| [`{name}`](" in text for text in documents)
        assert f"--snapshots models/{name}" in (MODELS_DIR / name / "README.md").read_text("utf-8")


def test_all_models_together_are_small():
    assert sum(path.stat().st_size for path in MODELS_DIR.rglob("*") if path.is_file()) < 40_000_000
    assert max(path.stat().st_size for path in PATHS) < 8_000_000


@pytest.mark.parametrize("path", PATHS, ids=short_name)
def test_each_file_carries_its_vocabulary_history_and_figures(path):
    model = load_model(path)
    metadata = model.metadata
    assert epoch_file_name(metadata) == path.name
    assert metadata.corpus in CORPORA
    assert len(metadata.corpus_sha256) == 64
    assert {"name", "units", "layers", "learning_rate", "holdout", "epochs"} <= metadata.config.keys()
    assert [entry["epoch"] for entry in metadata.history] == list(range(1, int(metadata.epoch) + 1))
    assert all(entry["seconds"] > 0 and entry["train_loss"] > 0 for entry in metadata.history)
    assert (metadata.val_loss is None) == (metadata.config["holdout"] == 0)
    if metadata.history:
        assert metadata.history[-1]["val_loss"] == metadata.val_loss
    assert len(model.vocab) == model.network.vocab_size


@pytest.mark.parametrize("name", MODELS)
def test_plain_keras_opens_the_file_and_agrees(name, keras):
    path = best_epoch(MODELS[name]).file
    model = load_model(path)
    ids = np.random.default_rng(0).integers(len(model.vocab), size=40)
    expected = np.asarray(keras.saving.load_model(path, compile=False, safe_mode=True)(ids[None]))[0]
    np.testing.assert_allclose(all_probabilities(model.network, ids), expected, atol=1e-5)


def all_probabilities(network: Network, ids: np.ndarray) -> np.ndarray:
    """After each of the ids, (length, vocab_size)."""
    state, rows = network.initial_state(), []
    for position in range(len(ids)):
        state = network.step(ids[position : position + 1], state)
        rows.append(softmax(network.logits(state[-1].hidden))[0])
    return np.array(rows)


@pytest.mark.parametrize("name", HELD_OUT)
def test_the_held_out_figure_is_true(name):
    model = load_model(name)
    metadata = model.metadata
    if not is_on_this_machine(metadata.corpus):
        pytest.skip(f"the corpus {metadata.corpus} is not on this machine")
    corpus = load_corpus(metadata.corpus, metadata.lowercase)
    if corpus.sha256 != metadata.corpus_sha256:
        pytest.xfail(f"{metadata.corpus} is another text here: the manual of another Python")
    score = evaluate(model, corpus.split(metadata.config["holdout"])[1])
    assert score["nats_per_character"] == pytest.approx(metadata.val_loss, abs=0.0005)
    assert score["bits_per_character"] == pytest.approx(metadata.val_bits_per_character, abs=0.0005)
    assert score["bits_per_character"] <= HELD_OUT_BITS.get(name, 9)
