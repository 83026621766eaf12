"""What a session has of its own: versions, labels, the best one, and names."""

import io

import pytest
from model_files import archive, record_json
from small_models import random_model

from charlstm.checkpoint import Model, Record, list_models, read_model
from charlstm.errors import MissingVocabularyError, ModelFileError
from charlstm.own_models import (
    OWN_EPOCHS_LIMIT,
    OwnModel,
    best_version,
    free_name,
    loaded_model,
    shipped_versions,
)


def model_with(val_nats: float | None) -> Model:
    model = random_model()
    return Model(model.network, model.vocab, Record(val_nats=val_nats))


def test_versions_are_labelled_in_the_order_in_which_they_came():
    own = OwnModel()
    labels = [own.add(model_with(nats), b"").label for nats in (3.0, 2.0, 2.5)]
    assert labels == ["+1", "+2", "+3"]
    assert best_version(own.versions).label == "+2"


def test_without_held_out_text_the_last_version_is_the_best():
    own = OwnModel()
    for _ in range(3):
        own.add(model_with(None), b"")
    assert best_version(own.versions).label == "+3"


def test_beyond_the_limit_the_best_and_the_newest_stay():
    own = OwnModel()
    own.add(model_with(0.5), b"")
    for _ in range(OWN_EPOCHS_LIMIT + 5):
        own.add(model_with(2.0), b"")
    assert len(own.versions) == OWN_EPOCHS_LIMIT
    assert own.versions[0].label == "+1"
    assert own.versions[-1].label == f"+{OWN_EPOCHS_LIMIT + 6}"


def test_shipped_versions_are_files_that_can_be_read():
    for snapshots in list_models().values():
        for version in shipped_versions(snapshots):
            assert read_model(io.BytesIO(version.read_file())).record == version.record


def test_a_file_with_its_vocabulary_needs_no_text():
    assert loaded_model("m.keras", archive(), None).vocab.chars == "\n abcdef"


def test_a_file_without_vocabulary_asks_for_the_text():
    with pytest.raises(MissingVocabularyError, match="vocabulary"):
        loaded_model("m.keras", archive(record=None), None)
    assert loaded_model("m.keras", archive(record=None), "fed a bad\ncafe").vocab.chars == "\n abcdef"


def test_a_text_with_other_characters_is_refused():
    with pytest.raises(ModelFileError, match="different characters"):
        loaded_model("m.keras", archive(record=None), "abc")


def test_names_do_not_collide():
    taken = {"cats", "cats 2"}
    assert free_name("cats", taken.__contains__) == "cats 3"
    assert free_name("dogs", taken.__contains__) == "dogs"


def test_a_record_of_another_vocabulary_is_refused():
    with pytest.raises(ModelFileError):
        loaded_model("m.keras", archive(record=record_json(vocab="abc")), None)
