"""Decisions on reports: one at a time with its cells, or many at once."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.landing import is_own_path
from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.errors import NotFound
from jingtu.core.kernel.ids import id_in, ids_in
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.problems import InvalidInput, refuse

from .. import services
from ..models import Report
from ..rules import ReportState
from ..services import Choice, Chosen

SHOWN_PROBLEMS = 12
CHOOSE_FIRST = {"report.stands_already", "report.replace_reason"}


@require(Permission.FORMS_REVIEW)
@require_POST
def accept(request: HttpRequest) -> HttpResponse:
    """Pass all reports that were ticked, each at the revision the page showed."""
    chosen = [_chosen(text) for text in request.POST.getlist("report")]
    back = request.POST.get("back", "")
    board = redirect(back if is_own_path(back) else reverse("reporting:review"))
    try:
        reports = services.pass_reports(actor_of(request), chosen, request.POST.get("note", "")[:500])
    except InvalidInput as error:
        if not all(problem.code == "report.stands_already" for problem in error.problems):
            raise
        messages.error(request, _("一份也没有通过：有的报表提交之后又来了不同的数，须先打开报表逐格选定。"))
        for problem in error.problems[:SHOWN_PROBLEMS]:
            messages.error(request, problem.text(interface_language()))
        return board
    count = len(reports)
    messages.success(
        request,
        ngettext("已审核通过%(count)s份报表。", "已审核通过%(count)s份报表。", count) % {"count": count},
    )
    return board


def _chosen(text: str) -> Chosen:
    report, _mark, revision = text.partition(":")
    numbers = ids_in((report, revision))
    if len(numbers) != 2:
        raise NotFound(text)
    return Chosen(*numbers)


def _choices(request: HttpRequest) -> dict[str, Choice]:
    """Which figure shall stand, as the radio buttons of the page say."""
    found = {}
    for name, text in request.POST.items():
        if name.startswith("keep:"):
            choice = Choice.read(str(text))
            if choice is None:
                raise refuse("report.unreadable")
            found[name.removeprefix("keep:")] = choice
    return found


def _page_of(report_id: int) -> str:
    report = Report.objects.select_related("form").get(pk=report_id)
    return reverse("reporting:fill", args=[report.form.code, report.period, report.region_id])


@require(Permission.FORMS_REVIEW)
@require_POST
def decide(request: HttpRequest, report_id: int) -> HttpResponse:
    """Pass one report, send chosen cells back, or unlock chosen cells of an accepted one."""
    actor = actor_of(request)
    act = request.POST.get("act", "")
    revision = id_in(request.POST.get("revision"))
    if act == "pass":
        note = (request.POST.get("note", "") or request.POST.get("reason", ""))[:500]
        try:
            report = services.pass_reports(
                actor, [Chosen(report_id, revision)], note, {report_id: _choices(request)}
            )[0]
        except InvalidInput as error:
            if not all(problem.code in CHOOSE_FIRST for problem in error.problems):
                raise
            for problem in error.problems[:SHOWN_PROBLEMS]:
                messages.error(request, problem.text(interface_language()))
            return redirect(f"{_page_of(report_id)}#rp-clashes")
        done = _("已审核通过。") if report.state == ReportState.ACCEPTED else _("本级已通过，转下一级审核。")
    elif act in {"return", "unlock"}:
        reason = request.POST.get("reason", "")
        reasons = {
            key: request.POST.get(f"reason:{key}", "").strip() or reason
            for key in request.POST.getlist("cell")
        }
        work = services.return_cells if act == "return" else services.unlock_cells
        report = work(actor, report_id, reasons, revision)
        done = _("已退回所选各格。") if act == "return" else _("已解锁所选各格。")
    else:
        raise refuse("report.unreadable")
    messages.success(request, done)
    return redirect("reporting:fill", report.form.code, report.period, report.region_id)
