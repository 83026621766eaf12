"""The project as others get it: its dependencies, its wheel, and its command from another folder."""

import os
import subprocess
import sys
import tomllib
import urllib.request
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from pages import no_traceback, open_page, press, text_of, wait_until
from server import serving

import charlstm

ROOT = Path(charlstm.__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
ALONE = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}  # so that it is not the checkout's


def test_the_version_is_the_one_that_is_cited_and_told_of():
    assert f"\nversion: {charlstm.__version__}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
    assert f"\n## {charlstm.__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_a_host_installs_the_dependencies_and_those_of_training():
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    required = {str(Requirement(line)) for line in lines if not line.startswith("#")}
    declared = (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["train"])
    assert required == {str(Requirement(line)) for line in declared}


@pytest.fixture(scope="session")
def installed() -> Path:
    """The folder of a fresh environment in which `pip install .` was done; the wheel lies in it too."""
    folder = os.environ.get("CHARLSTM_INSTALLED")
    if folder is None:
        pytest.skip(
            "the project is not installed; name an environment where it is, with its wheel, in CHARLSTM_INSTALLED"
        )
    return Path(folder)


def test_the_wheel_holds_all_that_the_page_needs(installed):
    with zipfile.ZipFile(next(installed.glob("charlstm-*.whl"))) as wheel:
        held = {name: wheel.read(name) for name in wheel.namelist() if not name.endswith(".py")}
    here = {path: path.relative_to(ROOT / "charlstm") for path in (ROOT / "charlstm").rglob("*")}
    here |= {path: path.relative_to(ROOT) for path in (ROOT / "models").rglob("*")}
    here |= {ROOT / ".streamlit" / "config.toml": Path("app/.streamlit/config.toml")}
    for path, name in here.items():
        if path.is_file() and path.suffix not in (".py", ".pyc"):
            assert held[f"charlstm/{name.as_posix()}"] == path.read_bytes()
    assert {Path(name).suffix for name in held} >= {".keras", ".css", ".js", ".toml", ".typed"}


def test_the_installed_command_writes_as_the_checkout_does(installed, tmp_path):
    options = ("generate", "--length", "50", "--rng-seed", "1")
    settings = {"capture_output": True, "check": True}
    there = subprocess.run([installed / "bin" / "charlstm", *options], cwd=tmp_path, env=ALONE, **settings)
    here = subprocess.run([sys.executable, "-m", "charlstm", *options], cwd=ROOT, **settings)
    assert len(there.stdout) == 50
    assert (there.stdout, there.stderr) == (here.stdout, here.stderr)


def test_the_page_is_served_from_a_checkout(tmp_path):
    with serving((sys.executable, "-m", "charlstm", "page", "--dev", "--"), ROOT, tmp_path / "log.txt") as address:
        assert b"<title>" in urllib.request.urlopen(address).read()


def test_the_installed_page_writes_from_any_folder(installed, tmp_path, page):
    command = (str(installed / "bin" / "charlstm"), "page", "--")
    with serving(command, tmp_path, tmp_path / "log.txt", env=ALONE) as address:
        open_page(page, f"{address}/?speed=∞&length=60&seed_text=what")
        press(page, "generate")
        wait_until(lambda: len(text_of(page)) >= 64, "the text is written")
        assert no_traceback(page)
