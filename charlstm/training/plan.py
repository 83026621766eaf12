"""What a training run starts from and what it leaves behind, Keras aside: texts as ids, epochs to do, checkpoints."""

import io
import json
import zipfile
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from charlstm.errors import CorpusError, Message, SettingError, TrainingError
from charlstm.network.lstm import keras_weights
from charlstm.network.model_file import Model, ModelMetadata, read_model, write_model
from charlstm.network.weights import damaged_member
from charlstm.text.corpus import Corpus
from charlstm.text.vocab import Vocab
from charlstm.training.config import TrainingConfig, resume_config
from charlstm.training.data import Streams, Windows

HOLDOUT = 0.1
SHORTEST_TEXT = 200  # characters to train on, beside those held out
EPOCHS_LIMIT = 10_000
PROGRESS_MEMBER, OPTIMIZER_MEMBER = "training.json", "optimizer.f32"  # of a checkpoint, beside Keras' own members
OPTIMIZER_LIMIT = 400_000_000  # bytes


@dataclass(frozen=True)
class Progress:
    """Where a run stands: with the weights and the optimizer's state all that it takes to go on as if never stopped.

    Attributes:
        first_epoch: Of the run; the learning rate follows its course from there…
        last_epoch: … to here.
        learning_rate_factor: 1, less after each roll-back.
        rollbacks: So far.
    """

    first_epoch: int
    last_epoch: int
    learning_rate_factor: float = 1.0
    rollbacks: int = 0


@dataclass(frozen=True)
class Checkpoint:
    """A model as it is after a finished epoch.

    Attributes:
        keras_file: Bytes of the `.keras` file that Keras wrote.
        vocab: Of the model.
        metadata: Of the model; `metadata.epoch` is the epoch.
        state: Members by name that let an interrupted run go on exactly: three times the size, no use to a reader.
    """

    keras_file: bytes
    vocab: Vocab
    metadata: ModelMetadata
    state: dict[str, bytes] = field(default_factory=dict)

    def write(self, path: Path, with_state: bool = True) -> None:
        """Writes the model file, whole or not at all.

        Raises:
            OSError: It cannot be written; an older file there is as it was.
        """
        write_model(self.keras_file, path, self.vocab, self.metadata, self.state if with_state else None)


@dataclass(frozen=True)
class Plan:
    """What one call of `train` is to do.

    Attributes:
        config: All settings.
        corpus: The text.
        holdout: Share of it that is held out.
        vocab: Of the model; the corpus decides, unless there is a model already.
        ids: To train on, int32 (length,).
        held_ids: Held out, int32 (length,); empty if nothing is.
        metadata: Of the model so far.
        progress: Of the run so far.
        weights: To start from, in Keras' order; None to start from scratch.
        optimizer: Its state, float32 (all its numbers,); None for a fresh one.
    """

    config: TrainingConfig
    corpus: Corpus
    holdout: float
    vocab: Vocab
    ids: np.ndarray
    held_ids: np.ndarray
    metadata: ModelMetadata
    progress: Progress
    weights: list[np.ndarray] | None = None
    optimizer: np.ndarray | None = None

    def batches(self) -> Streams | Windows:
        """The training text, cut as the preset asks."""
        kind = {"stream": Streams, "notebook": Windows}[self.config.name]
        return kind(self.ids, self.config.window, self.config.batch_size)

    def next_metadata(self, epoch: int, history: tuple[dict, ...], val_loss: float | None) -> ModelMetadata:
        """Of the model after `epoch`."""
        corpus = self.corpus
        config = {**self.config.settings(), "holdout": self.holdout, "epochs": self.progress.last_epoch}
        return ModelMetadata(corpus.name, corpus.sha256, corpus.lowercase, config, epoch, history, val_loss)


def make_plan(
    corpus: Corpus, config: TrainingConfig | None, epochs: int | None, holdout: float | None, resume: bytes | None
) -> Plan:
    """Settles what to do before Keras is asked for anything; the arguments are those of `training.train`.

    Raises:
        SettingError: An argument is out of its range, or does not fit the model to go on from.
        CorpusError: The text is too short.
        ModelFileError: `resume` is not a model file that can be used.
    """
    if epochs is not None and not 1 <= epochs <= EPOCHS_LIMIT:
        raise SettingError(
            "`epochs` must be from 1 to {limit:,}, got {epochs}. Try 20.", limit=EPOCHS_LIMIT, epochs=epochs
        )
    if resume is not None:
        return _plan_to_resume(corpus, config, epochs, holdout, resume)
    if epochs is None:
        raise SettingError("`epochs` must be given to train from scratch. Try 20.")
    holdout = HOLDOUT if holdout is None else holdout
    _check_length(len(corpus.split(holdout)[0]))
    vocab = Vocab.from_text(corpus.text)
    ids, held_ids = _split(corpus, vocab, holdout)
    return Plan(config or TrainingConfig(), corpus, holdout, vocab, ids, held_ids, ModelMetadata(), Progress(1, epochs))


def _plan_to_resume(
    corpus: Corpus, config: TrainingConfig | None, epochs: int | None, holdout: float | None, resume: bytes
) -> Plan:
    _check_length(len(corpus.text))
    model = read_model(io.BytesIO(resume), Vocab.from_text(corpus.text), name=Message("The model to train on"))
    metadata = model.metadata
    same_text = metadata.corpus_sha256 == corpus.sha256
    holdout = _agreed_holdout(metadata if same_text else ModelMetadata(), holdout)
    progress, optimizer = _read_state(resume)
    if epochs is None:
        config = _config_to_finish(metadata, progress, same_text)
    else:
        config = _fitted(config or resume_config(metadata.config, metadata.epoch), model)
        progress = Progress(metadata.epoch + 1, metadata.epoch + epochs)
    if metadata.config.get("optimizer") != config.optimizer:
        optimizer = None
    metadata = metadata if same_text else replace(metadata, history=())  # losses on another text do not compare
    ids, held_ids = _split(corpus, model.vocab, holdout)
    weights = keras_weights(model.network)
    return Plan(config, corpus, holdout, model.vocab, ids, held_ids, metadata, progress, weights, optimizer)


def _agreed_holdout(metadata: ModelMetadata, holdout: float | None) -> float:
    known = metadata.config.get("holdout")
    if known is None:
        return HOLDOUT if holdout is None else holdout
    if holdout is not None and holdout > known:
        raise SettingError(
            "`holdout` must be at most {known:g}, what the model was trained with, got {holdout:g}: more would hold "
            "out what it has seen. Leave it out.",
            known=known,
            holdout=holdout,
        )
    return known if holdout is None else holdout


def _config_to_finish(metadata: ModelMetadata, progress: Progress | None, same_text: bool) -> TrainingConfig:
    if progress is None or progress.last_epoch <= metadata.epoch:
        raise SettingError("The run is finished at epoch {epoch}. Give `epochs` to train on.", epoch=metadata.epoch)
    if not same_text:
        raise SettingError(
            "The run to finish was on another text, {corpus!r}. Give that, or `epochs`.", corpus=metadata.corpus
        )
    return TrainingConfig.from_preset(**metadata.config)


def _fitted(config: TrainingConfig, model: Model) -> TrainingConfig:
    """The config with the network of the model, which is what it is whatever the config says."""
    units, embedding = model.network.units, model.network.embedding
    if len(set(units)) > 1:
        raise TrainingError(
            "Training on needs layers of one size, but the model has {units}. Train a new one.", units=str(units)
        )
    one_hot = embedding is None or np.array_equal(embedding, np.eye(len(embedding)))
    return replace(config, units=units[0], layers=len(units), embedding=0 if one_hot else embedding.shape[1])


def _split(corpus: Corpus, vocab: Vocab, holdout: float) -> tuple[np.ndarray, np.ndarray]:
    ids, held_ids = (vocab.encode(vocab.normalize(text).text) for text in corpus.split(holdout))
    _check_length(len(ids))
    return ids, held_ids


def _check_length(length: int) -> None:
    if length < SHORTEST_TEXT:
        raise CorpusError(
            "A text to train on must have at least {minimum} characters beside those held out, got {count}. Use a "
            "longer one.",
            minimum=SHORTEST_TEXT,
            count=length,
        )


def pack_state(progress: Progress, optimizer: np.ndarray) -> dict[str, bytes]:
    """`Checkpoint.state` of a run that stands at `progress`."""
    return {PROGRESS_MEMBER: json.dumps(vars(progress)).encode(), OPTIMIZER_MEMBER: optimizer.astype("<f4").tobytes()}


def _read_state(file: bytes) -> tuple[Progress | None, np.ndarray | None]:
    """What `pack_state` put into a model file; None where it put nothing."""
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        if not {PROGRESS_MEMBER, OPTIMIZER_MEMBER} <= set(archive.namelist()):
            return None, None
        try:
            with archive.open(PROGRESS_MEMBER) as member:
                progress = Progress(**json.loads(member.read(10_000)))
            with archive.open(OPTIMIZER_MEMBER) as member:
                optimizer = np.frombuffer(member.read(OPTIMIZER_LIMIT), "<f4")
        except (ValueError, TypeError, zipfile.BadZipFile) as error:
            raise damaged_member(Message("The model to train on"), PROGRESS_MEMBER, error) from error
    return progress, optimizer if np.isfinite(optimizer).all() else None
