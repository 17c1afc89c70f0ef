"""Pages of supervision: parse, ask one service or query, draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_page, question
from jingtu.core.accounts.models import Unit
from jingtu.core.audit.actions import word_of
from jingtu.core.audit.exporting import export_table, in_words
from jingtu.core.files.views import CONTENT_TYPES
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import InvalidInput, PermissionDenied
from jingtu.core.kernel.ids import ids_in
from jingtu.core.regions.models import Region
from jingtu.governance.duties.plans.models import Task
from jingtu.governance.duties.plans.queries import late_tasks
from jingtu.governance.duties.plans.visibility import visible_tasks

from . import printing, queries, services
from .forms import AnswerForm, IssueForm, NoteForm, NoticeFilterForm, NoticeForm, ReasonForm, unit_choice
from .queries import READERS, NoticeFilter
from .rules import NoticeAction, NoticeState, Subject, refusal, usual_due
from .services import Asked
from .words import MARKS, STATES, SUBJECTS, TITLES

PAGE_SIZE = 25
MOST_PLACES = 300
MOST_LATE = 10


def trail(*further: tuple[str, str]) -> list[tuple[str, str]]:
    """The way to a page of this room."""
    return [(_("督办"), reverse("supervising:list")), *further]


def notice_filter(request: HttpRequest) -> NoticeFilter:
    """The filter that an address says; what makes no sense is left open."""
    asked = request.GET
    state, subject = asked.get("state", ""), asked.get("subject", "")
    tasks = ids_in([asked.get("task", "")])
    return NoticeFilter(
        state=state if state in {"open", *NoticeState} else "",
        subject=subject if subject in {*Subject} else "",
        text=asked.get("q", "")[:64],
        overdue=bool(asked.get("overdue")),
        task=tasks[0] if tasks else None,
    )


@require(*READERS)
@require_GET
def notice_list(request: HttpRequest) -> HttpResponse:
    """Notices the actor may know of, filtered by the address."""
    actor = actor_of(request)
    wanted = notice_filter(request)
    page = Paginator(queries.notices(actor, wanted), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "supervising/list.html",
        {
            "page": page,
            "rows": [
                {
                    "notice": notice,
                    "subject": SUBJECTS[notice.subject],
                    "state": STATES[notice.state],
                    "mark": MARKS[notice.state],
                    "overdue": queries.is_overdue(notice),
                }
                for notice in page
            ],
            "filters": NoticeFilterForm(request.GET),
            "filtered": wanted != NoticeFilter(),
            "issues": actor.can(Permission.SUPERVISION_ISSUE),
            "fictional": any(notice.region.tree.fictional for notice in page),
        },
    )


@require(*READERS)
@confirmed_page
@require_GET
def export(request: HttpRequest) -> HttpResponseBase:
    """The list as a file."""
    actor, wanted = actor_of(request), notice_filter(request)
    task = f"{word_of('task', actor.language)} {wanted.task}" if wanted.task else ""
    return export_table(
        actor,
        replace(printing.notices_table(actor, wanted), scope=in_words(NoticeFilterForm(request.GET), task)),
        "supervision",
        "supervising.exported",
        kind="xlsx" if request.GET.get("format") == "xlsx" else "csv",
        target_type="supervision",
        target_id="list",
    )


@require(*READERS)
@require_GET
def detail(request: HttpRequest, notice_id: int) -> HttpResponse:
    """One notice: what is asked, what was answered, what became of it."""
    page = queries.notice_page(actor_of(request), notice_id)
    return render(
        request,
        "supervising/detail.html",
        {
            "page": page,
            "notice": page.notice,
            "acts": [(action.value, TITLES[action]) for action in page.actions],
            "fictional": page.notice.region.tree.fictional,
            "steps": trail((page.notice.number or _("第%(number)s号") % {"number": notice_id}, "")),
        },
    )


@require(Permission.SUPERVISION_ISSUE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A notice about a task (``?task=``), about an indicator (``?run=&region=&indicator=``), or a free matter."""
    actor = actor_of(request)
    offices = queries.offices(actor)
    task = _task(request, actor)
    run_ids = ids_in([request.GET.get("run", "")])
    initial: dict[str, Any] = {
        "due": usual_due(today()).day,
        **asdict(queries.days_of_the_office(actor, [office.pk for office in offices])),
    }
    if offices:
        initial["issuer"] = f"{offices[0].name}禁毒委员会办公室"
    if task is not None:
        initial["title"] = task.title[:200]
        initial["addressee"] = unit_choice(task.unit) if task.unit else f"place:{task.region_id}"
    elif run_ids:
        initial["addressee"] = f"place:{request.GET.get('region', '')}"
    places = Region.objects.filter(parent__in=offices, valid_to__isnull=True)
    if task is not None:
        places = places | Region.objects.filter(pk=task.region_id)
    form = NoticeForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        regions=offices,
        places=list(places.order_by("tree_id", "position").distinct()[:MOST_PLACES]),
        units=_units(offices, task),
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        place_id, unit_id = form.place_and_unit()
        asked = Asked(
            title=given["title"],
            text=given["text"],
            due=given["due"],
            issuer=given["issuer"],
            place_id=place_id,
            unit_id=unit_id,
            task_id=task.pk if task is not None else None,
            run_id=run_ids[0] if run_ids and task is None else None,
            indicator=request.GET.get("indicator", "")[:96],
            days=form.days(),
        )
        try:
            made = services.draft(actor, given["region"], asked)
        except InvalidInput as error:
            _show(form, error, actor)
        else:
            messages.success(request, _("已起草，核对后下达。"))
            return redirect("supervising:detail", made.pk)
    return render(
        request,
        "supervising/new.html",
        {
            "form": form,
            "task": task,
            "late": _late(actor, offices) if task is None and not run_ids else [],
            "warning": usual_due(today()).warning_text(actor.language),
            "fictional": any(region.tree.fictional for region in offices),
            "steps": trail((_("新督办件"), "")),
        },
        status=400 if form.errors else 200,
    )


def _units(offices: Sequence[Region], task: Task | None) -> list[Unit]:
    """The units of the own places, that of the task first."""
    found = list(
        Unit.objects.filter(region__in=offices, is_active=True).select_related("region")[:MOST_PLACES]
    )
    named = task.unit if task is not None else None
    return found if named is None or named in found else [named, *found]


def _late(actor: Actor, offices: Sequence[Region]) -> list[Task]:
    """Late tasks of the own offices that could be asked about, the longest late first."""
    found = [task for office in offices for task in late_tasks(actor, office.pk, today())[:MOST_LATE]]
    return sorted(found, key=lambda task: (task.due, task.pk))[:MOST_LATE]


def _task(request: HttpRequest, actor: Actor) -> Task | None:
    ids = ids_in([request.GET.get("task", "")])
    if not ids:
        return None
    task = (
        Task.objects.filter(visible_tasks(actor), pk=ids[0]).select_related("unit__region", "region").first()
    )
    if task is None:
        raise Http404
    return task


ACTS = {
    NoticeAction.ISSUE: (Permission.SUPERVISION_ISSUE, gettext_lazy("已下达，并已通知被督办单位。")),
    NoticeAction.ANSWER: (Permission.SUPERVISION_ANSWER, gettext_lazy("已答复，并已通知督办机关。")),
    NoticeAction.ACCEPT: (Permission.SUPERVISION_ISSUE, gettext_lazy("已审核通过，督办办结。")),
    NoticeAction.RETURN: (Permission.SUPERVISION_ISSUE, gettext_lazy("已退回，并已通知被督办单位。")),
    NoticeAction.WITHDRAW: (Permission.SUPERVISION_ISSUE, gettext_lazy("督办已撤回。")),
}


@require(Permission.SUPERVISION_ISSUE, Permission.SUPERVISION_ANSWER)
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, notice_id: int, action: str) -> HttpResponse:
    """Issue, answer, accept, return, withdraw. Whoever decides for the office is asked again who it is."""
    actor = actor_of(request)
    if action not in {one.value for one in ACTS}:
        raise Http404
    wanted = NoticeAction(action)
    notice = queries.get_notice(actor, notice_id)
    problem = refusal(wanted, queries.facts_of(actor, notice))
    if problem is not None and problem.code == "supervising.not_permitted":
        raise PermissionDenied(ACTS[wanted][0])
    form = _form(request, actor, wanted, notice_id)
    if request.method == "POST" and form.is_valid():
        asked = question(request) if wanted is not NoticeAction.ANSWER else None
        if asked is not None:
            return asked
        try:
            _do(actor, notice_id, wanted, form)
        except InvalidInput as error:
            _show(form, error, actor)
        else:
            messages.success(request, str(ACTS[wanted][1]))
            return redirect("supervising:detail", notice_id)
    refused = problem.text(actor.language) if problem is not None else ""
    number = notice.number or _("第%(number)s号") % {"number": notice.pk}
    return render(
        request,
        "supervising/act.html",
        {
            "notice": notice,
            "title": TITLES[wanted],
            "form": form,
            "refused": refused,
            "fictional": notice.region.tree.fictional,
            "steps": trail(
                (number, reverse("supervising:detail", args=[notice.pk])), (str(TITLES[wanted]), "")
            ),
        },
        status=409 if refused else 400 if form.errors else 200,
    )


def _form(request: HttpRequest, actor: Actor, action: NoticeAction, notice_id: int) -> forms.Form:
    data = request.POST if request.method == "POST" else None
    if action is NoticeAction.ISSUE:
        return IssueForm(data, series=queries.notice_page(actor, notice_id).series)
    if action is NoticeAction.ANSWER:
        return AnswerForm(data, request.FILES or None)
    return NoteForm(data) if action is NoticeAction.ACCEPT else ReasonForm(data)


def _do(actor: Actor, notice_id: int, action: NoticeAction, form: forms.Form) -> None:
    given = form.cleaned_data
    if action is NoticeAction.ISSUE:
        services.issue(actor, notice_id, given["series"])
    elif action is NoticeAction.ANSWER:
        assert isinstance(form, AnswerForm)
        services.answer(actor, notice_id, given["reason"], given["evidence"])
    elif action is NoticeAction.ACCEPT:
        services.accept(actor, notice_id, given["reason"])
    elif action is NoticeAction.RETURN:
        services.return_answer(actor, notice_id, given["reason"])
    else:
        services.withdraw(actor, notice_id, given["reason"])


@require(*READERS)
@require_GET
def download(request: HttpRequest, notice_id: int, extension: str) -> HttpResponse:
    """The notice in Word or PDF; that it was printed is recorded."""
    name, content = printing.printed(actor_of(request), notice_id, extension)
    response = HttpResponse(content, content_type=CONTENT_TYPES[extension])
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _show(form: forms.Form, error: InvalidInput, actor: Actor) -> None:
    columns = {"place": "addressee", "unit": "addressee", "files": "evidence"}
    for problem in error.problems:
        column = columns.get(problem.column or "", problem.column)
        form.add_error(column if column in form.fields else None, problem.text(actor.language))
