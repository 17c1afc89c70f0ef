"""Pages of surveys: parse, ask one service or query, draw."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.facts.views.common import trees_open_to
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound
from jingtu.core.kernel.ids import id_in
from jingtu.core.regions.queries import levels, trees
from jingtu.core.ui.chart_files import chart_file, file_url
from jingtu.core.ui.charts import Series, Trend
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.periods import Period

from . import queries, services
from .forms import FilterForm, UploadForm
from .models import SurveyImport
from .services import About

PAGE_SIZE = 50
READERS = (Permission.RESULTS_READ, Permission.TARGETS_MANAGE)
Trail = list[tuple[str, str]]


def _trail(label: str) -> Trail:
    return [(_("民意调查"), reverse("surveys:list")), (label, "")]


@require(*READERS)
@require_GET
def wave_list(request: HttpRequest) -> HttpResponse:
    """Waves, the newest first; beside them what reports state of ranks and streaks."""
    actor = actor_of(request)
    names = queries.element_names(actor)
    waves = queries.list_waves(
        actor, request.GET.get("element", ""), request.GET.get("tree", ""), withdrawn=True
    )
    choices = {
        "tree": [(tree.slug, tree.name) for tree in trees(actor)],
        "element": list(names.items()),
    }
    return render(
        request,
        "surveys/list.html",
        {
            "page": Paginator(waves, PAGE_SIZE).get_page(request.GET.get("page")),
            "filters": FilterForm(request.GET, choices=choices),
            "filtered": bool(request.GET),
            "names": names,
            "reported": queries.reported_figures(actor),
            "may_import": actor.can(Permission.TARGETS_MANAGE),
        },
    )


@require(*READERS)
@require_http_methods(["GET", "POST"])
def detail(request: HttpRequest, wave_id: int) -> HttpResponseBase:
    """One wave: places ranked inside a region, with range, streak and warning; one place over the waves. Whoever
    brings results in takes a wrong wave back here."""
    actor = actor_of(request)
    if request.method == "POST":
        return _withdraw(request, actor, wave_id)
    found = queries.wave_page(actor, wave_id, id_in(request.GET.get("within")), request.GET.get("level", ""))
    chosen = id_in(request.GET.get("place")) or (found.rows[0].region.pk if found.rows else 0)
    row = next((row for row in found.rows if row.region.pk == chosen), None)
    series = queries.place_series(actor, found, chosen) if row else []
    chart = (
        Trend(
            title=row.region.name,
            unit="%",
            decimals=2,
            periods=[wave.period_label for wave, _answer in series],
            series=[
                Series(_("结果"), [answer.value for _wave, answer in series], emphasis=True),
                Series(_("区间下限"), [answer.low for _wave, answer in series]),
                Series(_("区间上限"), [answer.high for _wave, answer in series]),
            ],
        )
        if row
        else None
    )
    file = chart_file(request, actor, chart, found.name, found.wave.fictional)
    if file is not None:
        return file
    return render(
        request,
        "surveys/detail.html",
        {
            "found": found,
            "wave": found.wave,
            "narrowed": found.within.pk != found.wave.region_id,
            "page": Paginator(found.rows, PAGE_SIZE).get_page(request.GET.get("page")),
            "place": row,
            "chart": chart,
            "file_url": file_url(request),
            "fictional": found.wave.fictional,
            "may_withdraw": found.undoing is None
            and actor.can(Permission.TARGETS_MANAGE, found.wave.region_id)
            and actor.can(Permission.FACTS_IMPORT, found.wave.region_id),
            "level_names": [(level, found.wave.tree.level_name(level)) for level in found.levels],
            "steps": _trail(f"{found.name} {found.wave.period_label}"),
        },
    )


def _withdraw(request: HttpRequest, actor: Actor, wave_id: int) -> HttpResponse:
    try:
        services.withdraw_wave(actor, wave_id, request.POST.get("reason", "")[:500])
    except (InvalidInput, Conflict) as error:
        problems = error.problems if isinstance(error, InvalidInput) else [error.problem]
        messages.error(request, " ".join(problem.text(interface_language()) for problem in problems))
    else:
        messages.success(request, _("已撤回；可以重新导入这一期。"))
    return redirect("surveys:detail", wave_id)


@require(Permission.TARGETS_MANAGE)
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Hand in the results of a wave."""
    actor = actor_of(request)
    open_trees = trees_open_to(actor, Permission.TARGETS_MANAGE)
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        trees=open_trees,
        elements=list(queries.element_names(actor).items()),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        about = About(data["element"], data["period"], data["agency"], data["method"], data["source"])
        try:
            made = services.begin_import(
                actor, data["tree"], about, data["file"].chunks(), data["file"].name or ""
            )
        except InvalidInput as error:
            language = interface_language()
            for problem in error.problems:
                if problem.row is None and problem.column in form.fields:
                    form.add_error(problem.column, problem.text(language))
                else:
                    form.add_error(None, problem.located_text(language))
        else:
            return redirect("surveys:import", made.pk)
    context = {
        "form": form,
        "steps": _trail(_("导入调查结果")),
        "templates": [
            (tree, [(level, tree.level_name(level)) for level, _count in levels(actor, tree)][:3])
            for tree in open_trees
        ],
    }
    return render(request, "surveys/upload.html", context, status=400 if form.is_bound else 200)


@require(Permission.TARGETS_MANAGE)
@require_POST
def template(request: HttpRequest) -> HttpResponse:
    """A workbook with the places of a level."""
    actor = actor_of(request)
    open_trees = {tree.slug: tree for tree in trees_open_to(actor, Permission.TARGETS_MANAGE)}
    tree = open_trees.get(request.POST.get("tree", ""))
    if tree is None:
        raise NotFound(request.POST.get("tree", ""))
    stored = services.make_template(actor, tree, request.POST.get("level", ""))
    return redirect("files:download", stored.pk)


@require(Permission.TARGETS_MANAGE)
@require_GET
def import_detail(request: HttpRequest, import_id: int) -> HttpResponse:
    """What became of a file: the preview, or what is wrong in it."""
    actor = actor_of(request)
    made = queries.get_import(actor, import_id)
    if made.state == SurveyImport.State.STORED:
        return redirect("surveys:detail", made.wave.pk)
    language = interface_language()
    return render(
        request,
        "surveys/import.html",
        {
            "made": made,
            "period": Period.parse(made.about["period"]).label(language),
            "fictional": made.tree.fictional,
            "name": queries.element_names(actor).get(made.about["element"], made.about["element"]),
            "rows": services.rows_of(actor, made)[:200] if made.state == SurveyImport.State.READY else [],
            "problems": [(one.row, one.column, one.text(language)) for one in made.listed_problems()[:100]],
            "steps": _trail(made.file.name),
        },
    )


@require(Permission.TARGETS_MANAGE)
@require_POST
def confirm(request: HttpRequest, import_id: int) -> HttpResponse:
    """Store what a checked file states."""
    actor = actor_of(request)
    queries.get_import(actor, import_id)
    wave = services.confirm_import(actor, import_id)
    messages.success(request, _("已入库。"))
    return redirect("surveys:detail", wave.pk)
