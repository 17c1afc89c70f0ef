"""Everything that writes plans and tasks, one verb a function; the actor comes first."""

from .planning import add_task, cancel_plan, create_plan, update_plan, update_task
from .working import (
    accept,
    add_evidence,
    cancel,
    hand_over,
    pause,
    report,
    restore,
    resume,
    send_back,
    start,
    submit,
)

__all__ = [
    "accept",
    "add_evidence",
    "add_task",
    "cancel",
    "cancel_plan",
    "create_plan",
    "hand_over",
    "pause",
    "report",
    "restore",
    "resume",
    "send_back",
    "start",
    "submit",
    "update_plan",
    "update_task",
]
