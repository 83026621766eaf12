"""What a training run starts from and what it takes to go on, Keras aside: texts as ids, epochs to do, progress."""

import json
from dataclasses import dataclass, replace

import numpy as np

from charlstm.errors import CorpusError, Message, SettingError, TrainingError
from charlstm.network.architecture import damaged_member
from charlstm.network.lstm import keras_weights
from charlstm.network.metadata import HistoryEntry, ModelMetadata
from charlstm.network.metrics import softmax
from charlstm.network.model_file import Model, read_members, read_model
from charlstm.network.settings import MAX_EPOCH, checked, number, whole
from charlstm.text.corpus import Corpus, one_character
from charlstm.text.vocab import Vocab
from charlstm.training.config import ONE_HOT_LIMIT, TrainingConfig, resume_config
from charlstm.training.data import Streams, Windows

HOLDOUT = 0.1
MIN_TEXT = 200  # characters to train on, beside those held out
MAX_EPOCHS = 10_000
PROGRESS_MEMBER, OPTIMIZER_MEMBER = "training.json", "optimizer.f32"  # of a model file, beside Keras' own
STATE_LIMITS = {PROGRESS_MEMBER: 10_000, OPTIMIZER_MEMBER: 400_000_000}  # bytes
MODEL_NAME = Message("The model to train on")


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
class Plan:
    """What one call of `train` is to do.

    Attributes:
        config: All settings.
        corpus: The text.
        holdout: Share of it that is held out.
        vocab: Of the model; the corpus decides, unless there is a model already.
        ids: To train on, int32 (length,).
        held_ids: Held out, int32 (length,); empty if nothing is.
        expected: What a teacher expects in place of each of `ids`, float16 (length, vocab_size); None without one.
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
    expected: np.ndarray | None = None

    def batches(self) -> Streams | Windows:
        """The training text, cut as the preset asks."""
        kind = Streams if self.config.name == "stream" else Windows
        return kind(self.ids, self.config.window, self.config.batch_size, self.expected)

    def next_metadata(self, epoch: float, history: tuple[HistoryEntry, ...], val_loss: float | None) -> ModelMetadata:
        """Of the model after `epoch`."""
        corpus = self.corpus
        config = {**self.config.settings(), "holdout": self.holdout, "epochs": self.progress.last_epoch}
        return ModelMetadata(corpus.name, corpus.sha256, corpus.lowercase, config, epoch, history, val_loss)


def make_plan(
    corpus: Corpus,
    config: TrainingConfig | None = None,
    epochs: int | None = None,
    holdout: float | None = None,
    resume: bytes | None = None,
    teacher: Model | None = None,
) -> Plan:
    """Settles what a run is to do, before Keras is asked for anything.

    Args:
        corpus: The text; the end of it is held out.
        config: None for the default, or when resuming for what is safe at that point; the network is the file's then.
        epochs: How many, when resuming how many more. None finishes an interrupted run as if it had never stopped.
        holdout: Share of the text that is only used for `val_loss`. None for 0.1, or the file's.
        resume: Content of a model file to go on from. Its optimizer's state is used if it is there and fits.
        teacher: To learn from beside the text, by the config's `teacher_weight`; reads the whole text once.

    Raises:
        SettingError: An argument is out of its range, or does not fit the text or the model to go on from.
        CorpusError: The text cannot be trained on.
        ModelFileError: `resume` is not a model file that can be used.
        TrainingError: It holds a network that cannot be trained on.
    """
    if epochs is not None and not 1 <= epochs <= MAX_EPOCHS:
        raise SettingError(
            "`epochs` must be from 1 to {limit:,}, got {epochs}. Try 20.", limit=MAX_EPOCHS, epochs=epochs
        )
    if resume is not None:
        plan = _plan_to_resume(corpus, config, epochs, holdout, resume)
    elif epochs is not None:
        plan = _plan_from_scratch(corpus, config or TrainingConfig(), epochs, HOLDOUT if holdout is None else holdout)
    else:
        raise SettingError("`epochs` must be given to train from scratch. Try 20.")
    if plan.config.name == "notebook" and plan.config.window >= len(plan.ids):
        raise SettingError(
            "`window` must be below {count:,}, the characters to train on, got {window:,}. Use a longer text, or "
            "{default}.",
            count=len(plan.ids),
            window=plan.config.window,
            default=TrainingConfig.window,
        )
    if plan.config.teacher_weight:
        return replace(plan, expected=_expectations(teacher, plan))
    return plan


def _expectations(teacher: Model | None, plan: Plan) -> np.ndarray:
    """`Plan.expected`, with the teacher's state carried through the text."""
    if teacher is None:
        raise SettingError("`teacher_weight` above 0 needs a teacher, got none. Give the teacher's name or file.")
    if len(plan.vocab) > ONE_HOT_LIMIT:  # or the expectations would fill the memory
        raise SettingError(
            "A teacher can be used up to {limit} characters, got {count}. Leave it out.",
            limit=ONE_HOT_LIMIT,
            count=len(plan.vocab),
        )
    if teacher.vocab != plan.vocab:
        raise SettingError(
            "A teacher must know the same characters, got {teacher} in place of {count}. Use one of the same text.",
            teacher=len(teacher.vocab),
            count=len(plan.vocab),
        )
    parts = teacher.network.read_logits(plan.ids)
    temperature = plan.config.teacher_temperature
    return np.concatenate([softmax(logits / temperature).astype(np.float16) for _, logits in parts])


def _plan_from_scratch(corpus: Corpus, config: TrainingConfig, epochs: int, holdout: float) -> Plan:
    _check_length(corpus.cut(holdout))
    vocab = Vocab("".join(sorted(corpus.chars)))
    if len(vocab) < 2:
        raise one_character(vocab.chars)
    ids, held_ids = _split(corpus, vocab, holdout)
    return Plan(config, corpus, holdout, vocab, ids, held_ids, ModelMetadata(), Progress(1, epochs))


def _plan_to_resume(
    corpus: Corpus, config: TrainingConfig | None, epochs: int | None, holdout: float | None, resume: bytes
) -> Plan:
    _check_length(len(corpus.text))
    model = read_model(resume, corpus.text, MODEL_NAME)
    metadata = model.metadata
    same_text = metadata.corpus_sha256 == corpus.sha256
    holdout = _agreed_holdout(metadata if same_text else ModelMetadata(), holdout)
    stored, optimizer = _read_state(resume)
    if epochs is None:
        progress, config = _rest_of_run(metadata, stored, same_text)
    else:
        seen = int(metadata.epoch)  # a fraction of the first epoch is trained on as if it were none
        progress = Progress(seen + 1, seen + epochs)
        config = config or resume_config(metadata.config, seen)
    config = _fitted(config, model)
    if metadata.config.get("optimizer") != config.optimizer:
        optimizer = None
    metadata = metadata if same_text else replace(metadata, history=())  # losses on another text do not compare
    ids, held_ids = _split(corpus, model.vocab, holdout)
    weights = keras_weights(model.network)
    return Plan(config, corpus, holdout, model.vocab, ids, held_ids, metadata, progress, weights, optimizer)


def _agreed_holdout(metadata: ModelMetadata, holdout: float | None) -> float:
    known: float | None = metadata.config.get("holdout")
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


def _rest_of_run(
    metadata: ModelMetadata, progress: Progress | None, same_text: bool
) -> tuple[Progress, TrainingConfig]:
    if progress is None or progress.last_epoch <= metadata.epoch:
        raise SettingError("The run is finished at epoch {epoch}. Give `epochs` to train on.", epoch=metadata.epoch)
    if not same_text:
        raise SettingError(
            "The run to finish was on another text, {corpus!r}. Give that, or `epochs`.", corpus=metadata.corpus
        )
    return progress, TrainingConfig.from_preset(**metadata.config)


def _fitted(config: TrainingConfig, model: Model) -> TrainingConfig:
    """The config with the network of the model, which is what it is whatever the config says."""
    units, embedding = model.network.units, model.network.embedding
    if any(model.network.between):
        raise TrainingError(
            "Training on needs LSTM layers and one Dense layer alone, but the model has more. Train a new one."
        )
    if len(set(units)) > 1:
        raise TrainingError(
            "Training on needs layers of one size, but the model has {units}. Train a new one.", units=str(units)
        )
    if embedding is None or np.array_equal(embedding, np.eye(len(embedding))):  # a table of one-hot rows is not trained
        return replace(config, units=units[0], layers=len(units), embedding=0)
    return replace(config, units=units[0], layers=len(units), embedding=embedding.shape[1])


def _split(corpus: Corpus, vocab: Vocab, holdout: float) -> tuple[np.ndarray, np.ndarray]:
    if corpus.chars <= set(vocab.chars):
        ids, cut = vocab.encode(corpus.text), corpus.cut(holdout)
        _check_length(cut)
        return ids[:cut], ids[cut:]
    train_text, held_text = (vocab.normalize(text).text for text in corpus.split(holdout))
    _check_length(len(train_text))
    return vocab.encode(train_text), vocab.encode(held_text)


def _check_length(length: int) -> None:
    if length < MIN_TEXT:
        raise CorpusError(
            "A text to train on must have at least {minimum} characters beside those held out, got {count}. Use a "
            "longer one.",
            minimum=MIN_TEXT,
            count=length,
        )


def pack_state(progress: Progress, optimizer: np.ndarray) -> dict[str, bytes]:
    """Members for a model file that let an interrupted run go on exactly: three times the size, no use to a reader."""
    return {PROGRESS_MEMBER: json.dumps(vars(progress)).encode(), OPTIMIZER_MEMBER: optimizer.astype("<f4").tobytes()}


def _read_state(file: bytes) -> tuple[Progress | None, np.ndarray | None]:
    """What `pack_state` made of a run, out of its model file; None where it is not there."""
    members = read_members(file, STATE_LIMITS, MODEL_NAME)
    if members.keys() != STATE_LIMITS.keys():
        return None, None
    try:
        progress = Progress(**checked(_PROGRESS, json.loads(members[PROGRESS_MEMBER]), required=_PROGRESS))
        optimizer = np.frombuffer(members[OPTIMIZER_MEMBER], "<f4")
    except ValueError as error:
        raise damaged_member(MODEL_NAME, PROGRESS_MEMBER, error) from error
    return progress, optimizer if np.isfinite(optimizer).all() else None


_PROGRESS = {
    "first_epoch": whole(1, MAX_EPOCH),
    "last_epoch": whole(1, MAX_EPOCH),
    "learning_rate_factor": number(0, 1),
    "rollbacks": whole(0, 100),
}
