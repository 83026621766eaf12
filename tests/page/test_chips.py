"""What changes the outcome shows in every view where it acts, and a press removes it; what a reload lost is said."""

import pytest
from app_tests import finish_columns, go_to, open_app
from model_files import archive

from charlstm.page.navigation import PAGES

ACTIVE, IDLE = "Active here:", "Without effect here:"


def chips(app) -> list[str]:
    """Their keys."""
    return [button.key for button in app.button if (button.key or "").startswith("remove_")]


def captions(app) -> set[str]:
    return {caption.value for caption in app.caption} & {ACTIVE, IDLE}


def test_every_view_says_whether_what_is_set_acts_there():
    app = open_app(top_k="3", top_p="0.9", context="20")
    for entry in (entry for entry in PAGES if entry.name != "lesson"):  # which puts all that back
        go_to(app, entry.name)
        assert set(chips(app)) == {"remove_top_k", "remove_top_p", "remove_context"}, entry.name
        said = {ACTIVE, IDLE} if entry.reads else {ACTIVE if entry.draws else IDLE}
        assert captions(app) == said, entry.name


@pytest.mark.parametrize("view", [entry.name for entry in PAGES if entry.draws])
def test_a_press_removes_it(view):
    app = open_app(view=view, top_k="3", context="20")
    app.button(key="remove_top_k").click().run()
    assert chips(app) == ["remove_context"]
    assert (app.session_state.top_k, app.session_state.context) == (None, 20)
    app.button(key="remove_context").click().run()
    assert not chips(app)
    assert not captions(app)


def test_columns_that_a_setting_makes_alike_differ_once_it_is_removed():
    app = open_app(view="compare", speed="∞", length="60", top_k="1")

    def texts() -> set[str]:
        app.button(key="compare_generate").click().run()
        live = finish_columns(app).live
        return {live.row_text(row) for row in range(live.rows)}

    assert len(texts()) == 1
    app.button(key="remove_top_k").click().run()
    assert len(texts()) == 4


def test_a_model_of_ones_own_shows_in_every_view_until_it_is_left():
    app = open_app()
    app.file_uploader(key="upload_model").set_value(("mine.keras", archive(), "application/zip")).run()
    for entry in PAGES:
        go_to(app, entry.name)
        assert chips(app) == ["remove_own"], entry.name
        assert captions(app) == {ACTIVE}, entry.name
    app.button(key="remove_own").click().run()
    assert app.session_state.model == "nietzsche"
    assert "mine" in app.selectbox(key="model").options
    assert not chips(app)


@pytest.mark.parametrize("said", [("English", "went with the page"), ("中文", "而消失")])
def test_a_reload_that_lost_a_model_says_so_and_how_to_keep_the_next(said):
    language, words = said
    app = open_app(model="my cats", epoch="+3", language=language)
    [warning] = app.warning
    assert words in warning.value
    assert "my cats" in warning.value
    app.run()
    assert not app.warning  # said once
    assert not open_app(model="nietzsche", epoch="1", language=language).warning
