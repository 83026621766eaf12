"""Writes `docs/models.md` and its chart from the model files and the results beside it: `python -m benchmarks.models`.

`models.toml` says what no file can say of itself: the machine, the words of the document, which trials there were. Each
trial has the lines that `python -m charlstm train --json` prints, some with losses rounded to 4 digits.
"""

import json
import tomllib
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd

from charlstm import generate, list_models
from charlstm.network.lstm import keras_weights
from charlstm.network.metadata import ModelMetadata
from charlstm.network.metrics import bits
from charlstm.network.model_file import Model, read_model
from charlstm.network.registry import best_epoch

ROOT = Path(__file__).resolve().parent.parent
HERE, DOCS = ROOT / "benchmarks", ROOT / "docs"

SAMPLE_LENGTH, SAMPLE_TEMPERATURE, RNG_SEED = 160, 0.5, 42
NAMES = {"stream": "stream: the loss at every position", "notebook": "notebook: one target a window"}


def main() -> None:
    facts = tomllib.loads((HERE / "models.toml").read_text("utf-8"))
    best = {name: best_epoch(epochs) for name, epochs in list_models().items()}
    models = {name: read_model(epoch.file) for name, epoch in best.items()}
    sizes = {name: len(epoch.read_bytes()) for name, epoch in best.items()}
    history = list_models()["nietzsche-notebook"][-1].metadata.history
    recipes_chart().save(DOCS / "recipes.svg")
    parts = {
        "models": models_table(models, sizes, facts["models"]),
        "samples": samples(models, facts["models"]),
        "notebook": notebook_table(history, facts["published"]),
        "collapse": collapse_words(history),
        "compressors": compressors_table(models),
        "tried": tried_table(facts["tried"]),
    }
    text = facts["document"]["text"]
    for name, part in parts.items():
        text = text.replace(f"<{name}>", part)
    (DOCS / "models.md").write_text(text, "utf-8")


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def bits_text(nats: float | None) -> str:
    return "–" if nats is None else f"{bits(nats):.3f}"


def models_table(models: dict[str, Model], sizes: dict[str, int], facts: dict) -> str:
    """A row a model, its best epoch."""
    head = ["model", "corpus", "recipe", "parameters", "file", "training", "training loss", "held out"]
    rows = [_model_row(name, model, sizes[name], facts[name]) for name, model in models.items()]
    return table(head, rows)


def _model_row(name: str, model: Model, size: int, facts: dict) -> list[str]:
    metadata, units = model.metadata, " + ".join(map(str, model.network.units))
    seconds = sum(entry["seconds"] for entry in metadata.history)
    return [
        f"[`{name}`](../models/{name}/README.md)",
        metadata.corpus,
        f"{metadata.config['name']}, {units} units, epoch {metadata.epoch} of {metadata.config['epochs']}",
        f"{parameters(model):,}",
        f"{size / 1e6:.2f} MB",
        f"{seconds:,.0f} s, {facts['machine']}",
        bits_text(metadata.history[-1]["train_loss"]),
        bits_text(metadata.val_loss),
    ]


def parameters(model: Model) -> int:
    """Trained numbers; a table of one-hot rows is none."""
    embedding = model.network.embedding
    fixed = embedding is not None and np.array_equal(embedding, np.eye(len(embedding)))
    return sum(array.size for array in keras_weights(model.network)) - (embedding.size if fixed else 0)


def samples(models: dict[str, Model], facts: dict) -> str:
    """What each writes at temperature 0.5, the first text that comes."""
    parts = []
    for name, model in models.items():
        seed_text, rng = facts[name]["seed_text"], np.random.default_rng(RNG_SEED)
        steps = generate(model, seed_text, SAMPLE_TEMPERATURE, SAMPLE_LENGTH, rng)
        text = "".join(step.char for step in steps)
        parts.append(f"`{name}`, from *{seed_text.strip()}*\n\n```\n{(seed_text + text).strip()}\n```")
    return "\n\n".join(parts)


def notebook_table(history: tuple[dict, ...], published: dict[str, str]) -> str:
    """Training loss by epoch, in nats as the notebook printed it: where it is published, at our lowest, at our last."""
    losses = [entry["train_loss"] for entry in history]
    ours = {str(epoch): f"{nats:.4f}" for epoch, nats in enumerate(losses, start=1)}
    epochs = {*published, str(losses.index(min(losses)) + 1), str(len(losses))}
    rows = [[epoch, published.get(epoch, "–"), ours.get(epoch, "–")] for epoch in sorted(epochs, key=int)]
    return table(["epoch", "published", "ours"], rows)


def collapse_words(history: tuple[dict, ...]) -> str:
    """Whether and when ours collapsed, as the published run did."""
    published = "The published run collapsed after its 54th epoch."
    losses = [entry["train_loss"] for entry in history]
    lowest = min(losses)
    told = f"Ours was lowest at epoch {losses.index(lowest) + 1}, with {lowest:.4f} nats"
    collapsed = [epoch for epoch in range(1, len(losses) + 1) if ModelMetadata(history=history[:epoch]).collapsed]
    if not collapsed:
        return f"{published} {told}, and had not collapsed after {len(losses)} epochs."
    epochs = ", ".join(f"{epoch} ({losses[epoch - 1]:.2f})" for epoch in collapsed)
    return f"{published} {told}; it had collapsed at {epochs}. The page marks those of them that are here."


def compressors_table(models: dict[str, Model]) -> str:
    """Compressors and models of the same text, the worst first."""
    found = {name: float(value) for name, value in json.loads((HERE / "compressors.json").read_text("utf-8")).items()}
    for name, model in models.items():
        if model.metadata.corpus == "nietzsche" and model.metadata.val_loss is not None:
            found[f"**`models/{name}`**"] = bits(model.metadata.val_loss)
    rows = [[name, f"{value:.3f}"] for name, value in sorted(found.items(), key=lambda item: -item[1])]
    return table(["", "bits a held-out character"], rows)


def tried_table(tried: list[dict]) -> str:
    """A row a trial, in the order in which they were made."""
    rows = []
    for trial in tried:
        epochs = read_jsonl(HERE / "trials" / f"{trial['name']}.jsonl")
        best = min(epochs, key=lambda entry: entry["val_nats"])
        seconds = sum(entry["seconds"] for entry in epochs)
        rows.append([f"`{trial['options']}`", f"{seconds:,.0f} s", bits_text(best["val_nats"]), trial["says"]])
    return table(["options", "training", "bits on the tuning slice", "so"], rows)


def read_jsonl(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def recipes_chart() -> alt.Chart:
    """Held-out bits against seconds of training for the two recipes, 128 units each."""
    rows = []
    for name in NAMES:
        history = read_jsonl(HERE / "trials" / f"recipe-{name}.jsonl")
        seconds = np.cumsum([entry["seconds"] for entry in history])
        losses = [bits(entry["val_nats"]) for entry in history]
        rows += [{"seconds": s, "bits": b, "recipe": NAMES[name]} for s, b in zip(seconds, losses, strict=True)]
    return (
        alt.Chart(pd.DataFrame(rows))
        .mark_line(point=True)
        .encode(
            x=alt.X("seconds:Q", title="seconds of training", scale=alt.Scale(type="log", nice=False)),
            y=alt.Y("bits:Q", title="bits a held-out character", scale=alt.Scale(zero=False)),
            color=alt.Color(
                "recipe:N",
                title=None,
                scale=alt.Scale(domain=list(NAMES.values()), range=["#3b82f6", "#f59e0b"]),
                legend=alt.Legend(orient="top", labelLimit=0),
            ),
        )
        .properties(width=640, height=300)
        .configure(background="white")
    )


if __name__ == "__main__":
    main()
