"""Training as a class sees it, in a real Chromium: the whole story, with real training."""

import pytest
from pages import choose, no_traceback, open_page, press, text_of, wait_until, wait_until_drawn, words_of

from charlstm.training.cluster import training_unavailable

TRAINING_SECONDS = 240  # an epoch on two busy cores, Keras to be loaded before it
TEXT = "the cat sat on the mat. a dog ran to the door and the bird sang in the tree. " * 60

pytestmark = pytest.mark.skipif(training_unavailable(None) is not None, reason=f"{training_unavailable(None)}")


def train(page, epochs: int) -> None:
    field = page.locator(".st-key-train_epochs input")
    field.fill(str(epochs))
    field.press("Enter")
    page.wait_for_timeout(500)
    press(page, "train")


def status(page) -> str:
    return words_of(page, "training_status")


def epoch(page) -> str:
    return page.locator(".st-key-epoch input[type=range]").get_attribute("aria-valuetext")


def test_the_whole_story(corpus_path, app_server, page, tmp_path):
    open_page(page, f"{app_server}/?epoch=1&speed=∞&length=100")
    wait_until_drawn(page)
    train(page, 1)
    wait_until(lambda: "Starting" in status(page), "it says that training starts")
    wait_until(lambda: "Loss" in status(page), "the loss appears", TRAINING_SECONDS)
    press(page, "generate")  # all else goes on working meanwhile
    wait_until(lambda: len(text_of(page)) > 150, "writing goes on while it trains")
    wait_until(lambda: "done" in status(page), "training ends", seconds=TRAINING_SECONDS)
    wait_until(lambda: epoch(page) == "+2", "the new weights are in use")
    wait_until(lambda: page.get_by_text("Samples after each epoch").count() == 1, "what it writes now stands there")

    train(page, 50)
    wait_until(lambda: "Loss" in status(page), "a second run is under way", TRAINING_SECONDS)
    for shown in (page.locator(".st-key-loss_chart svg.marks"), page.locator(".stage-sample").first):
        wait_until(lambda box=shown.bounding_box: box()["y"] + box()["height"] <= 720, "both are in sight meanwhile")
    press(page, "stop_training")
    wait_until(lambda: "stopped" in status(page), "it stops")  # how soon is held by test_cluster
    assert epoch(page) == "+2"
    press(page, "reset_model")
    wait_until(lambda: "+" not in epoch(page), "back to the pretrained model")

    choose(page, "corpus", "my own text, a new model")
    page.locator(".st-key-upload_corpus input[type=file]").set_input_files(
        {"name": "cats.txt", "mimeType": "text/plain", "buffer": TEXT.encode()}
    )
    page.get_by_text("an epoch on this machine").wait_for()
    train(page, 3)
    wait_until(lambda: "done" in status(page) and "+" in epoch(page), "the new model is there", TRAINING_SECONDS)

    page.get_by_text("Save and load").click()
    with page.expect_download() as download:
        press(page, "download_model")
    path = tmp_path / "cats.keras"
    download.value.save_as(path)
    trained = epoch(page)
    page.locator(".st-key-upload_model input[type=file]").set_input_files(path)
    wait_until(lambda: page.locator(".st-key-model input").input_value() == "cats" and epoch(page) == trained, "loaded")
    press(page, "generate")
    wait_until(lambda: page.locator(".st-key-stop button").first.is_disabled(), "it writes")
    assert no_traceback(page)
