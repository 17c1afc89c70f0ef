"""Pages of findings across runs: the list, one finding, and what people do with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.errors import InvalidInput, refuse
from jingtu.core.kernel.ids import id_in, ids_in
from jingtu.core.ui.middleware import interface_language

from . import services
from .findingrules import FindingAct
from .forms import AssignFindingsForm, FindingFilterForm, NoteForm, ReasonForm
from .queries import (
    FindingFilter,
    finding_choices,
    finding_counts,
    finding_lines,
    finding_page,
    findings,
    get_run,
)
from .rules import FindingState, Severity
from .words import CHECK_KINDS, FINDING_ACTS

PAGE_SIZE = 50
READERS = (
    Permission.DRAFTS_READ,
    Permission.RUNS_PREPARE,
    Permission.RUNS_APPROVE,
    Permission.FORMS_FILL,
)


@require(*READERS)
@require_GET
def finding_list(request: HttpRequest) -> HttpResponse:
    """Findings the actor may know of, filtered by the address; those that wait unless asked otherwise."""
    actor = actor_of(request)
    wanted = _wanted(request)
    page = Paginator(findings(actor, wanted), PAGE_SIZE).get_page(request.GET.get("page"))
    may_assign = actor.can(Permission.RUNS_PREPARE)
    return render(
        request,
        "runs/findings/list.html",
        {
            "page": page,
            "rows": finding_lines(actor, list(page.object_list)),
            "counts": finding_counts(actor),
            "filters": FindingFilterForm(request.GET, choices=finding_choices(actor)),
            "filtered": wanted != FindingFilter(),
            "may_assign": may_assign,
            "assigning": AssignFindingsForm(people=_people(actor, wanted.run)) if may_assign else None,
            "query": request.GET.urlencode(),
        },
    )


def _people(actor: Actor, run_id: int | None) -> list[tuple[int, str]]:
    """Whom a list may be given to: of one run those who prepare it; else only by the rule, or oneself."""
    if run_id is None:
        return []
    run = get_run(actor, run_id)
    return [(user.pk, user.full_name) for user in services.possible_owners(actor, run)]


def _wanted(request: HttpRequest) -> FindingFilter:
    get = request.GET.get
    state, severity = get("state", ""), get("severity", "")
    known = {item.value for item in FindingState}
    return FindingFilter(
        state="" if state == "all" else state if state in known else "waiting",
        severity=severity if severity in {item.value for item in Severity} else "",
        kind=get("kind", "") if get("kind", "") in CHECK_KINDS else "",
        tree=get("tree", ""),
        run=id_in(get("run")),
        mine=get("mine") in ("on", "1"),
        text=get("q", "")[:60],
    )


@require(Permission.RUNS_PREPARE)
@require_POST
def assign(request: HttpRequest) -> HttpResponse:
    """Give the ticked findings to somebody, or back to whoever reports for each place."""
    actor = actor_of(request)
    ids = ids_in(request.POST.getlist("finding"))[:PAGE_SIZE]
    to = request.POST.get("owner", "")
    if to == "me":
        owner: int | None = user_id_of(actor)
    elif to in ("", "unit"):
        owner = None
    else:
        owner = id_in(to) or 0
    try:
        if not ids:
            raise refuse("findings.none_chosen")
        done = services.assign_findings(actor, ids, owner, request.POST.get("reason", "")[:1000])
    except InvalidInput as refusal:
        for problem in refusal.problems:
            messages.error(request, problem.text(interface_language()))
    else:
        messages.success(
            request,
            ngettext("已指定%(count)s条核查意见。", "已指定%(count)s条核查意见。", len(done))
            % {"count": len(done)},
        )
    query = request.POST.get("query", "")
    if request.POST.get("back") == "detail" and ids:
        return redirect("findings:detail", ids[0])
    return redirect(f"{reverse('findings:list')}?{query}" if query else "findings:list")


@require(*READERS)
@require_GET
def detail(request: HttpRequest, finding_id: int) -> HttpResponse:
    """One finding with its history, and what this actor may do now."""
    page = finding_page(actor_of(request), finding_id)
    people = [(user.pk, user.full_name) for user in page.owners]
    return render(
        request,
        "runs/findings/detail.html",
        {
            "page": page,
            "line": page.line,
            "finding": page.line.finding,
            "run": page.line.run,
            "may": {act.value: True for act in page.acts},
            "assigning": AssignFindingsForm(people=people),
            "fictional": page.line.run.tree.fictional,
            "steps": [(_("核查意见"), reverse("findings:list")), (page.line.place, "")],
        },
    )


def _deed(
    act: FindingAct, work: Callable[[Actor, int, str], Any], lead: str | Promise, *permissions: Permission
) -> Callable[..., HttpResponseBase]:
    """A page that says what the act means and asks for the words, then does it."""

    @require(*permissions)
    @require_http_methods(["GET", "POST"])
    def view(request: HttpRequest, finding_id: int) -> HttpResponse:
        actor = actor_of(request)
        page = finding_page(actor, finding_id)
        # A request that sends nothing at all is still one that acts.
        given = request.POST if request.method == "POST" else None
        form = (NoteForm if act is FindingAct.ACCEPT else ReasonForm)(given)
        if act is FindingAct.REPLY:
            form.fields["reason"].label = _("回复")
        if request.method == "POST" and (form.is_valid() or act not in page.acts):
            # Out of turn the service says why, whatever was typed.
            work(actor, finding_id, form.cleaned_data.get("reason", ""))
            messages.success(request, _("已记录。"))
            return redirect("findings:detail", finding_id)
        return render(
            request,
            "runs/findings/act.html",
            {
                "line": page.line,
                "finding": page.line.finding,
                "title": FINDING_ACTS[act],
                "lead": lead,
                "form": form,
                "refused": act not in page.acts,
                "fictional": page.line.run.tree.fictional,
                "steps": [
                    (_("核查意见"), reverse("findings:list")),
                    (page.line.place, reverse("findings:detail", args=[finding_id])),
                    (FINDING_ACTS[act], ""),
                ],
            },
            status=409 if act not in page.acts else 400 if form.errors else 200,
        )

    return view


reply = _deed(
    FindingAct.REPLY,
    services.reply_to_finding,
    gettext_lazy("写明核实的情况。回复经编制人认可后才算处理完毕；数字有误的，请同时更正。"),
    Permission.FORMS_FILL,
)
send_back = _deed(
    FindingAct.RETURN,
    services.return_finding,
    gettext_lazy("写明为什么不够，对方会收到并重新答复。"),
    Permission.RUNS_PREPARE,
    Permission.RUNS_APPROVE,
)
accept = _deed(
    FindingAct.ACCEPT,
    services.accept_finding,
    gettext_lazy("认可后这条意见处理完毕，回复可印入通报。"),
    Permission.RUNS_PREPARE,
)
