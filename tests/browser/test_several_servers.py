"""Two servers of the page behind the real nginx, as in `deploy/`: who is where, and what happens when one is gone."""

import os
import shutil
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from balancer import NGINX_PATH, balanced
from pages import choose, choose_temperature, open_page, press, text_of, wait_until, wait_until_drawn

from charlstm.training.cluster import training_unavailable

pytestmark = pytest.mark.skipif(not shutil.which("nginx", path=NGINX_PATH), reason="nginx is not installed")
needs_training = pytest.mark.skipif(training_unavailable(None) is not None, reason=f"{training_unavailable(None)}")
SETTINGS = "temperature=0.8&rng_seed=7&length=300"
TAKEN_OVER = "This page was away for too long, or its server was lost."
PROSE = b"the quick brown fox jumps over the lazy dog, and the dog does not mind at all.\n" * 60


@pytest.fixture(scope="module")
def balancer(tmp_path_factory):
    """The address of nginx, and the two servers behind it."""
    with balanced(tmp_path_factory.mktemp("servers"), dict(os.environ)) as both:
        yield both


@pytest.fixture
def visitor(browser):
    """Opens a page in a browser of its own, with the server of this number."""
    contexts = []

    def visit(address: str, number: int):
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 720}))
        contexts[-1].add_cookies([{"name": "charlstm_server", "value": str(number), "url": address}])
        page = contexts[-1].new_page()
        open_page(page, f"{address}/?{SETTINGS}")
        assert server_of(page) == number
        return page

    yield visit
    for context in contexts:
        context.close()


def server_of(page) -> int:
    """The number of the server that answered a browser last."""
    return int(next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "charlstm_server"))


def written(page) -> str:
    """The text that Generate writes, once it is whole."""
    wait_until_drawn(page)
    press(page, "generate")
    wait_until(lambda: len(text_of(page)) < 300, "it begins anew")
    wait_until(lambda: len(text_of(page)) >= 300, "the text is written")
    page.wait_for_function("() => !document.querySelector('.st-key-stop button:not([disabled])')", timeout=60_000)
    return text_of(page)


def test_a_link_gives_the_same_text_on_every_server(balancer, visitor):
    address, _ = balancer
    first, second = (written(visitor(address, number)) for number in (1, 2))
    assert first == second


def test_those_who_come_are_spread_and_stay(balancer, browser):
    address, _ = balancer
    contexts = [browser.new_context() for _ in range(4)]
    pages = [context.new_page() for context in contexts]
    for page in pages:
        open_page(page, address)
    before = [server_of(page) for page in pages]
    assert set(before) == {1, 2}
    for page in pages:
        page.reload()
        page.wait_for_selector(".st-key-output")
    assert [server_of(page) for page in pages] == before
    for context in contexts:
        context.close()


@needs_training
def test_a_session_uploads_and_trains_on_its_server(balancer, visitor):
    page = visitor(balancer[0], 2)
    choose(page, "corpus", "my own text, a new model")
    page.locator(".st-key-upload_corpus input[type=file]").set_input_files(
        {"name": "fox.txt", "mimeType": "text/plain", "buffer": PROSE}
    )
    page.get_by_text("about").first.wait_for()
    page.locator(".st-key-train_epochs input").fill("1")
    page.locator(".st-key-train_epochs input").press("Enter")
    press(page, "train")
    page.get_by_text("Training is done.").wait_for(timeout=180_000)
    page.wait_for_function("() => location.search.includes('model=my+fox.txt')")


def test_a_server_that_is_killed_in_mid_text_leaves_its_sessions_to_the_other(balancer, visitor):
    address, servers = balancer
    page = visitor(address, 1)
    wait_until_drawn(page)
    choose_temperature(page, "1.0")
    page.wait_for_function("() => location.search.includes('temperature=1')")
    press(page, "generate")
    wait_until(lambda: len(text_of(page)) > 60, "it writes")
    servers[0].kill()
    stood = text_of(page)
    page.get_by_text(TAKEN_OVER).wait_for(timeout=60_000)
    assert server_of(page) == 2
    assert page.locator(".st-key-temperature input[type=range]").input_value() == "1"
    wait_until(lambda: text_of(page)[: len(stood)] == stood, "what stood there stands there again")
    servers[0].start()
    servers[0].wait()
    press(page, "continue")
    wait_until(lambda: len(text_of(page)) > len(stood) + 20, "it goes on")
    assert server_of(page) == 2


def test_servers_are_restarted_one_after_the_other(balancer, visitor):
    address, servers = balancer
    page = visitor(address, 1)
    text = written(page)
    for number, server in enumerate(servers, start=1):
        assert server_of(page) == number
        server.end()
        page.get_by_text(TAKEN_OVER).wait_for(timeout=60_000)
        wait_until(lambda: text_of(page) == text, "what stood there stands there again")
        assert written(page) == text  # by whom it is answered changes, what it writes does not
        page.reload()
        wait_until(lambda: text_of(page) == text, "and after a reload")
        server.start()
        server.wait()


def asked(address: str, path: str, headers: dict[str, str] | None = None) -> tuple[int, str, bytes]:
    """Status, cookies and body of an answer of the balancer."""
    with closing(HTTPConnection(urlsplit(address).netloc, timeout=60)) as connection:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, "\n".join(answer.headers.get_all("Set-Cookie", [])), answer.read()


def test_a_link_to_a_room_leads_to_the_server_that_has_it(balancer):
    for number in "12":
        _, cookies, _ = asked(balancer[0], f"/room?room=ABCD&server={number}")
        assert f"charlstm_server={number};" in cookies


def test_the_balancer_tells_of_health_and_keeps_counts_to_itself(balancer):
    status, cookies, body = asked(balancer[0], "/_stcore/health")
    assert (status, body) == (200, b"ok")
    assert "charlstm_server=" in cookies
    # An empty cookie would send the browser to any server.
    assert asked(balancer[0], "/_stcore/metrics")[:2] == (403, "")
    too_large = {"Content-Length": str(52 << 20)}
    assert asked(balancer[0], "/_stcore/upload_file", too_large)[:2] == (413, "")
