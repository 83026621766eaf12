"""Many visitors at once: `python -m benchmarks.sessions [SESSIONS]` writes texts in 50 sessions of one server.

Each session speaks Streamlit's own protocol as a browser does: it opens the page, presses Generate, and asks for the
next tick when the page says so. Prints a JSON object: how many characters a second each session got of the 40 it asked
for, the longest pause between two updates, and the processor that the server took. Linux only.
"""

import asyncio
import json
import re
import sys
import time

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.page import ROOT, processor_seconds, resident_mb, server, wait_for_server

SECONDS = 20
ARRIVAL_SECONDS = 0.5  # between two visitors
LENGTH = 10_000


class Visitor:
    """One session: what it has seen of its text, and when."""

    def __init__(self) -> None:
        self.generate_id = ""
        self.pressed = False
        self.ticker: asyncio.Task | None = None
        self.updates: list[tuple[float, int]] = []

    async def visit(self, address: str, until: float) -> None:
        url = address.replace("http", "ws") + "/_stcore/stream"
        async with websockets.connect(url, subprotocols=["streamlit"], max_size=None) as self.socket:
            await self.rerun()
            while time.monotonic() < until:
                try:
                    message = ForwardMsg.FromString(await asyncio.wait_for(self.socket.recv(), 1))
                except TimeoutError:
                    continue
                await self.hear(message)
            if self.ticker:
                self.ticker.cancel()

    async def rerun(self, fragment_id: str = "", pressed: str = "") -> None:
        message = BackMsg()
        message.rerun_script.query_string = f"length={LENGTH}"
        message.rerun_script.fragment_id = fragment_id
        if pressed:
            message.rerun_script.widget_states.widgets.add(id=pressed, trigger_value=True)
        await self.socket.send(message.SerializeToString())

    async def hear(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "auto_rerun":
            if self.ticker:
                self.ticker.cancel()
            rerun = message.auto_rerun
            self.ticker = asyncio.create_task(self.tick(rerun.interval, rerun.fragment_id))
        elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "button":
            button = message.delta.new_element.button
            if button.id.endswith("-generate") and not self.generate_id:
                self.generate_id = button.id
        elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "html":
            body = message.delta.new_element.html.body
            if 'class="written"' in body:
                self.updates.append((time.monotonic(), len(re.sub(r"<[^>]*>", "", body))))
        elif kind == "script_finished" and self.generate_id and not self.pressed:
            self.pressed = True
            await self.rerun(pressed=self.generate_id)

    async def tick(self, interval: float, fragment_id: str) -> None:
        while True:
            await asyncio.sleep(interval)
            await self.rerun(fragment_id)


async def measure(sessions: int) -> dict:
    with server(ROOT / "streamlit_app.py") as (process, address):
        wait_for_server(address)
        visitors = [Visitor() for _ in range(sessions)]
        settle = 5 + sessions * ARRIVAL_SECONDS
        end = time.monotonic() + settle + SECONDS
        tasks = []
        for visitor in visitors:
            tasks.append(asyncio.create_task(visitor.visit(address, end)))
            await asyncio.sleep(ARRIVAL_SECONDS)
        await asyncio.sleep(max(0.0, end - SECONDS - time.monotonic()))
        before, own = processor_seconds(process.pid), time.process_time()
        await asyncio.gather(*tasks)
        cores = (processor_seconds(process.pid) - before) / SECONDS
        rates, pauses = zip(*(summary(visitor, end - SECONDS) for visitor in visitors), strict=True)
        return {
            "sessions": sessions,
            "characters_a_second_least": round(min(rates), 1),
            "characters_a_second_mean": round(sum(rates) / sessions, 1),
            "longest_pause_seconds": round(max(pauses), 2),
            "server_cores": round(cores, 2),
            "clients_cores": round((time.process_time() - own) / SECONDS, 2),
            "server_megabytes": round(resident_mb(process.pid)),
        }


def summary(visitor: Visitor, start: float) -> tuple[float, float]:
    """(characters a second, longest seconds between two updates) from `start` on."""
    seen = [(when, length) for when, length in visitor.updates if when >= start]
    if len(seen) < 2:
        return 0.0, float(SECONDS)
    (first, few), (last, many) = seen[0], seen[-1]
    pauses = [later[0] - sooner[0] for sooner, later in zip(seen, seen[1:], strict=False)]
    return (many - few) / (last - first), max(pauses)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 50)), indent=1))
