"""A class in a room: `python -m benchmarks.rooms [PHONES [SECONDS]]` has 50 phones guess while a lecturer leads.

Each phone speaks the browser's own protocol from another process than the server: it joins by the room's address,
looks at the room as often as the page asks for, and guesses at each place some time after it is open. The lecturer
shows the truth every ten seconds and opens the next place three seconds later. Prints a JSON object: how long from a
guess until the phone is told, how long from the lecturer's press until a phone has seen it, and the processor and
memory of the server. Linux only.
"""

import asyncio
import json
import random
import sys
import time
from statistics import quantiles

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.util import calc_hash

from benchmarks.page import ROOT, processor_seconds, resident_mb, server, wait_for_server

ARRIVAL_SECONDS = 5.0  # within which all phones come
SETTLE_SECONDS = 5.0
GUESSING_SECONDS, SHOWN_SECONDS = 10.0, 3.0
PATIENCE_SECONDS = 30.0
IDLE_SECONDS = 3600.0  # what is looked at less often moves nothing
LETTERS = "etaoins"


class Visitor:
    """One session: it looks at the page as often as that asks for."""

    page = calc_hash("room")

    def __init__(self, address: str, query: str) -> None:
        self._url, self.query = address.replace("http", "ws") + "/_stcore/stream", query
        self.ids: dict[str, str] = {}
        self.text = ""
        self.heard = asyncio.Event()
        self.fragment, self._every = "", 0.0

    async def __aenter__(self) -> "Visitor":
        self._socket = await websockets.connect(self._url, subprotocols=["streamlit"], max_size=None)
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._look())]
        await self.rerun()
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await self._socket.close()

    async def rerun(self, key: str = "", fragment: bool = True, **value: object) -> None:
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.page_script_hash = self.page
        if fragment and self.fragment:
            message.rerun_script.fragment_id = self.fragment
            message.rerun_script.is_auto_rerun = not key
        if key:
            message.rerun_script.widget_states.widgets.add(id=self.ids[key], **value)
        await self._socket.send(message.SerializeToString())

    async def until(self, words: str) -> float:
        """Seconds until something with these words has come."""
        start = time.monotonic()
        while words not in self.text:
            self.heard.clear()
            await asyncio.wait_for(self.heard.wait(), PATIENCE_SECONDS)
        return time.monotonic() - start

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(self._every or 0.1)
            if self._every:
                await self.rerun()

    async def _listen(self) -> None:
        async for content in self._socket:
            message = ForwardMsg.FromString(content)
            kind = message.WhichOneof("type")
            if kind == "auto_rerun" and message.auto_rerun.interval < IDLE_SECONDS:
                self.fragment, self._every = message.auto_rerun.fragment_id, message.auto_rerun.interval
            elif kind == "page_info_changed":
                self.query = message.page_info_changed.query_string
            elif kind == "delta":
                self._hear(message.delta.new_element)

    def _hear(self, element: object) -> None:
        kind = element.WhichOneof("type")
        if kind in ("button", "text_input"):
            id = getattr(element, kind).id
            self.ids[id.rpartition("-")[2]] = id
        if kind == "html":
            self.text = element.html.body if "role" in element.html.body else self.text
        if kind in ("html", "button"):
            self.heard.set()


class Phone:
    """A visitor who guesses.

    Attributes:
        waits: Seconds from each guess until it is told.
        seen: When the phone saw each truth.
    """

    def __init__(self, rng: random.Random) -> None:
        self._rng, self.waits, self.seen = rng, [], []
        self.arrival = float("nan")

    async def visit(self, address: str, query: str, until: float) -> None:
        came = time.monotonic()
        async with Visitor(address, query) as visitor:
            await visitor.until("Type one character")
            self.arrival = time.monotonic() - came
            while time.monotonic() < until:
                await visitor.until("Type one character")
                await asyncio.sleep(self._rng.uniform(0.5, 6))
                await visitor.rerun("room_guess", string_value=self._rng.choice(LETTERS))
                self.waits.append(await visitor.until("Now wait"))
                await visitor.until("It was")
                self.seen.append(time.monotonic())


async def lead(lecturer: Visitor, until: float) -> list[float]:
    """Shows and opens places; returns when it showed."""
    pressed = []
    while time.monotonic() < until:
        await asyncio.sleep(GUESSING_SECONDS)
        pressed.append(time.monotonic())
        await lecturer.rerun("room_show", trigger_value=True)
        await asyncio.sleep(SHOWN_SECONDS)
        await lecturer.rerun("room_next", trigger_value=True)
    return pressed


async def measure(phones: int, seconds: float) -> dict:
    """The figures of a room of so many phones, `seconds` long once all are there."""
    with server(ROOT / "streamlit_app.py") as (process, address):
        wait_for_server(address)
        async with Visitor(address, "model=python-docs") as lecturer:
            while "room_open" not in lecturer.ids:
                await asyncio.sleep(0.1)
            await asyncio.sleep(1)
            await lecturer.rerun("room_open", fragment=False, trigger_value=True)
            while "room_show" not in lecturer.ids:
                await asyncio.sleep(0.1)
            await asyncio.sleep(1)
            code = dict(pair.split("=") for pair in lecturer.query.split("&"))["room"]
            rng = random.Random(0)
            end = time.monotonic() + ARRIVAL_SECONDS + SETTLE_SECONDS + seconds
            visitors = [Phone(random.Random(rng.random())) for _ in range(phones)]
            tasks = []
            for phone in visitors:
                tasks.append(asyncio.create_task(phone.visit(address, f"room={code}", end - 15)))
                await asyncio.sleep(ARRIVAL_SECONDS / phones)
            leading = asyncio.create_task(lead(lecturer, end))
            await asyncio.sleep(max(0.0, end - seconds - time.monotonic()))
            before, own = processor_seconds(process.pid), time.process_time()
            await asyncio.sleep(max(0.0, end - time.monotonic()))
            cores, clients = (processor_seconds(process.pid) - before) / seconds, (time.process_time() - own) / seconds
            pressed = await leading
            results = await asyncio.gather(*tasks, return_exceptions=True)
        waits = sorted(wait for phone in visitors for wait in phone.waits)
        late = sorted(seen - max(at for at in pressed if at < seen) for phone in visitors for seen in phone.seen)
        return {
            "phones": phones,
            "dropped": sum(isinstance(result, BaseException) for result in results),
            "guesses": len(waits),
            "arrival_seconds_last": round(max(phone.arrival for phone in visitors), 2),
            "guess_to_told_seconds_median": round(waits[len(waits) // 2], 3),
            "guess_to_told_seconds_95": round(quantiles(waits, n=20)[-1], 3),
            "shown_to_seen_seconds_95": round(quantiles(late, n=20)[-1], 2),
            "server_cores": round(cores, 2),
            "clients_cores": round(clients, 2),
            "server_megabytes": round(resident_mb(process.pid)),
        }


if __name__ == "__main__":
    phones, seconds = [*sys.argv[1:], *("50", "60")[len(sys.argv) - 1 :]][:2]
    print(json.dumps(asyncio.run(measure(int(phones), float(seconds))), indent=1))
