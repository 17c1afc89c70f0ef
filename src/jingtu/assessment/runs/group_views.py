"""Pages of named frameworks over a run: places by frameworks, and one framework opened."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_page
from jingtu.core.kernel.errors import NotFound
from jingtu.core.kernel.ids import id_in
from jingtu.core.ui.chart_files import chart_file, file_url
from jingtu.core.ui.charts import Series, Trend

from .models import Run
from .queries import open_for
from .queries.groups import GroupState, group_at, group_history, group_matrix
from .reading_views import READERS, run_trail
from .services import export_group

PLACES_A_PAGE = 40


@require(*READERS)
@require_GET
def groups(request: HttpRequest, run_id: int) -> HttpResponse:
    """Every framework at every place: ● ▲ ◆ –."""
    actor = actor_of(request)
    reader = open_for(actor, run_id)
    found = group_matrix(actor, reader)
    page = Paginator(found.rows, PLACES_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "runs/reading/groups.html",
        {
            "run": reader.run,
            "found": found,
            "page": page,
            "fictional": reader.run.tree.fictional,
            "steps": run_trail(reader.run, _("指标组")),
        },
    )


@require(*READERS)
@require_GET
def group(request: HttpRequest, run_id: int, code: str) -> HttpResponseBase:
    """One framework: its members at one place, and its state over the periods."""
    actor = actor_of(request)
    reader = open_for(actor, run_id)
    places = [
        (int(reader.opened.tree.ids[at]), entry["name"])
        for at, entry in reader.subjects
        if reader.sees_below(at)
    ]
    if not places:
        raise NotFound(code)
    chosen = id_in(request.GET.get("region"))
    region = places[0][0] if chosen is None else chosen
    state = group_at(actor, reader, code, region)
    definition = reader.opened.catalogue.groups[code]
    history = group_history(actor, reader, code, region)
    place = next((name for pk, name in places if pk == region), "")
    chart = _trend(state.name, place, history)
    file = chart_file(request, actor, chart, f"{place} {state.name}", reader.run.tree.fictional)
    if file is not None:
        return file
    return render(
        request,
        "runs/reading/group.html",
        {
            "run": reader.run,
            "state": state,
            "definition": definition.definition(reader.language),
            "met_from": f"{definition.met_from * 100:.0f}",
            "watch_from": f"{definition.watch_from * 100:.0f}",
            "blocks": [state, *state.groups],
            "history": history,
            "chart": chart,
            "file_url": file_url(request),
            "places": places,
            "region": region,
            "place": place,
            "fictional": reader.run.tree.fictional,
            "steps": run_trail(reader.run, state.name),
        },
    )


def _trend(name: str, place: str, history: Sequence[tuple[Run, GroupState]]) -> Trend | None:
    """The share of what can be judged that is met, over the periods, oldest first."""
    if len(history) < 2:
        return None
    return Trend(
        title=name,
        unit="%",
        decimals=0,
        periods=[run.period_label for run, _then in history],
        series=[
            Series(
                place,
                [
                    then.state.kept * 100 / then.state.known if then.state.known else None
                    for _run, then in history
                ],
            )
        ],
        from_zero=True,
    )


@require(*READERS)
@require_GET
@confirmed_page
def group_csv(request: HttpRequest, run_id: int, code: str) -> StreamingHttpResponse:
    """One framework over the places as a file."""
    actor = actor_of(request)
    return export_group(actor, open_for(actor, run_id), code)
