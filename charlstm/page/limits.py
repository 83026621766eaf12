"""What whoever runs the page allows those who visit it, by environment variables; docs/deploy.md has the table."""

import os
from dataclasses import dataclass

from charlstm.errors import SettingError

MAX_LENGTH, MIN_LENGTH = 10_000, 400  # characters; the least is what a text begins with
MANY = 100_000


@dataclass(frozen=True)
class Limits:
    """What visitors may do.

    Attributes:
        uploads: Whether they may give files: CHARLSTM_UPLOADS, on or off.
        training: Whether they may train: CHARLSTM_TRAINING, on or off.
        length: Characters of a text at the most: CHARLSTM_MAX_LENGTH.
        sessions: That may be open at a time: CHARLSTM_MAX_SESSIONS.
        workers: Jobs that may train at a time; None for the usual number: CHARLSTM_WORKERS.
    """

    uploads: bool
    training: bool
    length: int
    sessions: int
    workers: int | None


def limits() -> Limits:
    """As the environment has them.

    Raises:
        SettingError: One of them makes no sense.
    """
    return Limits(
        _switch("CHARLSTM_UPLOADS"),
        _switch("CHARLSTM_TRAINING"),
        _number("CHARLSTM_MAX_LENGTH", MIN_LENGTH, MAX_LENGTH) or MAX_LENGTH,
        _number("CHARLSTM_MAX_SESSIONS", 1, MANY) or MANY,
        _number("CHARLSTM_WORKERS", 1, MANY),
    )


def _switch(name: str) -> bool:
    value = os.environ.get(name) or "on"
    if value not in ("on", "off"):
        raise SettingError("{name} must be on or off, got {value!r}. Leave it out for on.", name=name, value=value)
    return value == "on"


def _number(name: str, least: int, most: int) -> int | None:
    value = os.environ.get(name)
    if not value:
        return None
    if not (value.isdecimal() and least <= int(value) <= most):
        raise SettingError(
            "{name} must be a whole number from {least:,} to {most:,}, got {value!r}. Leave it out for the default.",
            name=name,
            least=least,
            most=most,
            value=value,
        )
    return int(value)
