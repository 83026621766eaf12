"""The command line: `python -m charlstm …`. Text goes to standard output, messages to standard error.

Bad input ends with exit code 2 and one sentence that names the rule, the value and the remedy.
"""

import argparse
import json
import os
import sys

import numpy as np

from charlstm.cli.benchmark import add_benchmark_command
from charlstm.cli.train import add_train_command
from charlstm.errors import CharLSTMError
from charlstm.network.metrics import evaluate
from charlstm.network.model_file import best_snapshot, list_models, load_model
from charlstm.text.corpus import CORPORA, load_corpus
from charlstm.text.vocab import NormalizedText, show_chars
from charlstm.writing.generation import generate

BAD_INPUT, INTERRUPTED, PIPE_CLOSED = 2, 130, 141  # the last two as a shell says them: 128 and the signal's number


class OneLineParser(argparse.ArgumentParser):
    """An `ArgumentParser` whose complaints are one line."""

    def error(self, message: str):
        if "expected one argument" in message:
            message += ". A value that starts with a dash is written --name=VALUE"
        self.exit(BAD_INPUT, f"{self.prog}: {one_line(message)}. See --help.\n")


def main(arguments: list[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: As on the command line, without the program's name; None takes them from there.

    Returns:
        The exit code.
    """
    try:
        options = _parser().parse_args(arguments)
        code = options.run(options)
        sys.stdout.flush()
        return code or 0
    except (CharLSTMError, ValueError) as error:
        print(f"charlstm: {one_line(error)}", file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:  # such as `… | head`; the interpreter would complain once more at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except KeyboardInterrupt:
        return INTERRUPTED


def one_line(message: object) -> str:
    """A message without its line breaks, cut short where it repeats a very long value."""
    line = " ".join(str(message).split())
    return line if len(line) <= 600 else f"{line[:300]} … {line[-200:]}"


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(prog="charlstm", description="A character-level LSTM that writes text.")
    subparsers = parser.add_subparsers(required=True, metavar="command")
    _add_generate(subparsers)
    _add_evaluate(subparsers)
    _add_models(subparsers)
    add_train_command(subparsers)
    add_benchmark_command(subparsers)
    return parser


def _add_generate(subparsers) -> None:
    command = subparsers.add_parser("generate", help="write text; only what is new goes to standard output")
    command.set_defaults(run=run_generate)
    add = command.add_argument
    add("--model", default="nietzsche", metavar="NAME|FILE", help="default: %(default)s")
    add("--seed-text", default="", metavar="T", help="what the text goes on from; default: nothing")
    add("--temperature", type=float, default=0.5, metavar="X", help="0 for greedy text; default: %(default)s")
    add("--length", type=int, default=400, metavar="N", help="characters to write; default: %(default)s")
    add("--rng-seed", type=int, metavar="S", help="the same number gives the same text; default: a random one")
    add("--top-k", type=int, metavar="K", help="draw from the K likeliest characters only")
    add("--top-p", type=float, metavar="P", help="draw from the fewest characters whose probabilities reach P")
    add("--context", type=int, metavar="N", help="see only the last N characters, as the notebook with its 60")


def run_generate(options: argparse.Namespace) -> None:
    """Writes each character to standard output as soon as it is drawn."""
    rng_seed = options.rng_seed
    if rng_seed is None:
        rng_seed = int(np.random.default_rng().integers(2**31))
    if rng_seed < 0:
        raise ValueError(f"`rng-seed` must be >= 0, got {rng_seed}. Leave it out for a random one.")
    model = load_model(options.model)
    steps = generate(
        model,
        options.seed_text,
        options.temperature,
        options.length,
        np.random.default_rng(rng_seed),
        options.top_k,
        options.top_p,
        options.context,
    )
    _tell_changes("seed text", model.vocab.normalize(options.seed_text))
    if options.rng_seed is None:
        print(f"random seed: {rng_seed} (--rng-seed {rng_seed} gives this text again)", file=sys.stderr)
    for step in steps:
        sys.stdout.write(step.char)
        sys.stdout.flush()
    if sys.stdout.isatty():  # the prompt starts on a line of its own; a file gets the text alone
        print()


def _tell_changes(what: str, normalized: NormalizedText) -> None:
    changes = []
    if normalized.lowered:
        changes.append(f"lower-cased {show_chars(normalized.lowered)}")
    if normalized.skipped:
        changes.append(f"skipped {show_chars(normalized.skipped)}")
    if changes:
        print(f"{what}: {'; '.join(changes)} (not among the model's characters)", file=sys.stderr)


def _add_evaluate(subparsers) -> None:
    command = subparsers.add_parser("evaluate", help="how well a model predicts a text")
    command.set_defaults(run=run_evaluate)
    add = command.add_argument
    add("--model", default="nietzsche", metavar="NAME|FILE", help="default: %(default)s")
    add("--text", required=True, metavar="FILE", help=f"UTF-8 text; or {', '.join(CORPORA)}")
    add("--holdout", type=float, metavar="H", help="only the last H of the text, such as 0.1")
    add("--json", action="store_true", help="one object instead of a sentence")


def run_evaluate(options: argparse.Namespace) -> None:
    """Scores a text, lower-cased first where the model was trained on lower-cased text."""
    if options.holdout is not None and not 0 < options.holdout < 1:
        raise ValueError(f"`holdout` must be above 0 and below 1, got {options.holdout}. Use 0.1 for the last tenth.")
    model = load_model(options.model)
    corpus = load_corpus(options.text, lowercase=model.metadata.lowercase)
    text = corpus.text if options.holdout is None else corpus.split(options.holdout)[1]
    normalized = model.vocab.normalize(text)
    _tell_changes("text", normalized)
    score = evaluate(model, normalized.text)
    if options.json:
        print(json.dumps(score))
    else:
        print(
            f"{score['characters']:,} characters: {score['nats_per_character']:.4f} nats = "
            f"{score['bits_per_character']:.4f} bits a character, perplexity {score['perplexity']:.3f}"
        )


def _add_models(subparsers) -> None:
    command = subparsers.add_parser("models", help="the models on this machine")
    command.set_defaults(run=run_models)
    command.add_argument("--json", action="store_true", help="one list instead of a table")


def run_models(options: argparse.Namespace) -> None:
    """Lists the models; corpus, units and held-out loss are those of each one's best snapshot."""
    models = [_describe(name, snapshots) for name, snapshots in list_models().items()]
    if options.json:
        print(json.dumps(models, ensure_ascii=False))
        return
    if not models:
        print("no models here; train one with: python -m charlstm train --out FILE.keras", file=sys.stderr)
    for model in models:
        bits = model["val_bits_per_character"]
        print(
            f"{model['name']}: {' + '.join(map(str, model['units']))} units, trained on {model['corpus'] or '?'}, "
            f"{'nothing held out' if bits is None else f'{bits:.3f} bits a held-out character'} "
            f"at epoch {model['best_epoch']}; snapshots of epochs {', '.join(map(str, model['epochs']))}"
        )


def _describe(name: str, snapshots: list) -> dict:
    best = best_snapshot(snapshots)
    model = load_model(best.path)
    return {
        "name": name,
        "epochs": [snapshot.epoch for snapshot in snapshots],
        "best_epoch": best.epoch,
        "units": list(model.network.units),
        "corpus": model.metadata.corpus,
        "val_bits_per_character": model.metadata.val_bits_per_character,
    }


if __name__ == "__main__":
    sys.exit(main())
