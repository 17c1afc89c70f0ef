"""Tasks on a board: a column for every state, a part of each at a time, and what the reader may do next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count

from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import today
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import is_unrestricted, spans

from ..models import Task
from ..rules import OPEN_STATES, WORKING, TaskAction, TaskFacts, TaskState, refusal
from ..visibility import speaks_for_unit
from ..words import MARKS, STATES
from .filters import LATE, OPEN, TaskFilter
from .tasks import Row, rows_of, tasks

COLUMN_SIZE = 15
MOVES = (
    TaskAction.START,
    TaskAction.REPORT,
    TaskAction.SUBMIT,
    TaskAction.ACCEPT,
    TaskAction.RETURN,
    TaskAction.RESUME,
)
"""Acts offered on a card; the page of the act says more, and refuses what waits for other tasks."""


@dataclass(frozen=True)
class Card:
    """A task on the board with the acts open to the reader."""

    row: Row
    moves: Sequence[TaskAction]


@dataclass(frozen=True)
class Column:
    """The tasks of one state: how many there are, and the part that is shown."""

    state: str
    word: str
    tone: str
    mark: str
    count: int
    part: int
    parts: int
    cards: Sequence[Card]

    @property
    def first(self) -> int:
        """The place in its column of the first card shown."""
        return (self.part - 1) * COLUMN_SIZE + 1


class Standing:
    """Where the actor stands towards many tasks; asks nothing of the database but the actor's own posts."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.person = user_id_of(actor)
        self._all = is_unrestricted(actor)
        self._manages = [] if self._all else spans(actor, Permission.PLANS_MANAGE)
        self._reports = [] if self._all else spans(actor, Permission.TASKS_REPORT)

    def manages(self, region: Region) -> bool:
        """Whether the actor manages plans of the place."""
        return self._all or any(span.holds(region) for span in self._manages)

    def gives(self, task: Task) -> bool:
        """As :func:`..visibility.gives`."""
        return self.manages(task.parent.region if task.parent is not None else task.plan.region)

    def holds(self, task: Task) -> bool:
        """As :func:`..visibility.holds`."""
        if self._all or (task.person_id is not None and task.person_id == self.person):
            return True
        return any(span.holds(task.region) for span in self._reports) and speaks_for_unit(self.actor, task)

    def moves(self, task: Task) -> list[TaskAction]:
        """The acts of a card that the actor's posts allow in the task's state."""
        if task.plan.cancelled_at is not None:
            return []
        facts = TaskFacts(
            TaskState(task.state),
            is_giver=self.gives(task),
            is_holder=self.holds(task),
            submitted_by_self=self.person is not None and task.submitted_by_id == self.person,
            parent=TaskState(task.parent.state) if task.parent is not None else None,
        )
        found = [action for action in MOVES if refusal(action, facts) is None]
        if task.child_count:
            # Its progress is made below; nothing is reported on it itself.
            found = [action for action in found if action is not TaskAction.REPORT]
        return [
            action for action in found if not (action is TaskAction.RETURN and task.state == TaskState.DONE)
        ]


def columns_of(wanted: TaskFilter) -> list[TaskState]:
    """The columns a filter leaves; what is cancelled stands there only when asked for."""
    if wanted.state == OPEN:
        return [state for state in TaskState if state in OPEN_STATES]
    if wanted.state == LATE:
        return [state for state in TaskState if state in WORKING]
    if wanted.state:
        return [TaskState(wanted.state)]
    return [state for state in TaskState if state is not TaskState.CANCELLED]


def board(
    actor: Actor, wanted: TaskFilter, parts: Mapping[str, int] | None = None, day: dt.date | None = None
) -> list[Column]:
    """The board of what the filter keeps: state → the part asked for. One query, and one a column with cards."""
    found = tasks(actor, wanted)
    counts: dict[str, int] = dict(found.order_by().values_list("state").annotate(how_many=Count("pk")))
    standing, day = Standing(actor), day or today()
    columns = []
    for state in columns_of(wanted):
        count = counts.get(state.value, 0)
        last = max(1, -(-count // COLUMN_SIZE))
        part = min(max(1, (parts or {}).get(state.value, 1)), last)
        cards: list[Card] = []
        if count:
            start = (part - 1) * COLUMN_SIZE
            shown = found.filter(state=state.value).select_related(
                "plan__region", "region__tree", "unit", "person", "parent__region"
            )
            if not wanted.order:
                shown = shown.order_by("due", "plan_id", "path")
            cards = [
                Card(row, standing.moves(row.task))
                for row in rows_of(shown[start : start + COLUMN_SIZE], day)
            ]
        columns.append(Column(state.value, str(STATES[state]), *MARKS[state], count, part, last, cards))
    return columns
