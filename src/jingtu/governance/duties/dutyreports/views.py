"""Pages of duty reports and of the evaluation of member units."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_identity
from jingtu.core.accounts.forms import add_problems
from jingtu.core.files.views import CONTENT_TYPES
from jingtu.core.kernel.actor import Permission, user_id_of
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import InvalidInput, NotFound, PermissionDenied
from jingtu.core.kernel.ids import id_in, ids_in
from jingtu.core.regions.places import own_places

from . import printing, queries, services
from .forms import BeginForm, TextForm
from .rules import AFTER, AUTHORS, Act, State
from .sections import sections_of
from .words import MARKS, STATES

READ = Permission.DUTIES_READ


@require(READ)
@require_GET
def report_list(request: HttpRequest) -> HttpResponse:
    """Own reports and those open to the reader."""
    actor = actor_of(request)
    state = request.GET.get("state", "")
    state = state if state in {each.value for each in State} else ""
    year = next(iter(ids_in([request.GET.get("year", "")])), None)
    holder = request.GET.get("holder", "")
    kind, _sep, number = holder.partition(":")
    chosen = {kind: id_in(number)} if kind in ("region", "unit") else {}
    found = queries.reports(actor, year, state, **chosen)
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(one, STATES[one.state], *MARKS[one.state]) for one in page],
        "states": [(key.value, word_) for key, word_ in ((each, STATES[each]) for each in State)],
        "state": state,
        "year": year,
        "holders": queries.holders_of_reports(actor),
        "holder": holder,
        "filtered": bool(state or year or any(chosen.values())),
        "runs": queries.unit_runs(actor),
    }
    return render(request, "dutyreports/list.html", context)


@require(READ)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin one's own report."""
    actor = actor_of(request)
    places = list(own_places(actor, Permission.DUTIES_READ))
    form = BeginForm(
        request.POST or None,
        places=places,
        units=queries.own_units(actor, [place.pk for place in places]),
        initial={"year": today().year},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            report = services.begin(
                actor, int(data["region"]), data["post"], data["year"], unit_id=data["unit"]
            )
        except InvalidInput as error:
            add_problems(form, error, actor.language)
        else:
            return redirect("dutyreports:detail", report.pk)
    return _form_page(request, form, _("撰写述职报告"), reverse("dutyreports:list"))


@require(READ)
@require_http_methods(["GET", "POST"])
def detail(request: HttpRequest, report_id: int) -> HttpResponse:
    """A report with what the system knows of its year, and the comments; the author writes here."""
    actor = actor_of(request)
    report = queries.get_report(actor, report_id)
    own = report.person_id == user_id_of(actor)
    drafting = report.state == State.DRAFT
    if request.method == "POST" and not (own and drafting):
        raise PermissionDenied(READ)
    form = TextForm(request.POST or None, initial={"text": report.text}) if own and drafting else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            services.write(actor, report_id, form.cleaned_data["text"])
        except InvalidInput as error:
            add_problems(form, error, actor.language)
        else:
            messages.success(request, _("已保存。"))
            return redirect("dutyreports:detail", report_id)
    may = {act.value for (state, act) in AFTER if state == report.state and (act in AUTHORS) == own}
    if not own and not actor.can(Permission.DUTY_REPORTS_READ, report.region_id):
        may = set()
    context = {
        "report": report,
        "state": (STATES[report.state], *MARKS[report.state]),
        "sections": sections_of(actor, report),
        "comments": list(report.comments.select_related("person")),
        "form": form,
        "may": may,
        "comment": TextForm(auto_id="comment_%s") if Act.COMMENT.value in may else None,
        "files": [
            ("zh", "docx", _("中文 Word")),
            ("zh", "pdf", _("中文 PDF")),
            ("en", "docx", _("英文 Word")),
            ("en", "pdf", _("英文 PDF")),
        ],
        "fictional": report.region.tree.fictional,
        "steps": [*_trail(), (str(report.year), "")],
    }
    return render(request, "dutyreports/detail.html", context, status=400 if form and form.errors else 200)


@require(READ)
@require_POST
@confirmed_identity
def submit(request: HttpRequest, report_id: int) -> HttpResponse:
    """Hand in one's own report."""
    try:
        services.submit(actor_of(request), report_id)
    except InvalidInput as error:
        messages.error(request, error.problems[0].text(actor_of(request).language))
    else:
        messages.success(request, _("已提交。"))
    return redirect("dutyreports:detail", report_id)


@require(Permission.DUTY_REPORTS_READ)
@require_POST
def comment(request: HttpRequest, report_id: int) -> HttpResponse:
    """Comment on somebody else's report."""
    try:
        services.comment(actor_of(request), report_id, request.POST.get("text", ""))
    except InvalidInput as error:
        messages.error(request, error.problems[0].text(actor_of(request).language))
    else:
        messages.success(request, _("讲评已记录。"))
    return redirect("dutyreports:detail", report_id)


@require(Permission.DUTY_REPORTS_READ)
@require_POST
def close(request: HttpRequest, report_id: int) -> HttpResponse:
    """Close a report that was commented on."""
    services.close(actor_of(request), report_id)
    messages.success(request, _("已办结。"))
    return redirect("dutyreports:detail", report_id)


@require(READ)
@require_GET
def printed(request: HttpRequest, report_id: int, language: str, extension: str) -> HttpResponse:
    """The report as Word or PDF; taking it out is on record."""
    spoken = next((known for known in printing.LANGUAGES if known == language), None)
    if spoken is None:
        raise Http404
    name, content = printing.printed(actor_of(request), report_id, spoken, extension)
    headers = {"Content-Disposition": content_disposition_header(True, name) or ""}
    return HttpResponse(content, content_type=CONTENT_TYPES[extension], headers=headers)


@require(READ)
@require_GET
def units(request: HttpRequest, run_id: int) -> HttpResponse:
    """Member units of a published assessment with the office's words on each."""
    actor = actor_of(request)
    run = queries.get_unit_run(actor, run_id)
    context = {
        "run": run,
        "page": Paginator(queries.unit_rows(actor, run), 50).get_page(request.GET.get("page")),
        "fictional": run.tree.fictional,
        "steps": [*_trail(), (_("成员单位评价"), "")],
    }
    return render(request, "dutyreports/units.html", context)


@require(Permission.BODIES_MANAGE)
@require_http_methods(["GET", "POST"])
def unit(request: HttpRequest, run_id: int, region_id: int) -> HttpResponse:
    """Write the office's words on one unit."""
    actor = actor_of(request)
    run = queries.get_unit_run(actor, run_id)
    row = next((one for one in queries.unit_rows(actor, run) if one.region.pk == region_id), None)
    if row is None:
        raise NotFound(region_id, "region")
    if not row.may_write:
        raise PermissionDenied(Permission.BODIES_MANAGE)
    form = TextForm(request.POST or None, initial={"text": row.evaluation.text if row.evaluation else ""})
    back = reverse("dutyreports:units", args=[run_id])
    if request.method == "POST" and form.is_valid():
        try:
            services.evaluate_unit(actor, run_id, region_id, form.cleaned_data["text"])
        except InvalidInput as error:
            add_problems(form, error, actor.language)
        else:
            messages.success(request, _("已保存。"))
            return redirect(back)
    title = _("评价：%(unit)s") % {"unit": row.region.name}
    return _form_page(request, form, title, back, run.tree.fictional)


def _form_page(
    request: HttpRequest, form: forms.Form, title: str, back: str, fictional: bool = False
) -> HttpResponse:
    context = {"form": form, "title": title, "back": back, "fictional": fictional}
    context["steps"] = [*_trail(), (title, "")]
    return render(request, "dutyreports/form.html", context, status=400 if form.errors else 200)


def _trail() -> list[tuple[str, str]]:
    return [(_("述职"), reverse("dutyreports:list"))]
