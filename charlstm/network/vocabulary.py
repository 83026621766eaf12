"""The characters behind the ids of a model made elsewhere, out of what its maker has left: its text, or their list.

Knows how such models are usually made: the text was lower-cased or not, its characters were numbered in one of three
orders, and some ids may stand for no character.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

import numpy as np

from charlstm.errors import Message, ModelFileError
from charlstm.network.lstm import Network
from charlstm.network.metrics import bits, surprisals
from charlstm.text.pieces import pieces
from charlstm.text.vocab import Vocab

Slots = Sequence[str | None]  # the character of each id, None for none
MAX_EXTRA_IDS = 2  # such as those for padding and for what is not known
LONGEST_LIST = 2_000_000  # characters of a file that may be a list
MAX_BRACKETS = 1000
SAMPLE_WORK = 300_000_000  # parameters times characters that one guess may cost, about a tenth of a second
DOUBT = 0.95  # a share of chance: a text that costs more tells nothing of the order
ESCAPES = {"\\n": "\n", "\\t": "\t", "\\r": "\r", "<space>": " "}

RUNS = r"\s+"  # of white space

# Whether to lower-case, and what becomes one space.
PREPARATIONS: dict[str, tuple[bool, str]] = {
    Message("as it is"): (False, ""),
    Message("lower-cased"): (True, ""),
    Message("with newlines as spaces"): (False, "\n"),
    Message("lower-cased, with newlines as spaces"): (True, "\n"),
    Message("with each run of white space as one space"): (False, RUNS),
    Message("lower-cased, with each run of white space as one space"): (True, RUNS),
}
ORDERS: dict[str, Callable[[Counter[str]], Iterable[str]]] = {
    Message("sorted"): sorted,
    Message("in the order of their first appearance"): list,
    Message("from the most frequent to the rarest"): lambda counts: (char for char, _ in counts.most_common()),
}


@dataclass(frozen=True)
class FoundVocab:
    """A vocabulary, and how it was found.

    Attributes:
        slots: The character of each id of the network.
        lowercase: Whether the text was lower-cased.
        found: How it was found, in a sentence.
        cost: Bits that a character of the text costs; None where a list was given.
        chance: What it would cost by chance.
    """

    slots: Slots
    lowercase: bool
    found: str
    cost: float | None = None
    chance: float = 0.0

    @property
    def sentence(self) -> str:
        """How it was found, or that it is doubtful."""
        if not self.is_doubtful:
            return self.found
        return Message(
            "The text costs {cost:.2f} bits per character, and chance would be {chance:.2f}: its characters have "
            "another order, or it is another text. Give the list of the characters.",
            cost=self.cost,
            chance=self.chance,
        )

    @property
    def is_doubtful(self) -> bool:
        """Whether the text costs what chance costs: its characters have another order, or it is another text."""
        return self.cost is not None and self.cost > DOUBT * self.chance

    @property
    def vocab(self) -> Vocab:
        """The characters alone."""
        return Vocab("".join(char for char in self.slots if char is not None))

    def narrowed(self, network: Network) -> Network:
        """The network without the ids that stand for no character."""
        ids = [id for id, char in enumerate(self.slots) if char is not None]
        return network if len(ids) == len(self.slots) else network.only(np.array(ids))


def find_vocab(network: Network, given: str, name: str) -> FoundVocab:
    """What the ids of a network stand for.

    Args:
        network: As it was read.
        given: A list of characters (JSON: a list, a table of ids, what a Tokenizer or a StringLookup of Keras gives of
            itself; or the characters one after another, or one a line), or the text that the model was trained on.
        name: Of the model's file, for messages.

    Raises:
        ModelFileError: Nothing that was given has as many characters as the network.
    """
    given = given.replace("\r\n", "\n").removeprefix("\ufeff")
    for slots in _lists(given):
        if len(slots) != network.vocab_size:
            continue
        chars = [char for char in slots if char is not None]
        if chars and len(set(chars)) == len(chars):
            return _of_list(list(slots))
    guesses = list(_guesses(network, given))
    if not guesses:
        raise ModelFileError(
            "{name} writes {outputs} different characters, but what was given has {characters}. Give the very text "
            "that it was trained on, prepared as it was then, or the list of its characters.",
            name=name,
            outputs=network.vocab_size,
            characters=len(set(given)),
        )
    best = min(guesses, key=lambda guess: guess.cost or 0.0)
    return guesses[0] if best.is_doubtful else best


def _of_list(slots: Slots) -> FoundVocab:
    sentence: str = Message("The characters stand in the order of the list.")
    if None in slots:
        sentence = Message(
            "The characters stand in the order of the list; {count} ids that stand for none are left out.",
            count=sum(char is None for char in slots),
        )
    return FoundVocab(slots, False, sentence)


def _guesses(network: Network, text: str) -> Iterator[FoundVocab]:
    """Each way in which the text may have been numbered, those with the fewest ids left over."""
    left_over = {way: network.vocab_size - len(set(_prepared(text, way))) for way in PREPARATIONS}
    fewest = min((left for left in left_over.values() if 0 <= left <= MAX_EXTRA_IDS), default=-1)
    tried: list[Counter[str]] = [Counter()]
    for way in [way for way, left in left_over.items() if left == fewest]:
        counts = Counter(_prepared(text, way))
        if counts in tried:  # the plainest of equals
            continue
        tried.append(counts)
        sample = "".join(islice(_prepared(text, way), _sample_length(network)))
        for order, numbered in ORDERS.items():
            chars = list(numbered(counts))
            for before in range(fewest + 1):
                slots = [None] * before + chars + [None] * (fewest - before)
                yield _scored(network, sample, slots, way, order)


def _prepared(text: str, way: str) -> Iterator[str]:
    """The characters of the text as they were prepared in one of `PREPARATIONS`."""
    lowercase, spaces = PREPARATIONS[way]
    parts = _stripped(text) if spaces == RUNS else pieces(text)
    spaced = (re.sub(spaces, " ", part) for part in parts) if spaces else parts
    return chain.from_iterable(map(str.lower, spaced) if lowercase else spaced)


def _stripped(text: str) -> Iterator[str]:
    """The text in pieces, without what is before the first word and after the last."""
    start = 0
    for piece in pieces(text):
        end = start + len(piece)
        piece = piece.lstrip() if start == 0 else piece
        yield piece.rstrip() if end == len(text) else piece
        start = end


def _sample_length(network: Network) -> int:
    return max(100, min(1000, SAMPLE_WORK // network.parameters))


def _scored(network: Network, sample: str, slots: Slots, prepared: str, order: str) -> FoundVocab:
    found = FoundVocab(slots, PREPARATIONS[prepared][0], "")
    cost = bits(float(surprisals(found.narrowed(network), found.vocab.encode(sample)).mean()))
    chance = float(np.log2(len(found.vocab)))
    said = Message(
        "The text was read {prepared}, its characters {order}: {cost:.2f} bits per character, where chance is "
        "{chance:.2f}.",
        prepared=prepared,
        order=order,
        cost=cost,
        chance=chance,
    )
    return replace(found, found=said, cost=cost, chance=chance)


def _lists(given: str) -> Iterator[Slots]:
    """What was given, read as a list of characters in each way that it can be."""
    if len(given) > LONGEST_LIST:
        return
    if given.lstrip()[:1] in tuple('[{"') and given.count("[") + given.count("{") <= MAX_BRACKETS:
        with suppress(ValueError, TypeError, KeyError, AttributeError, RecursionError):
            yield from _lists_in(json.loads(given))
    for text in (given, given.removesuffix("\n")):
        yield text
        yield [_char(line) for line in text.split("\n")]


def _lists_in(value: Any) -> Iterator[Slots]:
    if isinstance(value, str):
        yield from _lists_in(json.loads(value)) if value[:1] == "{" else [value]
    elif isinstance(value, list):
        yield [_char(entry) for entry in value]
    elif isinstance(value, dict):
        if "vocabulary" in value:  # of a StringLookup, which keeps its extra ids elsewhere
            extra = min(value.get("num_oov_indices", 1), MAX_EXTRA_IDS) + (value.get("mask_token") is not None)
            yield [*[None] * extra, *map(_char, value["vocabulary"])]
        if (table := _by_id(value)) is not None:
            yield table
        for inner in value.values():
            if isinstance(inner, dict | list | str):
                yield from _lists_in(inner)


def _by_id(table: dict[str, Any]) -> Slots | None:
    """A table of characters and ids, either way round, in the order of the ids; ids from 1 leave 0 without one."""
    if all(isinstance(id, int) for id in table.values()):
        chars = {id: _char(key) for key, id in table.items()}
    elif all(key.isdecimal() for key in table):
        chars = {int(key): _char(char) for key, char in table.items()}
    else:
        return None
    return [chars.get(id) for id in range(max(chars) + 1)] if chars and max(chars) <= len(chars) + 1 else None


def _char(entry: object) -> str | None:
    """The character that an entry of a list stands for; None for one such as `[UNK]`."""
    char = ESCAPES.get(entry, entry) if isinstance(entry, str) else None
    return char if char is not None and len(char) == 1 else None
