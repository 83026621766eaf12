"""The two recipes on the same machine in one run: `python -m benchmarks.recipes [EPOCHS OF THE NOTEBOOK'S]`.

Trains from scratch by each recipe, 128 units on Nietzsche, and prints a JSON object: held-out loss after some seconds
of training, and how much sooner the fast recipe reaches what the notebook's recipe has after its 2nd and 5th epoch.
The fast one is run twice, for 3 epochs and for 20: the fewer it has, the sooner its learning rate falls.
Takes a quarter of an hour on two cores that do nothing else.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def curve(recipe: str, epochs: int, folder: Path) -> list[tuple[float, float]]:
    """(seconds of training so far, held-out nats) after each epoch."""
    command = (sys.executable, "-m", "charlstm", "train", "--recipe", recipe, "--epochs", str(epochs), "--json")
    out = ("--out", str(folder / f"{recipe}.keras"))
    lines = subprocess.run((*command, *out), cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    seconds, points = 0.0, []
    for epoch in map(json.loads, lines):
        seconds += epoch["seconds"]
        points.append((round(seconds, 1), round(epoch["val_nats"], 4)))
    return points


def seconds_to(points: list[tuple[float, float]], nats: float) -> float:
    """Seconds until the held-out loss is at most `nats`; infinite if it never is."""
    return next((seconds for seconds, val_nats in points if val_nats <= nats), float("inf"))


def main(notebook_epochs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        short, stream = (curve("stream", epochs, Path(folder)) for epochs in (3, 20))
        notebook = curve("notebook", notebook_epochs, Path(folder))
    sooner = {
        f"epoch_{epoch}": {
            "nats": notebook[epoch - 1][1],
            "notebook_seconds": notebook[epoch - 1][0],
            "stream_seconds": seconds_to(short, notebook[epoch - 1][1]),
            "times_sooner": round(notebook[epoch - 1][0] / seconds_to(short, notebook[epoch - 1][1]), 1),
        }
        for epoch in (2, 5)
        if epoch <= notebook_epochs
    }
    print(json.dumps({"short": short, "stream": stream, "notebook": notebook, "sooner": sooner}, indent=1))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
