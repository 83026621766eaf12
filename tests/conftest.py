"""Fixtures that more than one file of tests uses, and the marks `unit`, `page`, `browser` and `slow`.

Tests that need Keras, the corpus or a browser are skipped where those are missing, and pytest's summary names them.
With CHARLSTM_TEST_ALL=1 in the environment, a test that would be skipped fails instead.
"""

import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from server import serving
from small_models import random_model

from charlstm.network.processor import use_one_core
from charlstm.text.corpus import DATA_VARIABLE, local_nietzsche

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Files whose tests train with Keras, start processes or read all models; a few elsewhere are marked where they stand.
SLOW_FILES = ("cli/test_train", "network/test_shipped_models", "test_project")
SLOW_FILES += tuple(f"training/test_{name}" for name in ("cluster", "process", "queue", "run", "training"))
# Of the files that take longest, every other one computes and every other one waits for a browser.
LONGEST = ("training/test_training", "browser/test_stage", "training/test_process", "browser/test_access")
LONGEST += ("cli/test_train", "browser/test_training")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Processes that tests start find the package and the helpers of tests as pytest does.
os.environ["PYTHONPATH"] = os.pathsep.join(map(str, (ROOT, ROOT / "tests" / "support")))
use_one_core()


def pytest_itemcollected(item):
    """Marks what a test needs; one that needs nothing is a unit test."""
    file = item.path.relative_to(ROOT / "tests").with_suffix("").as_posix()
    if "chromium" in item.fixturenames or file.startswith("browser/"):
        item.add_marker("browser")
    elif file.startswith("page/"):
        item.add_marker("page")
    if file in SLOW_FILES or "keras" in item.fixturenames:
        item.add_marker("slow")
    if not {mark.name for mark in item.iter_markers()} & {"browser", "page", "slow"}:
        item.add_marker("unit")


def pytest_configure(config):
    """Files are given out in the order of `pytest_collection_modifyitems`, not by how many tests they have."""
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items):
    """Where processes share the tests, those that take long come first, so that all end together."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        kinds, of_file = ("browser", "slow", "page", "unit"), {}
        for item in items:
            kind = min(kinds.index(mark.name) for mark in item.iter_markers() if mark.name in kinds)
            of_file[item.path] = min(kind, of_file.get(item.path, kind))
        of_file |= {ROOT / "tests" / f"{name}.py": place - len(LONGEST) for place, name in enumerate(LONGEST)}
        items.sort(key=lambda item: of_file[item.path])


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


@pytest.fixture(scope="session")
def profile(browser):
    """What the browser keeps from test to test: the scripts of the page, which take a second to fetch and compile."""
    from pages import PATIENCE_SECONDS

    context = browser.new_context(viewport={"width": 1280, "height": 720})
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    yield context
    context.close()


@pytest.fixture
def page(profile):
    """A new page at a projector's size, of a visitor who was never here before."""
    page = profile.new_page()
    yield page
    if page.url.startswith("http"):  # where a closed sidebar is remembered
        page.evaluate("() => localStorage.clear()")
    page.close()
    profile.clear_cookies()


@pytest.fixture(scope="session")
def app_server(tmp_path_factory) -> Iterator[str]:
    """The address of the page, served by a process of its own until the tests end."""
    command = (sys.executable, "-m", "streamlit", "run", "streamlit_app.py")
    with serving(command, ROOT, tmp_path_factory.mktemp("server") / "log.txt") as address:
        yield address
