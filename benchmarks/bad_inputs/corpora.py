"""Texts to train on that are none, or hardly: bytes of any kind, uploaded or in files of any kind."""

import os
import random
import tempfile
from pathlib import Path

from benchmarks.bad_inputs.trial import Kind
from charlstm.text.corpus import check_size, load_corpus, own_corpus
from charlstm.text.encodings import decode
from charlstm.training.plan import make_plan

WORDS = {
    "cp1252": "Ein Bär aß süße Äpfel; ¿qué más?, disait l'élève déçu. ",
    "cp1250": "Žluťoučký kůň pěl ďábelské ódy, zażółć gęślą jaźń. ",
    "cp1254": "Balıkçı Şükrü Iğdır'dan geldi, çok güldü. ",
    "cp1251": "Съешь ещё этих мягких булок, да выпей чаю. ",
    "gb18030": "春天到了，孩子们在河边写字。",
    "shift_jis": "春になると川のほとりで子どもたちが字を書いた。",
    "euc_kr": "봄이 오면 아이들은 강가에서 글을 쓴다. ",
    "utf-16-le": "Plain words and some Ωμέγα between. ",
    "utf-32-be": "Plain words and some Ωμέγα between. ",
    "utf-8": "Plain words, Ωμέγα, 春天, שלום, 🙂 and so on. ",
}
MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"+/v8", b"\x0e\xfe\xff")
HEADS = (
    b"%PDF-1.7\n",
    b"PK\3\4",
    b"\x89PNG\r\n\x1a\n",
    b"\x1f\x8b\x08",
    b"{\\rtf1",
    b"<html>",
    b"\x7fELF",
    b"SQLite format 3\0",
)
SIZES = (0, 1, 3, 199, 200, 999, 1_000, 1_001, 2_000, 5_000, 5_001, 10_000, 20_003, 40_000)
LARGE = (2_000_000, 19_999_999, 20_000_000, 20_000_001)  # rarely


class Corpora(Kind):
    """Half are uploaded, half read from a file; a run is planned with what is taken."""

    name = "corpora"
    cases = 16_000

    def __enter__(self) -> "Corpora":
        super().__enter__()
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        os.mkfifo(folder / "pipe")
        (folder / "loop").symlink_to("loop")
        (folder / "folder").mkdir()
        self._odd = ["/dev/zero", "/dev/full", "/dev/null", "/proc/self/mem", "/", "", "n" * 300, "a\0b", "\udce4.txt"]
        self._odd += [str(folder / name) for name in ("pipe", "loop", "folder", "none", "pipe/below")]
        self._file = folder / "text.txt"
        return self

    def __exit__(self, *reason: object) -> None:
        self._folder.cleanup()

    def make(self, rng: random.Random) -> "Case":
        if rng.random() < 0.01:
            return Case(rng.choice(self._odd), b"", False)
        content = _content(rng)
        name = "" if rng.random() < 0.5 else str(self._file)
        return Case(name, content, rng.random() < 0.3)

    def give(self, case: "Case") -> None:
        if not case.path:
            check_size(len(case.content))
            corpus = own_corpus("text.txt", decode(case.content).text, case.lowercase)
        else:
            if case.path == str(self._file):
                self._file.write_bytes(case.content)
            corpus = load_corpus(case.path, case.lowercase, tell=len)
        make_plan(corpus, epochs=1)


class Case:
    """A text: its bytes, and the file that they stand in; no path for an upload."""

    def __init__(self, path: str, content: bytes, lowercase: bool) -> None:
        self.path, self.content, self.lowercase = path, content, lowercase

    def __repr__(self) -> str:
        return f"{self.path or 'upload'} {len(self.content):,} bytes {self.content[:60]!r}"


def _content(rng: random.Random) -> bytes:
    size = rng.choice(LARGE) if rng.random() < 0.003 else rng.choice(SIZES)
    content = _filled(_piece(rng) or b"?", size)
    for _ in range(rng.choice((0, 0, 1, 3))):
        content = _changed(rng, content)
    return content


def _piece(rng: random.Random) -> bytes:
    """What a text is made of."""
    encoding = rng.choice(tuple(WORDS))
    words = WORDS[encoding].encode(encoding)
    shape = rng.randrange(8)
    if shape == 0:
        return rng.randbytes(rng.choice((1, 2, 7, 300, 5_000)))
    if shape == 1:
        return rng.choice((b"a", b" ", b"\n", b"\r", b"\0", b"\xff", b"\x1b$B", b"\xe2\x80\x8f", "🙂".encode()))
    if shape == 2:
        first = rng.randrange(0x20, 0x2FFFF)
        return "".join(
            chr(c) for c in range(first, first + rng.choice((10, 6_000))) if not 0xD800 <= c < 0xE000
        ).encode()
    if shape == 3:
        return words + WORDS[other := rng.choice(tuple(WORDS))].encode(other)  # two encodings in one
    return words


def _filled(piece: bytes, size: int) -> bytes:
    return (piece * (size // len(piece) + 1))[:size]


def _changed(rng: random.Random, content: bytes) -> bytes:
    place = rng.randrange(len(content) + 1)
    return rng.choice(
        (
            lambda: content[:place],
            lambda: content[place:],
            lambda: rng.choice(MARKS) + content,
            lambda: rng.choice(HEADS) + content,
            lambda: content[:place] + rng.randbytes(rng.choice((1, 4, 100))) + content[place:],
            lambda: content[:place] + b"\0" * rng.choice((1, 3)) + content[place:],
            lambda: (
                content[:place] + bytes([content[place] ^ 1 << rng.randrange(8)]) + content[place + 1 :]
                if place < len(content)
                else content
            ),
            lambda: content.replace(b"\n", b"\r\n").replace(b" ", b"\x85"),
        )
    )()
