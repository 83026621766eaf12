"""The sidebar's choice of model and epoch, and the models that all sessions share."""

from pathlib import Path

import streamlit as st

from charlstm.checkpoint import Model, best_snapshot, list_models, load_model
from charlstm.views.words import say

DEFAULT_MODEL = "nietzsche"


@st.cache_resource(max_entries=64, show_spinner=False)
def shared_model(path: str, modified_ns: int) -> Model:
    """A model of this machine, read once for all sessions; a file that was replaced is read again."""
    return load_model(path)


def choose_model() -> Model:
    """Draws the choice and returns the chosen model; stops the page where there is none."""
    models = list_models()
    if not models:
        st.error(say("no_models"))
        st.stop()
    names = list(models)
    name = st.selectbox(
        say("model"),
        names,
        index=names.index(DEFAULT_MODEL) if DEFAULT_MODEL in names else 0,
        key="model",
        help=say("model_help"),
        bind="query-params",
    )
    snapshots = {snapshot.epoch: snapshot.path for snapshot in models[name]}
    best = best_snapshot(models[name]).epoch
    epoch = st.select_slider(
        say("epoch"), list(snapshots), value=best, key="epoch", help=say("epoch_help"), bind="query-params"
    )
    model = _load(snapshots[epoch])
    _show_facts(model)
    return model


def _load(path: Path) -> Model:
    return shared_model(str(path), path.stat().st_mtime_ns)


def _show_facts(model: Model) -> None:
    units = " + ".join(map(str, model.network.units))
    facts = say("model_facts", units=units, vocab_size=len(model.vocab), corpus=model.record.corpus or "?")
    if model.record.val_nats is not None:
        facts += " " + say("model_bits", bits=model.record.val_bits_per_character)
    st.caption(facts)
