"""Training with Keras, on whatever backend Keras has: the network and its steps.

The only module that imports Keras; it takes seconds and hundreds of megabytes, so other processes do without. The
model that learns has fixed batches, gives logits, and may carry its state from batch to batch; what is saved reads any
number of characters and gives probabilities, and is written by `network.keras_file`.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from charlstm.network.lstm import LSTMWeights, Network
from charlstm.network.model_file import SavedEpoch
from charlstm.training.config import TrainingConfig
from charlstm.training.divergence import DivergenceDetector
from charlstm.training.loop import Emit, Save, TrainingLoop
from charlstm.training.plan import Plan

ADAM_BETA_2 = 0.99  # forgets old gradients sooner than the usual 0.999: a run has only some thousand steps


def train(
    plan: Plan,
    emit: Emit = lambda event: None,
    *,
    save: Save = lambda saved, state: None,
    cancelled: Callable[[], bool] = lambda: False,
    guard: bool = True,
    fractions: Sequence[float] = (),
) -> SavedEpoch:
    """Trains a model on a text, from scratch or on from a model file.

    Events are dicts that JSON can hold, each with its kind as `event`:

    - `starting`: `epoch` (the first), `epochs` (the last), `steps` (an epoch's), `characters`, `held_out_characters`;
    - `step`, at most five a second: `epoch`, `epochs`, `step`, `steps`, `train_loss` (mean of the epoch so far),
      `characters_per_second`, `seconds_left` (to the end of the run);
    - `epoch`: `epoch`, `epochs`, `train_loss`, `val_loss` (None if nothing is held out), `seconds`;
    - `diverged`: `epoch`, `step`, `reason`; then `rolled_back`: `epoch`, `reason`, `learning_rate` (the highest from
      now on), `message` (all that in a sentence);
    - at last `done` or `cancelled`, with `epoch` (the last finished). A failure is an exception, not an event.

    Args:
        plan: What to do, from `make_plan`.
        emit: Called with each event.
        save: Called with the model after each epoch, before the epoch's event; from scratch also before the first. Its
            second argument are members for the file that let an interrupted run go on as if it had never stopped.
        cancelled: Asked at each step whether to stop.
        fractions: Of the first epoch after which the model is saved too.
        guard: Whether to roll back when the loss blows up. Without it only numbers that are not finite end the run.

    Returns:
        The model after the last finished epoch.

    Raises:
        TrainingError: The loss blew up and rolling back did not help; what was saved stays.
    """
    batches = plan.batches()
    learner = KerasLearner(plan.config, len(plan.vocab), batches.rows, batches.window, plan.weights)
    if plan.optimizer is not None:
        learner.set_optimizer_state(plan.optimizer)
    return TrainingLoop(
        plan, batches, learner, emit, save, cancelled, DivergenceDetector() if guard else None, fractions
    ).run()


class KerasLearner:
    """The network while it learns, in Keras.

    Args:
        config: All settings.
        vocab_size: Number of characters.
        rows: Of a batch.
        window: Ids a row.
        weights: To start from, as `weights()` gives them, with or without the table of a one-hot embedding.
    """

    def __init__(
        self, config: TrainingConfig, vocab_size: int, rows: int, window: int, weights: list[np.ndarray] | None = None
    ) -> None:
        self._one_hot = not config.embedding_units(vocab_size)
        self._training_model = _build(config, vocab_size, rows, window)
        self._optimizer = _optimizer(config)
        taught = bool(config.teacher_weight)
        self._training_model.compile(
            optimizer=self._optimizer,
            loss=_loss_beside_teacher(config) if taught else keras.losses.SparseCategoricalCrossentropy(True),
            metrics=[_cost_of_text] if taught else [],  # the loss with a teacher compares with no other
            # XLA makes an LSTM on the processor 2 to 5 times slower with TensorFlow; JAX is nothing without it
            jit_compile=False if keras.backend.backend() == "tensorflow" else "auto",
        )
        self._optimizer.build(self._training_model.trainable_variables)
        if weights is not None:
            self.set_weights(weights)

    def learn(self, ids: np.ndarray, targets: np.ndarray, learning_rate: float) -> float:
        """One step; returns what the text cost before it, in nats per character.

        Args:
            ids: (rows, window).
            targets: (rows, window), or (rows,) for the notebook's single one; with a teacher one axis more, see `data`.
            learning_rate: For this step.
        """
        self._optimizer.learning_rate = learning_rate
        return float(np.ravel(self._training_model.train_on_batch(ids, targets))[-1])

    def start_epoch(self, seeds: list[int]) -> None:
        """Empties the carried state; `seeds` decide what dropout drops, something else at each LSTM layer."""
        depth = 0
        for layer in self._training_model.layers:  # from input to output
            dropper = layer
            if isinstance(layer, keras.layers.RNN):
                depth += 1
                dropper = layer.cell
                if layer.stateful:
                    layer.reset_state()
            if hasattr(dropper, "seed_generator"):
                state = np.random.SeedSequence([*seeds, max(0, depth - 1)]).generate_state(2)
                dropper.seed_generator.state.assign(state)

    def weights(self) -> list[np.ndarray]:
        """Copies of embedding; kernel, recurrent kernel and bias of each LSTM layer; dense kernel and bias."""
        return [np.array(array) for layer in _weighted(self._training_model) for array in layer.get_weights()]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Takes what `weights()` gave, or the same without the table of a one-hot embedding."""
        own = [layer.get_weights() for layer in _weighted(self._training_model)]
        if self._one_hot and len(weights) < sum(map(len, own)):
            weights = own[0] + weights
        rest = iter(weights)
        for layer in _weighted(self._training_model):
            layer.set_weights([next(rest) for _ in layer.get_weights()])

    def network(self) -> Network:
        """The network in NumPy."""
        embedding, *lstms, kernel, bias = self.weights()
        layers = [LSTMWeights(*lstms[first : first + 3]) for first in range(0, len(lstms), 3)]
        return Network(embedding, layers, kernel, bias)

    def optimizer_state(self) -> np.ndarray:
        """All numbers of the optimizer, float32 (some,)."""
        return np.concatenate([np.asarray(value, np.float32).ravel() for value in self._optimizer_arrays()])

    def set_optimizer_state(self, state: np.ndarray) -> None:
        """Takes what `optimizer_state` gave; a state of another size is passed over."""
        arrays = self._optimizer_arrays()
        if state.size != sum(array.size for array in arrays):
            return
        parts = np.split(state, np.cumsum([array.size for array in arrays])[:-1])
        for variable, part, array in zip(self._optimizer.variables, parts, arrays, strict=True):
            variable.assign(part.reshape(array.shape).astype(array.dtype))

    def _optimizer_arrays(self) -> list[np.ndarray]:
        return [keras.ops.convert_to_numpy(variable.value) for variable in self._optimizer.variables]


def _cost_of_text(targets: Any, logits: Any) -> Any:
    """Nats of each id that follows: targets (…, 1 + vocab_size), logits (…, vocab_size)."""
    return keras.ops.sparse_categorical_crossentropy(keras.ops.cast(targets[..., 0], "int32"), logits, from_logits=True)


def _loss_beside_teacher(config: TrainingConfig) -> Callable[[Any, Any], Any]:
    """Some of `_cost_of_text`, and some of what it costs to expect something else than the teacher.

    The second has gradients of about 1 / temperature² of those of the first, which is made up for.
    """
    weight, temperature = config.teacher_weight, config.teacher_temperature

    def loss(targets: Any, logits: Any) -> Any:
        taught = keras.ops.categorical_crossentropy(targets[..., 1:], logits / temperature, from_logits=True)
        return (1 - weight) * _cost_of_text(targets, logits) + weight * temperature**2 * taught

    return loss


def _build(config: TrainingConfig, vocab_size: int, rows: int, window: int) -> keras.Model:
    """The model that learns: ids (rows, window) -> logits (rows, window, vocab_size), the notebook's the last alone."""
    carries = config.name == "stream"
    seeds = (int(seed) for seed in np.random.SeedSequence(config.rng_seed).generate_state(3 * config.layers + 3) >> 1)
    shape = (rows if carries else None, window)  # only a carried state needs fixed rows
    ids = keras.Input(batch_shape=shape, dtype="int32", name="ids")
    outputs = _embedding(config.embedding_units(vocab_size), vocab_size, next(seeds))(ids)
    if config.input_dropout:
        outputs = keras.layers.Dropout(config.input_dropout, seed=next(seeds), name="input_dropout")(outputs)
    for index in range(config.layers):
        outputs = _lstm(
            config,
            seeds,
            return_sequences=carries or index < config.layers - 1,
            stateful=carries,
            name=f"lstm_{index + 1}",
        )(outputs)
        if config.dropout:
            outputs = keras.layers.Dropout(config.dropout, seed=next(seeds), name=f"dropout_{index + 1}")(outputs)
    dense = keras.layers.Dense(
        vocab_size, kernel_initializer=keras.initializers.GlorotUniform(next(seeds)), name="logits"
    )
    return keras.Model(ids, dense(outputs), name="charlstm")


def _lstm(config: TrainingConfig, seeds: Iterator[int], **settings: Any) -> keras.layers.RNN:
    """An LSTM layer; where it drops its hidden state it is built around a cell of ours, with the same weights."""
    first_weights = {
        "kernel_initializer": keras.initializers.GlorotUniform(next(seeds)),
        "recurrent_initializer": keras.initializers.Orthogonal(seed=next(seeds)),
    }
    if not config.recurrent_dropout:
        return keras.layers.LSTM(config.units, **first_weights, **settings)
    return keras.layers.RNN(_DroppingCell(config.units, config.recurrent_dropout, **first_weights), **settings)


class _DroppingCell(keras.layers.LSTMCell):  # type: ignore[misc]  # Keras says nothing of its types
    """An LSTM cell that sees only a share of its hidden state while training, the same units for a whole window.

    Keras' own `recurrent_dropout` drops other units for each gate, which takes four matrix products for one: twice the
    time.
    """

    def __init__(self, units: int, recurrent_dropout: float, **settings: Any) -> None:
        super().__init__(units, **settings)
        self.recurrent_dropout = recurrent_dropout  # set only now that Keras has settled for one product

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        hidden, cell = states
        if training:
            hidden = hidden * self.get_recurrent_dropout_mask(hidden)
        return super().call(inputs, [hidden, cell], training=training)


def _embedding(units: int, vocab_size: int, seed: int) -> keras.layers.Layer:
    """A trained embedding; with 0 units a table of one-hot rows, which is quicker than making them anew each time."""
    if units:
        uniform = keras.initializers.RandomUniform(seed=seed)
        return keras.layers.Embedding(vocab_size, units, embeddings_initializer=uniform, name="embedding")
    return keras.layers.Embedding(
        vocab_size, vocab_size, embeddings_initializer="identity", trainable=False, name="one_hot"
    )


def _optimizer(config: TrainingConfig) -> keras.optimizers.Optimizer:
    settings = {"learning_rate": config.learning_rate, "global_clipnorm": config.clip_norm}
    if config.optimizer == "rmsprop":
        return keras.optimizers.RMSprop(**settings)
    return keras.optimizers.AdamW(weight_decay=config.weight_decay, beta_2=ADAM_BETA_2, **settings)


def _weighted(model: keras.Model) -> list[keras.layers.Layer]:
    kinds = keras.layers.Embedding | keras.layers.RNN | keras.layers.Dense
    return [layer for layer in model.layers if isinstance(layer, kinds)]


def predict_loop(path: Path, window: int, temperature: float) -> Iterator[int]:
    """The notebook's own way of writing, without end, kept to compare speeds: `model.predict` for each character.

    Args:
        path: A model file whose last layer gives probabilities.
        window: How many last characters the network reads anew each time.
        temperature: Above 0.
    """
    model = keras.models.load_model(path, compile=False)
    vocab_size = model.output_shape[-1]
    is_one_hot = len(model.input_shape) == 3
    rng = np.random.default_rng(0)
    ids = [position % vocab_size for position in range(window)]
    while True:
        inputs = np.array([ids[-window:]])
        inputs = np.eye(vocab_size)[inputs] if is_one_hot else inputs
        probabilities = model.predict(inputs, verbose=0).reshape(-1, vocab_size)[-1].astype(np.float64)
        weights = np.exp(np.log(np.maximum(probabilities, 1e-30)) / temperature)
        ids.append(int(rng.multinomial(1, weights / weights.sum()).argmax()))
        yield ids[-1]
