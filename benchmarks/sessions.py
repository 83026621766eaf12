"""A class at once: `python -m benchmarks.sessions [SESSIONS [SECONDS]]` has 50 sessions write one text after another.

`--servers 2` spreads them over two processes of the page. With `--minutes 60` sessions come, write and leave for an
hour, so many at a time, and the memory of the server is noted each minute.

Each session speaks the browser's own protocol from another process than the server: it opens the page, presses
Generate, plays the text for as long as it lasts (400 characters at 40 a second), says that it has ended, and presses
again. Prints a JSON object: how long from a press until the text is there, how long from arrival to the whole page,
what one text takes of messages and bytes, and the processor and memory of the server. Linux only.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from math import isnan
from statistics import quantiles

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.page import PORT, ROOT, processor_seconds, resident_mb, server, wait_for_server

ARRIVAL_SECONDS = 5.0  # within which all sessions come
SETTLE_SECONDS = 5.0
PLAY_SECONDS = 10.0  # 400 characters at 40 a second
PATIENCE_SECONDS = 90.0
STAY_SECONDS = (20.0, 90.0)  # of sessions that come and go
RNG = random.Random(0)


class Visitor:
    """One session: what it has asked for, and when the answer came."""

    def __init__(self, address: str, rng: random.Random) -> None:
        self._url = address.replace("http", "ws") + "/_stcore/stream"
        self._rng = rng
        self._stage: dict = {}
        self._ids: dict[str, str] = {}
        self._finished = asyncio.Event()
        self._playing = asyncio.Event()
        self.arrival = float("nan")
        self.waits: list[float] = []
        self.messages = self.bytes = self.texts = 0

    async def visit(self, over: Callable[[], bool]) -> None:
        """Comes, writes text after text until the time is `over`, and leaves."""
        came = time.monotonic()
        async with websockets.connect(
            self._url, subprotocols=["streamlit"], max_size=None, ping_interval=None
        ) as self._socket:
            listener = asyncio.create_task(self._listen())
            await self._rerun()
            await asyncio.wait_for(self._finished.wait(), PATIENCE_SECONDS)
            self.arrival = time.monotonic() - came
            await asyncio.sleep(self._rng.uniform(0, PLAY_SECONDS))
            self.messages = self.bytes = 0
            try:
                while not over():
                    await self._write()
            finally:
                listener.cancel()

    async def _write(self) -> None:
        self._playing.clear()
        start = time.monotonic()
        await self._rerun("generate", trigger_value=True)
        await asyncio.wait_for(self._playing.wait(), PATIENCE_SECONDS)
        self.waits.append(time.monotonic() - start)
        await asyncio.sleep(PLAY_SECONDS)
        ended = [{"event": "ended", "value": {"id": self._stage["id"], "shown": 400}}]
        await self._rerun("stage", json_trigger_value=json.dumps(ended))
        self.texts += 1

    async def _rerun(self, key: str = "", **value) -> None:
        message = BackMsg()
        message.rerun_script.query_string = ""
        if key:
            message.rerun_script.fragment_id = self._ids["fragment"]
            message.rerun_script.widget_states.widgets.add(id=self._ids[key], **value)
        await self._socket.send(message.SerializeToString())

    async def _listen(self) -> None:
        async for content in self._socket:
            self.messages += 1
            self.bytes += len(content)
            message = ForwardMsg.FromString(content)
            if message.WhichOneof("type") == "delta":
                self._hear(message)
            elif message.WhichOneof("type") == "script_finished":
                self._finished.set()

    def _hear(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        if element.WhichOneof("type") == "button" and element.button.id.endswith("-generate"):
            self._ids["generate"] = element.button.id
            self._ids["fragment"] = message.delta.fragment_id
        elif element.WhichOneof("type") == "bidi_component" and element.bidi_component.component_name == "stage":
            self._ids["stage"] = f"$$STREAMLIT_INTERNAL_KEY_{element.bidi_component.id}__events"
            stage = json.loads(element.bidi_component.json)
            if stage["chars"] and stage["id"] != self._stage.get("id"):
                self._playing.set()
            self._stage = stage


async def measure(sessions: int, seconds: float, addresses: list[str], pids: list[int]) -> dict:
    """The figures of so many sessions, `seconds` long once all are there; they are spread over the servers."""
    visitors = [Visitor(addresses[number % len(addresses)], RNG) for number in range(sessions)]
    over, tasks = asyncio.Event(), []
    for visitor in visitors:
        tasks.append(asyncio.create_task(visitor.visit(over.is_set)))
        await asyncio.sleep(ARRIVAL_SECONDS / sessions)
    while any(isnan(visitor.arrival) and not task.done() for visitor, task in zip(visitors, tasks, strict=True)):
        await asyncio.sleep(0.1)
    await asyncio.sleep(SETTLE_SECONDS + PLAY_SECONDS)
    before, own = sum(map(processor_seconds, pids)), time.process_time()
    await asyncio.sleep(seconds)
    over.set()
    cores, clients = (sum(map(processor_seconds, pids)) - before) / seconds, (time.process_time() - own) / seconds
    results = await asyncio.gather(*tasks, return_exceptions=True)
    return {
        "sessions": sessions,
        "servers": len(pids),
        "dropped": sum(isinstance(result, BaseException) for result in results),
        "arrival_seconds_last": round(max(visitor.arrival for visitor in visitors), 2),
        **figures(visitors),
        "server_cores": round(cores, 2),
        "clients_cores": round(clients, 2),
        "server_megabytes": round(sum(map(resident_mb, pids))),
    }


async def come_and_go(sessions: int, minutes: float, addresses: list[str], pids: list[int]) -> dict:
    """So many sessions at a time; each writes for a while and leaves, and another one comes."""
    end, visitors, dropped = time.monotonic() + 60 * minutes, [], 0
    megabytes: list[int] = []

    async def guests(address: str) -> None:
        nonlocal dropped
        await asyncio.sleep(RNG.uniform(0, ARRIVAL_SECONDS))
        while time.monotonic() < end:
            visitors.append(Visitor(address, RNG))
            try:
                leaves = min(end, time.monotonic() + RNG.uniform(*STAY_SECONDS))
                await visitors[-1].visit(lambda leaves=leaves: time.monotonic() >= leaves)
            except (OSError, TimeoutError, websockets.WebSocketException):
                dropped += 1

    tasks = [asyncio.create_task(guests(addresses[number % len(addresses)])) for number in range(sessions)]
    while time.monotonic() < end:
        await asyncio.sleep(min(60.0, max(0.1, end - time.monotonic())))
        megabytes.append(round(sum(map(resident_mb, pids))))
        print(f"{len(megabytes)} min: {megabytes[-1]} MB, {len(visitors)} visitors", file=sys.stderr, flush=True)
    await asyncio.gather(*tasks)
    came = {"sessions": sessions, "servers": len(pids), "visitors": len(visitors), "dropped": dropped}
    return came | figures(visitors) | {"server_megabytes_by_minute": megabytes}


def figures(visitors: list[Visitor]) -> dict[str, float]:
    """What all of them waited for, and what a text took on the wire."""
    waits = sorted(wait for visitor in visitors for wait in visitor.waits)
    texts = sum(visitor.texts for visitor in visitors)
    return {
        "texts": texts,
        "press_to_text_seconds_median": round(waits[len(waits) // 2], 3),
        "press_to_text_seconds_95": round(quantiles(waits, n=20)[-1], 3),
        "messages_a_text": round(sum(visitor.messages for visitor in visitors) / texts, 1),
        "kilobytes_a_text": round(sum(visitor.bytes for visitor in visitors) / texts / 1000, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sessions", description=__doc__.split("\n")[0])
    parser.add_argument("sessions", type=int, nargs="?", default=50)
    parser.add_argument("seconds", type=float, nargs="?", default=60.0, help="of writing that are measured")
    parser.add_argument("--servers", type=int, default=1, help="processes over which the sessions are spread")
    parser.add_argument("--minutes", type=float, help="for so long sessions come, write and leave")
    options = parser.parse_args()
    with ExitStack() as stack:
        running = [stack.enter_context(server(ROOT / "streamlit_app.py", PORT + n)) for n in range(options.servers)]
        pids, addresses = [process.pid for process, _ in running], [address for _, address in running]
        for address in addresses:
            wait_for_server(address)
        if options.minutes:
            work = come_and_go(options.sessions, options.minutes, addresses, pids)
        else:
            work = measure(options.sessions, options.seconds, addresses, pids)
        print(json.dumps(asyncio.run(work), indent=1))


if __name__ == "__main__":
    main()
