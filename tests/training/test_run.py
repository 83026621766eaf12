"""A run in a real process, with small programs in the place of training; test_process has training itself."""

import os
import signal
import subprocess
import sys

import psutil
import pytest
from workers import END_SECONDS, job, leaving_nothing, program, training_workers, wait_until

from charlstm.training import cluster, process
from charlstm.training.cluster import training_unavailable
from charlstm.training.run import TrainingRun

pytestmark = pytest.mark.skipif(training_unavailable(None) is not None, reason=f"{training_unavailable(None)}")

STEP = "say('step', epoch=1, step=3, steps=9, train_loss=2.5, characters_per_second=9e4, seconds_left=7.0)\n"


@pytest.fixture(autouse=True)
def _nothing_left(tmp_path, monkeypatch):
    yield from leaving_nothing(tmp_path, monkeypatch)


def started(code: str) -> TrainingRun:
    run = TrainingRun(job(), work=program(code))
    run.start()
    return run


def ended(code: str) -> TrainingRun:
    run = started(code)
    assert run.wait(END_SECONDS)
    return run


def test_a_run_is_followed_as_it_happens():
    run = started("say('rolled_back', message='Back to epoch 1.')\n" + STEP + "sleep(60)")
    assert run.status.phase == "starting"
    assert "Keras" in run.status.message
    wait_until(lambda: run.status.phase == "training")
    status = run.status
    assert (status.epoch, status.epochs, status.step, status.steps) == (1, 2, 3, 9)
    assert (status.train_loss, status.characters_per_second, status.seconds_left) == (2.5, 9e4, 7.0)
    assert [event["event"] for event in status.events] == ["rolled_back"]
    run.cancel()
    assert run.status.phase == "stopping"
    assert status.phase == "training"  # a status that was read stays as it was
    assert run.wait(END_SECONDS)
    assert run.status.phase == "cancelled"
    run.start()  # a run that is over does not start again
    assert run.status.phase == "cancelled"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("os._exit(3)", "its process ended with exit code 3 (it left no message)"),
        ("print('It burns.')\nos._exit(1)", "its process ended with exit code 1 (It burns.)"),
        ("os.kill(os.getpid(), signal.SIGTERM)", "its process was ended by signal 15 (Terminated)"),
        ("from charlstm.errors import TrainingError\nraise TrainingError('It is {n}.', n=1)", "It is 1;"),
        ("raise KeyError('no such number')", "exit code 1 (KeyError: 'no such number')"),
        ("say('saved')", "its news cannot be read"),
    ],
)
def test_a_failure_is_told_in_one_sentence(code, reason):
    status = ended(STEP + code).status
    assert status.phase == "failed"
    assert status.message.startswith("Training failed: ")
    assert reason in status.message
    assert status.message.endswith("; the model is as it was before.")


def test_a_process_that_cannot_be_started_is_a_failure(monkeypatch, tmp_path):
    monkeypatch.setattr(process, "COMMAND", (str(tmp_path / "no-such-python"),))
    run = TrainingRun(job())
    run.start()
    assert run.wait(END_SECONDS)
    assert "its process could not be started (No such file or directory)" in run.status.message


@pytest.mark.parametrize(
    "code",
    ["sleep(60)", "os.kill(os.getpid(), signal.SIGSTOP)", "while True: say('step', epoch=1, step=1, steps=9)"],
    ids=["deaf", "frozen", "talkative"],
)
def test_cancelling_ends_the_worker_whatever_it_does(code):
    run = started(STEP + code)
    wait_until(lambda: run.status.phase == "training")
    run.cancel()
    run.cancel()  # twice is once
    assert run.wait(END_SECONDS)
    assert run.status.phase == "cancelled"


def test_cancelling_right_after_the_start():
    run = started("sleep(60)")
    run.cancel()
    assert run.wait(END_SECONDS)
    assert run.status.phase == "cancelled"


def test_a_job_opens_no_port():
    run = started(STEP + "sleep(60)")
    wait_until(lambda: run.status.phase == "training")
    assert not psutil.Process(run.process).net_connections("inet")
    run.cancel()
    assert run.wait(END_SECONDS)


def test_what_is_missing_to_train_is_named(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "left_over").mkdir()
    for missing in ("no_such_backend", "left_over"):
        monkeypatch.setenv("KERAS_BACKEND", missing)
        reason = training_unavailable(None)
        assert f"{missing}, which Python 3." in reason
        assert reason.endswith(f"pip install {missing}")
        assert training_unavailable("tcp://far") is None  # whose workers have what it takes
    (tmp_path / "left_over").rmdir()


def test_what_the_extra_brings_is_named_by_it(monkeypatch):
    monkeypatch.setattr(cluster, "_is_installed", lambda package: package == "keras")
    assert "needs TensorFlow, which" in training_unavailable(None)
    assert "needs Dask, which" in training_unavailable("tcp://far")
    assert training_unavailable("tcp://far").endswith('pip install "charlstm[train]"')


def test_the_server_side_imports_neither_keras_nor_dask_before_a_run():
    code = (
        "import sys, charlstm.training.queue as queue; queue.TrainingQueue()\n"
        "sys.exit(bool({'keras', 'tensorflow', 'streamlit', 'distributed', 'dask'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_epochs_that_were_taken_are_gone_but_counted():
    run = TrainingRun(job())
    run.epochs = ("first", "second")
    assert run.take_epochs() == ("first", "second")
    assert run.take_epochs() == ()
    run.cancel()
    assert run.status.message == "Training was stopped; the 2 finished epochs are kept."


def test_killed_by_hand():
    run = started(STEP + "sleep(60)")
    wait_until(lambda: run.status.phase == "training")
    assert training_workers() == [run.process]
    os.kill(run.process, signal.SIGKILL)
    assert run.wait(END_SECONDS)
    assert "its process was killed, perhaps because memory ran out; " in run.status.message
