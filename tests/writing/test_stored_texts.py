"""A link writes the same text again: each stored text comes out as it did when it was stored.

The random seeds were chosen so that no draw is close: logits that differ by 0.0002 here and there, far more than one
processor's rounding differs from another's, write the same texts.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from charlstm.network.registry import load_model
from charlstm.writing.live_text import LiveText
from charlstm.writing.sampling import Sampler

STORED = json.loads(Path(__file__).with_name("stored_texts.json").read_text("utf-8"))


def name(stored: dict) -> str:
    rule = "".join(f" {key} {stored[key]}" for key in ("top_k", "top_p") if key in stored)
    return f"{stored['model']} {stored['temperatures']}{rule} context {stored['context']}"


@pytest.mark.parametrize("stored", STORED, ids=name)
def test_the_same_settings_write_the_stored_text(stored):
    temperatures, texts = stored["temperatures"], stored["texts"]
    rows = {"context": stored["context"], "rows": len(temperatures)}
    live = LiveText(load_model(stored["model"]), stored["seed_text"], stored["rng_seed"], **rows)
    temperature = temperatures[0] if len(temperatures) == 1 else np.array(temperatures)
    for _ in texts[0]:
        live.write_one(Sampler(temperature, stored.get("top_k"), stored.get("top_p")))
    assert [live.row_text(row) for row in range(live.rows)] == texts
