"""Everything that writes plans and tasks, one verb a function; the actor comes first."""

from .many import change_many
from .planning import add_task, cancel_plan, create_plan, update_plan, update_task
from .route import (
    add_deliverable,
    add_dependency,
    add_milestone,
    cite,
    drop_dependency,
    link_indicator,
    reach_milestone,
)
from .sheets import import_path, import_sheet
from .spreading import carry_over, copy_down
from .undoing import undo_step, undo_together
from .working import (
    accept,
    add_evidence,
    cancel,
    hand_over,
    hand_over_all,
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
    "add_deliverable",
    "add_dependency",
    "add_evidence",
    "add_milestone",
    "add_task",
    "cancel",
    "cancel_plan",
    "carry_over",
    "change_many",
    "cite",
    "copy_down",
    "create_plan",
    "drop_dependency",
    "hand_over",
    "hand_over_all",
    "import_path",
    "import_sheet",
    "link_indicator",
    "pause",
    "reach_milestone",
    "report",
    "restore",
    "resume",
    "send_back",
    "start",
    "submit",
    "undo_step",
    "undo_together",
    "update_plan",
    "update_task",
]
