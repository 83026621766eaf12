"""A character-level LSTM that can be watched while it writes: the library behind the page and the command line."""

import os
import sys

if "numpy" not in sys.modules:  # NumPy's OpenBLAS reads this once, when it is loaded
    # One core is as fast for products this small, and 10 times faster where something else runs on the other cores.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from charlstm.network.model_file import Model, list_models, load_model  # noqa: E402
from charlstm.text.corpus import load_corpus  # noqa: E402
from charlstm.text.vocab import Vocab  # noqa: E402
from charlstm.writing.generation import Step, Writer, generate  # noqa: E402
from charlstm.writing.sampling import Sampler  # noqa: E402

__version__ = "1.0.0"
__all__ = ["Model", "Sampler", "Step", "Vocab", "Writer", "generate", "list_models", "load_corpus", "load_model"]
