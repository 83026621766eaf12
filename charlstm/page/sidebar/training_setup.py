"""What to train: on which text, which network, how fast. Makes the job that the worker gets."""

from typing import Any

import streamlit as st

from charlstm.errors import CharLSTMError
from charlstm.network.registry import list_models
from charlstm.page.locale import N_, say, say_error
from charlstm.page.parts.language import in_words
from charlstm.page.parts.signs import in_markdown
from charlstm.page.session_models import free_name
from charlstm.page.sidebar import own_text
from charlstm.page.sidebar.model_choice import current_epoch, model_of, own_models
from charlstm.page.state import session, settings
from charlstm.text.corpus import CORPORA, Corpus, Progress, is_on_this_machine, load_corpus, tang_poems_missing
from charlstm.training.config import TrainingConfig, resume_config
from charlstm.training.estimate import epoch_seconds
from charlstm.training.worker import TrainingJob

TEXTS = {
    "same": N_("its own text, further"),
    "nietzsche": N_("Nietzsche, a new model"),
    "python-docs": N_("Python manual, a new model"),
    "tang-poems": N_("Tang poems, a new model"),
    "own": N_("my own text, a new model"),
}
NO_TEXT_YET = N_("Give a text first.")
UNITS = (32, 64, 128, 192, 256, 384, 512)


def choose_text() -> None:
    """Draws the choice of text and, for a new model, of its network."""
    if session().train_further:
        st.session_state.corpus = "same"
        session().train_further = False
    help = say("The text of the model on the page trains that model on; another text makes a new model from scratch.")
    st.selectbox(say("Train on"), **in_words("corpus", TEXTS), help=help)
    if settings().corpus == "own":
        own_text.draw()
    corpus = _known_text()
    _offer_to_continue(corpus)
    if not _trains_on(corpus):
        help = say("Numbers that each LSTM layer remembers; twice as many take up to four times as long.")
        st.select_slider(say("Units"), UNITS, 128, key="units", help=help)
        st.number_input(say("Layers"), 1, 3, 1, key="layers", help=say("LSTM layers, one above the other."))
    _advanced()
    if corpus is not None:
        _show_estimate(corpus)


def _known_text() -> Corpus | None:
    """The chosen text where that needs no download; says what is wrong with it, or missing."""
    try:
        corpus = _corpus(download=False)
    except CharLSTMError as error:
        st.error(in_markdown(say_error(error)))
        return None
    if corpus is None and settings().corpus == "own" and session().training.reading is None:
        st.caption(say(NO_TEXT_YET))
    if corpus is None and _machine_name() == "tang-poems":
        st.caption(in_markdown(say_error(tang_poems_missing())))
    return corpus


def _can_continue(corpus: Corpus | None) -> bool:
    """Whether the model on the page knows all characters of the session's own text."""
    if corpus is None or settings().corpus != "own":
        return False
    return corpus.chars <= set(model_of(current_epoch()).vocab.chars)


def _offer_to_continue(corpus: Corpus | None) -> None:
    help = say("Trains the model on the page on with this text, whose characters it all knows; off begins a new model.")
    if _can_continue(corpus):
        st.toggle(say("Continue the model on the page"), key="continue_model", help=help)


def _trains_on(corpus: Corpus | None) -> bool:
    """Whether the model on the page is trained further, or else a new one."""
    return settings().corpus == "same" or (settings().continue_model and _can_continue(corpus))


def _advanced() -> None:
    with st.expander(say("Advanced")):
        safe = say("safe")
        help = say("The highest one of the run; empty takes a safe one for the model at hand.")
        rate = say("Learning rate")
        st.number_input(rate, 1e-6, 10.0, None, 0.001, "%.6f", key="learning_rate", help=help, placeholder=safe)
        help = say("How many places of the text are learnt from at once; empty takes 32.")
        st.number_input(say("Batch size"), 1, 512, None, key="batch_size", help=help, placeholder=safe)


def _show_estimate(corpus: Corpus) -> None:
    """How long an epoch takes."""
    characters, distinct = len(corpus.text), len(corpus.chars)
    seconds = epoch_seconds(characters, _units(corpus), distinct)
    estimate = N_("{characters:,} characters, {distinct} different ones: about {duration} an epoch on this machine.")
    st.caption(say(estimate, characters=characters, distinct=distinct, duration=duration(seconds)))


def _units(corpus: Corpus) -> tuple[int, ...]:
    if _trains_on(corpus):
        return model_of(current_epoch()).network.units
    return (settings().units,) * settings().layers


def duration(seconds: float) -> str:
    """A time as one says it."""
    return say("{value:.0f} s", value=seconds) if seconds < 90 else say("{value:.0f} min", value=seconds / 60)


def _corpus(download: bool) -> Corpus | None:
    """The chosen text, None where there is none yet; or where it would have to be downloaded and may not.

    Raises:
        CorpusError: It cannot be used.
    """
    choice = settings().corpus
    if choice == "own":
        return own_text.given_text()
    own = own_models().get(settings().model)
    if choice == "same" and own is not None and own.corpus is not None:
        return own.corpus
    name = _machine_name()
    if name is None:
        return None
    return _machine_text(name, current_epoch().metadata.lowercase if choice == "same" else CORPORA[name], download)


def _machine_name() -> str | None:
    """Which of `CORPORA` is chosen, by name or as the text of the model on the page; None where it is another text."""
    choice = settings().corpus
    name = current_epoch().metadata.corpus if choice == "same" else choice
    return name if name in CORPORA else None


def _machine_text(name: str, lowercase: bool, download: bool) -> Corpus | None:
    try:
        return _shared_text(name, lowercase)
    except LookupError:
        if not download:
            return None
    load_corpus(name, lowercase, _download_bar())
    return _shared_text(name, lowercase)


@st.cache_resource(max_entries=4, show_spinner=False)
def _shared_text(name: str, lowercase: bool) -> Corpus:
    """A text of this machine, looked for and read once for all sessions; one that is not there is looked for again."""
    if not is_on_this_machine(name):
        raise LookupError(name)
    return load_corpus(name, lowercase)


def _download_bar() -> Progress:
    place = st.empty()

    def progress(received: int, total: int) -> None:
        text = say("Downloading the text: {kilobytes:,} kB", kilobytes=received // 1000)
        place.progress(received / total if total else 0.0, text)

    return progress


def make_job() -> TrainingJob | None:
    """What the page asks for; says what is missing where something is, and what is wrong."""
    try:
        corpus = _corpus(download=True)
        if corpus is not None:
            start_model = current_epoch().read_bytes() if _trains_on(corpus) else None
            return TrainingJob(corpus, settings().train_epochs, _config(corpus), start_model=start_model)
    except (CharLSTMError, ValueError) as error:
        st.error(in_markdown(say_error(error)))
        return None
    unknown = N_(
        "The text this model was trained on, {name}, is not known here. Choose Train on: my own text, give a text in "
        "its characters, and switch on: Continue the model on the page."
    )
    name = in_markdown(current_epoch().metadata.corpus or "?")
    st.error(say(unknown, name=name) if settings().corpus == "same" else say(NO_TEXT_YET))
    return None


def _config(corpus: Corpus) -> TrainingConfig | None:
    """None for what is safe, else that with the settings under Advanced.

    Raises:
        ValueError: They cannot be used, or those of the model cannot.
    """
    now = settings()
    asked = {"learning_rate": now.learning_rate, "batch_size": now.batch_size}
    chosen: dict[str, Any] = {key: value for key, value in asked.items() if value is not None}
    if not _trains_on(corpus):
        return TrainingConfig.from_preset(units=now.units, layers=now.layers, **chosen)
    metadata = current_epoch().metadata
    return resume_config(metadata.config, metadata.epoch, **chosen) if chosen else None


def name_for(job: TrainingJob) -> str:
    """The model's name on the page: the same one where it is trained on with its own text, else one after the text."""
    known = current_epoch().metadata.corpus_sha256  # empty in a file made elsewhere
    same_text = known == job.corpus.sha256 or (not known and settings().corpus == "same")
    if job.start_model is not None and same_text:
        return settings().model
    return free_name(f"my {job.corpus.name}", lambda name: name in own_models() or name in list_models())
