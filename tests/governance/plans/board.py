"""A plan of the city for the tests, and the people around it."""

from __future__ import annotations

import datetime as dt

from jingtu.core.accounts.actors import UserActor
from jingtu.governance.duties.plans import services
from jingtu.governance.duties.plans.models import Plan, Task
from tests.access.cast import Cast

START, END = dt.date(2026, 1, 1), dt.date(2026, 12, 31)
DUE = dt.date(2026, 11, 30)
MORNING = dt.datetime(2026, 11, 20, 2, tzinfo=dt.UTC)  # a Friday


class Board:
    """``city``, ``county``, ``town``: places. ``giver`` manages the city, ``holder`` reports for county A."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.city, self.county = cast.places["city"].pk, cast.places["county_a"].pk
        self.town, self.sibling = cast.places["township_a"].pk, cast.places["county_b"].pk
        self.giver = self.actor("secretary", "ancestor")
        self.county_giver = self.actor("secretary", "own")
        self.holder = self.actor("reporter", "own")
        self.plan: Plan = services.create_plan(
            self.giver, self.city, "示范城市创建三年计划", starts=START, ends=END
        )

    def actor(self, role: str, relation: str = "") -> UserActor:
        return self.cast.actor(role, relation)

    def task(self, title: str = "完善阵地", parent: Task | None = None, **fields: object) -> Task:
        """A task of the plan; for county A unless said otherwise."""
        given = {"region_id": self.county, "due": DUE, **fields}
        return services.add_task(
            self.giver, self.plan.pk, title, parent_id=parent.pk if parent else None, **given
        )

    def submitted(self, **fields: object) -> Task:
        task = self.task(**fields)
        return services.submit(self.holder, task.pk, "已全部完成，附台账")

    def done(self, **fields: object) -> Task:
        return services.accept(self.giver, self.submitted(**fields).pk)

    def again(self, task: Task) -> Task:
        return Task.objects.select_related("plan", "parent").get(pk=task.pk)
