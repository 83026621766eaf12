"""A character-level LSTM that can be watched while it writes: the library behind the page and the command line."""

from charlstm.checkpoint import Model, list_models, load_model
from charlstm.corpus import load_corpus
from charlstm.generation import Step, Writer, generate
from charlstm.sampling import Sampler
from charlstm.vocab import Vocab

__version__ = "1.0.0"
__all__ = ["Model", "Sampler", "Step", "Vocab", "Writer", "generate", "list_models", "load_corpus", "load_model"]
