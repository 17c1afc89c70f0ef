"""Everything that reads plans and tasks; the actor comes first and sees only what they may."""

from .beside import Beside, beside
from .choices import people_for, places_for, units_for
from .filters import TaskFilter
from .past import stood
from .tasks import (
    Row,
    TaskPage,
    document_url,
    get_plan,
    get_task,
    late_tasks,
    lineage,
    may_open_evidence,
    may_open_page,
    plans,
    rows_of,
    task_page,
    tasks,
    tasks_of_origin,
    tree_rows,
)

__all__ = [
    "Beside",
    "Row",
    "TaskFilter",
    "TaskPage",
    "beside",
    "document_url",
    "get_plan",
    "get_task",
    "late_tasks",
    "lineage",
    "may_open_evidence",
    "may_open_page",
    "people_for",
    "places_for",
    "plans",
    "rows_of",
    "stood",
    "task_page",
    "tasks",
    "tasks_of_origin",
    "tree_rows",
    "units_for",
]
