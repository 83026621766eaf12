"""Texts that people upload: any common encoding, and one clear sentence where a limit bites."""

import pytest

from charlstm.page.parts import text_reading
from charlstm.page.parts.text_reading import Reading
from charlstm.text.corpus import DISTINCT_LIMIT, SHORTEST_UPLOAD, UPLOAD_LIMIT
from charlstm.text.encodings import decode

ENGLISH = "It was the best of times, it was the worst of times – naïve café. " * 30
CHINESE = "床前明月光，疑是地上霜。举头望明月，低头思故乡。\n" * 60
RUSSIAN = "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему. " * 20


def read(content: bytes, lowercase: bool = False) -> Reading:
    reading = Reading(("a.txt", 0, lowercase, ""))
    reading.read(content)
    return reading


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (ENGLISH, "utf-8"),
        (ENGLISH, "utf-8-sig"),
        (ENGLISH, "utf-16"),
        (ENGLISH, "cp1252"),
        (CHINESE, "utf-8"),
        (CHINESE, "gb18030"),
        (CHINESE, "big5"),
        (CHINESE, "utf-16"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
    ],
)
def test_common_encodings_are_read(text, encoding):
    if encoding == "big5":
        text = text.translate(str.maketrans("举头乡", "舉頭鄉"))
    assert decode(text.encode(encoding)).text == text


def test_case_is_kept_or_lowered():
    assert "It was" in read(ENGLISH.encode()).corpus.text
    assert "it was" in read(ENGLISH.encode(), lowercase=True).corpus.text


def test_line_ends_become_newlines():
    text = "one\r\ntwo\rthree\n" * 100
    assert read(text.encode()).corpus.text == "one\ntwo\nthree\n" * 100


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"x" * (SHORTEST_UPLOAD - 1), "at least 1,000 characters"),
        (b"", "at least 1,000 characters"),
        (b"x" * (UPLOAD_LIMIT + 1), "at most 20 MB"),
        ("".join(map(chr, range(0x4E00, 0x4E00 + DISTINCT_LIMIT + 1))).encode(), "different characters"),
        (b"\x00\x01\x02" * 1000, "not text"),
    ],
    ids=["short", "empty", "large", "distinct", "binary"],
)
def test_limits_are_said_in_one_sentence(content, sentence):
    reading = read(content)
    assert sentence in str(reading.error)
    assert str(reading.error).endswith(".")
    assert reading.corpus is None


@pytest.mark.parametrize(
    ("error", "reason"), [(MemoryError(), "MemoryError"), (RuntimeError("can't start"), "can't start")]
)
def test_whatever_else_goes_wrong_is_said_too(monkeypatch, caplog, error, reason):
    def fail(*_):
        raise error

    monkeypatch.setattr(text_reading, "decode", fail)
    reading = read(ENGLISH.encode())
    assert reading.done.is_set()
    assert str(reading.error) == f"a.txt cannot be read: {reason}. Try a part of it."
    assert type(error).__name__ in caplog.text
