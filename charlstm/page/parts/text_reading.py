"""A text that someone gives, while it is read: 20 MB take a while that would hold up the session."""

import logging
import threading
from dataclasses import dataclass, field

from charlstm.errors import CharLSTMError, CorpusError, message_of
from charlstm.text.corpus import Corpus, check_size, own_corpus
from charlstm.text.encodings import DecodedText, decode


@dataclass
class Reading:
    """A text that is read, or was.

    Attributes:
        key: Of what it was made.
        share: How much is read.
        decoded: Once it is; there also where it cannot be trained on.
        corpus: Fit to be trained on.
        error: Why it is not.
        done: Whether the rest is final.
    """

    key: tuple[str, int, bool, str]
    share: float = 0.0
    decoded: DecodedText | None = None
    corpus: Corpus | None = None
    error: CharLSTMError | None = None
    done: threading.Event = field(default_factory=threading.Event)

    def read(self, content: bytes) -> None:
        """Runs in a thread."""
        name, _, lowercase, encoding = self.key
        try:
            check_size(len(content))
            self.decoded = decode(content, encoding or None, self._hear)
            self.corpus = own_corpus(name, self.decoded.text, lowercase)
        except CharLSTMError as error:
            self.error = error
        except Exception as error:  # a thread that died silently would leave a page without a word
            logging.getLogger(__name__).exception("A text cannot be read")
            reason = message_of(error) or type(error).__name__
            self.error = CorpusError("{name} cannot be read: {reason}. Try a part of it.", name=name, reason=reason)
        finally:
            self.done.set()

    def _hear(self, share: float) -> None:
        self.share = share
