"""A card laid on the published periods of a year: table, chart, file, and a job where it takes long."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from jingtu.assessment.indicators.models import CatalogueVersion
from jingtu.assessment.runs.queries import get_run
from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_page
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.ids import id_in
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput

from . import retrospecting, services
from .retrospecting import Looked, Wanted
from .views import READERS, asked_of


@require(*READERS)
@require_GET
def retrospect(request: HttpRequest, run_id: int) -> HttpResponse:
    """Ranks per period under the card as published and under the one tried, the largest movers first."""
    actor = actor_of(request)
    run = get_run(actor, run_id)
    wanted = _wanted(request)
    year = wanted.year or run.period_start.year
    published = retrospecting.published_periods(actor, run)
    looked: Looked | None = None
    problems: list[str] = []
    job = id_in(request.GET.get("job"))
    long = False
    try:
        if job is not None:
            looked = retrospecting.of_job(actor, run_id, job)
        elif retrospecting.is_long(run, published, year):
            long = True
        else:
            looked = retrospecting.look_back(actor, run_id, wanted, published=published)
    except InvalidInput as refusal:
        problems = [problem.text(interface_language()) for problem in refusal.problems]
    numbers = CatalogueVersion.objects.order_by("-number").values_list("number", flat=True)
    chosen = looked.catalogue if looked else wanted.asked.catalogue or numbers[0]
    query = urlencode(
        [(key, value) for key, value in request.GET.items() if key not in ("year", "catalogue")]
    )
    chart = None
    if looked is not None:
        chart = retrospecting.rank_chart(
            looked, _("变动最大地区的名次"), pgettext("card", "发布"), _("推演"), pgettext("rank", "位")
        )
        problems += [one.text(interface_language()) for one in looked.left_out]
    return render(
        request,
        "simulations/retrospect.html",
        {
            "run": run,
            "fictional": run.tree.fictional,
            "looked": looked,
            "labels": _labels(looked),
            "chart": chart,
            "problems": problems,
            "long": long,
            "waiting": job is not None and looked is None and not problems,
            "job": job,
            "years": retrospecting.years_of(published),
            "year": looked.year if looked else year,
            "catalogues": [(number, _("目录第%(number)s版") % {"number": number}) for number in numbers],
            "catalogue": chosen,
            "kept": [(key, value) for key, value in request.GET.items() if key.partition(".")[0] in "wtr"],
            "query": query,
            "address": request.GET.urlencode(),
            "steps": [
                (pgettext("many", "考核"), reverse("runs:list")),
                (f"{run.period_label} {run.scorecard_name}", reverse("runs:detail", args=[run_id])),
                (_("模拟"), reverse("simulations:simulate", args=[run_id])),
                (_("多期回溯"), ""),
            ],
        },
        status=400 if problems and looked is None else 200,
    )


def _labels(looked: Looked | None) -> list[str]:
    if looked is None:
        return []
    return [Period.parse(period).label(interface_language()) for period in looked.found.periods]


def _wanted(request: HttpRequest) -> Wanted:
    year = request.GET.get("year", "")
    return Wanted(
        int(year) if year.isascii() and year.isdigit() and len(year) == 4 else 0, asked_of(request.GET)
    )


@require(*READERS)
@require_POST
def start(request: HttpRequest, run_id: int) -> HttpResponse:
    """Hand a long one to a job; the same address shows it once it has ended."""
    job = services.start_look_back(actor_of(request), run_id, _wanted(request))
    messages.info(request, _("已转入后台推演，进度见“作业”，完成后在本页查看。"))
    return redirect(f"{reverse('simulations:retrospect', args=[run_id])}?job={job.pk}")


@require(*READERS)
@require_GET
@confirmed_page
def export(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """The whole of it as a file; while a job still works on it, the page that shows how far it is."""
    actor: Actor = actor_of(request)
    job = id_in(request.GET.get("job"))
    if job is not None:
        found = retrospecting.of_job(actor, run_id, job)
        if found is None:
            return redirect(f"{reverse('simulations:retrospect', args=[run_id])}?job={job}")
    else:
        found = retrospecting.look_back(actor, run_id, _wanted(request))
    return services.export_look_back(actor, found)
