"""Calls of the package's own functions with values of the wrong type, range or size."""

import itertools
import random
from pathlib import Path

import numpy as np

import charlstm
from benchmarks.bad_inputs.trial import Kind
from charlstm.reading.text_score import evaluate
from charlstm.text.corpus import Corpus
from charlstm.text.vocab import Vocab
from charlstm.training.config import TrainingConfig
from charlstm.training.plan import make_plan
from charlstm.writing.sampling import Sampler
from tests.support.model_files import archive, read

NUMBERS = (
    0,
    1,
    -1,
    2.5,
    float("nan"),
    float("inf"),
    -float("inf"),
    10**400,
    1e-320,
    np.float32(0.5),
    np.int64(3),
    True,
)
OTHERS = (None, "", "a", "fed a cafe", "é", "\ud800", "a\0b", "x" * 30_000, b"fed", [], [1], {}, object, 1j)
NAMES = (
    "",
    "nietzsche",
    "none",
    "a\0b",
    "n" * 300,
    "../x.keras",
    Path("/"),
    Path("none.keras"),
    "/dev/zero",
    "/dev/null",
    "/",
)


class Calls(Kind):
    """A wrong value is refused with a sentence, or by Python itself where its type is wrong."""

    name = "calls"
    cases = 10_000

    def __enter__(self) -> "Calls":
        super().__enter__()
        self._model = read(archive())
        return self

    def make(self, rng: random.Random) -> tuple[str, list]:
        call = rng.choice(
            ("generate", "load_model", "load_corpus", "Sampler", "Vocab", "evaluate", "split", "config", "plan")
        )
        pool = NAMES if call in ("load_model", "load_corpus") else rng.choice((NUMBERS, NUMBERS, OTHERS))
        return call, [rng.choice(pool if rng.random() < 0.8 else NUMBERS + OTHERS) for _ in range(6)]

    def give(self, case: tuple[str, list]) -> None:
        call, values = case
        try:
            getattr(self, f"_{call.lower()}")(*values)
        except (TypeError, AttributeError) as error:
            raise ValueError(str(error)) from error

    def _generate(self, seed_text, temperature, length, top_k, top_p, context) -> None:
        rng = np.random.default_rng(0)
        settings = {"top_k": top_k, "top_p": top_p, "context": context}
        draws = charlstm.generate(self._model, seed_text, temperature, length, rng, **settings)
        for _ in itertools.islice(draws, 20):
            pass

    def _load_model(self, name, *_) -> None:
        charlstm.load_model(name)

    def _load_corpus(self, name, lowercase, *_) -> None:
        charlstm.load_corpus(name, lowercase, tell=len)

    def _sampler(self, temperature, top_k, top_p, *_) -> None:
        sampler = Sampler(temperature, top_k, top_p)
        sampler.probabilities(np.zeros(8))

    def _vocab(self, chars, text, *_) -> None:
        vocab = Vocab(chars)
        vocab.encode(vocab.normalize(text).text)

    def _evaluate(self, text, *_) -> None:
        evaluate(self._model, text)

    def _split(self, text, holdout, *_) -> None:
        Corpus("text", text).split(holdout)

    def _config(self, window, batch_size, learning_rate, clip_norm, units, layers) -> None:
        TrainingConfig.from_preset(
            "stream",
            window=window,
            batch_size=batch_size,
            learning_rate=learning_rate,
            clip_norm=clip_norm,
            units=units,
            layers=layers,
        )

    def _plan(self, epochs, holdout, *_) -> None:
        make_plan(Corpus("text", "fed a bad cafe " * 40), epochs=epochs, holdout=holdout)
