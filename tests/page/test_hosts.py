"""By which names the page answers; others are refused in a sentence."""

import pytest
import streamlit as st
from app_tests import open_app

from charlstm.page.hosts import is_known


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("127.0.0.1:8501", True),
        ("192.168.1.5:8501", True),
        ("[::1]:8501", True),
        ("localhost:8501", True),
        ("lectern", True),
        ("lectern.local:8501", True),
        ("charlstm.streamlit.app", True),
        ("someone-charlstm.hf.space", True),
        ("evil.example:8501", False),
        ("evil.example.:8501", False),
        ("localhost.evil.example", False),
        ("evilstreamlit.app", False),
        ("127.0.0.1.evil.example", False),
        ("[x", False),
    ],
)
def test_addresses_and_names_that_no_stranger_can_make_are_known(host, known):
    assert is_known(host) == known


def test_a_page_under_another_name_says_so_and_draws_nothing(monkeypatch):
    monkeypatch.setattr(type(st.context), "headers", {"Host": "evil.example"})
    app = open_app()
    assert "does not answer to the name evil" in app.error[0].value
    assert not app.selectbox
