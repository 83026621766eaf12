"""A class that trains: `python -m benchmarks.trainees [SESSIONS]` has 20 press Train at once, on a cluster of two.

Each session speaks the browser's own protocol. Ten more write one text after another meanwhile, as in
`benchmarks.sessions`. Prints a JSON object: how many trained to the end and how many were told their place, when the
first and the last were done, and what the writers waited for before and during that. `--workers N` makes the cluster
smaller or larger, `--here` trains on this machine without one. Linux only; needs the corpus of `nietzsche`.
"""

import argparse
import asyncio
import json
import os
import random
import re
import tempfile
import time
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from statistics import median, quantiles

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.util import calc_hash
from workers import dask_cluster, tls_environment

from benchmarks import rooms, sessions
from benchmarks.page import ROOT, resident_mb, server, wait_for_server
from charlstm.page.sidebar.training_setup import TEXTS
from charlstm.text.corpus import load_corpus

ENDS = "^Training (is done|failed|was stopped)"
SETTLE_SECONDS = 30.0  # of writing before anyone trains
WRITERS = 10


class Trainee(rooms.Visitor):
    """A session that trains the model on the page.

    Attributes:
        said: What the page said of the training, each sentence once, and seconds after the press when it did.
    """

    page = calc_hash("")

    def __init__(self, address: str) -> None:
        super().__init__(address, "")
        self.said: dict[str, float] = {}
        self._pressed = 0.0

    async def train(self, epochs: int, text: str = "") -> None:
        """Presses Train and follows it to its end; a text of one's own makes a new model."""
        await self._drawn("train")
        values = {"train_epochs": {"double_value": epochs}, "train": {"trigger_value": True}}
        if text:
            await self._set(corpus={"string_value": TEXTS["own"]})
            await self._drawn("paste_corpus")
            values["paste_corpus"] = {"string_value": text}
        self._pressed = time.monotonic()
        await self._set(**values)
        while self.first(ENDS) is None:
            await self._news()

    async def _drawn(self, key: str) -> None:
        while key not in self.ids:
            await self._news()

    async def _set(self, **values: dict[str, object]) -> None:
        message = BackMsg()
        message.rerun_script.page_script_hash = self.page
        for key, value in values.items():
            message.rerun_script.widget_states.widgets.add(id=self.ids[key], **value)
        await self._socket.send(message.SerializeToString())

    def first(self, words: str) -> float | None:
        """Seconds after the press when a sentence with these words was first there."""
        return min((when for sentence, when in self.said.items() if re.search(words, sentence)), default=None)

    async def _news(self) -> None:
        self.heard.clear()
        await self.heard.wait()

    def _hear(self, element: object) -> None:
        kind = element.WhichOneof("type")
        if kind in ("button", "number_input", "selectbox", "text_area"):
            id = getattr(element, kind).id
            self.ids[id.rpartition("-")[2]] = id
        sentence = {"progress": "text", "alert": "body", "markdown": "body"}.get(kind)
        if sentence and self._pressed:
            self.said.setdefault(getattr(getattr(element, kind), sentence), time.monotonic() - self._pressed)
        self.heard.set()


def waits(writers: list[sessions.Visitor]) -> dict[str, float]:
    """What they waited for from a press until the text was there."""
    waited = [wait for writer in writers for wait in writer.waits]
    return {"median": median(waited), "95th percentile": quantiles(waited, n=20)[-1]}


async def measure(count: int, epochs: int, characters: int, address: str, pid: int) -> dict:
    """The figures of so many sessions that train at once, each on a text of its own."""
    rng, over = random.Random(0), asyncio.Event()
    writers = [sessions.Visitor(address, rng) for _ in range(WRITERS)]
    writing = [asyncio.create_task(writer.visit(over.is_set)) for writer in writers]
    await asyncio.sleep(SETTLE_SECONDS)
    before, megabytes = waits(writers), resident_mb(pid)
    for writer in writers:
        writer.waits.clear()
    trainees = [Trainee(address) for _ in range(count)]
    async with AsyncExitStack() as open_pages:
        for trainee in trainees:
            await open_pages.enter_async_context(trainee)
        text = load_corpus("nietzsche").text
        texts = [text[characters * number :][:characters] for number in range(count)]
        await asyncio.gather(*(trainee.train(epochs, own) for trainee, own in zip(trainees, texts, strict=True)))
    during = waits(writers)
    over.set()
    await asyncio.gather(*writing)
    ends = sorted(trainee.first("^Training is done") or float("inf") for trainee in trainees)
    return {
        "sessions": count,
        "epochs": epochs,
        "characters": characters,
        "done": sum(end < float("inf") for end in ends),
        "told_their_place": sum(trainee.first("place \\d") is not None for trainee in trainees),
        "first_sign_seconds_last": max(trainee.first("^(Starting|Waiting)") for trainee in trainees),
        "done_seconds_first": ends[0],
        "done_seconds_last": ends[-1],
        "jobs_a_minute": 60 * count / ends[-1],
        "press_to_text_seconds_before": before,
        "press_to_text_seconds_meanwhile": during,
        "server_megabytes": [megabytes, resident_mb(pid)],
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.trainees", description=__doc__.split("\n")[0])
    parser.add_argument("sessions", type=int, nargs="?", default=20)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--characters", type=int, default=20_000, help="of the text on which each trains a new model")
    parser.add_argument("--workers", type=int, default=2, help="of the cluster")
    parser.add_argument("--here", action="store_true", help="no cluster: a process of this machine for each job")
    options = parser.parse_args()
    with ExitStack() as stack:
        environment = dict(os.environ)
        if not options.here:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            scheduler, _ = stack.enter_context(dask_cluster(folder, options.workers))
            environment |= tls_environment() | {"CHARLSTM_SCHEDULER": scheduler}
        process, address = stack.enter_context(server(ROOT / "streamlit_app.py", env=environment))
        wait_for_server(address)
        figures = asyncio.run(measure(options.sessions, options.epochs, options.characters, address, process.pid))
    where = "here" if options.here else f"cluster of {options.workers}"
    print(json.dumps({"where": where} | figures, indent=1, default=lambda value: round(value, 2)))


if __name__ == "__main__":
    main()
