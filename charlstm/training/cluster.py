"""A job on a cluster of Dask, by the address of its scheduler; and what this machine lacks for a job.

Dask is imported with the first job that goes to a cluster, Keras never.
"""

import importlib.util
import os
import pickle
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from charlstm.errors import Message, TrainingError, joined
from charlstm.training.process import KILLED
from charlstm.training.worker import TrainingJob, Work, train_job

SCHEDULER_VARIABLE = "CHARLSTM_SCHEDULER"
NEWS_SECONDS = 0.1  # between two looks
PLACE_SECONDS = 1.0
CONNECT_SECONDS = 10  # a scheduler on a busy machine takes a while
STOP_PATIENCE_SECONDS = 1.0  # between asking a worker to stop and killing its process
LOST = Message("the connection to the scheduler was lost")
QUIET = {"distributed.admin.large-graph-warning-threshold": "1GiB"}  # a text is part of its job
PACKAGES = {
    "distributed": "Dask",
    "keras": "Keras",
    "tensorflow": "TensorFlow",
    "jax": "JAX",
    "torch": "PyTorch",
}


def scheduler_address() -> str | None:
    """Of the cluster to train on; None for this machine."""
    return os.environ.get(SCHEDULER_VARIABLE) or None


def training_unavailable(scheduler: str | None) -> str | None:
    """Why no job can begin on a cluster, or here where there is None, a `Message`; None if it can. Imports nothing."""
    needed = ["distributed"] if scheduler else ["keras", os.environ.get("KERAS_BACKEND") or "tensorflow"]
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


def run_on_cluster(
    job: TrainingJob, stopping: threading.Event, scheduler: str, work: Work = train_job
) -> Iterator[dict[str, Any]]:
    """Trains on a worker of a cluster and gives the events of `work` as they happen.

    `waiting` with its `place` may come first. Once `stopping` is set it ends within two seconds, whatever the worker
    does.

    Args:
        job: What to train.
        stopping: Set by the caller, from another thread.
        scheduler: Its address, `tcp://…` or `tls://…`.
        work: Done by the worker, which finds it by its name.

    Raises:
        TrainingError: It failed.
    """
    import dask
    import distributed

    dask.config.set(QUIET)
    with _client(scheduler) as client:
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
            elif worker is not None:  # Dask tries again, from the start
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
    """Asks a job to end, and ends the process of a worker that does not."""
    future.cancel()
    if worker is None:
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
        os.kill(dask_worker.pid, 9)  # SIGKILL, which has no name on Windows


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
def _client(address: str) -> Iterator[Any]:
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
