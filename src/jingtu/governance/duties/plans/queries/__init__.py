"""Everything that reads plans and tasks; the actor comes first and sees only what they may."""

from .choices import people_for, places_for, units_for
from .filters import TaskFilter
from .tasks import (
    Row,
    TaskPage,
    get_plan,
    get_task,
    late_tasks,
    lineage,
    may_open_evidence,
    plans,
    rows_of,
    task_page,
    tasks,
    tasks_of_origin,
)

__all__ = [
    "Row",
    "TaskFilter",
    "TaskPage",
    "get_plan",
    "get_task",
    "late_tasks",
    "lineage",
    "may_open_evidence",
    "people_for",
    "places_for",
    "plans",
    "rows_of",
    "task_page",
    "tasks",
    "tasks_of_origin",
    "units_for",
]
