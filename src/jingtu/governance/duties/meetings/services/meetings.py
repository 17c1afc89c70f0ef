"""One meeting: called by hand, invited, moved, cancelled; who came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from jingtu.core.audit.actions import register_actions, register_objects, register_states
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, PermissionDenied, Problem, refuse
from jingtu.core.regions.queries import get_region
from jingtu.engine.workdays import is_working_day

from .. import notices
from ..daysoff import day_proposed
from ..models import Attendee, Meeting
from ..rules import NEXT_AFTER_DAYS, TITLE_MOST, Act, MeetingState, Presence
from ..words import STATES
from .common import active_people, audited, begin, clean, managed_meeting, step, touched, wrong_state
from .series import Named, check_minutes, check_people

register_actions(
    {
        "meetings.move": ("会议改期", "Meeting moved"),
        "meetings.invite": ("发会议通知", "Meeting invited"),
        "meetings.hold": ("登记到会情况", "Attendance recorded"),
        "meetings.cancel": ("取消会议", "Meeting cancelled"),
        "meetings.changed": ("修改会议", "Meeting changed"),
    }
)
register_objects({"meeting": ("会议", "Meeting")})
register_states("meeting", STATES)


@dataclass(frozen=True)
class MeetingData:
    """What a person wants of one meeting."""

    region_id: int
    title: str
    day: dt.date
    at: dt.time
    chair_id: int | None = None
    minutes: int = 60
    place: str = ""
    people: Sequence[Named] = field(default=())
    day_off: bool = False


@dataclass(frozen=True)
class Came:
    """Whether one person came, and who stood in."""

    presence: Presence
    substitute: str = ""
    substitute_id: int | None = None


def call_meeting(actor: Actor, wanted: MeetingData) -> Meeting:
    """Plan an extraordinary meeting, outside every series.

    Raises PermissionDenied, InvalidInput for a day off (unless meant), the past, a person or text that does
    not fit.
    """
    if not actor.can(Permission.MEETINGS_MANAGE, wanted.region_id):
        raise PermissionDenied(Permission.MEETINGS_MANAGE)
    region = get_region(actor, wanted.region_id)
    _check_day(wanted.day, wanted.day_off)
    check_minutes(wanted.minutes)
    active_people([wanted.chair_id], "chair")
    people = check_people(wanted.people)
    moment = now()
    with transaction.atomic():
        meeting = Meeting.objects.create(
            region=region,
            title=clean(wanted.title, "title", TITLE_MOST),
            planned_on=wanted.day,
            held_on=wanted.day,
            at=wanted.at,
            day_off=not is_working_day(wanted.day),
            minutes=wanted.minutes,
            place=clean(wanted.place, "place", TITLE_MOST, needed=False),
            chair_id=wanted.chair_id,
            agenda_at=moment,
            created_by_id=user_id_of(actor),
            created_at=moment,
        )
        _put_people(meeting, people)
        step(actor, meeting, Act.PLAN)
    return meeting


def change(
    actor: Actor, meeting_id: int, *, place: str, chair_id: int | None, minutes: int, people: Sequence[Named]
) -> Meeting:
    """Change where, who leads, how long and who is asked. After the invitation whoever is new is invited too;
    who was on the list stays on it.

    Raises Conflict once the meeting has been held or cancelled.
    """
    check_minutes(minutes)
    active_people([chair_id], "chair")
    wanted = check_people(people)
    with transaction.atomic():
        meeting = managed_meeting(actor, meeting_id, lock=True)
        if meeting.state not in (MeetingState.PLANNED, MeetingState.INVITED):
            raise Conflict(wrong_state(meeting))
        before = {one.person_id for one in meeting.attendees.all()} - {None}
        if meeting.frozen:
            standing = {(one.person_id, one.name) for one in meeting.attendees.all()}
            fresh = [one for one in wanted if (one.person_id, one.name) not in standing]
            _put_people(meeting, fresh, meeting.attendees.count())
            new = {one.person_id for one in fresh if one.person_id is not None} - before
            notices.invited(actor, meeting, only=new)
        else:
            meeting.attendees.all().delete()
            _put_people(meeting, wanted)
        meeting.place = clean(place, "place", TITLE_MOST, needed=False)
        meeting.chair_id, meeting.minutes = chair_id, minutes
        meeting.save(update_fields=["place", "chair", "minutes"])
        touched(meeting)
        audited(actor, "meetings.changed", meeting, after={"place": meeting.place, "chair": chair_id})
    return meeting


def invite(actor: Actor, meeting_id: int) -> Meeting:
    """Send the invitation: from now on the agenda stands, and what is added is marked as added.

    Raises Conflict for an empty agenda, an empty list of people, no chair, or the wrong state.
    """
    with transaction.atomic():
        meeting, _ = begin(actor, meeting_id, Act.INVITE)
        if not meeting.items.exists():
            raise Conflict(Problem("meetings.nothing_on_agenda"))
        if meeting.chair_id is None:
            raise Conflict(Problem("meetings.no_chair"))
        if not meeting.attendees.exists():
            raise Conflict(Problem("meetings.nobody_invited"))
        step(actor, meeting, Act.INVITE, invited_at=now())
        notices.invited(actor, meeting)
    return meeting


def move(
    actor: Actor, meeting_id: int, day: dt.date, at: dt.time, reason: str, *, day_off: bool = False
) -> Meeting:
    """Hold it on another day or at another time, with the reason; who was invited is told."""
    with transaction.atomic():
        meeting, reason = begin(actor, meeting_id, Act.MOVE, reason)
        if (day, at) == (meeting.held_on, meeting.at):
            raise refuse("meetings.same_day", column="day")
        _check_day(day, day_off)
        step(actor, meeting, Act.MOVE, reason, held_on=day, at=at, day_off=not is_working_day(day))
        touched(meeting)
        if meeting.frozen:
            notices.moved(actor, meeting, reason, reason)
    return meeting


def move_off_holiday(actor: Actor, meeting_id: int, day: dt.date) -> Meeting:
    """Hold a meeting whose day has turned out to be a day off on ``day``, the one proposed; who was invited is told.

    Raises NotFound, PermissionDenied, Conflict for the wrong state, a meeting that need not move, or a proposal that is
    another by now.
    """
    with transaction.atomic():
        meeting, _ = begin(actor, meeting_id, Act.MOVE, explained=True)
        proposed = day_proposed(meeting, today())
        if proposed is None:
            raise Conflict(Problem("meetings.not_off", {"day": meeting.held_on.isoformat()}))
        if proposed != day:
            raise Conflict(Problem("meetings.proposal_changed"))
        planned = meeting.held_on.isoformat()
        why = Problem("meetings.now_off", {"planned": planned, "day": day.isoformat()})
        step(actor, meeting, Act.MOVE, told=why, held_on=day, moved=[why.code, dict(why.params)])
        touched(meeting)
        if meeting.frozen:
            notices.moved(actor, meeting, why.text("zh"), why.text("en"))
    return meeting


def cancel(actor: Actor, meeting_id: int, reason: str) -> Meeting:
    """Do not hold it, with the reason; the meeting stays in the list."""
    with transaction.atomic():
        meeting, reason = begin(actor, meeting_id, Act.CANCEL, reason)
        step(actor, meeting, Act.CANCEL, reason)
        if meeting.frozen:
            notices.cancelled(actor, meeting, reason)
    return meeting


def hold(actor: Actor, meeting_id: int, came: Mapping[int, Came]) -> Meeting:
    """Note that the meeting took place and who came (by id of the attendee); who is not named counts as absent.

    Raises Conflict before its day, InvalidInput for a substitute without a name.
    """
    with transaction.atomic():
        meeting, _ = begin(actor, meeting_id, Act.HOLD)
        if today() < meeting.held_on:
            raise Conflict(Problem("meetings.not_yet"))
        active_people([one.substitute_id for one in came.values()], "substitute")
        attendees = list(meeting.attendees.all())
        for attendee in attendees:
            one = came.get(attendee.pk, Came(Presence.ABSENT))
            attendee.presence = (Presence.ABSENT if one.presence is Presence.EXPECTED else one.presence).value
            substituted = one.presence is Presence.SUBSTITUTED
            attendee.substitute_person_id = one.substitute_id if substituted else None
            attendee.substitute = (
                clean(one.substitute, f"substitute_{attendee.pk}", 64, needed=one.substitute_id is None)
                if substituted
                else ""
            )
        Attendee.objects.bulk_update(attendees, ["presence", "substitute", "substitute_person"])
        step(actor, meeting, Act.HOLD)
    return meeting


def _put_people(meeting: Meeting, people: Sequence[Named], after: int = 0) -> None:
    Attendee.objects.bulk_create(
        Attendee(
            meeting=meeting, person_id=one.person_id, name=one.name, role=one.role, position=after + number
        )
        for number, one in enumerate(people, start=1)
    )


def _check_day(day: dt.date, day_off: bool) -> None:
    if day < today():
        raise refuse("meetings.day_past", column="day")
    if (day - today()).days > NEXT_AFTER_DAYS:
        raise refuse("meetings.generate_range", column="day")
    if not day_off and not is_working_day(day):
        raise refuse("meetings.day_off", column="day", day=day.isoformat())
