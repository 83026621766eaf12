"""Beginnings to write from: a random place of a corpus, or openings written for this project."""

import random

from charlstm.corpus import local_nietzsche, python_docs

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
)


def another_seed(rng: random.Random | None = None, corpus_text: str | None = None) -> str:
    """A place of `corpus_text` as the notebook takes it, 60 characters long; one of `OPENINGS` without a corpus."""
    rng = rng or random.Random()
    if not corpus_text or len(corpus_text) <= SEED_CHARACTERS:
        return rng.choice(OPENINGS)
    start = rng.randrange(len(corpus_text) - SEED_CHARACTERS)
    return corpus_text[start : start + SEED_CHARACTERS]


def corpus_on_this_machine(name: str) -> str | None:
    """The text of a corpus if it needs no download, else None."""
    if name == "nietzsche":
        path = local_nietzsche()
        return path.read_text("utf-8").lower() if path else None
    if name == "python-docs":
        return python_docs()
    return None
