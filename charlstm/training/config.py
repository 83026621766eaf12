"""How to train: all settings of a run, the two presets, and the learning rate at each step. Knows no network."""

import math
import reprlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from charlstm.errors import SettingError
from charlstm.network.settings import SETTINGS, Rule, number

ONE_HOT_LIMIT = 256  # characters; a larger vocabulary is embedded, or the table of one-hot rows would be the model
EMBEDDING_UNITS = 64
SAFE_SHARE = 0.001  # of the learning rate: what a model that has learnt all it can goes on with
DROPOUTS = ("dropout", "input_dropout", "recurrent_dropout")
HALF_AS_BOLD = 10  # epochs after which the learning rate to go on with is halved once more


@dataclass(frozen=True)
class TrainingConfig:
    """All settings of a training run; the defaults are the `stream` preset.

    `stream` learns from the loss at every position. The text is cut into `batch_size` streams that are read side by
    side, `window` characters a step, each going on from the state where it stood (truncated backpropagation).
    `notebook` learns from one target a window, windows starting every 3 characters from the empty state.

    Attributes:
        name: `stream` or `notebook`.
        units: Of each LSTM layer.
        layers: LSTM layers, one above the other.
        embedding: Units of a trained embedding; 0 for one-hot characters, None to choose by the vocabulary's size.
        window: Characters that one step reads, and that its gradient goes back.
        batch_size: Streams, or windows, a step.
        optimizer: `adam` or `rmsprop`.
        learning_rate: The highest; reached after `warmup_steps`.
        final_learning_rate: The one at the end, approached along half a cosine.
        warmup_steps: Over which the learning rate rises from 0; a tenth of the run at the most.
        clip_norm: The gradient is shortened to this length; None leaves it.
        weight_decay: Share of each weight, times the learning rate, that a step takes away (AdamW). Of biases too,
            which is worth 0.03 bits: the network starts with a long memory, and shortens it where it does not help.
        dropout: Share of each LSTM layer's outputs that is dropped while training.
        input_dropout: The same of what the first layer reads.
        recurrent_dropout: Share of each layer's hidden state that its next step does not see; the same units for a
            whole window, in the manner of Gal & Ghahramani 2016. A large network needs it on a small text.
        teacher_weight: Share of the loss that compares with what a teacher expects, in place of what the text has
            (Hinton, Vinyals & Dean 2015, "Distilling the Knowledge in a Neural Network"); 0 has no teacher.
        teacher_temperature: At which both say what they expect.
        rng_seed: Of the first weights, the order of the text, and dropout.

    Raises:
        SettingError: A setting is out of its range.
    """

    name: str = "stream"
    units: int = 128
    layers: int = 1
    embedding: int | None = None
    window: int = 60
    batch_size: int = 32
    optimizer: str = "adam"
    learning_rate: float = 0.08
    final_learning_rate: float = 0.0016
    warmup_steps: int = 50
    clip_norm: float | None = 0.5
    weight_decay: float = 0.05
    dropout: float = 0.1
    input_dropout: float = 0.0
    recurrent_dropout: float = 0.0
    teacher_weight: float = 0.0
    teacher_temperature: float = 1.0
    rng_seed: int = 0

    def __post_init__(self) -> None:
        for setting in fields(self):
            _check(setting.name, getattr(self, setting.name), SETTINGS[setting.name])
        _check("final_learning_rate", self.final_learning_rate, number(0, self.learning_rate))

    @classmethod
    def from_preset(cls, name: str = "stream", **settings: Any) -> "TrainingConfig":
        """A preset by its name, with some settings changed; names that are no settings are passed over.

        A learning rate given alone brings the final one along, in the preset's own proportion.
        """
        _check("name", name, SETTINGS["name"])
        preset = cls(name=name, **PRESETS[name])
        chosen = {setting.name: settings[setting.name] for setting in fields(cls) if setting.name in settings}
        if "learning_rate" in chosen and "final_learning_rate" not in chosen:
            _check("learning_rate", chosen["learning_rate"], SETTINGS["learning_rate"])
            share = preset.final_learning_rate / preset.learning_rate
            chosen["final_learning_rate"] = chosen["learning_rate"] * share
        return replace(preset, **chosen)

    def settings(self) -> dict[str, Any]:
        """All of them by name, as JSON can hold them; `TrainingConfig.from_preset(**settings)` makes the same one."""
        return asdict(self)

    def embedding_units(self, vocab_size: int) -> int:
        """Units of the trained embedding; 0 where characters are one-hot."""
        if self.embedding is not None:
            return self.embedding
        return 0 if vocab_size <= ONE_HOT_LIMIT else EMBEDDING_UNITS

    def learning_rate_at(self, step: int, steps: int) -> float:
        """Of step 0, 1, … of a run of `steps`: a linear rise, then half a cosine down."""
        rise = min(1.0, (step + 1) / (min(self.warmup_steps, steps // 10) + 1))
        cosine = 0.5 + 0.5 * math.cos(math.pi * min(1.0, step / max(1, steps)))
        return rise * (self.final_learning_rate + (self.learning_rate - self.final_learning_rate) * cosine)


PRESETS: Mapping[str, dict[str, Any]] = {
    "stream": {},
    "notebook": {
        "batch_size": 128,
        "optimizer": "rmsprop",
        "learning_rate": 0.01,
        "final_learning_rate": 0.01,
        "warmup_steps": 0,
        "clip_norm": None,
        "weight_decay": 0.0,
        "dropout": 0.0,
    },
}


def resume_config(settings: Mapping[str, Any], epoch: float, **chosen: Any) -> TrainingConfig:
    """Safe settings to train a model on, whatever it was trained with so far.

    The longer it was trained the gentler: a model fresh from the start can bear a high learning rate, a finished one
    would lose in the first steps what took minutes to learn.

    Args:
        settings: Those of the model's last run, `ModelMetadata.config`. Network and seed are taken from it, and how
            much was dropped: with less a large network would learn its text by heart, with more losses would not
            compare.
        epoch: How many epochs it has seen, `ModelMetadata.epoch`.
        chosen: Settings that overrule the safe ones; a learning rate brings the final one along.
    """
    kept = {key: settings[key] for key in ("units", "layers", "embedding", "rng_seed", *DROPOUTS) if key in settings}
    peak = TrainingConfig.learning_rate * max(SAFE_SHARE, 1 / (1 + epoch) / (1 + epoch / HALF_AS_BOLD))
    return TrainingConfig.from_preset(**{"learning_rate": peak} | kept | chosen)


def _check(setting: str, value: object, rule: Rule) -> None:
    if not rule.allows(value):
        raise SettingError(
            "`{setting}` must be {rule}, got {value}. Try {default}.",
            setting=setting,
            rule=rule.words,
            value=reprlib.repr(value),
            default=TrainingConfig.__dataclass_fields__[setting].default,
        )
