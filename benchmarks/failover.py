"""One server of two is lost: `python -m benchmarks.failover [SESSIONS]` has 40 sessions write behind nginx meanwhile.

Two servers of the page stand behind the real nginx with the settings of `deploy/`. Each session speaks the browser's
own protocol and presses Generate again and again; where its connection is lost it connects again at once and asks for
the whole page, as the browser does. After a while one server is killed, and started again later. Prints a JSON object:
how many presses were answered and how many were lost with the server, and how long sessions waited for the page to be
there again. Linux only; needs nginx.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

import websockets
from balancer import Server, balanced

from benchmarks.sessions import Visitor

ARRIVAL_SECONDS = 5.0
BEFORE_SECONDS, DOWN_SECONDS, AFTER_SECONDS = 20.0, 15.0, 20.0
PRESS_SECONDS = (1.0, 3.0)  # between an answer and the next press
AGAIN_SECONDS = 0.1


class Writer(Visitor):
    """One connection of a session; what it waits for ends with it."""

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Connected, with the page there."""
        options = {"subprotocols": ["streamlit"], "max_size": None, "ping_interval": None}
        async with websockets.connect(self._url, **options) as self._socket:
            self._listener = asyncio.create_task(self._listen())
            try:
                await self._rerun()
                await self._until(self._finished)
                yield
            finally:
                self._listener.cancel()

    async def look(self, seconds: float) -> None:
        """Looks at the page for so long."""
        await asyncio.wait({self._listener}, timeout=seconds)
        self._check()

    async def press(self) -> None:
        """Presses Generate and waits for the text."""
        self._playing.clear()
        await self._rerun("generate", trigger_value=True)
        await self._until(self._playing)

    async def _until(self, event: asyncio.Event) -> None:
        waiting = asyncio.create_task(event.wait())
        await asyncio.wait({waiting, self._listener}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if not event.is_set():
            self._check()

    def _check(self) -> None:
        if self._listener.done():
            raise ConnectionError("the connection was lost")


class Client:
    """A session that presses again and again, on one server after another.

    Attributes:
        answered: Seconds that each press waited, by when it was made.
        lost: Presses that a lost connection left without an answer.
        gaps: Seconds from each loss of the connection until the page was there again.
    """

    def __init__(self, address: str, rng: random.Random) -> None:
        self._address, self._rng = address, rng
        self.answered: dict[float, float] = {}
        self.lost = 0
        self.gaps: list[float] = []

    async def work(self, over: asyncio.Event) -> None:
        """Presses until the time is over."""
        lost_at = pressed = None
        while not over.is_set():
            try:
                writer = Writer(self._address, self._rng)
                async with writer.connected():
                    if lost_at is not None:
                        self.gaps.append(time.monotonic() - lost_at)
                        lost_at = None
                    while not over.is_set():
                        await writer.look(self._rng.uniform(*PRESS_SECONDS))
                        pressed = time.monotonic()
                        await writer.press()
                        self.answered[pressed] = time.monotonic() - pressed
                        pressed = None
            except (OSError, websockets.WebSocketException):
                self.lost += pressed is not None
                lost_at, pressed = lost_at or time.monotonic(), None
                await asyncio.sleep(AGAIN_SECONDS)


async def measure(sessions: int, address: str, server: Server) -> dict:
    """The figures of so many sessions, of which about half are on the server that is lost."""
    rng, over = random.Random(0), asyncio.Event()
    clients = [Client(address, rng) for _ in range(sessions)]
    tasks = []
    for client in clients:
        tasks.append(asyncio.create_task(client.work(over)))
        await asyncio.sleep(ARRIVAL_SECONDS / sessions)
    await asyncio.sleep(BEFORE_SECONDS)
    killed = time.monotonic()
    server.kill()
    await asyncio.sleep(DOWN_SECONDS)
    server.start()
    await asyncio.sleep(AFTER_SECONDS)
    over.set()
    await asyncio.gather(*tasks)
    presses = {when: waited for client in clients for when, waited in client.answered.items()}
    before = [waited for when, waited in presses.items() if when < killed]
    after = [waited for when, waited in presses.items() if when >= killed]
    gaps = [gap for client in clients for gap in client.gaps]
    return {
        "sessions": sessions,
        "presses_answered": len(presses),
        "presses_lost_with_the_server": sum(client.lost for client in clients),
        "sessions_moved": len(gaps),
        "seconds_until_the_page_is_there_again": {"median": median(gaps), "most": max(gaps)},
        "press_to_text_seconds_before": {"median": median(before), "most": max(before)},
        "press_to_text_seconds_after": {"median": median(after), "most": max(after)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.failover", description=__doc__.split("\n")[0])
    parser.add_argument("sessions", type=int, nargs="?", default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, balanced(Path(folder), dict(os.environ)) as (address, servers):
        figures = asyncio.run(measure(options.sessions, address, servers[0]))
    json.dump(figures, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
