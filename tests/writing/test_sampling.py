import math
from functools import partial

import numpy as np
import pytest

from charlstm.network.metrics import entropy_bits, log_softmax, softmax
from charlstm.writing.sampling import FEW, Sampler, draw, likeliest_first

LOGITS = np.random.default_rng(0).normal(0, 2, 57)
DRAWS = 100_000


def chi_square_limit(degrees: int, z: float = 4.0) -> float:
    """The value that chi-square exceeds once in 30,000 times (z = 4), by Wilson & Hilferty (1931)."""
    ninth = 2 / (9 * degrees)
    return degrees * (1 - ninth + z * math.sqrt(ninth)) ** 3


def chi_square(ids: np.ndarray, probabilities: np.ndarray) -> tuple[float, int]:
    """(statistic, degrees of freedom); ids expected fewer than 5 times count as one."""
    counts = np.bincount(ids, minlength=len(probabilities))
    expected = probabilities * len(ids)
    common = expected >= 5
    counts = np.append(counts[common], counts[~common].sum())
    expected = np.append(expected[common], expected[~common].sum())
    if expected[-1] < 5:
        assert counts[-1] <= 20  # once in a million where fewer than 5 are expected
        counts, expected = counts[:-1], expected[:-1]
    return float(((counts - expected) ** 2 / expected).sum()), len(expected) - 1


def test_the_chi_square_limit_agrees_with_tables():
    assert chi_square_limit(10, z=3.0902) == pytest.approx(29.588, rel=0.01)  # 0.999 quantiles, NIST/SEMATECH 1.3.6.7.4
    assert chi_square_limit(56, z=3.0902) == pytest.approx(94.461, rel=0.01)


def claimed(logits, temperature, top_k=None, top_p=None, min_p=None, truncate_first=False):
    """The distribution by its textbook definition, character by character, apart from the code under test."""
    weights = {id: math.exp((logit - max(logits)) / temperature) for id, logit in enumerate(logits)}
    if truncate_first:
        kept = np.flatnonzero(claimed(logits, 1.0, top_k, top_p, min_p)).tolist()
        total = sum(weights[id] for id in kept)
        return np.array([weights[id] / total if id in kept else 0.0 for id in range(len(logits))])
    ranked = sorted(weights, key=lambda id: -weights[id])[:top_k]
    if top_p is not None:
        total, reached, kept = sum(weights[id] for id in ranked), 0.0, []
        for id in ranked:
            if reached >= top_p:
                break
            kept.append(id)
            reached += weights[id] / total
        ranked = kept
    if min_p is not None:
        ranked = [id for id in ranked if weights[id] >= min_p * max(weights.values())]
    total = sum(weights[id] for id in ranked)
    return np.array([weights[id] / total if id in ranked else 0.0 for id in range(len(logits))])


SETTINGS = [(0.2, None, None), (0.5, None, None), (1.0, None, None), (1.2, None, None), (2.0, None, None)]
TRUNCATED = [(1.0, 5, None), (1.2, 20, None), (1.0, None, 0.5), (0.5, None, 0.9), (1.2, 10, 0.8), (1.0, 1, None)]
TRUNCATED += [(1.2, None, None, 0.1), (0.5, 20, 0.99, 0.02), (1.0, None, None, 1.0)]
TRUNCATED += [(1.5, None, 0.8, None, True), (0.5, None, None, 0.1, True), (2.0, 10, 0.9, 0.05, True)]


@pytest.mark.parametrize("settings", SETTINGS + TRUNCATED)
def test_draws_agree_with_the_claimed_softmax(settings):
    expected = claimed(LOGITS, *settings)
    probabilities = Sampler(*settings).probabilities(LOGITS[None])
    np.testing.assert_allclose(probabilities[0], expected, rtol=1e-12, atol=1e-15)
    u = np.random.default_rng(7).random(DRAWS)
    ids = draw(np.broadcast_to(probabilities, (DRAWS, len(LOGITS))), u)
    assert set(ids) <= set(np.flatnonzero(expected))
    statistic, degrees = chi_square(ids, expected)
    assert degrees == 0 or statistic < chi_square_limit(degrees)


def test_the_chi_square_test_would_notice_another_temperature():
    probabilities = Sampler(1.05).probabilities(LOGITS[None])
    ids = draw(np.broadcast_to(probabilities, (DRAWS, len(LOGITS))), np.random.default_rng(7).random(DRAWS))
    statistic, degrees = chi_square(ids, claimed(LOGITS, 1.0))
    assert statistic > chi_square_limit(degrees)


def notebook_reweight(distribution, temperature):
    """The notebook's own function, word for word."""
    distribution = np.log(distribution) / temperature
    distribution = np.exp(distribution)
    return distribution / np.sum(distribution)


@pytest.mark.parametrize("temperature", [0.2, 0.5, 1.0, 1.2])
def test_temperature_does_what_the_notebook_does(temperature):
    np.testing.assert_allclose(
        Sampler(temperature).probabilities(LOGITS), notebook_reweight(softmax(LOGITS), temperature), rtol=1e-9
    )


@pytest.mark.parametrize("scale", [0.0, 1.0, 50.0, 1e4])
@pytest.mark.parametrize("temperature", [0.0, 1e-300, 1e-3, 0.5, 1.0, 10.0, 1e300])
@pytest.mark.parametrize(("top_k", "top_p"), [(None, None), (3, None), (None, 0.7), (1000, 1.0)])
def test_probabilities_sum_to_one(scale, temperature, top_k, top_p):
    rows = np.stack([LOGITS, -LOGITS, LOGITS + 700]) * scale
    probabilities = Sampler(temperature, top_k, top_p).probabilities(rows)
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1, rtol=1e-12)
    assert (probabilities >= 0).all()


@pytest.mark.parametrize("temperature", [0.0, 1e-320, 1e-300, 1e-6, 1e-3])
def test_low_temperature_is_argmax(temperature):
    probabilities = Sampler(temperature).probabilities(LOGITS[None])
    assert probabilities[0, LOGITS.argmax()] == pytest.approx(1)
    assert draw(probabilities, 0.999999) == [LOGITS.argmax()]


@pytest.mark.parametrize("top_k", [10**400, (10**400, 3)])
def test_a_top_k_beyond_all_floats_keeps_all(top_k):
    logits = np.arange(12.0).reshape(2, 6)
    kept = Sampler(top_k=top_k).probabilities(logits)
    np.testing.assert_array_equal(kept[0], Sampler().probabilities(logits)[0])


def test_greedy_takes_the_first_of_equals():
    assert Sampler(0).probabilities(np.array([1.0, 3.0, 3.0])).tolist() == [0, 1, 0]


def test_a_high_temperature_makes_all_characters_alike():
    np.testing.assert_allclose(Sampler(1e9).probabilities(LOGITS), 1 / len(LOGITS), rtol=1e-7)


def test_each_row_has_its_own_temperature():
    temperatures = np.array([0.0, 0.2, 1.0, 1.2])
    together = Sampler(temperatures).probabilities(np.tile(LOGITS, (4, 1)))
    for row, temperature in enumerate(temperatures):
        np.testing.assert_allclose(together[row], Sampler(float(temperature)).probabilities(LOGITS), rtol=1e-12)


@pytest.mark.parametrize("vocab_size", [2, 57, 84])
def test_uniform_logits_have_the_entropy_of_the_vocabulary(vocab_size):
    probabilities = Sampler(0.7).probabilities(np.full(vocab_size, -3.0))
    assert entropy_bits(probabilities) == pytest.approx(math.log2(vocab_size))


def test_the_tail_survives_where_a_float32_softmax_loses_it():
    logits = np.array([0.0, -200.0, -400.0])
    probabilities = Sampler(100.0).probabilities(logits)
    np.testing.assert_allclose(probabilities, softmax(np.array([0.0, -2.0, -4.0])), rtol=1e-12)


def test_log_softmax_is_finite_where_softmax_underflows():
    np.testing.assert_allclose(log_softmax(np.array([0.0, -5000.0])), [0, -5000])
    np.testing.assert_allclose(np.exp(log_softmax(LOGITS)), softmax(LOGITS), rtol=1e-12)


@pytest.mark.parametrize("top_k", [1, 2, 56, 57, 1000])
def test_top_k_keeps_the_k_likeliest(top_k):
    kept = np.flatnonzero(Sampler(1.0, top_k=top_k).probabilities(LOGITS))
    assert set(kept) == set(np.argsort(-LOGITS)[:top_k])


@pytest.mark.parametrize(
    ("top_p", "kept"), [(0.01, [0]), (0.5, [0]), (0.51, [0, 1]), (0.8, [0, 1, 2]), (1.0, [0, 1, 2, 3])]
)
def test_top_p_keeps_the_fewest_that_reach_p(top_p, kept):
    probabilities = Sampler(1.0, top_p=top_p).probabilities(np.log([0.5, 0.25, 0.15, 0.1]))
    assert np.flatnonzero(probabilities).tolist() == kept


@pytest.mark.parametrize(
    ("min_p", "kept"), [(1.0, [0]), (0.51, [0]), (0.5, [0, 1]), (0.3, [0, 1, 2]), (0.2, [0, 1, 2, 3])]
)
def test_min_p_keeps_what_has_a_part_of_the_largest(min_p, kept):
    probabilities = Sampler(1.0, min_p=min_p).probabilities(np.log2([0.5, 0.25, 0.15, 0.1]) * math.log(2))
    assert np.flatnonzero(probabilities).tolist() == kept


@pytest.mark.parametrize(
    ("sampler", "expected"),  # probabilities 8/15, 4/15, 2/15, 1/15; at temperature 0.5 64, 16, 4, 1 of 85
    [
        (Sampler(0.5, top_p=0.9), [4 / 5, 1 / 5, 0, 0]),
        (Sampler(0.5, top_p=0.9, truncate_first=True), [64 / 84, 16 / 84, 4 / 84, 0]),
        (Sampler(0.5, min_p=0.2), [4 / 5, 1 / 5, 0, 0]),
        (Sampler(0.5, min_p=0.2, truncate_first=True), [64 / 84, 16 / 84, 4 / 84, 0]),
        (Sampler(0.5, top_k=2, truncate_first=True), [4 / 5, 1 / 5, 0, 0]),
        (Sampler(0.0, min_p=0.2, truncate_first=True), [1, 0, 0, 0]),
    ],
)
def test_it_matters_whether_the_temperature_comes_before_what_is_cut(sampler, expected):
    np.testing.assert_allclose(sampler.probabilities(np.log([8.0, 4, 2, 1])), expected, rtol=1e-12)


def test_each_row_has_its_own_truncation():
    settings = [(None, None, None), (3, None, None), (None, 0.7, None), (None, None, 0.2), (9, 0.9, 0.01)]
    for first in ((False,) * 5, (True,) * 5, (True, False, True, False, True)):
        together = Sampler(1.7, *map(tuple, zip(*settings, strict=True)), first)
        rows = np.stack([np.roll(LOGITS, row) for row in range(5)])
        u = np.random.default_rng(2).random(5)
        for row in range(5):
            alone = Sampler(1.7, *settings[row], first[row])
            assert together.of_row(row) == alone
            np.testing.assert_allclose(together.probabilities(rows)[row], alone.probabilities(rows[row]), rtol=1e-12)
            assert together.draw(rows, u)[row] == alone.draw(rows[row][None], u[row : row + 1])[0]


def test_a_sampler_knows_whether_it_truncates():
    assert not any(sampler.truncates for sampler in (Sampler(0.0), Sampler(1.0, truncate_first=True)))
    assert all(Sampler(1.0, **{name: 1}).truncates for name in ("top_k", "top_p", "min_p"))
    assert Sampler(1.0, (None, 5)).truncates


def test_top_p_counts_what_top_k_left():
    probabilities = Sampler(1.0, top_k=2, top_p=0.7).probabilities(np.log([0.4, 0.2, 0.2, 0.2]))
    assert np.flatnonzero(probabilities).tolist() == [0, 1]  # 0.4 of 0.6 is 0.67, below 0.7


@pytest.mark.parametrize(
    ("u", "id"), [(0.0, 2), (0.499, 2), (0.5, 0), (0.749, 0), (0.75, 3), (0.999, 3), (1 - 2**-53, 3)]
)
def test_a_draw_runs_through_the_likeliest_first(u, id):
    assert draw(np.array([[0.25, 0.0, 0.5, 0.25]]), u) == [id]  # of equals, the lower id first


@pytest.mark.parametrize("rng_seed", range(5))
def test_a_draw_never_takes_what_has_no_probability(rng_seed):
    rng = np.random.default_rng(rng_seed)
    probabilities = Sampler(0.3, top_k=3).probabilities(rng.normal(0, 3, (1000, 84)))
    ids = draw(probabilities, np.full(1000, 1 - 2**-53))  # the largest number a Generator gives
    assert (probabilities[np.arange(1000), ids] > 0).all()


def test_one_number_serves_all_rows():
    probabilities = Sampler(np.array([0.2, 1.2])).probabilities(np.tile(LOGITS, (2, 1)))
    assert draw(probabilities, 0.6).tolist() == draw(probabilities, np.array([0.6, 0.6])).tolist()


def test_likeliest_first_orders_equals_by_id():
    assert likeliest_first(np.array([0.1, 0.4, 0.1, 0.4])).tolist() == [1, 3, 0, 2]


@pytest.mark.parametrize("temperature", [0, 0.0, 1e-9, 0.5, 1, 100, np.float32(0.5), np.array([0.0, 2.0])])
def test_temperatures_that_are_taken(temperature):
    Sampler(temperature)


@pytest.mark.parametrize("temperature", [-1, -1e-9, math.nan, math.inf, -math.inf, None, np.array([0.5, -1.0])])
def test_temperatures_that_are_refused(temperature):
    with pytest.raises(ValueError, match=r"`temperature` must be finite and >= 0, got .*Use 0 for greedy text"):
        Sampler(temperature)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("top_k", 0), ("top_k", -5), ("top_k", 2.5), ("top_k", math.nan)]
    + [("top_k", (3, 0)), ("min_p", 0), ("min_p", 1.01), ("min_p", math.nan), ("top_p", (None, 2.0))]
    + [("top_p", 0), ("top_p", 0.0), ("top_p", -0.1), ("top_p", 1.01), ("top_p", math.nan), ("top_p", math.inf)],
)
def test_truncations_that_are_refused(setting, value):
    with pytest.raises(ValueError, match=rf"`{setting}` must be .*got .*Leave it out to keep all"):
        partial(Sampler, 1.0)(**{setting: value})


def test_samplers_are_compared_and_hashed_by_value():
    one, same, other = (Sampler(np.array(temperatures), 5) for temperatures in ([0.2, 1.0], [0.2, 1.0], [0.2, 1.1]))
    assert one == same == Sampler((0.2, 1.0), 5)
    assert one != other
    assert len({one, same, other}) == 2
    assert Sampler(np.float64(0.5)) == Sampler(0.5) != one


def test_the_sampler_of_a_row_has_its_temperature():
    sampler = Sampler((0.2, 1.0), top_k=5)
    assert [sampler.of_row(row) for row in range(2)] == [Sampler(0.2, 5), Sampler(1.0, 5)]
    assert Sampler(0.7).of_row(3) == Sampler(0.7)
    logits = LOGITS[None]
    assert Sampler((0.7,)).draw(logits, 0.4).tolist() == Sampler(0.7).draw(logits, 0.4).tolist()
    np.testing.assert_array_equal(Sampler((0.7,)).probabilities(logits), Sampler(0.7).probabilities(logits))


@pytest.mark.parametrize(("top_k", "top_p"), [(None, None), (4, None), (None, 0.6), (7, 0.9)])
@pytest.mark.parametrize("decimals", [0, 17])
def test_a_sampler_draws_what_the_inverse_cdf_of_its_probabilities_draws(top_k, top_p, decimals):
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, (500, 57)).round(decimals)  # without decimals most have equals
    sampler = Sampler(tuple(rng.choice([0.0, 0.2, 1.0, 1.5], 500)), top_k, top_p)
    for u in (rng.random(500), float(rng.random()), 0.0):
        assert sampler.draw(logits, u).tolist() == draw(sampler.probabilities(logits), u).tolist()
    alone = [int(sampler.of_row(row).draw(logits[row : row + 1], 0.7)[0]) for row in range(500)]
    assert sampler.draw(logits, 0.7).tolist() == alone


def test_rows_of_a_large_vocabulary_are_drawn_as_each_alone():
    logits = np.random.default_rng(3).normal(0, 2, (FEW // 3000 + 1, 3000))
    rows = [int(Sampler(0.7).draw(row[None], 0.6)[0]) for row in logits]
    assert Sampler(0.7).draw(logits, 0.6).tolist() == rows


@pytest.mark.parametrize("temperature", [0.0, 0.5, 1e300])
@pytest.mark.parametrize("rows", [1, 4])
def test_minus_infinity_is_never_drawn(rows, temperature):
    logits = np.where(np.arange(57) % 2, np.tile(LOGITS, (rows, 1)), -np.inf)
    for u in np.linspace(0, 1 - 2**-53, 50):
        ids = Sampler(temperature).draw(logits, float(u))
        assert (ids % 2 == 1).all()


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("size", [1, 2, 57])
def test_the_largest_number_draws_the_least_likely_of_its_row(rows, size):
    logits = -np.arange(rows * size).reshape(rows, size) / 57.0
    for u in (1 - 2**-53, np.full(rows, 1 - 2**-53)):
        assert Sampler(2.0).draw(logits, u).tolist() == [size - 1] * rows
