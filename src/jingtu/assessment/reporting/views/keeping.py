"""Who has not reported, how units keep to their deadlines, and what it costs them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_identity
from jingtu.core.audit.exporting import Outgoing
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import NotFound
from jingtu.core.kernel.ids import ids_in
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput
from jingtu.engine.tablefile import Row

from .. import queries, services
from ..forms import SpanForm
from ..queries import BoardFilter, Burden, Progress
from ..rules import ReportState
from ..visibility import LOOKING
from ..words import STATES, TIMES
from .common import desk, tabs

PAGE_SIZE = 100
EXPORT_PAGE = 500


@require(Permission.FORMS_REVIEW)
@require_GET
def missing(request: HttpRequest) -> HttpResponse:
    """Everything that is due and has not come, by form and period, with one button to remind."""
    actor = actor_of(request)
    lines = queries.missing_lines(actor)
    context = {
        "lines": lines,
        "tabs": tabs(actor, "missing"),
        "fictional": any(line.form.tree.fictional for line in lines),
    }
    return render(request, "reporting/missing.html", context)


@require(Permission.FORMS_REVIEW)
@require_POST
def remind(request: HttpRequest) -> HttpResponse:
    """Remind the units named, or all of a form and period that have not reported."""
    ids = ids_in(request.POST.getlist("region"))
    try:
        sent = services.remind(
            actor_of(request), request.POST.get("form", ""), request.POST.get("period", ""), ids
        )
    except InvalidInput as error:
        messages.info(request, error.problems[0].text(interface_language()))
    else:
        if sent:
            told = ngettext("已发出%(count)s条催报通知。", "已发出%(count)s条催报通知。", sent)
            messages.success(request, told % {"count": sent})
        else:
            messages.info(request, _("今天已经催过，或没有可通知的人。"))
    return redirect("reporting:missing")


@desk(*LOOKING)
@require_POST
@confirmed_identity
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The board as a CSV file: every unit, never cut."""
    actor = actor_of(request)
    wanted = BoardFilter(
        form=request.POST.get("form", ""),
        period=request.POST.get("period", ""),
        state=request.POST.get("state", ""),
    )
    found = queries.board(actor, wanted)
    if found is None:
        raise NotFound(wanted.form, "form")
    told = [found.form.name, found.period.label(interface_language())]
    if wanted.state in STATES:
        told.append(f"{_('状态')}={STATES[ReportState(wanted.state)]}")
    table = Outgoing(
        _("填报情况"),
        [_("代码"), _("填报单位"), _("上级"), _("状态"), _("时效"), _("提交时间"), _("提交人")],
        _board_rows(found),
        found.units.count(),
        scope="；".join(told),
        fictional=found.form.tree.fictional,
    )
    return services.export_board(actor, found, table)


def _board_rows(found: queries.Board) -> Iterator[Row]:
    paginator = Paginator(found.units, EXPORT_PAGE)
    for number in paginator.page_range:
        for row in found.rows(list(paginator.page(number))):
            report = row.report
            sent = report.submitted_at if report else None
            who = report.submitted_by if report else None
            yield (
                row.region.code,
                row.region.name,
                row.parent,
                STATES[row.state],
                TIMES[row.timeliness],
                timezone.localtime(sent).strftime("%Y-%m-%d %H:%M") if sent else "",
                who.full_name if who else "",
            )


@desk(*LOOKING)
@require_GET
def progress(request: HttpRequest) -> HttpResponse:
    """Completeness and timeliness of every unit and form over a span of days."""
    actor = actor_of(request)
    found = asked_progress(request, actor)
    start, end = found.start, found.end
    order = request.GET.get("sort", "missing")
    keys = {
        "name": lambda unit: (unit.region.tree_id, unit.region.position or 0),
        "late": lambda unit: (-unit.late, unit.region.position or 0),
        "missing": lambda unit: (-unit.missing, -unit.late, unit.region.position or 0),
    }
    units = sorted(found.units, key=keys.get(order, keys["missing"]))
    data = {"from": start.isoformat(), "to": end.isoformat(), "form": request.GET.get("form", "")}
    context = {
        "found": found,
        "page": Paginator(units, PAGE_SIZE).get_page(request.GET.get("page")),
        "filters": SpanForm(data, forms=[(form.code, form.name) for form in queries.form_names(actor)]),
        "tabs": tabs(actor, "progress"),
        "fictional": any(form.tree.fictional for form, _ in found.forms),
        "file_query": request.GET.urlencode(),
    }
    return render(request, "reporting/progress.html", context)


@desk(*LOOKING)
@require_GET
def burden(request: HttpRequest) -> HttpResponse:
    """How many cells each unit typed in a month, by form, and what was asked twice."""
    actor = actor_of(request)
    found = asked_burden(request, actor)
    month = found.month
    context = {
        "found": found,
        "month": month,
        "kinds": ("month",),
        "page": Paginator(found.units, PAGE_SIZE).get_page(request.GET.get("page")),
        "most": max((month.typed for month in found.trend), default=0) or 1,
        "tabs": tabs(actor, "burden"),
        "fictional": any(form.tree.fictional for form in found.forms),
        "totals": list(zip(found.forms, found.by_form, strict=True)),
    }
    return render(request, "reporting/burden.html", context)


def asked_progress(request: HttpRequest, actor: Actor) -> Progress:
    """Completeness and timeliness over the days of the address, of a year and a bit at most."""
    last = today()
    first = (last.replace(day=1) - dt.timedelta(days=70)).replace(day=1)
    start, end = _day(request.GET.get("from", ""), first), _day(request.GET.get("to", ""), last)
    if end < start:
        start, end = end, start
    start = max(start, end - dt.timedelta(days=400))
    return queries.progress(actor, start, end, request.GET.get("form", ""))


def asked_burden(request: HttpRequest, actor: Actor) -> Burden:
    """The burden of the month of the address, by default of the last one."""
    month = Period.of("month", today()).previous()
    text = request.GET.get("period", "")
    if text:
        try:
            month = Period.of("month", Period.parse(text).end)
        except InvalidInput as error:
            messages.error(request, error.problems[0].text(interface_language()))
    return queries.burden(actor, month)


def _day(text: str, otherwise: dt.date) -> dt.date:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return otherwise
    return day if 1950 <= day.year <= 2199 else otherwise
