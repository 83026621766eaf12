"""Helpers of the tests that train on workers: small programs in the place of training, and what is left over."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import psutil
from server import free_port

from charlstm.text.corpus import Corpus
from charlstm.training.config import TrainingConfig
from charlstm.training.worker import TrainingJob

END_SECONDS = 20  # for an end that takes two seconds on a quiet machine; the workers of tests sleep for longer
PROSE = "the quick brown fox jumps over the lazy dog, and the dog does not mind at all.\n" * 60


def job(**settings) -> TrainingJob:
    """A tiny job; `settings` overrule."""
    return TrainingJob(**{"corpus": Corpus("prose", PROSE), "config": TrainingConfig(units=8), "epochs": 2} | settings)


def program(code: str) -> partial[None]:
    """Runs `code` on the worker, with `say(event, **news)`, `cancelled` and `sleep` at hand."""
    return partial(_run_program, code)


def _run_program(code, job, emit, cancelled) -> None:
    def say(event, **news) -> None:
        emit({"event": event, **news})

    exec(code, {"os": os, "signal": signal, "sleep": time.sleep, "say": say, "cancelled": cancelled})


def training_workers() -> list[int]:
    """Ids of the processes below this one in which jobs run."""
    children = psutil.Process().children(recursive=True)
    return [child.pid for child in children if "charlstm.training.process" in _command(child)]


def _command(process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # it has just ended
        return []


def wait_until(condition, seconds: float = 30.0) -> None:
    """Waits until `condition()` holds.

    Raises:
        AssertionError: It does not in time.
    """
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def leaving_nothing(folder: Path, monkeypatch):
    """The body of a fixture: temporary files go to `folder`, and after the test neither file nor process is left."""
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert training_workers() == []
    assert list(folder.iterdir()) == []


@contextmanager
def dask_cluster(folder: Path, workers: int = 1):
    """A scheduler and workers as processes of their own, behind TLS: the scheduler's address and its process."""
    import dask
    from distributed import Security

    security, files = Security.temporary(), {}
    for name in ("ca_file", "client_cert", "client_key"):
        files[name] = folder / f"{name}.pem"
        files[name].write_text(getattr(security, f"tls_{name}"))
    tls = [f"--tls-ca-file={files['ca_file']}", f"--tls-cert={files['client_cert']}"]
    tls.append(f"--tls-key={files['client_key']}")
    own = {"distributed.comm.tls.ca-file": str(files["ca_file"])}
    own |= {f"distributed.comm.tls.client.{name}": str(files[f"client_{name}"]) for name in ("cert", "key")}
    port = free_port()
    address = f"tls://127.0.0.1:{port}"
    scheduler = ("-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    worker = ("-m", "distributed.cli.dask_worker", address, "--host", "127.0.0.1", "--nthreads", "1", "--no-dashboard")
    worker += ("--local-directory", str(folder), "--nworkers", str(workers))
    with ExitStack() as stack, dask.config.set(own):
        processes = []
        for command in (scheduler, worker):
            log = stack.enter_context((folder / f"{command[1]}.txt").open("w"))
            process = subprocess.Popen((sys.executable, *command, *tls), stdout=log, stderr=log)
            stack.callback(_end, process)
            processes.append(process)
        yield address, processes[0]


def tls_environment() -> dict[str, str]:
    """The same certificates for a process that is to send jobs to the `dask_cluster`."""
    import dask

    names = ("ca-file", "client.cert", "client.key")
    given = {f"distributed.comm.tls.{name}": dask.config.get(f"distributed.comm.tls.{name}") for name in names}
    return {f"DASK_{name}".upper().replace(".", "__").replace("-", "_"): value for name, value in given.items()}


def _end(process: subprocess.Popen) -> None:
    for each in (*psutil.Process(process.pid).children(recursive=True), process):
        each.kill()
    process.wait()
