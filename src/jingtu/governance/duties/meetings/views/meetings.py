"""Lists, the calendar and the page of one meeting, with what is done to it as a whole."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import InvalidInput
from jingtu.core.kernel.ids import id_in
from jingtu.engine.periods import Period, PeriodKind

from .. import services
from ..decided import decision_rows, last_decisions
from ..forms import (
    ChangeForm,
    MeetingFilterForm,
    MeetingForm,
    MoveForm,
    ReasonForm,
    initial_of_meeting,
)
from ..forms_inside import AttendanceForm
from ..models import Meeting
from ..queries import (
    MeetingFilter,
    get_managed,
    meeting_page,
    meeting_rows,
    meetings,
    nearest_first,
    people_choices,
    presence_choices,
    series_list,
)
from ..rules import TOOK_PLACE
from ..words import STATES, WEEKDAYS
from .common import PAGE_SIZE, attempt, done, offered, trail, trail_of


@require_GET
def meeting_list(request: HttpRequest) -> HttpResponse:
    """Meetings the actor may know of, filtered by the address."""
    actor = actor_of(request)
    state = request.GET.get("state", "")
    wanted = MeetingFilter(
        state=state if state in STATES else "",
        series=id_in(request.GET.get("series", "")),
        mine=bool(request.GET.get("mine")),
        off=bool(request.GET.get("off")),
    )
    found = nearest_first(meetings(actor, wanted), today())
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "meetings/list.html",
        {
            "page": page,
            "rows": meeting_rows(actor, list(page)),
            "filters": MeetingFilterForm(
                request.GET, series=[(one.pk, one.name) for one in series_list(actor)]
            ),
            "filtered": wanted != MeetingFilter(),
            "may_manage": actor.can(Permission.MEETINGS_MANAGE),
        },
    )


@require_GET
def month(request: HttpRequest) -> HttpResponse:
    """The meetings of a month, day by day."""
    actor = actor_of(request)
    shown = Period.of(PeriodKind.MONTH, today())
    try:
        asked = Period.parse(request.GET.get("month", "") or shown.key)
        shown = asked if asked.kind is PeriodKind.MONTH else shown
    except InvalidInput:
        pass
    found = meetings(
        actor, MeetingFilter(first=shown.start, last=shown.end, mine=bool(request.GET.get("mine")))
    ).order_by("held_on", "at", "pk")
    days: dict[Any, list[Any]] = {}
    for row in meeting_rows(actor, list(found)):
        days.setdefault(row.meeting.held_on, []).append(row)
    return render(
        request,
        "meetings/calendar.html",
        {
            "days": [(day, WEEKDAYS[day.weekday()], rows) for day, rows in days.items()],
            "shown": shown.label(actor.language),
            "previous": shown.previous().key,
            "next": shown.next().key,
            "mine": bool(request.GET.get("mine")),
            "month": shown.key,
            "steps": trail((_("会议日历"), "")),
        },
    )


@require_GET
def detail(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """One meeting: agenda, people, papers, minutes, decisions, history."""
    actor = actor_of(request)
    page = meeting_page(actor, meeting_id)
    return render(
        request,
        "meetings/detail.html",
        {
            "page": page,
            "meeting": page.meeting,
            "weekday": WEEKDAYS[page.meeting.held_on.weekday()],
            "may": page.may(),
            "decided": decision_rows(actor, page.decisions, today()),
            "earlier": last_decisions(actor, page.meeting) if page.meeting.state != "cancelled" else [],
            "took_place": page.meeting.state in TOOK_PLACE,
            "fictional": page.meeting.region.tree.fictional,
            "steps": trail((page.meeting.title, "")),
        },
    )


@require(Permission.MEETINGS_MANAGE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Call an extraordinary meeting."""
    actor = actor_of(request)
    form = MeetingForm(
        request.POST if request.method == "POST" else None, initial={"day": today()}, **offered(actor)
    )
    made: list[Meeting] = []
    if attempt(request, form, lambda: made.append(services.call_meeting(actor, form.data_for_service()))):
        messages.success(request, _("会议已安排。下一步：编排议程，再发会议通知。"))
        return redirect("meetings:detail", made[0].pk)
    title = _("召开临时会议")
    return render(
        request,
        "meetings/form.html",
        {
            "form": form,
            "title": title,
            "button": _("保存"),
            "back": reverse("meetings:list"),
            "steps": trail((title, "")),
        },
        status=400 if form.errors else 200,
    )


@require(Permission.MEETINGS_MANAGE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Place, chair, length and people."""
    actor = actor_of(request)
    meeting = get_managed(actor, meeting_id)
    form = ChangeForm(
        request.POST if request.method == "POST" else None,
        initial=initial_of_meeting(meeting),
        **offered(actor, meeting.region_id),
    )

    def deed() -> None:
        data = form.cleaned_data
        services.change(
            actor,
            meeting_id,
            place=data["place"],
            chair_id=data["chair"],
            minutes=data["minutes"],
            people=form.named(),
        )

    return _act(request, meeting, form, deed, _("地点和参会人员"), _("会议已修改。"))


@require(Permission.MEETINGS_MANAGE)
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Another day or time."""
    actor = actor_of(request)
    meeting = get_managed(actor, meeting_id)
    if "proposed" in request.POST:
        return _move_off_holiday(request, meeting_id)
    form = MoveForm(request.POST or None, initial={"day": meeting.held_on, "at": meeting.at})

    def deed() -> None:
        data = form.cleaned_data
        services.move(actor, meeting_id, data["day"], data["at"], data["reason"], day_off=data["day_off"])

    return _act(request, meeting, form, deed, _("会议改期"), _("会议已改期。"))


def _move_off_holiday(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """One click on the day proposed."""
    try:
        day = dt.date.fromisoformat(request.POST["proposed"])
    except ValueError as error:
        raise Http404 from error
    return done(
        request,
        lambda: services.move_off_holiday(actor_of(request), meeting_id, day),
        _("会议已改期；已发通知的，参会人员已收到改期通知。"),
        "meetings:detail",
        meeting_id,
    )


@require(Permission.MEETINGS_MANAGE)
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Do not hold it."""
    actor = actor_of(request)
    meeting = get_managed(actor, meeting_id)
    form = ReasonForm(request.POST or None)
    return _act(
        request,
        meeting,
        form,
        lambda: services.cancel(actor, meeting_id, form.cleaned_data["reason"]),
        _("取消这次会议"),
        _("会议已取消，记录保留。"),
    )


@require(Permission.MEETINGS_MANAGE)
@require_POST
def invite(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Send the invitation."""
    return done(
        request,
        lambda: services.invite(actor_of(request), meeting_id),
        _("会议通知已发，议程已固定。"),
        "meetings:detail",
        meeting_id,
    )


@require(Permission.MEETINGS_MANAGE)
@require_http_methods(["GET", "POST"])
def attendance(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Note that it took place and who came."""
    actor = actor_of(request)
    meeting = get_managed(actor, meeting_id)
    form = AttendanceForm(
        request.POST if request.method == "POST" else None,
        attendees=list(meeting.attendees.select_related("person")),
        presences=presence_choices(),
        people=people_choices(actor, meeting.region_id),
    )
    return _act(
        request,
        meeting,
        form,
        lambda: services.hold(actor, meeting_id, form.came()),
        _("登记到会情况"),
        _("到会情况已登记。下一步：记录纪要和决定。"),
        template="meetings/attendance.html",
    )


def _act(
    request: HttpRequest,
    meeting: Meeting,
    form: forms.Form,
    deed: Any,
    title: str,
    said: str,
    template: str = "meetings/form.html",
) -> HttpResponse:
    if attempt(request, form, deed):
        messages.success(request, said)
        return redirect("meetings:detail", meeting.pk)
    return render(
        request,
        template,
        {
            "form": form,
            "title": title,
            "button": title,
            "meeting": meeting,
            "back": reverse("meetings:detail", args=[meeting.pk]),
            "fictional": meeting.region.tree.fictional,
            "steps": trail_of(meeting, title),
        },
        status=400 if form.errors else 200,
    )
