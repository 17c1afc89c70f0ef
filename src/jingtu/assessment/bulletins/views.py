from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from jingtu.assessment.bulletins import distributing, gathering, queries, services
from jingtu.assessment.bulletins.compose import compose
from jingtu.assessment.bulletins.forms import KINDS, IssueForm, ListForm, SendForm
from jingtu.assessment.bulletins.rules import BulletinKind
from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_identity
from jingtu.core.files.views import attachment
from jingtu.core.kernel.actor import Permission, user_id_of
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound

PAGE_SIZE = 25
READERS = (Permission.RESULTS_READ, Permission.RUNS_PREPARE, Permission.RUNS_APPROVE)


@require(*READERS)
@require_GET
def bulletin_list(request: HttpRequest) -> HttpResponse:
    """Issued bulletins, the newest first."""
    text = request.GET.get("q", "").strip()
    actor = actor_of(request)
    found = queries.bulletins(actor, text)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "bulletins/list.html",
        {
            "page": page,
            "text": text,
            "awaiting": queries.awaiting(actor),
            "may_lists": actor.can(Permission.RUNS_PREPARE) or actor.can(Permission.RUNS_APPROVE),
        },
    )


@require_GET
def detail(request: HttpRequest, bulletin_id: int) -> HttpResponse:
    """A bulletin as it reads, with its files."""
    actor = actor_of(request)
    bulletin = queries.get_bulletin(actor, bulletin_id)
    composed = compose(gathering.source_of(bulletin), actor.language)
    receipts = queries.receipts(actor, bulletin)
    may_send = queries.may_issue(actor, bulletin.run)
    lists = [(one.pk, one.name) for one in distributing.lists_for(actor, bulletin.run)] if may_send else []
    return render(
        request,
        "bulletins/detail.html",
        {
            "bulletin": bulletin,
            "composed": composed,
            "files": queries.files_of(bulletin),
            "kind": KINDS[bulletin.kind],
            "receipts": receipts,
            "unreached": distributing.unreached(bulletin) if may_send else [],
            "unread": sum(1 for row in receipts if row.read_at is None),
            "mine": next((row for row in receipts if row.user_id == user_id_of(actor)), None),
            "may_send": may_send,
            "standing": queries.standing(bulletin),
            "send": SendForm(lists=lists) if may_send and lists else None,
            "fictional": bulletin.run.tree.fictional,
            "steps": _steps(bulletin.number or composed.title),
        },
    )


@require_http_methods(["GET", "POST"])
@confirmed_identity
def issue(request: HttpRequest, run_id: int) -> HttpResponse:
    """Preview a run's bulletin, give it a number and issue it."""
    actor = actor_of(request)
    draft = queries.draft_for(actor, run_id)
    if draft.pk is not None:
        return redirect("bulletins:detail", draft.pk)
    lists = [(one.pk, one.name) for one in distributing.lists_for(actor, draft.run)]
    planned = queries.planned_for(draft.run)
    form = IssueForm(
        request.POST or None,
        lists=lists,
        initial={
            "kind": draft.kind,
            "send_to": planned.list_id if planned else None,
            "number": draft.number,
            "issuer_zh": draft.issuer_zh,
            "issuer_en": draft.issuer_en,
            "distribution": "\n".join(draft.distribution),
        },
    )
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                bulletin = services.issue(
                    actor,
                    run_id,
                    number=form.cleaned_data["number"],
                    issuer_zh=form.cleaned_data["issuer_zh"],
                    issuer_en=form.cleaned_data["issuer_en"],
                    distribution=form.names(),
                    kind=BulletinKind(form.cleaned_data["kind"]),
                )
            except InvalidInput as error:
                for problem in error.problems:
                    form.add_error(problem.column, problem.text(actor.language))
            except Conflict as error:
                form.add_error(None, error.problem.text(actor.language))
            else:
                messages.success(request, _("通报已印发。"))
                if form.cleaned_data["send_to"]:
                    _say_sent(
                        request, distributing.distribute(actor, bulletin.pk, form.cleaned_data["send_to"])
                    )
                return redirect("bulletins:detail", bulletin.pk)
        status = 422
    composed = compose(gathering.source_of(draft), actor.language)
    return render(
        request,
        "bulletins/issue.html",
        {
            "form": form,
            "run": draft.run,
            "composed": composed,
            "fictional": draft.run.tree.fictional,
            "steps": _steps(_("印发通报")),
        },
        status=status,
    )


@require(Permission.RUNS_PREPARE, Permission.RUNS_APPROVE)
@require_http_methods(["POST"])
@confirmed_identity
def send(request: HttpRequest, bulletin_id: int) -> HttpResponse:
    """Send an issued bulletin to a list."""
    actor = actor_of(request)
    bulletin = queries.get_bulletin(actor, bulletin_id)
    lists = [(one.pk, one.name) for one in distributing.lists_for(actor, bulletin.run)]
    form = SendForm(request.POST, lists=lists)
    if not form.is_valid():
        raise NotFound(request.POST.get("list", ""))
    _say_sent(request, distributing.distribute(actor, bulletin_id, form.cleaned_data["list"]))
    return redirect("bulletins:detail", bulletin_id)


@require(*READERS)
@require_http_methods(["POST"])
def confirm(request: HttpRequest, bulletin_id: int) -> HttpResponse:
    """Say that one has read it."""
    distributing.confirm_read(actor_of(request), bulletin_id)
    messages.success(request, _("已签收。"))
    return redirect("bulletins:detail", bulletin_id)


@require(Permission.RUNS_PREPARE, Permission.RUNS_APPROVE)
@require_http_methods(["POST"])
def remind(request: HttpRequest, bulletin_id: int) -> HttpResponse:
    """Remind those who have not confirmed."""
    count = distributing.remind(actor_of(request), bulletin_id)
    messages.success(request, _("已提醒 %(count)s 人。") % {"count": count})
    return redirect("bulletins:detail", bulletin_id)


@require(Permission.RUNS_PREPARE, Permission.RUNS_APPROVE)
@require_GET
def list_lists(request: HttpRequest) -> HttpResponse:
    """The distribution lists of the actor's offices."""
    rows = queries.distribution_lists(actor_of(request))
    return render(
        request, "bulletins/lists.html", {"rows": rows, "steps": _steps(pgettext("many", "发送名单"))}
    )


@require(Permission.RUNS_PREPARE, Permission.RUNS_APPROVE)
@require_http_methods(["GET", "POST"])
def edit_list(request: HttpRequest) -> HttpResponse:
    """Make a list, or replace the one of the same name."""
    actor = actor_of(request)
    form = ListForm(request.POST if request.method == "POST" else None, choices=queries.list_choices(actor))
    if request.method == "POST" and form.is_valid():
        try:
            distributing.save_list(
                actor, form.cleaned_data["region"], form.cleaned_data["name"], form.entries()
            )
        except InvalidInput as error:
            for problem in error.problems:
                column = problem.column if problem.column in form.fields else None
                form.add_error(column, problem.text(actor.language))
        else:
            messages.success(request, _("名单已保存。"))
            return redirect("bulletins:lists")
    return render(
        request,
        "bulletins/list_form.html",
        {
            "form": form,
            "steps": [
                (_("通报文书"), reverse("bulletins:list")),
                (pgettext("many", "发送名单"), reverse("bulletins:lists")),
                (_("编辑"), ""),
            ],
        },
        status=400 if form.errors else 200,
    )


def _say_sent(request: HttpRequest, sent: distributing.Sent) -> None:
    messages.success(request, _("已发送给 %(count)s 人。") % {"count": sent.count})
    if sent.without_right:
        told = ngettext(
            "名单上有%(count)s人没有查看权限，未发送。",
            "名单上有%(count)s人没有查看权限，未发送。",
            sent.without_right,
        )
        messages.warning(request, told % {"count": sent.without_right})


@require_GET
def download(request: HttpRequest, bulletin_id: int, language: str, extension: str) -> FileResponse:
    """A printed file; the download is counted in the audit trail."""
    return attachment(services.download(actor_of(request), bulletin_id, extension, language))


def _steps(here: str) -> list[tuple[str, str]]:
    return [(_("通报文书"), reverse("bulletins:list")), (here, "")]
