import random
import subprocess
import sys
import time

import pytest

from charlstm.reading.text_statistics import (
    distinct_ngram_share,
    english_words,
    is_real_word,
    longest_repeat,
    real_word_share,
)


@pytest.mark.parametrize(
    ("text", "share"),
    [
        (" the cat sat on the mat. ", 1.0),
        (" the cxt sat on thr mat. ", 4 / 6),
        (" xqz vrwk blorf. ", 0.0),
        (" The WILL to Power! ", 1.0),
        (" one's neighbour's honour, the colours' favour ", 1.0),  # possessives, British spelling
        (" don’t it's o'clock 'quoted' ", 1.0),
        (" in 1886 he wrote ", 1.0),  # a number is no word
        (" the a3b c4 __init__ cat ", 2 / 5),  # but what mixes letters and digits is one, and no real one
        (" _never_ ", 1.0),  # marked for italics
        (" nd th tl i a to ", 0.5),  # abbreviations in the list are not words of a text
        (" self-conscious--and proud ", 1.0),
    ],
)
def test_real_words_are_counted(text, share):
    assert real_word_share(text) == pytest.approx(share)


def test_words_at_the_ends_may_be_cut_and_do_not_count():
    assert real_word_share("elligence is the powe") == 1.0
    assert real_word_share("elligence is thx powe") == 0.5
    assert real_word_share("xq the cat don'") == 1.0
    assert real_word_share("xq. the cat.") == 1.0


@pytest.mark.parametrize("text", ["", "word", "one two", " .,; 12 34 ", "\n\n"])
def test_without_a_whole_word_there_is_no_share(text):
    assert real_word_share(text) is None


@pytest.mark.parametrize(
    "text", ["道可道，非常道。名可名，非常名。", "Все счастливые семьи похожи", "道可道 the 非常道 名可名非常名"]
)
def test_where_most_letters_are_not_latin_there_is_no_share(text):
    assert real_word_share(text) is None


def test_a_few_foreign_letters_do_not_end_the_count():
    assert real_word_share(" the word λόγος means reason and more here ") == 7 / 8


def test_text_of_real_words_scores_higher_than_shuffled_letters():
    text = " but the man of knowledge must be able not only to love his enemies but also to hate his friends "
    letters = list(text)
    random.Random(0).shuffle(letters)
    assert real_word_share(text) == 1.0
    assert real_word_share("".join(letters)) < 0.5


def test_the_word_list_knows_the_corpus(corpus_path):
    assert real_word_share(corpus_path.read_text("utf-8")) > 0.985


@pytest.mark.parametrize("word", ["philosophers", "Europe", "means", "seems", "philosopher's", "thou", "A", "I", "O"])
def test_inflected_forms_and_names_are_real(word):
    assert is_real_word(word)


@pytest.mark.parametrize("word", ["thel", "nd", "b", "conscie", "csc", "tle", "", "'", "_"])
def test_pieces_of_words_are_not_real(word):
    assert not is_real_word(word)


@pytest.mark.slow
def test_the_word_list_is_not_read_before_it_is_needed():
    code = (
        "import sys, charlstm.reading.text_statistics as m; m.longest_repeat('abab'); "
        "assert 'spellchecker' not in sys.modules; m.english_words(); assert 'spellchecker' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_word_list_is_read_once():
    assert english_words() is english_words()


@pytest.mark.parametrize(
    ("text", "n", "share"),
    [
        ("aaaaaaa", 4, 1 / 4),
        ("abcdefg", 4, 1.0),
        ("abababab", 2, 2 / 7),  # ab, ba
        ("abcabc", 3, 3 / 4),  # abc, bca, cab, abc
        ("abcd", 4, 1.0),
        ("道可道可", 2, 2 / 3),
        ("abc", 4, None),
        ("", 1, None),
    ],
)
def test_distinct_runs_are_counted(text, n, share):
    assert distinct_ngram_share(text, n) == share


def test_a_run_has_at_least_one_character():
    with pytest.raises(ValueError, match="`n` must be at least 1, got 0"):
        distinct_ngram_share("abc", 0)


@pytest.mark.parametrize(
    ("text", "repeat"),
    [
        ("", ""),
        ("a", ""),
        ("abc", ""),
        ("banana", "ana"),
        ("aaaa", "aaa"),
        ("abcabcabc", "abcabc"),
        ("mississippi", "issi"),
        ("xy_ab_xy", "xy"),
        ("to be or not to be", "to be"),
        ("ab12ab cd34cd", "ab"),  # the first of equals
        ("道可道，非常道。名可名，非常名。", "，非常"),
        ("\ud800a\ud800a", "\ud800a"),
        ("😀b😀b", "😀b"),
    ],
)
def test_the_longest_repeat_is_found(text, repeat):
    assert longest_repeat(text) == repeat


def longest_repeat_by_trying_all(text: str) -> str:
    for length in range(len(text) - 1, 0, -1):
        for start in range(len(text) - length):
            if text.find(text[start : start + length], start + 1) >= 0:
                return text[start : start + length]
    return ""


@pytest.mark.parametrize("alphabet", ["a", "ab", "abc", "abcdefghijklmnopqrstuvwxyz"])
def test_the_longest_repeat_agrees_with_trying_all(alphabet):
    rng = random.Random(len(alphabet))
    for _ in range(100):
        text = "".join(rng.choices(alphabet, k=rng.randint(0, 40)))
        assert longest_repeat(text) == longest_repeat_by_trying_all(text), text


@pytest.mark.parametrize("text", ["ab" * 5000, "a" * 10_000, "".join(random.Random(0).choices("abcdefgh ", k=10_000))])
def test_the_longest_repeat_of_10000_characters_takes_no_time(text):
    start = time.process_time()
    longest_repeat(text)
    assert time.process_time() - start < 0.5  # some 20 ms; processor time, so that other programs do not matter
