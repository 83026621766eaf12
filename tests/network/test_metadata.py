import json
import math

import pytest
from model_files import VOCAB, archive, assert_refused, metadata_json, read

from charlstm.network.metadata import MAX_BRACKETS, ModelMetadata, parse_metadata
from charlstm.text.vocab import Vocab

HISTORY = ({"epoch": 1, "train_loss": 2.1, "val_loss": 2.0, "seconds": 9.5},)


def metadata(*train_loss: float, val_loss: float | None = None) -> ModelMetadata:
    """Of a model that was trained for so many epochs."""
    return ModelMetadata(history=tuple({"epoch": 1, "train_loss": nats} for nats in train_loss), val_loss=val_loss)


@pytest.mark.parametrize(
    ("train_loss", "collapsed"),
    [
        ((), False),
        ((2.0,), False),
        ((2.0, 1.5, 1.3, 1.31), False),
        ((1.9895, 1.3014, 1.60), True),  # as published: epochs 1, 54 and 56
        ((1.9895, 1.3014, 4.73, 14.57), True),
        ((1.9895, 1.3014, 4.73, 1.35), False),  # it found its way back
        ((2.0, 0.1, 0.15), False),  # learnt by heart, a little less so in the last epoch
    ],
    ids=str,
)
def test_a_loss_far_above_its_lowest_is_a_collapse(train_loss, collapsed):
    assert metadata(*train_loss).collapsed == collapsed


def test_the_held_out_loss_is_compared_and_else_that_of_training():
    assert metadata(2.0, 1.5, val_loss=1.7).loss == pytest.approx(1.7 / math.log(2))
    assert metadata(2.0, 1.5).loss == pytest.approx(1.5 / math.log(2))
    assert metadata().loss == math.inf
    assert metadata(2.0, math.log(2)).train_bits_per_character == pytest.approx(1)


@pytest.mark.parametrize(
    "metadata",
    [
        b"",
        b"[]",
        b"{}",
        b'"abc"',
        b"[" * 100_000,
        metadata_json(vocab=5),
        metadata_json(vocab=""),
        metadata_json(vocab="aab"),
        metadata_json(vocab=list(VOCAB)),
        metadata_json(vocab="\ud800abcdefg"),
        metadata_json(corpus="\ud800"),
        metadata_json(corpus=5),
        metadata_json(corpus=None),
        metadata_json(lowercase="yes"),
        metadata_json(config=[]),
        metadata_json(epoch="3"),
        metadata_json(epoch=None),
        metadata_json(val_loss="1.5"),
        metadata_json(val_loss=math.nan),
        metadata_json(val_loss=10**400),
        metadata_json(history=5),
        metadata_json(history=["a"]),
        metadata_json(history=[{"epoch": 1}]),
        metadata_json(history=[HISTORY[0] | {"train_loss": "low"}]),
        metadata_json(history=[HISTORY[0] | {"train_loss": math.nan}]),
        metadata_json(history=[HISTORY[0] | {"train_loss": 10**400}]),
        metadata_json(history=[HISTORY[0] | {"train_loss": -1.0}]),
        metadata_json(history=[HISTORY[0] | {"val_loss": 10**400}]),
        metadata_json(history=[HISTORY[0] | {"epoch": 10**400}]),
        metadata_json(history=[HISTORY[0] | {"seconds": math.inf}]),
        metadata_json(history=[HISTORY[0] | {"train_loss": 1e11}]),
        metadata_json(history=list(HISTORY) * 10_001),
        metadata_json(epoch=10**400),
        metadata_json(epoch=-1),
        metadata_json(epoch=True),
        metadata_json(val_loss=-1.0),
        metadata_json(corpus="a" * 1000),
        metadata_json(corpus_sha256="0" * 1000),
        metadata_json(config={"holdout": "0.1"}),
        metadata_json(config={"holdout": 1.0}),
        metadata_json(config={"layers": 2_000_000_000}),
        metadata_json(config={"units": 12.5}),
        metadata_json(config={"rng_seed": None}),
        metadata_json(config={"learning_rate": math.nan}),
        metadata_json(config={"optimizer": ["adam"]}),
        metadata_json(config={"epochs": "five"}),
        metadata_json(recipe={"holdout": "0.1"}),
    ],
    ids=lambda metadata: repr(metadata[:40]),
)
def test_a_damaged_metadata_is_refused(metadata):
    assert_refused(archive(metadata=metadata), "has a damaged charlstm.json")


def test_the_names_of_older_files_are_read():
    older = ({"epoch": 1, "train_nats": 2.1, "val_nats": 2.0, "seconds": 9.5},)
    metadata = read(archive(metadata=metadata_json(recipe={"units": 5}, history=older, val_nats=2.0))).metadata
    assert metadata == ModelMetadata(config={"units": 5}, history=HISTORY, val_loss=2.0)


def test_fields_of_a_later_version_are_left_alone():
    later = metadata_json(corpus="prose", invented_later=1, config={"units": 5, "invented_later": [[]]})
    assert read(archive(metadata=later)).metadata == ModelMetadata("prose", config={"units": 5})


def test_what_is_wrong_is_said_with_rule_and_value():
    assert_refused(
        archive(metadata=metadata_json(config={"holdout": "0.1"})), r"`holdout` must be .* below 1, got '0.1'"
    )
    assert_refused(archive(metadata=metadata_json(epoch=10**400)), r"`epoch` must be a number .*, got 1000.*\.\.\.")


def test_lists_that_would_fill_the_memory_are_counted_before_they_are_unfolded():
    small = json.dumps({"vocab": VOCAB, "later": [[]] * (MAX_BRACKETS - 2)}).encode()
    large = json.dumps({"vocab": VOCAB, "later": [[]] * MAX_BRACKETS}).encode()
    assert parse_metadata(small) == (Vocab(VOCAB), ModelMetadata())
    assert_refused(archive(metadata=large), "more than 20,000 lists and objects")


def test_of_a_very_long_history_the_end_is_told():
    history = tuple(HISTORY[0] | {"epoch": epoch} for epoch in range(1, 10_003))
    _, metadata = parse_metadata(ModelMetadata(history=history).to_json(Vocab(VOCAB)))
    assert metadata.history == history[2:]


def test_what_was_told_is_read_again():
    told = ModelMetadata("prose", "0" * 64, True, {"units": 5, "clip_norm": None}, 1, HISTORY, 2.0)
    assert parse_metadata(told.to_json(Vocab(VOCAB))) == (Vocab(VOCAB), told)
