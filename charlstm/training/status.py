"""How a training run stands: what the worker said last, as the page shows it. Knows no process and no widget."""

from dataclasses import dataclass, replace
from typing import Any

NEWS = ("epoch", "epochs", "step", "steps", "train_loss", "val_loss", "characters_per_second", "seconds_left")


@dataclass(frozen=True)
class TrainingStatus:
    """How a run stands at one moment.

    Attributes:
        phase: `queued`, `starting`, `training`, `stopping`, and at last `done`, `cancelled` or `failed`.
        place: In the queue, 1 for the next; None outside it.
        epoch: The one being trained; 1 is the first that the model has ever seen.
        epochs: The last one of the run.
        step: Batches of this epoch so far, of `steps`.
        train_loss: Mean loss of this epoch so far, nats per character.
        val_loss: Held-out loss of the last finished epoch.
        characters_per_second: Trained on.
        seconds_left: To the end of the run, as it looks now.
        message: One sentence on what is going on, or why it ended; a `Message` to say it in another language.
        events: What was out of the ordinary, such as a roll-back, as the worker said it.
    """

    phase: str = "queued"
    place: int | None = None
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    steps: int = 0
    train_loss: float | None = None
    val_loss: float | None = None
    characters_per_second: float | None = None
    seconds_left: float | None = None
    message: str = ""
    events: tuple[dict[str, Any], ...] = ()

    @property
    def active(self) -> bool:
        """Whether the run is waiting or under way."""
        return self.phase in ("queued", "starting", "training", "stopping")

    def after(self, event: dict[str, Any]) -> "TrainingStatus":
        """The status once the worker has said `event`."""
        news = {key: event[key] for key in NEWS if key in event}
        if event["event"] not in ("step", "epoch"):
            events = self.events if event["event"] == "starting" else (*self.events, event)
            return replace(self, message=event.get("message", self.message), events=events, **news)
        if self.phase == "stopping":
            return replace(self, **news)
        return replace(self, phase="training", message="", **news)
