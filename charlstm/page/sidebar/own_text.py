"""A text of one's own to train on: a file or a pasted text, read in a thread of its own and shown as it was read."""

import threading

import streamlit as st

from charlstm.page.limits import limits
from charlstm.page.locale import N_, say, say_message
from charlstm.page.parts.language import in_words
from charlstm.page.parts.signs import in_markdown
from charlstm.page.parts.text_reading import Reading
from charlstm.page.state import session, settings
from charlstm.text.corpus import Corpus
from charlstm.text.encodings import ENCODINGS, encoding_name

AT_ONCE_BYTES = 1_000_000  # take a tenth of a second; of a longer text the page shows how far it is read
POLL_SECONDS = 0.3
SHOWN_LINES, SHOWN_CHARACTERS = 3, 60
FOUND_OUT = N_("found out")


def draw() -> None:
    """Where the text is given, and how it was read."""
    if limits().uploads:
        _draw_upload()
        paste = say("or paste it here")
    else:
        paste = say("Paste it here: this server takes no files")
    st.text_area(paste, key="paste_corpus", height=100, on_change=_take_paste, persist_state="session")
    help = say("Fewer characters are easier to learn; leave it off to keep capitals.")
    st.toggle(say("Lower-case it"), key="lowercase", help=help, persist_state="session")
    reading = _reading()
    if reading is not None and not reading.done.is_set():
        st.fragment(_progress, run_every=POLL_SECONDS)(reading)
    elif reading is not None and _counts_upload():
        _show(reading)


def _draw_upload() -> None:
    help = say("Plain text in any common encoding, at least 1,000 characters and at most 20 MB.")
    upload = st.file_uploader(
        say("Text file"), key="upload_corpus", help=help, on_change=_keep_upload, max_upload_size=25
    )
    training = session().training
    if training.upload_name and training.pasted:
        st.caption(
            in_markdown(say("The pasted text is taken; empty the box to take {name}.", name=training.upload_name))
        )
    elif training.upload_name and upload is None:
        st.caption(in_markdown(say("{name} is still here.", name=training.upload_name)))


def given_text() -> Corpus | None:
    """The text that was given; None where there is none, or it is still being read.

    Raises:
        CharLSTMError: It cannot be trained on.
    """
    reading = _reading()
    if reading is not None and reading.error is not None:
        raise reading.error
    return None if reading is None else reading.corpus


def _keep_upload() -> None:
    """The file outlives its widget, which is gone while another text is chosen."""
    training, upload = session().training, st.session_state.upload_corpus
    training.upload_name, training.upload = (upload.name, upload.getvalue()) if upload else ("", b"")
    training.pasted = False  # what is given last counts
    st.session_state.encoding = ""


def _take_paste() -> None:
    session().training.pasted = bool(st.session_state.paste_corpus)


def _counts_upload() -> bool:
    training = session().training
    return bool(training.upload_name) and not training.pasted


def _reading() -> Reading | None:
    training, now = session().training, settings()
    name, content, encoding = training.upload_name, training.upload, now.encoding
    if not _counts_upload():
        name, content, encoding = "pasted text", now.paste_corpus.encode("utf-8", "replace"), "utf-8"
        if not content:
            return None
    key = name, hash(content), now.lowercase, encoding
    if training.reading is None or training.reading.key != key:
        training.reading = Reading(key)
        threading.Thread(target=training.reading.read, args=[content], daemon=True).start()
        if len(content) <= AT_ONCE_BYTES:
            training.reading.done.wait()
    return training.reading


def _progress(reading: Reading) -> None:
    if reading.done.is_set():
        st.rerun()
    st.progress(reading.share, say("Reading the text …"))


def _show(reading: Reading) -> None:
    """The first lines as they were read, in which encoding, and the choice of another one."""
    decoded = reading.decoded
    if decoded is not None:
        lines = [line[:SHOWN_CHARACTERS] for line in decoded.text[:1000].splitlines() if line.strip()]
        st.text("\n".join(lines[:SHOWN_LINES]))
        st.caption(in_markdown(say("Read as {encoding}.", encoding=encoding_name(decoded.encoding))))
        if not decoded.sure:
            st.warning(say("That is not certain. If the lines above are wrong, choose another encoding."))
        if decoded.replaced:
            replaced = N_("{count:,} damaged characters were replaced by {mark}.")
            st.warning(say(replaced, count=decoded.replaced, mark="\ufffd"))
    options = {"": FOUND_OUT} | {name: say_message(encoding_name(name)) for name in ENCODINGS}
    st.selectbox(say("Encoding"), **in_words("encoding", options))
