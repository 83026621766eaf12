"""The page in a process of its own: how tests start it, wait for it and end it."""

import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 60
END_SECONDS = 10


@contextmanager
def serving(command: tuple[str, ...], cwd: Path, log: Path, **settings) -> Iterator[str]:
    """The address that `command`, given Streamlit's options for it, answers at; the process is ended afterwards.

    Args:
        settings: More of those of `subprocess.Popen`.

    Raises:
        AssertionError: It ended, or did not answer in time; the message holds what it said.
    """
    port = free_port()
    options = ("--server.address=127.0.0.1", f"--server.port={port}", "--server.headless=true")
    with log.open("wb") as output:
        settings |= {"cwd": cwd, "stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
        server = subprocess.Popen((*command, *options), **settings)
    try:
        wait_for_health(server, f"http://127.0.0.1:{port}", log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        try:
            server.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def free_port() -> int:
    """A port that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_health(server: subprocess.Popen, address: str, log: Path) -> None:
    """Waits until Streamlit answers at the address by which its health is asked for.

    Raises:
        AssertionError: It ended, or did not answer in time; the message holds what it said.
    """
    end = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"The page did not come up: {log.read_text(errors='replace')[-2000:]}")
