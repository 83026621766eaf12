"""Real training with Keras, on small texts and in seconds."""

import importlib
import importlib.util
import json
import math
import os
import subprocess
import sys
import textwrap
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from model_files import unzipped

from charlstm.errors import CorpusError, ModelFileError, SettingError, TrainingError
from charlstm.network.lstm import LSTMWeights, Network, keras_weights
from charlstm.network.metrics import log_softmax
from charlstm.network.model_file import Model, add_members, read_model
from charlstm.reading.text_score import evaluate
from charlstm.text.corpus import Corpus
from charlstm.training.cluster import training_unavailable
from charlstm.training.config import TrainingConfig
from charlstm.training.data import Streams
from charlstm.training.divergence import DivergenceDetector
from charlstm.training.loop import TrainingLoop
from charlstm.training.plan import make_plan

unavailable = training_unavailable(None)
if unavailable:
    pytest.skip(unavailable, allow_module_level=True)


SMALL = TrainingConfig(units=16, batch_size=8, window=10)


def prose(length: int, rng_seed: int = 0) -> str:
    """Sentences of words in random order: something to learn, and nothing to know by heart."""
    words = ["the", "will", "to", "power", "is", "a", "dance", "of", "masks", "and", "truth", "woman", "night"]
    rng = np.random.default_rng(rng_seed)
    text = " ".join(rng.choice(words, size=length // 3))
    return text[:length]


class Trained:
    """One call of `train`, with all that it said and saved.

    Attributes:
        events: All of them, through JSON and back.
        files: Model files by epoch, with the optimizer's state.
    """

    def __init__(self, folder, corpus, config=SMALL, epochs=2, holdout=None, resume=None, **arguments) -> None:
        self.events: list[dict] = []
        self.files: dict[int, bytes] = {}

        def save(saved, state) -> None:
            self.files[saved.metadata.epoch] = add_members(saved.read_bytes(), state)
            (folder / "model.keras").write_bytes(self.files[saved.metadata.epoch])

        def hear(event) -> None:
            self.events.append(json.loads(json.dumps(event, allow_nan=False)))

        plan = make_plan(corpus, config, epochs, holdout, resume)
        self.last = training.train(plan, hear, save=save, **arguments)

    def model(self, epoch: int) -> Model:
        return read_model(self.files[epoch])

    def weights(self, epoch: int) -> list[np.ndarray]:
        return keras_weights(self.model(epoch).network)

    def kinds(self) -> list[str]:
        return [event["event"] for event in self.events if event["event"] != "step"]

    def of_kind(self, kind: str) -> list[dict]:
        return [event for event in self.events if event["event"] == kind]


CORPUS = Corpus("prose", prose(12_000), lowercase=True)


@pytest.fixture(scope="module", autouse=True)
def _training(keras):
    """Keras is loaded where these tests run, not in each process that reads this file."""
    global training
    training = importlib.import_module("charlstm.training.keras_model")


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Trained:
    return Trained(tmp_path_factory.mktemp("trained"), CORPUS, epochs=4)


def assert_same_weights(left: list[np.ndarray], right: list[np.ndarray]) -> None:
    for a, b in zip(left, right, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_losses_fall_from_knowing_nothing(trained):
    epochs = trained.of_kind("epoch")
    assert trained.kinds() == ["starting", *["epoch"] * 4, "done"]
    assert [event["epoch"] for event in epochs] == [1, 2, 3, 4]
    assert trained.model(0).metadata.val_loss == pytest.approx(math.log(len(trained.model(0).vocab)), abs=0.1)
    val_loss = [trained.model(0).metadata.val_loss] + [event["val_loss"] for event in epochs]
    assert val_loss[0] > val_loss[1] > val_loss[2]
    assert val_loss[-1] == pytest.approx(min(val_loss), abs=0.01)
    assert val_loss[-1] < 0.8
    assert epochs[-1]["train_loss"] < epochs[0]["train_loss"]


def test_the_record_tells_how_the_model_came_to_be(trained):
    metadata = trained.model(4).metadata
    assert (metadata.corpus, metadata.corpus_sha256, metadata.lowercase) == ("prose", CORPUS.sha256, True)
    assert metadata.epoch == 4
    assert TrainingConfig.from_preset(**metadata.config) == SMALL
    assert metadata.config["holdout"] == 0.1
    told = [
        {key: event[key] for key in ("epoch", "train_loss", "val_loss", "seconds")}
        for event in trained.of_kind("epoch")
    ]
    assert list(metadata.history) == told
    assert len(trained.model(2).metadata.history) == 2
    assert all(entry["seconds"] > 0 for entry in metadata.history)


@pytest.mark.parametrize("epoch", [0, 1, 4])
def test_the_held_out_loss_is_what_evaluate_says(trained, epoch):
    model = trained.model(epoch)
    held_out = CORPUS.split(0.1)[1]
    assert model.metadata.val_loss == pytest.approx(evaluate(model, held_out)["nats_per_character"], abs=1e-6)


def test_held_out_text_is_not_trained_on(trained, tmp_path):
    train_text, held_out = CORPUS.split(0.1)
    other = Trained(tmp_path, Corpus("other", train_text + held_out[::-1]), epochs=4)
    assert_same_weights(other.weights(4), trained.weights(4))
    assert other.model(4).metadata.val_loss > trained.model(4).metadata.val_loss + 0.5


def test_nothing_held_out(tmp_path):
    run = Trained(tmp_path, CORPUS, epochs=1, holdout=0.0)
    assert run.of_kind("starting")[0]["held_out_characters"] == 0
    assert run.model(1).metadata.val_loss is run.of_kind("epoch")[0]["val_loss"] is None


SHORT = Corpus("short", prose(1500))
WHOLE = {
    "stream": SMALL,
    "deep": TrainingConfig(units=9, layers=2, dropout=0.3, input_dropout=0.1, recurrent_dropout=0.2, embedding=5),
    "notebook": TrainingConfig.from_preset("notebook", units=8, dropout=0.1, recurrent_dropout=0.3),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A function that trains by one of `WHOLE` on `SHORT`, three epochs, once."""
    return cache(lambda kind: Trained(tmp_path_factory.mktemp(kind), SHORT, WHOLE[kind], 3))


@pytest.mark.parametrize("kind", WHOLE)
def test_plain_keras_opens_the_file_and_agrees(keras, whole, kind, tmp_path):
    (tmp_path / "model.keras").write_bytes(whole(kind).files[3])
    opened = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert not opened.compiled
    model = whole(kind).model(3)
    ids = model.vocab.encode("the will to power is a dance ")
    probabilities = np.asarray(opened(ids[None]))[0]
    assert probabilities.shape == (len(ids), len(model.vocab))
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1, atol=1e-5)
    state = model.network.initial_state()
    for position in range(len(ids)):
        state = model.network.step(ids[position : position + 1], state)
        logits = model.network.logits(state[-1].hidden)[0]
        expected = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
        np.testing.assert_allclose(probabilities[position], expected, atol=1e-5)


def test_a_saved_epoch_is_small_and_holds_no_optimizer(tmp_path):
    run = Trained(tmp_path, Corpus("short", prose(600)), TrainingConfig(), 1)
    small = run.last.read_bytes()
    assert len(small) < 450_000 < len(run.files[1])
    assert set(unzipped(small)) == {"charlstm.json", "config.json", "metadata.json", "model.weights.h5"}


@pytest.mark.parametrize("kind", WHOLE)
def test_an_interrupted_run_goes_on_as_if_it_had_not_stopped(whole, kind, tmp_path):
    rest = Trained(tmp_path, SHORT, None, None, resume=whole(kind).files[1])
    assert [event["epoch"] for event in rest.of_kind("epoch")] == [2, 3]
    assert_same_weights(rest.weights(3), whole(kind).weights(3))
    assert rest.model(3).metadata.val_loss == whole(kind).model(3).metadata.val_loss
    assert [entry["epoch"] for entry in rest.model(3).metadata.history] == [1, 2, 3]


def test_what_is_dropped_is_missed_while_training_and_only_then():
    config = TrainingConfig(units=16, window=20, batch_size=4, dropout=0.0)
    ids = np.random.default_rng(0).integers(9, size=(2, 4, 20))

    def read_and_learn(learner) -> tuple[np.ndarray, float]:
        learner.start_epoch([0])
        logits = np.asarray(learner._training_model(ids[0], training=False))
        learner.start_epoch([0])  # the state is carried otherwise
        return logits, learner.learn(*ids, 0.01)

    learner = training.KerasLearner(config, 9, 4, 20)
    weights, (logits, loss) = learner.weights(), read_and_learn(learner)
    for setting in ("dropout", "input_dropout", "recurrent_dropout"):
        dropping = training.KerasLearner(replace(config, **{setting: 0.5}), 9, 4, 20, weights)
        same_logits, other_loss = read_and_learn(dropping)
        np.testing.assert_allclose(same_logits, logits, atol=1e-6, err_msg=setting)
        assert abs(other_loss - loss) > 1e-4, setting


def test_each_layer_drops_something_else():
    learner = training.KerasLearner(TrainingConfig(units=16, layers=2, recurrent_dropout=0.3), 9, 4, 20)
    learner.start_epoch([0, 1, 0])
    layers = learner._training_model.layers
    states = [tuple(np.asarray(layer.seed_generator.state)) for layer in layers if hasattr(layer, "seed_generator")]
    cells = [layer.cell for layer in layers if hasattr(layer, "cell")]
    assert len(states) == len(set(states)) == 2
    assert [tuple(np.asarray(cell.seed_generator.state)) for cell in cells] == states


def test_the_same_settings_give_the_same_model(whole, tmp_path):
    first, second = whole("stream"), Trained(tmp_path, SHORT, epochs=3)
    assert_same_weights(first.weights(3), second.weights(3))
    assert first.files[3] != second.files[3]  # the seconds it took
    other = Trained(tmp_path, SHORT, replace(SMALL, rng_seed=1), 1)
    assert not np.array_equal(other.weights(0)[1], first.weights(0)[1])  # the first has one-hot characters


def test_training_on_does_not_shake_a_trained_model(trained, tmp_path):
    file, before = trained.files[4], trained.model(4).metadata.val_loss
    for epoch in range(5, 7):
        run = Trained(tmp_path, CORPUS, None, 1, resume=file)
        file = run.files[epoch]
        assert run.model(epoch).metadata.val_loss < before + 0.01
        assert max(event["train_loss"] for event in run.events if "train_loss" in event) < before + 0.2
    assert run.model(6).metadata.epoch == 6
    assert [entry["epoch"] for entry in run.model(6).metadata.history] == list(range(1, 7))


def test_training_on_without_the_optimizers_state(trained, tmp_path):
    run = Trained(tmp_path, CORPUS, None, 1, resume=trained.last.read_bytes())
    assert run.model(5).metadata.val_loss < trained.model(4).metadata.val_loss + 0.01


def test_training_on_another_text_keeps_the_vocabulary_and_begins_a_new_history(trained, tmp_path):
    other = Corpus("other", prose(1000, rng_seed=1).upper() + " 123 ΩΩ")
    run = Trained(tmp_path, other, None, 1, resume=trained.files[4])
    model = run.model(5)
    assert model.vocab == trained.model(4).vocab
    assert (model.metadata.corpus, model.metadata.epoch) == ("other", 5)
    assert [entry["epoch"] for entry in model.metadata.history] == [5]


def test_a_model_made_elsewhere_can_be_trained_on(keras, tmp_path):
    vocab_size = len(set(SHORT.text))
    made = keras.Sequential(
        [keras.Input((60, vocab_size)), keras.layers.LSTM(12), keras.layers.Dense(vocab_size, activation="softmax")]
    )
    made.save(tmp_path / "made.keras")
    run = Trained(tmp_path, SHORT, None, 1, resume=(tmp_path / "made.keras").read_bytes())
    assert run.model(1).network.units == (12,)
    assert run.model(1).metadata.val_loss < math.log(vocab_size)


def test_a_large_vocabulary_is_embedded(tmp_path):
    text = "".join(chr(0x4E00 + id) for id in np.random.default_rng(0).integers(0, 300, size=2000))
    run = Trained(tmp_path, Corpus("chars", text), TrainingConfig(units=8), 1)
    assert run.model(1).network.embedding.shape == (len(set(text)), 64)


def test_cancelling_keeps_what_was_finished(tmp_path):
    calls = iter(range(10_000))
    steps = Streams(np.zeros(10_800, np.int8), SMALL.window, SMALL.batch_size).steps
    run = Trained(tmp_path, CORPUS, epochs=50, cancelled=lambda: next(calls) == 2 * steps + 5)
    assert run.kinds() == ["starting", "epoch", "epoch", "cancelled"]
    assert run.events[-1]["epoch"] == 2
    assert sorted(run.files) == [0, 1, 2]
    assert run.last.metadata == run.model(2).metadata


def test_steps_are_told_at_most_five_times_a_second(trained):
    steps = trained.of_kind("step")
    seconds = sum(event["seconds"] for event in trained.of_kind("epoch"))
    assert 2 <= len(steps) <= 5 * seconds + 1
    for event in steps:
        assert 1 <= event["step"] <= event["steps"]
        assert event["train_loss"] > 0
        assert event["characters_per_second"] > 0
        assert event["seconds_left"] >= 0


def test_a_hopeless_learning_rate_is_rolled_back_three_times_and_then_explained():
    """A step takes 24 to 900 times of each weight away, so that weights grow without end on any processor."""
    events: list[dict] = []
    config = replace(SMALL, learning_rate=1000.0, weight_decay=0.9, warmup_steps=0)
    with pytest.raises(TrainingError, match=r"after 3 roll-backs.*lower learning rate"):
        training.train(make_plan(CORPUS, config, 2), events.append)
    said = [event for event in events if event["event"] != "step"]
    assert [event["event"] for event in said] == ["starting", *["diverged", "rolled_back"] * 3, "diverged"]
    rates = [event["learning_rate"] for event in said if event["event"] == "rolled_back"]
    assert rates == pytest.approx([300.0, 90.0, 27.0])
    assert all(event["step"] < said[0]["steps"] for event in said if event["event"] == "diverged")  # not at its end


class Sabotaged(Trained):
    """A run whose learner is spoilt before the given steps, counted from the first.

    Args:
        at_steps: Each step is spoilt once, not again after a roll-back.
        spoil: Of the learner and a batch.
    """

    def __init__(self, at_steps, spoil, guard=True) -> None:
        plan = make_plan(CORPUS, SMALL, 3, 0.1)
        batches = plan.batches()
        batch = next(batches.epoch(np.random.default_rng(0)))
        learner = training.KerasLearner(SMALL, len(plan.vocab), batches.rows, batches.window)
        self.events, self.saved, calls = [], [], iter(range(10_000))

        def cancelled() -> bool:
            if next(calls) in at_steps:
                spoil(learner, *batch)
            return False

        def save(saved, state) -> None:
            self.saved.append(saved)

        detector = DivergenceDetector() if guard else None
        self.last = TrainingLoop(plan, batches, learner, self.events.append, save, cancelled, detector).run()


def step_too_far(learner, ids, next_ids) -> None:
    """A step of the real optimizer that moves each weight by about a million."""
    learner.learn(ids, next_ids, 1e6)


def turn_to_nan(learner, ids, next_ids) -> None:
    learner.set_weights([np.full_like(array, np.nan) for array in learner.weights()])


STEPS = Streams(np.zeros(10_800, np.int8), SMALL.window, SMALL.batch_size).steps  # of an epoch of CORPUS


@pytest.mark.parametrize(
    ("spoil", "reason"), [(step_too_far, "the loss"), (turn_to_nan, "not a finite number")], ids=["far", "nan"]
)
def test_a_loss_that_blows_up_is_rolled_back_until_it_falls(spoil, reason):
    run = Sabotaged({STEPS + 7, STEPS + 20}, spoil)  # counted on after the first roll-back: the epoch's 13th step
    assert run.kinds() == ["starting", "epoch", *["diverged", "rolled_back"] * 2, "epoch", "epoch", "done"]
    assert [(event["epoch"], event["step"]) for event in run.of_kind("diverged")] == [(2, 8), (2, 13)]
    assert all(reason in event["reason"] for event in run.of_kind("diverged"))
    rates = [event["learning_rate"] for event in run.of_kind("rolled_back")]
    assert rates == pytest.approx([0.3 * SMALL.learning_rate, 0.09 * SMALL.learning_rate])
    val_loss = [event["val_loss"] for event in run.of_kind("epoch")]
    assert val_loss[-1] < val_loss[0]
    assert len(run.saved) == 4
    assert all(read_model(saved.read_bytes()) for saved in run.saved)  # refuses what is not finite


def test_without_the_guard_a_high_loss_goes_on_and_nan_ends_the_run(tmp_path):
    config = TrainingConfig.from_preset("notebook", units=8, learning_rate=1000.0)
    corpus = Corpus("short", prose(3000))
    free = Trained(tmp_path, corpus, config, 2, guard=False)
    assert free.kinds() == ["starting", "epoch", "epoch", "done"]
    assert free.of_kind("epoch")[-1]["train_loss"] > math.log(len(set(corpus.text)))  # worse than knowing nothing
    with pytest.raises(TrainingError, match="blew up in epoch 1.*or the guard"):
        Sabotaged({3}, turn_to_nan, guard=False)


INVALID = [
    ({"epochs": 0}, ValueError, r"`epochs` must be from 1 to 10,000, got 0\. Try"),
    ({"epochs": None}, ValueError, "`epochs` must be given"),
    ({"holdout": 1.0}, ValueError, "`holdout` must be"),
    ({"holdout": -0.1}, ValueError, "`holdout` must be"),
    ({"corpus": Corpus("tiny", "ab" * 50)}, CorpusError, "at least 200 characters"),
    ({"corpus": Corpus("empty", "")}, CorpusError, "at least 200 characters"),
    ({"corpus": Corpus("one", "a" * 1000)}, CorpusError, "at least 2 different characters, got 'a' alone"),
    (
        {"corpus": Corpus("short", prose(280)), "config": TrainingConfig.from_preset("notebook", window=500)},
        ValueError,
        "`window` must be below 252, the characters to train on, got 500. Use a longer text, or 60",
    ),
    ({"resume": b"not a zip"}, ModelFileError, "not a whole .keras file"),
]


@pytest.mark.parametrize(("arguments", "error", "message"), INVALID)
def test_bad_arguments_are_refused_before_anything_is_built(arguments, error, message):
    with pytest.raises(error, match=message):
        make_plan(**{"corpus": CORPUS, "config": SMALL, "epochs": 1} | arguments)


def test_a_finished_run_cannot_be_finished(trained):
    with pytest.raises(ValueError, match="The run is finished at epoch 4"):
        make_plan(CORPUS, resume=trained.files[4])
    with pytest.raises(ValueError, match="another text, 'prose'"):
        make_plan(Corpus("other", prose(1000, 1)), resume=trained.files[2])


def test_holding_out_more_than_before_is_refused(trained):
    with pytest.raises(ValueError, match="at most 0.1, what the model was trained with, got 0.5"):
        make_plan(CORPUS, epochs=1, resume=trained.files[4], holdout=0.5)


BACKENDS = [name for name in ("jax", "torch") if importlib.util.find_spec(name)]


@pytest.mark.skipif(not BACKENDS, reason="neither JAX nor PyTorch is installed, so Keras has one backend only")
def test_another_backend_trains_the_same_way(tmp_path):
    code = """
        import sys
        from pathlib import Path
        from charlstm.text.corpus import Corpus
        from charlstm.training.config import TrainingConfig
        from charlstm.training.keras_model import keras, train
        from charlstm.training.plan import make_plan

        corpus = Corpus("prose", Path(sys.argv[1]).read_text())
        first = train(make_plan(corpus, TrainingConfig(units=16, window=30, dropout=0.1), 3))
        again = train(make_plan(corpus, None, 1, resume=first.read_bytes()))
        Path(sys.argv[2]).write_bytes(again.read_bytes())
        train(make_plan(corpus, TrainingConfig.from_preset("notebook", units=8), 1))
        print(keras.backend.backend())
    """
    (tmp_path / "prose.txt").write_text(prose(4000))
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), tmp_path / "prose.txt", tmp_path / "out.keras"],
        env=os.environ | {"KERAS_BACKEND": BACKENDS[0]},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == BACKENDS[0]
    model = read_model(tmp_path / "out.keras")
    assert model.metadata.history[-1]["val_loss"] < model.metadata.history[0]["val_loss"] < math.log(len(model.vocab))
    assert model.metadata.val_loss == pytest.approx(evaluate(model, prose(4000)[3600:])["nats_per_character"], abs=1e-6)


# A teacher.


def test_a_network_learns_what_its_teacher_expects(trained):
    """The teacher swears by another text: it expects each character's neighbour in the alphabet."""
    teacher, ids = read_model(trained.files[2]), make_plan(CORPUS, SMALL, 1).held_ids[:300]
    network = teacher.network
    embedding, *lstms, kernel, bias = keras_weights(network)
    layers = [LSTMWeights(*lstms)]
    teacher = replace(teacher, network=Network(embedding, layers, np.roll(kernel, 1, axis=1), np.roll(bias, 1)))
    costs = {}
    for weight in (0.0, 0.99):
        plan = make_plan(CORPUS, replace(SMALL, teacher_weight=weight), 1, teacher=teacher)
        said = np.concatenate([log_softmax(logits) for _, logits in training_network(plan).read_logits(ids)])
        costs[weight] = -said[np.arange(300), (ids + 1) % len(plan.vocab)].mean()
    assert costs[0.99] < 0.8 * costs[0.0]


def training_network(plan) -> Network:
    return read_model(training.train(plan).read_bytes()).network


def test_the_loss_beside_a_teacher_is_that_of_its_formula_and_what_is_told_is_the_text_alone():
    weight, temperature, rng = 0.3, 2.0, np.random.default_rng(0)
    config = replace(SMALL, dropout=0.0, teacher_weight=weight, teacher_temperature=temperature)
    learner = training.KerasLearner(config, 5, 2, 4)
    ids, next_ids, expected = rng.integers(5, size=(2, 4)), rng.integers(5, size=(2, 4)), rng.dirichlet([1] * 5, (2, 4))
    logits = np.asarray(learner._training_model(ids))
    learner.start_epoch([0])
    cost = -np.take_along_axis(log_softmax(logits), next_ids[..., None], -1)[..., 0]
    taught = -(expected * log_softmax(logits / temperature)).sum(axis=-1)
    targets = np.concatenate([next_ids[..., None], expected], axis=-1)
    loss = training._loss_beside_teacher(config)(targets, logits)
    np.testing.assert_allclose(np.asarray(loss), 0.7 * cost + 0.3 * 4 * taught, rtol=1e-5)
    assert learner.learn(ids, targets, 0.01) == pytest.approx(cost.mean(), rel=1e-5)


@pytest.mark.parametrize(
    ("teacher", "config", "says"),
    [
        (None, {"teacher_weight": 0.5}, "needs a teacher"),
        ("of others", {"teacher_weight": 0.5}, "must know the same characters"),
    ],
)
def test_a_teacher_that_does_not_fit_is_refused_before_keras_is_asked(teacher, config, says, tiny_model):
    with pytest.raises(SettingError, match=says):
        make_plan(CORPUS, replace(SMALL, **config), 1, teacher=teacher and tiny_model)
