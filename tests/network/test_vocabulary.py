"""The characters of models that bring none: out of a text, prepared in the usual ways, or out of a list of any kind."""

import json
import random
import tracemalloc
from collections import Counter

import numpy as np
import pytest
from small_models import random_model

from charlstm.errors import ModelFileError
from charlstm.network import vocabulary
from charlstm.network.lstm import LSTMWeights, Network
from charlstm.network.metrics import softmax
from charlstm.network.vocabulary import find_vocab
from charlstm.text import pieces

LINES = "The cat sat.\nA dog  ran\tby?\nNo way!\n"
TEXT = LINES * 30


def reader_of(text: str, chars: str, before: int = 0, after: int = 0) -> Network:
    """A network that has learnt which character follows which in a text, numbered as in `chars`."""
    size = before + len(chars) + after
    follows = np.zeros((size, size), np.float32)
    for (first, second), count in Counter(zip(text, text[1:], strict=False)).items():
        follows[before + chars.index(first), before + chars.index(second)] = count
    kernel = np.zeros((size, 4 * size), np.float32)
    kernel[:, :size] = 20 * np.eye(size)  # the input gate opens for the unit of the character that was read …
    kernel[:, 2 * size : 3 * size] = 20 * np.eye(size)  # … which remembers it …
    kernel[:, 3 * size :] = 20
    bias = np.zeros(4 * size, np.float32)
    bias[:size], bias[size : 2 * size] = -10, -20  # … and all others forget
    lstm = LSTMWeights(kernel, np.zeros((size, 4 * size), np.float32), bias)
    return Network(None, [lstm], np.log(follows + 1e-3) / 0.76, np.zeros(size, np.float32))


PREPARED = {
    "as it is": TEXT,
    "lower-cased": TEXT.lower(),
    "with newlines as spaces": TEXT.replace("\n", " "),
    "lower-cased, with newlines as spaces": TEXT.lower().replace("\n", " "),
    "with each run of white space as one space": " ".join(TEXT.split()),
    "lower-cased, with each run of white space as one space": " ".join(TEXT.lower().split()),
}
ORDERED = {
    "sorted": lambda text: "".join(sorted(set(text))),
    "in the order of their first appearance": lambda text: "".join(dict.fromkeys(text)),
    "from the most frequent to the rarest": lambda text: "".join(char for char, _ in Counter(text).most_common()),
}


@pytest.mark.parametrize("prepared", PREPARED)
@pytest.mark.parametrize("order", ORDERED)
def test_the_usual_preparations_and_orders_are_tried_and_named(prepared, order):
    text = PREPARED[prepared]
    chars = ORDERED[order](text)
    found = find_vocab(reader_of(text, chars), TEXT, "m.keras")
    assert found.vocab.chars == chars
    assert f"was read {prepared}, its characters {order}: " in found.sentence
    assert found.lowercase == ("lower-cased" in prepared)
    assert not found.is_doubtful


@pytest.mark.parametrize(("before", "after"), [(1, 0), (0, 1), (2, 0), (1, 1)])
def test_ids_that_stand_for_no_character_are_left_out(before, after):
    chars = ORDERED["from the most frequent to the rarest"](TEXT)
    network = reader_of(TEXT, chars, before, after)
    found = find_vocab(network, TEXT, "m.keras")
    assert found.vocab.chars == chars
    narrowed = found.narrowed(network)
    ids = found.vocab.encode("The cat")
    whole = softmax(network.logits(network.read(ids + before)[-1].hidden))[0]
    kept = whole[before : before + len(chars)]
    np.testing.assert_allclose(softmax(narrowed.logits(narrowed.read(ids)[-1].hidden))[0], kept / kept.sum(), rtol=1e-5)


def test_a_text_that_costs_more_than_chance_says_that_the_order_is_wrong():
    shuffled = sorted(set(TEXT))
    random.Random(1).shuffle(shuffled)
    found = find_vocab(reader_of(TEXT, "".join(shuffled)), TEXT, "m.keras")
    assert found.is_doubtful
    assert found.cost > found.chance
    assert found.vocab.chars == "".join(sorted(set(TEXT)))
    assert "its characters have another order, or it is another text. Give the list" in found.sentence


@pytest.mark.slow
@pytest.mark.parametrize("mark", ["", "🙂"], ids=["a byte a character", "four bytes"])
def test_a_long_text_is_not_copied_for_each_way_to_prepare_it(mark):
    text = LINES * 100_000 + mark  # 3.6 million characters
    network = _network(len(set(text)))
    tracemalloc.start()
    find_vocab(network, text, "m.keras")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60_000_000


def test_a_long_text_is_prepared_as_a_short_one_is(monkeypatch):
    text = "\n \t" + TEXT.replace("dog", "\u00a0 ΣΑΣ") + " \n"
    wholes = {way: "".join(vocabulary._prepared(text, way)) for way in vocabulary.PREPARATIONS}
    monkeypatch.setattr(pieces, "PIECE", 7)
    assert {way: "".join(vocabulary._prepared(text, way)) for way in vocabulary.PREPARATIONS} == wholes
    assert wholes["lower-cased, with each run of white space as one space"] == " ".join(text.lower().split())


CHARS = "c\nb a"  # of no order


def tokenizer(chars: str) -> str:
    """What `Tokenizer.to_json()` gives: JSON within JSON."""
    index = {char: id for id, char in enumerate(chars, 1)}
    config = {"num_words": None, "char_level": True, "word_counts": json.dumps(dict.fromkeys(chars, 7))}
    config |= {"index_word": json.dumps({str(id): char for char, id in index.items()})}
    return json.dumps({"class_name": "Tokenizer", "config": config | {"word_index": json.dumps(index)}})


@pytest.mark.parametrize(
    ("given", "before"),
    [
        (CHARS, 0),
        (f"{CHARS}\n", 0),
        (json.dumps(list(CHARS)), 0),
        (json.dumps(CHARS), 0),
        (json.dumps({char: id for id, char in enumerate(CHARS)}), 0),
        (json.dumps({str(id): char for id, char in enumerate(CHARS)}), 0),
        (json.dumps({"char_to_id": {char: id for id, char in enumerate(CHARS)}}), 0),
        (json.dumps({"vocab": CHARS, "corpus": "prose"}), 0),
        ("c\n\\n\nb\n<space>\na\n", 0),
        (json.dumps(["[UNK]", *CHARS]), 1),
        (json.dumps(["", "[UNK]", *CHARS]), 2),
        ("[UNK]\nc\n\\n\nb\n \na\n", 1),
        (tokenizer(CHARS), 1),
        (json.dumps({char: id for id, char in enumerate(CHARS, 1)}), 1),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_list_is_read_in_its_own_order(given, before):
    found = find_vocab(_network(before + len(CHARS)), given, "m.keras")
    assert found.vocab.chars == CHARS
    assert list(found.slots) == [None] * before + list(CHARS)
    assert ("are left out" in found.sentence) == bool(before)
    assert not found.is_doubtful


@pytest.mark.parametrize(
    ("settings", "before"), [({}, 1), ({"num_oov_indices": 0}, 0), ({"mask_token": ""}, 2), ({"num_oov_indices": 2}, 2)]
)
def test_what_keras_says_of_a_string_lookup_is_read(keras, settings, before):
    layer = keras.layers.StringLookup(vocabulary=list(CHARS), **settings)
    network = _network(before + len(CHARS))
    for given in (json.dumps(layer.get_vocabulary()), json.dumps(keras.saving.serialize_keras_object(layer))):
        assert list(find_vocab(network, given, "m.keras").slots) == [None] * before + list(CHARS)


@pytest.mark.parametrize(
    "given",
    ["", "ab", "[", "[[[[", "[1,2,3,4,5]", '{"a": 1e400}', '{"vocabulary": ["a"], "num_oov_indices": 1000000000000}']
    + ['{"vocabulary": 5}', "[" * 100_000, json.dumps(["a", "a", "b", "c", "d"]), '{"a": 99999999999}'],
    ids=lambda given: given[:40],
)
def test_what_has_other_characters_is_refused(given):
    with pytest.raises(ModelFileError, match=r"m.keras writes 5 different characters, but what was given has \d"):
        find_vocab(_network(5), given, "m.keras")


def _network(size: int) -> Network:
    return random_model("".join(map(chr, range(100, 100 + size))), 4).network
