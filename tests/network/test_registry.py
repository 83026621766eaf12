import os

import pytest
from model_files import archive, metadata_json

from charlstm.errors import ModelFileError
from charlstm.network import registry
from charlstm.network.registry import epoch_files, list_models, load_model


@pytest.fixture
def models_dir(tmp_path, monkeypatch):
    """In the place of the real folder one with `prose`, its second epoch the best, and damaged files."""
    monkeypatch.setattr(registry, "MODELS_DIR", tmp_path)
    for name, epoch, val_loss in [("prose", 10, 1.7), ("prose", 2, 1.5), ("prose", 1, 2.0), ("unheld", 1, None)]:
        (tmp_path / name).mkdir(exist_ok=True)
        content = archive(metadata=metadata_json(epoch=epoch, val_loss=val_loss))
        (tmp_path / name / f"epoch-{epoch:03}.keras").write_bytes(content)
    (tmp_path / "unheld" / "epoch-1of64.keras").write_bytes(archive(metadata=metadata_json(epoch=1 / 64)))
    (tmp_path / "unheld" / "epoch-1of0.keras").write_bytes(b"no number")
    (tmp_path / "unheld" / "epoch-2.keras").write_bytes(archive(metadata=metadata_json(epoch=2)))
    (tmp_path / "prose" / "notes.keras").write_bytes(b"no epoch by its name")
    (tmp_path / "prose" / "epoch-011.keras").write_bytes(b"no zip")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "epoch-1.keras").write_bytes(archive(metadata=b"{}"))
    (tmp_path / "empty").mkdir()
    (tmp_path / "README").write_text("no model")
    return tmp_path


def test_models_are_listed_by_name_and_epoch(models_dir):
    listed = {name: [epoch.label for epoch in epochs] for name, epochs in list_models().items()}
    assert listed == {"prose": ["1", "2", "10"], "unheld": ["1/64", "1", "2"]}
    assert list(epoch_files("prose")) == ["1", "2", "10", "11"]  # the damaged one too


def test_metadata_are_read_once_and_again_when_the_file_is_replaced(models_dir):
    before = list_models()["unheld"]
    assert list_models()["unheld"] == before  # the very same
    before[0].file.write_bytes(archive(metadata=metadata_json(epoch=1, corpus="another")))
    os.utime(before[0].file, ns=(0, 0))
    after = list_models()["unheld"]
    assert after[0].metadata.corpus == "another"
    assert after[1] is before[1]


def test_a_name_means_the_best_epoch(models_dir):
    assert load_model("prose").metadata.epoch == 2
    assert load_model("unheld").metadata.epoch == 2  # the last, where nothing was held out


def test_no_models_is_an_empty_list(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "MODELS_DIR", tmp_path / "nowhere")
    assert list_models() == {}


@pytest.mark.parametrize("instead", [lambda path: None, os.mkfifo, os.mkdir, lambda path: path.symlink_to("nowhere")])
def test_a_file_that_goes_is_left_out_and_what_was_known_of_it_is_said(models_dir, instead):
    epoch = list_models()["prose"][0]
    epoch.file.unlink()
    instead(epoch.file)
    assert [epoch.label for epoch in list_models()["prose"]] == ["2", "10"]
    with pytest.raises(ModelFileError, match="epoch-001.keras' cannot be read: "):
        epoch.read_bytes()


@pytest.mark.parametrize("name", ["marx", "", "../prose", "prose/epoch-001"])
def test_an_unknown_name_is_refused_with_those_that_are_known(models_dir, name):
    with pytest.raises(ModelFileError, match="no model named .* Use one of: prose, unheld; or a .keras"):
        load_model(name)
