"""Bytes -> text, one way for the page and the command line: in which encoding, how sure that is, what was replaced.

A text is UTF-8 if it can be. Else it is the encoding whose letters its bytes most resemble, by chardet's models of
languages; where another encoding, by which the text would read otherwise, resembles them about as well, that is said.
"""

import codecs
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import chardet

from charlstm.errors import CorpusError, Message, joined

WESTERN, CENTRAL, BALTIC = Message("Western Europe"), Message("Central Europe"), Message("Baltic")
CYRILLIC, GREEK, TURKISH = Message("Cyrillic"), Message("Greek"), Message("Turkish")
HEBREW, ARABIC, THAI, VIETNAMESE = Message("Hebrew"), Message("Arabic"), Message("Thai"), Message("Vietnamese")
CHINESE, JAPANESE, KOREAN = Message("Chinese"), Message("Japanese"), Message("Korean")
UNICODE = Message("all languages")

# By Python's name: how people call it, and who writes in it. An earlier one is taken where two resemble the text
# equally.
ENCODINGS: Mapping[str, tuple[str, Message]] = {
    "utf-8": ("UTF-8", UNICODE),
    "utf-16-le": ("UTF-16 LE", UNICODE),
    "utf-16-be": ("UTF-16 BE", UNICODE),
    "utf-32-le": ("UTF-32 LE", UNICODE),
    "utf-32-be": ("UTF-32 BE", UNICODE),
    "cp1252": ("Windows-1252", WESTERN),
    "iso8859-15": ("ISO 8859-15", WESTERN),
    "iso8859-1": ("ISO 8859-1", WESTERN),
    "mac-roman": ("Mac Roman", WESTERN),
    "cp850": ("DOS 850", WESTERN),
    "cp1250": ("Windows-1250", CENTRAL),
    "iso8859-2": ("ISO 8859-2", CENTRAL),
    "iso8859-16": ("ISO 8859-16", CENTRAL),
    "mac-latin2": ("Mac Central Europe", CENTRAL),
    "cp852": ("DOS 852", CENTRAL),
    "cp1257": ("Windows-1257", BALTIC),
    "iso8859-13": ("ISO 8859-13", BALTIC),
    "iso8859-4": ("ISO 8859-4", BALTIC),
    "cp775": ("DOS 775", BALTIC),
    "cp1254": ("Windows-1254", TURKISH),
    "iso8859-9": ("ISO 8859-9", TURKISH),
    "mac-turkish": ("Mac Turkish", TURKISH),
    "cp857": ("DOS 857", TURKISH),
    "cp1253": ("Windows-1253", GREEK),
    "iso8859-7": ("ISO 8859-7", GREEK),
    "mac-greek": ("Mac Greek", GREEK),
    "cp737": ("DOS 737", GREEK),
    "cp869": ("DOS 869", GREEK),
    "cp1251": ("Windows-1251", CYRILLIC),
    "koi8-r": ("KOI8-R", CYRILLIC),
    "koi8-u": ("KOI8-U", CYRILLIC),
    "iso8859-5": ("ISO 8859-5", CYRILLIC),
    "mac-cyrillic": ("Mac Cyrillic", CYRILLIC),
    "cp866": ("DOS 866", CYRILLIC),
    "cp855": ("DOS 855", CYRILLIC),
    "cp1125": ("DOS 1125", CYRILLIC),
    "cp1255": ("Windows-1255", HEBREW),
    "iso8859-8": ("ISO 8859-8", HEBREW),
    "cp862": ("DOS 862", HEBREW),
    "cp1256": ("Windows-1256", ARABIC),
    "iso8859-6": ("ISO 8859-6", ARABIC),
    "cp874": ("Windows-874", THAI),
    "cp1258": ("Windows-1258", VIETNAMESE),
    "gb18030": ("GB 18030", CHINESE),
    "big5hkscs": ("Big5", CHINESE),
    "hz": ("HZ", CHINESE),
    "cp932": ("Shift JIS", JAPANESE),
    "shift_jis_2004": ("Shift JIS 2004", JAPANESE),
    "euc_jis_2004": ("EUC-JP", JAPANESE),
    "iso2022_jp_2": ("ISO 2022-JP", JAPANESE),
    "euc_kr": ("EUC-KR", KOREAN),
    "cp949": ("Windows-949", KOREAN),
    "iso2022_kr": ("ISO 2022-KR", KOREAN),
}
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as that of UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
WIDER = {"iso8859-1": "cp1252", "iso8859-9": "cp1254"}  # reads the same letters, and more
# Measured by benchmarks/encodings.py: the loss of resemblance up to which oddities decide which of two encodings it is,
# and the share of the best one's resemblance from which on another makes it uncertain.
MARGIN, ALIKE = 0.02, 0.8
WHOLE_FOR_ONE = 4  # whole characters of several bytes to each that is damaged, or it is no UTF-8
STRANGE_SHARE = 0.02  # of characters that no text has, above which bytes are no UTF-16
ODD_SHARE, CLEARLY_ODDER = 0.01, 2  # oddities a byte of a text that was read right; how many more tell it from another
SAMPLE_BYTES, LINE_BYTES, PIECE_BYTES = 50_000, 500, 1_000_000
GUESSED = [encoding for encoding in ENCODINGS if not encoding.startswith("utf")]
HIGH_BYTES = bytes(range(0x80, 0x100))
HIGH, NOT_ASCII = re.compile(rb"[\x80-\xff]"), re.compile(r"[^\0-\x7f]")
CONTROLS = re.compile(rb"[\0-\x08\x10-\x1a\x1c-\x1f]")  # without those that switch alphabets
SHIFTS = re.compile(rb"\x1b[$(]|~\{")  # how an alphabet begins in encodings of seven bits

Progress = Callable[[float], None]  # gets the share that is done


@dataclass(frozen=True)
class DecodedText:
    """A text, and how its bytes were read.

    Attributes:
        text: Its line ends are newlines alone, its letters in one piece, and no mark of the encoding is in it.
        encoding: Python's name.
        sure: Whether no other encoding would do about as well.
        replaced: Characters that could not be read and are U+FFFD now.
    """

    text: str
    encoding: str = "utf-8"
    sure: bool = True
    replaced: int = 0


def decode(content: bytes, encoding: str | None = None, progress: Progress | None = None) -> DecodedText:
    """The text of `content`.

    Args:
        content: Of a file.
        encoding: Any name that Python knows; None to find it out.
        progress: Called after each megabyte.

    Raises:
        CorpusError: It is no text, or Python knows no such encoding.
    """
    found, sure = (codec_name(encoding), True) if encoding else _detect(content)
    try:
        text = "".join(_pieces(content, found, progress))
    except (UnicodeError, ValueError) as error:
        raise _no_text() from error
    if "\0" in text:
        raise CorpusError("The file is not text: it has zero bytes. Save it as plain UTF-8 text.")
    if found == "cp1258":  # which has tones and letters apart
        text = unicodedata.normalize("NFC", text)
    replaced = text.count("\ufffd")
    return DecodedText(text, found, sure, replaced - content.count("\ufffd".encode()) if found == "utf-8" else replaced)


def codec_name(name: str) -> str:
    """Python's name of an encoding, as it stands in `ENCODINGS` if it does.

    Raises:
        CorpusError: Python knows no such encoding of text.
    """
    try:
        b"\0\0\0\0".decode(name)
        found = codecs.lookup(name).name
    except (LookupError, ValueError) as error:
        raise CorpusError(
            "`encoding` must be a name that Python knows, got {name!r}. Try utf-8 or cp1252.", name=name[:60]
        ) from error
    return {codecs.lookup(known).name: known for known in ENCODINGS}.get(found.removesuffix("-sig"), found)


def encoding_name(encoding: str) -> Message:
    """How people call an encoding, and its languages."""
    name, languages = ENCODINGS.get(encoding, (encoding, None))
    return (
        Message("{name} ({languages})", name=name, languages=languages) if languages else Message("{name}", name=name)
    )


def how_it_was_read(name: str, decoded: DecodedText) -> str | None:
    """What there is to say of a file that was read; None where it was UTF-8 without a fault."""
    said, encoding = [], encoding_name(decoded.encoding)
    if decoded.encoding != "utf-8" and decoded.sure:
        said.append(Message("{name} was read as {encoding}.", name=name, encoding=encoding))
    elif decoded.encoding != "utf-8":
        line = " ".join(decoded.text[:200].split())[:60]
        said.append(
            Message(
                "{name} was read as {encoding}, which is not certain. It begins {line!r}; if that is wrong, name its "
                "encoding.",
                name=name,
                encoding=encoding,
                line=line,
            )
        )
    if decoded.replaced:
        said.append(
            Message(
                "{name}: {count:,} damaged characters were replaced by {mark}.",
                name=name,
                count=decoded.replaced,
                mark="\ufffd",
            )
        )
    return joined("{first} {second}", said) if said else None


def _pieces(content: bytes, encoding: str, progress: Progress | None) -> Iterator[str]:
    """The text bit by bit, so that a long one takes no more memory than itself."""
    start = next((len(mark) for mark, marked in MARKS if marked == encoding and content.startswith(mark)), 0)
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)("replace"), translate=True)
    for first in range(start, len(content), PIECE_BYTES):
        yield decoder.decode(content[first : first + PIECE_BYTES])
        if progress is not None:
            progress(min(1.0, (first + PIECE_BYTES) / len(content)))
    yield decoder.decode(b"", final=True)


def _no_text() -> CorpusError:
    return CorpusError("The file is not text in an encoding that is known here. Save it as UTF-8.")


def _detect(content: bytes) -> tuple[str, bool]:
    """The encoding, and whether that is sure.

    Raises:
        CorpusError: It is none that is known here.
    """
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return encoding, True
    wide = _wide(content[:SAMPLE_BYTES])
    if wide:
        return wide, True
    if _is_utf8(content) and not SHIFTS.search(content[:SAMPLE_BYTES]):
        return "utf-8", True
    return _likeliest(_sample(content))


def _is_utf8(content: bytes) -> bool:
    """Whether it is UTF-8, but perhaps for a few damaged characters."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    damaged, whole = -content.count("\ufffd".encode()), 0
    for first in range(0, len(content), PIECE_BYTES):
        piece = content[first : first + PIECE_BYTES]
        text = decoder.decode(piece, final=first + PIECE_BYTES >= len(content))
        damaged += text.count("\ufffd")
        whole += len(text) - len(piece.translate(None, HIGH_BYTES))
    return damaged * (WHOLE_FOR_ONE + 1) <= whole and (damaged == 0 or not CONTROLS.search(content[:SAMPLE_BYTES]))


def _wide(content: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: of the bytes that make a character, the higher ones vary less."""
    if not CONTROLS.search(content):  # such as the zeros beside ASCII, or the upper half of a Chinese comma
        return None
    content = content[: len(content) // 4 * 4]
    kinds = [len(set(content[first::4])) for first in range(4)]
    if kinds[3] == 1 and kinds[2] <= 3:
        encoding = "utf-32-le"
    elif kinds[0] == 1 and kinds[1] <= 3:
        encoding = "utf-32-be"
    else:
        encoding = "utf-16-le" if len(set(content[1::2])) < len(set(content[::2])) else "utf-16-be"
    text = content.decode(encoding, "replace")
    strange = sum(unicodedata.category(char) in ("Cc", "Cn", "Co") and char not in "\n\r\t\f" for char in text)
    return encoding if strange + text.count("\ufffd") <= STRANGE_SHARE * len(text) else None


def _sample(content: bytes) -> bytes:
    """The lines that are not ASCII, or the beginning where there are none: what there is to tell an encoding by."""
    if len(content) <= 4 * LINE_BYTES:
        return content
    pieces: list[bytes] = []
    place, left = 0, SAMPLE_BYTES
    while left > 0 and (hit := HIGH.search(content, place)):
        start = max(place, content.rfind(b"\n", place, hit.start()) + 1, hit.start() - LINE_BYTES)
        end = content.find(b"\n", hit.end(), start + 4 * LINE_BYTES) + 1 or start + 4 * LINE_BYTES
        pieces.append(content[start:end])
        place, left = end, left - (end - start)
    return b"".join(pieces) or content[:SAMPLE_BYTES]


def _likeliest(sample: bytes) -> tuple[str, bool]:
    """What the letters resemble most; of several that do so alike, that which leaves the fewest oddities.

    Raises:
        CorpusError: They resemble nothing.
    """
    found = chardet.detect_all(sample, ignore_threshold=True, include_encodings=GUESSED, compat_names=False)
    least, names = ALIKE * found[0]["confidence"], list(ENCODINGS)
    rivals: dict[str, tuple[int, float, int]] = {}  # by what is read: its oddities, resemblance, place in the table
    for guess in found:
        encoding = guess["encoding"] or ""
        encoding = WIDER.get(encoding, encoding)
        if encoding not in ENCODINGS or guess["confidence"] < least:
            continue
        text = sample.decode(encoding, "replace")
        place = names.index(encoding)
        oddities, loss, first = rivals.get(text) or (_oddities(text), -guess["confidence"], place)
        rivals[text] = oddities, min(loss, -guess["confidence"]), min(first, place)
    if not rivals:
        raise _no_text()
    likeliest = min(rank for rank in rivals.values() if -rank[1] >= found[0]["confidence"] - MARGIN)
    encoding, oddities = names[likeliest[2]], likeliest[0]
    plain = oddities <= ODD_SHARE * len(sample) and not ENCODINGS[encoding][0].startswith(("DOS", "Mac"))
    others = (rank for rank in rivals.values() if rank is not likeliest)
    return encoding, plain and all(other[0] >= oddities + CLEARLY_ODDER for other in others)


def _oddities(text: str) -> int:
    """Signs inside words, capitals after small letters, and controls: what a wrong encoding makes of letters."""
    count = 0
    for match in NOT_ASCII.finditer(text):
        before, char, after = (
            text[max(0, match.start() - 1) : match.start()],
            match[0],
            text[match.end() : match.end() + 1],
        )
        kind = unicodedata.category(char)
        count += kind in ("Cc", "Cn", "Co") or char == "\ufffd"
        count += (kind in ("So", "Sk", "Sc", "No", "Sm") or char in "¶§†‡‰") and (before.isalpha() or after.isalpha())
        count += kind == "Lu" and before.islower()
    return count
