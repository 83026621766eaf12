import numpy as np
import pytest

from charlstm.errors import UnknownCharactersError
from charlstm.text.vocab import NormalizedText, Vocab, char_name, show_chars

VOCAB = Vocab("\n abcdeß")


@pytest.mark.parametrize("chars", ["", "aba", "  "])
def test_a_vocabulary_names_each_character_once(chars):
    with pytest.raises(ValueError, match="each character of the vocabulary once"):
        Vocab(chars)


def test_vocabulary_of_a_text_is_sorted():
    assert Vocab.from_text("hello, world").chars == " ,dehlorw"


def test_encoding_and_decoding_give_the_text_back():
    text = "a bad\ncab"
    ids = VOCAB.encode(text)
    assert ids.dtype == np.int32
    assert ids[0] == VOCAB.chars.index("a")
    assert VOCAB.decode(ids) == text


def test_an_empty_text_has_no_ids():
    assert VOCAB.encode("").shape == (0,)
    assert VOCAB.decode([]) == ""


@pytest.mark.parametrize("text", ["A", "abx", "😀"])
def test_encoding_an_unknown_character_names_it(text):
    with pytest.raises(UnknownCharactersError, match=repr(text[-1])):
        VOCAB.encode(text)


@pytest.mark.parametrize(
    ("text", "normalized"),
    [
        ("", NormalizedText("")),
        ("abba", NormalizedText("abba")),
        ("A Bad", NormalizedText("a bad", lowered=("A", "B"))),
        ("AAA", NormalizedText("aaa", lowered=("A",))),
        ("a😀b你b😀", NormalizedText("abb", skipped=("😀", "你"))),
        ("Xa", NormalizedText("a", skipped=("X",))),
        ("İa", NormalizedText("a", skipped=("İ",))),  # its lower case is two characters
        ("ẞ", NormalizedText("ß", lowered=("ẞ",))),
        ("a\udc80", NormalizedText("a", skipped=("\udc80",))),  # a byte that was not UTF-8 on the command line
    ],
)
def test_fitting_lowers_what_it_can_and_skips_the_rest(text, normalized):
    assert VOCAB.normalize(text) == normalized
    assert len(VOCAB.encode(VOCAB.normalize(text).text)) == len(normalized.text)


def test_fitting_keeps_capitals_that_are_known():
    assert Vocab("aAb").normalize("AB") == NormalizedText("Ab", lowered=("B",))


@pytest.mark.parametrize("text", ["😀", "你好", "XYZ", "\t"])
def test_fitting_a_text_of_unknown_characters_alone_says_what_to_use(text):
    with pytest.raises(UnknownCharactersError, match="Use some of its own, such as e, a, b, c, d"):
        VOCAB.normalize(text)


def test_a_vocabulary_without_letters_still_gives_examples():
    with pytest.raises(UnknownCharactersError, match="such as 0, 1, 2,"):
        Vocab("012").normalize("x")


@pytest.mark.parametrize(
    ("char", "name"),
    [("a", "a"), (" ", "space"), ("\n", "newline"), ("\t", "tab"), ("\r", "carriage return"), ("\a", "U+0007")],
)
def test_each_character_has_a_visible_name(char, name):
    assert char_name(char) == name


def test_a_long_list_of_characters_is_cut():
    assert show_chars("abcd", limit=3) == "a, b, c, …"
    assert show_chars("abc", limit=3) == "a, b, c"
