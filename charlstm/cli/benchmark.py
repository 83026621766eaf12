"""How fast text is written: the network in NumPy against the notebook's own loop, same weights, same machine, one run.

Knows clocks; the notebook's loop itself runs Keras and so lives in `training`.
"""

import argparse
import itertools
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from charlstm.network.model_file import Model
from charlstm.network.registry import find_model, load_model
from charlstm.writing.generation import Writer
from charlstm.writing.sampling import Sampler

HELP = "how fast text is written, against the notebook's loop"
TEMPERATURE = 0.5
WINDOW = 60  # characters that the notebook's loop sees
SEED_LENGTH = 60
LABELS = {
    "carried": "state carried",
    "window": f"{WINDOW}-character context",
    "notebook": "the notebook's loop",
}
ROUNDS = 5  # the median of so many is reported
NUMPY_LENGTH = 2_000  # characters a round: about 0.1 s with the state carried, 0.5 s with the window
NOTEBOOK_LENGTH = 10  # characters a round: about 1 s


@dataclass(frozen=True)
class Measurement:
    """One way of writing and its speed.

    Attributes:
        way: `carried`, `window` (60 characters) or `notebook` (its own loop).
        characters_per_second: The median of `ROUNDS` rounds.
        times_notebook: How many times the speed of the notebook's loop; None where that was left out.
    """

    way: str
    characters_per_second: float
    times_notebook: float | None = None


def measure(path: Path) -> tuple[list[Measurement], str | None]:
    """The speeds of one model file, and why the notebook's loop was left out, or None.

    The rounds of the three ways take turns, so that whatever else the machine does slows all of them alike.

    Raises:
        ModelFileError: The file cannot be used.
    """
    model = load_model(path)
    ways = {"carried": _numpy_round(model, None), "window": _numpy_round(model, WINDOW)}
    left_out = None
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow greets at length
    try:
        from charlstm.training.keras_model import predict_loop

        ways["notebook"] = _notebook_round(predict_loop(path, WINDOW, TEMPERATURE))
    except ImportError as error:
        left_out = f"the notebook's loop needs Keras, which cannot be imported here ({error})"
    rounds: dict[str, list[float]] = {way: [] for way in ways}
    for _, way in itertools.product(range(ROUNDS), ways):
        rounds[way].append(ways[way]())
    speeds = {way: statistics.median(rounds[way]) for way in ways}
    base = speeds.get("notebook")
    return [Measurement(way, speed, base and speed / base) for way, speed in speeds.items()], left_out


def _numpy_round(model: Model, context: int | None) -> Callable[[], float]:
    """A function that writes on and returns characters a second."""
    seed_text = (model.vocab.chars * SEED_LENGTH)[:SEED_LENGTH]
    writer = Writer(model, seed_text, np.random.default_rng(0), context=context)
    sampler = Sampler(TEMPERATURE)

    def write_round() -> float:
        start = time.perf_counter()
        for _ in range(NUMPY_LENGTH):
            writer.write(sampler)
        return NUMPY_LENGTH / (time.perf_counter() - start)

    return write_round


def _notebook_round(ids: Iterator[int]) -> Callable[[], float]:
    """The same for the iterator of ids that `predict_loop` returns; its first steps build and warm up."""
    for _ in itertools.islice(ids, 3):
        pass

    def write_round() -> float:
        start = time.perf_counter()
        for _ in itertools.islice(ids, NOTEBOOK_LENGTH):
            pass
        return NOTEBOOK_LENGTH / (time.perf_counter() - start)

    return write_round


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--model", default="nietzsche", metavar="NAME|FILE", help="default: %(default)s")
    command.add_argument("--json", action="store_true", help="one object instead of lines")


def run(options: argparse.Namespace) -> None:
    """Measures and prints; what was left out is said on standard error."""
    measurements, left_out = measure(find_model(options.model))
    if left_out:
        print(f"left out: {left_out}", file=sys.stderr)
    if options.json:
        rows = [asdict(measurement) for measurement in measurements]
        print(json.dumps({"model": options.model, "measurements": rows, "left_out": left_out}))
        return
    for measurement in measurements:
        ratio = "" if left_out else f"  {measurement.times_notebook:8,.0f} x"
        print(f"{LABELS[measurement.way]:<22} {measurement.characters_per_second:10,.1f} characters/s{ratio}")
