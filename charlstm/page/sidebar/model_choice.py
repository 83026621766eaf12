"""The sidebar's choice of model and epoch, among those that all sessions share and the session's own."""

from pathlib import Path
from weakref import WeakValueDictionary

import streamlit as st

from charlstm.errors import ModelFileError
from charlstm.network.metrics import bits
from charlstm.network.model_file import Model, SavedEpoch, read_model
from charlstm.network.registry import best_epoch, epoch_files, list_models
from charlstm.page.locale import N_, say, say_error
from charlstm.page.parts.escaping import in_markdown
from charlstm.page.session_models import OwnModel

DEFAULT_MODEL = "nietzsche"


@st.cache_resource(max_entries=64, show_spinner=False)
def _shared_model(path: str, modified_ns: int) -> Model:
    """A model of this machine, read once for all sessions; a file that was replaced is read again."""
    return read_model(Path(path))


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
    """The model of an epoch, shared where it is shipped; of a session's own, only those in use are in memory.

    Raises:
        ModelFileError: Its file is damaged.
    """
    if isinstance(epoch.file, Path):
        return _shared_model(str(epoch.file), _modified(epoch.file))
    in_use = st.session_state.setdefault("models_in_use", WeakValueDictionary())
    model = in_use.get(epoch)
    if model is None:
        model = in_use[epoch] = read_model(epoch.file)
    return model


def own_models() -> dict[str, OwnModel]:
    """What this session trained or loaded, by the model's name."""
    return st.session_state.setdefault("own_models", {})


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
    return _shared_epochs(name, _modified(files[0].parent)) if files else []


def saved_epochs(name: str) -> list[SavedEpoch]:
    """All epochs of a model that this session can choose, shipped ones first."""
    own = own_models().get(name)
    return shipped(name) + (own.epochs if own else [])


def _modified(path: Path) -> int:
    return path.stat().st_mtime_ns


def go_to(name: str, epoch: SavedEpoch) -> None:
    """Chooses a model and an epoch of it at the next run of the page."""
    st.session_state.go_to = (name, epoch.label)


def current_epoch() -> SavedEpoch:
    """The epoch on the page; call it after `choose_model`."""
    return st.session_state.current_epoch


def choose_model() -> Model:
    """Draws the choice and returns the chosen model; stops the page where there is none."""
    state = st.session_state
    if not model_names():
        rule = N_(
            "There is no model in the folder models/. Make one with `python -m charlstm train`, then reload this page."
        )
        st.error(say(rule))
        st.stop()
    if "go_to" in state:  # before the widgets are drawn, as Streamlit wants it
        state.model, state.epoch = state.pop("go_to")
    state.current_epoch = _choose_epoch(_choose_name())
    try:
        state.current_model = model_of(state.current_epoch)  # kept, so that it stays in use
    except ModelFileError as error:
        st.error(in_markdown(say_error(error)))
        st.stop()
    _show_facts(state.current_model)
    return state.current_model


def _choose_name() -> str:
    names = model_names()
    if st.session_state.get("model") not in names:
        st.session_state.pop("model", None)  # it made room for others
    return st.selectbox(
        say("Model"),
        names,
        index=names.index(default_model()) if list_models() else 0,
        key="model",
        help=say("The network that writes. A change acts from the next character on."),
        on_change=_forget_epoch,
        bind="query-params",
    )


def _choose_epoch(name: str) -> SavedEpoch:
    by_label = {epoch.label: epoch for epoch in saved_epochs(name)}
    damaged = [path.name for label, path in epoch_files(name).items() if label not in by_label]
    if damaged:
        st.error(say("Files of this model that cannot be read were left out: {files}.", files=", ".join(damaged)))
    if not by_label:
        st.stop()
    if st.session_state.get("epoch") not in by_label:
        st.session_state.pop("epoch", None)
    label = st.select_slider(
        say("Epoch"),
        list(by_label),
        value=best_epoch(list(by_label.values())).label,
        key="epoch",
        help=say("How long the network had been trained: 0 is untrained. A change acts from the next character on."),
        on_change=_rewrite,
        bind="query-params",
    )
    return by_label[label]


def _forget_epoch() -> None:
    st.session_state.pop("epoch", None)
    _rewrite()


def _rewrite() -> None:
    """Someone scrubs through the epochs: the text that stands there is written again by each."""
    st.session_state.rewrite = True


def _show_facts(model: Model) -> None:
    metadata, units = model.metadata, " + ".join(map(str, model.network.units))
    trained = N_("LSTM with {units} units, {vocab_size} characters, trained on {corpus}.")
    facts = [say(trained, units=units, vocab_size=len(model.vocab), corpus=metadata.corpus or "?")]
    cost = metadata.bits_per_character
    if metadata.val_loss is not None:
        facts.append(say("Held-out loss: {bits:.2f} bits a character.", bits=cost))
    elif metadata.history:
        facts.append(say("Training loss: {bits:.2f} bits a character; nothing was held out.", bits=cost))
    st.caption(" ".join(facts))
    if metadata.collapsed:
        collapse = N_(
            "Training had collapsed by this epoch: its loss was {bits:.2f} bits a character, {lowest:.2f} at its best."
        )
        lowest = bits(metadata.lowest_train_loss)
        st.warning(say(collapse, bits=metadata.train_bits_per_character, lowest=lowest))
