"""`charlstm generate`: writes text."""

import argparse
import sys

import numpy as np

from charlstm.cli.model_options import add_model_options, chosen_model
from charlstm.text.vocab import NormalizedText, show_chars
from charlstm.writing.generation import generate

HELP = "write text; only what is new goes to standard output"


def add_options(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add_model_options(command)
    add("--seed-text", default="", metavar="T", help="what the text goes on from; default: nothing")
    add("--temperature", type=float, default=0.5, metavar="X", help="0 for greedy text; default: %(default)s")
    add("--length", type=int, default=400, metavar="N", help="characters to write; default: %(default)s")
    add("--rng-seed", type=int, metavar="S", help="the same number gives the same text; default: a random one")
    add("--top-k", type=int, metavar="K", help="draw from the K likeliest characters only")
    add("--top-p", type=float, metavar="P", help="draw from the fewest characters whose probabilities reach P")
    add("--min-p", type=float, metavar="P", help="draw from those with P times the likeliest one's probability or more")
    add("--context", type=int, metavar="N", help="see only the last N characters, as the notebook with its 60")


def run(options: argparse.Namespace) -> None:
    """Writes each character to standard output as soon as it is drawn."""
    rng_seed = options.rng_seed
    if rng_seed is None:
        rng_seed = int(np.random.default_rng().integers(2**31))
    if rng_seed < 0:
        raise ValueError(f"`rng-seed` must be >= 0, got {rng_seed}. Leave it out for a random one.")
    model = chosen_model(options, options.model)
    draws = generate(
        model,
        options.seed_text,
        options.temperature,
        options.length,
        np.random.default_rng(rng_seed),
        options.top_k,
        options.top_p,
        options.context,
        options.min_p,
    )
    tell_changes("seed text", model.vocab.normalize(options.seed_text))
    if options.rng_seed is None:
        tell(f"random seed: {rng_seed} (--rng-seed {rng_seed} gives this text again)")
    for draw in draws:
        sys.stdout.write(draw.char)
        sys.stdout.flush()
    if sys.stdout.isatty():  # the prompt starts on a line of its own; a file gets the text alone
        print()


def tell_changes(what: str, normalized: NormalizedText) -> None:
    """Says on standard error which characters a model had to do without."""
    changes = []
    if normalized.lowered:
        changes.append(f"lower-cased {show_chars(normalized.lowered)}")
    if normalized.skipped:
        changes.append(f"skipped {show_chars(normalized.skipped)}")
    if changes:
        tell(f"{what}: {'; '.join(changes)} (not among the model's characters)")


def tell(message: str) -> None:
    """A line on standard error, in place of the progress bar if there is one."""
    print(f"\r\x1b[K{message}" if sys.stderr.isatty() else message, file=sys.stderr, flush=True)
