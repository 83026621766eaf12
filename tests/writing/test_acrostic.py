import numpy as np
import pytest
from small_models import random_model

from charlstm.errors import UnknownCharactersError
from charlstm.text.vocab import Vocab
from charlstm.writing.acrostic import Acrostic, letter_variants
from charlstm.writing.generation import Writer
from charlstm.writing.sampling import Sampler, mask_logits

VOCAB = Vocab("\n ,-.1ABabcd")


def allowed_chars(acrostic: Acrostic, text: str, vocab: Vocab = VOCAB) -> str:
    mask = acrostic.allowed(text)
    return vocab.chars if mask is None else "".join(np.array(list(vocab.chars))[mask])


def others(chars: str) -> str:
    return "".join(char for char in VOCAB.chars if char not in chars)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("", "Aa"),  # the letter, in either case
        ("a", others("\n")),  # too short to end
        ("ab", others("\n")),
        ("abc", VOCAB.chars),  # the model's own choice
        ("abc ", VOCAB.chars),
        ("a\n", "Bb"),
        ("abc\n", "Bb"),
        ("abc\nba", others("\n")),
        ("a" * 18, VOCAB.chars),
        ("a" * 18 + " ", "\n"),  # the first space among the last characters ends the line
        ("a" * 6 + " ", VOCAB.chars),
        ("a" * 19, VOCAB.chars),
        ("a" * 20, "\n"),  # as long as a line may be
        ("abc\nbcd", VOCAB.chars),
        ("abc\nbcd\n", VOCAB.chars),  # complete: all may follow again
        ("abc\nbcd\n\n\nx", VOCAB.chars),
    ],
)
def test_lines_start_with_the_letters_and_end_in_time(text, allowed):
    assert allowed_chars(Acrostic("ab", VOCAB, "line", 3, 20), text) == allowed


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("", "Aa"),
        ("a", "ABabcd"),  # too short to end; no comma, hyphen or digit within a word
        ("ab", "\n ,.ABabcd"),
        ("ab,", "\n "),  # after a comma a space
        ("ab, ", "Bb"),
        ("ab\n", "Bb"),
        ("abcd", "\n "),  # as long as a word may be
        ("ab bc", "\n ,.ABabcd"),
        ("ab bc ", VOCAB.chars),
    ],
)
def test_words_start_with_the_letters_and_hold_only_letters(text, allowed):
    assert allowed_chars(Acrostic("ab", VOCAB, "word", 2, 4), text) == allowed


@pytest.mark.parametrize(
    ("text", "complete", "positions"),
    [
        ("", False, []),
        ("abc", False, [0]),
        ("abc\n", False, [0]),
        ("abc\nbcd", False, [0, 4]),
        ("abc\nbcd\n", True, [0, 4]),
        ("abc\nbcd\naaa\n", True, [0, 4]),
    ],
)
def test_an_acrostic_is_complete_when_its_last_line_has_ended(text, complete, positions):
    acrostic = Acrostic("ab", VOCAB, "line", 3, 20)
    assert acrostic.is_complete(text) is complete
    assert acrostic.letter_positions(text) == positions


@pytest.mark.parametrize("unit", ["line", "word"])
@pytest.mark.parametrize("temperature", [0.0, 0.3, 1.0, 5.0])
@pytest.mark.parametrize("rng_seed", [0, 1, 2])
def test_what_is_written_is_an_acrostic(unit, temperature, rng_seed):
    model = random_model("\n ,-.0AabcdefghH'", rng_seed=rng_seed)
    acrostic = Acrostic("head bag", model.vocab, unit)
    writer, text = Writer(model, "abc", np.random.default_rng(rng_seed)), ""
    while not acrostic.is_complete(text):
        text += writer.write(Sampler(temperature), acrostic.allowed(text)).char
        assert len(text) < 8 * 61 + 1
    units = text.split("\n")[:-1] if unit == "line" else text.split()
    assert [part[0].lower() for part in units] == list("headbag")
    assert [text[position] for position in acrostic.letter_positions(text)] == [part[0] for part in units]
    shortest, longest = (20, 60) if unit == "line" else (2, 16)
    assert all(shortest <= len(part) <= longest for part in units)


def test_letters_have_two_cases_where_each_is_one_character():
    assert letter_variants("a") == letter_variants("A") == {"a", "A"}
    assert letter_variants("道") == {"道"}
    assert letter_variants("ß") == {"ß"}


def test_an_acrostic_in_chinese():
    vocab = Vocab("\n。一三二道")
    acrostic = Acrostic("道 一", vocab, shortest=2, longest=4)
    assert allowed_chars(acrostic, "", vocab) == "道"
    assert allowed_chars(acrostic, "道三。三", vocab) == "\n"
    assert allowed_chars(acrostic, "道三。\n", vocab) == "一"


@pytest.mark.parametrize(
    ("word", "settings", "message"),
    [
        ("", {}, "An acrostic needs a word of 1 to 40 letters, got 0"),
        (" \n", {}, "An acrostic needs a word of 1 to 40 letters, got 0"),
        ("a" * 41, {}, "An acrostic needs a word of 1 to 40 letters, got 41"),
        ("ab", {"unit": "page"}, "`unit` must be 'line' or 'word', got 'page'"),
        ("ab", {"shortest": 0}, "A line must have at least 1 character"),
        ("ab", {"shortest": 9, "longest": 8}, "`shortest` at most `longest`, got 9 and 8"),
    ],
)
def test_bad_arguments_are_refused(word, settings, message):
    with pytest.raises(ValueError, match=message):
        Acrostic(word, VOCAB, **settings)


@pytest.mark.parametrize(
    ("word", "chars", "unit", "message"),
    [
        ("axéx", "\n abc", "line", "^The model cannot write x, é. Use its own letters, such as a, b, c.$"),
        ("ab", " abc", "line", "^The model writes no newlines, so no line can end. Try words instead.$"),
        ("ab", "abc.", "word", "^The model writes no spaces, so no word can end. Try lines instead.$"),
        ("12", " 123", "word", "^The model writes no letters. Try lines instead.$"),
    ],
)
def test_what_the_model_cannot_write_is_refused(word, chars, unit, message):
    with pytest.raises(UnknownCharactersError, match=message):
        Acrostic(word, Vocab(chars), unit)


def test_a_mask_leaves_the_proportions_of_what_is_allowed():
    logits = np.log([0.5, 0.3, 0.2])
    masked = Sampler(1.0).probabilities(mask_logits(logits, np.array([False, True, True])))
    assert masked == pytest.approx([0, 0.6, 0.4])


@pytest.mark.parametrize("temperature", [1e-300, 0.1, 1.0, 3.0, 1e6])
def test_a_mask_is_zeroing_and_dividing_by_what_is_left(temperature):
    rng = np.random.default_rng(0)
    logits, allowed = rng.normal(0, 2, (50, 9)), rng.random((50, 9)) < 0.5
    allowed[:, 0] = True
    probabilities = Sampler(temperature).probabilities(logits) * allowed
    masked = Sampler(temperature).probabilities(mask_logits(logits, allowed))
    left = probabilities.sum(axis=-1)
    assert np.allclose(masked.sum(axis=-1), 1)
    assert not masked[~allowed].any()
    some = left > 1e-12
    assert np.allclose(masked[some], probabilities[some] / left[some, None])


@pytest.mark.parametrize("temperature", [0.0, 0.001])
def test_where_nothing_allowed_had_any_probability_the_best_of_it_is_taken(temperature):
    masked = Sampler(temperature).probabilities(mask_logits(np.array([9.0, 1.0, 2.0]), np.array([False, True, True])))
    assert masked == pytest.approx([0, 0, 1])


def test_top_k_counts_what_is_allowed():
    masked = mask_logits(np.log([0.4, 0.3, 0.2, 0.1]), np.array([False, True, True, True]))
    assert Sampler(1.0, top_k=2).probabilities(masked) == pytest.approx([0, 0.6, 0.4, 0])
    assert Sampler(1.0, top_p=0.4).probabilities(masked) == pytest.approx([0, 1, 0, 0])


def test_a_step_carries_the_masked_probabilities_and_the_raw_logits(tiny_model):
    allowed = np.zeros(len(tiny_model.vocab), bool)
    allowed[[2, 5]] = True
    free, bound = (Writer(tiny_model, "abc", np.random.default_rng(0)) for _ in range(2))
    free_step, step = free.write(Sampler(1.0)).row(), bound.write(Sampler(1.0), allowed).row()
    assert step.id in (2, 5)
    assert step.u == free_step.u
    assert np.array_equal(step.logits, free_step.logits)
    assert np.flatnonzero(step.probabilities).tolist() == [2, 5]
    assert step.probabilities.sum() == pytest.approx(1)


def test_each_row_can_have_its_own_mask(tiny_model):
    allowed = np.eye(len(tiny_model.vocab), dtype=bool)[[3, 7]]
    assert Writer(tiny_model, "", rows=2).write(Sampler(1.0), allowed).ids.tolist() == [3, 7]


def test_a_mask_that_allows_nothing_is_refused(tiny_model):
    with pytest.raises(ValueError, match="`allowed` must allow at least one id"):
        Writer(tiny_model, "").write(Sampler(1.0), np.zeros(len(tiny_model.vocab), bool))
