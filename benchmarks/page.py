"""Measures the page as a whole, against a bare Streamlit page with one Altair chart: `python -m benchmarks.page`.

Prints a JSON object: memory of the server while it writes, seconds from `streamlit run` to the first character in the
browser, each with its ratio to the bare page, and the processor that one session takes while a text is written. Needs
Chromium and Linux; run it on a machine that does nothing else.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.support.pages import CHROMIUM_ARGUMENTS

ROOT = Path(__file__).resolve().parent.parent
BARE_PAGE = """
import altair as alt, pandas as pd, streamlit as st
st.altair_chart(alt.Chart(pd.DataFrame({"x": [1, 2, 3], "y": [1, 3, 2]})).mark_bar().encode(x="x:O", y="y:Q"))
"""
ROUNDS = 5
PORT = 8877
WRITING_SECONDS = 10


@contextmanager
def server(app: Path, port: int = PORT, **settings):
    """The process of a page, and the address it will answer at; `settings` are more of those of `Popen`."""
    address = ("--server.address", "127.0.0.1", "--server.port", str(port), "--server.headless", "true")
    command = [sys.executable, "-m", "streamlit", "run", str(app), *address]
    settings |= {"cwd": app.parent, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, **settings)
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def resident_mb(pid: int) -> float:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def processor_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for_server(address: str) -> None:
    while True:
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)


def first_chart(browser, app: Path) -> dict:
    """Of the bare page: seconds to its chart, and memory then."""
    start = time.perf_counter()
    with server(app) as (process, address):
        wait_for_server(address)
        page = browser.new_page()
        page.goto(address)
        page.locator("canvas, .vega-embed svg").first.wait_for()
        seconds = time.perf_counter() - start
        page.wait_for_timeout(3000)
        memory = resident_mb(process.pid)
        page.close()
    return {"seconds": seconds, "megabytes": memory}


def first_character(browser, app: Path) -> dict:
    """Of our page: seconds to the first character written, memory and processor while it writes."""
    start = time.perf_counter()
    with server(app) as (process, address):
        wait_for_server(address)
        page = browser.new_page()
        page.goto(f"{address}/?length=10000")
        button = page.locator(".st-key-generate button")
        button.wait_for()
        seed = page.locator(".st-key-output .seed").inner_text()
        button.click()
        written = "seed => document.querySelector('.st-key-output .stage-text').innerText.length > seed.length + 1"
        page.wait_for_function(written, arg=seed, polling=20)
        seconds = time.perf_counter() - start
        page.wait_for_timeout(2000)
        before = processor_seconds(process.pid)
        page.wait_for_timeout(WRITING_SECONDS * 1000)
        cores = (processor_seconds(process.pid) - before) / WRITING_SECONDS
        memory = resident_mb(process.pid)
        page.close()
    return {"seconds": seconds, "megabytes": memory, "cores": cores}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE_PAGE)
        path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        rounds = [
            (first_chart(browser, bare), first_character(browser, ROOT / "streamlit_app.py")) for _ in range(ROUNDS)
        ]
        browser.close()

    def median(which: int, key: str) -> float:
        return statistics.median(measured[which][key] for measured in rounds)

    def ratio(key: str) -> float:
        return statistics.median(ours[key] / bare[key] for bare, ours in rounds)

    figures = {
        "rounds": ROUNDS,
        "bare_page_megabytes": median(0, "megabytes"),
        "page_megabytes_while_writing": median(1, "megabytes"),
        "megabytes_ratio": ratio("megabytes"),
        "bare_page_seconds_to_chart": median(0, "seconds"),
        "page_seconds_to_first_character": median(1, "seconds"),
        "seconds_ratio": ratio("seconds"),
        "cores_while_writing": median(1, "cores"),
    }
    print(json.dumps({key: round(value, 3) for key, value in figures.items()}, indent=1))


if __name__ == "__main__":
    main()
