"""A training run as a session sees it: start it, follow it, end it. Knows neither Dask nor Keras nor Streamlit."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from charlstm.errors import Message, TrainingError, message_of
from charlstm.network.model_file import SavedEpoch
from charlstm.training.cluster import run_on_cluster
from charlstm.training.process import run_here
from charlstm.training.status import TrainingStatus
from charlstm.training.worker import TrainingJob, Work, train_job

STARTING = Message("Starting the training process; loading Keras takes some seconds.")


def run_job(
    job: TrainingJob, stopping: threading.Event, scheduler: str | None = None, work: Work = train_job
) -> Iterator[dict[str, Any]]:
    """Trains on a cluster, or in a process on this machine; gives the events of `work` as they happen."""
    return run_on_cluster(job, stopping, scheduler, work) if scheduler else run_here(job, stopping, work)


class TrainingRun:
    """One training run on a worker. Its methods return at once and may be called from any thread.

    Args:
        job: What to train.
        when_over: Called once with the run, when it has ended and its process is gone.
        scheduler: Address of the cluster to train on; None for this machine.
        work: Done by the worker.

    Attributes:
        status: Replaced as things happen, never changed.
        epochs: Those finished so far and not taken yet; kept whatever happens afterwards.
        process: Id of the worker's process; None before it is there.
    """

    def __init__(
        self,
        job: TrainingJob,
        when_over: Callable[["TrainingRun"], None] = lambda run: None,
        scheduler: str | None = None,
        work: Work = train_job,
    ) -> None:
        self.job = job
        self.status = TrainingStatus(epochs=job.epochs)
        self.epochs: tuple[SavedEpoch, ...] = ()
        self.process: int | None = None
        self._taken = 0
        self._when_over, self._scheduler, self._work = when_over, scheduler, work
        self._lock = threading.Lock()  # held while status or epochs change
        self._stopping = threading.Event()
        self._over = threading.Event()

    def start(self) -> None:
        """Starts it, unless it was started or cancelled before."""
        with self._lock:
            if self.status.phase != "queued":
                return
            self.status = replace(self.status, phase="starting", place=None, message=STARTING)
        threading.Thread(target=self._follow, daemon=True).start()

    def cancel(self) -> None:
        """Ends the run within two seconds; finished epochs are kept. A waiting run ends at once."""
        with self._lock:
            was = self.status.phase
            if self.status.active:
                self.status = replace(self.status, phase="stopping", place=None, message=Message("Stopping."))
        if was == "queued":
            self._end("cancelled")
        self._stopping.set()

    def take_epochs(self) -> tuple[SavedEpoch, ...]:
        """Those finished since it was last asked; from then on they are the caller's to keep."""
        with self._lock:
            taken, self.epochs = self.epochs, ()
            self._taken += len(taken)
        return taken

    def wait(self, timeout: float | None = None) -> bool:
        """Whether the run is over, waiting up to `timeout` seconds for it."""
        return self._over.wait(timeout)

    def set_place(self, place: int) -> None:
        """Notes the place in the queue."""
        with self._lock:
            if self.status.phase in ("queued", "starting"):
                message = Message("Waiting in the queue, place {place}.", place=place)
                self.status = replace(self.status, place=place, message=message)

    def _follow(self) -> None:
        """Runs in a thread of its own."""
        phase, reason = "done", ""
        try:
            for event in run_job(self.job, self._stopping, self._scheduler, self._work):
                self._hear(event)
                phase = "cancelled" if event["event"] == "cancelled" else phase
        except TrainingError as error:
            phase, reason = "cancelled" if self._stopping.is_set() else "failed", message_of(error)
        except Exception as error:  # a run whose thread died silently would seem to train forever
            phase, reason = "failed", Message("its news cannot be read ({reason})", reason=message_of(error))
        self._end(phase, reason)

    def _hear(self, event: dict[str, Any]) -> None:
        if event["event"] == "waiting":
            self.set_place(event["place"])
            return
        with self._lock:
            if event["event"] == "begun":
                self.process = event["process"]
                if self.status.phase == "starting":
                    self.status = replace(self.status, place=None, message=STARTING)
            elif event["event"] == "saved":
                self.epochs = (*self.epochs, event["saved"])
            elif event["event"] not in ("done", "cancelled"):
                self.status = self.status.after(event)

    def _end(self, phase: str, reason: str = "") -> None:
        count = self._taken + len(self.epochs)
        kept = Message("the finished epoch is kept") if count else Message("the model is as it was before")
        kept = Message("the {count} finished epochs are kept", count=count) if count > 1 else kept
        message = {
            "done": Message("Training is done."),
            "cancelled": Message("Training was stopped; {kept}.", kept=kept),
            "failed": Message("Training failed: {reason}; {kept}.", reason=reason, kept=kept),
        }[phase]
        with self._lock:
            self.status = replace(self.status, phase=phase, place=None, seconds_left=None, message=message)
        self._when_over(self)
        self._over.set()
