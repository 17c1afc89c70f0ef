"""Sheets for other evaluations on screen: parse, ask, draw."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_identity, confirmed_page
from jingtu.core.files.views import CONTENT_TYPES
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound
from jingtu.engine.periods import Period
from jingtu.engine.problems import Problem

from . import queries, services
from .forms import FilterForm, ItemForm, LayoutForm, SheetForm
from .models import LayoutVersion
from .queries import DRAFTERS, FILLERS, READERS, SheetFilter
from .rules import Status
from .words import STATUSES

PAGE_SIZE = 25


@require(*READERS, *DRAFTERS)
@require_http_methods(["GET", "POST"])
def sheet_list(request: HttpRequest) -> HttpResponse:
    """Sheets with how far they are, and the beginning of a new one."""
    actor = actor_of(request)
    layouts = queries.layouts(actor)
    choices = [(version.code, version.layout.name(actor.language)) for version in layouts]
    form, status = _sheet_form(request, actor, choices), 200
    if request.method == "POST":
        status = 403 if form is None else 422
        if form is not None and form.is_valid():
            data = form.cleaned_data
            try:
                made = services.make_sheet(actor, data["layout"], data["region"], data["period"])
            except (InvalidInput, Conflict) as error:
                _add(form, error, actor)
            else:
                return redirect("outputs:detail", made.pk)
    wanted = SheetFilter(*(request.GET.get(name, "")[:48] for name in ("layout", "period", "state")))
    periods = [(key, Period.parse(key).label(actor.language)) for key in queries.periods_known(actor)]
    page = Paginator(queries.sheets(actor, wanted), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(sheet, sheet.version.layout) for sheet in page.object_list],
        "form": form,
        "filters": FilterForm(request.GET, layouts=choices, periods=periods),
        "narrowed": any((wanted.layout, wanted.period, wanted.state)),
        "layouts": layouts,
        "may_draft": _may_draft(actor),
        "fictional": any(sheet.region.tree.fictional for sheet in page.object_list),
    }
    return render(request, "outputs/list.html", context, status=status)


def _sheet_form(request: HttpRequest, actor: Actor, choices: list[tuple[str, str]]) -> SheetForm | None:
    regions = [(region.pk, region.name) for region in queries.regions_to_fill(actor)]
    if not regions or not choices:
        return None
    last = Period.of("quarter", today()).previous().key
    return SheetForm(request.POST or None, layouts=choices, regions=regions, initial={"period": last})


@require(*READERS)
@require_GET
def detail(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """One sheet: every item with its value, what it rests on, and where it stands."""
    actor = actor_of(request)
    page = queries.sheet_page(actor, sheet_id)
    asked = request.GET.get("state", "")
    wanted = next((status for status in Status if status.value == asked), None)
    sheet, layout = page.sheet, page.sheet.version.layout
    may_fill = queries.may_fill(actor, sheet)
    return render(
        request,
        "outputs/detail.html",
        {
            "sheet": sheet,
            "layout": layout,
            "name": layout.name(actor.language),
            "page": page,
            "blocks": [
                (row, line)
                for row, line in page.blocks
                if wanted is None or (line is not None and line.status == wanted)
            ],
            "counts": [
                (status, *STATUSES[status], page.counts[status])
                for status in Status
                if page.counts.get(status)
            ],
            "asked": wanted,
            "may_fill": may_fill,
            "own_hand": may_fill and queries.own_hand(actor, sheet),
            "fictional": sheet.region.tree.fictional,
            "steps": [(_("外报表"), reverse("outputs:list")), (layout.name(actor.language), "")],
        },
    )


@require(*FILLERS)
@require_POST
def confirm(request: HttpRequest, sheet_id: int, row: str) -> HttpResponse:
    """Stand for the value as it was seen."""
    actor = actor_of(request)
    try:
        services.confirm(actor, sheet_id, row, request.POST.get("seen", ""), request.POST.get("note", ""))
    except InvalidInput as error:
        messages.error(request, error.problems[0].text(actor.language))
    else:
        messages.success(request, _("已核定。"))
    return redirect(f"{reverse('outputs:detail', args=[sheet_id])}#row-{row}")


@require(*FILLERS)
@require_http_methods(["GET", "POST"])
def item(request: HttpRequest, sheet_id: int, row: str) -> HttpResponse:
    """The answer to a text item, a remark, and evidence for any."""
    actor = actor_of(request)
    page = queries.sheet_page(actor, sheet_id)
    line = next((line for line in page.lines if line.row.code == row), None)
    if line is None or not queries.may_fill(actor, page.sheet):
        raise NotFound(row)
    form = ItemForm(
        request.POST or None, request.FILES or None, initial={"text": line.text, "note": line.note}
    )
    if line.row.kind != "text":
        form.fields.pop("text")
        form.fields.pop("note")
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            files = data["evidence"]
            try:
                if line.row.kind == "text":
                    services.answer(actor, sheet_id, row, data["text"], data["note"], files)
                else:
                    services.add_evidence(actor, sheet_id, row, files)
            except InvalidInput as error:
                _add(form, error, actor)
            else:
                messages.success(request, _("已保存。"))
                return redirect(f"{reverse('outputs:detail', args=[sheet_id])}#row-{row}")
    layout = page.sheet.version.layout
    context = {
        "sheet": page.sheet,
        "line": line,
        "title": line.row.title(actor.language),
        "form": form,
        "fictional": page.sheet.region.tree.fictional,
        "steps": [
            (_("外报表"), reverse("outputs:list")),
            (layout.name(actor.language), reverse("outputs:detail", args=[sheet_id])),
            (line.row.title(actor.language), ""),
        ],
    }
    return render(request, "outputs/item.html", context, status=status)


@require(*FILLERS)
@require_POST
@confirmed_identity
def send(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """Say that the sheet was sent; it stays as it stands."""
    services.send(actor_of(request), sheet_id)
    messages.success(request, _("已报出，内容不再改动。"))
    return redirect("outputs:detail", sheet_id)


@require(*READERS)
@require_GET
@confirmed_page
def export(request: HttpRequest, sheet_id: int, extension: str) -> HttpResponse:
    """The sheet as a file; every export is counted and written into the audit trail."""
    actor = actor_of(request)
    content, name = services.export(actor, sheet_id, extension, actor.language)
    disposition = content_disposition_header(True, name) or "attachment"
    headers = {"Content-Disposition": disposition, "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type=CONTENT_TYPES[extension], headers=headers)


# --- layouts


@require(*READERS, *DRAFTERS)
@require_GET
def layout_list(request: HttpRequest) -> HttpResponse:
    """Every layout with the version that new sheets take."""
    actor = actor_of(request)
    return render(
        request,
        "outputs/layouts.html",
        {
            "rows": [(version, version.layout) for version in queries.layouts(actor)],
            "may_draft": _may_draft(actor),
            "steps": [(_("外报表"), reverse("outputs:list")), (_("表样"), "")],
        },
    )


@require(*READERS, *DRAFTERS)
@require_GET
def layout_page(request: HttpRequest, code: str) -> HttpResponse:
    """One layout: its rows, its columns, its versions."""
    actor = actor_of(request)
    versions = queries.layout_versions(actor, code)
    asked = request.GET.get("version", "")
    version = next((one for one in versions if str(one.number) == asked), versions[0])
    return render(request, "outputs/layout.html", _layout_context(actor, version, versions))


def _layout_context(actor: Actor, version: LayoutVersion, versions: list[LayoutVersion]) -> dict[str, Any]:
    layout = version.layout
    return {
        "version": version,
        "versions": versions,
        "layout": layout,
        "name": layout.name(actor.language),
        "may_draft": _may_draft(actor),
        "steps": [
            (_("外报表"), reverse("outputs:list")),
            (_("表样"), reverse("outputs:layouts")),
            (layout.name(actor.language), ""),
        ],
    }


@require(*DRAFTERS)
@require_http_methods(["GET", "POST"])
def edit_layout(request: HttpRequest, code: str = "") -> HttpResponse:
    """A layout as text; saving makes the next version."""
    actor = actor_of(request)
    present = queries.layout_versions(actor, code)[0] if code else None
    form = LayoutForm(request.POST or None, initial={"text": present.text if present else EXAMPLE})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = services.save_layout(actor, form.cleaned_data["text"], form.cleaned_data["reason"])
            except (InvalidInput, Conflict) as error:
                _add(form, error, actor)
            else:
                messages.success(request, _("已保存为第%(n)s版。") % {"n": made.number})
                return redirect("outputs:layout", made.code)
    last = present.layout.name(actor.language) if present else _("新建表样")
    steps = [(_("外报表"), reverse("outputs:list")), (_("表样"), reverse("outputs:layouts")), (last, "")]
    context = {"form": form, "present": present, "heading": last, "steps": steps}
    return render(request, "outputs/edit_layout.html", context, status=status)


EXAMPLE = """code: example
name: {zh: 示例表样, en: Example layout}
evaluation: {zh: 绩效考核（示例）, en: Performance evaluation (example)}
document: {zh: 填写要求报送的文件, en: The document that asks for it}
level: city
periods: [quarter, year]
columns: [number, title, unit, value, requirement, basis, note]
rows:
  - heading: {zh: 一、工作成效, en: 1. Results}
  - {indicator: CDT_EXEC, title: {zh: 执行率, en: Execution rate}}
  - {text: {zh: 主要做法, en: What was done}, code: practice, evidence: true}
"""


def _may_draft(actor: Actor) -> bool:
    return any(actor.can(right) for right in DRAFTERS)


def _add(form: Form, error: InvalidInput | Conflict, actor: Actor) -> None:
    problems: list[Problem] = list(error.problems) if isinstance(error, InvalidInput) else [error.problem]
    for problem in problems:
        column = problem.column if problem.column in form.fields else None
        form.add_error(column, problem.text(actor.language))
