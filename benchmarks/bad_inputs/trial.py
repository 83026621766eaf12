"""What every kind shares: a case is made and given, and its time and its memory are measured. Linux only."""

import faulthandler
import hashlib
import os
import random
import signal
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from charlstm.errors import CharLSTMError

SECONDS, MEGABYTES = 2.0, 200.0  # of processor and memory that a case may take at the most
PATIENCE_SECONDS = 100.0  # after which a case counts as stuck, whatever else the machine does


class Kind(ABC):
    """One kind of bad input; open it as a context before cases are given.

    Attributes:
        name: As on the command line.
        cases: Of a long run.
        pid: The process whose processor and memory count.
        watched: Folders in which no case may change a file.
    """

    name: str
    cases: int
    pid: int
    watched: Sequence[Path] = ()

    def __enter__(self) -> "Kind":
        self.pid = os.getpid()
        return self

    def __exit__(self, *reason: object) -> None:  # noqa: B027 (a kind that makes nothing has nothing to end)
        """Ends and removes what entering made."""

    @abstractmethod
    def make(self, rng: random.Random) -> Any:
        """One case; all chance is the generator's."""

    @abstractmethod
    def give(self, case: Any) -> None:
        """Gives the case to the product. An error of the package or a plain `ValueError` is a refusal."""


@dataclass
class Count:
    """What came of the cases of a kind.

    Attributes:
        cases: Given.
        refused: With a sentence.
        failed: What went wrong, by the number of the case: a traceback, too slow, too large.
        seconds: Of the slowest case.
        megabytes: Of the largest: how far it raised the memory of the process.
        changed: Files that are not as they were.
    """

    cases: int = 0
    refused: int = 0
    failed: dict[int, str] = field(default_factory=dict)
    seconds: float = 0.0
    megabytes: float = 0.0
    changed: list[str] = field(default_factory=list)


class StuckError(BaseException):
    """A case that took too long; no handler of the product is to catch it."""


def run(kind: Kind, numbers: Sequence[int], seed: int = 0) -> Count:
    """Gives the cases of these numbers, until Ctrl-C; the kind is open already."""
    count = Count()
    before = _fingerprints(kind.watched)
    with suppress(KeyboardInterrupt):
        for number in numbers:
            _try(kind, number, kind.make(random.Random(f"{kind.name} {seed} {number}")), count)
    after = _fingerprints(kind.watched)
    count.changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return count


def _try(kind: Kind, number: int, case: Any, count: Count) -> None:
    _reset_peak(kind.pid)
    base, start = _memory(kind.pid, "VmRSS"), _processor_seconds(kind.pid)
    why = _given(kind, case)
    seconds, megabytes = _processor_seconds(kind.pid) - start, _memory(kind.pid, "VmHWM") - base
    count.cases += 1
    count.refused += why == ""
    count.seconds, count.megabytes = max(count.seconds, seconds), max(count.megabytes, megabytes)
    if not why and (seconds > SECONDS or megabytes > MEGABYTES):
        why = f"{seconds:.1f} s, {megabytes:.0f} MB"
    if why:
        count.failed[number] = f"{why}: {repr(case)[:300]}"


def _given(kind: Kind, case: Any) -> str | None:
    """What went wrong; empty for a refusal, None for nothing."""
    try:
        with _patience():
            kind.give(case)
    except (Exception, StuckError) as error:
        if isinstance(error, CharLSTMError) or type(error) is ValueError:
            return ""
        return f"{type(error).__name__}: {str(error)[:300]}"
    return None


@contextmanager
def _patience() -> Iterator[None]:
    """Ends what waits for ever; what does not even hear that ends the process, with a traceback."""

    def stop(*_: object) -> None:
        raise StuckError(f"over {PATIENCE_SECONDS:.0f} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE_SECONDS)
    faulthandler.dump_traceback_later(6 * PATIENCE_SECONDS, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _reset_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # VmHWM begins anew at VmRSS


def _memory(pid: int, key: str) -> float:
    """In megabytes, from /proc."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split(f"{key}:")[1].split()[0]) * 1024 / 1e6


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _fingerprints(folders: Sequence[Path]) -> dict[str, str]:
    files = (
        path for folder in folders for path in folder.rglob("*") if path.is_file() and "__pycache__" not in str(path)
    )
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
