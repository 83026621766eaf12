"""Faults that are really done to the running page: `python -m benchmarks.faults [WORDS]`, those with WORDS in the name.

Each has a server of its own, with a home folder, a disk of 64 MB for temporary files and models of its own, and a
visitor in Chromium. After it what was saved has to be there and what runs to go on; what failed has to say so in a
sentence; and neither a process, nor a file, nor a traceback in the server's log may be left. Prints a row a fault.
Linux and root, as it mounts disks; that of the clock takes Debian's package libfaketime.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

import psutil
from playwright.sync_api import Page, sync_playwright

from benchmarks.page import wait_for_server
from tests.support.pages import (
    CHROMIUM_ARGUMENTS,
    choose,
    press,
    text_of,
    wait_until,
    wait_until_drawn,
    words_of,
)
from tests.support.server import free_port

ROOT = Path(__file__).resolve().parent.parent
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
SHORT = "the cat sat on the mat. a dog ran to the door and the bird sang in the tree. " * 20
LONG = SHORT * 300  # of which no epoch ends within a trial
LOADED_MB = 300  # of a worker that has Keras
PATIENCE_SECONDS = 180  # the worker is polite: others on the machine go first
END_SECONDS = 60  # for what takes two to ten on a quiet machine
PAUSE_SECONDS = 15  # of a process that is stopped and goes on


class Machine:
    """A server with a home and a disk of its own.

    Args:
        folder: For all of that.
        context: Opens pages.
    """

    def __init__(self, folder: Path, browser) -> None:
        self.home, self.temporary, self.app = folder / "home", folder / "temporary", folder / "app"
        self.log, self.clock = folder / "log", folder / "clock"
        for each in (self.home, self.temporary, self.app):
            each.mkdir()
        self.clock.write_text("+0d")
        self.models = self.app / "models" / "nietzsche"
        for name in ("charlstm", ".streamlit", "models/nietzsche"):
            shutil.copytree(ROOT / name, self.app / name)
        shutil.copy(ROOT / "streamlit_app.py", self.app)
        self._browser, self._port = browser, free_port()

    def start(self, **environment: str) -> None:
        """Starts the server."""
        own = {"HOME": str(self.home), "TMPDIR": str(self.temporary), "PYTHONDONTWRITEBYTECODE": "1"}
        own["PYTHONPATH"] = str(self.app)
        options = ("--server.address=127.0.0.1", f"--server.port={self._port}", "--server.headless=true")
        command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", *options]
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "CHARLSTM_"))}
        settings = {"cwd": self.app, "env": inherited | own | environment, "stdin": subprocess.DEVNULL}
        with self.log.open("w") as log:
            self.server = subprocess.Popen(command, stdout=log, stderr=log, **settings)
        wait_for_server(self.address)

    @property
    def address(self) -> str:
        """Of the page."""
        return f"http://127.0.0.1:{self._port}"

    def visit(self, query: str = "?speed=∞&length=100") -> Page:
        """A new visitor's page, whose memory is not that of others."""
        page = self._browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        page.goto(f"{self.address}/{query}")
        page.locator(".st-key-output").wait_for()
        wait_until_drawn(page)
        return page

    def below(self) -> list[psutil.Process]:
        """All processes that the server has started, those with the most memory first."""
        sizes = {}
        for process in psutil.Process(self.server.pid).children(recursive=True):
            with suppress(psutil.Error):
                sizes[process] = process.memory_info().rss
        return sorted(sizes, key=lambda process: -sizes[process])

    def worker(self, megabytes: int = 40) -> psutil.Process | None:
        """The process that trains; None before it has as much memory."""
        largest = next(iter(self.below()), None)
        return largest if largest and largest.memory_info().rss > megabytes * 10**6 else None

    def left(self) -> list[str]:
        """What is left that should not be, once the time for it to go is over."""
        began = time.monotonic()
        while (found := self._left()) and time.monotonic() < began + END_SECONDS:
            time.sleep(0.2)
        return found

    def _left(self) -> list[str]:
        files = [str(path.relative_to(self.temporary)) for path in self.temporary.rglob("*")]
        processes = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                mine = process.environ().get("TMPDIR", "").startswith(str(self.temporary))
                if mine and process.pid != self.server.pid and process.status() != psutil.STATUS_ZOMBIE:
                    processes.append(" ".join(process.cmdline())[:80])
        return files + processes + re.findall(r"Traceback|Error:.*", self.log.read_text(errors="replace"))


@contextmanager
def small_disk(folder: Path, megabytes: int = 64) -> Iterator[None]:
    """A folder becomes a disk of so many megabytes."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Nothing more can be written on a disk."""
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 4096)
    try:
        yield
    finally:
        ballast.unlink()


# What a visitor does and sees.


def until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Waits, as long as a full machine may take, until a condition holds."""
    wait_until(condition, what, seconds)


def give_text(page: Page, content: bytes | str, name: str = "cats.txt") -> None:
    """Chooses a text of one's own, and uploads it."""
    choose(page, "corpus", "my own text, a new model")
    content = content.encode() if isinstance(content, str) else content
    upload = {"name": name, "mimeType": "text/plain", "buffer": content}
    page.locator(".st-key-upload_corpus input[type=file]").set_input_files(upload)


def train(page: Page, text: str, epochs: int = 50) -> None:
    """Trains a new model on a text."""
    give_text(page, text)
    page.get_by_text("an epoch on this machine").wait_for(timeout=PATIENCE_SECONDS * 1000)
    begin(page, epochs)


def begin(page: Page, epochs: int) -> None:
    """Presses Train."""
    field = page.locator(".st-key-train_epochs input")
    field.fill(str(epochs))
    field.press("Enter")
    page.wait_for_timeout(500)
    wait_until_drawn(page)
    press(page, "train")
    until(lambda: "Starting" in status(page) or "Epoch" in status(page), "it starts")


def status(page: Page) -> str:
    """What the page says of training."""
    return words_of(page, "training_status")


def comes_to(page: Page, word: str, seconds: float = PATIENCE_SECONDS) -> str:
    """What the page says of training once it has a word in it."""
    wait_until(lambda: word in status(page), f"it says {word!r}", seconds)
    return " ".join(status(page).split()).removesuffix(" stop Stop training")


def others_write(machine: Machine, query: str = "?speed=∞&length=100") -> None:
    """A visitor comes, gets a text, and leaves."""
    page = machine.visit(query)
    press(page, "generate")
    until(lambda: len(text_of(page)) > 100, "it writes")
    assert page.locator("[data-testid=stException]").count() == 0
    page.context.close()


def said(page: Page) -> str:
    """What stands in boxes on the page."""
    assert page.locator("[data-testid=stException]").count() == 0
    return " ".join(" ".join(page.locator("[data-testid=stAlert]").all_inner_texts()).split())


def steps(page: Page) -> tuple[int, ...]:
    """Epoch and step that the page shows."""
    return tuple(map(int, re.findall(r"(?:Epoch|step) (\d+)", status(page))))


# Stages of training.


def starting(machine: Machine, page: Page) -> None:
    train(page, LONG)
    until(lambda: machine.worker() is not None, "there is a worker")


def first_step(machine: Machine, page: Page) -> None:
    train(page, LONG)
    until(lambda: machine.worker(LOADED_MB) is not None, "Keras is there")
    assert "Starting" in status(page)


def mid_epoch(machine: Machine, page: Page) -> None:
    train(page, LONG)
    until(lambda: steps(page)[-1:] > (1,), "it learns")


def between_epochs(machine: Machine, page: Page) -> None:
    train(page, SHORT)
    until(lambda: steps(page)[:1] > (2,), "some epochs are saved")
    before = steps(page)
    until(lambda: steps(page)[:1] > before[:1], "it saves another")


STAGES = {
    "as it starts": starting,
    "at the first step": first_step,
    "mid-epoch": mid_epoch,
    "between epochs": between_epochs,
}


def worker_killed(stage: Callable, machine: Machine) -> str:
    machine.start()
    page = machine.visit()
    stage(machine, page)
    machine.worker().kill()
    heard = comes_to(page, "failed")
    assert ("finished" in heard) == (stage is between_epochs), heard
    others_write(machine)
    return heard


def worker_frozen(stage: Callable, machine: Machine) -> str:
    machine.start()
    page = machine.visit()
    stage(machine, page)
    machine.worker().suspend()
    others_write(machine)
    press(page, "stop_training")
    return comes_to(page, "stopped", END_SECONDS)


def worker_paused(machine: Machine) -> str:
    machine.start()
    page = machine.visit()
    mid_epoch(machine, page)
    return _goes_on(machine, page, machine.worker())


def server_killed(stage: Callable, machine: Machine) -> str:
    machine.start()
    page = machine.visit()
    stage(machine, page)
    began = time.monotonic()
    machine.server.kill()
    machine.server.wait()
    left = machine.left()
    assert not left, left
    seconds = time.monotonic() - began
    machine.start()
    others_write(machine)
    return f"its worker is gone after {seconds:.0f} s; a new server writes"


def server_paused(stage: Callable, machine: Machine) -> str:
    machine.start()
    page = machine.visit()
    stage(machine, page)
    return _goes_on(machine, page, psutil.Process(machine.server.pid))


def _goes_on(machine: Machine, page: Page, process: psutil.Process) -> str:
    before = steps(page)
    process.suspend()
    time.sleep(PAUSE_SECONDS)
    process.resume()
    until(lambda: steps(page) > before, "it goes on")
    others_write(machine)
    press(page, "stop_training")
    comes_to(page, "stopped")
    return f"after {PAUSE_SECONDS} s it goes on where it was"


# Disks.


def disk_full_while_it_trains(machine: Machine) -> str:
    machine.start()
    page = machine.visit()
    with full(machine.temporary):
        train(page, SHORT, 2)
        comes_to(page, "done")
        others_write(machine)
    return "it trains to the end: nothing lies on the disk"


def disk_full_while_a_model_is_loaded(machine: Machine) -> str:
    machine.start()
    page = machine.visit()
    page.get_by_text("Save and load").click()
    with full(machine.temporary):
        page.locator(".st-key-upload_model input[type=file]").set_input_files(next(machine.models.glob("*13.keras")))
        until(lambda: "cannot be" in said(page), "it says why not")
        heard = said(page)
        others_write(machine)
    return heard


def disk_full_for_a_command(machine: Machine) -> str:
    machine.start()
    text, out = machine.home / "cats.txt", machine.temporary / "out.keras"
    text.write_text(SHORT)
    out.write_bytes(next(machine.models.glob("*13.keras")).read_bytes())
    before = out.read_bytes()
    with full(machine.temporary):
        command = [sys.executable, "-m", "charlstm", "train", "--corpus", text, "--epochs=1", "--out", out]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 2, ended.stderr
    assert "Traceback" not in ended.stderr
    assert out.read_bytes() == before
    out.unlink()
    return ended.stderr.strip().splitlines()[-1]


def home_read_only(machine: Machine) -> str:
    machine.start(HOME="/proc", XDG_CACHE_HOME="/proc/cache")  # where root cannot write either
    page = machine.visit()
    train(page, SHORT, 1)
    comes_to(page, "done")
    others_write(machine)
    choose(page, "corpus", "Nietzsche, a new model")
    press(page, "train")
    until(lambda: "cannot be written" in said(page), "it says why not")
    return said(page)


# Files under the running page.


def _deleted(path: Path, other: Path) -> None:
    path.unlink()


def _a_pipe(path: Path, other: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _a_folder(path: Path, other: Path) -> None:
    path.unlink()
    path.mkdir()


def _cut_short(path: Path, other: Path) -> None:
    path.write_bytes(path.read_bytes()[:1000])


def _another(path: Path, other: Path) -> None:
    path.write_bytes(other.read_bytes())


CHANGES = {"deleted": _deleted, "a pipe": _a_pipe, "a folder": _a_folder, "cut short": _cut_short, "another": _another}


def model_changed(change: Callable, machine: Machine) -> str:
    machine.start()
    page = machine.visit("?speed=10&length=5000&epoch=13")
    press(page, "generate")
    until(lambda: len(text_of(page)) > 60, "it writes")
    path = next(machine.models.glob("*013.keras"))
    whole = path.read_bytes()
    change(path, next(machine.models.glob("*005.keras")))
    length = len(text_of(page))
    until(lambda: len(text_of(page)) > length + 50, "it goes on")
    press(page, "stop")
    heard = []
    for key in ("generate", "stop", "train"):
        press(page, key)
        page.wait_for_timeout(1500)
        wait_until_drawn(page)
        heard.append(said(page))
    for view in ("look", "epochs", "measure", "compare", "score"):
        page.goto(f"{machine.address}/{view}?epoch=13")
        page.locator(".st-key-model").wait_for()
        wait_until_drawn(page)
        heard.append(said(page))
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    path.write_bytes(whole)
    others_write(machine, "?speed=∞&length=100&epoch=13")
    return next(filter(None, heard), "nothing: it reads the file anew")


# Sessions, and the clock.


def left_while_writing(machine: Machine) -> str:
    machine.start()
    page = machine.visit("?speed=10&length=5000")
    press(page, "generate")
    until(lambda: len(text_of(page)) > 60, "it writes")
    page.context.close()
    others_write(machine)
    return "others write on"


def left_while_training(machine: Machine) -> str:
    machine.start()
    page = machine.visit()
    mid_epoch(machine, page)
    page.context.close()
    began = time.monotonic()
    until(lambda: machine.worker() is None, "its worker ends", 2 * END_SECONDS)
    seconds = time.monotonic() - began
    other = machine.visit()
    train(other, SHORT, 1)
    comes_to(other, "done")
    return f"its worker is gone after {seconds:.0f} s; the next one trains"


def left_while_uploading(machine: Machine) -> str:
    machine.start()
    page = machine.visit()
    network = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 1_000_000}
    network.send("Network.emulateNetworkConditions", slow)
    give_text(page, LONG * 40)
    page.wait_for_timeout(3000)
    page.context.close()
    page = machine.visit()
    give_text(page, LONG * 40)
    page.wait_for_timeout(500)
    page.context.close()  # and while it is read
    others_write(machine)
    return "others write on"


def reloaded_while_training(machine: Machine) -> str:
    machine.start()
    page = machine.visit()
    mid_epoch(machine, page)
    page.reload()
    page.wait_for_selector(".st-key-output", timeout=60_000)
    wait_until_drawn(page)
    others_write(machine)
    until(lambda: machine.worker() is None, "its worker ends", 2 * END_SECONDS)
    train(page, SHORT, 1)
    comes_to(page, "done")
    return "the run ends with its session; the page writes, and trains again"


def clock_set_back(machine: Machine) -> str:
    monotonic = {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1"}
    machine.start(LD_PRELOAD=FAKETIME, FAKETIME_TIMESTAMP_FILE=str(machine.clock), **monotonic)
    page, writer = machine.visit(), machine.visit("?speed=10&length=5000")
    press(writer, "generate")
    mid_epoch(machine, page)
    machine.clock.write_text("-1d")
    length, before = len(text_of(writer)), steps(page)
    until(lambda: len(text_of(writer)) > length + 50, "the text goes on")
    until(lambda: steps(page) > before, "training goes on")
    press(page, "stop_training")
    comes_to(page, "stopped", END_SECONDS)
    train(page, SHORT, 1)
    comes_to(page, "done")
    return "all goes on"


FAULTS: dict[str, Callable[[Machine], str]] = {
    **{f"worker killed {name}": partial(worker_killed, stage) for name, stage in STAGES.items()},
    **{f"worker frozen {name}, then Stop": partial(worker_frozen, stage) for name, stage in STAGES.items()},
    "worker frozen for a while mid-epoch": worker_paused,
    **{f"server killed {name}": partial(server_killed, stage) for name, stage in STAGES.items()},
    "server stopped for a while mid-epoch": partial(server_paused, mid_epoch),
    "server stopped for a while between epochs": partial(server_paused, between_epochs),
    "disk full while it trains": disk_full_while_it_trains,
    "disk full while a model is loaded": disk_full_while_a_model_is_loaded,
    "disk full for the model of a command": disk_full_for_a_command,
    "home read-only": home_read_only,
    **{f"file of the model on the page: {name}": partial(model_changed, change) for name, change in CHANGES.items()},
    "session closed while it writes": left_while_writing,
    "session closed while it trains": left_while_training,
    "session closed while it uploads, and while that is read": left_while_uploading,
    "page reloaded while it trains": reloaded_while_training,
    "clock set back by a day": clock_set_back,
}


def main() -> int:
    """Prints the table; returns 1 where a fault was not borne."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults")
    parser.add_argument("words", nargs="?", default="", help="of the names of faults; default: all")
    words = parser.parse_args().words
    print("| fault | what is said, or goes on | left over |\n| --- | --- | --- |")
    failed = 0
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        for name, fault in FAULTS.items():
            if words in name:
                heard, left = _tried(fault, browser)
                failed += bool(left)
                print(f"| {name} | {heard} | {', '.join(left) or 'nothing'} |", flush=True)
        browser.close()
    return int(failed > 0)


def _tried(fault: Callable[[Machine], str], browser) -> tuple[str, list[str]]:
    with ExitStack() as stack:
        machine = Machine(Path(stack.enter_context(tempfile.TemporaryDirectory())), browser)
        stack.enter_context(small_disk(machine.temporary))
        try:
            heard = fault(machine)
            for context in browser.contexts:
                context.close()
            left = machine.left()
        except Exception as error:
            heard, left = "", [f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"]
            left.append(machine.log.read_text(errors="replace")[-600:])
        for context in browser.contexts:
            context.close()
        for process in (*machine.below(), psutil.Process(machine.server.pid)) if machine.server.poll() is None else ():
            with suppress(psutil.Error):
                process.kill()
        machine.server.wait()
    return heard, left


if __name__ == "__main__":
    sys.exit(main())
