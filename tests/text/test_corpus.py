import contextlib
import hashlib
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from charlstm.errors import CorpusError
from charlstm.text import corpus
from charlstm.text.corpus import Corpus, find_nietzsche, load_corpus, local_nietzsche, python_docs
from charlstm.text.vocab import Vocab

CONTENT = "Supposing that Truth is a woman -- what then?\nÆ\n".encode() * 5000  # several chunks


@pytest.fixture
def empty_machine(tmp_path, monkeypatch):
    """A machine without the corpus, on which `CONTENT` is what its sha256 asks for."""
    monkeypatch.delenv(corpus.DATA_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(corpus, "NIETZSCHE_SHA256", hashlib.sha256(CONTENT).hexdigest())
    return tmp_path


class Handler(BaseHTTPRequestHandler):
    """Serves each path's kind of trouble."""

    def do_GET(self):
        self.server.asked.append(self.path)
        body = {"/altered": CONTENT[:-1] + b"!", "/page": b"<html>moved</html>"}.get(self.path, CONTENT)
        if self.path == "/missing":
            self.send_error(404)
            return
        if self.path == "/slow-head":
            with contextlib.suppress(OSError):
                self.wfile.write(b"HTTP/1.0 200 OK\r\nX-Long: ")
                while True:
                    self.wfile.write(b"a")
                    time.sleep(0.01)
            self.server.hung_up.set()
            return
        if self.path == "/round":
            self.send_response(302)
            self.send_header("Location", "/round")
            self.end_headers()
            return
        if self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", "file:///etc/hostname")
            self.end_headers()
            return
        if self.path == "/babble":
            self.wfile.write(b"\0\1\2 no HTTP at all\r\n\r\n")
            return
        self.send_response(200)
        if self.path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
        elif self.path not in ("/unsized", "/endless", "/drip"):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self._send(body)

    def _send(self, body: bytes) -> None:
        if self.path == "/truncated":
            self.wfile.write(body[: len(body) // 2])
        elif self.path == "/chunked":
            self.wfile.write(b"ffff\r\n" + body[:100])  # promises 65,535 bytes
        elif self.path == "/drip":
            with contextlib.suppress(OSError):
                for index in range(len(body)):
                    self.wfile.write(body[index : index + 1])
                    time.sleep(0.01)
            self.server.hung_up.set()
        elif self.path == "/endless":
            try:
                while True:
                    self.wfile.write(body)
            except OSError:
                self.server.hung_up.set()
        else:
            self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    """Counts requests; errors of its threads, such as a client that hangs up, are nobody's concern."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []
        self.hung_up = threading.Event()

    def handle_error(self, request, client_address):
        pass


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def serve(server, monkeypatch):
    """A function that makes the two addresses of the corpus two paths of a server on this machine."""

    def use(*paths: str) -> Server:
        urls = tuple(f"http://127.0.0.1:{server.server_port}{path}" for path in paths)
        monkeypatch.setattr(corpus, "NIETZSCHE_URLS", urls)
        return server

    return use


def test_a_download_is_checked_and_kept(empty_machine, serve):
    server = serve("/whole", "/never")
    path = find_nietzsche()
    assert path == empty_machine / "cache" / "charlstm" / "nietzsche.txt"
    assert path.read_bytes() == CONTENT
    assert [file.name for file in path.parent.iterdir()] == ["nietzsche.txt"]
    assert find_nietzsche() == path
    assert server.asked == ["/whole"]  # once, and from the first address alone


def test_progress_is_told_as_the_bytes_come(empty_machine, serve):
    serve("/whole")
    calls = []
    find_nietzsche(lambda done, total: calls.append((done, total)))
    assert [done for done, _ in calls] == sorted(done for done, _ in calls)
    assert len(calls) >= len(CONTENT) // corpus.CHUNK_BYTES
    assert calls[-1] == (len(CONTENT), len(CONTENT))


def test_an_unknown_size_is_told_as_zero(empty_machine, serve):
    serve("/unsized")
    calls = []
    find_nietzsche(lambda done, total: calls.append((done, total)))
    assert calls[-1] == (len(CONTENT), 0)


@pytest.mark.parametrize(
    "trouble",
    [
        "/missing",
        "/truncated",
        "/altered",
        "/page",
        "/chunked",
        "/babble",
        "/endless",
        "/drip",
        "/slow-head",
        "/unreachable",
        "/round",
        "/elsewhere",
    ],
)
def test_a_bad_download_is_refused_and_the_next_address_tried(empty_machine, serve, monkeypatch, trouble):
    server = serve(trouble, "/whole")
    monkeypatch.setattr(corpus, "DOWNLOAD_SECONDS", 1.0 if trouble in ("/drip", "/slow-head") else 20)
    if trouble == "/unreachable":
        monkeypatch.setattr(corpus, "NIETZSCHE_URLS", ("http://127.0.0.1:1/", corpus.NIETZSCHE_URLS[1]))
    assert find_nietzsche().read_bytes() == CONTENT
    assert server.asked[-1] == "/whole"
    assert trouble not in ("/endless", "/drip", "/slow-head") or server.hung_up.wait(10)


def test_without_any_good_address_it_is_said_why_and_what_to_do(empty_machine, serve):
    serve("/missing", "/truncated")
    with pytest.raises(CorpusError) as caught:
        find_nietzsche()
    message = str(caught.value)
    assert "/missing: HTTP Error 404" in message
    assert "/truncated: the sha256 is not the expected one" in message
    assert "in the environment variable CHARLSTM_DATA" in message
    assert not list(empty_machine.rglob("*.txt*"))


def test_a_cache_that_cannot_be_written_is_said(empty_machine, serve):
    serve("/whole")
    (empty_machine / "cache").write_text("in the way")
    with pytest.raises(CorpusError, match="cannot be written: .* XDG_CACHE_HOME"):
        find_nietzsche()


def test_a_full_disk_is_said_and_leaves_nothing(empty_machine, serve):
    resource = pytest.importorskip("resource", reason="RLIMIT_FSIZE is a limit of POSIX systems")
    serve("/whole")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(CONTENT) // 2, hard))
    try:
        with pytest.raises(CorpusError, match=r"cannot be downloaded \(http://127.0.0.1:\d+/whole: File too large\)"):
            find_nietzsche()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list(empty_machine.rglob("*.txt*"))


def test_without_a_home_folder_that_is_said(empty_machine, serve, monkeypatch):
    serve("/whole")
    monkeypatch.chdir(empty_machine)
    monkeypatch.setattr(corpus, "cache_dir", lambda: corpus.Path("~/.cache/charlstm"))
    with pytest.raises(
        CorpusError, match="cannot be written: there is no home folder. Name a folder that can be in XDG"
    ):
        find_nietzsche()
    assert not list(empty_machine.rglob("~"))


def test_a_server_that_drips_is_given_up_after_a_while(empty_machine, serve, monkeypatch):
    serve("/drip")
    monkeypatch.setattr(corpus, "DOWNLOAD_SECONDS", 0.1)
    with pytest.raises(CorpusError, match=r"/drip: not whole after 0.1 seconds\)\. Put the file"):
        find_nietzsche()


def test_a_download_tells_nothing_on_standard_error(empty_machine, serve, capfd):
    serve("/whole")
    find_nietzsche()
    assert capfd.readouterr() == ("", "")


def test_several_downloads_at_once_do_not_disturb_each_other(empty_machine, serve):
    serve("/whole")
    found = []
    threads = [threading.Thread(target=lambda: found.append(find_nietzsche().read_bytes())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [CONTENT] * 8


@pytest.mark.parametrize("place", ["data", "cache/charlstm", "home/.keras/datasets"])
def test_a_file_that_is_here_is_not_downloaded(empty_machine, serve, monkeypatch, place):
    server = serve("/whole")
    monkeypatch.setenv(corpus.DATA_VARIABLE, str(empty_machine / "data"))
    path = empty_machine / place / "nietzsche.txt"
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    assert find_nietzsche() == path
    assert server.asked == []


@pytest.mark.parametrize("make", [lambda path: path.write_bytes(CONTENT[:-1]), os.mkfifo, os.mkdir])
def test_a_damaged_file_that_is_here_is_passed_over(empty_machine, serve, monkeypatch, make):
    server = serve("/whole")
    monkeypatch.setenv(corpus.DATA_VARIABLE, str(empty_machine))
    make(empty_machine / "nietzsche.txt")
    assert local_nietzsche() is None
    assert find_nietzsche().read_bytes() == CONTENT
    assert server.asked == ["/whole"]


def test_nietzsche_is_lower_cased_unless_told_otherwise(empty_machine, serve):
    serve("/whole")
    assert load_corpus("nietzsche") == Corpus("nietzsche", CONTENT.decode().lower(), True)
    assert load_corpus("nietzsche", lowercase=False) == Corpus("nietzsche", CONTENT.decode(), False)


def test_python_docs_come_with_python():
    docs = python_docs()
    assert len(docs) > 300_000
    assert docs.count("statement") > 300
    assert load_corpus("python-docs") == Corpus("python-docs", docs, False)
    assert docs == python_docs()
    if sys.version_info[:2] == (3, 11):
        assert 400_000 < len(docs) < 700_000


@pytest.mark.parametrize(
    ("content", "text"),
    [(b"Abc\n", "Abc\n"), ("Æ你".encode(), "Æ你"), ("\ufeffAbc".encode(), "Abc"), (b"a\r\nb", "a\nb"), (b"", "")],
)
def test_a_text_file_keeps_its_case(tmp_path, content, text):
    (tmp_path / "my.txt").write_bytes(content)
    assert load_corpus(str(tmp_path / "my.txt")) == Corpus("my.txt", text, False)
    assert load_corpus(str(tmp_path / "my.txt"), lowercase=True) == Corpus("my.txt", text.lower(), True)


def test_a_file_that_is_not_utf8_is_read_and_that_is_said(tmp_path):
    path, said = tmp_path / "my.txt", []
    path.write_bytes("Die Bäume blühen früh, und die Mädchen hören den Vögeln über dem Fluß zu.".encode("cp1252"))
    assert load_corpus(str(path), tell=said.append).text.startswith("Die Bäume blühen")
    assert said[0].startswith("my.txt was read as Windows-1252 (Western Europe)")
    assert load_corpus(str(path), encoding="cp1251", tell=said.append).text.startswith("Die Bдume")
    assert said[1:] == ["my.txt was read as Windows-1251 (Cyrillic)."]
    with pytest.warns(UserWarning, match="was read as"):
        load_corpus(str(path))
    with pytest.raises(CorpusError, match="`encoding` must be a name that Python knows, got 'klingon'"):
        load_corpus(str(path), encoding="klingon")


@pytest.mark.parametrize(
    ("name", "reason"), [("no.txt", "No such file"), ("", "Is a directory"), ("n" * 300, "too long")]
)
def test_a_text_that_cannot_be_read_is_refused(tmp_path, name, reason):
    with pytest.raises(CorpusError, match=f"cannot be read: .*{reason}"):
        load_corpus(str(tmp_path / name))


@pytest.mark.parametrize(
    ("holdout", "lengths"), [(0, (10, 0)), (0.1, (9, 1)), (0.25, (7, 3)), (0.5, (5, 5)), (0.99, (0, 10))]
)
def test_the_last_characters_are_held_out(holdout, lengths):
    train, held_out = Corpus("digits", "0123456789").split(holdout)
    assert (len(train), len(held_out)) == lengths
    assert train + held_out == "0123456789"


@pytest.mark.parametrize("holdout", [-0.1, 1, 1.5, float("nan")])
def test_a_share_that_cannot_be_held_out_is_refused(holdout):
    with pytest.raises(ValueError, match="`holdout` must be at least 0 and below 1, got"):
        Corpus("digits", "0123456789").split(holdout)


def test_the_sha256_is_of_the_text_as_trained_on():
    assert Corpus("a", "Æ").sha256 == hashlib.sha256("Æ".encode()).hexdigest()


def test_the_figures_of_the_corpus(corpus_path, monkeypatch):
    monkeypatch.setenv(corpus.DATA_VARIABLE, str(corpus_path.parent))
    nietzsche = load_corpus("nietzsche")
    train, held_out = nietzsche.split(0.1)
    assert len(nietzsche.text) == 600_893
    assert len(Vocab.from_text(nietzsche.text)) == 57
    assert len(Vocab.from_text(load_corpus("nietzsche", lowercase=False).text)) == 84
    assert (len(train), len(held_out)) == (540_803, 60_090)
    assert len(range(0, len(nietzsche.text) - 60, 3)) == 200_278
