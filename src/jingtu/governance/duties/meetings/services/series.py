"""Series: set up, changed, ended; and the meetings they put down ahead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.db.models import Q

from jingtu.core.audit.actions import register_actions, register_objects
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    PermissionDenied,
    Problem,
    refuse,
    register_texts,
)
from jingtu.core.regions.queries import get_region
from jingtu.governance.duties.bodies.queries import get_body
from jingtu.governance.duties.plans.rules import day_problem

from ..models import Attendee, Meeting, Series, UsualAttendee
from ..rules import (
    AHEAD_DAYS,
    MINUTES_MOST,
    MOST_ATTENDEES,
    PRESETS,
    REASON_MOST,
    TITLE_MOST,
    Act,
    Rhythm,
    Rule,
    Slot,
    rule_problems,
    slots,
)
from ..visibility import visible_series
from .common import active_people, clean, step

register_actions(
    {
        "meetings.series_saved": ("保存会议系列", "Series of meetings saved"),
        "meetings.series_ended": ("停止会议系列", "Series of meetings ended"),
        "meetings.plan": ("安排会议", "Meeting planned"),
    }
)
register_objects({"meeting_series": ("会议系列", "Series of meetings")})
register_texts(
    {
        "meetings.series_name_taken": (
            "该地区已有同名的会议系列。",
            "The region has a series of this name already.",
        ),
        "meetings.series_ended": ("该系列已停止。", "The series has ended."),
        "meetings.body_elsewhere": (
            "所选机构属于别的地区。",
            "That body belongs to another region.",
        ),
        "meetings.minutes_range": ("时长应在 1 至 {most} 分钟之间。", "A meeting takes 1 to {most} minutes."),
        "meetings.too_many_people": ("参会人员不得超过{most}人。", "At most {most} people."),
        "meetings.generate_range": (
            "一次最多安排一年的会议，且截止日期不得早于起始日期。",
            "At most a year of meetings at once, and the last day not before the first.",
        ),
    }
)


@dataclass(frozen=True)
class Named:
    """Somebody on a list: a user by id or a guest by name, and what they come as."""

    person_id: int | None = None
    name: str = ""
    role: str = ""


@dataclass(frozen=True)
class SeriesData:
    """What a person wants of a series."""

    region_id: int
    name: str
    rule: Rule
    at: dt.time
    chair_id: int
    starts_on: dt.date
    minutes: int = 60
    place: str = ""
    preset: str = ""
    body_id: int | None = None
    usual: Sequence[Named] = field(default=())


def save_series(actor: Actor, wanted: SeriesData, series_id: int | None = None) -> Series:
    """Set up a series, or change one; meetings already put down stay as they are.

    Raises PermissionDenied without MEETINGS_MANAGE over the region, InvalidInput for a rule, person or text
    that does not fit, Conflict for a name that is taken.
    """
    _must_manage(actor, wanted.region_id)
    series = None if series_id is None else managed_series(actor, series_id)
    region = get_region(actor, wanted.region_id)
    problems = rule_problems(wanted.rule)
    if problems:
        raise InvalidInput(problems)
    far = day_problem(wanted.starts_on, "starts_on")
    if far is not None:
        raise InvalidInput([far])
    check_minutes(wanted.minutes)
    active_people([wanted.chair_id], "chair")
    usual = check_people(wanted.usual)
    if wanted.body_id is not None and get_body(actor, wanted.body_id).region_id != region.pk:
        raise refuse("meetings.body_elsewhere", column="body")
    values = {
        "region": region,
        "body_id": wanted.body_id,
        "name": clean(wanted.name, "name", TITLE_MOST),
        "preset": wanted.preset if wanted.preset in PRESETS else "",
        "rhythm": wanted.rule.rhythm.value,
        "weekday": wanted.rule.weekday,
        "nth": wanted.rule.nth,
        "day": wanted.rule.day,
        "month": wanted.rule.month,
        "shift": wanted.rule.shift.value,
        "at": wanted.at,
        "minutes": wanted.minutes,
        "place": clean(wanted.place, "place", TITLE_MOST, needed=False),
        "chair_id": wanted.chair_id,
        "starts_on": wanted.starts_on,
    }
    try:
        with transaction.atomic():
            if series is None:
                series = Series(created_by_id=user_id_of(actor), created_at=now())
            for name, value in values.items():
                setattr(series, name, value)
            series.save()
            series.usual.all().delete()
            UsualAttendee.objects.bulk_create(
                UsualAttendee(
                    series=series, person_id=one.person_id, name=one.name, role=one.role, position=position
                )
                for position, one in enumerate(usual, start=1)
            )
            record(
                actor,
                "meetings.series_saved",
                target_type="meeting_series",
                target_id=series.pk,
                region_id=region.pk,
                after={"name": series.name, "rhythm": series.rhythm, "chair": series.chair_id},
            )
    except IntegrityError as error:
        raise Conflict(Problem("meetings.series_name_taken")) from error
    return series


def end_series(actor: Actor, series_id: int, reason: str) -> Series:
    """Put down no more meetings, with the reason; those planned stay until they are cancelled one by one."""
    with transaction.atomic():
        series = managed_series(actor, series_id)
        if series.ended_on is not None:
            raise Conflict(Problem("meetings.series_ended"))
        if not reason.strip():
            raise refuse("meetings.reason_missing", column="reason")
        series.ended_on = today()
        series.end_reason = clean(reason, "reason", REASON_MOST)
        series.save(update_fields=["ended_on", "end_reason"])
        record(
            actor,
            "meetings.series_ended",
            target_type="meeting_series",
            target_id=series.pk,
            region_id=series.region_id,
            after={"reason": series.end_reason},
        )
    return series


def generate(
    actor: Actor, series_id: int, until: dt.date | None = None, first: dt.date | None = None
) -> list[Meeting]:
    """Put down the meetings of a series from a day (today, if none is given) on; the periods that have one
    already are left alone.

    Raises PermissionDenied, Conflict for a series that has ended, InvalidInput for more than a year at once.
    """
    series = managed_series(actor, series_id)
    if series.ended_on is not None:
        raise Conflict(Problem("meetings.series_ended"))
    start = max(series.starts_on, first or today())
    last = until or start + dt.timedelta(days=AHEAD_DAYS[Rhythm(series.rhythm)])
    if last < start or (last - start).days > 366:
        raise refuse("meetings.generate_range", column="until")
    return _put_down(actor, series, start, last)


def generate_due() -> int:
    """What the timer does: every series that goes on has its meetings put down ahead. How many it made."""
    made = 0
    for series in Series.objects.filter(Q(ended_on__isnull=True)).select_related("region"):
        start = max(series.starts_on, today())
        last = today() + dt.timedelta(days=AHEAD_DAYS[Rhythm(series.rhythm)])
        if start <= last:
            made += len(_put_down(SYSTEM, series, start, last))
    return made


def _put_down(actor: Actor, series: Series, first: dt.date, last: dt.date) -> list[Meeting]:
    standing = set(series.meetings.values_list("period", flat=True))
    usual = list(series.usual.all())
    made = []
    for found in slots(series.rule, first, last):
        if found.day is None or found.period.key in standing:
            continue
        with transaction.atomic():
            meeting = _meeting(actor, series, found, found.day)
            if meeting is None:
                continue
            Attendee.objects.bulk_create(
                Attendee(
                    meeting=meeting,
                    person_id=one.person_id,
                    name=one.name,
                    role=one.role,
                    position=one.position,
                )
                for one in usual
            )
            step(actor, meeting, Act.PLAN, told=found.why)
        made.append(meeting)
    return made


def _meeting(actor: Actor, series: Series, found: Slot, day: dt.date) -> Meeting | None:
    """The meeting of a period; None where another process has put it down meanwhile."""
    moment = now()
    meeting, created = Meeting.objects.get_or_create(
        series=series,
        period=found.period.key,
        defaults={
            "region_id": series.region_id,
            "title": series.name,
            "planned_on": found.planned,
            "held_on": day,
            "at": series.at,
            "minutes": series.minutes,
            "place": series.place,
            "chair_id": series.chair_id,
            "moved": [found.why.code, dict(found.why.params)] if found.why else [],
            "agenda_at": moment,
            "created_by_id": user_id_of(actor),
            "created_at": moment,
        },
    )
    return meeting if created else None


def managed_series(actor: Actor, series_id: int) -> Series:
    """The series for who manages it. Raises NotFound or PermissionDenied."""
    series = (
        Series.objects.filter(visible_series(actor), pk=series_id)
        .select_related("region__tree", "chair")
        .first()
    )
    if series is None:
        raise NotFound(f"#{series_id}")
    _must_manage(actor, series.region_id)
    return series


def check_minutes(minutes: int) -> None:
    """Refuse a length that no meeting has."""
    if not 1 <= minutes <= MINUTES_MOST:
        raise refuse("meetings.minutes_range", column="minutes", most=MINUTES_MOST)


def check_people(people: Sequence[Named]) -> list[Named]:
    """The people of a list, each once, with their texts cleaned. Raises InvalidInput."""
    if len(people) > MOST_ATTENDEES:
        raise refuse("meetings.too_many_people", column="guests", most=MOST_ATTENDEES)
    active_people([one.person_id for one in people], "people")
    found: dict[object, Named] = {}
    for one in people:
        name = clean(one.name, "guests", 64, needed=one.person_id is None)
        role = clean(one.role, "guests", 64, needed=False)
        found.setdefault(one.person_id or (name, role), Named(one.person_id, name, role))
    return list(found.values())


def _must_manage(actor: Actor, region_id: int) -> None:
    if not actor.can(Permission.MEETINGS_MANAGE, region_id):
        raise PermissionDenied(Permission.MEETINGS_MANAGE)
