"""What is due, the grid, and what is typed into it."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from jingtu.core.accounts.access import actor_of
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict
from jingtu.core.kernel.ids import ids_in
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.problems import InvalidInput, Problem, refuse

from .. import queries, services
from ..queries.grid import MOST_UNITS
from ..services import Entry, Outcome
from ..writing import shown_value
from .common import desk, tabs

SHOWN_PROBLEMS = 12
WORKING = (Permission.FORMS_FILL, Permission.FORMS_REVIEW)


@desk(Permission.FORMS_FILL, Permission.FORMS_REVIEW, Permission.FACTS_READ, Permission.CATALOGUE_MANAGE)
@require_GET
def due(request: HttpRequest) -> HttpResponse:
    """What waits to be filled in; whoever fills nothing in is led to the board."""
    actor = actor_of(request)
    everything = request.GET.get("all") == "1"
    lines = queries.due_lines(actor, everything=everything)
    pages = tabs(actor, "due")
    if not lines and not any(current for _name, _url, current in pages) and pages:
        return redirect(pages[0][1])
    context = {
        "lines": lines,
        "everything": everything,
        "tabs": pages,
        "fictional": any(line.form.tree.fictional for line in lines),
    }
    return render(request, "reporting/due.html", context)


@desk(*WORKING)
@require_GET
def fill(request: HttpRequest, code: str, period: str, region_id: int) -> HttpResponse:
    """One unit's report: to fill in, to read, to review."""
    actor = actor_of(request)
    page = queries.grid_one(actor, code, period, region_id, complete=request.GET.get("check") == "1")
    unit = page.units[0]
    context = {
        "page": page,
        "unit": unit,
        "steps": _trail(page, unit.region.name),
        "problems": _shown_problems(unit),
        "decidable": unit.may_decide or unit.may_unlock,
        "refused_why": Problem(unit.review_refused, {"region": unit.region.name}).text(interface_language())
        if unit.review_refused and unit.report
        else "",
        "fictional": page.form.tree.fictional,
        "grid_words": _grid_words(),
    }
    return render(request, "reporting/fill.html", context)


@desk(Permission.FORMS_FILL)
@require_GET
def fill_many(request: HttpRequest, code: str, period: str) -> HttpResponse:
    """Many units as one table, a section at a time."""
    actor = actor_of(request)
    first = request.GET.get("from", "0")
    start = int(first) if first.isascii() and first.isdigit() and len(first) < 7 else 0
    chosen = request.GET.get("section", "0")
    number = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 4 else 0
    page = queries.grid_many(actor, code, period, start, number)
    if len(page.units) == 1 and not start:
        return redirect("reporting:fill", code, period, page.units[0].region.pk)
    if number >= len(page.definition.sections):
        return redirect("reporting:fill-many", code, period)
    rows = [(unit, unit.sections[number].cells if number < len(unit.sections) else ()) for unit in page.units]
    context = {
        "page": page,
        "rows": rows,
        "head": rows[0][1],
        "section": page.units[0].sections[number],
        "sections": [
            (section.title, f"?section={index}&from={start}", index == number)
            for index, section in enumerate(page.units[0].sections)
        ],
        "steps": _trail(page, _("多单位填报")),
        "more": f"?section={number}&from={start + MOST_UNITS}" if len(page.units) == MOST_UNITS else "",
        "fictional": page.form.tree.fictional,
        "grid_words": _grid_words(),
    }
    return render(request, "reporting/many.html", context)


def _trail(page: Any, here: str) -> list[tuple[str, str]]:
    return [
        (_("填报"), reverse("reporting:due")),
        (f"{page.definition.name(interface_language())} {page.period.label(interface_language())}", ""),
        (here, ""),
    ]


def _shown_problems(unit: Any) -> list[tuple[str, str, str, bool]]:
    """(address of the cell, its name, the sentence, whether it keeps the report from being handed in)."""
    cells = {cell.key: cell for cell in unit.cells}
    return [
        (
            f"#{cells[found.key].dom_id}",
            cells[found.key].name,
            found.problem.text(interface_language()),
            found.blocks,
        )
        for found in unit.problems
        if found.key in cells
    ]


def _grid_words() -> dict[str, str | list[str]]:
    return {
        "saving": _("正在保存…"),
        "saved": _("已保存于"),
        "offline": [
            ngettext(
                "连接中断：{n} 格尚未保存，保留在本页，恢复后自动保存。请不要关闭本页。",
                "连接中断：{n} 格尚未保存，保留在本页，恢复后自动保存。请不要关闭本页。",
                count,
            )
            for count in (1, 2)
        ],
        "refused": [
            ngettext(
                "{n} 格没有保存，仍在本页：",
                "{n} 格没有保存，仍在本页：",
                count,
            )
            for count in (1, 2)
        ],
        "unsaved": [
            ngettext(
                "{n} 格有误，未保存",
                "{n} 格有误，未保存",
                count,
            )
            for count in (1, 2)
        ],
        "conflict": [
            ngettext(
                "{n} 格与他人的修改冲突，请选择",
                "{n} 格与他人的修改冲突，请选择",
                count,
            )
            for count in (1, 2)
        ],
        "mine": _("用我的"),
        "theirs": _("用对方的"),
        "blocks": _("须改正"),
        "explain": _("请说明"),
        "number": _("请填写数字"),
        "negative": _("不能小于 0"),
        "decimals": _("小数位过多"),
        "above": _("大于“{whole}”"),
        "leave": _("还有未保存的数字。"),
        "signed_out": _("登录已过期：请在另一个窗口登录，本页的数字会自动保存。"),
    }


@desk(Permission.FORMS_FILL)
@require_POST
def save(request: HttpRequest, code: str, period: str) -> HttpResponse:
    """Cells as the page sends them while people type. Always answers cell by cell."""
    actor = actor_of(request)
    try:
        given = json.loads(request.body)
        entries = [
            Entry(
                int(cell["region"]),
                str(cell["key"]),
                None if cell.get("text") is None else str(cell["text"])[:64],
                int(cell.get("version", 0)),
                None if cell.get("note") is None else str(cell["note"]),
            )
            for cell in given["cells"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise refuse("report.unreadable") from error
    outcome = services.save_cells(actor, code, period, entries)
    return JsonResponse(_answer(actor, outcome))


def _answer(actor: Actor, outcome: Outcome) -> dict[str, Any]:
    working = outcome.working
    language = interface_language()
    units: dict[str, Any] = {}
    for region in working.regions:
        report = working.reports.get(region.pk)
        values = working.values(region.pk)
        totals = {
            line.key: working.elements[line.element].format(values[line.key].value or 0)
            for line in working.lines(region.pk)
            if line.kind == "total" and line.key in values and values[line.key].value is not None
        }
        problems = working.problems(region.pk, language, complete=False)
        units[str(region.pk)] = {
            "revision": report.revision if report else 0,
            "totals": totals,
            "problems": [
                {"key": found.key, "text": found.problem.text(language), "blocks": found.blocks}
                for found in problems
            ],
        }
    saved = []
    for region_id, key in outcome.saved:
        cell = working.cells[region_id][key]
        element = working.elements[cell.element]
        saved.append(
            {"region": region_id, "key": key, "version": cell.version, "text": shown_value(element, cell)}
        )
    return {
        "at": timezone.localtime(now()).strftime("%H:%M:%S"),
        "saved": saved,
        "refused": [
            {
                "region": refused.region_id,
                "key": refused.key,
                "text": refused.problem.text(language),
                "conflict": refused.conflict,
                "version": refused.version,
                "shown": refused.shown,
            }
            for refused in outcome.refused
        ],
        "units": units,
    }


@desk(Permission.FORMS_FILL)
@require_POST
def submit(request: HttpRequest, code: str, period: str, region_id: int) -> HttpResponse:
    """Hand the report in; what is wrong is shown on the page, each with its cell."""
    try:
        services.submit(actor_of(request), code, period, region_id)
    except InvalidInput as error:
        if any(problem.column == "period" for problem in error.problems):
            messages.error(request, error.problems[0].text(interface_language()))
            return redirect("reporting:fill", code, period, region_id)
        count = len(error.problems)
        messages.error(
            request, _("还不能提交：%(count)s处需要改正或说明，见页面上的清单。") % {"count": count}
        )
    except Conflict as error:
        messages.error(request, error.problem.text(interface_language()))
    else:
        messages.success(request, _("已提交，等待审核。"))
        return redirect("reporting:fill", code, period, region_id)
    return redirect(f"{reverse('reporting:fill', args=[code, period, region_id])}?check=1")


@desk(Permission.FORMS_FILL)
@require_POST
def submit_many(request: HttpRequest, code: str, period: str) -> HttpResponse:
    """Hand in all reports of the table that are in order; the others are named."""
    ids = ids_in(request.POST.getlist("region"))
    outcome = services.submit_many(actor_of(request), code, period, ids)
    if outcome.reports:
        count = len(outcome.reports)
        told = ngettext("已提交%(count)s份报表。", "已提交%(count)s份报表。", count)
        messages.success(request, told % {"count": count})
    if outcome.held_back:
        count = len(outcome.held_back)
        told = ngettext(
            "%(count)s个单位还有缺项或错误，未提交，请逐个点开。",
            "%(count)s个单位还有缺项或错误，未提交，请逐个点开。",
            count,
        )
        messages.warning(request, told % {"count": count})
    if not outcome.reports and not outcome.held_back:
        messages.info(request, _("没有可以提交的报表。"))
    return redirect("reporting:fill-many", code, period)


@desk(Permission.FORMS_FILL)
@require_POST
def withdraw(request: HttpRequest, code: str, period: str, region_id: int) -> HttpResponse:
    """Take the report back before anybody has reviewed it."""
    services.withdraw(actor_of(request), code, period, region_id)
    messages.success(request, _("已撤回，可以继续修改。"))
    return redirect("reporting:fill", code, period, region_id)


@desk(Permission.FORMS_FILL)
@require_POST
def sheet(request: HttpRequest, code: str, period: str) -> HttpResponse:
    """Take the form away as a workbook, or bring it back filled in."""
    actor = actor_of(request)
    ids = ids_in(request.POST.getlist("region"))
    one = ids[0] if len(ids) == 1 else None
    given = request.FILES.get("file")
    if given is None:
        stored = services.make_sheet(actor, code, period, ids)
        return redirect("files:download", stored.pk)
    back = (
        redirect("reporting:fill", code, period, one)
        if one
        else redirect("reporting:fill-many", code, period)
    )
    try:
        returned = services.read_back(actor, code, period, given.chunks(), given.name or "", ids)
    except InvalidInput as error:
        for problem in error.problems[:SHOWN_PROBLEMS]:
            messages.error(request, problem.located_text(interface_language()))
        return back
    if returned.marked is not None:
        messages.error(
            request,
            _("表格有%(count)s处错误，什么也没有存：请下载标出错误的表格，改正后再上传。")
            % {"count": len(returned.problems)},
        )
        return redirect("files:download", returned.marked.pk)
    told = ngettext("已从表格存入%(count)s格。", "已从表格存入%(count)s格。", returned.saved)
    messages.success(request, told % {"count": returned.saved})
    for refused in returned.refused[:SHOWN_PROBLEMS]:
        messages.warning(request, refused.problem.text(interface_language()))
    return back


@desk(*WORKING)
@require_GET
def history(request: HttpRequest, code: str, period: str, region_id: int) -> HttpResponse:
    """Everything that happened to one cell."""
    actor = actor_of(request)
    key = request.GET.get("cell", "")
    if not key:
        return redirect("reporting:fill", code, period, region_id)
    name, entries = queries.cell_history(actor, code, period, region_id, key)
    page = queries.grid_one(actor, code, period, region_id)
    context = {
        "name": name,
        "entries": entries,
        "page": page,
        "unit": page.units[0],
        "steps": [*_trail(page, page.units[0].region.name), (name, "")],
        "fictional": page.form.tree.fictional,
    }
    return render(request, "reporting/history.html", context)
