"""How a model came to be, as `charlstm.json` in its file tells it. Knows no network and no archive.

Files may come from strangers: whatever the page, the command line and training take for a name, a number or a text is
checked here, when it is read, and nowhere else.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypedDict

from charlstm.errors import Message
from charlstm.network.metrics import bits
from charlstm.network.settings import MAX_EPOCH, SETTINGS, Rule, between, checked, whole
from charlstm.text.vocab import Vocab

MAX_DENOMINATOR = 1000  # of a fraction of an epoch
COLLAPSE_NATS = 0.25  # above its lowest: a training loss that rose so far has left behind what was learnt
MAX_HISTORY = 10_000  # epochs; of more the last ones are kept
MAX_BRACKETS = 20_000  # an epoch takes one; an empty list weighs 2 bytes and unfolds to 56
OLD_NAMES = {"recipe": "config", "train_nats": "train_loss", "val_nats": "val_loss"}  # as older files have them


class HistoryEntry(TypedDict):
    """One epoch: losses in nats per character, `val_loss` None without held-out text."""

    epoch: int
    train_loss: float
    val_loss: float | None
    seconds: float


@dataclass(frozen=True)
class ModelMetadata:
    """How a model came to be; what `charlstm.json` holds beside the vocabulary.

    Attributes:
        corpus: Name of the text it was trained on.
        corpus_sha256: Of that text as trained on (UTF-8, after lower-casing if any).
        lowercase: Whether that text was lower-cased.
        config: All settings of the training run, by name; those of `TrainingConfig`, `holdout` and `epochs`.
        epoch: How many epochs the weights have seen; a fraction within the first one.
        history: An entry an epoch.
        val_loss: Held-out loss of these very weights, nats per character; None if nothing was held out.
    """

    corpus: str = ""
    corpus_sha256: str = ""
    lowercase: bool = False
    config: Mapping[str, Any] = field(default_factory=dict)
    epoch: float = 0
    history: tuple[HistoryEntry, ...] = ()
    val_loss: float | None = None

    @property
    def label(self) -> str:
        """Of its epoch, see `epoch_label`."""
        return epoch_label(self.epoch)

    @property
    def held_out_share(self) -> float | None:
        """Of the text, at its end: from 0 on and below 1; None where the file does not say, or says no such number."""
        share = self.config.get("holdout")
        return share if isinstance(share, int | float) and 0 <= share < 1 else None

    @property
    def val_bits_per_character(self) -> float | None:
        return None if self.val_loss is None else bits(self.val_loss)

    @property
    def train_bits_per_character(self) -> float | None:
        """Of the last epoch, its mean while the weights still moved; None where nothing is known."""
        return bits(self.history[-1]["train_loss"]) if self.history else None

    @property
    def bits_per_character(self) -> float | None:
        """Held out, or of training where nothing was held out; None where neither is known."""
        return self.train_bits_per_character if self.val_loss is None else self.val_bits_per_character

    @property
    def loss(self) -> float:
        """To compare epochs of one model by: `bits_per_character`, or infinite where it is not known."""
        return math.inf if self.bits_per_character is None else self.bits_per_character

    @property
    def lowest_train_loss(self) -> float:
        """Of all epochs so far, nats per character; infinite where there are none."""
        return min((entry["train_loss"] for entry in self.history), default=math.inf)

    @property
    def collapsed(self) -> bool:
        """Whether training had blown up by then, as the notebook's constant learning rate can after many epochs."""
        return bool(self.history) and self.history[-1]["train_loss"] > self.lowest_train_loss + COLLAPSE_NATS

    def to_json(self, vocab: Vocab) -> bytes:
        """The content of `charlstm.json`."""
        told = {"vocab": vocab.chars, **vars(self), "history": self.history[-MAX_HISTORY:]}
        return json.dumps(told, ensure_ascii=False).encode()


def epoch_label(epoch: float) -> str:
    """`13`, or `1/64` within the first."""
    return str(Fraction(epoch).limit_denominator(MAX_DENOMINATOR))


def parse_metadata(content: bytes) -> tuple[Vocab, ModelMetadata]:
    """The vocabulary and the metadata in a `charlstm.json`, of this version or an older one.

    Raises:
        ValueError: It is no JSON, too large once unfolded, or a value is not what its rule asks for.
        RecursionError: It is nested too deep.
    """
    if content.count(b"[") + content.count(b"{") > MAX_BRACKETS:
        raise ValueError(Message("more than {limit:,} lists and objects", limit=MAX_BRACKETS))
    given = json.loads(content, object_hook=_with_names_of_today)
    fields = checked(_FIELDS, given, required=("vocab",))
    fields["config"] = checked(SETTINGS, fields.get("config", {}))
    history = [checked(_HISTORY, entry, required=_HISTORY) for entry in fields.get("history", ())]
    return Vocab(fields.pop("vocab")), ModelMetadata(**fields | {"history": tuple(history)})


def _with_names_of_today(fields: dict[str, Any]) -> dict[str, Any]:
    return {OLD_NAMES.get(key, key): value for key, value in fields.items()}


def _text(longest: int) -> Rule:
    """A text that a screen can show: lone surrogates have no UTF-8."""
    words = Message("a text of at most {longest:,} characters", longest=longest)
    return Rule(words, lambda value: isinstance(value, str) and len(value) <= longest and _is_unicode(value))


def _is_unicode(text: str) -> bool:
    try:
        return bool(text.encode()) or True
    except UnicodeEncodeError:
        return False


def _is_loss(value: Any) -> bool:
    return isinstance(value, int | float) and 0 <= value <= 1e10  # false for NaN; what a network of 1e6 can reach


_LOSS = Rule(Message("a number from 0 to {highest:,}", highest=10**10), _is_loss)
_FIELDS = {
    "vocab": _text(0x110000),
    "corpus": _text(300),
    "corpus_sha256": _text(64),
    "lowercase": Rule(Message("true or false"), lambda value: isinstance(value, bool)),
    "config": Rule(Message("named values"), lambda value: isinstance(value, dict)),
    "epoch": between(0, MAX_EPOCH),
    "history": Rule(
        Message("a list of at most {limit:,} epochs", limit=MAX_HISTORY),
        lambda value: isinstance(value, list) and len(value) <= MAX_HISTORY,
    ),
    "val_loss": _LOSS.or_none(),
}
_HISTORY = {"epoch": whole(0, MAX_EPOCH), "train_loss": _LOSS, "val_loss": _LOSS.or_none(), "seconds": _LOSS}
