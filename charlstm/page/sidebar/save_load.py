"""Model files out of the page and into it. An uploaded file is read as data; nothing in it is run."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from charlstm.errors import CorpusError, MissingVocabularyError, ModelFileError
from charlstm.network.model_file import Model
from charlstm.network.registry import list_models
from charlstm.page.locale import say, say_error
from charlstm.page.parts.signs import in_markdown
from charlstm.page.session_models import OwnModel, free_name, loaded_model, make_room, with_vocab
from charlstm.page.sidebar.model_choice import current_epoch, go_to, own_models
from charlstm.page.state import session, settings
from charlstm.text.corpus import Corpus, corpus_from_upload


def show() -> None:
    """Draws the fold in the sidebar."""
    with st.expander(say("Save and load")):
        name = f"{settings().model} {current_epoch().label}.keras".replace(" ", "-").replace("+", "own-")
        st.download_button(
            say("Download this model"),
            current_epoch().read_bytes,
            name,
            key="download_model",
            help=say("One .keras file, which plain Keras opens too."),
            icon=":material/download:",
            on_click="ignore",
        )
        help = say(
            "One saved here, or made elsewhere with Keras: Embedding or one-hot input, LSTM layers, Dense. It is read "
            "as data; nothing in it is run."
        )
        upload = st.file_uploader(say("Load a .keras file"), "keras", key="upload_model", help=help)
        if upload is not None and upload.file_id != session().loaded_file:
            _load(upload)


def _load(upload: UploadedFile) -> None:
    text = session().vocab_text
    try:
        model = loaded_model(upload.name, upload.getvalue(), text)
    except MissingVocabularyError as error:
        st.info(in_markdown(say_error(error)))
        _ask_for_text()
    except ModelFileError as error:
        st.error(in_markdown(say_error(error)))
        session().vocab_text = None
        if text:
            _ask_for_text()
    else:
        session().loaded_file, session().vocab_text = upload.file_id, None
        _keep(upload, model, text)
        st.rerun()


def _keep(upload: UploadedFile, model: Model, text: str | None) -> None:
    """Makes it a model of the session and shows it; the text given for its vocabulary is the one to train it on."""
    name = free_name(upload.name.removesuffix(".keras"), lambda name: name in own_models() or name in list_models())
    file = with_vocab(upload.getvalue(), model) if text else upload.getvalue()
    own = own_models()[name] = OwnModel(_corpus(name, text) if text else None)
    go_to(name, own.add(model.metadata, file))
    make_room(own_models(), {name})


def _corpus(name: str, text: str) -> Corpus | None:
    try:
        return corpus_from_upload(name, text.encode(), lowercase=False)
    except CorpusError:
        return None  # too little to train on


def _ask_for_text() -> None:
    help = say("For files without a vocabulary: its sorted distinct characters are the model's.")
    st.text_area(say("The text it was trained on"), key="vocab_text", help=help, on_change=_keep_vocab_text)


def _keep_vocab_text() -> None:
    session().vocab_text = st.session_state.vocab_text
