import random
import time

import pytest

from charlstm.reading import overlap
from charlstm.reading.overlap import CorpusIndex, Run, copied_runs

CORPUS = "all credibility, all good conscience, all evidence of truth come only from the senses"


@pytest.mark.parametrize(
    ("text", "copied"),
    [
        ("he said all good conscience, all men", [" all good conscience, all "]),
        ("nothing of it stands there at all", []),
        (CORPUS, [CORPUS]),
        ("xx" + CORPUS[-20:], [CORPUS[-20:]]),  # at both ends
        (CORPUS[:20] + "xx", [CORPUS[:20]]),
        (CORPUS[:14], []),  # one too short
        ("All good conscience, All evidence of truth", ["ll good conscience, ", "ll evidence of truth"]),
        ("", []),
    ],
)
def test_runs_are_found(text, copied):
    runs = copied_runs(text, CORPUS, 15)
    assert runs == [Run(text.index(run), len(run), CORPUS.index(run)) for run in copied]


def test_the_place_is_the_first_in_the_corpus():
    assert copied_runs("..abcdef..", "xxabcdefxxabcdefxx", 5) == [Run(2, 6, 2)]


def test_the_longest_comes_first_and_the_others_get_what_it_leaves():
    # "abcdefgh" and "ghijklmnop" overlap in "gh": the longer one keeps it
    assert copied_runs("abcdefghijklmnop", "abcdefgh ghijklmnop", 4) == [Run(0, 6, 0), Run(6, 10, 9)]


def test_what_a_longer_run_leaves_may_be_too_short():
    assert copied_runs("efghijklmnop", "efgh ghijklmnop", 3) == [Run(2, 10, 5)]


def test_two_copies_of_one_sentence_are_two_runs():
    assert copied_runs("truth come x truth come", CORPUS, 8) == [Run(0, 11, 54), Run(12, 11, 53)]


def test_a_text_of_one_letter_is_covered_by_the_corpus_run_over_and_over():
    assert copied_runs("a" * 10, "b" + "a" * 4 + "b", 2) == [Run(0, 4, 1), Run(4, 4, 1), Run(8, 2, 1)]


@pytest.mark.parametrize("corpus", ["", "short", "a" * 19])
def test_a_corpus_too_short_holds_nothing(corpus):
    assert copied_runs("short " * 10, corpus) == []


def test_chinese_is_text_like_any_other():
    assert copied_runs("子曰道可道非常道也", "道可道非常道名可名非常名", 3) == [Run(2, 6, 0)]


@pytest.mark.parametrize("char", ["\0", "\ue000", "\ue001", "\ud800", "\U0010ffff"])
def test_no_character_is_mistaken_for_a_gap_between_pieces(char):
    corpus = f"abcd{char}efgh xxxxxxxxxxxxxxxx abcd"
    assert copied_runs(f"abcd{char}efgh", corpus, 3) == [Run(0, 9, 0)]
    assert copied_runs(f"efgh{char}abcd", corpus, 3) == [Run(0, 4, 5), Run(5, 4, 0)]


def runs_by_trying_all(text: str, corpus: str, min_length: int) -> list[Run]:
    """Takes the longest run in what is left, the earliest of equals, until none is long enough."""
    left, found = [(0, len(text))], []
    while True:
        tries = ((a, b) for first, stop in left for a in range(first, stop) for b in range(a + min_length, stop + 1))
        runs = [run for run in tries if text[run[0] : run[1]] in corpus]
        if not runs:
            return [Run(a, b - a, corpus.find(text[a:b])) for a, b in sorted(found)]
        start, stop = max(runs, key=lambda run: (run[1] - run[0], -run[0]))
        found.append((start, stop))
        outer = next(part for part in left if part[0] <= start and stop <= part[1])
        left = [part for part in left if part != outer] + [(outer[0], start), (stop, outer[1])]


@pytest.mark.parametrize("alphabet", ["a", "ab", "abc", "abcdefghij"])
@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
def test_runs_agree_with_trying_all(alphabet, chunk, monkeypatch):
    monkeypatch.setattr(overlap, "ENCODE_CHUNK", max(chunk, 8))
    rng = random.Random(f"{alphabet} {chunk}")
    for _ in range(60):
        corpus = "".join(rng.choices(alphabet, k=rng.randint(0, 60)))
        text = "".join(rng.choices(alphabet, k=rng.randint(0, 15))) + corpus[10 : 10 + rng.randint(0, 9)]
        min_length = rng.randint(1, 8)
        expected = runs_by_trying_all(text, corpus, min_length)
        assert copied_runs(text, corpus, min_length) == expected
        assert copied_runs(text, CorpusIndex(corpus, rng.randint(1, min_length)), min_length) == expected


@pytest.mark.parametrize("base", [0, 1])
def test_equal_hashes_of_different_runs_do_no_harm(base, monkeypatch):
    """With base 0 all runs have the same hash, with 1 all that are rearrangements of one another."""
    monkeypatch.setattr(overlap, "HASH_BASE", overlap.np.uint64(base))
    rng = random.Random(0)
    for _ in range(40):
        corpus, text = ("".join(rng.choices("abc", k=size)) for size in (50, 20))
        assert copied_runs(text, corpus, 4) == runs_by_trying_all(text, corpus, 4)


@pytest.mark.parametrize("length", [0, -1])
def test_a_run_has_at_least_one_character(length):
    with pytest.raises(ValueError, match=f"must be at least 1 character, got {length}"):
        copied_runs("text", "corpus", length)


def test_an_index_knows_how_short_it_can_go():
    with pytest.raises(ValueError, match="`min_length` must be at least 20, the shortest run of this index, got 10"):
        copied_runs("text", CorpusIndex(CORPUS), 10)


def test_5000_characters_against_20_million_take_less_than_2_seconds():
    rng = random.Random(0)
    words = ["".join(rng.choices("abcdefghijklmnop", k=rng.randint(1, 9))) for _ in range(5000)]
    corpus = " ".join(rng.choices(words, k=3_400_000))[:20_000_000]
    text = corpus[12_345_678:][:2500] + " ".join(rng.choices(words, k=1000))[:2500]
    start = time.process_time()
    runs = copied_runs(text, corpus)
    seconds = time.process_time() - start
    assert max(run.length for run in runs) >= 2500
    assert len(corpus) == 20_000_000
    assert seconds < 2
