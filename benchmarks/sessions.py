"""A class at once: `python -m benchmarks.sessions [SESSIONS [SECONDS]]` has 50 sessions write one text after another.

Each session speaks the browser's own protocol from another process than the server: it opens the page, presses
Generate, plays the text for as long as it lasts (400 characters at 40 a second), says that it has ended, and presses
again. Prints a JSON object: how long from a press until the text is there, how long from arrival to the whole page,
what one text takes of messages and bytes, and the processor and memory of the server. Linux only.
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

from benchmarks.page import ROOT, processor_seconds, resident_mb, server, wait_for_server

ARRIVAL_SECONDS = 5.0  # within which all sessions come
SETTLE_SECONDS = 5.0
PLAY_SECONDS = 10.0  # 400 characters at 40 a second
PATIENCE_SECONDS = 30.0


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

    async def visit(self, until: float) -> None:
        """Comes, writes text after text until the time is over, and leaves."""
        came = time.monotonic()
        async with websockets.connect(self._url, subprotocols=["streamlit"], max_size=None) as self._socket:
            listener = asyncio.create_task(self._listen())
            await self._rerun()
            await asyncio.wait_for(self._finished.wait(), PATIENCE_SECONDS)
            self.arrival = time.monotonic() - came
            await asyncio.sleep(self._rng.uniform(0, PLAY_SECONDS))
            self.messages = self.bytes = 0
            while time.monotonic() < until:
                await self._write()
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


async def measure(sessions: int, seconds: float) -> dict:
    """The figures of so many sessions, `seconds` long once all are there."""
    with server(ROOT / "streamlit_app.py") as (process, address):
        wait_for_server(address)
        rng = random.Random(0)
        visitors = [Visitor(address, rng) for _ in range(sessions)]
        end = time.monotonic() + ARRIVAL_SECONDS + SETTLE_SECONDS + PLAY_SECONDS + seconds
        tasks = []
        for visitor in visitors:
            tasks.append(asyncio.create_task(visitor.visit(end)))
            await asyncio.sleep(ARRIVAL_SECONDS / sessions)
        await asyncio.sleep(max(0.0, end - seconds - time.monotonic()))
        before, own = processor_seconds(process.pid), time.process_time()
        await asyncio.sleep(max(0.0, end - time.monotonic()))
        cores, clients = (processor_seconds(process.pid) - before) / seconds, (time.process_time() - own) / seconds
        results = await asyncio.gather(*tasks, return_exceptions=True)
        waits = sorted(wait for visitor in visitors for wait in visitor.waits)
        texts = sum(visitor.texts for visitor in visitors)
        return {
            "sessions": sessions,
            "dropped": sum(isinstance(result, BaseException) for result in results),
            "texts": texts,
            "arrival_seconds_last": round(max(visitor.arrival for visitor in visitors), 2),
            "press_to_text_seconds_median": round(waits[len(waits) // 2], 3),
            "press_to_text_seconds_95": round(quantiles(waits, n=20)[-1], 3),
            "messages_a_text": round(sum(visitor.messages for visitor in visitors) / texts, 1),
            "kilobytes_a_text": round(sum(visitor.bytes for visitor in visitors) / texts / 1000, 1),
            "server_cores": round(cores, 2),
            "clients_cores": round(clients, 2),
            "server_megabytes": round(resident_mb(process.pid)),
        }


if __name__ == "__main__":
    sessions, seconds = [*sys.argv[1:], *("50", "60")[len(sys.argv) - 1 :]][:2]
    print(json.dumps(asyncio.run(measure(int(sessions), float(seconds))), indent=1))
