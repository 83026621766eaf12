"""What to train: on which text, which network, how fast. Makes the job that the worker gets."""

import streamlit as st

from charlstm.checkpoint import list_models
from charlstm.corpus import Corpus, corpus_from_upload, load_corpus, local_nietzsche
from charlstm.errors import CharLSTMError
from charlstm.job_folder import TrainingJob
from charlstm.own_models import free_name
from charlstm.recipes import Recipe, resume_recipe
from charlstm.training_time import epoch_seconds
from charlstm.views.model_choice import current_version, own_models
from charlstm.views.words import say

TEXTS = ("same", "nietzsche", "python-docs", "own")
UNITS = (32, 64, 128, 192, 256, 384, 512)


def choose_text() -> None:
    """Draws the choice of text and, for a new model, of its network."""
    if st.session_state.pop("train_further", False):
        st.session_state.corpus = "same"  # a model that was just begun is trained further, not begun again
    st.selectbox(
        say("corpus"), TEXTS, format_func=lambda text: say(f"corpus_{text}"), key="corpus", help=say("corpus_help")
    )
    if st.session_state.corpus == "own":
        _own_text()
    if st.session_state.corpus != "same":
        st.select_slider(say("units"), UNITS, 128, key="units", help=say("units_help"))
        st.number_input(say("layers"), 1, 3, 1, key="layers", help=say("layers_help"))
    with st.expander(say("training_advanced")):
        empty = {"placeholder": say("safe")}
        help = say("learning_rate_help")
        st.number_input(
            say("learning_rate"), 1e-6, 10.0, None, 0.001, format="%.6f", key="learning_rate", help=help, **empty
        )
        st.number_input(say("batch_size"), 1, 512, None, key="batch_size", help=say("batch_size_help"), **empty)
    _show_estimate()


def _own_text() -> None:
    st.file_uploader(say("upload_corpus"), key="upload_corpus", help=say("upload_corpus_help"))
    st.text_area(say("paste_corpus"), key="paste_corpus", height=100)
    st.toggle(say("lowercase"), key="lowercase", help=say("lowercase_help"))


def _show_estimate() -> None:
    """How long an epoch takes, where that can be said without a download."""
    try:
        corpus = _corpus(download=False)
    except CharLSTMError as error:
        st.error(str(error))
        return
    if corpus is None:
        if st.session_state.corpus == "own":
            st.caption(say("no_corpus_yet"))
        return
    distinct = len(set(corpus.text))
    seconds = epoch_seconds(len(corpus.text), _units(), distinct)
    st.caption(say("estimate", characters=len(corpus.text), distinct=distinct, duration=duration(seconds)))


def _units() -> tuple[int, ...]:
    if st.session_state.corpus == "same":
        recipe = current_version().record.recipe
        return (recipe.get("units", 128),) * recipe.get("layers", 1)
    return (st.session_state.units,) * st.session_state.layers


def duration(seconds: float) -> str:
    """A time as one says it."""
    return say("seconds", value=seconds) if seconds < 90 else say("minutes", value=seconds / 60)


def _corpus(download: bool) -> Corpus | None:
    """The chosen text, None where there is none yet; or where it would have to be downloaded and may not.

    Raises:
        CorpusError: It cannot be used.
    """
    choice = st.session_state.corpus
    if choice == "own":
        return _uploaded()
    if choice == "same":
        own = own_models().get(st.session_state.model)
        if own is not None and own.corpus is not None:
            return own.corpus
        choice = current_version().record.corpus
        if choice not in ("nietzsche", "python-docs"):
            return None
    return _machine_corpus(choice, download)


def _uploaded() -> Corpus | None:
    upload, pasted = st.session_state.get("upload_corpus"), st.session_state.get("paste_corpus", "")
    if upload is not None:
        return corpus_from_upload(upload.name, upload.getvalue(), st.session_state.lowercase)
    if pasted:
        return corpus_from_upload("pasted text", pasted.encode(), st.session_state.lowercase)
    return None


def _machine_corpus(name: str, download: bool) -> Corpus | None:
    if name == "nietzsche" and not download and local_nietzsche() is None:
        return None
    place = st.empty()

    def progress(received: int, total: int) -> None:
        place.progress(received / total if total else 0.0, say("downloading", kilobytes=received // 1000))

    return load_corpus(name, progress=progress)


def make_job() -> TrainingJob | None:
    """What the page asks for; says what is missing where something is."""
    try:
        corpus = _corpus(download=True)
    except CharLSTMError as error:
        st.error(str(error))
        return None
    if corpus is None:
        same = st.session_state.corpus == "same"
        name = current_version().record.corpus or "?"
        st.error(say("no_corpus_here", name=name) if same else say("no_corpus_yet"))
        return None
    start_model = current_version().read_file() if st.session_state.corpus == "same" else None
    return TrainingJob(corpus, st.session_state.train_epochs, _recipe(), start_model=start_model)


def _recipe() -> Recipe | None:
    """None for what is safe, else that with the settings under Advanced."""
    state = st.session_state
    chosen = {"learning_rate": state.learning_rate, "batch_size": state.batch_size}
    chosen = {key: value for key, value in chosen.items() if value is not None}
    if state.corpus == "same":
        record = current_version().record
        safe = resume_recipe(record.recipe, record.epoch)
        return Recipe.of(**safe.settings() | chosen) if chosen else None
    return Recipe.of(units=state.units, layers=state.layers, **chosen)


def name_for(job: TrainingJob) -> str:
    """The model's name on the page: the same one where it is trained on, else a new one after the text."""
    if job.start_model is not None:
        return st.session_state.model
    return free_name(f"my {job.corpus.name}", lambda name: name in own_models() or name in list_models())
