"""Pages of one task: what it says, what became of it, and the acts on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import Conflict, InvalidInput, PermissionDenied

from .. import services
from ..forms import AcceptForm, HandOverForm, NoteForm, TaskForm, WorkForm
from ..models import Task
from ..queries import beside, get_task, people_for, places_for, task_page, units_for
from ..registry import asides_of
from ..rules import CLOSED_STATES, TABLE, Measure, TaskAction, refusal
from ..services.spreading import differences
from ..services.working import facts_of
from ..visibility import gives, holds, splits
from ..words import ACTIONS
from .common import came_from, form_page, hint_days, show_problems, trail

NOTED: dict[TaskAction, Callable[[Actor, int, str], Task]] = {
    TaskAction.START: services.start,
    TaskAction.RETURN: services.send_back,
    TaskAction.PAUSE: services.pause,
    TaskAction.RESUME: services.resume,
    TaskAction.CANCEL: services.cancel,
    TaskAction.RESTORE: services.restore,
}


@require(Permission.DUTIES_READ)
@require_GET
def task_detail(request: HttpRequest, task_id: int) -> HttpResponse:
    """The task: what is asked, how far it is, what hangs on it, what happened."""
    actor = actor_of(request)
    page = task_page(actor, task_id)
    task = page.row.task
    return render(
        request,
        "plans/task.html",
        {
            "page": page,
            "task": task,
            "may": page.may(),
            "is_open": task.state not in CLOSED_STATES,
            "beside": beside(actor, task),
            "asides": asides_of(actor, [task])[task.pk],
            "differs": bool(page.may_split and task.child_count and differences(actor, task)),
            "fictional": task.region.tree.fictional,
            "steps": trail(task.plan, None, task.number),
        },
    )


@require(Permission.PLANS_MANAGE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, task_id: int) -> HttpResponse:
    """Change what a task says; those below may only say who does it."""
    actor = actor_of(request)
    task = get_task(actor, task_id)
    if not splits(actor, task):
        raise PermissionDenied(Permission.PLANS_MANAGE)
    given = gives(actor, task)
    above = task.parent.region if task.parent else task.plan.region
    fields = ("title", "requirement", "strand", "starts", "due", "weight")
    people = people_for(actor, task.region)
    form = TaskForm(
        request.POST if request.method == "POST" else None,
        initial={
            **{name: getattr(task, name) for name in fields},
            **{name: getattr(task, f"{name}_id") for name in ("region", "unit", "leader", "person")},
        },
        regions=_with(places_for(actor, above) if given else [], task.region),
        units=_with(units_for(actor, task.region), task.unit),
        people=_with(_with(people, task.person), task.leader),
        given=given,
    )
    if request.method == "POST" and form.is_valid():
        try:
            changed = services.update_task(actor, task_id, form.cleaned_data)
        except (InvalidInput, Conflict) as error:
            show_problems(form, error, actor)
        else:
            messages.success(request, _("已保存。"))
            if "due" in form.changed_data:
                hint_days(request, actor, changed)
            return redirect("plans:task", task_id)
    return form_page(request, form, _("修改任务"), reverse("plans:task", args=[task_id]), task=task)


@require(Permission.DUTIES_READ)
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, task_id: int, action: str) -> HttpResponse:
    """One act of the table: asks for words and does it."""
    actor = actor_of(request)
    if action not in list(TaskAction):
        raise Http404
    wanted = TaskAction(action)
    task = get_task(actor, task_id)
    problem = refusal(wanted, facts_of(actor, task))
    if problem is not None and problem.code == "plans.not_permitted":
        row = TABLE[wanted]
        raise PermissionDenied(Permission.PLANS_MANAGE if row.by_giver else Permission.TASKS_REPORT)
    posted = request.method == "POST"
    back = came_from(request, reverse("plans:task", args=[task_id]))
    form: forms.Form
    if wanted is TaskAction.ACCEPT:
        form = AcceptForm(request.POST if posted else None)
    elif wanted in NOTED:
        form = NoteForm(request.POST if posted else None, required=TABLE[wanted].needs_reason)
    else:
        form = _work_form(request, task, claims=wanted is TaskAction.REPORT)
    if posted and form.is_valid():
        try:
            _do(actor, task_id, wanted, form)
        except (InvalidInput, Conflict) as error:
            show_problems(form, error, actor)
        else:
            messages.success(request, _("已办理：%(title)s") % {"title": task.title})
            return redirect(back)
    refused = problem.text(actor.language) if problem is not None and not posted else ""
    title = ACTIONS[wanted]
    return form_page(request, form, title, back, task=task, refused=refused, button=title)


def _do(actor: Actor, task_id: int, action: TaskAction, form: forms.Form) -> None:
    data = form.cleaned_data
    if action is TaskAction.ACCEPT:
        services.accept(actor, task_id, data["reason"], data["done_on"])
        return
    if action in NOTED:
        NOTED[action](actor, task_id, data["reason"])
        return
    files, deliverable = data["evidence"], data.get("deliverable")
    if action is TaskAction.REPORT:
        services.report(actor, task_id, data["percent"], data["text"], files, deliverable)
    else:
        services.submit(actor, task_id, data["text"], files, deliverable)


@require(Permission.DUTIES_READ)
@require_http_methods(["GET", "POST"])
def evidence(request: HttpRequest, task_id: int) -> HttpResponse:
    """Add words and files without moving the task."""
    actor = actor_of(request)
    task = get_task(actor, task_id)
    if not (holds(actor, task) or splits(actor, task)):
        raise PermissionDenied(Permission.TASKS_REPORT)
    form = _work_form(request, task, claims=False)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.add_evidence(actor, task_id, data["text"], data["evidence"], data.get("deliverable"))
        except (InvalidInput, Conflict) as error:
            show_problems(form, error, actor)
        else:
            messages.success(request, _("已补充。"))
            return redirect("plans:task", task_id)
    return form_page(request, form, _("补充佐证"), reverse("plans:task", args=[task_id]), task=task)


@require(Permission.PLANS_MANAGE)
@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest, task_id: int) -> HttpResponse:
    """Put one task into another person's hands."""
    actor = actor_of(request)
    task = get_task(actor, task_id)
    if not splits(actor, task):
        raise PermissionDenied(Permission.PLANS_MANAGE)
    form = HandOverForm(
        request.POST if request.method == "POST" else None, people=people_for(actor, task.region)
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.hand_over(actor, [task_id], form.cleaned_data["person"], form.cleaned_data["reason"])
        except (InvalidInput, Conflict) as error:
            show_problems(form, error, actor)
        else:
            messages.success(request, _("已移交。"))
            return redirect("plans:task", task_id)
    return form_page(request, form, _("移交任务"), reverse("plans:task", args=[task_id]), task=task)


def _work_form(request: HttpRequest, task: Task, *, claims: bool) -> WorkForm:
    claimed = claims and task.measure == Measure.CLAIMED
    return WorkForm(
        request.POST if request.method == "POST" else None,
        request.FILES or None,
        initial={"percent": task.own_progress // 100},
        claims=claimed,
        deliverables=task.deliverables.values_list("pk", "title"),
    )


def _with(offered: list[Any], present: Any) -> list[Any]:
    """The choices with the present one, which may no longer be offered."""
    return offered if present is None or present in offered else [present, *offered]
