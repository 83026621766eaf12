"""Whatever a model file and its name say is shown as it is in every view, and nothing is fetched because of it."""

from urllib.parse import urlsplit

import pytest
from model_files import archive, metadata_json
from pages import follow, no_traceback, open_page, wait_until, wait_until_drawn

from charlstm.page.navigation import PAGES

VOCAB = "*_$<!>`#"
SAYS = (
    "![i](http://leak.example/i.png)[l](http://leak.example/l) **b** $x^2$ :red[r] <img src=http://leak.example/h.png>"
)
NAME = "![n](http:leak.example) _u_ <b>h<b> :material-bolt: {{datum}}"
METADATA = {"corpus": SAYS, "corpus_sha256": "0" * 64, "epoch": 2, "val_loss": 1.9, "config": {"name": "stream"}}
METADATA |= {
    "history": [{"epoch": epoch, "train_loss": 2.0, "val_loss": 1.9, "seconds": 3.5} for epoch in (1, 2)],
}


@pytest.fixture
def upload(app_server, page):
    """A function that uploads a model file of such metadata; nobody but the server may be asked for anything."""
    hosts = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    open_page(page, app_server, waits_for="model")
    page.get_by_text("Save and load").click()

    def upload_file(**metadata) -> None:
        buffer = archive(metadata=metadata_json(vocab=VOCAB, **metadata))
        file = {"name": f"{NAME}.keras", "mimeType": "application/zip", "buffer": buffer}
        page.locator(".st-key-upload_model input[type=file]").set_input_files(file)

    yield upload_file
    assert {host for host in hosts if host} == {"127.0.0.1"}


def test_words_of_a_file_are_no_markup_on_any_page(page, upload):
    upload(**METADATA)
    wait_until(lambda: page.locator(".st-key-model input").input_value() == NAME, "the model is in use")
    sidebar = page.locator("[data-testid=stSidebar]")
    for entry in PAGES:
        page.mouse.move(2, 2)  # where no help appears that would lie over the menu
        follow(page, entry.title, entry.group)
        page.wait_for_selector(f".st-key-ways_from_{entry.name}", state="attached")
        wait_until_drawn(page)
        assert SAYS in sidebar.inner_text().replace("\u2060", ""), entry.name
        assert page.locator("a[href*=leak], img[src*=leak], .katex").count() == 0, entry.name
        assert no_traceback(page), entry.name


def test_what_is_wrong_with_a_file_is_said_without_markup(page, upload):
    upload(config={"name": SAYS})
    sidebar = page.locator("[data-testid=stSidebar]")
    wait_until(lambda: "has a damaged charlstm.json" in sidebar.inner_text(), "it is refused")
    assert f"{NAME}.keras has a damaged" in sidebar.inner_text()
    assert page.locator("a[href*=leak], img[src*=leak], [data-testid=stSidebar] .katex").count() == 0
