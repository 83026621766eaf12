import numpy as np
import pytest
from small_models import random_model

from charlstm.errors import UnknownCharactersError
from charlstm.network.lstm import Network
from charlstm.network.metrics import bits, surprisals
from charlstm.reading.sweep import Estimate, TextEstimates, sweep
from charlstm.writing.generation import Writer
from charlstm.writing.sampling import Sampler

SMALL = {"characters_each": 60, "streams": 4}


def points_of(model, temperatures, rng_seed=0, **settings):
    return list(sweep(model, temperatures, rng=np.random.default_rng(rng_seed), **SMALL | settings))


def test_estimates_are_means_with_their_standard_errors():
    estimate = Estimate.from_values([1.0, 2.0, 3.0, 4.0])
    assert estimate.mean == 2.5
    assert estimate.standard_error == pytest.approx((5 / 3) ** 0.5 / 2)  # variance 5/3 of 4 values
    assert Estimate.from_values([1.0, None, 3.0]) == Estimate(2.0, 1.0)
    assert Estimate.from_values([7, 7, 7]) == Estimate(7.0, 0.0)
    assert Estimate.from_values([1.0]) is Estimate.from_values([None, 1.0]) is Estimate.from_values([]) is None


def test_texts_are_measured_one_by_one():
    estimates = TextEstimates.from_texts([" the cat ", " cat xqz cat "])
    assert estimates.real_word_share.mean == (1 + 2 / 3) / 2
    assert estimates.distinct_ngram_share.mean == (1 + 8 / 10) / 2  # " cat" and "cat " come twice
    assert estimates.longest_repeat.mean == (1 + 5) / 2  # " " and " cat "
    assert TextEstimates.from_texts(["道可道非常道", "名可名非常名"]).real_word_share is None


def test_a_point_a_temperature_in_the_order_given(tiny_model):
    points = points_of(tiny_model, [1.0, 0.0, 0.5])
    assert [point.temperature for point in points] == [1.0, 0.0, 0.5]
    assert all(len(point.texts) == 4 and {len(text) for text in point.texts} == {15} for point in points)


def test_the_same_random_numbers_give_the_same_points(tiny_model):
    assert points_of(tiny_model, [0.3, 1.0]) == points_of(tiny_model, [0.3, 1.0])
    assert points_of(tiny_model, [1.0], rng_seed=1) != points_of(tiny_model, [1.0])


def test_a_temperature_does_not_depend_on_those_before_it(tiny_model):
    assert points_of(tiny_model, [0.3, 1.0])[1] == points_of(tiny_model, [1.0])[0]


def test_streams_differ_but_for_greedy_text(tiny_model):
    greedy, warm = points_of(tiny_model, [0, 1.0])
    assert len(set(greedy.texts)) == 1
    assert greedy.entropy_bits == Estimate(0.0, 0.0)
    assert greedy.bits_per_character.standard_error == 0
    assert len(set(warm.texts)) == 4
    assert warm.bits_per_character.standard_error > 0


def test_a_stream_writes_what_a_writer_writes(tiny_model):
    u = np.random.default_rng(0).random((15, 4))  # what the sweep draws

    class Numbers:
        def __init__(self, numbers):
            self.numbers = iter(numbers)

        def random(self, size):
            assert size is None
            return next(self.numbers)

    texts = points_of(tiny_model, [0.8], seed_text="abba")[0].texts
    for stream, text in enumerate(texts):
        writer = Writer(tiny_model, "abba", Numbers(u[:, stream]))
        assert "".join(writer.write(Sampler(0.8)).char for _ in text) == text


def test_bits_a_character_are_those_of_reading_the_text(tiny_model):
    point = points_of(tiny_model, [0.7])[0]
    read = [bits(surprisals(tiny_model.network, tiny_model.vocab.encode(text))).mean() for text in point.texts]
    assert point.bits_per_character.mean == pytest.approx(np.mean(read), rel=1e-5)


def test_a_uniform_network_has_the_entropy_of_its_vocabulary():
    model = random_model("abcdefgh", scale=0)
    for point in points_of(model, [0.5, 1.0, 2.0]):
        assert point.entropy_bits.mean == pytest.approx(3.0)
        assert point.bits_per_character.mean == pytest.approx(3.0)


def test_at_temperature_1_bits_and_entropy_agree(tiny_model):
    point = points_of(tiny_model, [1.0], characters_each=20_000, streams=100)[0]
    error = np.hypot(point.entropy_bits.standard_error, point.bits_per_character.standard_error)
    assert abs(point.entropy_bits.mean - point.bits_per_character.mean) < 4 * error


def test_entropy_rises_with_temperature_and_repetition_falls(tiny_model):
    points = points_of(tiny_model, [0.0, 0.5, 1.0, 3.0], characters_each=4000, streams=20)
    entropies = [point.entropy_bits.mean for point in points]
    shares = [point.measures.distinct_ngram_share.mean for point in points]
    assert entropies == sorted(entropies)
    assert shares == sorted(shares)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"streams": 1}, "`streams` must be from 2 to 1,000, got 1"),
        ({"streams": 5000}, "`streams` must be from 2"),
        ({"characters_each": 3}, "`characters_each` must be from 4"),
        ({"characters_each": 10**9}, "`characters_each` must be from 4"),
    ],
)
def test_bad_arguments_are_refused_at_the_call(tiny_model, settings, message):
    with pytest.raises(ValueError, match=message):
        sweep(tiny_model, [1.0], **SMALL | settings)


def test_a_bad_temperature_is_refused_at_the_call(tiny_model):
    with pytest.raises(ValueError, match="`temperature` must be finite and >= 0, got -1.0"):
        sweep(tiny_model, [1.0, -1.0], **SMALL)


def test_a_seed_text_of_unknown_characters_alone_is_refused(tiny_model):
    with pytest.raises(UnknownCharactersError):
        sweep(tiny_model, [1.0], seed_text="道", **SMALL)


def test_all_streams_of_a_temperature_take_a_step_of_the_network_together(tiny_model, monkeypatch):
    rows, advance = [], Network.advance
    monkeypatch.setattr(Network, "advance", lambda self, ids, *to: (rows.append(len(ids)), advance(self, ids, *to))[1])
    points_of(tiny_model, [0.3, 1.0], characters_each=600, streams=20, seed_text="abba")
    assert rows == [20] * 2 * (4 + 30)
