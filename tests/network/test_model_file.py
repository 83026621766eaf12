import io
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from model_files import VOCAB, add_metadata, archive, assert_refused, config_json, metadata_json, read, zip_of

from charlstm.errors import ModelFileError
from charlstm.network.metadata import ModelMetadata
from charlstm.network.model_file import add_members, read_metadata, read_model, write_file
from charlstm.text.vocab import Vocab

HISTORY = ({"epoch": 1, "train_loss": 2.1, "val_loss": 2.0, "seconds": 9.5},)
ROOT = Path(__file__).resolve().parents[2]
METADATA = ModelMetadata("nietzsche", "0" * 64, True, {"units": 5}, 1, HISTORY, 2.0)


def test_vocabulary_and_record_are_read():
    model = read(
        archive(metadata=metadata_json(corpus="prose", epoch=3, lowercase=True, history=HISTORY, val_loss=1.5))
    )
    assert model.vocab.chars == VOCAB
    assert model.metadata == ModelMetadata("prose", lowercase=True, epoch=3, history=HISTORY, val_loss=1.5)
    assert model.metadata.val_bits_per_character == pytest.approx(1.5 / math.log(2))
    assert ModelMetadata().val_bits_per_character is None


def test_a_file_without_a_vocabulary_takes_a_given_one():
    assert read(archive(metadata=None), Vocab("abcdefgh")).vocab.chars == "abcdefgh"
    assert_refused(archive(metadata=None), "holds no vocabulary. Give the text")


def test_the_vocabulary_of_the_file_goes_before_a_given_one():
    assert read(archive(), Vocab("12345678")).vocab.chars == VOCAB


def test_a_vocabulary_of_another_size_is_refused():
    with pytest.raises(ModelFileError, match="writes 8 different characters, but the vocabulary has 9"):
        read(archive(metadata=None), Vocab("abcdefghi"))


@pytest.mark.parametrize("share", [index / 60 for index in range(60)])
def test_a_truncated_file_is_refused(share):
    whole = archive()
    assert_refused(whole[: int(len(whole) * share)], "is not a whole .keras file")


@pytest.mark.parametrize("missing", range(1, 30))
def test_a_file_that_lacks_its_last_bytes_is_refused(missing):
    assert_refused(archive()[:-missing], "is not a whole .keras file")


@pytest.mark.parametrize("rng_seed", range(4))
def test_a_corrupted_archive_is_refused_or_read_but_never_breaks(rng_seed):
    chance, whole = random.Random(rng_seed), archive()
    for _ in range(60):
        content = bytearray(whole)
        for _ in range(chance.choice([1, 4, 16])):
            content[chance.randrange(len(content))] = chance.randrange(256)
        with suppress(ModelFileError):
            read(bytes(content))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a whole .keras file"),
        (b"PK\x03\x04", "is not a whole .keras file"),
        (b"\x89HDF\r\n\x1a\n" + b"\0" * 100, "is not a whole .h5 file"),
        (b"PK\x01\x02" * 1000, "it has more than 200 members"),
        (b"the will to power" * 100, "is not a whole .keras file"),
        (zip_of({"word/document.xml": b"<w/>"}), "is not a Keras model: it lacks config.json"),
        (archive(config=None), "is not a Keras model"),
        (archive(weights=None), "is not a Keras model"),
        (archive(weights=b"not hdf5"), "has damaged weights"),
        (archive(config=b"{"), "has a damaged config.json"),
        (archive(config=b"\xff\xfe"), "has a damaged config.json"),
        (archive(config=b"[]"), "has a damaged config.json"),
        (archive(config=b"{}"), "has a damaged config.json"),
        (archive(config=b'{"class_name": "Sequential", "config": {"layers": 5}}'), "has a damaged config.json"),
        (archive(config=b'{"class_name": "Sequential", "config": {"layers": [5]}}'), "has a damaged config.json"),
        (archive(config=b"[" * 100_000), "has a damaged config.json"),
        (archive(config=b'{"class_name": "Mine", "config": {"layers": []}}'), "is not a plain chain"),
        (archive(config=config_json([])), "has no LSTM layer followed by a Dense layer"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_foreign_and_broken_files_are_refused(content, message):
    assert_refused(content, message)


def bomb(member: str, megabytes: int, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A small archive, one member of which unpacks to many megabytes of nothing."""
    buffer = io.BytesIO(
        archive(**{{"config.json": "config", "charlstm.json": "metadata"}.get(member, "weights"): None})
    )
    with zipfile.ZipFile(buffer, "a", compression, compresslevel=9) as out, out.open(member, "w") as stream:
        for _ in range(megabytes):
            stream.write(bytes(1_000_000))
    return buffer.getvalue()


@pytest.mark.parametrize(("member", "megabytes"), [("config.json", 3), ("charlstm.json", 9), ("model.weights.h5", 200)])
def test_a_zip_bomb_is_refused(member, megabytes):
    content = bomb(member, megabytes)
    assert len(content) < 1_000_000
    assert_refused(content, rf"is too large: its {member} unpacks to over \d+ MB")


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compression_that_cannot_be_unpacked_bit_by_bit_is_refused(compression):
    assert_refused(bomb("charlstm.json", 5, compression), "compressed in a way")


def test_a_stored_archive_is_read():
    assert read(archive(zipfile.ZIP_STORED)).vocab.chars == VOCAB


def write(path: Path, metadata: ModelMetadata = METADATA) -> None:
    write_file(add_metadata(archive(metadata=None), Vocab(VOCAB), metadata), path)


def test_what_was_written_is_read_back(tmp_path):
    path = tmp_path / "new" / "folder" / "model.keras"
    write_file(add_members(add_metadata(archive(metadata=None), Vocab(VOCAB), METADATA), {"more": b"momentum"}), path)
    model = read_model(path)
    assert model.vocab.chars == VOCAB
    assert model.metadata == METADATA == read_metadata(path)
    with zipfile.ZipFile(path) as members:
        assert members.read("more") == b"momentum"
        assert members.testzip() is None
    assert [file.name for file in path.parent.iterdir()] == ["model.keras"]


def test_the_same_model_gives_the_same_bytes(tmp_path):
    write(tmp_path / "a.keras")
    write(tmp_path / "b.keras")
    assert (tmp_path / "a.keras").read_bytes() == (tmp_path / "b.keras").read_bytes()


@pytest.mark.skipif(os.name != "posix", reason="file permissions are those of POSIX")
def test_a_written_file_has_the_permissions_of_any_other_file(tmp_path):
    (tmp_path / "other").touch()
    write(tmp_path / "a.keras")
    assert (tmp_path / "a.keras").stat().st_mode == (tmp_path / "other").stat().st_mode


FULL_DISK = """
import resource, sys
from pathlib import Path
from model_files import archive
from charlstm.network.model_file import write_file

content = archive()
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    write_file(content, Path(sys.argv[1]))
except OSError as error:
    sys.exit(f"OSError {error.errno}")
"""


@pytest.mark.skipif(os.name != "posix", reason="RLIMIT_FSIZE is a limit of POSIX systems")
@pytest.mark.parametrize("limit", [0, 1, 500, 2000])
@pytest.mark.parametrize("older", [True, False])
@pytest.mark.slow
def test_a_full_disk_leaves_the_older_file_and_no_other(tmp_path, limit, older):
    path = tmp_path / "model.keras"
    if older:
        write(path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    command = [sys.executable, "-c", FULL_DISK, str(path), str(limit)]
    alone = {key: value for key, value in os.environ.items() if not key.startswith("COV")}  # whose file would not fit
    ended = subprocess.run(command, env=alone, capture_output=True, text=True)
    assert ended.stderr.startswith("OSError"), ended.stderr
    assert "Exception ignored" not in ended.stderr
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_no_room_to_unpack_an_upload_is_one_sentence(monkeypatch):
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: open("/dev/full", "r+b", buffering=0))  # noqa: SIM115
    assert_refused(archive(), "^my.keras cannot be unpacked: No space left on device. Make room for temporary files.$")


def test_an_interrupted_write_leaves_nothing(tmp_path, monkeypatch):
    def interrupt(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "model.keras")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_an_os_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="file"):
        write(tmp_path / "file" / "model.keras")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ModelFileError, match="cannot be read: No such file or directory"):
        read_model(tmp_path / "nothing.keras")
    with pytest.raises(ModelFileError, match="cannot be read: No such file or directory"):
        read_metadata(tmp_path / "nothing.keras")


def test_a_folder_is_not_a_model(tmp_path):
    (tmp_path / "folder.keras").mkdir()
    with pytest.raises(ModelFileError, match="cannot be read: Is a directory"):
        read_model(tmp_path / "folder.keras")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are POSIX")
def test_what_is_no_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.keras")
    for path in (tmp_path / "pipe.keras", Path("/dev/zero")):
        with pytest.raises(ModelFileError, match="it is a pipe or a device, not a plain file"):
            read_model(path)


def test_a_model_file_may_have_any_name(tmp_path):
    write(tmp_path / "model.zip")
    assert read_model(tmp_path / "model.zip").metadata == METADATA


def test_keras_reads_what_was_written(keras, tmp_path):
    layers = keras.layers
    theirs = keras.Sequential([keras.Input((None,)), layers.Embedding(len(VOCAB), 3), layers.LSTM(5), layers.Dense(8)])
    theirs.save(tmp_path / "theirs.keras")
    content = add_metadata((tmp_path / "theirs.keras").read_bytes(), Vocab(VOCAB), METADATA)
    (tmp_path / "ours.keras").write_bytes(content)
    again = keras.models.load_model(tmp_path / "ours.keras")
    ids = np.array([[1, 2, 3]])
    np.testing.assert_array_equal(again.predict(ids, verbose=0), theirs.predict(ids, verbose=0))
    with zipfile.ZipFile(tmp_path / "ours.keras") as members:
        assert json.loads(members.read("charlstm.json"))["vocab"] == VOCAB
