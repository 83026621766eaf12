"""`charlstm train`: options, progress, checkpoints. Loads Keras only once the input has been found good."""

import argparse
import json
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from charlstm.cli.generate import tell, tell_changes
from charlstm.cli.model_options import add_model_options, content_of_model
from charlstm.errors import TrainingError, message_of
from charlstm.network.metadata import MAX_DENOMINATOR
from charlstm.network.metrics import bits
from charlstm.network.model_file import SavedEpoch, add_members, read_metadata, read_model, write_file
from charlstm.network.registry import epoch_file_name, load_model
from charlstm.text.corpus import CORPORA, Corpus, load_corpus
from charlstm.training.cluster import run_on_cluster, scheduler_address, training_unavailable
from charlstm.training.config import PRESETS, TrainingConfig, resume_config
from charlstm.training.plan import HOLDOUT, Plan, make_plan
from charlstm.training.worker import TrainingJob
from charlstm.writing.generation import generate

HELP = "train a model on a text"
INTERRUPTED = 130
MAX_NAME = 240  # bytes; file systems allow 255, and a temporary file beside it has a longer name
SNAPSHOT_EPOCHS = "0,1/64,1/16,1/4,1,2,3,5,8,13,21,34,55,89"
SAMPLE_TEMPERATURES = (0.2, 0.5, 1.0, 1.2)  # the notebook's, as are the two lengths
SAMPLE_SEED_LENGTH, SAMPLE_LENGTH = 60, 400
BAR_CELLS = 24
TEACHER_WEIGHT = 0.9
NETWORK_SETTINGS = {"units", "layers", "embedding"}


def add_options(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    names = ", ".join(CORPORA)
    add("--corpus", default="nietzsche", metavar="NAME|FILE", help=f"{names}, or a text file; default: %(default)s")
    add("--encoding", metavar="NAME", help="of the text file, such as cp1252; default: found out")
    add("--lowercase", action=argparse.BooleanOptionalAction, help="default: nietzsche yes, all others no")
    presets = "default: stream; notebook is that of the book, slow and unguarded"
    add("--preset", "--recipe", choices=tuple(PRESETS), help=presets)
    add("--epochs", type=int, metavar="N", help="how many; with --resume how many more, or none to finish its run")
    add("--out", required=True, type=Path, metavar="FILE.keras", help="rewritten after each epoch")
    add("--resume", type=Path, metavar="FILE.keras", help="the model to train on")
    add_model_options(command, None)
    add("--holdout", type=float, metavar="H", help=f"share of the text, its end, not trained on; default: {HOLDOUT}")
    _add_settings(command)
    add("--guard", action=argparse.BooleanOptionalAction, help="roll back when the loss blows up; notebook: off")
    add("--json", action="store_true", help="one object an epoch on standard output")
    add("--samples", action="store_true", help="after each epoch what the notebook prints: four temperatures")
    add("--scheduler", default=scheduler_address(), metavar="ADDRESS", help="of Dask, to train on its workers")
    add("--snapshots", type=Path, metavar="DIR", help="keep epoch-NNN.keras there, small files without optimizer")
    add("--snapshot-epochs", default=SNAPSHOT_EPOCHS, metavar="E,E,…", help="besides the last; default: %(default)s")


def _add_settings(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("--units", type=int, metavar="U", help=f"of an LSTM layer; default: {TrainingConfig.units}")
    add("--layers", type=int, metavar="L", help=f"LSTM layers; default: {TrainingConfig.layers}")
    add("--embedding", type=int, metavar="E", help="trained embedding units; 0 for one-hot; default: by the vocabulary")
    add("--window", type=int, metavar="W", help=f"characters a step; default: {TrainingConfig.window}")
    add("--batch-size", type=int, metavar="B", help="default: by the preset")
    add("--learning-rate", type=float, metavar="R", help="the highest; default: by the preset, low with --resume")
    add("--final-learning-rate", type=float, metavar="R", help="the last; default: in the preset's proportion")
    add("--clip-norm", type=float, metavar="C", help="longest gradient; default: by the preset")
    add("--weight-decay", type=float, metavar="D", help="default: by the preset")
    add("--dropout", type=float, metavar="D", help="after each LSTM layer; default: by the preset")
    add("--input-dropout", type=float, metavar="D", help="before the first LSTM layer; default: by the preset")
    add("--recurrent-dropout", type=float, metavar="D", help="of the hidden state; default: by the preset")
    add("--teacher", metavar="NAME|FILE", help="a model on the same text to learn from as well")
    add("--teacher-weight", type=float, metavar="W", help=f"the teacher's share of the loss; default: {TEACHER_WEIGHT}")
    add("--teacher-temperature", type=float, metavar="T", help="of what it expects; default: 1")
    add("--rng-seed", type=int, metavar="S", help=f"default: {TrainingConfig.rng_seed}")


def run(options: argparse.Namespace) -> int:
    """Trains; returns the exit code."""
    scheduler = options.scheduler
    if unavailable := training_unavailable(scheduler):
        raise TrainingError(unavailable)
    snapshot_epochs = _parse_epochs(options.snapshot_epochs)
    _check_out(options.out)
    corpus = load_corpus(options.corpus, options.lowercase, _DownloadLine(), options.encoding, tell)
    resume = None if options.resume is None else content_of_model(options, options.resume)
    teacher = None if options.teacher is None else load_model(options.teacher)
    config = _config(options, resume)
    plan = make_plan(corpus, config, options.epochs, options.holdout, resume, teacher)
    _tell_what_is_left(corpus, plan)
    guard = plan.config.name != "notebook" if options.guard is None else options.guard
    report = _Report(options, corpus, snapshot_epochs)
    fractions = tuple(float(epoch) for epoch in snapshot_epochs if options.snapshots and 0 < epoch < 1)
    with _stop_on_signal() as stopped:
        if scheduler:
            job = TrainingJob(
                corpus, options.epochs or 0, config, options.holdout, resume, guard, True, teacher, fractions
            )
            _train_there(job, scheduler, stopped, report)
        else:
            tell("Loading Keras …")
            with _standard_error_kept_back():
                from charlstm.training.keras_model import train
            train(plan, report.hear, save=report.save, cancelled=stopped.is_set, guard=guard, fractions=fractions)
    return INTERRUPTED if stopped.is_set() and not report.done else 0


def _train_there(job: TrainingJob, scheduler: str, stopped: threading.Event, report: "_Report") -> None:
    """Trains on a cluster; the files are written here."""
    try:
        for event in run_on_cluster(job, stopped, scheduler):
            if event["event"] == "saved":
                report.save(event["saved"], event["state"])
            else:
                report.hear(event)
    except TrainingError as error:
        raise TrainingError("Training failed: {reason}.", reason=message_of(error)) from error


def _config(options: argparse.Namespace, resume: bytes | None) -> TrainingConfig | None:
    """The config that the options ask for; None to let the file decide."""
    settings = TrainingConfig.__dataclass_fields__
    given = {name: value for name, value in vars(options).items() if name in settings and value is not None}
    taught = {} if options.teacher is None else {"teacher_weight": TEACHER_WEIGHT}
    if resume is None:
        return TrainingConfig.from_preset(options.preset or "stream", **taught | given)
    if fixed := given.keys() & NETWORK_SETTINGS:
        name = min(fixed)
        raise ValueError(f"`{name}` cannot be changed with --resume, got {given[name]}. Leave it out.")
    if options.epochs is None:
        if given or options.preset:
            raise ValueError("To finish a run with --resume, leave out --preset and its settings; or give --epochs.")
        return None
    if options.preset:
        return TrainingConfig.from_preset(options.preset, **taught | given)
    metadata = read_metadata(resume)
    return resume_config(metadata.config, metadata.epoch, **taught | given)


def _tell_what_is_left(corpus: Corpus, plan: Plan) -> None:
    """Says which characters of the text a model that goes on cannot learn, if there are any."""
    if not corpus.chars <= set(plan.vocab.chars):
        tell_changes("text", plan.vocab.normalize(corpus.text))
        left = len(plan.ids) + len(plan.held_ids)
        tell(f"{left:,} of its {len(corpus.text):,} characters are left.")


def _parse_epochs(value: str) -> frozenset[Fraction]:
    try:
        return frozenset(_parse_epoch(part) for part in value.split(",") if part.strip())
    except (ValueError, ZeroDivisionError):
        raise ValueError(
            f"`snapshot-epochs` must be whole numbers, or fractions below 1 such as 1/64, with commas between, got "
            f"{value!r}. Try {SNAPSHOT_EPOCHS}."
        ) from None


def _parse_epoch(value: str) -> Fraction:
    epoch = Fraction(value)
    if epoch < 0 or (epoch.denominator > 1 and epoch > 1) or epoch.denominator > MAX_DENOMINATOR:
        raise ValueError
    return epoch


def _check_out(path: Path) -> None:
    """Before an hour of training, not after it."""
    if path.suffix != ".keras":
        raise ValueError(f"`out` must end in .keras, got {str(path)!r}. Try {str(path.with_suffix('.keras'))!r}.")
    existing = next(folder for folder in path.absolute().parents if os.path.exists(folder))  # takes names of any length
    too_long = any(len(os.fsencode(part)) > MAX_NAME for part in path.parts)
    if too_long or os.path.isdir(path) or not existing.is_dir() or not os.access(existing, os.W_OK):
        raise ValueError(f"`out` must be a file that can be written, got {str(path)!r}. Choose another place.")


@contextmanager
def _stop_on_signal() -> Iterator[threading.Event]:
    """An event that is set by the first Ctrl-C (or SIGTERM), to stop between two steps; the second one interrupts."""
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _standard_error_kept_back() -> Iterator[None]:
    """TensorFlow greets at length from below Python; this keeps it to ourselves unless loading fails."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    standard_error = os.dup(2)
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except BaseException:
            kept.seek(0)
            os.write(standard_error, kept.read())
            raise
        finally:
            os.dup2(standard_error, 2)
            os.close(standard_error)


class _Report:
    """Writes files, the progress bar, and what goes to standard output."""

    def __init__(self, options: argparse.Namespace, corpus: Corpus, snapshot_epochs: frozenset[Fraction]) -> None:
        self._options, self._corpus, self._snapshot_epochs = options, corpus, snapshot_epochs
        self._last_epoch = 0
        self._saved: SavedEpoch | None = None
        self.done = False

    def save(self, saved: SavedEpoch, state: dict[str, bytes]) -> None:
        """Writes the epoch with its state, and without if it is one to keep; an untrained model replaces no file."""
        options, epoch, file = self._options, saved.metadata.epoch, saved.read_bytes()
        if epoch >= 1:
            self._write(add_members(file, state), options.out)
            self._saved = saved
        if options.snapshots and (Fraction(saved.label) in self._snapshot_epochs or epoch == self._last_epoch):
            self._write(file, options.snapshots / epoch_file_name(saved.metadata))

    def hear(self, event: dict[str, Any]) -> None:
        """Shows one event."""
        show: dict[str, Callable[[dict[str, Any]], None]] = {
            "waiting": lambda event: tell(f"Waiting for a worker, place {event['place']}."),
            "starting": self._show_start,
            "step": self._show_step,
            "epoch": self._show_epoch,
            "rolled_back": lambda event: tell(event["message"]),
            "cancelled": self._show_end,
            "done": self._show_end,
        }
        if shown := show.get(event["event"]):
            shown(event)

    def _write(self, content: bytes, path: Path) -> None:
        try:
            write_file(content, path)
        except OSError as error:
            raise TrainingError(
                "{path!r} cannot be written: {reason}. Training stopped.", path=str(path), reason=error.strerror
            ) from error

    def _show_start(self, event: dict[str, Any]) -> None:
        self._last_epoch = event["epochs"]
        tell(f"{event['characters']:,} characters to train on, {event['held_out_characters']:,} held out.")

    def _show_step(self, event: dict[str, Any]) -> None:
        if not sys.stderr.isatty():
            return
        filled = BAR_CELLS * event["step"] // event["steps"]
        minutes, seconds = divmod(round(event["seconds_left"]), 60)
        line = (
            f"epoch {event['epoch']}/{event['epochs']} {'█' * filled}{'░' * (BAR_CELLS - filled)} "
            f"{event['train_loss']:.3f} nats, {event['characters_per_second']:,} characters/s, "
            f"{minutes}:{seconds:02d} left"
        )
        print(f"\r{line}\x1b[K", end="", file=sys.stderr, flush=True)

    def _show_epoch(self, event: dict[str, Any]) -> None:
        tell(
            f"epoch {event['epoch']}/{event['epochs']}: training {event['train_loss']:.4f} nats, "
            f"{_held_out(event['val_loss'])}; {event['seconds']:.1f} s"
        )
        if self._options.json:
            print(json.dumps(_line(event)), flush=True)
        if self._options.samples:
            self._write_samples(event["epoch"])

    def _write_samples(self, epoch: int) -> None:
        model = read_model(self._options.out)
        rng_seed = model.metadata.config["rng_seed"]
        rng = np.random.default_rng([rng_seed, epoch])
        first = int(rng.integers(max(1, len(self._corpus.text) - SAMPLE_SEED_LENGTH)))
        seed_text = self._corpus.text[first : first + SAMPLE_SEED_LENGTH]
        context = model.metadata.config["window"] if model.metadata.config["name"] == "notebook" else None
        stream = sys.stderr if self._options.json else sys.stdout
        print(f'--- Generating with seed: "{seed_text}"', file=stream)
        for temperature in SAMPLE_TEMPERATURES:
            rng = np.random.default_rng([rng_seed, epoch, 1])  # the same draws at each temperature
            steps = generate(model, seed_text, temperature, SAMPLE_LENGTH, rng, context=context)
            text = "".join(step.char for step in steps)
            print(f"------ temperature: {temperature}\n{seed_text}{text}", file=stream, flush=True)

    def _show_end(self, event: dict[str, Any]) -> None:
        self.done = event["event"] == "done"
        if self._saved is None:
            tell(f"Stopped before an epoch was finished; {self._options.out} is as it was.")
            return
        out, metadata = self._options.out, self._saved.metadata
        go_on = "" if self.done else f" Go on with --resume {out}."
        said = f"{out} is epoch {metadata.epoch}, {_held_out(metadata.val_loss)}.{go_on}"
        tell(f"{'Done' if self.done else 'Stopped'}: {said}")


class _DownloadLine:
    """Tells of a download once, when it begins."""

    def __init__(self) -> None:
        self._told = False

    def __call__(self, done: int, total: int) -> None:
        if not self._told:
            tell(f"Downloading the text, {total:,} bytes …" if total else "Downloading the text …")
        self._told = True


def _line(event: dict[str, Any]) -> dict[str, Any]:
    """What `--json` prints of an epoch; losses stand under their older names too, in nats per character."""
    line = {key: event[key] for key in ("epoch", "train_loss", "val_loss", "seconds")}
    return line | {"train_nats": line["train_loss"], "val_nats": line["val_loss"]}


def _held_out(val_loss: float | None) -> str:
    return "nothing held out" if val_loss is None else f"held out {val_loss:.4f} nats = {bits(val_loss):.3f} bits"
