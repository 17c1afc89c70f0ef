"""Pages of plans: which there are, what one is made of, drawing one up."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import Conflict, InvalidInput, PermissionDenied
from jingtu.core.kernel.ids import id_in
from jingtu.core.regions.places import own_places

from .. import services
from ..building_forms import QuickTaskForm
from ..forms import NoteForm, PlanForm
from ..models import Plan, Task
from ..queries import TaskFilter, document_url, get_plan, plans, rows_of, tasks
from ..queries.overview import late
from ..queries.tasks import OPEN_ALL
from ..words import KINDS
from .common import filter_form, hint_document, page_of, show_problems, trail, tree_links
from .frames import address, tabs
from .trees import opened_in, quick_form, tree_page


@require(Permission.DUTIES_READ)
@require_GET
def plan_list(request: HttpRequest) -> HttpResponse:
    """The plans the actor may know of."""
    actor = actor_of(request)
    page = Paginator(plans(actor), 25).get_page(request.GET.get("page"))
    return render(
        request,
        "plans/list.html",
        {
            "page": page,
            "rows": [(plan, KINDS.get(plan.kind, KINDS["plan"])) for plan in page],
            "today": today(),
            "may_manage": actor.can(Permission.PLANS_MANAGE),
        },
    )


@require(Permission.DUTIES_READ)
@require_GET
def task_list(request: HttpRequest) -> HttpResponse:
    """Tasks of all plans, filtered by the address."""
    actor = actor_of(request)
    wanted = TaskFilter.parse(request.GET.dict())
    page = page_of(request, tasks(actor, wanted))
    return render(
        request,
        "plans/tasks.html",
        {
            "page": page,
            "rows": rows_of(page),
            "filters": filter_form(request, actor, wanted),
            "filtered": wanted.is_narrow,
            "views": tabs(wanted, "table"),
            "across": True,
            "may_manage": actor.can(Permission.PLANS_MANAGE),
            "steps": trail(None, None, _("全部任务")),
        },
    )


@require(Permission.DUTIES_READ)
@require_GET
def plan_detail(request: HttpRequest, plan_id: int) -> HttpResponse:
    """One plan and its tasks, as far as the actor may read them."""
    actor = actor_of(request)
    plan = get_plan(actor, plan_id)
    wanted = TaskFilter.parse({**request.GET.dict(), "plan": str(plan_id)})
    opened = opened_in(request)
    as_tree = not wanted.is_narrow and not wanted.order
    page = tree_page(request, actor, plan) if as_tree else page_of(request, tasks(actor, wanted))
    new = id_in(request.GET.get("added", ""))
    added = next((task for task in page if task.pk == new), None)
    carried = request.GET.copy()
    carried.pop("added", None)
    request.GET = carried  # type: ignore[assignment]  # said once, not on every page from here
    return render(
        request,
        "plans/plan.html",
        {
            "plan": plan,
            "tree": tree_links(page, opened) if as_tree else {},
            "as_tree": as_tree,
            "all_open": opened == OPEN_ALL,
            "sorted": bool(wanted.order),
            "in_order": address("table", replace(wanted, order="")),
            "sheet_query": wanted.query(plan=""),
            "page": page,
            "rows": rows_of(page),
            "filters": filter_form(request, actor, wanted),
            "filtered": wanted.is_narrow,
            "views": tabs(wanted, "table"),
            "kind": KINDS.get(plan.kind, KINDS["plan"]),
            "late_count": late(actor, TaskFilter(plan=plan_id)).count(),
            "quick": _quick(actor, plan, page, added) if as_tree else None,
            "added": added,
            "document_url": document_url(actor, plan),
            "may_manage": actor.can(Permission.PLANS_MANAGE, plan.region_id) and plan.cancelled_at is None,
            "fictional": plan.region.tree.fictional,
            "steps": trail(None, None, plan.title),
        },
    )


def _quick(actor: Actor, plan: Plan, page: Page[Task], added: Task | None) -> QuickTaskForm | None:
    """The line for the next task, for whoever can add one here."""
    if plan.cancelled_at is not None or not actor.can(Permission.PLANS_MANAGE):
        return None
    form = quick_form(actor, plan, page, added=added)
    return form if form.offers else None


@require(Permission.PLANS_MANAGE)
@require_http_methods(["GET", "POST"])
def new_plan(request: HttpRequest) -> HttpResponse:
    """Draw up a plan for one of the own places."""
    actor = actor_of(request)
    own = own_places(actor, Permission.PLANS_MANAGE)
    form = PlanForm(request.POST if request.method == "POST" else None, regions=own)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        try:
            plan = services.create_plan(actor, data.pop("region"), data.pop("title"), **data)
        except InvalidInput as error:
            show_problems(form, error, actor)
        else:
            messages.success(request, _("计划已建立，请添加或导入任务。"))
            hint_document(request, actor, plan)
            return redirect("plans:plan", plan.pk)
    return render(
        request,
        "plans/form.html",
        {
            "form": form,
            "title": pgettext("plan", "新建计划"),
            "back": reverse("plans:list"),
            "steps": trail(None, None, pgettext("plan", "新建计划")),
        },
        status=400 if form.errors else 200,
    )


@require(Permission.PLANS_MANAGE)
@require_http_methods(["GET", "POST"])
def edit_plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Change what a plan is called and when it runs."""
    actor = actor_of(request)
    plan = get_plan(actor, plan_id)
    if not actor.can(Permission.PLANS_MANAGE, plan.region_id):
        raise PermissionDenied(Permission.PLANS_MANAGE)
    initial = {name: getattr(plan, name) for name in ("title", "starts", "ends", "document")}
    form = PlanForm(request.POST if request.method == "POST" else None, initial=initial, regions=None)
    if request.method == "POST" and form.is_valid():
        try:
            plan = services.update_plan(actor, plan_id, **form.cleaned_data)
        except (InvalidInput, Conflict) as error:
            show_problems(form, error, actor)
        else:
            messages.success(request, _("已保存。"))
            hint_document(request, actor, plan)
            return redirect("plans:plan", plan_id)
    return render(
        request,
        "plans/form.html",
        {
            "form": form,
            "title": pgettext("plan", "修改计划"),
            "back": reverse("plans:plan", args=[plan_id]),
            "fictional": plan.region.tree.fictional,
            "steps": trail(plan, None, pgettext("plan", "修改计划")),
        },
        status=400 if form.errors else 200,
    )


@require(Permission.PLANS_MANAGE)
@require_http_methods(["GET", "POST"])
def cancel_plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Stop a plan, with the reason."""
    actor = actor_of(request)
    plan = get_plan(actor, plan_id)
    if not actor.can(Permission.PLANS_MANAGE, plan.region_id):
        raise PermissionDenied(Permission.PLANS_MANAGE)
    form = NoteForm(request.POST if request.method == "POST" else None, required=True)
    if request.method == "POST" and form.is_valid():
        try:
            services.cancel_plan(actor, plan_id, form.cleaned_data["reason"])
        except (InvalidInput, Conflict) as error:
            show_problems(form, error, actor)
        else:
            messages.success(request, _("计划已取消，任务保留可查。"))
            return redirect("plans:plan", plan_id)
    return render(
        request,
        "plans/form.html",
        {
            "form": form,
            "title": _("取消计划"),
            "button": _("取消计划"),
            "back": reverse("plans:plan", args=[plan_id]),
            "fictional": plan.region.tree.fictional,
            "steps": trail(plan, None, _("取消计划")),
        },
        status=400 if form.errors else 200,
    )
