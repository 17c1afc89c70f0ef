"""What the pages of plans share."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.accounts.landing import is_own_path
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import Conflict, InvalidInput

from ..forms import TaskFilterForm
from ..models import Plan, Task
from ..queries import TaskFilter, document_url
from ..queries.choices import filter_choices
from ..rules import day_hints

PAGE_SIZE = 50


def page_of(request: HttpRequest, found: QuerySet[Task]) -> Page[Task]:
    """The page of a list that the address asks for."""
    return Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))


def tree_links(page: Page[Task], opened: Collection[int] | str) -> dict[int, tuple[bool, str]]:
    """Task with children → whether it is open, and the query that opens or closes it."""
    if isinstance(opened, str):
        return {}
    found = {}
    for task in page:
        if task.child_count:
            now_open = task.pk in opened
            other = set(opened) ^ {task.pk}
            found[task.pk] = (now_open, ".".join(map(str, sorted(other))))
    return found


def filter_form(request: HttpRequest, actor: Actor, wanted: TaskFilter) -> TaskFilterForm:
    """The filters with what there is to choose among the tasks of the plan (or all) that the actor may read."""
    return TaskFilterForm(request.GET, choices=filter_choices(actor, wanted.plan))


def came_from(request: HttpRequest, otherwise: str) -> str:
    """The page of ours that led here and wants its reader back, as the address or the form says; else ``otherwise``."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if is_own_path(wanted) else otherwise


def show_problems(form: forms.Form, error: InvalidInput | Conflict, actor: Actor) -> None:
    """Put a service's refusal on the form, at its field where there is one."""
    problems = error.problems if isinstance(error, InvalidInput) else [error.problem]
    for problem in problems:
        column = "evidence" if problem.column == "files" else problem.column
        column = column if column in form.fields else None
        form.add_error(column, problem.text(actor.language))


def hint_document(request: HttpRequest, actor: Actor, plan: Plan) -> None:
    """Say that the document a plan names is not in the library; it may be a paper kept elsewhere. Two queries."""
    if plan.document and not document_url(actor, plan):
        words = _("制度库中没有编码或文号为“%(document)s”的现有文件，已按原文保存；如有笔误请修改计划。")
        messages.warning(request, words % {"document": plan.document})


def hint_days(request: HttpRequest, actor: Actor, task: Task) -> None:
    """Say that a task's last day is over or lies after the end of its plan; both may be meant."""
    for problem in day_hints(task.due, plan_ends=task.plan.ends, today=today()):
        messages.warning(request, problem.text(actor.language))


def trail(plan: Plan | None = None, task: Task | None = None, *last: Any) -> list[tuple[Any, str]]:
    """The way to a page: plans, the plan, the task, the page itself."""
    steps: list[tuple[Any, str]] = [(_("计划与任务"), reverse("plans:list"))]
    if plan is not None:
        steps.append((plan.title, reverse("plans:plan", args=[plan.pk])))
    if task is not None:
        steps.append((task.number, reverse("plans:task", args=[task.pk])))
    return [*steps, *((word, "") for word in last)]


def form_page(
    request: HttpRequest, form: forms.Form, title: Any, back: str, *, task: Task | None, **extra: Any
) -> HttpResponse:
    """A page with one form: what is asked, and a way back."""
    plan = extra.pop("plan", None) or (task.plan if task else None)
    refused = extra.get("refused", "")
    return render(
        request,
        "plans/form.html",
        {
            "form": form,
            "title": title,
            "back": back,
            "task": task,
            "fictional": plan.region.tree.fictional if plan else False,
            "steps": trail(plan, task, title),
            **extra,
        },
        status=409 if refused else 400 if form.errors else 200,
    )
