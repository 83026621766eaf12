"""A character-level LSTM that can be watched while it writes: the library behind the page and the command line."""

from charlstm.network.model_file import Model
from charlstm.network.registry import list_models, load_model
from charlstm.text.corpus import load_corpus
from charlstm.text.vocab import Vocab
from charlstm.writing.generation import Draw, Step, Writer, generate
from charlstm.writing.sampling import Sampler

__version__ = "1.0.0"
__all__ = [
    "Draw",
    "Model",
    "Sampler",
    "Step",
    "Vocab",
    "Writer",
    "generate",
    "list_models",
    "load_corpus",
    "load_model",
]
