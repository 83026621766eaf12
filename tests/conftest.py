"""Fixtures that more than one file of tests uses.

Tests that need Keras, the corpus or a browser are skipped where those are missing, and pytest's summary names them.
With CHARLSTM_TEST_ALL=1 in the environment, a test that would be skipped fails instead.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import warnings
from pathlib import Path

import pytest
from small_models import random_model

from charlstm.text.corpus import DATA_VARIABLE, local_nietzsche

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
START_SECONDS = 60
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Turns what would be skipped into a failure where everything must run."""
    report = yield
    return _not_left_out(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """The same for a whole file."""
    report = yield
    return _not_left_out(report)


def _not_left_out(report):
    if report.skipped and os.environ.get("CHARLSTM_TEST_ALL") == "1" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"CHARLSTM_TEST_ALL=1 leaves nothing out, but: {report.longrepr[2]}"
    return report


@pytest.fixture(scope="session")
def tiny_model():
    """A random model of 10 characters and 12 units; tests share it, as sessions share a model."""
    return random_model()


@pytest.fixture(scope="session")
def keras():
    """The module Keras, on TensorFlow."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("keras", reason="Keras or its backend is not installed", exc_type=ImportError)


@pytest.fixture(scope="session")
def corpus_path() -> Path:
    """`nietzsche.txt` if it is on this machine; nothing is downloaded."""
    path = local_nietzsche()
    if path is None:
        pytest.skip(f"nietzsche.txt is not on this machine; name its folder in {DATA_VARIABLE}")
    return path


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is installed")
    return path


@pytest.fixture(scope="session")
def browser(chromium):
    """A running Chromium."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    from pages import CHROMIUM_ARGUMENTS

    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def page(browser):
    """A new page at a projector's size, of a visitor who was never here before."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def app_server(tmp_path_factory) -> str:
    """The address of the page, served by a process of its own until the tests end."""
    port = free_port()
    log = tmp_path_factory.mktemp("server") / "log.txt"
    address = ("--server.address", "127.0.0.1", "--server.port", str(port))
    command = (sys.executable, "-m", "streamlit", "run", "streamlit_app.py", *address, "--server.headless", "true")
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        wait_for_server(server, f"http://127.0.0.1:{port}/_stcore/health", log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def free_port() -> int:
    """A port that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_server(server: subprocess.Popen, health_url: str, log: Path) -> None:
    """Waits until the server answers.

    Raises:
        AssertionError: It ended, or did not answer in time; the message holds what it said.
    """
    end = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(health_url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"The page did not come up: {log.read_text(errors='replace')[-2000:]}")
