"""A text as large as may be, uploaded in a real Chromium: the page says how far it is read, and goes on answering."""

import pytest
from pages import choose, no_traceback, open_page, press, text_of, wait_until, wait_until_drawn

from charlstm.text.corpus import UPLOAD_LIMIT
from charlstm.training.cluster import training_unavailable

READING_SECONDS = 240  # of 20 MB, on two busy cores
LINE = "Küçük kız ağacın altında oturdu ve şarkı söyledi; güneş batarken kardeşine ılık süt içirdi.\n"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(training_unavailable(None) is not None, reason=f"{training_unavailable(None)}"),
]


def test_a_text_of_20_megabytes_is_read_with_a_sign_of_progress(app_server, page, tmp_path):
    line = LINE.encode("cp1254")
    file = tmp_path / "large.txt"
    file.write_bytes(line * (UPLOAD_LIMIT // len(line)))
    open_page(page, f"{app_server}/?speed=∞&length=100")
    wait_until_drawn(page)
    choose(page, "corpus", "my own text, a new model")
    page.evaluate(
        """() => {
            window.said = new Set();
            new MutationObserver(() => {
                for (const bar of document.querySelectorAll("[data-testid=stProgress]")) window.said.add(bar.innerText);
            }).observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true});
        }"""
    )
    page.locator(".st-key-upload_corpus input[type=file]").set_input_files(file)
    said = "Reading the text …"
    wait_until(lambda: said in page.evaluate("() => [...window.said]"), "it says that it reads", READING_SECONDS)
    press(page, "generate")  # all else goes on working meanwhile
    wait_until(lambda: len(text_of(page)) > 150, "writing goes on while it is read")
    page.get_by_text("Read as Windows-1254 (Turkish).").wait_for(timeout=READING_SECONDS * 1000)
    page.get_by_text("an epoch on this machine").wait_for(timeout=READING_SECONDS * 1000)
    assert page.get_by_text("Küçük kız ağacın altında").count()
    assert no_traceback(page)
