"""The register of official numbers."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound
from jingtu.core.kernel.ids import id_in
from jingtu.core.regions.places import own_places

from . import services
from .forms import NumberFilterForm, ReserveForm, SeriesForm, VoidForm
from .models import NumberSeries
from .queries import numbers_visible, series_visible
from .rules import NumberState
from .words import MARKS, STATES

PAGE_SIZE = 50


@require(Permission.NUMBERS_READ)
@require_GET
def number_list(request: HttpRequest) -> HttpResponse:
    """Every number given out, with what it was used for or why it was not."""
    actor = actor_of(request)
    wanted = {name: request.GET.get(name, "") for name in ("series", "year", "state")}
    series = list(series_visible(actor))
    numbers = numbers_visible(
        actor,
        id_in(wanted["series"]),
        id_in(wanted["year"]),
        wanted["state"],
    )
    years = [(year, year) for year in sorted({*numbers_visible(actor).values_list("year", flat=True)})]
    manageable = set(series_visible(actor, Permission.NUMBERS_MANAGE).values_list("pk", flat=True))
    page = Paginator(numbers, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "numbering/list.html",
        {
            "page": page,
            "rows": [(number, STATES[number.state], *MARKS[number.state]) for number in page],
            "series": series,
            "manageable": manageable,
            "filters": NumberFilterForm(
                request.GET,
                choices={
                    "series": [(one.pk, f"{one.region.name} · {one.name}") for one in series],
                    "year": years,
                    "state": list(STATES.items()),
                },
            ),
            "may_make": actor.can(Permission.NUMBERS_MANAGE),
            "reserved": NumberState.RESERVED.value,
        },
    )


@require(Permission.NUMBERS_MANAGE)
@require_http_methods(["GET", "POST"])
def new_series(request: HttpRequest) -> HttpResponse:
    """Set up a series."""
    actor = actor_of(request)
    form = SeriesForm(request.POST or None, regions=_regions(actor))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.make_series(
                actor, data["region"], name=data["name"], office=data["office"], pattern=data["pattern"]
            )
        except InvalidInput as error:
            for problem in error.problems:
                form.add_error(problem.column, problem.text(actor.language))
        except Conflict as error:
            form.add_error(None, error.problem.text(actor.language))
        else:
            messages.success(request, _("已设立。"))
            return redirect("numbering:list")
    return _form_page(request, form, _("设立文号系列"), "")


@require(Permission.NUMBERS_MANAGE)
@require_http_methods(["GET", "POST"])
def reserve(request: HttpRequest, series_id: int) -> HttpResponse:
    """Take the next number for something outside the system."""
    actor = actor_of(request)
    series = _series(actor, series_id)
    form = ReserveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        number = services.reserve(actor, series_id, form.cleaned_data["subject"], form.cleaned_data["reason"])
        messages.success(request, _("已预留 %(number)s。") % {"number": number.text})
        return redirect("numbering:list")
    return _form_page(request, form, _("预留文号"), f"{series.region.name} · {series.name}")


@require(Permission.NUMBERS_MANAGE)
@require_http_methods(["GET", "POST"])
def void(request: HttpRequest, number_id: int) -> HttpResponse:
    """Say that a reserved number is not used."""
    actor = actor_of(request)
    number = numbers_visible(actor).filter(pk=number_id).first()
    if number is None or not actor.can(Permission.NUMBERS_MANAGE, number.series.region_id):
        raise NotFound(number_id, "official_number")
    form = VoidForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.void_reserved(actor, number_id, form.cleaned_data["reason"])
        messages.success(request, _("已作废。"))
        return redirect("numbering:list")
    return _form_page(request, form, _("文号作废"), number.text)


def _form_page(
    request: HttpRequest, form: SeriesForm | ReserveForm | VoidForm, title: str, lead: str
) -> HttpResponse:
    return render(
        request,
        "numbering/form.html",
        {
            "form": form,
            "title": title,
            "lead": lead,
            "steps": [(_("文号登记"), reverse("numbering:list")), (title, "")],
        },
        status=400 if form.errors else 200,
    )


def _series(actor: Actor, series_id: int) -> NumberSeries:
    found = series_visible(actor, Permission.NUMBERS_MANAGE).filter(pk=series_id).first()
    if found is None:
        raise NotFound(f"#{series_id}")
    return found


def _regions(actor: Actor) -> list[tuple[int, str]]:
    return [(place.pk, place.name) for place in own_places(actor, Permission.NUMBERS_MANAGE)]
