"""Pages of trajectories."""

from __future__ import annotations

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import InvalidInput
from jingtu.core.kernel.ids import id_in
from jingtu.core.regions.models import RegionTree
from jingtu.core.regions.queries import get_region
from jingtu.core.ui.chart_files import chart_file, file_url
from jingtu.core.ui.charts import Series, Trend
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.notation import plain_number

from . import queries, services
from .choosing import chosen_tree, indicator_choices, own_regions, trail, trees_of
from .forms import DecisionForm, TrajectoryForm
from .queries import TrajectoryPage
from .services import TrajectoryData
from .visibility import READERS

PAGE_SIZE = 20
SHOWN_PROBLEMS = 20


@require(*READERS)
@require_GET
def trajectory_list(request: HttpRequest) -> HttpResponse:
    """Every trajectory in force, with where it stands and whether it has turned."""
    actor = actor_of(request)
    found = queries.standings(actor, tree=request.GET.get("tree", ""))
    state = request.GET.get("state", "")
    if state:
        found = [one for one in found if one.latest is not None and one.latest.standing == state]
    return render(
        request,
        "targets/trajectories.html",
        {
            "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
            "filtered": bool(state or request.GET.get("tree")),
            "state": state,
            "trees": trees_of(actor),
            "may_manage": actor.can(Permission.TARGETS_MANAGE),
            "tab": "trajectories",
        },
    )


@require(*READERS)
@require_GET
def detail(request: HttpRequest, trajectory_id: int) -> HttpResponseBase:
    """One trajectory: milestones, series, standing, turning point with the periods that decided."""
    actor = actor_of(request)
    found = queries.trajectory_page(actor, trajectory_id)
    chart = _chart(found)
    file = chart_file(request, actor, chart, found.trajectory.name, found.trajectory.tree.fictional)
    if file is not None:
        return file
    return render(
        request,
        "targets/trajectory.html",
        {
            "found": found,
            "one": found.trajectory,
            "chart": chart,
            "file_url": file_url(request),
            "indicator_name": found.indicator.name(interface_language()) if found.indicator else "",
            "turned_at": found.turning.at.label(interface_language())
            if found.turning and found.turning.at
            else "",
            "against": _labels(found.turning.against) if found.turning else [],
            "towards": _labels(found.turning.towards) if found.turning else [],
            "may_manage": found.trajectory.in_force
            and actor.can(Permission.TARGETS_MANAGE, found.trajectory.region_id),
            "steps": trail(
                found.trajectory.name, (pgettext("many", "轨迹"), reverse("targets:trajectories"))
            ),
            "fictional": found.trajectory.tree.fictional,
        },
    )


@require(Permission.TARGETS_MANAGE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Set a trajectory; ``?from=`` starts from an existing one, whose next version it becomes."""
    actor = actor_of(request)
    tree = chosen_tree(request, actor)
    initial: dict[str, object] = {}
    number = id_in(request.GET.get("from"))
    if number is not None:
        initial = _initial(queries.trajectory_page(actor, number))
    file = request.FILES.get("file")
    if file is not None:
        return _import(request, actor, tree, file)
    form = TrajectoryForm(
        request.POST or None,
        initial=initial,
        indicators=indicator_choices(actor),
        regions=own_regions(actor, tree),
    )
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        region = get_region(actor, data.pop("region"))
        try:
            made = services.set_trajectory(actor, region, TrajectoryData(**data))
        except InvalidInput as error:
            for problem in error.problems:
                name = problem.column if problem.column in form.fields else None
                form.add_error(name, problem.text(interface_language()))
        else:
            messages.success(request, _("轨迹已设定。"))
            return redirect("targets:trajectory", made.pk)
    steps = trail(_("设定轨迹"), (pgettext("many", "轨迹"), reverse("targets:trajectories")))
    context = {
        "form": form,
        "tree": tree,
        "trees": trees_of(actor),
        "steps": steps,
        "by_file": number is None,
    }
    return render(request, "targets/new.html", context, status=400 if form.errors else 200)


def _import(request: HttpRequest, actor: Actor, tree: RegionTree, file: UploadedFile) -> HttpResponse:
    """Take many trajectories in from a file, or say everything wrong in it."""
    try:
        made = services.import_trajectories(actor, tree, file.chunks(), file.name or "")
    except InvalidInput as error:
        language = interface_language()
        for problem in error.problems[:SHOWN_PROBLEMS]:
            messages.error(request, problem.located_text(language))
        if len(error.problems) > SHOWN_PROBLEMS:
            further = len(error.problems) - SHOWN_PROBLEMS
            told = ngettext(
                "另有%(count)s处错误；什么都没有存。", "另有%(count)s处错误；什么都没有存。", further
            )
            messages.error(request, told % {"count": further})
        return redirect(f"{reverse('targets:trajectory_new')}?tree={tree.slug}")
    told = ngettext("已设定%(count)s条轨迹。", "已设定%(count)s条轨迹。", len(made))
    messages.success(request, told % {"count": len(made)})
    return redirect(f"{reverse('targets:trajectories')}?tree={tree.slug}")


@require(Permission.TARGETS_MANAGE)
@require_POST
def retire(request: HttpRequest, trajectory_id: int) -> HttpResponse:
    """Take a trajectory out of use, with the reason."""
    actor = actor_of(request)
    queries.trajectory_page(actor, trajectory_id)
    form = DecisionForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        services.retire_trajectory(actor, trajectory_id, reason)
    except InvalidInput as error:
        messages.error(request, error.problems[0].text(interface_language()))
    else:
        messages.success(request, _("轨迹已停用。"))
    return redirect("targets:trajectory", trajectory_id)


def _chart(found: TrajectoryPage) -> Trend | None:
    if not found.points or found.indicator is None:
        return None
    return Trend(
        title=found.trajectory.name,
        unit=found.indicator.unit_name(interface_language()),
        decimals=found.indicator.decimals,
        periods=[point.label for point in found.points],
        series=[
            # What a period has brought so far would look like a fall.
            Series(
                _("实际"), [None if point.running else point.value for point in found.points], emphasis=True
            ),
            Series(_("轨迹"), [point.asked for point in found.points]),
        ],
    )


def _labels(periods: object) -> list[str]:
    return [period.label(interface_language()) for period in periods]  # type: ignore[attr-defined]


def _initial(found: TrajectoryPage) -> dict[str, object]:
    one = found.trajectory
    names = (
        "indicator", "name_zh", "name_en", "base_period", "base_value", "interpolation", "tolerance", "cadence",
        "turning_wrong_way", "turning_right_way", "turning_noise", "document",
    )  # fmt: skip
    lines = [
        f"{point.period} {plain_number(point.value)} {point.name_zh}".strip() for point, _ in found.milestones
    ]
    return {name: getattr(one, name) for name in names} | {
        "region": one.region_id,
        "milestones": "\n".join(lines),
    }
