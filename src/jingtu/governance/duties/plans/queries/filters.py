"""What a reader asks to see of many tasks, as it stands in an address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q, QuerySet

from jingtu.core.accounts.queries import posts_in_force
from jingtu.core.kernel.ids import id_in
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import Span, inside

from ..models import Task
from ..rules import OPEN_STATES, WORKING, TaskState

ORDERS: dict[str, tuple[str, ...]] = {
    "": ("plan_id", "path"),
    "due": ("due", "plan_id", "path"),
    "-due": ("-due", "plan_id", "path"),
    "progress": ("progress", "plan_id", "path"),
    "-progress": ("-progress", "plan_id", "path"),
    "title": ("title", "pk"),
    "-title": ("-title", "pk"),
}
OPEN = "open"
LATE = "late"


@dataclass(frozen=True)
class TaskFilter:
    """Conditions on tasks; the empty filter keeps all. ``state``: one of the states, ``open`` or ``late``.

    ``region`` counts with everything below it; ``unit``: lead or supporting; ``person``: responsible person
    or leader. ``unassigned``: ``on`` for open tasks that nobody answers for, ``gone`` for those of people without
    a post. ``top``: only tasks that stand directly below a plan.
    """

    plan: int | None = None
    text: str = ""
    state: str = ""
    strand: str = ""
    region: int | None = None
    unit: int | None = None
    person: int | None = None
    due_from: dt.date | None = None
    due_to: dt.date | None = None
    origin: str = ""
    unassigned: str = ""
    top: bool = False
    order: str = ""

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> TaskFilter:
        """The filter an address carries; what makes no sense there is passed over."""
        state, order = query.get("state", ""), query.get("sort", "")
        return cls(
            plan=_id(query.get("plan")),
            text=" ".join(query.get("q", "").replace("\x00", "").split())[:100],
            state=state if state in {OPEN, LATE, *TaskState} else "",
            strand=query.get("strand", "").replace("\x00", "").strip()[:64],
            region=_id(query.get("region")),
            unit=_id(query.get("unit")),
            person=_id(query.get("person")),
            due_from=_day(query.get("due_from")),
            due_to=_day(query.get("due_to")),
            unassigned=query.get("unassigned", "") if query.get("unassigned") in {"on", "gone"} else "",
            top=query.get("top", "") == "on",
            order=order if order in ORDERS else "",
        )

    def query(self, **other: object) -> str:
        """The address that carries this filter, without a question mark; ``other`` adds to it."""
        carried: dict[str, object] = {
            "plan": self.plan,
            "q": self.text,
            "state": self.state,
            "strand": self.strand,
            "region": self.region,
            "unit": self.unit,
            "person": self.person,
            "due_from": self.due_from,
            "due_to": self.due_to,
            "unassigned": self.unassigned,
            "top": "on" if self.top else "",
            "sort": self.order,
            **other,
        }
        return urlencode({name: value for name, value in carried.items() if value not in (None, "")})

    @property
    def is_narrow(self) -> bool:
        """Whether it leaves anything out besides the plan."""
        return self != TaskFilter(plan=self.plan, order=self.order)

    def apply(self, tasks: QuerySet[Task], day: dt.date) -> QuerySet[Task]:
        """The tasks that meet it, in its order; ``day`` decides what is late. One query for a region's place."""
        if self.plan is not None:
            tasks = tasks.filter(plan_id=self.plan)
        for word in self.text.split():
            tasks = tasks.filter(Q(title__icontains=word) | Q(requirement__icontains=word))
        if self.state == LATE:
            tasks = tasks.filter(state__in=WORKING, due__lt=day, plan__cancelled_at__isnull=True)
        elif self.state == OPEN:
            tasks = tasks.filter(state__in=OPEN_STATES)
        elif self.state:
            tasks = tasks.filter(state=self.state)
        if self.strand:
            tasks = tasks.filter(strand=self.strand)
        if self.region is not None:
            region = Region.objects.filter(pk=self.region).first()
            tasks = tasks.filter(inside([Span.of(region)], "region__")) if region else tasks.none()
        if self.unit is not None:
            supported = Task.supporting.through.objects.filter(unit_id=self.unit).values("task_id")
            tasks = tasks.filter(Q(unit_id=self.unit) | Q(pk__in=supported))
        if self.person is not None:
            tasks = tasks.filter(Q(person_id=self.person) | Q(leader_id=self.person))
        if self.due_from is not None:
            tasks = tasks.filter(due__gte=self.due_from)
        if self.due_to is not None:
            tasks = tasks.filter(due__lte=self.due_to)
        if self.origin:
            tasks = tasks.filter(origin=self.origin)
        if self.unassigned:
            tasks = tasks.filter(self._unassigned(), state__in=OPEN_STATES)
        if self.top:
            tasks = tasks.filter(depth=0)
        return tasks.order_by(*ORDERS[self.order])

    def _unassigned(self) -> Q:
        gone = Q(person__isnull=False) & ~Q(person_id__in=posts_in_force().values("user_id"))
        return gone if self.unassigned == "gone" else gone | Q(person__isnull=True)


def _id(text: str | None) -> int | None:
    return id_in(text or "")


def _day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text or "")
    except ValueError:
        return None
