"""`charlstm evaluate`: how well a model predicts a text."""

import argparse
import json

from charlstm.cli.generate import tell, tell_changes
from charlstm.cli.model_options import add_model_options, chosen_model
from charlstm.reading.text_score import evaluate
from charlstm.text.corpus import CORPORA, load_corpus

HELP = "how well a model predicts a text"


def add_options(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add_model_options(command)
    add("--text", required=True, metavar="FILE", help=f"a text file; or {', '.join(CORPORA)}")
    add("--encoding", metavar="NAME", help="of the text file, such as cp1252; default: found out")
    add("--holdout", type=float, metavar="H", help="only the last H of the text, such as 0.1")
    add("--json", action="store_true", help="one object instead of a sentence")


def run(options: argparse.Namespace) -> None:
    """Scores a text, lower-cased first where the model was trained on lower-cased text."""
    if options.holdout is not None and not 0 < options.holdout < 1:
        raise ValueError(f"`holdout` must be above 0 and below 1, got {options.holdout}. Use 0.1 for the last tenth.")
    model = chosen_model(options, options.model)
    corpus = load_corpus(options.text, lowercase=model.metadata.lowercase, encoding=options.encoding, tell=tell)
    text = corpus.text if options.holdout is None else corpus.split(options.holdout)[1]
    normalized = model.vocab.normalize(text)
    tell_changes("text", normalized)
    score = evaluate(model, normalized.text)
    if options.json:
        print(json.dumps(score))
    else:
        print(
            f"{score['characters']:,} characters: {score['nats_per_character']:.4f} nats = "
            f"{score['bits_per_character']:.4f} bits per character, perplexity {score['perplexity']:.3f}"
        )
