"""Real Keras in real processes: tiny runs, and an end at every stage, each in a few seconds."""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from workers import END_SECONDS, job, leaving_nothing, wait_until

from charlstm.errors import CorpusError, Message
from charlstm.text.corpus import Corpus
from charlstm.training.cluster import training_unavailable
from charlstm.training.run import TrainingRun
from charlstm.training.worker import _reason, train_job

unavailable = training_unavailable(None)
pytestmark = pytest.mark.skipif(unavailable is not None, reason=f"{unavailable}")

PATIENCE_SECONDS = 90  # Keras alone takes 4 to load, and the worker is polite: others on the machine go first
STAGES = {
    "while Keras loads": lambda run, seconds: seconds > 1.5,
    "mid-training": lambda run, seconds: run.status.phase == "training" and not run.epochs,
    "between epochs": lambda run, seconds: len(run.epochs) >= 2,
}


@pytest.fixture(autouse=True)
def _nothing_left(tmp_path, monkeypatch):
    yield from leaving_nothing(tmp_path, monkeypatch)


def run_until(stage: str) -> TrainingRun:
    run = TrainingRun(long_job() if stage == "mid-training" else job(epochs=10_000))
    run.start()
    wait_until(lambda: run.process or not run.status.active, PATIENCE_SECONDS)
    began = time.monotonic()
    wait_until(lambda: STAGES[stage](run, time.monotonic() - began) or not run.status.active, PATIENCE_SECONDS)
    assert run.status.active, run.status.message
    return run


def long_job():
    """Of which no epoch ends within a test."""
    return job(epochs=1, corpus=Corpus("long", job().corpus.text * 200))


def test_a_run_from_the_start_and_on():
    before = set(sys.modules)  # other tests load Keras here
    first = TrainingRun(job(epochs=2))
    first.start()
    wait_until(lambda: first.status.phase == "training", PATIENCE_SECONDS)
    threads = [int(path.name) for path in Path(f"/proc/{first.process}/task").iterdir()]
    assert any(os.getpriority(os.PRIO_PROCESS, thread) >= 10 for thread in threads)
    assert first.wait(PATIENCE_SECONDS)
    assert (first.status.phase, first.status.epoch, first.status.epochs) == ("done", 2, 2)
    assert [epoch.metadata.epoch for epoch in first.epochs] == [1, 2]
    assert first.epochs[-1].metadata.val_loss == first.status.val_loss < first.epochs[0].metadata.val_loss
    assert {"keras", "tensorflow", "distributed"}.isdisjoint(set(sys.modules) - before)
    second = TrainingRun(job(epochs=1, config=None, start_model=first.epochs[-1].file))
    second.start()
    assert second.wait(PATIENCE_SECONDS)
    assert second.status.phase == "done", second.status.message
    assert [epoch.metadata.epoch for epoch in second.epochs] == [3]
    assert [entry["epoch"] for entry in second.epochs[0].metadata.history] == [1, 2, 3]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            CorpusError("The file is not text: it has zero bytes. Save it as plain UTF-8 text."),
            Message("The file is not text: it has zero bytes. Save it as plain UTF-8 text."),
        ),
        (ValueError("`units` must be a whole number."), "`units` must be a whole number."),
        (MemoryError(), Message("memory ran out")),
        (OSError(28, "No space left on device"), "a file could not be written (No space left on device)"),
        (RuntimeError("Graph execution error:\n\nDetected at node"), "RuntimeError: Graph execution error:"),
    ],
)
def test_a_reason_is_one_line(error, reason):
    assert _reason(error) == reason


@pytest.mark.parametrize("stage", STAGES)
def test_killed(stage):
    run = run_until(stage)
    finished = run.epochs
    os.kill(run.process, signal.SIGKILL)
    assert run.wait(END_SECONDS)
    assert run.status.phase == "failed"
    assert "its process was killed, perhaps because memory ran out; " in run.status.message
    assert run.epochs[: len(finished)] == finished  # what was there stays


@pytest.mark.parametrize("stage", STAGES)
def test_cancelled(stage):
    run = run_until(stage)
    run.cancel()
    assert run.wait(END_SECONDS)
    assert run.status.phase == "cancelled"
    assert ("epochs are kept" if stage == "between epochs" else "as it was before") in run.status.message


@pytest.mark.parametrize("stage", ["while Keras loads", "mid-training"])
def test_a_server_that_vanishes_takes_its_process_along(stage):
    code = "import sys, test_process as t\nrun = t.run_until(sys.argv[1])\nprint(run.process, flush=True)\nrun.wait()"
    search = os.pathsep.join((str(Path(__file__).parent), os.environ["PYTHONPATH"]))
    command = (sys.executable, "-c", code, stage)
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": search}) as server:
        worker = Path("/proc") / server.stdout.readline().decode().strip()
        assert worker.exists()
        server.kill()
    wait_until(lambda: not worker.exists(), END_SECONDS)


def on_a_full_disk(job, emit, cancelled) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (4, 4))  # bytes of a file; Python tries temporary folders with so many
    train_job(job, emit, cancelled)


def test_training_writes_no_file():
    run = TrainingRun(job(), work=on_a_full_disk)
    run.start()
    assert run.wait(PATIENCE_SECONDS)
    assert run.status.phase == "done", run.status.message


def test_a_text_that_is_too_short_is_told_in_its_own_words():
    run = TrainingRun(job(corpus=Corpus("short", "abc")))
    run.start()
    assert run.wait(END_SECONDS)
    assert run.status.phase == "failed"
    assert "at least 200 characters" in run.status.message
