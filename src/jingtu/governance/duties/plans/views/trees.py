"""The tasks of a plan as a tree on its page, and the line in which the next one is typed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Page
from django.http import HttpRequest

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.ids import ids_in

from ..building_forms import QuickTaskForm
from ..models import Plan, Task
from ..queries import places_for, tree_rows
from ..queries.boards import Standing
from ..queries.tasks import OPEN_ALL
from ..rules import OPEN_STATES, TaskState
from .common import page_of


def opened_in(request: HttpRequest) -> set[int] | str:
    """The tasks whose children the address opens, or OPEN_ALL."""
    asked = request.GET.get("open", "")
    return OPEN_ALL if asked == OPEN_ALL else set(ids_in(asked.split(".")))


def tree_page(request: HttpRequest, actor: Actor, plan: Plan) -> Page[Task]:
    """The part of the tree that the address asks for."""
    return page_of(request, tree_rows(actor, plan.pk, opened_in(request)))


def quick_form(
    actor: Actor, plan: Plan, shown: Iterable[Task], data: Any = None, added: Task | None = None
) -> QuickTaskForm:
    """The line for the next task: at the top of the plan, or below one of those shown that the actor manages.

    After one was ``added`` it offers the same once more. One query.
    """
    standing = Standing(actor)
    whole = standing.manages(plan.region)
    takes = OPEN_STATES - {TaskState.SUBMITTED}
    parents = [
        (task.pk, f"{task.number} {task.title[:40]}")
        for task in shown
        if task.state in takes and standing.manages(task.region)
    ]
    initial: dict[str, object] = {"due": plan.ends}
    if added is not None:
        initial = {"due": added.due, "parent": added.parent_id, "region": added.region_id}
    regions = [one for one in places_for(actor, plan.region) if standing.manages(one)] if whole else []
    form = QuickTaskForm(data, parents=parents, regions=regions, at_top=whole, initial=initial)
    if added is not None or data is not None:
        form.fields["title"].widget.attrs["autofocus"] = True
    return form
