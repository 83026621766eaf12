"""Beginnings to write from: a random place of a corpus, or openings written for this project."""

import contextlib
import random
from collections.abc import Set

from charlstm.errors import CorpusError
from charlstm.text.corpus import is_on_this_machine, load_corpus

SEED_CHARACTERS = 60  # the notebook's

DEFAULT_SEED = "the lecture began with a question that nobody had expected: "

OPENINGS = (
    DEFAULT_SEED,
    "there is a kind of courage which consists in ",
    "what we call truth is perhaps only ",
    "in every age the philosophers have believed that ",
    "the more a man knows of himself, the less ",
    "he who would teach must first of all ",
    "suppose that a machine could read; it would ",
    "of all the virtues, patience is the one that ",
    "it is not the strength of a feeling but its duration that ",
    "whoever has looked long at the sea will ",
    "a people is known by the questions which it ",
    "the conscience of a spirit that ",
    "秋風吹舊葉，",
    "一夜江南雨，",
    "古寺鐘聲遠，",
    "山深人不語，",
)


def random_seed_text(rng: random.Random, corpus_text: str | None, chars: Set[str]) -> str:
    """A place of `corpus_text` as the notebook takes it, 60 characters long; one of `OPENINGS` without a corpus.

    Args:
        rng: Chooses.
        corpus_text: What the model was trained on, where it is at hand.
        chars: Of the model's vocabulary; an opening is one of those of which it reads most.
    """
    if not corpus_text or len(corpus_text) <= SEED_CHARACTERS:
        shares = [sum(char in chars for char in opening) / len(opening) for opening in OPENINGS]
        return rng.choice([opening for opening, share in zip(OPENINGS, shares, strict=True) if share == max(shares)])
    start = rng.randrange(len(corpus_text) - SEED_CHARACTERS)
    return corpus_text[start : start + SEED_CHARACTERS]


def local_corpus_text(name: str) -> str | None:
    """The text of a corpus if it is here, whole and needs no download, else None."""
    with contextlib.suppress(CorpusError):
        return load_corpus(name).text if is_on_this_machine(name) else None
    return None
