"""Meetings among what waits for a person today."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import today
from jingtu.core.ui.today import Duty

from .daysoff import coming_off
from .models import Meeting
from .queries import MeetingFilter, meetings
from .rules import MeetingState
from .visibility import managed

SOON_DAYS = 3
MOST = 10


def waiting_meetings(actor: Actor) -> list[Duty]:
    """Meetings one is asked to in the next days, minutes to confirm, and for who manages them: agendas to
    send out, attendance and minutes that are still missing, days that have become days off. Five queries at most."""
    person = user_id_of(actor)
    if person is None:
        return []
    day = today()
    soon = day + dt.timedelta(days=SOON_DAYS)
    duties = [
        Duty(_("近日会议"), _page(one), f"{one.held_on.isoformat()} {one.at:%H:%M} · {one.title}")
        for one in meetings(
            actor, MeetingFilter(state=MeetingState.INVITED.value, mine=True, first=day, last=soon)
        ).order_by("held_on", "at")[:MOST]
    ]
    duties += [
        Duty(_("会议纪要待我确认"), _page(one), f"{one.held_on.isoformat()} · {one.title}", tone="watch")
        for one in Meeting.objects.filter(chair_id=person, state=MeetingState.MINUTED).order_by("held_on")[
            :MOST
        ]
    ]
    if not actor.can(Permission.MEETINGS_MANAGE):
        return duties
    counts = Meeting.objects.filter(managed(actor)).aggregate(
        to_invite=Count("pk", filter=Q(state=MeetingState.PLANNED, held_on__lte=soon)),
        to_hold=Count("pk", filter=Q(state=MeetingState.INVITED, held_on__lt=day)),
        to_minute=Count("pk", filter=Q(state=MeetingState.HELD)),
    )
    for name, state, label in (
        ("to_invite", MeetingState.PLANNED, _("会议临近，通知未发")),
        ("to_hold", MeetingState.INVITED, _("会议已过，未登记到会情况")),
        ("to_minute", MeetingState.HELD, _("会议纪要未提交")),
    ):
        if counts[name]:
            url = f"{reverse('meetings:list')}?state={state.value}"
            duties.append(Duty(label, url, count=counts[name], tone="watch"))
    off = Meeting.objects.filter(managed(actor)).filter(coming_off()).count()
    if off:
        url = reverse("meetings:list", query={"off": 1})
        duties.append(Duty(_("会议落在休息日，须改期"), url, count=off, tone="below"))
    return duties


def _page(meeting: Meeting) -> str:
    return reverse("meetings:detail", args=[meeting.pk])
