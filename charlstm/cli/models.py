"""`charlstm models`: the models on this machine."""

import argparse
import json
import sys
from typing import Any

from charlstm.network.metadata import epoch_label
from charlstm.network.model_file import SavedEpoch, read_model
from charlstm.network.registry import best_epoch, list_models

HELP = "the models on this machine"


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="one list instead of a table")


def run(options: argparse.Namespace) -> None:
    """Lists the models; corpus, units and held-out loss are those of each one's best epoch."""
    models = [_describe(name, epochs) for name, epochs in list_models().items()]
    if options.json:
        print(json.dumps(models, ensure_ascii=False))
        return
    if not models:
        print("no models here; train one with: charlstm train --out FILE.keras", file=sys.stderr)
    for model in models:
        labels = ", ".join(map(epoch_label, model["epochs"]))
        bits = model["val_bits_per_character"]
        print(
            f"{model['name']}: {' + '.join(map(str, model['units']))} units, trained on {model['corpus'] or '?'}, "
            f"{'nothing held out' if bits is None else f'{bits:.3f} bits a held-out character'} "
            f"at epoch {model['best_epoch']}; snapshots of epochs {labels}"
        )


def _describe(name: str, epochs: list[SavedEpoch]) -> dict[str, Any]:
    best = best_epoch(epochs)
    model = read_model(best.file)
    return {
        "name": name,
        "epochs": [epoch.metadata.epoch for epoch in epochs],
        "best_epoch": best.metadata.epoch,
        "units": list(model.network.units),
        "corpus": model.metadata.corpus,
        "val_bits_per_character": model.metadata.val_bits_per_character,
    }
