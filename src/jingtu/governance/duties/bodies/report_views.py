"""Pages of a body's reports."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_identity
from jingtu.core.files.views import attachment
from jingtu.core.kernel.actor import SYSTEM, Permission, user_id_of
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import Conflict, InvalidInput, PermissionDenied
from jingtu.core.numbering.queries import series_for
from jingtu.engine.periods import Period

from . import queries, reports
from .forms import IssueForm, PeriodForm, TextsForm
from .models import BodyReport
from .rules import ReportState
from .views import form_page, show
from .writer import ReportWriter


@require(Permission.BODIES_MANAGE)
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, body_id: int) -> HttpResponse:
    """Draw up the report of a period."""
    actor = actor_of(request)
    body = queries.get_body(actor, body_id)
    if not actor.can(Permission.BODIES_MANAGE, body.region_id):
        raise PermissionDenied(Permission.BODIES_MANAGE)
    last = Period.of("month", today()).previous().key
    form = PeriodForm(request.POST or None, initial={"period": last})
    if request.method == "POST" and form.is_valid():
        try:
            report = reports.draft_report(actor, body_id, form.cleaned_data["period"])
        except (InvalidInput, Conflict) as error:
            show(form, error, actor)
        else:
            return redirect("bodies:report", report.pk)
    return form_page(request, form, _("起草工作报告"), body=body)


@require(Permission.DUTIES_READ)
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, report_id: int) -> HttpResponse:
    """A report as it reads; while it is a draft, the words of people are written here."""
    actor = actor_of(request)
    found = queries.get_report(actor, report_id)
    drafting = found.state == ReportState.DRAFT
    edits = drafting and actor.can(Permission.BODIES_MANAGE, found.body.region_id)
    if request.method == "POST" and not edits:
        raise PermissionDenied(Permission.BODIES_MANAGE)
    form = TextsForm(request.POST or None, initial=found.texts) if edits else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            reports.write_texts(actor, report_id, form.cleaned_data)
        except InvalidInput as error:
            show(form, error, actor)
        else:
            messages.success(request, _("已保存。"))
            return redirect("bodies:report", report_id)
    return _page(request, found, form)


def _page(
    request: HttpRequest, found: BodyReport, form: TextsForm | None, issue: IssueForm | None = None
) -> HttpResponse:
    actor = actor_of(request)
    composed = ReportWriter(found, actor.language).document()
    drafting = found.state == ReportState.DRAFT
    issues = actor.can(Permission.SUPERVISION_ISSUE, found.body.region_id) and drafting
    other = found.prepared_by_id is None or found.prepared_by_id != user_id_of(actor)
    if issues and other and issue is None:
        issue = IssueForm(series=series_for(SYSTEM, found.body.region_id))
    wrong = bool(form and form.errors) or bool(issue and issue.errors)
    return render(
        request,
        "bodies/report.html",
        {
            "report": found,
            "composed": composed,
            "form": form,
            "issue": issue if issues and other else None,
            "waits": issues and not other,
            "files": list(found.files.all()),
            "fictional": found.body.region.tree.fictional,
            "steps": [
                (_("组织机构"), reverse("bodies:list")),
                (found.body.title, reverse("bodies:detail", args=[found.body_id])),
                (found.period_label, ""),
            ],
        },
        status=400 if wrong else 200,
    )


@require(Permission.BODIES_MANAGE)
@require_POST
def refresh(request: HttpRequest, report_id: int) -> HttpResponse:
    """Gather the figures of a draft anew."""
    actor = actor_of(request)
    found = queries.get_report(actor, report_id)
    reports.draft_report(actor, found.body_id, found.period)
    messages.success(request, _("已按现有记录重写，所写文字保留。"))
    return redirect("bodies:report", report_id)


@require(Permission.SUPERVISION_ISSUE)
@require_POST
@confirmed_identity
def issue(request: HttpRequest, report_id: int) -> HttpResponse:
    """Issue a report that somebody else drew up."""
    actor = actor_of(request)
    found = queries.get_report(actor, report_id)
    form = IssueForm(request.POST, series=series_for(SYSTEM, found.body.region_id))
    if not form.is_valid():
        return _page(request, found, None, form)
    reports.issue_report(actor, report_id, form.cleaned_data["series_id"])
    messages.success(request, _("已签发，文件已定稿。"))
    return redirect("bodies:report", report_id)


@require(Permission.DUTIES_READ)
@require_GET
def download(request: HttpRequest, report_id: int, language: str, extension: str) -> FileResponse:
    """A printed file; the download is counted in the audit trail."""
    return attachment(reports.download(actor_of(request), report_id, language, extension))
