"""Addresses that no link of the page has, through a real server: query strings of any kind, a session for each."""

import random
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from benchmarks.bad_inputs.trial import Kind
from tests.support.server import free_port

ROOT = Path(__file__).resolve().parents[2]
KEYS = (
    "model",
    "epoch",
    "seed_text",
    "temperature",
    "length",
    "rng_seed",
    "speed",
    "top_k",
    "top_p",
    "context",
    "view",
)
KEYS += (
    "language",
    "fresh_seed",
    "compare_temperatures",
    "acrostic",
    "step",
    "corpus",
    "train_epochs",
    "embed",
    "x",
    "",
)
VALUES = (
    "",
    "0",
    "1",
    "-1",
    "1e400",
    "-inf",
    "inf",
    "nan",
    "9" * 400,
    "9" * 5_000,
    "0.5",
    "0,5",
    "true",
    "None",
    "null",
)
VALUES += (
    "a" * 60_000,
    "%00",
    "%FF",
    "%",
    "%u0041",
    "%F0%9F%99%82",
    "../../etc/passwd",
    "{seed}",
    "$x^2$",
    "[a](http://x)",
)
VALUES += (
    "<script>alert(1)</script>",
    "nietzsche",
    "compare",
    "lesson",
    "training",
    "zh",
    "中文",
    "0.2;0.5",
    "[1,2",
    "+",
    "&",
)
PATHS = (
    "",
    "/",
    "/_stcore/health",
    "/_stcore/stream",
    "/media/x",
    "/component/x",
    "/static/../..",
    "/%00",
    "/" + "a" * 5_000,
)


class Addresses(Kind):
    """A page has to come of each, without an exception; a path that is none has to be answered."""

    name = "addresses"
    cases = 4_000

    def __enter__(self) -> "Addresses":
        self._folder = tempfile.TemporaryDirectory()
        path = Path(self._folder.name) / "log"
        output, self._log = path.open("w"), path.open(errors="replace")
        port = free_port()
        options = ("--server.address=127.0.0.1", f"--server.port={port}", "--server.headless=true")
        command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", *options]
        self._server = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        output.close()
        self.pid, self._host = self._server.pid, f"127.0.0.1:{port}"
        self.watched = [ROOT / "models", ROOT / "charlstm"]
        self._come_up()
        for _ in range(3):  # what is read once is no case's
            self.give(("query", ""))
        return self

    def __exit__(self, *reason: object) -> None:
        self._server.terminate()
        self._server.wait()
        self._log.close()
        self._folder.cleanup()

    def _come_up(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                return urllib.request.urlopen(f"http://{self._host}/_stcore/health", timeout=60).close()
            except OSError:
                time.sleep(0.1)
        raise AssertionError("The page did not come up.")

    def make(self, rng: random.Random) -> tuple[str, str]:
        if rng.random() < 0.1:
            return "path", rng.choice(PATHS) + rng.choice(
                ("", "?", "?=x", "?" + "&" * 500, "/..%2f..", "//", "?a=" + "b" * 9_000)
            )
        pairs = [
            rng.choice(KEYS) + rng.choice(("=", "=", "=", "", "==")) + rng.choice(VALUES)
            for _ in range(rng.randrange(1, 6))
        ]
        return "query", rng.choice(("&", "&", "&", "&&", ";", "")).join(pairs)

    def give(self, case: tuple[str, str]) -> None:
        what, value = case
        try:
            (self._ask if what == "path" else self._visit)(value)
        finally:
            said = self._log.read()
        assert self._server.poll() is None, "the server ended"
        assert "Traceback" not in said, said[-300:]

    def _ask(self, path: str) -> None:
        try:
            urllib.request.urlopen(f"http://{self._host}{path}", timeout=60).close()
        except urllib.error.HTTPError as error:
            if error.code >= 500 and error.code != 501:
                raise AssertionError(f"answer {error.code}") from error

    def _visit(self, query: str) -> None:
        message = BackMsg()
        message.rerun_script.query_string = query.encode("utf-8", "replace").decode()
        with connect(f"ws://{self._host}/_stcore/stream", subprotocols=["streamlit"], max_size=None) as socket:
            socket.send(message.SerializeToString())
            drawn = 0
            for content in socket:
                got = ForwardMsg.FromString(content)
                element = got.delta.new_element.WhichOneof("type") if got.WhichOneof("type") == "delta" else None
                assert element != "exception", got.delta.new_element.exception.message
                drawn += element is not None
                if (
                    got.WhichOneof("type") == "script_finished"
                    and got.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
                ):
                    break
        assert drawn > 10, f"{drawn} elements"
