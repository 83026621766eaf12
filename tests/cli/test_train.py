"""`python -m charlstm train`: bad input in this process, training in real processes."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from model_files import archive, metadata_json

from charlstm.__main__ import main
from charlstm.network.model_file import add_members
from charlstm.network.registry import load_model
from charlstm.reading.text_score import evaluate
from charlstm.training.cluster import training_unavailable

ROOT = Path(__file__).resolve().parents[2]
SMALL = ("--units", "12", "--window", "10", "--batch-size", "8")
needs_keras = pytest.mark.skipif(training_unavailable(None) is not None, reason=str(training_unavailable(None)))


@pytest.fixture(scope="session")
def text_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("text") / "fable.txt"
    path.write_text("A Fox saw a crow fly off with a piece of cheese, and settle on a branch of a tree.\n" * 80)
    return path


def start(*arguments, **settings) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "charlstm", "train", *map(str, arguments)],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **settings,
    )


def finish(process: subprocess.Popen) -> tuple[int, str, str]:
    """(exit code, standard output, standard error)"""
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


@pytest.fixture(scope="module")
def trained(text_file, tmp_path_factory):
    """Two epochs with all that can be asked for: (folder, standard output, standard error)."""
    folder = tmp_path_factory.mktemp("trained")
    options = ("--json", "--samples", "--snapshots", folder / "kept", "--snapshot-epochs", "0,1/4,1")
    process = start("--corpus", text_file, "--out", folder / "new" / "m.keras", "--epochs", 2, *SMALL, *options)
    code, out, err = finish(process)
    assert code == 0, err
    return folder, out, err


@needs_keras
def test_json_is_one_object_an_epoch(trained):
    _, out, _ = trained
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["epoch"] for line in lines] == [1, 2]
    for line in lines:
        assert set(line) == {"epoch", "train_loss", "val_loss", "train_nats", "val_nats", "seconds"}
        assert (line["train_nats"], line["val_nats"]) == (line["train_loss"], line["val_loss"])
        assert 0 < line["val_loss"] < 5
        assert 0 < line["seconds"] < 60


@needs_keras
def test_the_file_is_the_model_of_the_last_epoch(trained, text_file):
    folder, out, err = trained
    model = load_model(folder / "new" / "m.keras")
    told = json.loads(out.splitlines()[-1])
    assert (model.metadata.epoch, model.metadata.val_loss) == (2, told["val_loss"])
    assert (model.metadata.corpus, model.metadata.lowercase, model.network.units) == ("fable.txt", False, (12,))
    text = text_file.read_text()
    held_out = text[int(len(text) * 0.9) :]
    assert evaluate(model, held_out)["nats_per_character"] == pytest.approx(told["val_loss"], abs=1e-6)
    assert err.splitlines()[-1].startswith(f"Done: {folder / 'new' / 'm.keras'} is epoch 2, held out ")
    assert "oneDNN" not in err


@needs_keras
def test_snapshots_are_the_epochs_asked_for_and_the_last(trained):
    kept = sorted((trained[0] / "kept").iterdir())
    assert [path.name for path in kept] == ["epoch-000.keras", "epoch-001.keras", "epoch-002.keras", "epoch-1of4.keras"]
    models = [load_model(path).metadata for path in kept]
    assert [metadata.epoch for metadata in models] == [0, 1, 2, 0.25]
    assert models[0].val_loss > models[3].val_loss > models[1].val_loss


@needs_keras
def test_samples_are_four_temperatures_from_a_seed_of_the_corpus(trained, text_file):
    samples = trained[2].split('--- Generating with seed: "')[1:]
    assert len(samples) == 2
    for sample in samples:
        seed_text, *texts = sample.partition('"\n')[0], *sample.split("------ temperature: ")[1:]
        assert len(seed_text) == 60
        assert seed_text in text_file.read_text()
        assert [text.split("\n")[0] for text in texts] == ["0.2", "0.5", "1.0", "1.2"]
        assert all(text.partition("\n")[2].startswith(seed_text) for text in texts)
        assert len(texts[0].partition("\n")[2].rstrip("\n")) in range(460 - 5, 460 + 1)


@needs_keras
def test_ctrl_c_keeps_the_finished_epochs_and_the_run_can_be_finished(text_file, tmp_path):
    """The run that goes on is ended as a system ends it, by SIGTERM."""
    out, told = tmp_path / "m.keras", []
    whole = ("--corpus", text_file, "--out", out, "--json")
    how = (("--epochs", 1000, *SMALL), ("--resume", out))  # no --epochs: it still has hundreds to go
    for options, number in zip(how, (signal.SIGINT, signal.SIGTERM), strict=True):
        process = start(*whole, *options)
        lines = [process.stdout.readline() for _ in range(2)]
        process.send_signal(number)
        code, rest, err = finish(process)
        assert code == 130, err
        told += [json.loads(line) for line in lines + rest.splitlines()]
        assert [line["epoch"] for line in told] == list(range(1, len(told) + 1))
        history = load_model(out).metadata.history
        assert list(history) == [{key: line[key] for key in history[0]} for line in told]
        assert f"Go on with --resume {out}" in err
        assert "Traceback" not in err
        assert list(tmp_path.iterdir()) == [out]  # no temporary file
    assert told[-1]["train_loss"] < told[0]["train_loss"]


@needs_keras
def test_ctrl_c_before_the_first_epoch_leaves_the_old_file(text_file, tmp_path):
    out = tmp_path / "m.keras"
    out.write_bytes(b"precious")
    long_text = tmp_path / "long.txt"
    long_text.write_text(text_file.read_text() * 100)
    process = start("--corpus", long_text, "--out", out, "--epochs", 5)
    assert any("held out" in line for line in iter(process.stderr.readline, ""))
    process.send_signal(signal.SIGINT)
    code, _, err = finish(process)
    assert code == 130
    assert "before an epoch was finished" in err
    assert out.read_bytes() == b"precious"


@pytest.fixture
def train_here(keras, capsys):
    """A function that trains in this process, which has Keras by now, and returns standard output."""

    def train(*options) -> str:
        assert main(["train", *map(str, options), "--json"]) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    return train


def test_training_on_counts_the_epochs_on(train_here, trained, text_file, tmp_path):
    before = load_model(trained[0] / "new" / "m.keras").metadata
    options = ("--resume", trained[0] / "new" / "m.keras", "--epochs", 1)
    out = train_here("--corpus", text_file, "--out", tmp_path / "on.keras", *options)
    after = load_model(tmp_path / "on.keras").metadata
    assert json.loads(out)["epoch"] == after.epoch == 3
    assert after.val_loss < before.val_loss
    assert after.config["learning_rate"] < before.config["learning_rate"]


def test_the_notebooks_recipe_runs_unguarded(train_here, text_file, tmp_path):
    options = ("--recipe", "notebook", "--units", 8, "--epochs", 1, "--learning-rate", 1000)
    out = train_here("--corpus", text_file, "--out", tmp_path / "m.keras", *options)
    assert json.loads(out)["train_loss"] > 4  # a loss that the guard would not let pass
    config = load_model(tmp_path / "m.keras").metadata.config
    assert (config["optimizer"], config["batch_size"], config["final_learning_rate"]) == ("rmsprop", 128, 1000.0)


BAD_INPUT = {
    "no such corpus": (["--corpus", "nowhere.txt"], "nowhere.txt"),
    "no such model": (["--resume", "nowhere.keras"], "nowhere.keras"),
    "a model that is none": (["--resume", __file__], "not a whole .keras file"),
    "no epochs": (["--epochs", "0"], "`epochs` must be from 1"),
    "units": (["--units", "0"], "`units` must be a whole number from 1 to 2,048, got 0"),
    "units that are no number": (["--units", "many"], "invalid int value"),
    "preset": (["--preset", "magic"], "invalid choice"),
    "learning rate": (["--learning-rate", "nan"], "`learning_rate` must be above 0"),
    "holdout": (["--holdout", "1"], "`holdout` must be at least 0 and below 1"),
    "out without .keras": (["--out", "model.h5"], "`out` must end in .keras"),
    "out is a folder": (["--out", "{folder}/folder.keras"], "`out` must be a file that can be written"),
    "out below a file": (["--out", "{folder}/file/m.keras"], "`out` must be a file that can be written"),
    "snapshot epochs": (["--snapshot-epochs", "1;2"], "`snapshot-epochs` must be whole numbers"),
    "snapshots between epochs": (["--snapshot-epochs", "3/2"], "`snapshot-epochs` must be whole numbers"),
    "a text too short": (["--corpus", "{folder}/file"], "at least 200 characters"),
    "a window longer than the text": (
        ["--corpus", "{folder}/short", "--recipe", "notebook", "--window", "500"],
        "`window` must be below 252, the characters to train on, got 500",
    ),
    "a checkpoint that is damaged": (["--resume", "{folder}/damaged.keras"], "not a whole .keras file"),
    "metadata of the wrong kind": (["--resume", "{folder}/odd.keras"], "`holdout` must be at least 0 and below 1"),
    "binary": (["--corpus", "{folder}/binary"], "binary"),
}


def damaged_checkpoint() -> bytes:
    """A checkpoint with a bit of its optimizer's state turned over."""
    state = np.random.default_rng(0).normal(size=20_000).astype("<f4").tobytes()
    progress = b'{"first_epoch": 1, "last_epoch": 5, "learning_rate_factor": 1.0, "rollbacks": 0}'
    whole = add_members(archive(metadata=metadata_json(epoch=3)), {"training.json": progress})
    content = bytearray(add_members(whole, {"optimizer.f32": state}))
    content[len(whole) + 2000] ^= 1
    return bytes(content)


@needs_keras
@pytest.mark.parametrize(("options", "message"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_is_one_sentence_and_exit_code_2(options, message, text_file, tmp_path, capsys):
    (tmp_path / "folder.keras").mkdir()
    (tmp_path / "file").write_text("short")
    (tmp_path / "short").write_text(text_file.read_text()[:280])
    (tmp_path / "damaged.keras").write_bytes(damaged_checkpoint())
    (tmp_path / "odd.keras").write_bytes(archive(metadata=metadata_json(config={"holdout": "0.1"})))
    (tmp_path / "binary").write_bytes(bytes(range(256)) * 20)
    options = [option.format(folder=tmp_path) for option in options]
    good = ["--corpus", str(text_file), "--out", str(tmp_path / "m.keras"), "--epochs", "1"]
    try:
        code = main(["train", *good, *options])  # the last of two equal options counts
    except SystemExit as error:
        code = error.code
    captured = capsys.readouterr()
    assert code == 2
    assert captured.out == ""
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert not (tmp_path / "m.keras").exists()


@needs_keras
def test_the_network_of_a_file_cannot_be_changed(trained, text_file, tmp_path, capsys):
    good = ["--corpus", str(text_file), "--out", str(tmp_path / "m.keras"), "--resume", str(trained[0] / "new/m.keras")]
    assert main(["train", *good, "--units", "64", "--epochs", "1"]) == 2
    assert "`units` cannot be changed with --resume, got 64" in capsys.readouterr().err
    assert main(["train", *good]) == 2
    assert "The run is finished at epoch 2" in capsys.readouterr().err


def test_without_keras_the_command_says_what_is_missing(text_file, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "no_such_backend")
    assert main(["train", "--corpus", str(text_file), "--out", str(tmp_path / "m.keras"), "--epochs", "1"]) == 2
    assert "no_such_backend" in capsys.readouterr().err


@needs_keras
def test_training_on_says_what_of_a_text_is_dropped(trained, text_file, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "charlstm.training.keras_model", SimpleNamespace(train=lambda *_, **__: None))
    (tmp_path / "other.txt").write_text("ÄÖ" * 30 + text_file.read_text()[:400], "utf-8")
    resume = str(trained[0] / "new/m.keras")
    options = ["--corpus", str(tmp_path / "other.txt"), "--resume", resume, "--epochs", "1"]
    assert main(["train", *options, "--out", str(tmp_path / "m.keras")]) == 0
    said = capsys.readouterr().err
    assert "text: skipped Ä, Ö (not among the model's characters)" in said
    assert "400 of its 460 characters are left." in said


def test_help_names_what_is_stable(capsys):
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    text = capsys.readouterr().out
    for option in (
        "corpus",
        "preset",
        "recipe",
        "units",
        "layers",
        "epochs",
        "out",
        "resume",
        "holdout",
        "json",
        "samples",
    ):
        assert f"--{option}" in text
