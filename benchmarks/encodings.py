"""How often texts are read right: `python -m benchmarks.encodings FOLDER` prints the table of docs/encodings.md.

FOLDER holds what three Debian packages unpack to, whose texts stand in many languages:

    apt-get download gnome-user-docs dasher-data python3-django
    for package in *.deb; do dpkg-deb -x $package FOLDER; done

Pieces of 200, 2,000 and 20,000 bytes, cut at whole characters and with a fixed seed, are read in each encoding of their
language: right, or wrong with a word (not certain), or wrong without.
"""

import html
import random
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po

from charlstm.errors import CorpusError
from charlstm.text.encodings import decode

LENGTHS = (200, 2_000, 20_000)
PIECES = 6  # of a language, encoding, length and source
UNICODE = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
WESTERN, CENTRAL, BALTIC = ("cp1252", "iso8859-1", "iso8859-15"), ("cp1250", "iso8859-2"), ("cp1257", "iso8859-13")
ENCODINGS = dict.fromkeys(("ca", "da", "de", "es", "fi", "fr", "it", "nl", "pt_BR", "sv"), WESTERN)
ENCODINGS |= dict.fromkeys(("cs", "hr", "hu", "pl", "ro", "sk", "sl"), CENTRAL)
ENCODINGS |= {"lt": BALTIC, "lv": BALTIC, "et": ("cp1257", "cp1252", "iso8859-15"), "tr": ("cp1254", "iso8859-9")}
ENCODINGS |= {"el": ("cp1253", "iso8859-7"), "he": ("cp1255", "iso8859-8"), "vi": ("cp1258",)}
ENCODINGS |= {"ru": ("cp1251", "koi8-r", "iso8859-5", "cp866"), "uk": ("cp1251", "koi8-u", "iso8859-5")}
ENCODINGS |= {"bg": ("cp1251", "iso8859-5"), "sr": ("cp1251", "iso8859-5")}
ENCODINGS |= {"zh_CN": ("gb18030",), "zh_Hant": ("big5",), "ko": ("euc_kr", "cp949")}
ENCODINGS |= {"ja": ("shift_jis", "euc_jp", "iso2022_jp")}
PLAIN = str.maketrans("“”„‘’—–‐‑«»\xa0", '"""\'\'----"" ', "…→€\u200b\u200e\u200f\u2060\xad")
TONES = "\u0300\u0301\u0303\u0309\u0323"


def main(folder: Path) -> None:
    """Prints a row a language and encoding, and one for all."""
    print("| language | encoding | 200 | 2,000 | 20,000 bytes | wrong with a word | without |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    total: Counter[tuple[int, str]] = Counter()
    for language, encodings in ENCODINGS.items():
        sources = [source for source in _sources(folder, language) if sum(map(len, source)) > 3_000]
        for encoding in (*encodings, *UNICODE):
            counts = _tried(sources, encoding, random.Random(f"{language} {encoding}"))
            total += counts
            if encoding not in UNICODE:
                print(_row(language, encoding, counts))
    print(_row("all", "and Unicode", total))


def _row(language: str, encoding: str, counts: Counter[tuple[int, str]]) -> str:
    shares = []
    for length in LENGTHS:
        tried = sum(counts[length, came] for came in ("right", "said", "silent"))
        shares.append(f"{100 * counts[length, 'right'] / tried:.1f}%" if tried else "")
    wrong = [str(sum(counts[length, came] for length in LENGTHS)) for came in ("said", "silent")]
    return f"| {language} | {encoding} | {' | '.join(shares)} | {' | '.join(wrong)} |"


def _tried(sources: list[list[str]], encoding: str, rng: random.Random) -> Counter[tuple[int, str]]:
    counts: Counter[tuple[int, str]] = Counter()
    for source in sources:
        lines = [line for line in (_written(line, encoding) for line in source) if line]
        for length in LENGTHS:
            for _ in range(PIECES if sum(map(len, lines)) >= length else 0):
                content, text = _piece(lines, encoding, length, rng)
                counts[length, _came(content, text)] += 1
    return counts


def _came(content: bytes, text: str) -> str:
    try:
        decoded = decode(content)
    except CorpusError:
        return "said"
    if unicodedata.normalize("NFC", decoded.text) == unicodedata.normalize("NFC", text):
        return "right"
    return "said" if decoded.replaced or not decoded.sure else "silent"


def _piece(lines: list[str], encoding: str, length: int, rng: random.Random) -> tuple[bytes, str]:
    """So many bytes at the most, from a line on, and their text."""
    first, chosen, size = rng.randrange(len(lines)), [], 0
    while size < length:
        chosen.append(lines[(first + len(chosen)) % len(lines)])
        size += len(chosen[-1].encode(encoding))
    text = "\n".join(chosen).encode(encoding)[:length].decode(encoding, "ignore")
    return text.encode(encoding), text


def _written(line: str, encoding: str) -> str | None:
    """The line in the characters that an encoding has; None where it has too few."""
    if encoding == "cp1258":
        parts = [unicodedata.normalize("NFD", char) for char in line]
        letters = (unicodedata.normalize("NFC", "".join(c for c in part if c not in TONES)) for part in parts)
        line = "".join(
            letter + "".join(c for c in part if c in TONES) for letter, part in zip(letters, parts, strict=True)
        )
    for written in (line, line.translate(PLAIN)):
        try:
            written.encode(encoding)
            return written
        except UnicodeEncodeError:
            continue
    return None


def _sources(folder: Path, language: str) -> Iterator[list[str]]:
    """Lines of the language: the desktop's manual, a text to train an input method, messages of a web framework."""
    share = folder / "usr/share"
    pages = {name: _paragraphs(share / f"help/{name}/gnome-help") for name in ("C", language)}
    yield sorted(pages[language] - pages["C"])
    for path in sorted((share / "dasher").glob(f"training_*_{DASHER.get(language, '-')}.txt")):
        yield [line for line in path.read_text("utf-8-sig", "replace").splitlines() if _clean(line)]
    catalogues = (folder / "usr/lib/python3/dist-packages/django").rglob(
        f"locale/{DJANGO.get(language, language)}/LC_MESSAGES/*.po"
    )
    messages = (message.string for path in sorted(catalogues) for message in read_po(path.open("rb")) if message.id)
    words = (re.sub(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|<[^>]+>", "", message) for message in messages if type(message) is str)
    yield [line for line in dict.fromkeys(" ".join(word.split()) for word in words) if _clean(line)]


DASHER = {"cs": "CS", "da": "DK", "de": "DE", "el": "GR", "es": "ES", "fi": "FI", "fr": "FR", "he": "IL", "hu": "HU"}
DASHER |= {"it": "IT", "nl": "NL", "pl": "PL", "pt_BR": "BR", "ru": "RU", "sv": "SE", "tr": "TR"}
DJANGO = {"zh_CN": "zh_Hans"}


def _paragraphs(folder: Path) -> set[str]:
    found = set()
    for path in folder.glob("*.page"):
        page = re.sub(r"<info>.*?</info>|<!--.*?-->", "", path.read_text(), flags=re.DOTALL)
        for match in re.finditer(r"<(p|title)\b[^>]*>(.*?)</\1>", page, re.DOTALL):
            found.add(" ".join(html.unescape(re.sub(r"<[^>]+>", "", match[2])).split()))
    return {line for line in found if _clean(line)}


def _clean(line: str) -> bool:
    """Whether a line is long enough to say something, and whole."""
    strange = any(unicodedata.category(char) in ("Cc", "Cf", "Cn", "Co") or char == "\ufffd" for char in line)
    return len(line.encode()) > 30 and not strange


if __name__ == "__main__":
    main(Path(sys.argv[1]))
