"""Where jobs run: on workers of Dask. By default each job has a small cluster on this machine for itself.

That cluster, one scheduler in this process and one worker process, lives as long as its job: before and after there is
nothing, and no job inherits the memory of another. It listens on the loopback address alone, behind a certificate made
for the occasion, since whoever reaches a scheduler may run anything. With the address of a scheduler in
CHARLSTM_SCHEDULER jobs go there instead. Dask is imported with the first job, Keras never.
"""

import importlib.util
import logging
import os
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from charlstm.errors import Message, TrainingError, joined
from charlstm.training.loop import Emit
from charlstm.training.worker import TrainingJob, train_job

Work = Callable[[TrainingJob, Emit, Callable[[], bool]], None]

SCHEDULER_VARIABLE = "CHARLSTM_SCHEDULER"
MEMORY_LIMIT = "2GiB"  # of a worker on this machine, which is ended at 95 % of it; 512 units take 1
ENVIRONMENT = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_NUM_INTRAOP_THREADS": "2", "TF_NUM_INTEROP_THREADS": "2"}
NEWS_SECONDS = 0.1  # between two looks
PLACE_SECONDS = 1.0
CONNECT_SECONDS = 10  # a scheduler on a busy machine takes a while
STOP_PATIENCE_SECONDS = 1.0  # between asking a worker of a foreign cluster to stop and killing its process
KILLED = Message("its process was killed, perhaps because memory ran out")
LOST = Message("the connection to the scheduler was lost")
QUIET = {  # no pages for a browser, and no measuring of what takes long
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "500ms",
    "distributed.admin.large-graph-warning-threshold": "1GiB",  # a text is part of its job
}
PACKAGES = {
    "distributed": "Dask",
    "cryptography": "cryptography",
    "keras": "Keras",
    "tensorflow": "TensorFlow",
    "jax": "JAX",
    "torch": "PyTorch",
}


def scheduler_address() -> str | None:
    """Of the cluster to train on; None for this machine."""
    return os.environ.get(SCHEDULER_VARIABLE) or None


def keras_missing(*others: str) -> str | None:
    """Why this process cannot train, a `Message`; None where it can. Imports nothing.

    Args:
        others: Names of packages that are needed beside Keras and its backend.
    """
    return _missing(*others, "keras", os.environ.get("KERAS_BACKEND") or "tensorflow")


def training_unavailable(scheduler: str | None = None) -> str | None:
    """Why no job can be sent from here, a `Message`; None where one can. Imports nothing."""
    if scheduler or scheduler_address():
        return _missing("distributed")
    return keras_missing("distributed", "cryptography")


def _missing(*needed: str) -> str | None:
    missing = [package for package in needed if not _is_installed(package)]
    if not missing:
        return None
    names = joined("{first} and {second}", [PACKAGES.get(package, package) for package in missing])
    others = [package for package in missing if package in ("jax", "torch") or package not in PACKAGES]
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Message(
        "Training needs {names}, which Python {version} does not find here; everything else works. Try: pip install "
        "{packages}",
        names=names,
        version=version,
        packages=" ".join(others or ['"charlstm[train]"']),
    )


def _is_installed(package: str) -> bool:
    spec = importlib.util.find_spec(package)
    return spec is not None and spec.origin is not None  # a folder without code, left by an uninstaller, has no origin


def run_job(
    job: TrainingJob, stopping: threading.Event, scheduler: str | None = None, work: Work = train_job
) -> Iterator[dict[str, Any]]:
    """Trains elsewhere and gives the events of `train_job` as they happen; `waiting` with its `place` may come first.

    When it ends, or is closed, neither process nor file of the job is left on this machine. Once `stopping` is set it
    ends within two seconds, whatever the worker does.

    Args:
        job: What to train.
        stopping: Set by the caller, from another thread.
        scheduler: Address of a Dask scheduler, `tcp://…` or `tls://…`; None for a worker on this machine.
        work: Done by the worker; found there by its name.

    Raises:
        TrainingError: It failed.
    """
    import dask
    import distributed

    dask.config.set(QUIET)
    with _local_client() if scheduler is None else _remote_client(scheduler) as client:
        news = distributed.Queue(client=client)
        key = f"charlstm-{job.corpus.sha256[:8]}-{uuid.uuid4().hex}"
        future = client.submit(_work, work, job, news.name, key=key, pure=False)
        try:
            yield from _hear(client, news, future, stopping)
        except (OSError, RuntimeError) as error:  # of the connection: what went wrong on the worker is a TrainingError
            raise TrainingError(LOST) from error
        finally:
            with suppress(OSError, RuntimeError):
                future.cancel()
                news.close()


def _work(work: Work, job: TrainingJob, news_name: str) -> None:
    """Runs on the worker."""
    from distributed import Queue, get_client, get_worker

    worker = get_worker()
    key, news = worker.get_current_task(), Queue(news_name, client=get_client())

    def emit(event: dict[str, Any]) -> None:
        news.put(pickle.dumps(event))

    def cancelled() -> bool:
        task = worker.state.tasks.get(key)
        return task is None or task.state == "cancelled"  # so too once the client is gone

    emit({"event": "begun", "worker": worker.address, "process": os.getpid()})
    work(job, emit, cancelled)


def _hear(client: Any, news: Any, future: Any, stopping: threading.Event) -> Iterator[dict[str, Any]]:
    worker: str | None = None
    place, next_look = 0, time.monotonic() + PLACE_SECONDS
    while not stopping.wait(NEWS_SECONDS):
        if client.status != "running":
            raise OSError(client.status)
        over = future.done()  # asked first: all that was said by then is heard below
        for event in map(pickle.loads, news.get(batch=True)):
            if event["event"] != "begun":
                yield event
            elif worker is not None:  # another cluster than ours tries again, from the start
                raise TrainingError(KILLED)
            else:
                worker = event["worker"]
                yield event
        if over:
            _check(future)
            return
        if worker is None and time.monotonic() > next_look:
            next_look += PLACE_SECONDS
            before, place = place, client.run_on_scheduler(_place_of(), future.key)
            if not place:
                raise TrainingError(LOST)
            if place != before:
                yield {"event": "waiting", "place": place}
    _stop(client, news, future, worker)
    yield {"event": "cancelled"}


def _check(future: Any) -> None:
    if future.status == "finished":
        return
    if future.status != "error":
        raise TrainingError(LOST)
    error = future.exception()
    if isinstance(error, TrainingError):
        raise error
    if type(error).__name__ == "KilledWorker":
        raise TrainingError(KILLED)
    reason = str(error).partition("\n")[0] or type(error).__name__
    raise TrainingError(Message("its worker cannot train ({reason})", reason=reason))


def _stop(client: Any, news: Any, future: Any, worker: str | None) -> None:
    """Ends a job on a foreign cluster; one on this machine ends with its cluster."""
    future.cancel()
    if worker is None or client.cluster is not None:
        return
    end = time.monotonic() + STOP_PATIENCE_SECONDS
    while time.monotonic() < end:
        if any(pickle.loads(event)["event"] == "cancelled" for event in news.get(batch=True)):
            return
        time.sleep(NEWS_SECONDS)
    with suppress(OSError, ValueError):
        client.sync(client._run, _kill_worker, workers=[worker], nanny=True, callback_timeout=STOP_PATIENCE_SECONDS)


def _kill_worker(dask_worker: Any) -> None:
    """Runs in the nanny of a worker, which starts another; spares one that other jobs may be running in."""
    if dask_worker.pid and dask_worker.nthreads == 1:
        os.kill(dask_worker.pid, signal.SIGKILL)


def _place_of() -> Callable[..., int]:
    """A function that travels whole: the scheduler need not know this package."""

    def place(key: str, dask_scheduler: Any) -> int:  # jobs before it count that no worker has begun
        jobs = [task for task in dask_scheduler.tasks.values() if str(task.key).startswith("charlstm-")]
        running = {task for worker in dask_scheduler.workers.values() for task in worker.executing}
        waiting = [task for task in jobs if task not in running and task.state != "memory"]
        mine = dask_scheduler.tasks.get(key)  # gone where the scheduler was started anew
        if mine is None:
            return 0
        return 1 + len([task for task in waiting if task.priority < mine.priority])

    return place


@contextmanager
def _remote_client(address: str) -> Iterator[Any]:
    """A connection to a scheduler; Dask's own configuration names the certificates that `tls://` needs."""
    import distributed

    try:
        client = distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, RuntimeError, ValueError, TypeError) as error:
        raise TrainingError(
            Message(
                "no Dask scheduler answers at {address} (is it running, and are its certificates here?)",
                address=address,
            )
        ) from error
    try:
        yield client
    finally:
        with suppress(OSError, RuntimeError):
            client.close(CONNECT_SECONDS)


@contextmanager
def _local_client() -> Iterator[Any]:
    """A connection to a cluster of one worker on this machine, which is ended with it."""
    import distributed

    with ExitStack() as stack:
        try:
            folder = stack.enter_context(_private_folder())
            environment = {name: os.environ.get(name, value) for name, value in ENVIRONMENT.items()}
            cluster = distributed.LocalCluster(
                n_workers=1,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address=None,
                security=True,
                memory_limit=MEMORY_LIMIT,
                local_directory=folder,
                env=environment | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder),
                # a job that took all memory would do so again
                scheduler_kwargs={"allowed_failures": 0, "local_directory": folder, "dashboard_address": "127.0.0.1:0"},
                silence_logs=logging.CRITICAL,
            )
            stack.callback(cluster.close)
            client = stack.enter_context(distributed.Client(cluster, set_as_default=False))
        except (OSError, RuntimeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise TrainingError(Message("its process could not be started ({reason})", reason=reason)) from error
        stack.callback(_kill_workers, cluster)
        yield client


def _kill_workers(cluster: Any) -> None:
    """TensorFlow takes 3 seconds to leave in good order, and one that hangs does not leave at all."""
    for nanny in cluster.workers.values():
        nanny.close_gracefully()  # so that it starts no other
        with suppress(ProcessLookupError):
            if nanny.pid:
                os.kill(nanny.pid, signal.SIGKILL)


@contextmanager
def _private_folder() -> Iterator[str]:
    """For the temporary files of a worker. It goes even when this process is killed: a shell waits for that."""
    folder = tempfile.mkdtemp(prefix="charlstm-job-")
    sweep = ("sh", "-c", 'cat; sleep 1; rm -rf "$0"', folder)
    try:
        with subprocess.Popen(sweep, stdin=subprocess.PIPE, start_new_session=True) as sweeper:
            yield folder
            sweeper.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        sys.path[:] = [path for path in sys.path if not path.startswith(folder)]  # Dask puts its folders there
