"""Epoch after epoch: what is said, saved and checked on the way, and the last good point to go back to.

Knows a learner by what it does (`learn`, `weights`, …), not that Keras is behind it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import fmean as mean
from typing import Any, Protocol

import numpy as np

from charlstm.errors import Message, TrainingError, message_of
from charlstm.network.keras_file import keras_file
from charlstm.network.lstm import Network
from charlstm.network.metadata import HistoryEntry
from charlstm.network.metrics import surprisals
from charlstm.network.model_file import Model, SavedEpoch
from charlstm.training.data import Streams, Windows
from charlstm.training.divergence import DivergenceDetector
from charlstm.training.plan import Plan, pack_state

STEP_EVENT_SECONDS = 0.2
MAX_ROLLBACKS = 3
ROLLBACK_FACTOR = 0.3  # of the learning rate

Emit = Callable[[dict[str, Any]], None]
Save = Callable[[SavedEpoch, dict[str, bytes]], None]


class Learner(Protocol):
    """What trains a network; `keras_model.KerasLearner` is one, and says what its methods do."""

    def learn(self, ids: np.ndarray, next_ids: np.ndarray, learning_rate: float) -> float: ...
    def start_epoch(self, seeds: list[int]) -> None: ...
    def weights(self) -> list[np.ndarray]: ...
    def set_weights(self, weights: list[np.ndarray]) -> None: ...
    def network(self) -> Network: ...
    def optimizer_state(self) -> np.ndarray: ...
    def set_optimizer_state(self, state: np.ndarray) -> None: ...


class Cancelled(Exception):
    """Someone asked to stop."""


class Diverged(Exception):
    """The loss blew up; the message says how."""

    def __init__(self, reason: str, step: int) -> None:
        super().__init__(reason)
        self.step = step


class TrainingLoop:
    """One run; `keras_model.train` tells of the arguments.

    Args:
        plan: What to do.
        batches: The text of the plan, cut.
        learner: Trains.
        emit: Called with each event.
        save: Called with each epoch.
        cancelled: Asked at each step.
        detector: Follows the loss; None lets it rise.
        fractions: Of the first epoch after which the model is saved too.
    """

    def __init__(
        self,
        plan: Plan,
        batches: Streams | Windows,
        learner: Learner,
        emit: Emit,
        save: Save,
        cancelled: Callable[[], bool],
        detector: DivergenceDetector | None,
        fractions: Sequence[float] = (),
    ) -> None:
        self._plan, self._batches, self._learner, self._detector = plan, batches, learner, detector
        self._emit, self._save, self._cancelled = emit, save, cancelled
        self._progress = plan.progress
        self._history = plan.metadata.history
        self._pace = _Pace(batches)
        self._fractions = {max(1, round(fraction * batches.steps)): fraction for fraction in fractions}  # by their step
        self._good = learner.weights(), learner.optimizer_state()  # at the end of the last finished epoch

    def run(self) -> SavedEpoch:
        """Trains to the last epoch of the plan, or until cancelled."""
        first, last = int(self._plan.metadata.epoch) + 1, self._progress.last_epoch
        counts = {"characters": len(self._plan.ids), "held_out_characters": len(self._plan.held_ids)}
        self._say("starting", first, steps=self._batches.steps, **counts)
        saved = self._start()
        for epoch in range(first, last + 1):
            try:
                saved = self._finish_epoch(epoch)
            except Cancelled:
                self._say("cancelled", epoch - 1)
                return saved
        self._say("done", last)
        return saved

    def _start(self) -> SavedEpoch:
        """The model before the first step; saved if it is a new one."""
        metadata = self._plan.metadata
        if self._plan.weights is not None:
            return self._saved_epoch(metadata.epoch, metadata.val_loss)
        saved = self._saved_epoch(0, self._val_loss())
        self._save(saved, self._state())
        return saved

    def _finish_epoch(self, epoch: int) -> SavedEpoch:
        began = time.monotonic()
        train_loss, val_loss = self._train_until_good(epoch)
        self._good = self._learner.weights(), self._learner.optimizer_state()
        seconds = round(time.monotonic() - began, 3)
        news: HistoryEntry = {"epoch": epoch, "train_loss": train_loss, "val_loss": val_loss, "seconds": seconds}
        self._history = (*self._history, news)
        saved = self._saved_epoch(epoch, val_loss)
        self._save(saved, self._state())
        self._say("epoch", **news)
        return saved

    def _train_until_good(self, epoch: int) -> tuple[float, float | None]:
        """(train_loss, val_loss) of an epoch, trained again after each roll-back."""
        while True:
            try:
                train_loss = self._train_epoch(epoch)
                self._check_weights()
                return train_loss, self._val_loss()
            except Diverged as diverged:
                self._say("diverged", epoch, step=diverged.step, reason=message_of(diverged))
                self._roll_back(epoch, message_of(diverged))

    def _train_epoch(self, epoch: int) -> float:
        """The mean loss of the epoch's batches."""
        plan, steps = self._plan, self._batches.steps
        seeds = [plan.config.rng_seed, epoch, self._progress.rollbacks]
        self._learner.start_epoch(seeds)
        self._pace.start_epoch()
        first, last = self._progress.first_epoch, self._progress.last_epoch
        done, total = (epoch - first) * steps, (last - first + 1) * steps
        losses = []
        for step, batch in enumerate(self._batches.epoch(np.random.default_rng(seeds)), start=1):
            if self._cancelled():
                raise Cancelled
            learning_rate = self._progress.learning_rate_factor * plan.config.learning_rate_at(done + step - 1, total)
            loss = self._learner.learn(*batch, learning_rate)
            self._check_loss(loss, step)
            losses.append(loss)
            if epoch == 1 and step in self._fractions:
                fraction = self._fractions.pop(step)
                self._save(self._saved_epoch(fraction, self._val_loss()), {})
                self._pace.start_epoch()
            if self._pace.step():
                pace = self._pace.news(total - done - step, last - epoch + 1)
                self._say("step", epoch, step=step, steps=steps, train_loss=mean(losses), **pace)
        return mean(losses)

    def _check_loss(self, loss: float, step: int) -> None:
        if self._detector is not None:
            reason = self._detector.check(loss)
        else:
            reason = None if np.isfinite(loss) else Message("the loss is {loss}", loss=float(loss))
        if reason:
            raise Diverged(reason, step)

    def _check_weights(self) -> None:
        """The last step of an epoch may have spoilt them, and no loss has told of it yet."""
        if not all(np.isfinite(array).all() for array in self._learner.weights()):
            raise Diverged(Message("some weights are not finite numbers any more"), self._batches.steps)

    def _roll_back(self, epoch: int, reason: str) -> None:
        rollbacks = self._progress.rollbacks + 1
        if self._detector is None:
            raise TrainingError(
                "Training blew up in epoch {epoch}: {reason}. Use a lower learning rate, or the guard.",
                epoch=epoch,
                reason=reason,
            )
        if rollbacks > MAX_ROLLBACKS:
            raise TrainingError(
                "Training blew up again in epoch {epoch}, after {rollbacks} roll-backs: {reason}. Use a lower "
                "learning rate.",
                epoch=epoch,
                rollbacks=MAX_ROLLBACKS,
                reason=reason,
            )
        factor = self._progress.learning_rate_factor * ROLLBACK_FACTOR
        self._progress = replace(self._progress, learning_rate_factor=factor, rollbacks=rollbacks)
        weights, optimizer = self._good
        self._learner.set_weights(weights)
        self._learner.set_optimizer_state(optimizer)
        self._detector.forget()
        learning_rate = factor * self._plan.config.learning_rate
        message = Message(
            "Epoch {epoch} blew up: {reason}. Back to its start, learning rate {learning_rate:.2g}.",
            epoch=epoch,
            reason=reason,
            learning_rate=learning_rate,
        )
        self._say("rolled_back", epoch, reason=reason, learning_rate=learning_rate, message=message)

    def _val_loss(self) -> float | None:
        """The held-out loss, state carried from the first held-out character to the last, as `evaluate` has it."""
        began = time.monotonic()
        held_ids = self._plan.held_ids
        val_loss = float(surprisals(self._learner.network(), held_ids).mean()) if len(held_ids) else None
        self._pace.evaluation_seconds = time.monotonic() - began
        return val_loss

    def _saved_epoch(self, epoch: float, val_loss: float | None) -> SavedEpoch:
        metadata = self._plan.next_metadata(epoch, self._history, val_loss)
        model = Model(self._learner.network(), self._plan.vocab, metadata)
        return SavedEpoch(metadata.label, metadata, keras_file(model))

    def _state(self) -> dict[str, bytes]:
        return pack_state(self._progress, self._good[1])

    def _say(self, event: str, epoch: int, **news: Any) -> None:
        self._emit({"event": event, "epoch": epoch, "epochs": self._progress.last_epoch, **news})


class _Pace:
    """How fast it goes, and when it is time to say so."""

    def __init__(self, batches: Streams | Windows) -> None:
        self._characters_per_step = batches.characters / batches.steps
        self._seconds: list[float] = []  # of each step
        self._warm = False  # the first step builds the network's graph and tells nothing
        self._last_step = self._last_news = time.monotonic()
        self.evaluation_seconds = 0.0

    def start_epoch(self) -> None:
        """What went before belongs to no step."""
        self._last_step = time.monotonic()

    def step(self) -> bool:
        """Counts a step; returns whether to say so, at most five times a second."""
        now = time.monotonic()
        if self._warm:
            self._seconds.append(now - self._last_step)
        due = self._warm and now - self._last_news >= STEP_EVENT_SECONDS
        self._warm, self._last_step = True, now
        self._last_news = now if due else self._last_news
        return due

    def news(self, steps_left: int, epochs_left: int) -> dict[str, float]:
        """Characters a second, and seconds to the end of the run, by the median of the last steps."""
        seconds = max(float(np.median(self._seconds[-100:])), 1e-6)
        left = steps_left * seconds + epochs_left * self.evaluation_seconds
        return {"characters_per_second": round(self._characters_per_step / seconds), "seconds_left": round(left, 1)}
