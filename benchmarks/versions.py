"""Unit tests with the lowest and the newest versions that are allowed: `python -m benchmarks.versions PYTHON …`.

Each PYTHON, such as 3.13 or the path of an interpreter, gets two fresh environments, made by uv; where there is no
TensorFlow for it, the tests run without. Prints a row an environment; returns 1 where a test failed.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHOWN = ("streamlit", "altair", "numpy", "h5py", "chardet", "distributed", "keras", "tensorflow-cpu")
TOOLS = ("pytest", "babel")


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.versions")
    parser.add_argument("pythons", nargs="+", metavar="PYTHON")
    print("| Python | versions | which | unit tests |\n| --- | --- | --- | --- |")
    good = [_tried(python, which) for python in parser.parse_args().pythons for which in ("lowest-direct", "highest")]
    return int(not all(good))


def _tried(python: str, which: str) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        _uv("venv", "--python", python, folder)
        inside = ("--python", f"{folder}/bin/python")
        _uv("pip", "install", *inside, "--resolution", which, "--editable", f"{ROOT}[train]")
        _uv("pip", "install", *inside, *TOOLS)
        listed = json.loads(_uv("pip", "list", *inside, "--format", "json"))
        tests = ("-m", "pytest", "-m", "unit", "-q", "-p", "no:cacheprovider")
        ended = subprocess.run([f"{folder}/bin/python", *tests], cwd=ROOT, capture_output=True, text=True)
        number = subprocess.run([f"{folder}/bin/python", "-V"], capture_output=True, text=True).stdout.split()[1]
    versions = {package["name"]: package["version"] for package in listed}
    shown = ", ".join(f"{name} {versions[name]}" for name in SHOWN if name in versions)
    summary = re.sub(r" in .*|=", "", ended.stdout.strip().splitlines()[-1]).strip()
    print(f"| {number} | {which.removesuffix('-direct')} | {shown} | {summary} |", flush=True)
    if ended.returncode:
        print(ended.stdout[-6000:], ended.stderr[-2000:], sep="\n", file=sys.stderr)
    return ended.returncode == 0


def _uv(*arguments: str) -> str:
    return subprocess.run(["uv", *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
