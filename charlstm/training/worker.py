"""What a worker does: it trains one job and says what happens. Knows who listens by a function, and no server.

Runs in a process of its own on this machine, or in a thread of a worker of Dask.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

from charlstm.errors import CharLSTMError, Message, TrainingError, message_of
from charlstm.network.model_file import Model, SavedEpoch
from charlstm.text.corpus import Corpus
from charlstm.training.config import TrainingConfig
from charlstm.training.loop import Emit
from charlstm.training.plan import make_plan

NICENESS = 10  # writing text for the audience goes first
REASON_LIMIT = 300  # characters; Keras and its backends explain themselves over pages


@dataclass(frozen=True)
class TrainingJob:
    """What to train.

    Attributes:
        corpus: The text; the end of it is held out.
        epochs: How many; 0 finishes the run that `start_model` was saved in the midst of.
        config: How; None for the default, or for what is safe for `start_model`.
        holdout: Share of the text, at least 0 and below 1; None for the default, or the share of `start_model`.
        start_model: Bytes of the model file to carry on from; None starts from scratch.
        guard: Whether to roll back when the loss blows up.
        with_state: Whether each epoch comes with what lets an interrupted run go on exactly, three times its size.
        teacher: To learn from beside the text.
        fractions: Of the first epoch after which the model is saved too.
    """

    corpus: Corpus
    epochs: int
    config: TrainingConfig | None = None
    holdout: float | None = None
    start_model: bytes | None = None
    guard: bool = True
    with_state: bool = False
    teacher: Model | None = None
    fractions: tuple[float, ...] = ()


Work = Callable[[TrainingJob, Emit, Callable[[], bool]], None]  # job, emit, cancelled


def train_job(job: TrainingJob, emit: Emit, cancelled: Callable[[], bool]) -> None:
    """Trains.

    Args:
        job: What.
        emit: Called with each event of `keras_model.train`, and with `saved` for each epoch: `epoch`, a `SavedEpoch`
            with its content, and its `state`.
        cancelled: Asked at each step whether to stop.

    Raises:
        TrainingError: Whatever went wrong, in one line; an error of Keras' own could not be read where Keras is not.
    """

    def save(saved: SavedEpoch, state: dict[str, bytes]) -> None:
        if saved.metadata.epoch or job.with_state:  # 0 is the network before it has learnt anything
            emit({"event": "saved", "saved": saved, "state": state if job.with_state else {}})

    try:
        if hasattr(os, "setpriority"):  # of this thread, and of those that it starts
            os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
        plan = make_plan(job.corpus, job.config, job.epochs or None, job.holdout, job.start_model, job.teacher)
        from charlstm.training.keras_model import train  # Keras and its backend: seconds, and hundreds of megabytes

        train(plan, emit, save=save, cancelled=cancelled, guard=job.guard, fractions=job.fractions)
    except Exception as error:
        raise TrainingError(_reason(error)) from None


def _reason(error: Exception) -> str:
    """What went wrong, in one line."""
    if isinstance(error, CharLSTMError):
        return message_of(error)
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":  # TensorFlow's own
        return Message("memory ran out")
    if isinstance(error, OSError):
        return Message("a file could not be written ({reason})", reason=error.strerror or str(error))
    line = str(error).strip().partition("\n")[0][:REASON_LIMIT]
    return line if isinstance(error, ValueError) else f"{type(error).__name__}: {line}"
