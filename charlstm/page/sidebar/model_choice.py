"""The sidebar's choice of model and epoch, among those that all sessions share and the session's own."""

from pathlib import Path

import streamlit as st

from charlstm.errors import ModelFileError
from charlstm.network.metrics import bits
from charlstm.network.model_file import Model, SavedEpoch, read_model
from charlstm.network.registry import best_epoch, epoch_files, list_models, modified_ns
from charlstm.page.locale import N_, paragraph, say, say_error
from charlstm.page.parts.signs import in_markdown
from charlstm.page.session_models import OwnModel
from charlstm.page.state import session, settings

DEFAULT_MODEL = "nietzsche"


@st.cache_resource(max_entries=64, show_spinner=False)
def _shared_model(path: str, modified_ns: int) -> Model:
    """A model of this machine, read once for all sessions; a file that was replaced is read again."""
    return read_model(Path(path))


@st.cache_resource(scope="session", max_entries=16, hash_funcs={bytes: hash}, show_spinner=False)
def _own_model(file: bytes) -> Model:
    """One of the session's own, read once; all that are in use at a time, as there may be a hundred."""
    return read_model(file)


@st.cache_resource(max_entries=16, show_spinner=False)
def _shared_epochs(name: str, modified_ns: int) -> list[SavedEpoch]:
    """The shipped epochs of a model that can be read; the time is that of its folder."""
    return [epoch for epoch in list_models().get(name, ()) if _is_whole(epoch)]


def _is_whole(epoch: SavedEpoch) -> bool:
    try:
        return bool(model_of(epoch))
    except ModelFileError:
        return False


def model_of(epoch: SavedEpoch) -> Model:
    """The model of an epoch, shared where it is shipped.

    Raises:
        ModelFileError: Its file is damaged.
    """
    file = epoch.file
    return _own_model(file) if isinstance(file, bytes) else _shared_model(str(file), modified_ns(file))


def identity(epoch: SavedEpoch) -> object:
    """By which Streamlit's caches know an epoch: equal only for the same model."""
    file = epoch.file
    return hash(file) if isinstance(file, bytes) else (str(file), modified_ns(file))


def own_models() -> dict[str, OwnModel]:
    """What this session trained or loaded, by the model's name."""
    return session().own_models


def own_text() -> str | None:
    """The session's own text, on which it trains the model on the page."""
    own = own_models().get(settings().model)
    return own.corpus.text if own and own.corpus else None


def model_names() -> list[str]:
    """Shipped ones first."""
    return list(dict.fromkeys([*list_models(), *own_models()]))


def default_model() -> str:
    """The shipped model that the page opens with."""
    names = list(list_models())
    return DEFAULT_MODEL if DEFAULT_MODEL in names else names[0]


def shipped(name: str) -> list[SavedEpoch]:
    """The shipped epochs of a model, from the first to the last; none for a session's own."""
    files = list(epoch_files(name).values())
    return _shared_epochs(name, modified_ns(files[0].parent)) if files else []


def saved_epochs(name: str) -> list[SavedEpoch]:
    """All epochs of a model that this session can choose, shipped ones first."""
    own = own_models().get(name)
    return shipped(name) + (own.epochs if own else [])


def go_to(name: str, epoch: SavedEpoch) -> None:
    """Chooses a model and an epoch of it at the next run of the page."""
    session().go_to = (name, epoch.label)


def current_epoch() -> SavedEpoch:
    """The epoch on the page; call it after `choose_model`."""
    epoch = session().epoch
    assert epoch is not None
    return epoch


def choose_model() -> Model:
    """Draws the choice and returns the chosen model; stops the page where there is none."""
    if not model_names():
        rule = N_(
            "There is no model in the folder models/. Make one with `python -m charlstm train`, then reload this page."
        )
        st.error(say(rule))
        st.stop()
    if wanted := session().go_to:  # before the widgets are drawn, as Streamlit wants it
        st.session_state.model, st.session_state.epoch = wanted
        session().go_to = None
    session().rewrite, session().scrubbed = session().scrubbed, False
    name = _choose_name()
    epoch = _choose_epoch(name)
    session().name, session().epoch = name, epoch
    try:
        model = model_of(epoch)
    except ModelFileError as error:
        st.error(in_markdown(say_error(error)))
        st.stop()
    _show_facts(model)
    return model


def _choose_name() -> str:
    names = model_names()
    if st.session_state.get("model") not in names:
        st.session_state.pop("model", None)  # it made room for others
    return st.selectbox(
        say("Model"),
        names,
        index=names.index(default_model()) if list_models() else 0,
        key="model",
        help=say(
            "The network that writes: an LSTM (long short-term memory), which reads one character after another "
            "and carries a memory along. A change acts from the next character on."
        ),
        on_change=_forget_epoch,
        bind="query-params",
    )


def _choose_epoch(name: str) -> SavedEpoch:
    by_label = {epoch.label: epoch for epoch in saved_epochs(name)}
    damaged = [path.name for label, path in epoch_files(name).items() if label not in by_label]
    if damaged:
        st.error(
            say(
                "Files of this model that cannot be read were left out: {files}.", files=in_markdown(", ".join(damaged))
            )
        )
    if not by_label:
        st.stop()
    if st.session_state.get("epoch") not in by_label:
        st.session_state.pop("epoch", None)
    label = st.select_slider(
        say("Epoch"),
        list(by_label),
        value=best_epoch(list(by_label.values())).label,
        key="epoch",
        help=say(
            "How many times the network had read its training text: 0 is untrained, a + marks what was trained or "
            "loaded here. A change acts from the next character on."
        ),
        on_change=_rewrite,
        bind="query-params",
    )
    return by_label[label]


def _forget_epoch() -> None:
    st.session_state.pop("epoch", None)
    _rewrite()


def _rewrite() -> None:
    """Someone scrubs through the epochs: the text that stands there is written again by each."""
    session().scrubbed = True


def _show_facts(model: Model) -> None:
    metadata, units = model.metadata, " + ".join(map(str, model.network.units))
    trained = N_("LSTM with {units} units, {vocab_size} characters, trained on {corpus}.")
    facts = [say(trained, units=units, vocab_size=len(model.vocab), corpus=in_markdown(metadata.corpus or "?"))]
    cost = metadata.bits_per_character
    if metadata.val_loss is not None:
        facts.append(say("Text held out of training costs it {bits:.2f} bits per character.", bits=cost))
    elif metadata.history:
        facts.append(say("Its training text costs it {bits:.2f} bits per character; nothing was held out.", bits=cost))
    st.caption(paragraph(facts))
    if metadata.collapsed:
        collapse = N_(
            "Training had collapsed by this epoch: its loss was {bits:.2f} bits per character, {lowest:.2f} at its "
            "best."
        )
        lowest = bits(metadata.lowest_train_loss)
        st.warning(say(collapse, bits=metadata.train_bits_per_character, lowest=lowest))
