"""Helpers of the tests that start training processes: small programs in the worker's place, and what is left over."""

import os
import sys
import tempfile
import time
from pathlib import Path

from charlstm.text.corpus import Corpus
from charlstm.training.config import TrainingConfig
from charlstm.training.job_folder import TrainingJob

END_SECONDS = 20  # for an end that takes two seconds on a quiet machine; the workers of tests sleep for longer
PROSE = "the quick brown fox jumps over the lazy dog, and the dog does not mind at all.\n" * 60


def job(**settings) -> TrainingJob:
    """A tiny job; `settings` overrule."""
    return TrainingJob(**{"corpus": Corpus("prose", PROSE), "config": TrainingConfig(units=8), "epochs": 2} | settings)


def program(code: str) -> tuple[str, ...]:
    """A command that runs `code` in the worker's place, with `say(event, **news)`, `folder` and `sleep` at hand."""
    prelude = (
        "import json, os, signal, sys\nfrom pathlib import Path\nfrom time import sleep\nfolder = Path(sys.argv[1])\n"
        "def say(event, **news): print(json.dumps({'event': event, **news}), flush=True)\n"
    )
    return (sys.executable, "-c", prelude + code)


def wait_until(condition, seconds: float = 30.0) -> None:
    """Waits until `condition()` holds.

    Raises:
        AssertionError: It does not in time.
    """
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def processes_with(argument: Path) -> list[int]:
    """Ids of the processes, this one aside, that were started with `argument` or a path below it as an argument."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if str(argument).encode() in arguments and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


def leaving_nothing(folder: Path, monkeypatch):
    """The body of a fixture: job folders go to `folder`, and after the test neither a file nor a process is left."""
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert processes_with(folder) == []
    assert list(folder.iterdir()) == []
