"""Who trains now and who waits, with stand-ins for the jobs; the end of a server is that of real workers."""

import subprocess
import sys
import time

import pytest
from workers import job, leaving_nothing, wait_until

from charlstm.errors import TrainingError
from charlstm.training.queue import TrainingQueue


@pytest.fixture(autouse=True)
def _nothing_left(tmp_path, monkeypatch):
    yield from leaving_nothing(tmp_path, monkeypatch)


def steps_until_told(job, stopping, scheduler, work):
    """In the place of `run_job`: trains until it is asked to stop; a job of 13 epochs brings bad luck."""
    yield {"event": "step", "epoch": 1, "step": 1, "steps": 9}
    if job.epochs == 13:
        raise TrainingError("Bad luck.")
    stopping.wait()
    yield {"event": "cancelled"}


@pytest.fixture
def queue(monkeypatch):
    monkeypatch.setattr("charlstm.training.run.run_job", steps_until_told)
    queue = TrainingQueue(max_workers=1)
    yield queue
    queue.close()


def standing(runs) -> list[tuple[str, int | None]]:
    return [(run.status.phase, run.status.place) for run in runs]


def test_runs_start_in_the_order_in_which_they_came(queue):
    runs = [queue.start(job()) for _ in range(4)]
    assert standing(runs)[1:] == [("queued", 1), ("queued", 2), ("queued", 3)]
    runs[0].cancel()
    assert runs[0].wait(20)
    wait_until(lambda: runs[1].status.phase == "training")
    assert standing(runs)[2:] == [("queued", 1), ("queued", 2)]


def test_who_waits_can_leave(queue):
    runs = [queue.start(job()) for _ in range(4)]
    runs[1].cancel()
    assert runs[1].wait(0)  # at once: there is no process to end
    assert standing(runs)[1:] == [("cancelled", None), ("queued", 1), ("queued", 2)]
    assert runs[0].status.active


def test_a_run_that_fails_makes_room(queue):
    assert all(run.wait(10) for run in [queue.start(job(epochs=13)) for _ in range(3)])


@pytest.mark.parametrize(("workers", "scheduler", "training"), [(None, "", 1), (2, "", 2), (None, "tcp://far", 3)])
def test_several_workers(monkeypatch, workers, scheduler, training):
    monkeypatch.setattr("charlstm.training.run.run_job", steps_until_told)
    monkeypatch.setenv("CHARLSTM_SCHEDULER", scheduler)
    queue = TrainingQueue(workers)
    runs = [queue.start(job()) for _ in range(3)]
    wait_until(
        lambda: sorted(run.status.phase for run in runs) == ["queued"] * (3 - training) + ["training"] * training
    )
    queue.close()
    assert [run.status.phase for run in runs] == ["cancelled"] * 3


def test_who_is_gone_neither_trains_nor_waits(queue):
    present = {"trains": True, "waits": True}
    trains = queue.start(job(), alive=lambda: present["trains"])
    waits = queue.start(job(), alive=lambda: present["waits"])
    stays = queue.start(job())
    wait_until(lambda: trains.status.phase == "training")
    present.pop("trains")  # cannot even be asked
    present["waits"] = False
    end = time.monotonic() + 10
    assert trains.wait(end - time.monotonic())
    assert waits.wait(end - time.monotonic())
    wait_until(lambda: stays.status.phase == "training")


def test_who_is_away_for_a_moment_keeps_training(queue, monkeypatch):
    monkeypatch.setattr("charlstm.training.queue.OWNER_CHECK_SECONDS", 0.1)
    monkeypatch.setattr("charlstm.training.queue.OWNER_GRACE_SECONDS", 1.0)
    away_until = time.monotonic() + 0.5
    run = queue.start(job(), alive=lambda: time.monotonic() > away_until)
    assert not run.wait(2)


def test_a_closed_queue_takes_no_more(queue):
    queue.close()
    with pytest.raises(TrainingError, match="shutting down"):
        queue.start(job())


def test_the_end_of_the_server_ends_its_workers():
    code = (
        "from charlstm.training.queue import TrainingQueue\nfrom workers import job, program, wait_until\n"
        "queue = TrainingQueue(work=program('say(\"step\", epoch=1)\\nsleep(60)'))\n"
        "runs = [queue.start(job()) for _ in range(2)]\n"
        "wait_until(lambda: runs[0].status.phase == 'training')\nprint(runs[0].process)"
    )
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, timeout=20, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
