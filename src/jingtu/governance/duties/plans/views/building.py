"""Pages that build and rebuild a plan: its route, splitting, many at once, undo, tables in and out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.assessment.indicators.queries import current_catalogue
from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_page
from jingtu.core.audit.exporting import in_words
from jingtu.core.documents.queries import list_documents
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.kernel.ids import ids_in
from jingtu.core.regions.models import Region
from jingtu.core.regions.places import own_places

from .. import services
from ..building_forms import (
    CarryForm,
    CiteForm,
    DeliverableForm,
    IndicatorForm,
    ManyForm,
    MilestoneForm,
    NeedForm,
    SheetForm,
    SplitForm,
    UndoForm,
)
from ..forms import HandOverAllForm, ReachForm
from ..models import Milestone, Task, TaskStep
from ..queries import TaskFilter, get_plan, get_task, people_for, places_for, tasks, units_for
from ..queries.sheets import export, template
from ..services.sheets import SheetRefused
from ..services.spreading import Spread, differences, spread_of
from ..services.undoing import together, undoable
from ..visibility import gives, holds, splits
from ..words import FIELDS
from .common import came_from, filter_form, form_page, show_problems, trail


@require(Permission.PLANS_MANAGE)
@require_http_methods(["GET", "POST"])
def lay(request: HttpRequest, task_id: int, what: str) -> HttpResponse:
    """Add one thing to the route of a task."""
    actor = actor_of(request)
    task = get_task(actor, task_id)
    allowed = gives(actor, task) if what == "indicator" else splits(actor, task)
    if what not in _LAID:
        raise Http404
    if not allowed:
        raise PermissionDenied(Permission.PLANS_MANAGE)
    title, make, work = _LAID[what]
    form = make(actor, task, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            work(actor, task_id, form.cleaned_data)
        except (InvalidInput, Conflict) as error:
            show_problems(form, error, actor)
        else:
            messages.success(request, _("已保存。"))
            return redirect("plans:task", task_id)
    return form_page(request, form, title, reverse("plans:task", args=[task_id]), task=task)


def _milestone(_actor: Actor, _task: Task, data: Any) -> forms.Form:
    return MilestoneForm(data)


def _deliverable(_actor: Actor, _task: Task, data: Any) -> forms.Form:
    return DeliverableForm(data)


def _needs(actor: Actor, task: Task, data: Any) -> forms.Form:
    others = tasks(actor, TaskFilter(plan=task.plan_id)).exclude(path__startswith=task.path)
    offered = [(one.pk, f"{one.number} {one.title}"[:80]) for one in others[:500]]
    return NeedForm(data, offered=offered)


def _documents(actor: Actor, _task: Task, data: Any) -> forms.Form:
    return CiteForm(data, offered=[(one.code, one.title) for one in list_documents(actor)[:1000]])


def _indicators(actor: Actor, _task: Task, data: Any) -> forms.Form:
    found = current_catalogue(actor).indicators.values()
    return IndicatorForm(data, offered=[(one.code, one.name(actor.language)) for one in found])


_LAID: dict[str, tuple[Any, Callable[[Actor, Task, Any], forms.Form], Callable[..., Any]]] = {
    "milestone": (
        gettext_lazy("添加里程碑"),
        _milestone,
        lambda actor, pk, data: services.add_milestone(actor, pk, data["title"], data["due"]),
    ),
    "deliverable": (
        gettext_lazy("添加交付成果"),
        _deliverable,
        lambda actor, pk, data: services.add_deliverable(actor, pk, data["title"]),
    ),
    "need": (
        gettext_lazy("添加依赖任务"),
        _needs,
        lambda actor, pk, data: services.add_dependency(actor, pk, data["needed"]),
    ),
    "document": (
        pgettext_lazy("act", "引用文件"),
        _documents,
        lambda actor, pk, data: services.cite(actor, pk, data["document"], data["article"]),
    ),
    "indicator": (
        gettext_lazy("关联指标"),
        _indicators,
        lambda actor, pk, data: services.link_indicator(
            actor, pk, data["indicator"], start=data["start"], target=data["target"]
        ),
    ),
}


@require(Permission.DUTIES_READ)
@require_http_methods(["GET", "POST"])
def reach(request: HttpRequest, milestone_id: int) -> HttpResponse:
    """Say that a milestone was reached."""
    actor = actor_of(request)
    milestone = Milestone.objects.filter(pk=milestone_id).first()
    if milestone is None:
        raise NotFound(milestone_id)
    task = get_task(actor, milestone.task_id)
    if not (holds(actor, task) or splits(actor, task)):
        raise PermissionDenied(Permission.TASKS_REPORT)
    form = ReachForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.reach_milestone(actor, milestone_id, form.cleaned_data["note"], form.cleaned_data["on"])
        except (InvalidInput, Conflict) as error:
            show_problems(form, error, actor)
        else:
            messages.success(request, _("已保存。"))
            return redirect("plans:task", task.pk)
    title = _("达成里程碑：%(title)s") % {"title": milestone.title}
    return form_page(request, form, title, reverse("plans:task", args=[task.pk]), task=task)


@require(Permission.PLANS_MANAGE)
@require_http_methods(["GET", "POST"])
def split(request: HttpRequest, task_id: int) -> HttpResponse:
    """Copy a task down to places below; over two levels it first shows what would be made."""
    actor = actor_of(request)
    task = get_task(actor, task_id)
    if not splits(actor, task):
        raise PermissionDenied(Permission.PLANS_MANAGE)
    offered = [one for one in places_for(actor, task.region) if one.pk != task.region_id]
    form = SplitForm(
        request.POST if request.method == "POST" else None,
        regions=offered,
        have=set(task.copies.exclude(state="cancelled").values_list("region_id", flat=True)),
        deeper=Region.objects.filter(parent__in=offered, valid_to__isnull=True).exists(),
    )
    if request.method == "POST" and form.is_valid():
        data, further = form.cleaned_data, form.further_days()
        try:
            if further is not None and "confirmed" not in request.POST:
                spread = spread_of(actor, task, data["regions"], further=True)
                return _spread_page(request, task, form, spread)
            made = services.copy_down(
                actor, task_id, data["regions"], due_offset=data["due_offset"], further_offset=further
            )
        except (InvalidInput, Conflict) as error:
            show_problems(form, error, actor)
        else:
            words = _("已分解为%(count)s项下级任务。") % {"count": len(made)}
            messages.success(request, _with_undo(words, made[0].steps.get().batch))
            return redirect("plans:task", task_id)
    title = _("分解任务")
    return form_page(request, form, title, reverse("plans:task", args=[task_id]), task=task, button=title)


def _spread_page(request: HttpRequest, task: Task, form: SplitForm, spread: Spread) -> HttpResponse:
    """What splitting over two levels would make, to be confirmed."""
    data = form.cleaned_data
    due = task.due - dt.timedelta(days=data["due_offset"])
    earlier = dt.timedelta(days=form.further_days() or 0)
    rows = [(region, True, spread.below.get(region.pk, ()), due - earlier) for region in spread.first]
    rows += [
        (copy.region, False, spread.below[pk], copy.due - earlier)
        for pk, copy in spread.standing.items()
        if pk in spread.below
    ]
    return render(
        request,
        "plans/spread.html",
        {
            "task": task,
            "spread": spread,
            "rows": rows,
            "due": due,
            "data": data,
            "back": reverse("plans:split", args=[task.pk]),
            "fictional": task.region.tree.fictional,
            "steps": trail(task.plan, task, _("分解任务")),
        },
    )


def _with_undo(words: str, batch: str) -> str:
    """What was done to many tasks, with the way to take it back."""
    step = next(iter(together(batch)), None)
    if step is None:
        return words
    address = reverse("plans:undo", args=[step.pk], query={"all": "on"})
    return format_html('{} <a class="btn btn-sm" href="{}">{}</a>', words, address, _("全部撤销"))


@require(Permission.PLANS_MANAGE)
@require_http_methods(["GET", "POST"])
def carry(request: HttpRequest, task_id: int) -> HttpResponse:
    """Let the copies of a task follow what has changed in it."""
    actor = actor_of(request)
    task = get_task(actor, task_id)
    if not splits(actor, task):
        raise PermissionDenied(Permission.PLANS_MANAGE)
    found = differences(actor, task)
    choices = [
        (one.task.pk, f"{one.task.region.name}：" + "、".join(str(FIELDS[name]) for name in one.fields))
        for one in found
    ]
    form = CarryForm(request.POST if request.method == "POST" else None, choices=choices)
    if request.method == "POST" and form.is_valid():
        try:
            services.carry_over(actor, task_id, form.cleaned_data["children"])
        except (InvalidInput, Conflict) as error:
            show_problems(form, error, actor)
        else:
            messages.success(request, _("下级任务已随本任务调整。"))
            return redirect("plans:task", task_id)
    refused = "" if found else _("下级任务与本任务一致，没有要调整的内容。")
    return form_page(
        request, form, _("调整下级任务"), reverse("plans:task", args=[task_id]), task=task, note=refused
    )


@require(Permission.PLANS_MANAGE)
@require_POST
def many(request: HttpRequest) -> HttpResponse:
    """Change the chosen tasks together: asks what and why, then does it, all or none."""
    actor = actor_of(request)
    chosen = ids_in(request.POST.getlist("task"))
    found = list(tasks(actor).filter(pk__in=chosen))
    if len(found) < len(set(chosen)) or not found:
        messages.error(request, _("请先选择任务。"))
        return redirect("plans:tasks")
    plan = found[0].plan
    applying = "apply" in request.POST
    back = came_from(request, reverse("plans:plan", args=[plan.pk]))
    form = ManyForm(
        request.POST if applying else None,
        units=units_for(actor, plan.region),
        people=people_for(actor, found[0].region),
    )
    if applying and form.is_valid():
        data = form.cleaned_data
        try:
            batch = services.change_many(actor, chosen, form.changes(), data["reason"], pause=data["pause"])
        except (InvalidInput, Conflict) as error:
            show_problems(form, error, actor)
        else:
            if batch:
                words = _("已修改%(count)s项任务。") % {"count": len(list(together(batch)))}
                messages.success(request, _with_undo(words, batch))
            else:
                messages.info(request, _("所选任务已是这样，没有改动。"))
            return redirect(back)
    return render(
        request,
        "plans/many.html",
        {
            "form": form,
            "found": found,
            "plan": plan,
            "back": back,
            "fictional": plan.region.tree.fictional,
        },
        status=400 if form.errors else 200,
    )


@require(Permission.PLANS_MANAGE)
@require_http_methods(["GET", "POST"])
def undo(request: HttpRequest, step_id: int) -> HttpResponse:
    """Put back what one step of the history changed."""
    actor = actor_of(request)
    step = TaskStep.objects.filter(pk=step_id).first()
    if step is None:
        raise NotFound(step_id)
    task = get_task(actor, step.task_id)
    if not splits(actor, task):
        raise PermissionDenied(Permission.PLANS_MANAGE)
    others = len({one.task_id for one in together(step.batch)} - {task.pk})
    alone = bool(undoable(step))
    form = UndoForm(
        request.POST if request.method == "POST" else None,
        initial={"together": "all" in request.GET},
        others=others if alone else 0,
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            if data.get("together") or not alone:
                count = len(services.undo_together(actor, step.batch, data["reason"]))
            else:
                count = len([services.undo_step(actor, step_id, data["reason"])])
        except (InvalidInput, Conflict) as error:
            show_problems(form, error, actor)
        else:
            messages.success(request, _("已撤销，涉及%(count)s项任务。") % {"count": count})
            return redirect("plans:task", task.pk)
    if step.action == "split":
        form.fields["reason"].help_text = _("由此分解出的%(count)s项任务将被取消，留在经过中可查。") % {
            "count": others
        }
    title = _("撤销分解") if step.action in {"split", "create"} else _("撤销修改")
    return form_page(request, form, title, reverse("plans:task", args=[task.pk]), task=task, button=title)


@require(Permission.PLANS_MANAGE)
@require_http_methods(["GET", "POST"])
def hand_over_all(request: HttpRequest) -> HttpResponse:
    """All open tasks of somebody whose post changes go to somebody else."""
    actor = actor_of(request)
    own = list(own_places(actor, Permission.PLANS_MANAGE))
    people = {one.pk: one for region in own for one in people_for(actor, region)}
    open_tasks = tasks(actor, TaskFilter(state="open")).filter(person__isnull=False)
    leaving = open_tasks.order_by("person__full_name").values_list("person_id", "person__full_name")
    form = HandOverAllForm(
        request.POST if request.method == "POST" else None,
        regions=own,
        leaving=leaving.distinct(),
        people=people.values(),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            moved = services.hand_over_all(
                actor, data["region"], data["leaving"], data["person"], data["reason"]
            )
        except (InvalidInput, Conflict) as error:
            show_problems(form, error, actor)
        else:
            messages.success(request, _("已移交%(count)s项任务。") % {"count": len(moved)})
            return redirect("plans:tasks")
    return form_page(request, form, _("成批移交"), reverse("plans:tasks"), task=None)


@require(Permission.PLANS_MANAGE)
@require_http_methods(["GET", "POST"])
def import_sheet(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Add the tasks of a table, all or none; what is wrong comes back row by row."""
    actor = actor_of(request)
    plan = get_plan(actor, plan_id)
    if not actor.can(Permission.PLANS_MANAGE, plan.region_id):
        raise PermissionDenied(Permission.PLANS_MANAGE)
    form = SheetForm(request.POST if request.method == "POST" else None, request.FILES or None)
    refused: SheetRefused | None = None
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = services.import_sheet(actor, plan_id, file.chunks(), file.name)
        except SheetRefused as error:
            refused = error
        except (InvalidInput, Conflict) as error:
            show_problems(form, error, actor)
        else:
            messages.success(request, _("已导入%(count)s项任务。") % {"count": len(made)})
            return redirect("plans:plan", plan_id)
    return render(
        request,
        "plans/import.html",
        {
            "form": form,
            "plan": plan,
            "refused": refused,
            "problems": [one.located_text(actor.language) for one in refused.problems[:100]]
            if refused
            else [],
            "fictional": plan.region.tree.fictional,
        },
        status=400 if refused or form.errors else 200,
    )


@require(Permission.PLANS_MANAGE)
@require_GET
def sheet_template(request: HttpRequest) -> HttpResponseBase:
    """The table to fill in."""
    return template(actor_of(request))


@require(Permission.DUTIES_READ)
@confirmed_page
@require_GET
def export_sheet(request: HttpRequest, plan_id: int) -> HttpResponseBase:
    """The tasks of a plan as a table that can be read in again."""
    actor = actor_of(request)
    wanted = TaskFilter.parse({**request.GET.dict(), "plan": str(plan_id)})
    return export(actor, get_plan(actor, plan_id), wanted, in_words(filter_form(request, actor, wanted)))
