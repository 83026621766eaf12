import json
import math
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from model_files import VOCAB, archive, metadata_json, zip_of

from charlstm import generate, load_model
from charlstm.__main__ import main
from charlstm.cli.parser import one_line
from charlstm.network import registry

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def model_file(tmp_path_factory) -> str:
    """A small model that knows a to f, space and newline, trained on lower-cased text as its metadata says."""
    path = tmp_path_factory.mktemp("models") / "small.keras"
    path.write_bytes(archive(metadata=metadata_json(lowercase=True, corpus="prose", epoch=3, val_loss=1.5)))
    return str(path)


@pytest.fixture
def run(capsys):
    """A function that runs a command here and returns (exit code, standard output, standard error)."""

    def run_here(*arguments: object) -> tuple[int, str, str]:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as error:  # argparse ends so
            code = error.code
        return code, *capsys.readouterr()

    return run_here


def process(*arguments: object, **settings) -> subprocess.Popen:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "charlstm", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **settings)


def test_generate_writes_what_the_library_generates(run, model_file):
    options = ("--seed-text", "abc", "--temperature", "0.8", "--length", "120", "--rng-seed", "7")
    code, out, err = run("generate", "--model", model_file, *options)
    steps = generate(load_model(model_file), "abc", 0.8, 120, np.random.default_rng(7))
    assert (code, err) == (0, "")
    assert out == "".join(step.char for step in steps)


def test_generate_takes_all_settings(run, model_file):
    options = (
        "--top-k",
        "3",
        "--top-p",
        "0.9",
        "--min-p",
        "0.02",
        "--context",
        "5",
        "--rng-seed",
        "7",
        "--length",
        "50",
    )
    code, out, _ = run("generate", "--model", model_file, "--seed-text", "abc", "--temperature", "1.5", *options)
    limits = {"top_k": 3, "top_p": 0.9, "min_p": 0.02, "context": 5}
    steps = generate(load_model(model_file), "abc", 1.5, 50, np.random.default_rng(7), **limits)
    assert (code, out) == (0, "".join(step.char for step in steps))


def test_generate_has_defaults_and_tells_its_random_seed(run, model_file):
    code, out, err = run("generate", "--model", model_file)
    assert (code, len(out)) == (0, 400)
    rng_seed = err.split("--rng-seed ")[1].split()[0]
    assert run("generate", "--model", model_file, "--rng-seed", rng_seed) == (0, out, "")
    assert run("generate", "--model", model_file)[1] != out


def test_generate_tells_what_it_did_to_the_seed_text(run, model_file):
    code, out, err = run("generate", "--model", model_file, "--rng-seed", 1, "--seed-text", "A bad\tz😀", "--length", 9)
    assert (code, len(out)) == (0, 9)
    assert err == "seed text: lower-cased A; skipped tab, z, 😀 (not among the model's characters)\n"


@pytest.mark.slow
def test_text_comes_while_it_is_written(model_file):
    with process("generate", "--model", model_file, "--length", 1_000_000, "--rng-seed", 1) as writing:
        first = writing.stdout.read(20)
        assert len(first) == 20
        assert writing.poll() is None
        writing.kill()


@pytest.mark.slow
def test_a_closed_pipe_ends_quietly(model_file):
    with process("generate", "--model", model_file, "--length", 1_000_000, "--rng-seed", 1) as writing:
        writing.stdout.read(20)
        writing.stdout.close()
        assert writing.wait(20) == 141
        assert writing.stderr.read() == b""


@pytest.fixture
def heard_ctrl_c():
    """Processes that are started hear Ctrl-C; those of tests that run in the background would not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is another signal there")
def test_ctrl_c_ends_quietly(heard_ctrl_c, model_file):
    with process("generate", "--model", model_file, "--length", 1_000_000, "--rng-seed", 1) as writing:
        writing.stdout.read(20)
        writing.send_signal(signal.SIGINT)
        time.sleep(0.2)
        _, err = writing.communicate(timeout=20)
        assert (writing.returncode, err) == (130, b"")


def test_evaluate_gives_four_figures(run, model_file, tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("ABC def\n" * 20)
    code, out, err = run("evaluate", "--model", model_file, "--text", text, "--json")
    score = json.loads(out)
    assert (code, err) == (0, "")  # lower-cased before anything is unknown, as the model's own text was
    assert score["characters"] == 160
    assert score["bits_per_character"] == pytest.approx(score["nats_per_character"] / math.log(2))
    assert score["perplexity"] == pytest.approx(math.exp(score["nats_per_character"]))
    sentence = run("evaluate", "--model", model_file, "--text", text)[1]
    assert sentence.startswith("160 characters: ")
    assert f"{score['bits_per_character']:.4f} bits per character" in sentence


def test_evaluate_can_keep_to_the_end_of_a_text(run, model_file, tmp_path):
    (tmp_path / "whole.txt").write_text("abc" * 30 + "fed" * 3 + "a")
    (tmp_path / "end.txt").write_text("fed" * 3 + "a")
    held_out = run("evaluate", "--model", model_file, "--text", tmp_path / "whole.txt", "--holdout", 0.1, "--json")
    assert held_out == run("evaluate", "--model", model_file, "--text", tmp_path / "end.txt", "--json")


def test_evaluate_tells_what_it_skipped(run, model_file, tmp_path):
    (tmp_path / "text.txt").write_text("abcz")
    code, out, err = run("evaluate", "--model", model_file, "--text", tmp_path / "text.txt", "--json")
    assert (code, json.loads(out)["characters"]) == (0, 3)
    assert err == "text: skipped z (not among the model's characters)\n"


def test_evaluate_knows_the_corpora_by_name(run, model_file, corpus_path, monkeypatch):
    monkeypatch.setenv("CHARLSTM_DATA", str(corpus_path.parent))
    code, out, err = run("evaluate", "--model", model_file, "--text", "nietzsche", "--holdout", 0.001, "--json")
    held_out = corpus_path.read_text("utf-8").lower()[int(600_893 * 0.999) :]
    assert (code, json.loads(out)["characters"]) == (0, sum(char in VOCAB for char in held_out))
    assert err.startswith("text: skipped ")


@pytest.fixture
def models_dir(tmp_path, monkeypatch):
    """A folder of models in the place of the real one."""
    monkeypatch.setattr(registry, "MODELS_DIR", tmp_path)
    return tmp_path


def test_models_are_listed(run, models_dir):
    (models_dir / "prose").mkdir()
    for epoch, val_loss in [(1, 2.0), (2, 1.5), (3, 1.6)]:
        metadata = metadata_json(corpus="prose", epoch=epoch, val_loss=val_loss)
        (models_dir / "prose" / f"epoch-{epoch:03}.keras").write_bytes(archive(metadata=metadata))
    (models_dir / "raw").mkdir()
    (models_dir / "raw" / "epoch-1.keras").write_bytes(archive())
    code, out, err = run("models", "--json")
    assert (code, err) == (0, "")
    prose, raw = json.loads(out)
    assert prose == {
        "name": "prose",
        "epochs": [1, 2, 3],
        "best_epoch": 2,
        "units": [5],
        "corpus": "prose",
        "val_bits_per_character": pytest.approx(1.5 / math.log(2)),
    }
    assert (raw["name"], raw["val_bits_per_character"]) == ("raw", None)
    first, second = run("models")[1].splitlines()
    assert first == "prose: 5 units, trained on prose, 2.164 bits a held-out character at epoch 2; " + (
        "snapshots of epochs 1, 2, 3"
    )
    assert "nothing held out" in second


def test_no_models_is_no_error(run, models_dir):
    assert run("models", "--json") == (0, "[]\n", "")
    code, out, err = run("models")
    assert (code, out) == (0, "")
    assert err.startswith("no models here")


BAD_GENERATE = [
    (("--temperature", "-1"), "`temperature` must be finite and >= 0, got -1.0. Use 0 for greedy text."),
    (("--temperature", "nan"), "`temperature` must be finite and >= 0, got nan. Use 0 for greedy text."),
    (("--temperature", "inf"), "`temperature` must be finite and >= 0, got inf."),
    (("--temperature", "-inf"), "expected one argument"),
    (("--temperature", "warm"), "invalid float value: 'warm'"),
    (("--length", "0"), "`length` must be a whole number from 1 to 1,000,000, got 0. Try 400."),
    (("--length", "-5"), "`length` must be a whole number from 1 to 1,000,000, got -5."),
    (("--length", "10000000"), "`length` must be a whole number from 1 to 1,000,000, got 10000000."),
    (("--length", "2.5"), "invalid int value: '2.5'"),
    (("--rng-seed", "-1"), "`rng-seed` must be >= 0, got -1."),
    (("--rng-seed", "x" * 5000), "invalid int value: 'xxx"),
    (("--top-k", "0"), "`top_k` must be a whole number >= 1, got 0."),
    (("--top-p", "0"), "`top_p` must be above 0 and at most 1, got 0.0."),
    (("--min-p", "2"), "`min_p` must be above 0 and at most 1, got 2.0."),
    (("--top-p", "nan"), "`top_p` must be above 0 and at most 1, got nan."),
    (("--context", "0"), "`context` must be a whole number from 1 to 1,000, got 0."),
    (("--context", "100000"), "`context` must be a whole number from 1 to 1,000, got 100000."),
    (("--seed-text", "a" * 1_000_000), "The seed text must have at most 20,000 characters, got 1,000,000. Shorten it."),
    (("--seed-text", "😀😀"), "The model knows none of the characters of this text (😀). Use some of its own"),
    (("--seed-text", "-a"), "A value that starts with a dash is written --name=VALUE"),
    (("--colour", "red"), "unrecognized arguments: --colour red"),
]


def assert_bad_input(result: tuple[int, str, str], message: str) -> None:
    code, out, err = result
    assert code == 2
    assert out == ""
    assert message in err
    assert err.count("\n") == 1
    assert err.endswith("\n")
    assert len(err) < 700
    assert "Traceback" not in err


@pytest.mark.parametrize(("options", "message"), BAD_GENERATE, ids=lambda value: str(value)[:40])
def test_bad_options_of_generate_are_one_sentence_and_exit_code_2(run, model_file, options, message):
    assert_bad_input(run("generate", "--model", model_file, *options), message)


def bomb() -> bytes:
    return archive(zipfile.ZIP_DEFLATED, config=b" " * 3_000_000)


BAD_FILES = {
    "empty": (b"", "is not a whole .keras file"),
    "truncated": (archive()[:-500], "is not a whole .keras file"),
    "text": (b"no model at all", "is not a whole .keras file"),
    "foreign": (zip_of({"word/document.xml": b"<w/>"}), "is not a Keras model"),
    "bomb": (bomb(), "is too large: its config.json unpacks to over 2 MB"),
    "weights": (archive(weights=b"junk"), "has damaged weights"),
    "no-vocabulary": (archive(metadata=None), "holds no vocabulary"),
    "metadata": (archive(metadata=b"[" * 100_000), "has a damaged charlstm.json"),
}


@pytest.mark.parametrize("kind", BAD_FILES)
@pytest.mark.parametrize("command", ["generate", "evaluate", "benchmark"])
def test_bad_model_files_are_one_sentence_and_exit_code_2(run, tmp_path, command, kind):
    content, message = BAD_FILES[kind]
    (tmp_path / "my.keras").write_bytes(content)
    options = ("--text", __file__) if command == "evaluate" else ()
    assert_bad_input(run(command, "--model", tmp_path / "my.keras", *options), f"my.keras {message}")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("marx", "There is no model named 'marx'. Use one of: none"),
        ("", "There is no model named ''"),
        ("no/such.keras", "The model file 'no/such.keras' cannot be read: No such file or directory."),
        ("\udce4.keras", "cannot be read: No such file or directory."),
        ("line\nbreak.keras", "cannot be read"),
    ],
)
def test_missing_models_are_one_sentence_and_exit_code_2(run, models_dir, name, message):
    assert_bad_input(run("generate", "--model", name), message)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--text", "no-such.txt"), "The text file 'no-such.txt' cannot be read: No such file or directory."),
        (("--text", sys.executable), "cannot be read: The file is not text"),
        (("--text", os.devnull), "cannot be read: it is a pipe or a device, not a plain file."),
        (("--text", __file__, "--holdout", "0"), "`holdout` must be above 0 and below 1, got 0.0."),
        (("--text", __file__, "--holdout", "1"), "`holdout` must be above 0 and below 1, got 1.0."),
        (("--text", __file__, "--holdout", "nan"), "`holdout` must be above 0 and below 1, got nan."),
        ((), "the following arguments are required: --text"),
    ],
)
def test_bad_options_of_evaluate_are_one_sentence_and_exit_code_2(run, model_file, options, message):
    assert_bad_input(run("evaluate", "--model", model_file, *options), message)


@pytest.mark.parametrize("arguments", [(), ("sing",), ("models", "extra")])
def test_no_command_that_there_is_is_one_sentence_and_exit_code_2(run, arguments):
    assert_bad_input(run(*arguments), "See --help.")


@pytest.mark.parametrize("command", ["generate", "evaluate", "models", "train", "benchmark", "page"])
def test_each_command_has_help(run, command):
    code, out, err = run(command, "--help")
    assert (code, err) == (0, "")
    assert "--" in out


@pytest.mark.slow
def test_bad_input_of_a_real_process(model_file):
    with process("generate", "--model", model_file, "--temperature", "-1") as failing:
        out, err = failing.communicate(timeout=60)
    assert_bad_input((failing.returncode, out.decode(), err.decode()), "`temperature` must be finite")


@pytest.mark.slow
def test_bytes_of_the_seed_text_that_are_no_utf8_are_skipped(model_file):
    command = [sys.executable.encode(), b"-m", b"charlstm", b"generate", b"--model", os.fsencode(model_file)]
    ended = subprocess.run([*command, b"--seed-text", b"ab\xe4", b"--rng-seed", b"1"], cwd=ROOT, capture_output=True)
    assert ended.returncode == 0
    assert b"skipped U+DCE4" in ended.stderr


def test_one_line_cuts_long_messages():
    assert one_line("a\n  b") == "a b"
    assert len(one_line("x" * 10_000)) < 600


@pytest.mark.parametrize("arguments", [("generate", "--rng-seed=--"), ("evaluate", "--holdout=--", "--text", "x")])
def test_two_dashes_as_a_value_are_no_value(run, arguments):
    assert_bad_input(run(*arguments), "'--'. See --help.")


def test_without_a_command_the_commands_are_named(run):
    assert_bad_input(run(), "Give a command: generate, evaluate, models, train, benchmark, page; such as")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("redirection", "message"),
    [
        (">/dev/full", "cannot be read or written: No space left on device."),
        (">&-", "cannot be read or written: Bad file descriptor."),
    ],
)
def test_standard_output_that_takes_nothing_is_one_sentence(model_file, redirection, message):
    command = f"'{sys.executable}' -m charlstm generate --model '{model_file}' --rng-seed 1 --length 5 {redirection}"
    ended = subprocess.run(command, shell=True, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    assert_bad_input((ended.returncode, "", ended.stderr), message)


@pytest.mark.slow
def test_standard_output_that_cannot_show_a_text_is_one_sentence(tmp_path):
    path = tmp_path / "model.keras"
    path.write_bytes(archive(metadata=metadata_json(vocab="春天到了孩子们河")))
    environ = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    with process("generate", "--model", path, "--rng-seed", "1", env=environ) as failing:
        _, err = failing.communicate(timeout=60)
    assert_bad_input((failing.returncode, "", err.decode()), "Standard output is ascii, which has no '\\u")


@pytest.mark.parametrize("option", ["--text", "--model"])
def test_a_pipe_in_place_of_a_file_is_refused_at_once(run, model_file, tmp_path, option):
    os.mkfifo(tmp_path / "pipe.keras")
    arguments = {"--text": __file__, "--model": model_file} | {option: tmp_path / "pipe.keras"}
    result = run("evaluate", *(part for pair in arguments.items() for part in pair))
    assert_bad_input(result, "cannot be read: it is a pipe or a device, not a plain file.")


def test_evaluate_says_how_a_text_was_read(run, model_file, tmp_path):
    path = tmp_path / "diary.txt"
    path.write_bytes("Là où le café fade, la façade est cachée; l'été a été agréable.".encode("cp1252"))
    code, _, err = run("evaluate", "--model", model_file, "--text", path)
    assert (code, err.startswith("diary.txt was read as Windows-1252 (Western Europe)")) == (0, True), err
    code, _, err = run("evaluate", "--model", model_file, "--text", path, "--encoding", "koi8-r")
    assert (code, err.splitlines()[0]) == (0, "diary.txt was read as KOI8-R (Cyrillic).")
    assert_bad_input(
        run("evaluate", "--model", model_file, "--text", path, "--encoding", "klingon"), "got 'klingon'. Try utf-8"
    )
