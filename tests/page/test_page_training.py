"""Training from the page, without a browser but with real training: what a session gets, and what others do not see."""

import os
import signal
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st
from app_tests import finish, go_to, open_app
from model_files import archive, metadata_json, read

from charlstm.errors import Message, TrainingError
from charlstm.network import registry
from charlstm.network.model_file import read_model
from charlstm.page.parts import controls, text_reading
from charlstm.page.parts.signs import in_markdown
from charlstm.page.sidebar import training_panel
from charlstm.text.corpus import DATA_VARIABLE, load_corpus
from charlstm.text.tang_poems import PACKAGE_FILE
from charlstm.training.cluster import training_unavailable
from charlstm.training.run import TrainingRun

SECONDS = 120
TEXT = "a cat sat on a mat and a dog sat on a log. " * 60

needs_training = pytest.mark.skipif(training_unavailable(None) is not None, reason=f"{training_unavailable(None)}")


def begin(app, epochs: int, text: str = TEXT) -> None:
    """Presses Train for a new small model on a pasted text."""
    app.selectbox(key="corpus").set_value("own").run()
    app.text_area(key="paste_corpus").set_value(text).run()
    app.select_slider(key="units").set_value(32).run()
    app.number_input(key="train_epochs").set_value(epochs).run()
    app.button(key="train").click().run()
    assert not app.exception


@needs_training
def test_a_server_that_shuts_down_says_so_and_goes_on_writing(monkeypatch):
    def closed(job, alive):
        raise TrainingError("The server is shutting down and trains no more.")

    app = open_app()
    monkeypatch.setattr(training_panel, "training_queue", lambda: SimpleNamespace(start=closed))
    begin(app, 1)
    assert ["shutting down" in error.value for error in app.error] == [True]
    assert app.session_state.session.training.run is None


def train_to_the_end(app) -> None:
    end = time.monotonic() + SECONDS
    while app.session_state.session.training.run.status.active:
        assert time.monotonic() < end
        time.sleep(0.3)
    app.run()
    app.run()


@needs_training
def test_what_a_session_trains_is_its_own_and_a_run_that_makes_it_worse_ends_where_it_began():
    mine, other = open_app(), open_app()
    shared = mine.session_state.session.epoch
    before = read_model(shared.file).network.dense_kernel
    text = TEXT + "zq" * 140  # the held-out end is unlike the rest, so more training makes the model worse
    begin(mine, 1, text)
    assert mine.session_state.session.training.run.status.phase in ("starting", "queued")
    assert "show_nats" not in keys(mine, "toggle")  # no curve yet, and not that of the model on the page
    train_to_the_end(mine)
    assert mine.session_state.model == "my pasted text"
    assert mine.session_state.epoch == "+1"
    assert mine.selectbox(key="corpus").value == "same"
    other.run()
    assert other.selectbox(key="model").options == ["nietzsche", *other.selectbox(key="model").options[1:]]
    assert "my pasted text" not in other.selectbox(key="model").options
    assert np.array_equal(read_model(shared.file).network.dense_kernel, before)

    mine.select_slider(key="speed").set_value("∞").run()
    mine.button(key="generate").click().run()
    assert set(finish(mine)) <= set(text)
    mine.number_input(key="learning_rate").set_value(0.1).run()
    mine.button(key="train").click().run()
    train_to_the_end(mine)
    first, last = mine.session_state.session.own_models["my pasted text"].epochs
    assert last.metadata.val_loss > first.metadata.val_loss
    assert mine.session_state.epoch == "+1"
    assert any("back at epoch +1" in caption.value for caption in mine.caption)

    mine.button(key="reset_model").click().run()
    assert mine.session_state.model == "nietzsche"
    assert "my pasted text" in mine.selectbox(key="model").options


@needs_training
def test_a_failed_run_says_why_and_keeps_the_model():
    app = open_app()
    begin(app, 1)
    run = app.session_state.session.training.run
    while run.process is None:
        time.sleep(0.05)
    os.kill(run.process, signal.SIGKILL)
    train_to_the_end(app)
    assert "killed" in app.error[0].value
    assert app.session_state.model == "nietzsche"
    assert not app.button(key="train").disabled


@pytest.mark.parametrize(("text", "sentence"), [("too short", "at least 1,000 characters"), ("", "Give a text first")])
def test_a_text_that_will_not_do_gets_one_sentence(text, sentence):
    app = open_app()
    if training_unavailable(None) is not None:
        pytest.skip(training_unavailable(None))
    begin(app, 1, text)
    assert any(sentence in error.value.replace("\\", "") for error in app.error)
    assert app.session_state.session.training.run is None


def test_a_text_that_is_not_here_is_said_with_what_it_takes(tmp_path, monkeypatch):
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    st.cache_resource.clear()  # another test may have read it
    app = open_app()
    if training_unavailable(None) is not None:
        pytest.skip(training_unavailable(None))
    app.selectbox(key="corpus").set_value("tang-poems").run()
    assert any("npm pack chinese" in caption.value.replace("\\", "") for caption in app.caption)
    assert not app.error
    app.button(key="train").click().run()
    assert any("npm pack chinese" in error.value.replace("\\", "") for error in app.error)
    assert app.session_state.session.training.run is None


@needs_training
def test_the_estimate_grows_with_the_network():
    app = open_app()
    app.selectbox(key="corpus").set_value("python-docs").run()

    def seconds() -> float:
        words = next(caption.value for caption in app.caption if "an epoch on this machine" in caption.value)
        number, unit = words.split("about ")[1].split()[:2]
        return float(number) * (60 if unit == "min" else 1)

    small = seconds()
    app.select_slider(key="units").set_value(512).run()
    assert seconds() > 3 * small


def load(app, content: bytes, name: str = "mine.keras") -> None:
    """Uploads a model file."""
    app.file_uploader(key="upload_model").set_value((name, content, "application/zip")).run()
    assert not app.exception


def keys(app, kind: str) -> list[str]:
    return [element.key for element in app.get(kind)]


@pytest.mark.parametrize(
    ("fields", "named"),
    [({"config": {"layers": 2_000_000_000}}, "layers"), ({"epoch": 10**400}, "epoch"), ({"epoch": -1}, "epoch")],
    ids=["layers", "a huge epoch", "a negative epoch"],
)
def test_a_file_with_unreasonable_metadata_is_refused_in_one_sentence(fields, named):
    app = open_app()
    load(app, archive(metadata=metadata_json(corpus="python-docs", **fields)))
    assert [named in error.value and "must be" in error.value for error in app.error] == [True]
    assert app.session_state.model == "nietzsche"


def test_a_wrong_text_for_the_vocabulary_can_be_mended():
    app = open_app()
    load(app, archive(metadata=None))
    app.text_area(key="vocab_text").set_value("abc").run()
    assert "different characters" in app.error[0].value
    app.text_area(key="vocab_text").set_value("fed a bad\ncafe " * 100).run()
    assert "its characters have another order" in app.warning[0].value  # the weights are random
    app.button(key="load_doubtful").click().run()
    assert app.session_state.model == "mine"
    assert app.session_state.session.own_models["mine"].corpus.text.startswith("fed a bad")
    assert read(app.session_state.session.epoch.read_bytes()).vocab.chars == "\n abcdef"


def keras_2(name: str) -> bytes:
    """A file of `keras2_files.zip`."""
    with zipfile.ZipFile(Path(__file__).parents[1] / "support" / "keras2_files.zip") as archive:
        return archive.read(name)


def test_what_a_run_said_at_its_end_stands_beside_its_own_model_alone():
    app = open_app()
    load(app, archive())
    run = TrainingRun(SimpleNamespace(epochs=1))
    run.status = replace(run.status, phase="done", message=Message("Training is done."))
    training = app.session_state.session.training
    training.run, training.name = run, "mine"

    def said() -> bool:
        return any("Training is done" in caption.value for caption in app.caption)

    app.run()
    assert not app.exception
    assert said()
    app.selectbox(key="model").set_value("nietzsche").run()
    assert not said()
    app.selectbox(key="model").set_value("mine").run()
    assert said()


def test_a_file_of_weights_asks_for_its_layers_and_then_for_its_characters():
    app = open_app()
    load(app, keras_2("sequential_weights.h5"), "old.h5")
    assert "holds weights alone" in app.info[0].value
    layers = ("layers.json", keras_2("sequential.json"), "application/json")
    app.file_uploader(key="architecture").set_value(layers).run()
    assert "holds no vocabulary" in app.info[0].value
    characters = ("vocab.json", b'["[UNK]", "e", "a", "d", "c", "b", "f", " "]', "application/json")
    app.file_uploader(key="vocab_file").set_value(characters).run()
    assert not app.exception
    assert app.session_state.model == "old"
    assert any("1 ids that stand for none are left out" in info.value for info in app.info)
    assert read(app.session_state.session.epoch.read_bytes()).vocab.chars == "eadcbf "  # a whole file of its own


def test_what_was_given_for_one_file_is_not_taken_for_the_next():
    app = open_app()
    load(app, archive(metadata=None), "first.keras")
    app.text_area(key="vocab_text").set_value("fed a bad\ncafe").run()
    load(app, archive(metadata=None), "second.keras")
    assert "holds no vocabulary" in app.info[0].value
    assert app.session_state.model == "nietzsche"


@needs_training
def test_a_text_in_the_characters_of_the_model_can_carry_it_on():
    app = open_app()
    load(app, archive())
    app.selectbox(key="corpus").set_value("own").run()
    app.text_area(key="paste_corpus").set_value("zebra " * 200).run()
    assert "continue_model" not in keys(app, "toggle")
    app.text_area(key="paste_corpus").set_value("fed a bad cafe " * 100).run()
    app.toggle(key="continue_model").set_value(True).run()
    began_with = app.session_state.session.epoch.read_bytes()
    app.button(key="train").click().run()
    train_to_the_end(app)
    assert app.session_state.session.training.run.job.start_model == began_with
    assert app.session_state.model == "my pasted text"


def test_given_texts_outlive_their_widgets(monkeypatch):
    app = open_app()
    if training_unavailable(None) is not None:
        pytest.skip(training_unavailable(None))
    app.selectbox(key="corpus").set_value("own").run()
    app.file_uploader(key="upload_corpus").set_value(("cats.txt", TEXT.encode(), "text/plain")).run()
    monkeypatch.setattr(text_reading, "decode", None)  # would fail if it were called
    app.selectbox(key="corpus").set_value("same").run()
    app.selectbox(key="corpus").set_value("own").run()
    assert not app.exception
    assert any("cats.txt" in caption.value.replace("\\", "") for caption in app.caption)
    assert any(f"{len(TEXT):,} characters" in caption.value for caption in app.caption)


def test_a_seed_text_that_the_model_cannot_read_gives_way():
    app = open_app()
    text = "二三四五六七八九" * 200
    load(app, archive(metadata=metadata_json(vocab=text[:8])), "numbers.keras")
    assert app.session_state.seed_text == ""
    assert not app.error
    load(app, archive(metadata=None), "texts.keras")
    app.text_area(key="vocab_text").set_value(text).run()
    app.button(key="load_doubtful").click().run()
    assert app.session_state.seed_text in text
    app.button(key="another_seed").click().run()
    assert app.session_state.seed_text in text
    app.selectbox(key="model").set_value("nietzsche").run()
    assert not app.error


def test_damaged_files_among_the_models_get_one_sentence(tmp_path, monkeypatch):
    files = {1: archive(), 2: b"no zip", 3: archive(weights=None)}
    monkeypatch.setattr(registry, "MODELS_DIR", tmp_path)
    (tmp_path / "odd").mkdir()
    for epoch, content in files.items():
        (tmp_path / "odd" / f"epoch-{epoch}.keras").write_bytes(content)
    app = open_app()
    assert len(app.error) == 1
    assert in_markdown("epoch-2.keras, epoch-3.keras") in app.error[0].value
    assert app.session_state.epoch == "1"


def test_collapsed_epochs_are_marked_and_not_what_the_page_opens_with(tmp_path, monkeypatch):
    nats = {1: 2.0, 2: 1.5, 3: 9.0}
    monkeypatch.setattr(registry, "MODELS_DIR", tmp_path)
    (tmp_path / "wild").mkdir()
    for epoch in nats:
        history = [{"epoch": n, "train_loss": nats[n], "val_loss": None, "seconds": 1} for n in range(1, epoch + 1)]
        content = archive(metadata=metadata_json(epoch=epoch, history=history))
        (tmp_path / "wild" / f"epoch-{epoch}.keras").write_bytes(content)
    app = open_app(view="training")
    assert app.session_state.epoch == "2"
    leads = [element.proto.body for element in app.get("html") if 'class="number"' in element.proto.body]
    assert [label for label in "123" if f">{label}<" in "".join(lead for lead in leads if "collapsed" in lead)] == ["3"]
    assert not app.warning
    assert any("training text costs it 2.16 bits" in caption.value for caption in app.caption)
    app.select_slider(key="epoch").set_value("3").run()
    assert "collapsed by this epoch: its loss was 12.98 bits per character, 2.16 at its best" in app.warning[0].value


def test_a_damaged_corpus_counts_as_none(tmp_path, monkeypatch):
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / PACKAGE_FILE).write_bytes(b"half of it")
    app = open_app(model="tang-poems")
    app.button(key="another_seed").click().run()
    assert app.text_area(key="seed_text").value
    for view in ("measure", "copied", "write"):
        go_to(app, view)


def test_a_corpus_that_comes_later_is_found(monkeypatch):
    monkeypatch.setattr(controls, "local_corpus_text", lambda name: None)
    assert controls.shared_corpus("late") is None
    monkeypatch.setattr(controls, "local_corpus_text", lambda name: "a text")
    assert controls.shared_corpus("late") == "a text"


@needs_training
def test_a_model_of_a_lower_cased_text_is_trained_on_lower_cased():
    app = open_app()
    load(app, archive(metadata=metadata_json(corpus="python-docs", lowercase=True)))
    lowered = load_corpus("python-docs", lowercase=True)
    estimate = f"{len(lowered.text):,} characters, {len(lowered.chars)} different ones"
    assert any(estimate in caption.value for caption in app.caption)
