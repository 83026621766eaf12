"""What is done to a long text bit by bit is as if it had been done to the whole."""

import pytest

from charlstm.text import pieces
from charlstm.text.pieces import lower_cased

TEXTS = ("", " ", "ONE\n\n TWO", "ΟΔΟΣ ΣΟΦΙΑ ΣΣ Σ", "İSTANBUL \ud800 🙂", "A" * 50 + " " * 50)


@pytest.mark.parametrize("size", [1, 3, 7, 500_000])
@pytest.mark.parametrize("text", TEXTS)
def test_pieces_are_the_text_and_lower_case_is_that_of_the_whole(monkeypatch, text, size):
    monkeypatch.setattr(pieces, "PIECE", size)
    assert "".join(pieces.pieces(text)) == text
    if size > 5:  # a word that is longer than a piece may be cut
        assert lower_cased(text) == text.lower()
