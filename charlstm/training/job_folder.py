"""The private folder of one training run: made by the server, written to by the worker, and never left behind.

Its name tells whose it is, `charlstm-job-PID-START-RANDOM` with the server's process id and the moment that process
began, so that a folder whose server and worker were both killed can be told from one in use and swept away later.
"""

import json
import os
import re
import shutil
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from charlstm.text.corpus import Corpus
from charlstm.training.config import TrainingConfig

JOB_FILE, START_MODEL_FILE = "job.json", "start.keras"


@dataclass(frozen=True)
class TrainingJob:
    """What to train.

    Attributes:
        corpus: The text; the end of it is held out.
        epochs: How many.
        config: How; None for the default, or for what is safe for `start_model`.
        holdout: Share of the text, at least 0 and below 1; None for the default, or the share of `start_model`.
        start_model: Bytes of the model file to carry on from; None starts from scratch.
    """

    corpus: Corpus
    epochs: int
    config: TrainingConfig | None = None
    holdout: float | None = None
    start_model: bytes | None = None


def make_job_folder(job: TrainingJob) -> Path:
    """A new folder that only this user can read, with the job in it.

    Raises:
        OSError: It cannot be written; nothing is left of it.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"charlstm-job-{os.getpid()}-{_started(os.getpid())}-"))
    try:
        members = asdict(replace(job, start_model=None))
        (folder / JOB_FILE).write_text(json.dumps(members), "utf-8")
        if job.start_model is not None:
            (folder / START_MODEL_FILE).write_bytes(job.start_model)
    except BaseException:
        remove_job_folder(folder)
        raise
    return folder


def read_job(folder: Path) -> TrainingJob:
    """The job in a folder.

    Raises:
        OSError: It cannot be read.
    """
    members = json.loads((folder / JOB_FILE).read_text("utf-8"))
    members["corpus"] = Corpus(**members["corpus"])
    members["config"] = members["config"] and TrainingConfig(**members["config"])
    start = folder / START_MODEL_FILE
    return TrainingJob(**members | {"start_model": start.read_bytes() if start.exists() else None})


def remove_job_folder(folder: Path) -> None:
    """Removes a folder with all that is in it, even while a thread is still writing there."""
    for _ in range(10):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return


def sweep_job_folders() -> None:
    """Removes what servers that are gone left behind. Where there is no /proc to ask, nothing is removed."""
    if not Path("/proc/self/stat").exists():
        return
    for folder in Path(tempfile.gettempdir()).glob("charlstm-job-*"):
        owner = re.fullmatch(r"charlstm-job-(\d+)-(\d+)-.+", folder.name)
        with suppress(FileNotFoundError):  # another server sweeps as well
            if owner and folder.lstat().st_uid == os.getuid() and _started(int(owner[1])) != int(owner[2]):
                remove_job_folder(folder)


def _started(pid: int) -> int:
    """When a process began, in clock ticks since the machine did; 0 where there is none, or no way to know."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    return int(stat.rpartition(")")[2].split()[19])  # field 22; the name in parentheses may hold anything
