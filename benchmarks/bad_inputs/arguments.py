"""Command lines that ask for too much, too little or nonsense, given to the command line's own door in this process."""

import contextlib
import io
import os
import random
import sys
import tempfile
import types
from pathlib import Path
from unittest import mock

from benchmarks.bad_inputs.trial import Kind
from charlstm.__main__ import main
from charlstm.cli import benchmark, open_page
from charlstm.cli.parser import COMMANDS, OneLineParser
from tests.support.model_files import archive, metadata_json

NUMBERS = ("0", "1", "-1", "2.5", "nan", "inf", "-inf", "1e400", "1e-400", "9" * 400, "0x10", "１２", "1_0", " 7", "")
WORDS = ("-", "--", "-a", "'", "{count:,}", "%s", "a\nb", "é", "\udce4", "🙂", "a" * 300, "a" * 100_000, "../..", "*")
PLACES = ("/dev/zero", "/dev/full", "/dev/null", "/proc/self/mem", "/", ".", "pipe", "loop", "folder", "none/m.keras")
PLACES += (
    "model.keras",
    "half.keras",
    "text.txt",
    "latin.txt",
    "binary",
    "m.keras",
    "readonly/m.keras",
    "x" * 300 + ".keras",
)


class Arguments(Kind):
    """Any options with any values; the answer is exit code 0, or 2 with one sentence at the end of standard error.

    Training, the page and the notebook's loop are not begun: what is tried is all that comes before.
    """

    name = "arguments"
    cases = 16_000

    def __enter__(self) -> "Arguments":
        super().__enter__()
        self._stack = contextlib.ExitStack()
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        _fill(folder)
        self._stack.enter_context(contextlib.chdir(folder))
        keras = types.ModuleType("keras_model")
        keras.train = lambda *_, **__: None
        keras.predict_loop = lambda *_: (_ for _ in range(100))
        self._stack.enter_context(mock.patch.dict(sys.modules, {"charlstm.training.keras_model": keras}))
        self._stack.enter_context(mock.patch.object(open_page.runpy, "run_module"))
        self._stack.enter_context(mock.patch.multiple(benchmark, NUMPY_LENGTH=5, ROUNDS=1))
        self._stack.enter_context(mock.patch.dict(os.environ, {"CHARLSTM_DATA": str(folder), "HOME": str(folder)}))
        self.watched = [folder]
        self._options = {name: _options(name) for name in COMMANDS}
        return self

    def __exit__(self, *reason: object) -> None:
        self._stack.close()

    def make(self, rng: random.Random) -> list[str]:
        if rng.random() < 0.02:
            return [rng.choice(NUMBERS + WORDS) for _ in range(rng.randrange(3))]
        command = rng.choice(tuple(self._options))
        given = []
        for option in rng.choices(self._options[command], k=rng.randrange(1, 6)):
            values = rng.choice((NUMBERS, WORDS, PLACES, PLACES))
            given += rng.choice(([option], [option, rng.choice(values)], [f"{option}={rng.choice(values)}"]))
        if command in ("generate", "evaluate", "benchmark") and rng.random() < 0.8:
            given += ["--model=model.keras"]
        if command == "generate":
            given += ["--length", rng.choice(("3", "40", *NUMBERS))]
        if command == "evaluate" and rng.random() < 0.7:
            given += ["--text", rng.choice(PLACES)]
        if command == "train" and rng.random() < 0.8:
            given += ["--out=m.keras", "--corpus", rng.choice(PLACES), "--epochs", rng.choice(("1", *NUMBERS))]
        return [command, *given]

    def give(self, case: list[str]) -> None:
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace")
        argv, folder = sys.argv, os.getcwd()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = main(list(case))
            except SystemExit as end:
                code = end.code
        sys.argv = argv
        assert os.getcwd() == folder
        for stream in (out, err):
            stream.flush()
        said = err.buffer.getvalue().decode()
        assert "Traceback" not in said, said[-300:]
        assert code in (0, 2), f"exit code {code}: {said[-300:]}"
        if code == 2:
            assert said.endswith("\n"), said
            assert said.splitlines()[-1].startswith("charlstm"), said[-300:]
            assert len(said) < 1_000, said[:300]
            raise ValueError(said)


def _fill(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to("loop")
    for name in ("folder", "readonly"):
        (folder / name).mkdir()
    (folder / "model.keras").write_bytes(archive(metadata=metadata_json(epoch=3, val_loss=1.5, lowercase=True)))
    (folder / "half.keras").write_bytes(archive()[:-300])
    (folder / "text.txt").write_text("fed a bad cafe, a face faded. " * 40)
    (folder / "latin.txt").write_bytes("Où est le café glacé de l'élève ? ".encode("cp1252") * 40)
    (folder / "binary").write_bytes(random.Random(0).randbytes(5_000))
    (folder / "readonly").chmod(0o500)


def _options(command: str) -> list[str]:
    """The options that a command has."""
    parser = OneLineParser(add_help=True)
    COMMANDS[command].add_options(parser)
    return [option for action in parser._actions for option in action.option_strings or ["plain"]]
