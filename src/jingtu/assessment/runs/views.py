"""Pages of the life of a run: parse, ask one service or query, draw."""

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
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_page
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound
from jingtu.core.kernel.ids import id_in
from jingtu.core.regions.queries import get_region, path_names
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.problems import Problem

from . import registry, services
from .forms import NewRunForm, NoteForm, ReasonForm, RunFilterForm
from .models import Run
from .queries import (
    RunFilter,
    changed_since,
    difference_page,
    get_finding,
    get_run,
    new_run_choices,
    publication_text,
    run_choices,
    run_detail,
    runs_visible,
)
from .queries.release import release_notes
from .rules import OPEN_STATES, RunAction
from .words import ACTIONS, STATES

PAGE_SIZE = 25
READERS = (
    Permission.RESULTS_READ,
    Permission.DRAFTS_READ,
    Permission.RUNS_PREPARE,
    Permission.RUNS_APPROVE,
)


@require(*READERS)
@require_GET
def run_list(request: HttpRequest) -> HttpResponse:
    """Runs the actor may know of, filtered by the address."""
    actor = actor_of(request)
    wanted = RunFilter(
        tree=request.GET.get("tree", ""),
        region=id_in(request.GET.get("region")),
        level=request.GET.get("level", ""),
        scorecard=request.GET.get("scorecard", ""),
        period=request.GET.get("period", ""),
        state=request.GET.get("state", ""),
        mine=request.GET.get("mine") == "1",
    )
    choices = run_choices(actor) | {"state": list(STATES.items())}
    runs = runs_visible(actor, wanted).annotate(figures_changed=changed_since())
    page = Paginator(runs, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "runs/list.html",
        {
            "page": page,
            "wanted": wanted,
            "region": get_region(actor, wanted.region) if wanted.region else None,
            "filters": RunFilterForm(request.GET, choices=choices),
            "filtered": wanted != RunFilter(),
            "may_prepare": actor.can(Permission.RUNS_PREPARE),
            "open_states": OPEN_STATES,
        },
    )


@require(Permission.RUNS_PREPARE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin an assessment; a small one is computed and checked at once, a large one by a job."""
    actor = actor_of(request)
    choices = new_run_choices(actor)
    initial = {name: request.GET.get(name, "") for name in ("region", "scorecard", "level", "period")}
    form = NewRunForm(request.POST or None, initial=initial, **choices)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            run = services.create_run(
                actor,
                get_region(actor, data["region"]),
                data["level"] or None,
                data["scorecard"],
                data["period"],
                data["note"],
            )
        except InvalidInput as error:
            for problem in error.problems:
                form.add_error(None, problem.text(interface_language()))
        except Conflict as error:
            form.add_error(None, error.problem.text(interface_language()))
        else:
            _start(request, actor, run)
            return redirect("runs:detail", run.pk)
    steps = [*_trail(), (_("新建考核"), "")]
    return render(
        request, "runs/new.html", {"form": form, "steps": steps}, status=400 if form.errors else 200
    )


@require(*READERS)
@require_GET
def detail(request: HttpRequest, run_id: int) -> HttpResponse:
    """State, findings, people, versions, and what this actor may do now."""
    page = run_detail(actor_of(request), run_id)
    shown = request.GET.get("findings", "")
    findings = [row for row in page.findings if not shown or (row.state == shown or row.severity == shown)]
    return render(
        request,
        "runs/detail.html",
        {
            "page": page,
            "run": page.run,
            "may": page.may(),
            "since": page.since,
            "findings": Paginator(findings, 50).get_page(request.GET.get("page")),
            "shown": shown,
            "release": release_notes(page.run, interface_language()),
            "asides": registry.asides_of(actor_of(request), registry.Subject(page.run)),
            "fictional": page.run.tree.fictional,
            "steps": _trail(page.run),
            "tabs": [
                (_("全部"), "?", not shown),
                (_("待处理"), "?findings=open", shown == "open"),
                (_("错误级"), "?findings=error", shown == "error"),
            ],
            "may_download": page.works_on_it
            and actor_of(request).can(Permission.SMALL_CELLS_READ, page.run.region_id),
            "path": path_names(actor_of(request), [page.run.region_id])[page.run.region_id],
        },
    )


@require(Permission.DRAFTS_READ, Permission.RUNS_PREPARE, Permission.RUNS_APPROVE)
@require_http_methods(["POST"])
def since(request: HttpRequest, run_id: int) -> HttpResponse:
    """Work out what the figures that changed since do to an open draft; the part of its page that says so."""
    actor = actor_of(request)
    services.catch_up(actor, run_id)
    if not request.headers.get("HX-Request"):
        return redirect("runs:detail", run_id)
    page = run_detail(actor, run_id)
    return render(
        request,
        "runs/_since.html",
        {"page": page, "run": page.run, "since": page.since, "may": page.may(), "asked": True},
    )


@require(Permission.RUNS_PREPARE)
@require_http_methods(["POST"])
def compute(request: HttpRequest, run_id: int) -> HttpResponse:
    """Compute again from the facts of this moment."""
    actor = actor_of(request)
    _start(request, actor, get_run(actor, run_id))
    return redirect("runs:detail", run_id)


@require(Permission.RUNS_PREPARE)
@require_http_methods(["POST"])
def check(request: HttpRequest, run_id: int) -> HttpResponse:
    """Check the computed figures again."""
    services.check(actor_of(request), run_id)
    messages.success(request, _("已重新核查。"))
    return redirect("runs:detail", run_id)


def confirmed(
    action: RunAction,
    permission: Permission,
    work: Callable[[Actor, int, str], Run],
    lead: str | Promise,
    done: str | Promise,
) -> Callable[..., HttpResponseBase]:
    """A page that says what the act will change and asks for the reason, then does it."""

    @require(permission)
    @require_http_methods(["GET", "POST"])
    def view(request: HttpRequest, run_id: int) -> HttpResponse:
        actor = actor_of(request)
        run = get_run(actor, run_id)
        form_class = ReasonForm if services.needs_reason(action) else NoteForm
        form = form_class(request.POST or None)
        if request.method == "POST" and form.is_valid():
            changed = work(actor, run_id, form.cleaned_data["reason"])
            messages.success(request, str(done))
            return redirect("runs:detail", changed.pk)
        problem = services.refusal_for(actor, run, action)
        return confirm_page(request, run, ACTIONS[action], lead, form, problem)

    return view


def confirm_page(
    request: HttpRequest,
    run: Run,
    title: str | Promise,
    lead: str | Promise,
    form: forms.Form,
    problem: Problem | None,
    extra: dict[str, Any] | None = None,
) -> HttpResponse:
    refused = problem.text(interface_language()) if problem else ""
    status = 409 if refused else (400 if form.errors else 200)
    return render(
        request,
        "runs/confirm.html",
        {
            "run": run,
            "title": title,
            "steps": [*_trail(run), (title, "")],
            "lead": lead,
            "form": form,
            "refused": refused,
            "fictional": run.tree.fictional,
            **(extra or {}),
        },
        status=status,
    )


submit = confirmed(
    RunAction.SUBMIT,
    Permission.RUNS_PREPARE,
    services.submit_for_review,
    gettext_lazy("提交后由审批人审核，编制人不能再修改；如需修改，请审批人退回。"),
    gettext_lazy("已提交审批，并已通知审批人。"),
)
send_back = confirmed(
    RunAction.SEND_BACK,
    Permission.RUNS_APPROVE,
    services.send_back,
    gettext_lazy("退回后恢复为草稿，编制人会收到退回理由。"),
    gettext_lazy("已退回编制人。"),
)
correct = confirmed(
    RunAction.CORRECT,
    Permission.RUNS_PREPARE,
    services.correct,
    gettext_lazy("按现在的数据和定义生成新版。现发布版保持不变，直到新版经审批发布。"),
    gettext_lazy("已生成新版，请核对差异后提交审批。"),
)
withdraw = confirmed(
    RunAction.WITHDRAW,
    # Drafts are withdrawn by those who prepare, published runs by those who approve; the service decides.
    Permission.RESULTS_READ,
    services.withdraw,
    gettext_lazy("撤回后不再作为有效结果：草稿作废，可以重新新建；已发布的内容和撤回理由仍可查阅。"),
    gettext_lazy("已撤回。"),
)


@require(Permission.RUNS_PREPARE)
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, finding_id: int) -> HttpResponse:
    """Answer a finding."""
    return _settle(request, finding_id, RunAction.ANSWER, services.answer_finding)


@require(Permission.RUNS_APPROVE)
@require_http_methods(["GET", "POST"])
def override(request: HttpRequest, finding_id: int) -> HttpResponse:
    """Override a finding as an approver."""
    return _settle(request, finding_id, RunAction.OVERRIDE, services.override_finding)


def _settle(
    request: HttpRequest, finding_id: int, action: RunAction, work: Callable[[Actor, int, str], object]
) -> HttpResponse:
    actor = actor_of(request)
    run, finding = get_finding(actor, finding_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        work(actor, finding_id, form.cleaned_data["reason"])
        messages.success(request, _("已记录。"))
        return redirect("runs:detail", run.pk)
    return confirm_page(
        request,
        run,
        ACTIONS[action],
        finding.sentence,
        form,
        services.refusal_for(actor, run, action),
    )


@require(*READERS)
@require_GET
def differences(request: HttpRequest, run_id: int) -> HttpResponse:
    """What changed since another version of the same run, and why."""
    asked = request.GET.get("with", "")
    other_id = id_in(asked)
    if asked and other_id is None:
        raise NotFound(asked[:40], "run")
    found = difference_page(actor_of(request), run_id, other_id)
    return render(
        request,
        "runs/differences.html",
        {
            "found": found,
            "run": found.newer,
            "steps": [*_trail(found.newer), (_("版本差异"), "")],
            "changes": Paginator(found.changes, 100).get_page(request.GET.get("page")),
            "fictional": found.newer.tree.fictional,
        },
    )


@require(*READERS)
@require_GET
@confirmed_page
def publication(request: HttpRequest, run_id: int) -> HttpResponse:
    """The canonical text whose SHA-256 is the publication hash."""
    run, text = publication_text(actor_of(request), run_id)
    services.record_publication_taken(actor_of(request), run)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="run-{run.pk}-v{run.version}.json"'
    response["X-Publication-Hash"] = run.publication_hash
    return response


def _start(request: HttpRequest, actor: Actor, run: Run) -> None:
    """Compute now or hand it to a job, and say which."""
    try:
        job = services.start(actor, run.pk)
    except InvalidInput as error:
        for problem in error.problems[:5]:
            messages.error(request, problem.text(interface_language()))
        return
    if job is None:
        messages.success(request, _("已计算并核查。"))
    else:
        messages.info(request, _("计算量较大，已转入后台，进度见“作业”。"))


def _trail(run: Run | None = None) -> list[tuple[str, str]]:
    """The way from the list to a run."""
    trail = [(pgettext("many", "考核"), reverse("runs:list"))]
    if run is not None:
        trail.append((f"{run.scorecard_name} {run.period_label}", reverse("runs:detail", args=[run.pk])))
    return trail
