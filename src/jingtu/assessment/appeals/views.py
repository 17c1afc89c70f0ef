"""Pages of appeals: parse, ask one service or query, draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import Conflict, InvalidInput, PermissionDenied
from jingtu.core.kernel.ids import id_in

from . import services
from .forms import (
    AppealFilterForm,
    AppealForm,
    DecisionForm,
    EvidenceForm,
    NoteForm,
    ReasonForm,
)
from .models import Appeal
from .queries import (
    AppealFilter,
    appeal_page,
    appeals,
    correctable,
    disputable,
    evidence_of,
    explain_url,
    get_appeal,
    open_runs,
    own_card,
    sees_figures,
)
from .rules import TABLE, AppealAction
from .words import ACTIONS, MARKS, STATES

PAGE_SIZE = 25
READERS = (
    Permission.RESULTS_READ,
    Permission.APPEALS_FILE,
    Permission.APPEALS_EXAMINE,
    Permission.APPEALS_DECIDE,
)


@require(*READERS)
@require_GET
def appeal_list(request: HttpRequest) -> HttpResponse:
    """Appeals the actor may know of, filtered by the address."""
    actor = actor_of(request)
    state = request.GET.get("state", "")
    wanted = AppealFilter(
        state=state if state in {"open", *STATES} else "",
        run=id_in(request.GET.get("run")),
        overdue=bool(request.GET.get("overdue")),
        mine=bool(request.GET.get("mine")),
    )
    page = Paginator(appeals(actor, wanted), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "appeals/list.html",
        {
            "page": page,
            "rows": [
                (appeal, STATES[appeal.state], *MARKS[appeal.state], _overdue(appeal)) for appeal in page
            ],
            "filters": AppealFilterForm(request.GET),
            "filtered": wanted != AppealFilter(),
            "may_file": actor.can(Permission.APPEALS_FILE),
        },
    )


def _overdue(appeal: Appeal) -> bool:
    return appeal.due is not None and appeal.due < today()


@require(Permission.APPEALS_FILE)
@require_GET
def open_list(request: HttpRequest) -> HttpResponse:
    """Runs whose numbers the actor's own regions may dispute now."""
    return render(
        request,
        "appeals/open.html",
        {
            "runs": open_runs(actor_of(request)),
            "steps": [*_trail(), (_("可申诉的考核"), "")],
        },
    )


@require(Permission.APPEALS_FILE)
@require_GET
def card(request: HttpRequest, run_id: int, region_id: int) -> HttpResponse:
    """An own place's items in a run that is open to appeal."""
    found = own_card(actor_of(request), run_id, region_id)
    return render(
        request,
        "appeals/card.html",
        {
            "found": found,
            "run": found.run,
            "appeals": [(appeal, STATES[appeal.state], *MARKS[appeal.state]) for appeal in found.appeals],
            "fictional": found.run.tree.fictional,
            "steps": [*_trail(), (_("可申诉的考核"), reverse("appeals:open")), (found.region.name, "")],
        },
    )


@require(Permission.APPEALS_FILE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, run_id: int, region_id: int, indicator: str) -> HttpResponse:
    """Dispute one number of an own place."""
    actor = actor_of(request)
    found = disputable(actor, run_id, region_id, indicator, too_late=request.method == "POST")
    form = AppealForm(
        request.POST if request.method == "POST" else None,
        request.FILES or None,
        initial={"key": request.GET.get("key", "indicator")},
        found=found,
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            appeal = services.file_appeal(
                actor,
                run_id,
                region_id,
                indicator,
                data["key"],
                text=data["text"],
                claimed=data["claimed"],
                files=data["evidence"],
            )
        except InvalidInput as error:
            _show(form, error, actor)
        except Conflict as error:
            form.add_error(None, error.problem.text(actor.language))
        else:
            messages.success(request, _("申诉已提出，并已通知考核单位。"))
            return redirect("appeals:detail", appeal.pk)
    return render(
        request,
        "appeals/new.html",
        {
            "form": form,
            "found": found,
            "run": found.run,
            "fictional": found.run.tree.fictional,
            "steps": [
                *_trail(),
                (found.region, reverse("appeals:card", args=[run_id, region_id])),
                (_("提出申诉"), ""),
            ],
        },
        status=400 if form.errors else 200,
    )


@require(*READERS)
@require_GET
def detail(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """The case: what is disputed, what was said, what was decided and corrected."""
    page = appeal_page(actor_of(request), appeal_id)
    return render(
        request,
        "appeals/detail.html",
        {
            "page": page,
            "appeal": page.appeal,
            "may": page.may(),
            "fictional": page.appeal.run.tree.fictional,
            "steps": [*_trail(), (_("第%(number)s号") % {"number": appeal_id}, "")],
        },
    )


@require(Permission.APPEALS_DECIDE)
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """Decide, with reasons, and correct figures where the appeal is right."""
    actor = actor_of(request)
    appeal = get_appeal(actor, appeal_id)
    found = correctable(actor, appeal)
    form = DecisionForm(request.POST if request.method == "POST" else None, found=found, disputed=appeal.key)
    if request.method == "POST" and form.is_valid():
        try:
            services.decide(actor, appeal_id, form.chosen(), form.cleaned_data["reason"], form.corrections())
        except InvalidInput as error:
            _show(form, error, actor)
        except Conflict as error:
            _not_done(form, error, actor, appeal, AppealAction.DECIDE)
        else:
            messages.success(request, _("已裁定，并已通知申诉人。"))
            return redirect("appeals:detail", appeal_id)
    return _act_page(
        request,
        appeal,
        AppealAction.DECIDE,
        form,
        "appeals/decide.html",
        {
            "found": found,
            "exact": sees_figures(actor, appeal),
            "evidence": evidence_of(actor, appeal),
            "explain_url": explain_url(appeal),
        },
    )


def _confirmed(
    action: AppealAction,
    permission: Permission,
    form_class: type[ReasonForm] | type[NoteForm],
    work: Callable[[Actor, int, str], Appeal],
    done: str | Promise,
) -> Callable[..., HttpResponseBase]:
    """A page that asks for the reason or a note and does the act."""

    @require(permission)
    @require_http_methods(["GET", "POST"])
    def view(request: HttpRequest, appeal_id: int) -> HttpResponse:
        actor = actor_of(request)
        appeal = get_appeal(actor, appeal_id)
        form = form_class(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                work(actor, appeal_id, form.cleaned_data["reason"])
            except Conflict as error:
                _not_done(form, error, actor, appeal, action)
            else:
                messages.success(request, str(done))
                return redirect("appeals:detail", appeal_id)
        return _act_page(request, appeal, action, form)

    return view


accept = _confirmed(
    AppealAction.ACCEPT,
    Permission.APPEALS_EXAMINE,
    NoteForm,
    services.accept,
    gettext_lazy("已受理，裁定时限开始计算。"),
)
dismiss = _confirmed(
    AppealAction.DISMISS,
    Permission.APPEALS_DECIDE,
    ReasonForm,
    services.dismiss,
    gettext_lazy("已决定不予受理，并已通知申诉人。"),
)
withdraw = _confirmed(
    AppealAction.WITHDRAW,
    Permission.APPEALS_FILE,
    ReasonForm,
    services.withdraw,
    gettext_lazy("申诉已撤回。"),
)


@require(Permission.APPEALS_FILE)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """Add words and files to an open appeal."""
    actor = actor_of(request)
    appeal = get_appeal(actor, appeal_id)
    form = EvidenceForm(request.POST if request.method == "POST" else None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_evidence(actor, appeal_id, form.cleaned_data["text"], form.cleaned_data["evidence"])
        except InvalidInput as error:
            _show(form, error, actor)
        except Conflict as error:
            _not_done(form, error, actor, appeal, AppealAction.ADD)
        else:
            messages.success(request, _("已补充。"))
            return redirect("appeals:detail", appeal_id)
    return _act_page(request, appeal, AppealAction.ADD, form)


def _act_page(
    request: HttpRequest,
    appeal: Appeal,
    action: AppealAction,
    form: forms.Form,
    template: str = "appeals/act.html",
    extra: dict[str, Any] | None = None,
) -> HttpResponse:
    actor, title = actor_of(request), ACTIONS[action]
    problem = services.refusal_for(actor, appeal, action)
    if problem is not None and problem.code == "appeals.not_permitted":
        raise PermissionDenied(TABLE[action].permission)
    refused = problem.text(actor.language) if problem else ""
    number = _("第%(number)s号") % {"number": appeal.pk}
    return render(
        request,
        template,
        {
            "appeal": appeal,
            "title": title,
            "form": form,
            "refused": refused,
            "fictional": appeal.run.tree.fictional,
            "steps": [*_trail(), (number, reverse("appeals:detail", args=[appeal.pk])), (title, "")],
            **(extra or {}),
        },
        status=409 if refused else 400 if form.errors else 200,
    )


def _show(form: forms.Form, error: InvalidInput, actor: Actor) -> None:
    for problem in error.problems:
        column = "evidence" if problem.column == "files" else problem.column
        column = column if column in form.fields else None
        form.add_error(column, problem.text(actor.language))


def _not_done(form: forms.Form, error: Conflict, actor: Actor, appeal: Appeal, action: AppealAction) -> None:
    """Say it on the page, where what was typed stands still; the page itself tells what stands against the act."""
    if services.refusal_for(actor, appeal, action) is None:
        form.add_error(None, error.problem.text(actor.language))


def _trail() -> list[tuple[str, str]]:
    return [(_("申诉"), reverse("appeals:list"))]
