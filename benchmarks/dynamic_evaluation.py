"""What a model makes of held-out text when it goes on learning while it reads it, as zpaq does.

    python -m benchmarks.dynamic_evaluation MODEL TEXT LEARNING_RATE

`TEXT` is a corpus or a file, whose last tenth is read. Each window of it is predicted first, then learnt from, once, in
order (Krause et al. 2018, "Dynamic evaluation of neural sequence models", here with Adam). Prints bits per character,
which do not compare with those of frozen weights. The model file stays as it is.
"""

import sys

import numpy as np

from charlstm import load_corpus, load_model
from charlstm.network.lstm import keras_weights
from charlstm.network.metrics import bits
from charlstm.training.config import TrainingConfig
from charlstm.training.keras_model import KerasLearner

WINDOW = 20  # characters between two steps


def dynamic_bits(model, ids: np.ndarray, learning_rate: float) -> float:
    """Bits per character of ids (length,), all but the first, whole windows of them."""
    nothing_lost = dict.fromkeys(("dropout", "input_dropout", "recurrent_dropout", "weight_decay"), 0.0)
    config = TrainingConfig.from_preset(**model.metadata.config | nothing_lost)
    learner = KerasLearner(config, len(model.vocab), 1, WINDOW, keras_weights(model.network))
    starts = range(0, len(ids) - WINDOW, WINDOW)
    losses = [
        learner.learn(ids[None, start : start + WINDOW], ids[None, start + 1 : start + WINDOW + 1], learning_rate)
        for start in starts
    ]
    return bits(float(np.mean(losses)))


def main() -> None:
    name, text, learning_rate = sys.argv[1:]
    model = load_model(name)
    held_out = load_corpus(text, model.metadata.lowercase).split(0.1)[1]
    found = dynamic_bits(model, model.vocab.encode(model.vocab.normalize(held_out).text), float(learning_rate))
    print(f"{name}, learning on at {learning_rate}: {found:.3f} bits per character")


if __name__ == "__main__":
    main()
