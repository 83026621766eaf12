"""Who trains now and who waits: a few workers for all sessions of a server. Knows runs, nothing of what they train."""

import atexit
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from charlstm.errors import TrainingError
from charlstm.training.cluster import scheduler_address
from charlstm.training.run import TrainingRun
from charlstm.training.worker import TrainingJob, Work, train_job

UNLIMITED = 1_000
OWNER_CHECK_SECONDS = 1.0
OWNER_GRACE_SECONDS = 5.0  # a browser that reconnects, or reloads the page, is gone for a moment


@dataclass
class _Entry:
    run: TrainingRun
    alive: Callable[[], bool]
    seen_at: float  # on the monotonic clock, when the owner was last alive


class TrainingQueue:
    """Starts runs in the order in which they came, at most `max_workers` at a time. Make one a server.

    Args:
        max_workers: None for 1, or for no limit where the jobs go to a scheduler that knows its workers.
        work: Done by a worker, see `TrainingRun`.
    """

    def __init__(self, max_workers: int | None = None, work: Work = train_job) -> None:
        self._scheduler, self._work = scheduler_address(), work
        self.max_workers = max_workers or (UNLIMITED if self._scheduler else 1)
        self._lock = threading.Lock()
        self._entries: list[_Entry] = []  # of all active runs, in the order in which they came
        self._closed = threading.Event()
        atexit.register(self.close)
        threading.Thread(target=self._watch_owners, daemon=True).start()

    def start(self, job: TrainingJob, alive: Callable[[], bool] | None = None) -> TrainingRun:
        """Queues a run, which starts as soon as a worker is free; its `status` says where it stands.

        Args:
            job: What to train.
            alive: Asked about once a second whether the run still has an owner; a run without one is cancelled within
                ten seconds. None means that it always has.

        Raises:
            TrainingError: The queue is closed.
        """
        run = TrainingRun(job, self._advance, self._scheduler, self._work)
        with self._lock:
            if self._closed.is_set():
                raise TrainingError("The server is shutting down and trains no more.")
            self._entries.append(_Entry(run, alive or (lambda: True), time.monotonic()))
        self._advance()
        return run

    def close(self) -> None:
        """Cancels all runs and waits, about two seconds at most, until their processes are gone."""
        with self._lock:
            self._closed.set()
            runs = [entry.run for entry in self._entries]
        for run in runs:
            run.cancel()
        for run in runs:
            run.wait(3)
        atexit.unregister(self.close)

    def _advance(self, _run: TrainingRun | None = None) -> None:
        """Starts whom there is a worker for, and tells the others their places."""
        with self._lock:
            self._entries = [entry for entry in self._entries if entry.run.status.active]
            runs = [entry.run for entry in self._entries]
            for place, run in enumerate(runs[self.max_workers :], start=1):
                run.set_place(place)
            if self._closed.is_set():
                return
        for run in runs[: self.max_workers]:
            run.start()  # does nothing where it was started or cancelled before

    def _watch_owners(self) -> None:
        while not self._closed.wait(OWNER_CHECK_SECONDS):
            with self._lock:
                entries = list(self._entries)
            now = time.monotonic()
            for entry in reversed(entries):  # who waits goes first, or would start in the place of who trained
                if _is_alive(entry):
                    entry.seen_at = now
                elif now - entry.seen_at > OWNER_GRACE_SECONDS:
                    entry.run.cancel()


def _is_alive(entry: _Entry) -> bool:
    try:
        return entry.alive()
    except Exception:  # an owner that cannot be asked, such as a session of a server that is shutting down
        return False
