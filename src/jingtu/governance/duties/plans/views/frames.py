"""What every view over the same tasks shares: the filter of the address, the plan, the way to the other views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from jingtu.core.accounts.access import actor_of
from jingtu.core.kernel.actor import Actor

from ..models import Plan
from ..queries import TaskFilter, get_plan
from .common import filter_form, trail

VIEWS: dict[str, str | Promise] = {
    "table": pgettext_lazy("view of tasks", "表格"),
    "board": pgettext_lazy("view of tasks", "看板"),
    "timeline": pgettext_lazy("view of tasks", "时间线"),
    "calendar": pgettext_lazy("view of tasks", "日历"),
    "units": pgettext_lazy("view of tasks", "按单位"),
    "people": pgettext_lazy("view of tasks", "按责任人"),
    "late": pgettext_lazy("view of tasks", "逾期"),
    "risk": pgettext_lazy("view of tasks", "有风险"),
}


def address(view: str, wanted: TaskFilter, **other: object) -> str:
    """Where a view shows what the filter keeps."""
    if view == "table":
        name = "tasks" if wanted.plan is None else "plan"
    else:
        name = view if wanted.plan is None else f"plan-{view}"
    where = reverse(f"plans:{name}", args=[] if wanted.plan is None else [wanted.plan])
    query = wanted.query(**{"plan": None, **other})
    return f"{where}?{query}" if query else where


def tabs(wanted: TaskFilter, current: str) -> list[tuple[str | Promise, str, bool]]:
    """The views over the same filter, for the tabs above them."""
    return [(word, address(view, wanted), view == current) for view, word in VIEWS.items()]


@dataclass(frozen=True)
class Frame:
    """Who asks, what they want to see, of which plan."""

    request: HttpRequest
    actor: Actor
    wanted: TaskFilter
    plan: Plan | None
    view: str

    def context(self, **more: Any) -> dict[str, Any]:
        """What the template ``plans/view.html`` needs."""
        title = VIEWS[self.view]
        return {
            "plan": self.plan,
            "title": title,
            "filters": filter_form(self.request, self.actor, self.wanted),
            "filtered": self.wanted.is_narrow,
            "across": self.plan is None,
            "views": tabs(self.wanted, self.view),
            "fictional": self.plan is not None and self.plan.region.tree.fictional,
            "steps": trail(self.plan, None, title),
            **more,
        }


def frame(request: HttpRequest, view: str, plan_id: int | None) -> Frame:
    """The frame of a view. Raises NotFound for a plan the actor may not know of."""
    actor = actor_of(request)
    plan = None if plan_id is None else get_plan(actor, plan_id)
    wanted = TaskFilter.parse({**request.GET.dict(), "plan": "" if plan_id is None else str(plan_id)})
    return Frame(request, actor, wanted, plan, view)
