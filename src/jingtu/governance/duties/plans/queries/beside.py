"""What hangs on a task: its route, what it produces, what it waits for, the figures beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from jingtu.assessment.indicators.queries import current_catalogue
from jingtu.assessment.runs.queries import runs_visible
from jingtu.assessment.runs.rules import RunState
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import today

from ..measuring import values_in
from ..models import Deliverable, Milestone, Task, TaskCitation, TaskIndicator
from ..visibility import visible_tasks
from .tasks import Row, rows_of

PERIODS = 6


@dataclass(frozen=True)
class Stretch:
    """A milestone: reached, missed or still to come."""

    milestone: Milestone
    tone: str
    mark: str

    @property
    def recorded_later(self) -> bool:
        """Whether it was written down on another day than the one on which it was reached."""
        return self.milestone.recorded_on not in {None, self.milestone.reached_on}


@dataclass(frozen=True)
class Figure:
    """An indicator beside a task: its latest published values, the oldest first."""

    link: TaskIndicator
    name: str
    unit: str
    values: Sequence[Decimal]
    period: str

    @property
    def latest(self) -> Decimal | None:
        return self.values[-1] if self.values else None


@dataclass(frozen=True)
class Beside:
    """Everything that hangs on a task."""

    route: Sequence[Stretch]
    deliverables: Sequence[Deliverable]
    waits_for: Sequence[Row]
    waited_for_by: Sequence[Row]
    citations: Sequence[TaskCitation]
    figures: Sequence[Figure]
    supporting: Sequence[str]


def beside(actor: Actor, task: Task) -> Beside:
    """What hangs on a task that a query has given to this actor."""
    day = today()
    near = Task.objects.filter(visible_tasks(actor)).select_related("region", "unit", "person", "plan")
    return Beside(
        route=[_stretch(one, day) for one in task.milestones.all()],
        deliverables=list(task.deliverables.prefetch_related("files__file")),
        waits_for=rows_of(near.filter(dependents__task=task).order_by("path")),
        waited_for_by=rows_of(near.filter(dependencies__needed=task).order_by("path")),
        citations=list(task.citations.select_related("document")),
        figures=_figures(actor, task),
        supporting=list(task.supporting.order_by("name").values_list("name", flat=True)),
    )


def _stretch(milestone: Milestone, day: dt.date) -> Stretch:
    if milestone.reached_on is not None:
        return Stretch(milestone, "met", "●")
    return Stretch(milestone, "below", "◆") if milestone.due < day else Stretch(milestone, "none", "○")


def _figures(actor: Actor, task: Task) -> list[Figure]:
    links = list(task.indicators.all())
    if not links:
        return []
    runs = list(
        runs_visible(actor)
        .filter(state=RunState.PUBLISHED.value, ranked__region_id=task.region_id)
        .order_by("-period_end", "-version", "-pk")[: PERIODS * 3]
    )
    definitions = current_catalogue(actor).indicators
    wanted = {(task.region_id, link.indicator) for link in links}
    read = [(run, values_in(run, wanted)) for run in runs[:PERIODS]]
    figures = []
    for link in links:
        definition = definitions.get(link.indicator)
        seen = [(run, found.get((task.region_id, link.indicator))) for run, found in read]
        known = [(run, value) for run, value in seen if value is not None]
        figures.append(
            Figure(
                link,
                definition.name(actor.language) if definition else link.indicator,
                definition.unit if definition else "",
                [value for _, value in reversed(known)],
                known[0][0].period_label if known else "",
            )
        )
    return figures
