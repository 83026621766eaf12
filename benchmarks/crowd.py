"""Sessions that write, compare, train, upload and leave at random: `python -m benchmarks.crowd [SESSIONS [MINUTES]]`.

Thirty for ten minutes by default. Each visitor has a name, which stands in all that it gives: seed text, text to train
on, model file. Prints a JSON object: what was done, what the server's log says of errors, how many visitors
heard of another, and the memory of the server after a first visit, at its most, and once all have left. Linux only.
"""

import argparse
import asyncio
import http.cookiejar
import json
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.util import calc_hash

from benchmarks.page import ROOT, resident_mb, wait_for_server
from tests.support.model_files import archive
from tests.support.server import free_port

FORGET_SECONDS = 5  # after which the server forgets a session without a browser; a lecture has more patience
PATIENCE_SECONDS = 120.0
STAY_SECONDS = (20.0, 90.0)
PAUSE_SECONDS = 3.0  # between two acts, at the most
PAGES = ("look", "epochs", "measure", "score", "guess", "copied", "acrostic", "lesson")
NAME = re.compile(rb"visitor(\d+)x")
ERRORS = re.compile(r"^.*(?:Traceback|Error|Exception).*$", re.MULTILINE)


class Guest:
    """One session, from its coming to its leaving.

    Attributes:
        strangers: Numbers of others that it heard of.
        exceptions: That stood on its page.
        done: What it did, how often.
        widgets: Ids by their keys.
    """

    def __init__(self, address: str, number: int, rng: random.Random) -> None:
        self._address, self._number, self._rng = address, number, rng
        self._name = f"visitor{number}x"
        self._finished, self._urls = asyncio.Event(), asyncio.Queue[FileURLs]()
        self._page, self._ticking = "", ""
        self.strangers: set[int] = set()
        self.exceptions: list[str] = []
        self.done: Counter[str] = Counter()
        self.widgets: dict[str, str] = {}

    async def visit(self, until: float) -> None:
        """Comes, does one thing after another, and leaves in the midst of the last."""
        stream = self._address.replace("http", "ws") + "/_stcore/stream"
        async with websockets.connect(stream, subprotocols=["streamlit"], max_size=None) as self._socket:
            listener = asyncio.create_task(self._listen())
            acts = (self._write, self._write, self._compare, self._look, self._train, self._load, self._give_text)
            try:
                await self._say()
                while time.monotonic() < until:
                    act = self._rng.choice(acts)
                    await act()
                    self.done[act.__name__.strip("_")] += 1
                    await asyncio.sleep(self._rng.uniform(0, PAUSE_SECONDS))
            finally:
                listener.cancel()

    # What it does.

    async def _write(self) -> None:
        await self._go("write")
        await self._say("seed_text", string_value=f"{self._name} says that ")
        await self._say("generate", trigger_value=True)
        await asyncio.sleep(self._rng.uniform(0, PAUSE_SECONDS))
        await self._say("stop", trigger_value=True)

    async def _compare(self) -> None:
        await self._go("compare")
        await self._say("compare_generate", trigger_value=True)

    async def _look(self) -> None:
        await self._go(self._rng.choice(PAGES))

    async def _give_text(self) -> None:
        await self._say("corpus", string_value="my own text, a new model")
        line = f"{self._name} has a cat, and the cat of {self._name} sat on a mat. "
        text = line * self._rng.choice((30, 300, 30_000))
        await self._upload("upload_corpus", f"{self._name}.txt", text.encode())

    async def _train(self) -> None:
        await self._give_text()
        await self._say("train_epochs", int_value=self._rng.randrange(1, 5))
        await self._say("train", trigger_value=True)
        for _ in range(self._rng.randrange(30)):
            await asyncio.sleep(0.5)
            await self._say(fragment=self._ticking)
        if self._rng.random() < 0.5:
            await self._say("stop_training", trigger_value=True)

    async def _load(self) -> None:
        content = archive()
        content = content[: self._rng.choice((len(content), len(content), 500))]
        await self._upload("upload_model", f"{self._name}.keras", content)

    # How it says so.

    async def _go(self, page: str) -> None:
        self._page = calc_hash("" if page == "write" else page)
        await self._say()

    async def _say(self, key: str = "", fragment: str = "", **value) -> None:
        """One run of the page, in which a widget has a value; nothing where it is not on the page."""
        if key and key not in self.widgets:
            return
        message = BackMsg()
        message.rerun_script.query_string = ""
        message.rerun_script.page_script_hash = self._page
        message.rerun_script.fragment_id = fragment
        if key:
            message.rerun_script.widget_states.widgets.add(id=self.widgets[key], **value)
        self._finished.clear()
        await self._socket.send(message.SerializeToString())
        await asyncio.wait_for(self._finished.wait(), PATIENCE_SECONDS)

    async def _upload(self, key: str, name: str, content: bytes) -> None:
        if key not in self.widgets:
            return
        message = BackMsg()
        message.file_urls_request.request_id = name
        message.file_urls_request.file_names.append(name)
        await self._socket.send(message.SerializeToString())
        urls = await asyncio.wait_for(self._urls.get(), PATIENCE_SECONDS)
        await asyncio.to_thread(self._put, urls.upload_url, name, content)
        file = {"name": name, "size": len(content), "file_id": urls.file_id, "file_urls": urls}
        await self._say(key, file_uploader_state_value={"uploaded_file_info": [file]})

    def _put(self, place: str, name: str, content: bytes) -> None:
        cookies = http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
        opener.open(f"{self._address}/_stcore/health", timeout=PATIENCE_SECONDS).close()
        token = next((cookie.value for cookie in cookies if "xsrf" in cookie.name), "")
        head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        headers = {"Content-Type": "multipart/form-data; boundary=x", "X-Xsrftoken": token or ""}
        body = head + content + b"\r\n--x--\r\n"
        asked = urllib.request.Request(f"{self._address}{place}", body, headers, method="PUT")
        opener.open(asked, timeout=PATIENCE_SECONDS).close()

    async def _listen(self) -> None:
        async for content in self._socket:
            self.strangers |= {int(number) for number in NAME.findall(content)} - {self._number}
            message = ForwardMsg.FromString(content)
            kind = message.WhichOneof("type")
            if kind == "delta" and (what := message.delta.new_element.WhichOneof("type")):
                if what == "exception":
                    self.exceptions.append(message.delta.new_element.exception.message)
                element = getattr(message.delta.new_element, what)
                id = getattr(element, "id", "")
                self.widgets[id.rpartition("-")[2]] = id
            elif kind == "auto_rerun":
                self._ticking = message.auto_rerun.fragment_id
            elif kind == "file_urls_response":
                self._urls.put_nowait(message.file_urls_response.file_urls[0])
            elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                self._finished.set()


async def crowd(sessions: int, minutes: float, address: str, server: int, rng: random.Random) -> dict:
    """So many at a time; when one leaves, another one comes. All are gone at the end."""
    guests: list[Guest] = []
    failures: Counter[str] = Counter()
    end = time.monotonic() + 60 * minutes

    async def seat(until: float) -> None:
        while time.monotonic() < until:
            guests.append(Guest(address, len(guests), rng))
            try:
                await guests[-1].visit(min(until, time.monotonic() + rng.uniform(*STAY_SECONDS)))
            except (OSError, TimeoutError, websockets.WebSocketException) as error:
                failures[f"{type(error).__name__}: {error}"[:200]] += 1

    await seat(time.monotonic() + 1)
    before = resident_mb(server)
    seats, most = [asyncio.create_task(seat(end)) for _ in range(sessions)], before
    while not all(task.done() for task in seats):
        await asyncio.sleep(1)
        most = max(most, resident_mb(server))
    await asyncio.gather(*seats)
    await asyncio.sleep(12 * FORGET_SECONDS)
    return {
        "visitors": len(guests),
        "done": dict(sum((guest.done for guest in guests), Counter())),
        "heard_of_others": sum(bool(guest.strangers) for guest in guests),
        "failures": dict(failures),
        "exceptions": [exception for guest in guests for exception in guest.exceptions],
        "server_megabytes": {"first": round(before), "most": round(most), "after": round(resident_mb(server))},
        "processes_left": len(psutil.Process(server).children(recursive=True)),
    }


def main() -> int:
    """Prints the figures; returns 1 where something went wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crowd", description=__doc__.split("\n")[0])
    parser.add_argument("sessions", type=int, nargs="?", default=30)
    parser.add_argument("minutes", type=float, nargs="?", default=10.0)
    asked = parser.parse_args()
    port = free_port()
    options = {"address": "127.0.0.1", "port": port, "headless": "true", "disconnectedSessionTTL": FORGET_SECONDS}
    settings = [f"--server.{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", *settings]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("w") as output:
            server = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
        wait_for_server(f"http://127.0.0.1:{port}")
        work = crowd(asked.sessions, asked.minutes, f"http://127.0.0.1:{port}", server.pid, random.Random(0))
        figures = asyncio.run(work) | {"errors_in_log": ERRORS.findall(log.read_text(errors="replace"))}
        server.terminate()
        server.wait()
    print(json.dumps(figures, indent=1))
    bad = ("failures", "exceptions", "errors_in_log", "heard_of_others")
    return int(any(figures[name] for name in bad))


if __name__ == "__main__":
    sys.exit(main())
