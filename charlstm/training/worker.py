"""The training process as the server sees it: start it, follow it, end it. Imports neither Keras nor Streamlit.

Training has a process of its own (`worker_main`), so that its crashes, its 600 MB of TensorFlow and its seconds of
importing never touch the server. The job goes in as files in a private folder, what happens comes back as JSON lines,
and each finished epoch is a model file that is read into memory and deleted. The child's standard input is its
lifeline: a line on it asks the child to stop, and its end says that the server is gone.
"""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from charlstm.errors import Message, joined, message_of, unpack
from charlstm.network.model_file import SavedEpoch, read_metadata
from charlstm.training.job_folder import TrainingJob, make_job_folder, remove_job_folder
from charlstm.training.status import TrainingStatus

# -P: a keras.py in the current folder is not Keras
COMMAND = (sys.executable, "-P", "-m", "charlstm.training.worker_main")
ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_NUM_INTRAOP_THREADS": "2",
    "TF_NUM_INTEROP_THREADS": "2",
    "OPENBLAS_NUM_THREADS": "1",
}
STOP_PATIENCE_SECONDS = 1.0  # between asking and SIGTERM
TERM_PATIENCE_SECONDS = 0.4  # between SIGTERM and SIGKILL
EXIT_PATIENCE_SECONDS = 10.0  # between the worker's last word and its end
TAIL_LINES, TAIL_LINE_BYTES = 20, 500  # of standard error, for the message when the worker dies
PACKAGES = {"keras": "Keras", "tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}


def training_unavailable(environ: Mapping[str, str] = os.environ) -> str | None:
    """Why this machine cannot train, a `Message`; None where it can. Imports nothing."""
    packages = ("keras", environ.get("KERAS_BACKEND") or "tensorflow")
    missing = [package for package in packages if not _is_installed(package)]
    if not missing:
        return None
    names = joined("{first} and {second}", [PACKAGES.get(package, package) for package in missing])
    others = [package for package in missing if package not in ("keras", "tensorflow")]  # a backend of one's own choice
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


class TrainingRun:
    """One training run in a process of its own. Its methods return at once and may be called from any thread.

    Args:
        job: What to train.
        when_over: Called once with the run, when it has ended and neither process nor file is left.
        command: Runs the worker; the job folder is appended to it.

    Attributes:
        status: Replaced as things happen, never changed.
        epochs: Those finished so far and not taken yet; kept whatever happens afterwards.
    """

    def __init__(
        self,
        job: TrainingJob,
        when_over: Callable[["TrainingRun"], None] | None = None,
        command: tuple[str, ...] = COMMAND,
    ) -> None:
        self.job = job
        self.status = TrainingStatus(epochs=job.epochs)
        self.epochs: tuple[SavedEpoch, ...] = ()
        self._taken = 0
        self._when_over = when_over
        self._command = command
        self._lock = threading.Lock()  # held while status or epochs change
        self._stopping = threading.Event()
        self._over = threading.Event()
        self._last_word: dict[str, Any] = {}
        self._tail: deque[bytes] = deque(maxlen=TAIL_LINES)

    def start(self) -> None:
        """Starts the process, unless the run was started or cancelled before."""
        try:
            with self._lock:
                if self.status.phase != "queued":
                    return
                message = Message("Starting the training process; loading Keras takes some seconds.")
                self.status = replace(self.status, phase="starting", place=None, message=message)
                self._spawn()
        except Exception as error:  # whoever made room for this run is not to blame
            reason = getattr(error, "strerror", None) or str(error)
            self._end("failed", Message("its process could not be started ({reason})", reason=reason))

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
        """Notes the place in the queue, for the queue to call."""
        with self._lock:
            if self.status.phase == "queued":
                message = Message("Waiting in the queue, place {place}.", place=place)
                self.status = replace(self.status, place=place, message=message)

    def _spawn(self) -> None:
        self._folder = make_job_folder(self.job)
        try:
            self._process = subprocess.Popen(
                (*self._command, str(self._folder)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=_environment(self._folder),
                start_new_session=True,  # Ctrl-C in the server's terminal is the server's to handle
            )
        except BaseException:
            remove_job_folder(self._folder)
            raise
        pipes = self._process.stdin, self._process.stdout, self._process.stderr
        self._orders, self._news, self._errors = (pipe for pipe in pipes if pipe is not None)
        self._tail_reader = threading.Thread(target=self._keep_tail, daemon=True)
        self._tail_reader.start()
        threading.Thread(target=self._follow, daemon=True).start()
        threading.Thread(target=self._stop_when_asked, daemon=True).start()  # at exit it would be too late to start one

    def _follow(self) -> None:
        """Runs in a thread: hears the worker out, then clears up after it."""
        try:
            for line in self._news:
                self._hear(line)
                if self._last_word:
                    break
            self._process.wait(EXIT_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            pass  # all is said; a worker that hangs after that is killed
        except Exception as error:  # a run whose reader died silently would seem to train forever
            message = Message("its news cannot be read ({reason})", reason=message_of(error))
            self._last_word = {"event": "failed", "message": message}
        self._process.kill()
        self._process.wait()
        self._stopping.set()  # lets the thread that waits for it go
        self._tail_reader.join()
        for pipe in (self._orders, self._news, self._errors):
            with suppress(OSError):
                pipe.close()
        remove_job_folder(self._folder)
        self._end(*self._outcome())

    def _keep_tail(self) -> None:
        while line := self._errors.readline(TAIL_LINE_BYTES):
            self._tail.append(line)

    def _hear(self, line: bytes) -> None:
        try:
            event = {name: unpack(value) for name, value in json.loads(line).items()}
        except ValueError:
            return  # half a line, from a process that was killed while it wrote
        if event["event"] in ("done", "cancelled", "failed"):
            self._last_word = {"message": "", **event}
            return
        if event["event"] == "saved":
            finished = self._read_epoch(self._folder / event["file"])
            with self._lock:
                self.epochs = (*self.epochs, finished)
            return
        with self._lock:
            self.status = self.status.after(event)

    def _read_epoch(self, path: Path) -> SavedEpoch:
        metadata, file = read_metadata(path), path.read_bytes()
        path.unlink()
        return SavedEpoch(str(metadata.epoch), metadata, file)

    def _stop_when_asked(self) -> None:
        """Runs in a thread: asks, then insists; 1.4 seconds after `cancel` the process is killed."""
        self._stopping.wait()
        with suppress(OSError, ValueError):  # it may be gone already
            self._orders.write(b"stop\n")
            self._orders.flush()
        for insist, patience in (
            (self._process.terminate, STOP_PATIENCE_SECONDS),
            (self._process.kill, TERM_PATIENCE_SECONDS),
        ):
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(patience)
                return
            insist()

    def _outcome(self) -> tuple[str, str]:
        """(phase, reason) of a run whose process has ended."""
        word = self._last_word.get("event")
        if word == "done":
            return "done", ""
        if word == "cancelled" or self.status.phase == "stopping":
            return "cancelled", ""
        if word == "failed":
            return "failed", self._last_word["message"]
        return "failed", _cause_of_death(self._process.returncode, self._tail)

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
        if self._when_over is not None:
            self._when_over(self)
        self._over.set()


def _environment(folder: Path) -> dict[str, str]:
    """Of the worker: finds this package, is quiet, has two threads, and keeps its temporary files in `folder`."""
    package_parent = str(Path(__file__).resolve().parents[2])
    paths = [package_parent, *filter(None, [os.environ.get("PYTHONPATH")])]
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
    return ENVIRONMENT | os.environ | temporary | {"PYTHONPATH": os.pathsep.join(paths)}


def _cause_of_death(exit_code: int, tail: deque[bytes]) -> str:
    if exit_code == -9:
        return Message("its process was killed, perhaps because memory ran out")
    if exit_code < 0:
        return Message(
            "its process was ended by signal {number} ({name})", number=-exit_code, name=signal.strsignal(-exit_code)
        )
    lines = [line.decode(errors="replace").strip() for line in tail]
    last = next((line for line in reversed(lines) if line), Message("it left no message"))
    return Message("its process ended with exit code {code} ({last})", code=exit_code, last=last)
