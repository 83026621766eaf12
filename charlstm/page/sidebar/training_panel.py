"""The sidebar's training panel: start a run, follow it, stop it, and go back. Training itself is the worker's.

Only what moves is in the fragment that ticks; a finished epoch redraws the page once, with the new weights.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from charlstm.errors import TrainingError, message_of
from charlstm.network.metadata import HistoryEntry
from charlstm.network.metrics import bits
from charlstm.network.model_file import SavedEpoch
from charlstm.network.registry import best_epoch, list_models
from charlstm.page.charts.curves import loss_frame, loss_spec
from charlstm.page.limits import limits
from charlstm.page.locale import N_, say, say_message
from charlstm.page.parts.signs import in_markdown
from charlstm.page.session_models import OwnModel, make_room
from charlstm.page.sidebar import training_setup
from charlstm.page.sidebar.model_choice import current_epoch, default_model, go_to, own_models, saved_epochs, shipped
from charlstm.page.state import session, settings
from charlstm.training.cluster import scheduler_address, training_unavailable
from charlstm.training.queue import TrainingQueue
from charlstm.training.run import TrainingRun
from charlstm.training.status import TrainingStatus

POLL_SECONDS = 0.5


@st.cache_resource(show_spinner=False)
def training_queue() -> TrainingQueue:
    """The one queue of this server."""
    return TrainingQueue(limits().workers)


def show() -> None:
    """Draws the panel for the model on the page: what moves stands above what is set up once."""
    st.subheader(say("Training"), anchor=False)
    if not limits().training:
        st.caption(say("Training is switched off on this server."))
        _go_back()
        return
    reason = training_unavailable(scheduler_address())
    row, moving = st.container(horizontal=True, gap="small", vertical_alignment="bottom"), st.container()
    if reason is None:
        with row:
            pressed = _train_button()
        training_setup.choose_text()
        if pressed:
            with moving:  # what is missing is said beside the button
                _start()
    else:
        st.info(say("This machine cannot train: {reason}", reason=reason))
    with moving:
        st.fragment(_progress, run_every=POLL_SECONDS if _active() else None)()
        _go_back()


def _active() -> bool:
    run = session().training.run
    return run is not None and run.status.active


def _train_button() -> bool:
    help = say(
        "How many more times the network reads its text. A part of it is held out: never trained on, so that "
        "it tests what was learnt and not what is known by heart."
    )
    st.number_input(say("More epochs"), 1, 50, 5, key="train_epochs", help=help, width=106)
    return st.button(say("Train"), key="train", icon=":material/model_training:", disabled=_active())


def _start() -> None:
    job = training_setup.make_job()
    if job is None:
        return
    same_text = job.start_model is not None and current_epoch().metadata.corpus_sha256 == job.corpus.sha256
    try:
        run = training_queue().start(job, _alive())
    except TrainingError as error:
        st.error(say_message(message_of(error)))
        return
    training = session().training
    training.name = training_setup.name_for(job)
    training.labels = [current_epoch().label] if same_text else []  # losses on different texts do not compare
    training.open, training.back_at, training.followed = True, None, _shown()
    training.run = run
    st.rerun()


def _alive() -> Callable[[], bool] | None:
    """Tells whether this session still has a browser, asked from another thread; None where there is no server."""
    context = get_script_run_ctx()
    if context is None or not runtime.exists():
        return None
    server, session_id = runtime.get_instance(), context.session_id
    return lambda: server.is_active_session(session_id)


# What moves.


def _progress() -> None:
    run = session().training.run
    with st.container(key="training_status"):
        if run is not None and (run.status.active or not _is_elsewhere()):
            _show_status(run)
    with st.container(key="loss_chart"):
        _loss_chart(run)
    if run is not None and _has_news(run):
        st.rerun()


def _is_elsewhere() -> bool:
    """Whether the page shows another model than the one that the run has trained."""
    name = session().training.name
    return name != settings().model and name in own_models()


def _has_news(run: TrainingRun) -> bool:
    """Takes what the run has finished; at its end goes to the best it came by. Whether the page is to be redrawn."""
    over = not run.status.active  # asked first: all that is finished by then is taken below
    _take_epochs(run)
    moved = _follow()
    if over and session().training.open:
        _go_back_to_the_best()
        session().training.open = False
        return True
    return moved


def _show_status(run: TrainingRun) -> None:
    status = run.status
    if status.phase == "training":
        done = status.epoch - 1 - _first_epoch(run) + status.step / max(1, status.steps)
        counts = {"epoch": status.epoch, "epochs": status.epochs, "step": status.step, "steps": status.steps}
        text = say("Epoch {epoch} of {epochs}, step {step} of {steps}", **counts)
        st.progress(min(1.0, max(0.0, done / run.job.epochs)), text)
        _show_numbers(status)
    elif status.active:
        st.progress(0.0, say_message(status.message))
    else:
        shown = st.error if status.phase == "failed" else st.caption
        shown(in_markdown(say_message(status.message)))
        if session().training.back_at is not None:
            back = N_("The last epoch did not have the lowest loss: the page is back at epoch {label}.")
            st.caption(say(back, label=session().training.back_at))
    for event in status.events:
        if event["event"] == "rolled_back":
            st.warning(say_message(event["message"]))
    if status.active:
        st.button(say("Stop training"), key="stop_training", icon=":material/stop:", on_click=run.cancel)


def _first_epoch(run: TrainingRun) -> int:
    """Epochs that the model had seen before this run."""
    return run.status.epochs - run.job.epochs


def _show_numbers(status: TrainingStatus) -> None:
    if status.train_loss is not None and status.characters_per_second:
        left = training_setup.duration(status.seconds_left or 0)
        speed = status.characters_per_second
        numbers = N_("Loss {bits:.3f} bits · {speed:,.0f} characters per second · {left} left")
        st.caption(say(numbers, bits=bits(status.train_loss), speed=speed, left=left))


def _loss_chart(run: TrainingRun | None) -> None:
    history: list[Mapping[str, Any]] = [*_history(run)]
    nats = settings().show_nats  # the switch stands below the chart
    if run is not None and run.status.phase == "training" and run.status.train_loss is not None:
        status = run.status
        position = status.epoch - 1 + status.step / max(1, status.steps)
        history.append({"epoch": position, "train_loss": status.train_loss, "val_loss": None})
    if not history:
        return
    unit = 1.0 if nats else math.log(2)
    names = (say("training"), say("held out"))
    titles = (say("epoch"), say("nats per character") if nats else say("bits per character"))
    alt = say("Training and held-out loss by epoch.")
    st.vega_lite_chart(loss_frame(history, unit, names), loss_spec(titles, names), alt=alt)
    st.toggle(
        say("in nats"),
        key="show_nats",
        help=say(
            "The loss is the cost per character: how surprised the "
            "network is, on average, by the next one. Keras counts it in "
            "nats; 1 nat is 1.44 bits."
        ),
    )


def _history(run: TrainingRun | None) -> tuple[HistoryEntry, ...]:
    """Of the run while it goes, with what its model came with; else of the model on the page."""
    if run is not None and run.status.active:
        found = _run_epochs()
        return found[-1].metadata.history if found else ()
    return current_epoch().metadata.history


def _run_epochs() -> list[SavedEpoch]:
    """The epochs that the run began with, where its losses compare, and came by; but for those that made room."""
    training = session().training
    return [epoch for epoch in saved_epochs(training.name) if epoch.label in training.labels]


def _take_epochs(run: TrainingRun) -> None:
    """Makes the run's new epochs the session's own."""
    training, models, keep = session().training, own_models(), {session().training.name, settings().model}
    new = run.take_epochs()  # no look into the session from here on: it is where a click ends this script
    if not new:
        return
    own = models.setdefault(training.name, OwnModel())
    if own.corpus is None:
        own.corpus = run.job.corpus
    training.labels += [own.add(epoch.metadata, epoch.read_bytes()).label for epoch in new]
    make_room(models, keep)


def _shown() -> tuple[str, str]:
    """Name and label of the epoch on the page, or about to be there."""
    return session().go_to or (settings().model, current_epoch().label)


def _follow() -> bool:
    """Goes on to the run's newest epoch, unless someone looks at another one meanwhile; returns whether it did."""
    training, found = session().training, _run_epochs()
    newest = (training.name, found[-1].label) if found else None
    if newest is None or _shown() != training.followed or training.followed == newest:
        return False
    if training.followed[0] != training.name:
        session().train_further = True  # what was just begun is trained further, not begun again
    session().go_to = training.followed = newest
    return True


def _go_back_to_the_best() -> None:
    """So that the next press starts from there, and no press makes the model worse."""
    training, found = session().training, _run_epochs()
    if not found or _shown() != training.followed:
        return
    best = best_epoch(found)
    if best is not found[-1]:
        go_to(training.name, best)
        training.back_at = best.label


# Back, and the best.


def _go_back() -> None:
    name = settings().model
    own = own_models().get(name)
    if not own or not own.epochs:
        return
    help = say("Goes to the epoch with the lowest held-out loss, or training loss where nothing is held out.")
    st.button(say("Best epoch"), key="best_epoch", help=help, on_click=_go_to_best, args=[name])
    if list_models() and shipped(default_model()):
        undo = say("Undoes all training of this model; its shipped epochs stay.")
        help = undo if shipped(name) else say("Goes to the pretrained model; your own stays in the list of models.")
        st.button(say("Back to the pretrained model"), key="reset_model", help=help, on_click=_reset, args=[name])


def _go_to_best(name: str) -> None:
    go_to(name, best_epoch(saved_epochs(name)))


def _reset(name: str) -> None:
    """Drops the session's epochs of a shipped model; a model of its own stays in the list."""
    if not shipped(name):
        go_to(default_model(), best_epoch(shipped(default_model())))
        return
    training = session().training
    if training.run is not None and training.name == name:
        training.run.cancel()
        training.run = None
    own_models().pop(name, None)
    go_to(name, best_epoch(shipped(name)))
