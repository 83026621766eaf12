"""Texts that people upload: any common encoding, and one clear sentence where a limit bites."""

import pytest

from charlstm.errors import CorpusError
from charlstm.text.corpus import DISTINCT_LIMIT, SHORTEST_UPLOAD, UPLOAD_LIMIT, corpus_from_upload
from charlstm.text.encodings import decode

ENGLISH = "It was the best of times, it was the worst of times – naïve café. " * 30
CHINESE = "床前明月光，疑是地上霜。举头望明月，低头思故乡。\n" * 60
RUSSIAN = "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему. " * 20


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
    assert "It was" in corpus_from_upload("a.txt", ENGLISH.encode(), lowercase=False).text
    assert "it was" in corpus_from_upload("a.txt", ENGLISH.encode(), lowercase=True).text


def test_line_ends_become_newlines():
    text = "one\r\ntwo\rthree\n" * 100
    assert corpus_from_upload("a.txt", text.encode(), False).text == "one\ntwo\nthree\n" * 100


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
    with pytest.raises(CorpusError, match=sentence) as error:
        corpus_from_upload("a.txt", content, False)
    assert str(error.value).endswith(".")
