from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_identity
from jingtu.core.files.views import attachment
from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import Conflict, InvalidInput
from jingtu.core.numbering.queries import series_for
from jingtu.engine.periods import Period

from . import queries, services
from .forms import DraftForm, ReturnForm, SignForm
from .models import SituationReport
from .rules import RULES, ReportState
from .writer import SituationWriter

PAGE_SIZE = 25
READERS = (Permission.RESULTS_READ, Permission.RUNS_PREPARE, Permission.RUNS_APPROVE)


@require(*READERS)
@require_http_methods(["GET", "POST"])
def report_list(request: HttpRequest) -> HttpResponse:
    """Situation reports, and the beginning of a new one."""
    actor = actor_of(request)
    form = None
    status = 200
    if actor.can(Permission.RUNS_PREPARE):
        last = Period.of("quarter", today()).previous().key
        form = DraftForm(queries.regions_to_write_on(actor), request.POST or None, initial={"period": last})
    if request.method == "POST":
        status = 403 if form is None else 422
        if form is not None and form.is_valid():
            try:
                made = services.draft(actor, form.cleaned_data["region"], form.cleaned_data["period"])
            except (InvalidInput, Conflict) as error:
                _add(form, error, actor.language == "en")
            else:
                return redirect("situation:detail", made.pk)
    page = Paginator(queries.reports(actor), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "situation/list.html", {"page": page, "form": form}, status=status)


@require_GET
def detail(request: HttpRequest, report_id: int) -> HttpResponse:
    """A report as it reads, with the rule of every sentence, its files and what is to be done with it."""
    actor = actor_of(request)
    return _page(request, queries.get_report(actor, report_id))


def _page(
    request: HttpRequest, report: SituationReport, sign: Form | None = None, status: int = 200
) -> HttpResponse:
    actor = actor_of(request)
    writer = SituationWriter(report, actor.language)
    composed = writer.document()
    at = 1 if actor.language == "en" else 0
    prepares = actor.can(Permission.RUNS_PREPARE, report.region_id)
    approves = (
        actor.can(Permission.RUNS_APPROVE, report.region_id)
        and actor.actor_id != f"user:{report.prepared_by_id}"
    )
    office = f"{report.region.name}禁毒委员会办公室"
    return render(
        request,
        "situation/detail.html",
        {
            "report": report,
            "composed": composed,
            "said": [(RULES[said.rule][at], said.text) for said in writer.said],
            "files": list(report.files.all()),
            "fictional": report.region.tree.fictional,
            "may_submit": prepares and report.state == ReportState.DRAFT,
            "sign": (
                sign or SignForm(initial={"issuer_zh": office}, series=series_for(actor, report.region_id))
            )
            if approves and report.state == ReportState.REVIEW
            else None,
            "back": ReturnForm(),
            "steps": [(_("毒情形势分析"), reverse("situation:list")), (composed.title, "")],
        },
        status=status,
    )


@require_POST
@confirmed_identity
def act(request: HttpRequest, report_id: int, action: str) -> HttpResponse:
    """Refresh, send up, send back, sign."""
    actor = actor_of(request)
    report = queries.get_report(actor, report_id)
    try:
        if action == "refresh":
            services.rewrite(actor, report_id)
            messages.success(request, _("已按现有数据重写。"))
        elif action == "submit":
            services.submit(actor, report_id)
            messages.success(request, _("已送审，由另一人签发。"))
        elif action == "return":
            services.send_back(actor, report_id, request.POST.get("reason", ""))
            messages.success(request, _("已退回编写人。"))
        else:
            form = SignForm(request.POST, series=series_for(actor, report.region_id))
            if not form.is_valid():
                return _page(request, report, form, 422)
            services.approve(actor, report_id, **form.cleaned_data)
            messages.success(request, _("已签发，文件已定稿。"))
    except InvalidInput as error:
        messages.error(request, error.problems[0].text(actor.language))
    return redirect("situation:detail", report_id)


@require_GET
def download(request: HttpRequest, report_id: int, language: str, extension: str) -> FileResponse:
    """A printed file; the download is counted in the audit trail."""
    return attachment(services.download(actor_of(request), report_id, extension, language))


def _add(form: Form, error: InvalidInput | Conflict, english: bool) -> None:
    problems = error.problems if isinstance(error, InvalidInput) else [error.problem]
    for problem in problems:
        form.add_error(
            problem.column if problem.column in form.fields else None, problem.text("en" if english else "zh")
        )
