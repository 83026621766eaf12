"""A job in a process of its own on this machine: what is said goes through its pipes, and nothing lies on the disk.

Training takes hundreds of megabytes and seconds of importing, and may crash: none of that touches the server. The job
goes in by standard input, whose end then says that the server is gone; events come back by standard output; the last
lines of standard error tell why a process died.
"""

import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from charlstm.errors import Message, TrainingError, message_of
from charlstm.training.worker import TrainingJob, Work

MODULE = "charlstm.training.process"
COMMAND = (sys.executable, "-P", "-m", MODULE)  # -P: a keras.py in the current folder is not Keras
SEARCHED = str(Path(__file__).resolve().parents[2])  # where the process finds this package
ENVIRONMENT = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_NUM_INTRAOP_THREADS": "2", "TF_NUM_INTEROP_THREADS": "2"}
LAST_LINES = 20
POLL_SECONDS = 0.1
KILLED = Message("its process was killed, perhaps because memory ran out")


def run_here(job: TrainingJob, stopping: threading.Event, work: Work) -> Iterator[dict[str, Any]]:
    """Trains in a process of its own and gives the events of `work` as they happen.

    When it ends, or is closed, no process is left.

    Args:
        job: What to train.
        stopping: Set by the caller, from another thread; the process is then killed at once.
        work: Done by the process, which finds it by its name.

    Raises:
        TrainingError: It failed.
    """
    process = _started()
    last_lines: deque[bytes] = deque(maxlen=LAST_LINES)
    reader = threading.Thread(target=last_lines.extend, args=[process.stderr], daemon=True)
    reader.start()
    threading.Thread(target=_kill_when_asked, args=[process, stopping], daemon=True).start()
    try:
        yield {"event": "begun", "process": process.pid}
        yield from _hear(process, job, work)
    except (OSError, EOFError, pickle.UnpicklingError):  # it died, perhaps in the middle of a word
        exit_code = process.wait()
        reader.join()
        if not stopping.is_set():
            raise TrainingError(_cause_of_death(exit_code, last_lines)) from None
        yield {"event": "cancelled"}
    finally:
        process.kill()
        process.wait()
        reader.join()
        for pipe in filter(None, (process.stdin, process.stdout, process.stderr)):
            with suppress(OSError):
                pipe.close()


def _started() -> subprocess.Popen[bytes]:
    paths = filter(None, [SEARCHED, os.environ.get("PYTHONPATH")])
    environment, pipe = ENVIRONMENT | os.environ | {"PYTHONPATH": os.pathsep.join(paths)}, subprocess.PIPE
    try:
        return subprocess.Popen(  # in a session of its own: Ctrl-C in the server's terminal is the server's to handle
            COMMAND, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise TrainingError(Message("its process could not be started ({reason})", reason=reason)) from error


def _kill_when_asked(process: subprocess.Popen[bytes], stopping: threading.Event) -> None:
    """Runs in a thread: the one that follows the process waits for what it says."""
    while process.poll() is None:
        if stopping.wait(POLL_SECONDS):
            process.kill()


def _hear(process: subprocess.Popen[bytes], job: TrainingJob, work: Work) -> Iterator[dict[str, Any]]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(pickle.dumps((work, job)))
    process.stdin.flush()
    while (event := pickle.load(process.stdout))["event"] != "over":
        yield event
    if reason := event["reason"]:
        raise TrainingError(reason)


def _cause_of_death(exit_code: int, last_lines: deque[bytes]) -> str:
    if exit_code == -9:
        return KILLED
    if exit_code < 0:
        name = signal.strsignal(-exit_code)
        return Message("its process was ended by signal {number} ({name})", number=-exit_code, name=name)
    lines = (line.decode(errors="replace").strip() for line in reversed(last_lines))
    last = next(filter(None, lines), Message("it left no message"))
    return Message("its process ended with exit code {code} ({last})", code=exit_code, last=last)


def main() -> None:
    """Does the work that standard input asks for; what is printed meanwhile goes to standard error."""
    said = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def emit(event: dict[str, Any]) -> None:
        pickle.dump(event, said)
        said.flush()

    work, job = pickle.load(sys.stdin.buffer)
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    reason = ""
    try:
        work(job, emit, lambda: False)
    except TrainingError as error:
        reason = message_of(error)
    emit({"event": "over", "reason": reason})


def _end_with_the_server() -> None:
    """Runs in a thread, since the main one may be deep inside Keras."""
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    try:
        main()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)  # all is said; TensorFlow takes 3 seconds to leave in good order
