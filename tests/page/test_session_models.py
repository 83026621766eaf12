"""What a session has of its own: epochs, labels, the best one, and names."""

import zipfile

import numpy as np
import pytest
from model_files import INPUTS, archive, config_json, metadata_json, random_arrays, read, weights_h5

from charlstm.errors import MissingVocabularyError, ModelFileError
from charlstm.network.metadata import ModelMetadata
from charlstm.network.registry import best_epoch
from charlstm.page.session_models import (
    MAX_OWN_EPOCHS,
    OwnModel,
    file_to_keep,
    free_name,
    make_room,
    read_upload,
)


def add(own: OwnModel, val_loss: float | None, file: bytes = b"", epoch: float | None = None) -> str:
    return own.add(ModelMetadata(val_loss=val_loss, epoch=len(own.epochs) + 1 if epoch is None else epoch), file).label


def test_labels_say_how_many_epochs_a_model_has_seen():
    own = OwnModel()
    labels = [add(own, nats, epoch=epoch) for nats, epoch in ((3.0, 2), (2.0, 3), (2.5, 3), (2.4, 3), (4.0, 0.25))]
    assert labels == ["+2", "+3", "+3 (2)", "+3 (3)", "+1/4"]
    assert best_epoch(own.epochs).label == "+3"
    assert add(own, None, epoch=0) == "+?"  # of a foreign file nothing is known


def test_without_held_out_text_the_last_version_is_the_best():
    own = OwnModel()
    for _ in range(3):
        add(own, None)
    assert best_epoch(own.epochs).label == "+3"


def history(*train_loss: float) -> tuple[dict, ...]:
    return tuple(
        {"epoch": epoch, "train_loss": nats, "val_loss": None, "seconds": 1.0}
        for epoch, nats in enumerate(train_loss, start=1)
    )


def test_without_held_out_text_the_training_loss_decides():
    own = OwnModel()
    for count in (1, 2, 3, 4):
        own.add(ModelMetadata(history=history(2.0, 1.5, 1.4, 9.0)[:count], epoch=count), b"")
    assert best_epoch(own.epochs).label == "+3"


def test_beyond_the_limit_the_best_and_the_newest_stay():
    own = OwnModel()
    add(own, 0.5)
    for epoch in range(2, MAX_OWN_EPOCHS + 7):
        add(own, 2.0, epoch=epoch)
    assert len(own.epochs) == MAX_OWN_EPOCHS
    assert own.epochs[0].label == "+1"
    assert own.epochs[-1].label == f"+{MAX_OWN_EPOCHS + 6}"


def test_over_the_limit_in_bytes_the_best_and_the_newest_stay():
    own = {"cats": OwnModel(), "dogs": OwnModel()}
    for model, nats in (("cats", 1.0), ("cats", 3.0), ("cats", 2.0), ("dogs", 1.0), ("dogs", 2.0)):
        add(own[model], nats, bytes(10))
    make_room(own, {"dogs"}, limit=40)
    assert [epoch.label for epoch in own["cats"].epochs] == ["+1", "+3"]
    make_room(own, {"dogs"}, limit=15)  # more than can be had
    assert list(own) == ["dogs"]
    assert [epoch.label for epoch in own["dogs"].epochs] == ["+1", "+2"]


def test_what_is_kept_of_an_upload_holds_all_of_the_model():
    foreign = archive(metadata=None)
    model = read_upload("m.keras", foreign, None, "fed a bad\ncafe")
    kept = file_to_keep(foreign, model)
    again = read(kept)
    assert (again.vocab, again.metadata) == (model.vocab, model.metadata)
    assert file_to_keep(archive(), read(archive())) == archive()


def test_what_is_kept_has_the_size_of_what_it_unfolds_to():
    arrays = {path: np.zeros_like(array) for path, array in random_arrays().items()}
    arrays["layers/lstm/cell/vars/0"] = np.zeros((INPUTS, 4 * 500), np.float32)
    arrays["layers/lstm/cell/vars/1"] = np.zeros((500, 4 * 500), np.float32)
    arrays["layers/lstm/cell/vars/2"] = np.zeros(4 * 500, np.float32)
    arrays["layers/dense/vars/0"] = np.zeros((500, 8), np.float32)
    small = archive(weights=weights_h5(arrays))
    assert len(small) < 50_000
    assert len(file_to_keep(small, read(small))) > 4_000_000


@pytest.mark.slow
def test_two_layers_of_512_units_are_read_with_the_state_of_adam_beside_them():
    arrays = {f"layers/lstm{layer}/cell/vars/{index}": np.zeros(shape, np.float32)
              for layer, inputs in (("", 8), ("_1", 512))
              for index, shape in enumerate(((inputs, 2048), (512, 2048), (2048,)))}  # fmt: skip
    arrays |= {"layers/dense/vars/0": np.zeros((512, 8), np.float32), "layers/dense/vars/1": np.zeros(8, np.float32)}
    rng = np.random.default_rng(0)
    adam = {f"optimizer/vars/{number}": rng.random((3_300_000,), np.float32) for number in (2, 3)}
    layers = [("LSTM", {}), ("LSTM", {}), ("Dense", {"activation": "softmax"})]
    large = archive(zipfile.ZIP_STORED, config=config_json(layers), weights=weights_h5(arrays | adam))
    assert 38e6 < len(large) < 50e6
    assert read_upload("m.keras", large, None, None).network.units == (512, 512)


def test_a_file_with_its_vocabulary_needs_no_text():
    assert read_upload("m.keras", archive(), None, None).vocab.chars == "\n abcdef"


def test_a_file_without_vocabulary_asks_for_the_text():
    with pytest.raises(MissingVocabularyError, match="vocabulary"):
        read_upload("m.keras", archive(metadata=None), None, None)


def test_a_text_with_other_characters_is_refused():
    with pytest.raises(ModelFileError, match="different characters"):
        read_upload("m.keras", archive(metadata=None), None, "abc")


def test_names_do_not_collide():
    taken = {"cats", "cats (2)"}
    assert free_name("cats", taken.__contains__) == "cats (3)"
    assert free_name("dogs", taken.__contains__) == "dogs"


def test_a_record_of_another_vocabulary_is_refused():
    with pytest.raises(ModelFileError):
        read_upload("m.keras", archive(metadata=metadata_json(vocab="abc")), None, None)
