"""Adding one task to a plan: on a page of its own, or line by line on the page of the plan."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import Conflict, InvalidInput, PermissionDenied
from jingtu.core.kernel.ids import id_in

from .. import services
from ..forms import TaskForm
from ..models import Plan, Task
from ..queries import get_plan, get_task, people_for, places_for, tree_rows, units_for
from ..queries.tasks import OPEN_ALL
from ..visibility import splits
from .common import PAGE_SIZE, form_page, hint_days, show_problems
from .trees import opened_in, quick_form, tree_page


@require(Permission.PLANS_MANAGE)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Add a task to a plan, below another when the address names one; ``?quick`` from the page of the plan."""
    actor = actor_of(request)
    plan = get_plan(actor, plan_id)
    if request.method == "POST" and "quick" in request.GET:
        return _quickly(request, actor, plan)
    parent_id = id_in(request.GET.get("parent", ""))
    parent = get_task(actor, parent_id) if parent_id is not None else None
    if parent is not None and parent.plan_id != plan_id:
        raise Http404
    allowed = splits(actor, parent) if parent else actor.can(Permission.PLANS_MANAGE, plan.region_id)
    if not allowed:
        raise PermissionDenied(Permission.PLANS_MANAGE)
    above = parent.region if parent else plan.region
    form = TaskForm(
        request.POST if request.method == "POST" else None,
        initial={"region": above.pk, "due": parent.due if parent else plan.ends, "weight": 1},
        regions=places_for(actor, above),
        units=units_for(actor, above),
        people=people_for(actor, above),
    )
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        title = data.pop("title")
        ids = {f"{name}_id": data.pop(name) for name in ("region", "unit", "leader", "person")}
        try:
            task = services.add_task(
                actor, plan_id, title, parent_id=parent.pk if parent else None, **ids, **data
            )
        except (InvalidInput, Conflict) as error:
            show_problems(form, error, actor)
        else:
            messages.success(request, _("任务已下达。"))
            hint_days(request, actor, task)
            return redirect("plans:task", task.pk)
    back = reverse("plans:task", args=[parent.pk]) if parent else reverse("plans:plan", args=[plan_id])
    return form_page(request, form, _("添加任务"), back, plan=plan, task=parent)


def _quickly(request: HttpRequest, actor: Actor, plan: Plan) -> HttpResponse:
    """One line typed on the page of the plan: back there, where the new task stands, ready for the next."""
    page = tree_page(request, actor, plan)
    form = quick_form(actor, plan, page, data=request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            task = services.add_task(
                actor,
                plan.pk,
                data["title"],
                parent_id=data["parent"],
                region_id=data["region"],
                due=data["due"],
            )
        except (InvalidInput, Conflict) as error:
            show_problems(form, error, actor)
        else:
            hint_days(request, actor, task)
            return redirect(_where(request, actor, plan, task))
    if request.headers.get("HX-Request") == "true":
        response = render(request, "plans/quick.html", {"plan": plan, "quick": form})
        response["HX-Retarget"] = response["HX-Reselect"] = "#plan-add"
        return response
    return form_page(
        request, form, _("添加任务"), reverse("plans:plan", args=[plan.pk]), task=None, plan=plan
    )


def _where(request: HttpRequest, actor: Actor, plan: Plan, task: Task) -> str:
    """The page of the tree on which a new task stands, with the one above it open."""
    opened = opened_in(request)
    query = {"added": str(task.pk)}
    if isinstance(opened, str):
        query["open"] = OPEN_ALL
    else:
        if task.parent_id is not None:
            opened = opened | {task.parent_id}
        query["open"] = ".".join(map(str, sorted(opened)))
    before = tree_rows(actor, plan.pk, opened).filter(path__lt=task.path).count()
    query["page"] = str(before // PAGE_SIZE + 1)
    return reverse("plans:plan", args=[plan.pk], query={name: text for name, text in query.items() if text})
