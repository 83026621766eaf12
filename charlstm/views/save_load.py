"""Model files out of the page and into it. An uploaded file is read as data; nothing in it is run."""

import streamlit as st

from charlstm.checkpoint import list_models
from charlstm.errors import MissingVocabularyError, ModelFileError
from charlstm.own_models import OwnModel, free_name, loaded_model
from charlstm.views.model_choice import current_version, go_to, own_models
from charlstm.views.words import say


def show() -> None:
    """Draws the fold in the sidebar."""
    with st.expander(say("save_load")):
        name = f"{st.session_state.model} {current_version().label}.keras".replace(" ", "-").replace("+", "own-")
        st.download_button(
            say("download_model"),
            current_version().read_file,
            name,
            key="download_model",
            help=say("download_model_help"),
            icon=":material/download:",
            on_click="ignore",
        )
        upload = st.file_uploader(say("upload_model"), "keras", key="upload_model", help=say("upload_model_help"))
        if upload is not None and upload.file_id != st.session_state.get("loaded_file"):
            _load(upload)


def _load(upload) -> None:
    state = st.session_state
    try:
        model = loaded_model(upload.name, upload.getvalue(), state.get("kept_vocab_text"))
    except MissingVocabularyError as error:
        st.info(str(error))
        st.text_area(say("vocab_text"), key="vocab_text", help=say("vocab_text_help"), on_change=_keep_vocab_text)
        return
    except ModelFileError as error:
        st.error(str(error))
        return
    state.loaded_file, state.kept_vocab_text = upload.file_id, None
    name = free_name(upload.name.removesuffix(".keras"), lambda name: name in own_models() or name in list_models())
    own = own_models()[name] = OwnModel()
    go_to(name, own.add(model, upload.getvalue()))
    st.rerun()


def _keep_vocab_text() -> None:
    st.session_state.kept_vocab_text = st.session_state.vocab_text
