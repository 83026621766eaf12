"""The Tang quatrains: what is taken of the npm package, and what is said where it is missing or another one."""

import hashlib
import io
import json
import tarfile

import pytest

from charlstm.errors import CorpusError
from charlstm.text import corpus, tang_poems
from charlstm.text.corpus import Corpus, find_tang_poems, is_on_this_machine, load_corpus

FIVE = ["一二三四五，六七八九十。", "天地人日月，山水火木金。"]
SEVEN = ["一二三四五六七，八九十天地人日。", "月山水火木金土，風雨雪花草木石。"]
TEXT = f"{SEVEN[0]}\n{SEVEN[1]}\n\n{FIVE[0]}\n{FIVE[1]}\n\n"


def package(members: dict[str, list[list[str]]]) -> bytes:
    """An archive like that of npm; each member is a list of poems, each a list of lines."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, poems in members.items():
            content = json.dumps([{"title": "?", "paragraphs": lines} for lines in poems]).encode()
            info = tarfile.TarInfo(f"package/dist/quantangshi/{name}.json")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


PACKAGE = package({"poet.tang.1000": [FIVE], "poet.tang.0": [SEVEN, FIVE[:1], SEVEN], "poet.song.0": [FIVE + FIVE]})


@pytest.fixture
def empty_machine(tmp_path, monkeypatch):
    """A machine without any corpus, on which `TEXT` is what its sha256 asks for; returns its data folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv(corpus.DATA_VARIABLE, str(tmp_path))
    monkeypatch.setattr(corpus, "TEXT_SHA256", hashlib.sha256(TEXT.encode()).hexdigest())
    return tmp_path


def test_quatrains_are_taken_once_each_in_the_order_of_the_parts(tmp_path):
    (tmp_path / "package.tgz").write_bytes(PACKAGE)
    assert tang_poems.tang_poems(tmp_path / "package.tgz") == TEXT


@pytest.mark.parametrize(
    "lines",
    [
        [FIVE[0], SEVEN[0]],  # of two lengths
        ["一二三四，五六七八。"] * 2,
        [FIVE[0], "天地人日月，山水火木□。"],
        [*FIVE, FIVE[0]],
        [],
    ],
    ids=str,
)
def test_other_poems_are_left_out(tmp_path, lines):
    (tmp_path / "package.tgz").write_bytes(package({"poet.tang.0": [lines, FIVE]}))
    assert tang_poems.tang_poems(tmp_path / "package.tgz") == f"{FIVE[0]}\n{FIVE[1]}\n\n"


def test_a_poem_with_a_rare_character_is_left_out_whole(tmp_path, monkeypatch):
    rare = [FIVE[0], "天地人日月，山水火木鑾。"]
    (tmp_path / "package.tgz").write_bytes(package({"poet.tang.0": [FIVE, rare]}))
    distinct = len(set("".join(FIVE)))
    monkeypatch.setattr(tang_poems, "VOCAB_SIZE", distinct + 1)
    text = tang_poems.tang_poems(tmp_path / "package.tgz")
    assert "鑾" not in text
    assert len(set(text)) == distinct + 1  # with the newline


def test_the_package_is_read_once_and_its_text_kept(empty_machine):
    assert not is_on_this_machine("tang-poems")
    path = empty_machine / tang_poems.PACKAGE_FILE
    path.write_bytes(PACKAGE)
    assert is_on_this_machine("tang-poems")
    assert load_corpus("tang-poems") == Corpus("tang-poems", TEXT, False)
    path.unlink()
    assert find_tang_poems() == TEXT
    assert is_on_this_machine("tang-poems")


def test_without_the_package_the_message_says_how_to_get_it(empty_machine):
    with pytest.raises(CorpusError, match=r"npm pack chinese-poetry@\S+; put the file .* CHARLSTM_DATA\."):
        load_corpus("tang-poems")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no archive", "could not be opened"),
        (PACKAGE[:-40], "ended before|unexpected end"),
        (package({"poet.tang.0": [FIVE]}), "sha256 is not the expected one"),
        (package({"poet.tang.0": [None]}), "iterable"),
    ],
    ids=["text", "cut", "other", "odd"],
)
def test_another_package_is_refused(empty_machine, content, reason):
    (empty_machine / tang_poems.PACKAGE_FILE).write_bytes(content)
    with pytest.raises(CorpusError, match=rf"is not the npm package chinese-poetry@\S+ \(.*({reason})"):
        find_tang_poems()


def test_a_cache_that_cannot_be_written_does_not_matter(empty_machine, monkeypatch):
    (empty_machine / "file").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(empty_machine / "file"))
    (empty_machine / tang_poems.PACKAGE_FILE).write_bytes(PACKAGE)
    assert find_tang_poems() == TEXT


def test_the_figures_of_the_poems():
    if not is_on_this_machine("tang-poems"):
        pytest.skip(str(corpus.tang_poems_missing()))
    text = load_corpus("tang-poems").text
    lines = text.split("\n")
    assert (len(text), len(set(text)), text.count("\n\n")) == (338_600, 2_996, 10_328)
    assert {len(line) for line in lines} == {0, 12, 16}
