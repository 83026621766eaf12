"""Firefox over WebDriver BiDi: as much as a test needs to open the page, press its buttons and look at it."""

import itertools
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from websockets.sync.client import ClientConnection, connect

START_SECONDS = 60


class Firefox:
    """One page in a running Firefox.

    Args:
        socket: Connected to its BiDi server.
    """

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._ids = socket, itertools.count(1)
        self._command("session.new", capabilities={})
        self._context = self._command("browsingContext.getTree")["contexts"][0]["context"]

    def open(self, address: str) -> None:
        """Opens an address and waits until it is loaded."""
        self._command("browsingContext.navigate", context=self._context, url=address, wait="complete")

    def resize(self, width: int, height: int) -> None:
        """Sets the size of the page in pixels."""
        self._command("browsingContext.setViewport", context=self._context, viewport={"width": width, "height": height})

    def evaluate(self, expression: str):
        """The value of an expression, as JSON can hold it."""
        found = self._command(
            "script.evaluate",
            expression=f"JSON.stringify({expression})",
            target={"context": self._context},
            awaitPromise=False,
        )
        assert found["type"] == "success", found
        return json.loads(found["result"].get("value", "null"))

    def click(self, selector: str) -> None:
        """Clicks the first element of a CSS selector."""
        assert self.evaluate(f"(document.querySelector({selector!r})?.click(), !!document.querySelector({selector!r}))")

    def screenshot(self) -> str:
        """The page as it looks, a PNG in base64."""
        return self._command("browsingContext.captureScreenshot", context=self._context)["data"]

    def _command(self, method: str, **parameters):
        number = next(self._ids)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv(60))
            if answer.get("id") == number:
                assert answer["type"] == "success", answer
                return answer["result"]


@contextmanager
def running_firefox(path: str, port: int) -> Iterator[Firefox]:
    """A Firefox with an empty profile; ended and forgotten afterwards."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        Path(profile, "user.js").write_text('user_pref("browser.shell.checkDefaultBrowser", false);\n')
        command = (path, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", str(port))
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            with _connected(port) as socket:
                yield Firefox(socket)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _connected(port: int) -> ClientConnection:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            return connect(f"ws://127.0.0.1:{port}/session", max_size=None)
        except OSError:
            assert time.monotonic() < end, "Firefox did not come up"
            time.sleep(0.2)
