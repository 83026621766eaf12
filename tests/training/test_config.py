from dataclasses import replace

import pytest

from charlstm.training.config import TrainingConfig, resume_config


def test_the_notebook_recipe_is_that_of_the_notebook():
    config = TrainingConfig.from_preset("notebook")
    assert (config.units, config.layers, config.window, config.batch_size) == (128, 1, 60, 128)
    assert (config.optimizer, config.clip_norm, config.dropout) == ("rmsprop", None, 0.0)
    assert [config.learning_rate_at(step, 1000) for step in (0, 500, 999)] == [0.01, 0.01, 0.01]


@pytest.mark.parametrize("name", ["stream", "notebook"])
def test_a_recipe_goes_through_its_settings_and_back(name):
    config = TrainingConfig.from_preset(name, units=7, rng_seed=3)
    assert TrainingConfig.from_preset(**config.settings()) == config
    assert TrainingConfig.from_preset(**config.settings(), epochs=3, holdout=0.1) == config


def test_a_learning_rate_brings_the_final_one_along():
    assert TrainingConfig.from_preset("notebook", learning_rate=0.2).final_learning_rate == 0.2
    half = TrainingConfig.from_preset("stream", learning_rate=TrainingConfig.learning_rate / 2)
    assert half.final_learning_rate == pytest.approx(TrainingConfig.final_learning_rate / 2)


def test_the_learning_rate_rises_and_then_falls_to_its_final_value():
    config, steps = TrainingConfig(warmup_steps=50), 1000
    rates = [config.learning_rate_at(step, steps) for step in range(steps)]
    peak = rates.index(max(rates))
    assert rates[:peak] == sorted(rates[:peak])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert 40 <= peak <= 50
    assert rates[0] < config.learning_rate / 40
    assert rates[-1] == pytest.approx(config.final_learning_rate, rel=0.01)


def test_a_short_run_warms_up_for_a_tenth_of_it():
    config = TrainingConfig(warmup_steps=50)
    rates = [config.learning_rate_at(step, 100) for step in range(100)]
    assert rates.index(max(rates)) <= 10


def test_the_longer_a_model_was_trained_the_gentler_it_is_trained_on():
    rates = [resume_config({}, epoch).learning_rate for epoch in (0, 1, 5, 34, 1000)]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] == TrainingConfig.learning_rate
    assert rates[-1] > 0


def test_training_on_keeps_the_network_and_nothing_else():
    before = TrainingConfig.from_preset("notebook", units=64, layers=2, dropout=0.3, rng_seed=5).settings()
    after = resume_config(before, 3)
    assert (after.name, after.units, after.layers, after.rng_seed) == ("stream", 64, 2, 5)
    assert after.clip_norm is not None


@pytest.mark.parametrize("name", ["stream", "notebook"])
def test_training_on_drops_as_much_as_before(name):
    settings = {"dropout": 0.4, "input_dropout": 0.1, "recurrent_dropout": 0.2}
    assert resume_config(TrainingConfig.from_preset(name, **settings).settings(), 3) == replace(
        resume_config({}, 3), **settings
    )


@pytest.mark.parametrize(("vocab_size", "units"), [(57, 0), (256, 0), (257, 64), (5000, 64)])
def test_large_vocabularies_are_embedded(vocab_size, units):
    assert TrainingConfig().embedding_units(vocab_size) == units
    assert TrainingConfig(embedding=16).embedding_units(vocab_size) == 16


VALID = [
    {"units": 1},
    {"layers": 8},
    {"embedding": 0},
    {"dropout": 0},
    {"clip_norm": None},
    {"warmup_steps": 0},
    {"learning_rate": 10, "final_learning_rate": 10},
]
INVALID = [
    {"name": "magic"},
    {"optimizer": "sgd"},
    {"units": 0},
    {"units": 12.5},
    {"units": True},
    {"units": 100_000},
    {"layers": 0},
    {"embedding": -1},
    {"window": 0},
    {"batch_size": 0},
    {"warmup_steps": -1},
    {"rng_seed": -1},
    {"learning_rate": 0.0},
    {"learning_rate": float("nan")},
    {"learning_rate": "fast"},
    {"final_learning_rate": 1.0},
    {"clip_norm": 0.0},
    {"dropout": 1.0},
    {"dropout": float("nan")},
    {"input_dropout": -0.1},
    {"recurrent_dropout": 1.0},
    {"dropout": "half"},
    {"weight_decay": None},
]


@pytest.mark.parametrize("settings", VALID, ids=str)
def test_valid_settings(settings):
    assert TrainingConfig(**settings)


@pytest.mark.parametrize("settings", INVALID, ids=str)
def test_invalid_settings_are_named_with_value_and_remedy(settings):
    (name, value) = next(iter(settings.items()))
    with pytest.raises(ValueError, match=rf"`{name}` must .*{value}.*\. (Try|Use) "):
        TrainingConfig(**settings)


def test_a_low_learning_rate_to_train_on_with_brings_the_final_one_along():
    low = resume_config({"units": 64}, 3, learning_rate=1e-5, batch_size=8)
    assert (low.learning_rate, low.batch_size, low.units) == (1e-5, 8, 64)
    assert low.final_learning_rate < 1e-5
