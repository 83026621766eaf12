"""What a written character costs: `python -m benchmarks.writing`.

Each way of writing is measured against the bare product `hidden @ recurrent_kernel` of as many rows, 128 units, in one
process: rounds of both take turns, and the median of their ratios is reported, so that whatever else the machine does
falls on both. Prints a JSON object: microseconds and multiples of the product.
"""

import json
import statistics
import time
from collections.abc import Callable, Iterable

import numpy as np

from charlstm.network.lstm import Network
from charlstm.network.processor import use_one_core
from charlstm.network.registry import load_model
from charlstm.writing.live_text import LiveText
from charlstm.writing.sampling import Sampler

ROUNDS, CALLS = 501, 20  # short rounds: most are not interrupted
TEMPERATURES = (0.2, 0.5, 1.0, 1.2)
SEED_TEXT = "the lecture began with a question that nobody had expected: "


def main() -> None:
    """Measures and prints."""
    use_one_core()
    model = load_model("nietzsche")
    sampler, rows = Sampler(0.5), Sampler(TEMPERATURES)
    one, window = LiveText(model, SEED_TEXT, 0), LiveText(model, SEED_TEXT, 0, context=60)
    four = LiveText(model, SEED_TEXT, 0, rows=len(TEMPERATURES))
    truncated = Sampler(0.5, top_k=20, top_p=0.95)
    ways = {
        "a step of the network": (1, step(model.network)),
        "a character, state carried": (1, lambda: one.write_one(sampler)),
        "a character, last 60 characters": (60, lambda: window.write_one(sampler)),
        "a character of four rows": (4, lambda: four.write_one(rows)),
        "a character, top-k and top-p": (1, lambda: one.write_one(truncated)),
    }
    print(json.dumps({way: compare(call, bare_product(rows)) for way, (rows, call) in ways.items()}, indent=2))


def step(network: Network) -> Callable[[], object]:
    """A step of what reads on and on."""
    ids, cursor = np.array([3]), network.cursor()
    return lambda: cursor.read(ids)


def bare_product(rows: int, units: int = 128) -> Callable[[], object]:
    """The product that no LSTM does without."""
    rng = np.random.default_rng(0)
    hidden = rng.random((rows, units), np.float32)
    recurrent_kernel = rng.random((units, 4 * units), np.float32)
    return lambda: hidden @ recurrent_kernel


def compare(call: Callable[[], object], product: Callable[[], object]) -> dict[str, float]:
    """Medians of the rounds of both, and of their ratios."""
    rounds = [(seconds(call), seconds(product)) for _ in range(ROUNDS)]
    return {
        "us": median(a * 1e6 for a, _ in rounds),
        "product_us": median(b * 1e6 for _, b in rounds),
        "times_product": median(a / b for a, b in rounds),
    }


def seconds(call: Callable[[], object]) -> float:
    """Of one call, in the mean of a round."""
    start = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - start) / CALLS


def median(values: Iterable[float]) -> float:
    """To three digits."""
    return float(f"{statistics.median(values):.3g}")


if __name__ == "__main__":
    main()
