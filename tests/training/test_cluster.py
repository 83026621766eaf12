"""Jobs on a cluster that was there before: a scheduler and a worker, each a process of its own, behind TLS."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from server import free_port
from workers import END_SECONDS, dask_cluster, job, program, wait_until

from charlstm.__main__ import main
from charlstm.network.registry import load_model
from charlstm.training.cluster import training_unavailable
from charlstm.training.run import TrainingRun

unavailable = training_unavailable(None) or training_unavailable("tls://far")
pytestmark = pytest.mark.skipif(unavailable is not None, reason=f"{unavailable}")
PATIENCE_SECONDS = 90
STEP = "say('step', epoch=1, step=3, steps=9)\n"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """The address of a scheduler with one worker."""
    with dask_cluster(tmp_path_factory.mktemp("cluster")) as (address, _):
        yield address


def begun(code: str, scheduler: str) -> TrainingRun:
    run = TrainingRun(job(), scheduler=scheduler, work=program(STEP + code))
    run.start()
    return run


def test_a_cluster_trains_and_carries_on(cluster):
    first = TrainingRun(job(), scheduler=cluster)
    first.start()
    assert first.wait(PATIENCE_SECONDS)
    assert first.status.phase == "done", first.status.message
    assert [epoch.metadata.epoch for epoch in first.epochs] == [1, 2]


def test_the_command_line_trains_on_a_cluster_and_writes_here(cluster, tmp_path, capsys):
    text, out = tmp_path / "prose.txt", tmp_path / "prose.keras"
    text.write_text(job().corpus.text)
    command = ["train", "--corpus", str(text), "--scheduler", cluster, "--out", str(out)]
    assert main([*command, "--epochs", "2", "--units", "8", "--snapshots", str(tmp_path), "--json"]) == 0
    said = capsys.readouterr()
    assert [json.loads(line)["epoch"] for line in said.out.splitlines()] == [1, 2]
    assert "Done: " in said.err
    kept = {path.name for path in tmp_path.glob("epoch-*")}
    assert {"epoch-000.keras", "epoch-001.keras", "epoch-002.keras"} < kept  # and fractions of the first
    assert main([*command, "--epochs", "1", "--resume", str(out)]) == 0
    assert load_model(out).metadata.epoch == 3
    assert main([*command[:-3], f"tcp://127.0.0.1:{free_port()}", *command[-2:], "--epochs", "1"]) == 2
    assert "Training failed: no Dask scheduler answers at " in capsys.readouterr().err


def test_on_a_cluster_one_waits_for_a_worker_and_sees_ones_place(cluster):
    runs = [begun("while not cancelled(): sleep(0.01)\nsay('cancelled')", cluster)]
    wait_until(lambda: runs[0].status.phase == "training")
    for place in (1, 2):
        runs.append(begun("sleep(60)", cluster))
        wait_until(lambda place=place: runs[-1].status.place == place)
    runs[1].cancel()
    assert runs[1].wait(END_SECONDS)
    runs[0].cancel()
    wait_until(lambda: runs[2].status.phase == "training")
    assert runs[0].wait(END_SECONDS)
    os.kill(runs[2].process, signal.SIGSTOP)
    runs[2].cancel()
    assert runs[2].wait(END_SECONDS)
    wait_until(lambda: not Path(f"/proc/{runs[2].process}").exists())
    assert [run.status.phase for run in runs] == ["cancelled"] * 3
    assert runs[0].process == runs[2].process  # one that stops when asked is not killed


def test_on_a_cluster_a_killed_worker_is_told_and_another_takes_its_place(cluster):
    run = begun("while not cancelled(): sleep(0.01)", cluster)
    wait_until(lambda: run.status.phase == "training")
    os.kill(run.process, signal.SIGKILL)
    assert run.wait(END_SECONDS)
    assert "its process was killed" in run.status.message
    after = begun("say('done')", cluster)
    assert after.wait(END_SECONDS)
    assert after.status.phase == "done"


def test_a_session_of_a_server_that_vanishes_frees_its_worker(cluster, tmp_path):
    code = (
        "import sys, dask\nfrom workers import *\nfrom charlstm.training.run import TrainingRun\n"
        f"dask.config.set({tls_settings()!r})\n"
        "run = TrainingRun(job(), scheduler=sys.argv[1], work=program('while not cancelled(): sleep(0.01)'))\n"
        "run.start()\nwait_until(lambda: run.process)\nprint(flush=True)\nrun.wait()"
    )
    with subprocess.Popen((sys.executable, "-c", code, cluster), stdout=subprocess.PIPE) as server:
        assert server.stdout.readline() == b"\n"
        server.kill()
    after = begun("say('done')", cluster)
    assert after.wait(END_SECONDS)
    assert after.status.phase == "done"


def test_a_scheduler_that_is_not_there_or_asks_for_a_certificate_is_told(cluster):
    for address in (f"tcp://127.0.0.1:{free_port()}", cluster.replace("tls", "tcp"), "nonsense"):
        run = begun("", address)
        assert run.wait(END_SECONDS)
        assert f"no Dask scheduler answers at {address} (" in run.status.message


def test_a_scheduler_that_is_lost_is_told(tmp_path_factory):
    with dask_cluster(tmp_path_factory.mktemp("lost")) as (address, scheduler):
        run = begun("sleep(60)", address)
        wait_until(lambda: run.status.phase == "training")
        scheduler.kill()
        assert run.wait(END_SECONDS)
        assert "the connection to the scheduler was lost" in run.status.message


def tls_settings() -> dict[str, str]:
    import dask

    return {
        f"distributed.comm.tls.{name}": dask.config.get(f"distributed.comm.tls.{name}")
        for name in ("ca-file", "client.cert", "client.key")
    }
