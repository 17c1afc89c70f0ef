"""Pages of series."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.clock import today

from .. import services
from ..forms import GenerateForm, ReasonForm, SeriesForm, initial_of_preset, initial_of_series
from ..models import Series
from ..queries import (
    MeetingFilter,
    body_choices,
    dates_ahead,
    get_series,
    meeting_rows,
    meetings,
    series_rows,
)
from ..rules import PRESETS
from ..words import NTHS, PRESET_NAMES, RHYTHMS, SHIFTS, WEEKDAYS
from .common import attempt, offered, trail


@require_GET
def series_list(request: HttpRequest) -> HttpResponse:
    """Every series with its last and its next meeting."""
    actor = actor_of(request)
    return render(
        request,
        "meetings/series_list.html",
        {
            "rows": [(row, RHYTHMS[row.series.rhythm]) for row in series_rows(actor)],
            "presets": [(code, PRESET_NAMES[code]) for code in PRESETS],
            "may_manage": actor.can(Permission.MEETINGS_MANAGE),
            "steps": trail((_("会议系列"), "")),
        },
    )


@require_GET
def series_detail(request: HttpRequest, series_id: int) -> HttpResponse:
    """One series: its rule, the dates ahead, its meetings."""
    actor = actor_of(request)
    series = get_series(actor, series_id)
    found = list(meetings(actor, MeetingFilter(series=series.pk))[:60])
    return render(
        request,
        "meetings/series_detail.html",
        {
            "series": series,
            "rhythm": RHYTHMS[series.rhythm],
            "weekday": WEEKDAYS.get(series.weekday) if series.weekday is not None else "",
            "nth": NTHS.get(series.nth, ""),
            "shift": SHIFTS[series.shift],
            "usual": list(series.usual.select_related("person")),
            "ahead": dates_ahead(actor, series) if series.ended_on is None else [],
            "rows": meeting_rows(actor, found),
            "may_manage": actor.can(Permission.MEETINGS_MANAGE, series.region_id),
            "fictional": series.region.tree.fictional,
            "steps": _trail((series.name, "")),
        },
    )


@require(Permission.MEETINGS_MANAGE)
@require_http_methods(["GET", "POST"])
def series_new(request: HttpRequest) -> HttpResponse:
    """Set up a series, from one of the usual rhythms or freely."""
    initial = {**initial_of_preset(request.GET.get("preset", "")), "starts_on": today()}
    return _edit(request, None, initial, _("新建会议系列"))


@require(Permission.MEETINGS_MANAGE)
@require_http_methods(["GET", "POST"])
def series_edit(request: HttpRequest, series_id: int) -> HttpResponse:
    """Change a series; meetings put down already stay as they are."""
    series = get_series(actor_of(request), series_id)
    return _edit(request, series, initial_of_series(series), _("修改会议系列"))


def _edit(
    request: HttpRequest, series: Series | None, initial: dict[str, object], title: str
) -> HttpResponse:
    actor = actor_of(request)
    form = SeriesForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        bodies=body_choices(actor),
        **offered(actor),
    )
    saved: list[Series] = []
    if attempt(
        request,
        form,
        lambda: saved.append(
            services.save_series(actor, form.data_for_service(), series.pk if series else None)
        ),
    ):
        messages.success(request, _("会议系列已保存。"))
        return redirect("meetings:series-detail", saved[0].pk)
    return render(
        request,
        "meetings/form.html",
        {
            "form": form,
            "title": title,
            "button": _("保存"),
            "back": reverse("meetings:series-detail", args=[series.pk])
            if series
            else reverse("meetings:series"),
            "steps": _trail((title, "")),
        },
        status=400 if form.errors else 200,
    )


@require(Permission.MEETINGS_MANAGE)
@require_http_methods(["GET", "POST"])
def series_generate(request: HttpRequest, series_id: int) -> HttpResponse:
    """Put down the meetings of a series until a day."""
    actor = actor_of(request)
    series = get_series(actor, series_id)
    form = GenerateForm(request.POST or None)
    made: list[int] = []
    if attempt(
        request,
        form,
        lambda: made.append(len(services.generate(actor, series_id, form.cleaned_data["until"]))),
    ):
        messages.success(
            request,
            ngettext("新安排了 %(count)s 次会议。", "新安排了 %(count)s 次会议。", made[0])
            % {"count": made[0]},
        )
        return redirect("meetings:series-detail", series_id)
    return _act(request, series, form, _("安排会议"))


@require(Permission.MEETINGS_MANAGE)
@require_http_methods(["GET", "POST"])
def series_end(request: HttpRequest, series_id: int) -> HttpResponse:
    """Put down no more meetings."""
    actor = actor_of(request)
    series = get_series(actor, series_id)
    form = ReasonForm(request.POST or None)
    if attempt(request, form, lambda: services.end_series(actor, series_id, form.cleaned_data["reason"])):
        messages.success(request, _("已停止，不再安排新的会议；已安排的会议不变。"))
        return redirect("meetings:series-detail", series_id)
    return _act(request, series, form, _("停止会议系列"))


def _act(request: HttpRequest, series: Series, form: GenerateForm | ReasonForm, title: str) -> HttpResponse:
    back = reverse("meetings:series-detail", args=[series.pk])
    return render(
        request,
        "meetings/form.html",
        {
            "form": form,
            "title": title,
            "button": title,
            "back": back,
            "fictional": series.region.tree.fictional,
            "steps": _trail((series.name, back), (title, "")),
        },
        status=400 if form.errors else 200,
    )


def _trail(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return trail((_("会议系列"), reverse("meetings:series")), *more)
