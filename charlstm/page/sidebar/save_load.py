"""Model files out of the page and into it. An uploaded file is read as data; nothing in it is run."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from charlstm.errors import CorpusError, MissingArchitectureError, MissingVocabularyError, ModelFileError
from charlstm.network.model_file import Model
from charlstm.network.registry import list_models
from charlstm.page.limits import limits
from charlstm.page.locale import say, say_error, say_message
from charlstm.page.parts.signs import in_markdown
from charlstm.page.session_models import OwnModel, file_to_keep, free_name, make_room, read_upload
from charlstm.page.sidebar.model_choice import current_epoch, go_to, own_models
from charlstm.page.state import session, settings
from charlstm.text.corpus import Corpus, own_corpus
from charlstm.text.encodings import decode

TEXT_MB = 20
PASTE_LIMIT = 20_000  # characters; a longer text comes as a file, as pasting it would hold up the browser
ASKS = ("architecture", "vocab_file", "vocab_text")  # keys of what is asked for


def show() -> None:
    """Draws the fold in the sidebar."""
    with st.expander(say("Save and load")):
        name = f"{settings().model}-{current_epoch().label}.keras"
        name = name.replace(" ", "-").replace("+", "own-").replace("/", "of")
        st.download_button(
            say("Download this model"),
            current_epoch().read_bytes,
            name,
            key="download_model",
            help=say("One .keras file, which plain Keras opens too."),
            icon=":material/download:",
            on_click="ignore",
        )
        if limits().uploads:
            _upload()
        else:
            st.caption(say("Models cannot be loaded: this server takes no files."))


def _upload() -> None:
    help = say(
        "One saved here, or made elsewhere with Keras 2 or 3: Embedding or one-hot input, LSTM and Dense layers. "
        "It is read as data; nothing in it is run."
    )
    kinds = ["keras", "h5", "hdf5"]
    upload = st.file_uploader(say("Load a .keras or .h5 file"), kinds, key="upload_model", help=help)
    if upload is not None and upload.file_id != session().loaded_file:
        _load(upload)
    elif upload is not None and session().found:
        st.info(in_markdown(say_message(session().found)))


def _load(upload: UploadedFile) -> None:
    """Keeps what can be read; says what is wrong with the rest, and asks for what is missing."""
    if session().asked_for != upload.file_id:  # what was given for another file is not for this one
        session().asked_for = upload.file_id
        for key in ASKS:
            st.session_state.pop(key, None)
    with st.spinner(say("Reading {name} …", name=in_markdown(upload.name))):
        given = _given_text()
        read = _read(upload.file_id, upload.name, _given_bytes("architecture"), given, upload)
    if isinstance(read, MissingArchitectureError | MissingVocabularyError):
        st.info(in_markdown(say_error(read)))
    elif isinstance(read, ModelFileError):
        st.error(in_markdown(say_error(read)))
    elif read.found and read.found.is_doubtful and not st.session_state.get("load_doubtful"):
        st.warning(in_markdown(say_message(read.found.sentence)))
        st.button(say("Load it all the same"), key="load_doubtful")
    else:
        _keep(upload, read, given)
        st.rerun()
    if isinstance(read, MissingArchitectureError) or _given_bytes("architecture"):
        st.file_uploader(say("Its layers"), "json", key="architecture", help=say("What model.to_json() gives."))
    if given or isinstance(read, MissingVocabularyError):
        _ask_for_vocabulary()


@st.cache_resource(scope="session", max_entries=1, show_spinner=False)
def _read(
    id: str, name: str, architecture: bytes | None, given: str | None, _upload: UploadedFile
) -> Model | ModelFileError:
    """What the upload holds, or why it cannot be read; each combination of what was given is tried once."""
    try:
        return read_upload(name, _upload.getvalue(), architecture, given)
    except ModelFileError as error:
        return error


def _keep(upload: UploadedFile, model: Model, given: str | None) -> None:
    """Makes it a model of the session and shows it; a text given for its vocabulary is the one to train it on."""
    session().loaded_file = upload.file_id
    session().found = model.found.sentence if model.found else ""
    stem = upload.name.rpartition(".")[0]
    name = free_name(stem, lambda name: name in own_models() or name in list_models())
    text = given if model.found and model.found.cost is not None else None
    own = own_models()[name] = OwnModel(_corpus(name, text) if text else None)
    go_to(name, own.add(model.metadata, file_to_keep(upload.getvalue(), model)))
    make_room(own_models(), {name})


def _corpus(name: str, text: str) -> Corpus | None:
    try:
        return own_corpus(name, text, lowercase=False)
    except CorpusError:
        return None  # too little to train on


def _ask_for_vocabulary() -> None:
    help = say(
        "For files without a vocabulary. A text is tried as it is, lower-cased, and with newlines as spaces; a list "
        "may be JSON, such as a Tokenizer's or a StringLookup's, or the characters in their order."
    )
    label = say("The text it was trained on, or the list of its characters")
    st.file_uploader(label, ["txt", "json"], key="vocab_file", help=help, max_upload_size=TEXT_MB)
    st.text_area(say("Or pasted"), key="vocab_text", max_chars=PASTE_LIMIT)


def _given_bytes(key: str) -> bytes | None:
    upload = st.session_state.get(key)
    return upload.getvalue() if upload else None


def _given_text() -> str | None:
    """The text or list of characters that was given; None for none, or for a file that is no text."""
    content = _given_bytes("vocab_file")
    if content is None:
        return st.session_state.get("vocab_text") or None
    try:
        return decode(content).text
    except CorpusError as error:
        st.error(in_markdown(say_error(error)))
        return None
