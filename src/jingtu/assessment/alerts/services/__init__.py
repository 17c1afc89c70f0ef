"""What happens to alerts: the machine raises them from runs and from what is absent, people settle them."""

from .acts import (
    acknowledge,
    acknowledge_many,
    act,
    assign,
    dismiss,
    mark_read,
    refusal_for,
    reopen,
    resolve,
    snooze,
    take_in_hand,
)
from .raising import Watched
from .sweeping import heard_of, on_time, sweep
from .watching import run_withdrawn, watch_run

__all__ = [
    "Watched",
    "acknowledge",
    "acknowledge_many",
    "act",
    "assign",
    "dismiss",
    "heard_of",
    "mark_read",
    "on_time",
    "refusal_for",
    "reopen",
    "resolve",
    "run_withdrawn",
    "snooze",
    "sweep",
    "take_in_hand",
    "watch_run",
]
