"""How to train: all settings of a run, the two presets, and the learning rate at each step. Knows no network."""

import math
from dataclasses import asdict, dataclass, fields

from charlstm.errors import SettingError, joined

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
    rng_seed: int = 0

    def __post_init__(self) -> None:
        _check_choice("name", self.name, tuple(PRESETS))
        _check_choice("optimizer", self.optimizer, ("adam", "rmsprop"))
        _check_whole("units", self.units, 1, 2048)
        _check_whole("layers", self.layers, 1, 8)
        if self.embedding is not None:
            _check_whole("embedding", self.embedding, 0, 2048)
        _check_whole("window", self.window, 1, 1000)
        _check_whole("batch_size", self.batch_size, 1, 4096)
        _check_whole("warmup_steps", self.warmup_steps, 0, 1_000_000)
        _check_whole("rng_seed", self.rng_seed, 0, 2**31 - 1)
        _check_number("learning_rate", self.learning_rate, above=0.0, highest=1000.0)
        _check_number("final_learning_rate", self.final_learning_rate, above=0.0, highest=self.learning_rate)
        if self.clip_norm is not None:
            _check_number("clip_norm", self.clip_norm, above=0.0, highest=math.inf)
        for name in ("weight_decay", *DROPOUTS):
            value = getattr(self, name)
            if not isinstance(value, int | float) or not 0 <= value < 1:
                raise SettingError(
                    "`{setting}` must be at least 0 and below 1, got {value}. Use 0 for none.",
                    setting=name,
                    value=value,
                )

    @classmethod
    def from_preset(cls, name: str = "stream", **settings) -> "TrainingConfig":
        """A preset by its name, with some settings changed; names that are no settings are passed over.

        A learning rate given alone brings the final one along, in the preset's own proportion.
        """
        _check_choice("name", name, tuple(PRESETS))
        known = {field.name for field in fields(cls)}
        chosen = PRESETS[name] | {key: value for key, value in settings.items() if key in known}
        if "learning_rate" in settings and "final_learning_rate" not in settings:
            share = chosen["final_learning_rate"] / PRESETS[name]["learning_rate"]
            chosen["final_learning_rate"] = settings["learning_rate"] * share
        return cls(name=name, **chosen)

    def settings(self) -> dict:
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


PRESETS = {
    "stream": {"learning_rate": 0.08, "final_learning_rate": 0.0016},
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


def resume_config(settings: dict, epoch: int, **chosen) -> TrainingConfig:
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
    epoch = max(0, epoch)
    peak = TrainingConfig.learning_rate * max(SAFE_SHARE, 1 / (1 + epoch) / (1 + epoch / HALF_AS_BOLD))
    return TrainingConfig.from_preset(**{"learning_rate": peak} | kept | chosen)


def _check_choice(setting: str, value, choices: tuple[str, ...]) -> None:
    if value not in choices:
        either = joined("{first} or {second}", choices)
        raise SettingError(
            "`{setting}` must be {choices}, got {value!r}. Use {default}.",
            setting=setting,
            choices=either,
            value=value,
            default=choices[0],
        )


def _check_whole(setting: str, value, lowest: int, highest: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        default = TrainingConfig.__dataclass_fields__[setting].default
        limits = {"lowest": lowest, "highest": highest}
        raise SettingError(
            "`{setting}` must be a whole number from {lowest:,} to {highest:,}, got {value!r}. Try {default}.",
            setting=setting,
            value=value,
            default=default,
            **limits,
        )


def _check_number(setting: str, value, above: float, highest: float) -> None:
    if not isinstance(value, int | float) or not above < value <= highest:
        default = TrainingConfig.__dataclass_fields__[setting].default
        limits = {"above": above, "highest": highest}
        raise SettingError(
            "`{setting}` must be above {above:g} and at most {highest:g}, got {value!r}. Try {default}.",
            setting=setting,
            value=value,
            default=default,
            **limits,
        )
