"""The training process from within: `python -m charlstm.training.worker_main FOLDER`, started by `worker`.

Reads the job in its folder, trains, and says what happens as JSON lines on standard output. Knows nothing of who
listens; it ends when they ask, or when they are gone.
"""

import json
import os
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from charlstm.errors import CharLSTMError, Message, message_of, pack
from charlstm.network.model_file import SavedEpoch
from charlstm.training.job_folder import read_job, remove_job_folder
from charlstm.training.loop import Emit
from charlstm.training.plan import make_plan

NICENESS = 10  # writing text for the audience goes first
REASON_LIMIT = 300  # characters; Keras and its backends explain themselves over pages


def main(folder: Path) -> None:
    """Trains what `folder` asks for."""
    stopping = threading.Event()
    lifeline = threading.Thread(target=_watch_lifeline, args=(folder, stopping), daemon=True)
    lifeline.start()
    emit = _open_events(lifeline)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    emit({"event": "starting"})
    try:
        _train(folder, emit, stopping.is_set)
    except Exception as error:
        traceback.print_exc()
        emit({"event": "failed", "message": _reason(error)})


def _train(folder: Path, emit: Emit, cancelled: Callable[[], bool]) -> None:
    job = read_job(folder)
    plan = make_plan(job.corpus, job.config, job.epochs, job.holdout, job.start_model)
    from charlstm.training.keras_model import train  # Keras and its backend: seconds, and hundreds of megabytes

    def save(saved: SavedEpoch, state: dict[str, bytes]) -> None:
        if saved.metadata.epoch:  # 0 is the network before it has learnt anything
            path = folder / f"epoch-{saved.label}.keras"
            path.write_bytes(saved.read_bytes())  # without the state: a third of the size, and as good to train on
            emit({"event": "saved", "file": path.name})

    train(plan, emit, save=save, cancelled=cancelled)


def _open_events(lifeline: threading.Thread) -> Emit:
    """A function that writes one event a line; whatever else prints to standard output goes to standard error."""
    events = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def emit(event: dict[str, Any]) -> None:
        try:
            events.write(json.dumps({name: pack(value) for name, value in event.items()}) + "\n")
            events.flush()
        except BrokenPipeError:
            lifeline.join()  # nobody listens any more, and that thread is about to clear up and end the process

    return emit


def _watch_lifeline(folder: Path, stopping: threading.Event) -> None:
    """Runs in a thread: a line asks to stop; the end means that the server is gone, and nothing may be left."""
    while os.read(0, 64):
        stopping.set()
    remove_job_folder(folder)
    os._exit(1)  # the main thread may be deep inside Keras


def _reason(error: Exception) -> str:
    """What went wrong, in one line."""
    if isinstance(error, CharLSTMError):
        return message_of(error)
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":  # TensorFlow's own
        return Message("memory ran out")
    if isinstance(error, OSError):
        return Message("a file could not be written ({reason})", reason=error.strerror or str(error))
    line = str(error).strip().partition("\n")[0][:REASON_LIMIT]
    return line if isinstance(error, ValueError) else f"{type(error).__name__}: {line}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    os._exit(0)  # all is said and written; TensorFlow takes 3 seconds to leave in good order
