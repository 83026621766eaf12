"""A small host: `python -m benchmarks.cloud` serves the page within 690 MB on one core, writes, and trains five epochs.

That is the least that Streamlit Community Cloud gives. All processes of the page share a control group of this size
where the machine lets one be made (cgroup v2, or v1 of memory), else nothing is limited and only counted; the printed
JSON object says which. One session writes one text after another all the time; another one presses Train. What is
`anonymous` no limit can take away from a process, in contrast to mapped files, such as TensorFlow's 300 MB of code.
Linux only; needs the corpus of `nietzsche`.
"""

import argparse
import asyncio
import json
import os
import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.page import ROOT, server, wait_for_server
from benchmarks.sessions import Visitor
from benchmarks.trainees import ENDS, Trainee

MEGABYTES, EPOCHS = 690, 5
LOOK_SECONDS = 0.2
WRITING_SECONDS = 25.0
CGROUPS = Path("/sys/fs/cgroup")
MB = 1024 * 1024
FILES = {  # of a control group: what limits its memory, the most that there was, and how many processes were killed
    "cgroup v2": ("memory.max", "memory.peak", "memory.events"),
    "cgroup v1": ("memory.limit_in_bytes", "memory.max_usage_in_bytes", "memory.oom_control"),
}


class Group:
    """The processes of the page, in a control group where there is one.

    Attributes:
        kind: What limits them.
    """

    def __init__(self, kind: str, folder: Path | None) -> None:
        self.kind, self.folder, self.process = kind, folder, 0
        self.peaks: dict[str, float] = {}

    def join(self) -> None:
        """Runs in a new process, which becomes one of the group, on one core."""
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        if self.folder is not None:
            (self.folder / "cgroup.procs").write_text(str(os.getpid()))

    def look(self) -> None:
        """Notes how much memory there is in use."""
        now = {"all_pss": 0.0, "all_anonymous": 0.0}
        for process in (psutil.Process(self.process), *psutil.Process(self.process).children(recursive=True)):
            try:
                rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
            except OSError:  # it has just ended
                continue
            sizes = {name: int(size) / 1024 for name, size in re.findall(r"^(\w+): +(\d+) kB", rollup, re.MULTILINE)}
            which = "server" if process.pid == self.process else "worker"
            now[f"{which}_rss"] = max(now.get(f"{which}_rss", 0), sizes.get("Rss", 0))
            now["all_pss"] += sizes.get("Pss", 0)
            now["all_anonymous"] += sizes.get("Anonymous", 0)
        self.peaks |= {name: max(size, self.peaks.get(name, 0)) for name, size in now.items()}

    def counts(self) -> dict[str, int]:
        """What the group counted."""
        if self.folder is None:
            return {}
        peak, events = FILES[self.kind][1:]
        killed = re.search(r"oom_kill (\d+)", (self.folder / events).read_text())
        return {"group_peak_megabytes": int((self.folder / peak).read_text()) // MB, "killed": int(killed[1])}


@contextmanager
def limited(megabytes: int) -> Iterator[Group]:
    """A control group beside this process's own (v2), or below it (v1); one without a limit where none can be made."""
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    own = {kind: path.strip("/") for _, kind, path in (line.split(":") for line in lines)}
    places = {
        "cgroup v2": CGROUPS / Path(own.get("", "")).parent,
        "cgroup v1": CGROUPS / "memory" / own.get("memory", ""),
    }
    for kind, place in places.items():
        folder = place / f"charlstm-{os.getpid()}"
        try:
            folder.mkdir()
        except OSError:
            continue
        try:
            if (folder / FILES[kind][0]).exists():
                (folder / FILES[kind][0]).write_text(str(megabytes * MB))
                yield Group(kind, folder)
                return
        finally:
            _remove(folder)
    yield Group("nothing, it is only counted", None)


def _remove(folder: Path) -> None:
    while True:
        try:
            folder.rmdir()
            return
        except OSError:  # a process that was killed takes a moment
            time.sleep(0.1)


async def measure(address: str, group: Group, epochs: int) -> dict:
    """Writes, and trains while it writes."""
    watching = asyncio.create_task(_watch(group))
    over = asyncio.Event()
    writer = Visitor(address, random.Random(0))
    writing = asyncio.create_task(writer.visit(over.is_set))
    await asyncio.sleep(WRITING_SECONDS)
    alone, writing_mb = list(writer.waits), dict(group.peaks)
    writer.waits.clear()
    async with Trainee(address) as trainee:
        await trainee.train(epochs)
    over.set()
    await writing
    watching.cancel()
    return {
        "while_writing_megabytes": writing_mb,
        "press_to_text_seconds_alone": max(alone),
        "press_to_text_seconds_while_training": max(writer.waits),
        "first_sign_seconds": trainee.first("^(Starting|Waiting)"),
        "first_loss_seconds": trainee.first("^Loss "),
        "end_seconds": trainee.first(ENDS),
        "end": [sentence for sentence in trainee.said if re.search(ENDS, sentence)],
        "peaks_megabytes": group.peaks,
        **group.counts(),
    }


async def _watch(group: Group) -> None:
    while True:
        group.look()
        await asyncio.sleep(LOOK_SECONDS)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cloud", description=__doc__.split("\n")[0])
    parser.add_argument("--megabytes", type=int, default=MEGABYTES)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    options = parser.parse_args()
    with limited(options.megabytes) as group, server(ROOT / "streamlit_app.py", preexec_fn=group.join) as (process, at):
        group.process = process.pid
        wait_for_server(at)
        found = asyncio.run(measure(at, group, options.epochs))
    found = {"limit_megabytes": options.megabytes, "limited_by": group.kind} | found
    print(json.dumps(found, indent=1, default=str))


if __name__ == "__main__":
    main()
