"""What each setting of a training run may be: one table for those who train and for those who read model files."""

import reprlib
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from charlstm.errors import Message, joined

MAX_EPOCH = 1_000_000


class Rule(NamedTuple):
    """What a value may be.

    Attributes:
        words: The end of a sentence that begins with "must be".
        allows: Whether a value is one of these, whatever its type.
    """

    words: str
    allows: Callable[[Any], bool]

    def or_none(self) -> "Rule":
        """The same, or None."""
        return Rule(self.words, lambda value: value is None or self.allows(value))


def whole(lowest: int, highest: int) -> Rule:
    """A whole number; True and False are none."""
    words = Message("a whole number from {lowest:,} to {highest:,}", lowest=lowest, highest=highest)
    return Rule(words, lambda value: type(value) is int and lowest <= value <= highest)


def number(above: float, highest: float) -> Rule:
    """A number above one bound, and at most at the other."""
    words = Message("above {above:g} and at most {highest:g}", above=above, highest=highest)
    return Rule(words, lambda value: _is_number(value) and above < value <= highest)


def between(lowest: float, highest: float) -> Rule:
    """A number from one bound to another."""
    words = Message("a number from {lowest:,} to {highest:,}", lowest=lowest, highest=highest)
    return Rule(words, lambda value: _is_number(value) and lowest <= value <= highest)


def choice(*names: str) -> Rule:
    """One of some names."""
    return Rule(joined("{first} or {second}", names), lambda value: value in names)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


SHARE = Rule(Message("at least 0 and below 1"), lambda value: _is_number(value) and 0 <= value < 1)
SETTINGS: Mapping[str, Rule] = {
    "name": choice("stream", "notebook"),
    "optimizer": choice("adam", "rmsprop"),
    "units": whole(1, 2048),
    "layers": whole(1, 8),
    "embedding": whole(0, 2048).or_none(),
    "window": whole(1, 1000),
    "batch_size": whole(1, 4096),
    "warmup_steps": whole(0, 1_000_000),
    "rng_seed": whole(0, 2**31 - 1),
    "learning_rate": number(0, 1000),
    "final_learning_rate": number(0, 1000),
    "clip_norm": number(0, 1e9).or_none(),
    "weight_decay": SHARE,
    "dropout": SHARE,
    "input_dropout": SHARE,
    "recurrent_dropout": SHARE,
    "teacher_weight": SHARE,
    "teacher_temperature": number(0, 100),
    "holdout": SHARE,
    "epochs": whole(1, MAX_EPOCH),
}


def checked(rules: Mapping[str, Rule], values: object, required: Collection[str] = ()) -> dict[str, Any]:
    """The values that there are rules for; what else a later version may have added is left out.

    Args:
        rules: By the names of the values.
        values: A JSON object.
        required: Names that count as None where they are missing.

    Raises:
        ValueError: It is no JSON object, or one of the values breaks its rule.
    """
    if not isinstance(values, dict):
        raise ValueError(Message("{value} in place of named values", value=reprlib.repr(values)))
    known = {name: values.get(name) for name in rules if name in values or name in required}
    for name, value in known.items():
        if not rules[name].allows(value):
            says = {"setting": name, "rule": rules[name].words, "value": reprlib.repr(value)}
            raise ValueError(Message("`{setting}` must be {rule}, got {value}", **says))
    return known
