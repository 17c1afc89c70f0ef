"""What is read of meetings. Every function takes the actor first and returns only what it may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Case, Count, F, Max, Prefetch, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.functional import Promise

from jingtu.core.accounts.models import Unit, User
from jingtu.core.accounts.queries import holders, holders_inside
from jingtu.core.files.models import StoredFile
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import NotFound, PermissionDenied
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import inside, is_unrestricted, spans
from jingtu.engine.problems import Problem
from jingtu.engine.workdays import is_announced
from jingtu.governance.duties.bodies.queries import bodies

from .daysoff import coming_off, day_proposed
from .models import AgendaItem, Attendee, Decision, Meeting, MeetingStep, Pack, Paper, Series
from .rules import CHAIRS, Act, MeetingState, Presence, Slot, open_acts, slots
from .visibility import visible_meetings, visible_series
from .words import DONE, MARKS, PRESENCES, STATES

MOST_REGIONS = 300
MOST_PEOPLE = 300


@dataclass(frozen=True)
class MeetingFilter:
    """What a list of meetings is narrowed to; empty values leave it open."""

    state: str = ""
    series: int | None = None
    mine: bool = False
    off: bool = False
    first: dt.date | None = None
    last: dt.date | None = None


def meetings(actor: Actor, wanted: MeetingFilter | None = None) -> QuerySet[Meeting]:
    """Meetings the actor may know of, the latest day first, with counts of items, people and decisions."""
    wanted = wanted or MeetingFilter()
    found = (
        Meeting.objects.filter(visible_meetings(actor))
        .select_related("region__tree", "series", "chair")
        .annotate(item_count=Count("items", distinct=True), decision_count=Count("decisions", distinct=True))
    )
    if wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.series is not None:
        found = found.filter(series_id=wanted.series)
    if wanted.mine:
        person = user_id_of(actor)
        asked = Attendee.objects.filter(Q(person_id=person) | Q(substitute_person_id=person))
        found = found.filter(Q(chair_id=person) | Q(pk__in=asked.values("meeting_id")))
    if wanted.off:
        found = found.filter(coming_off())
    if wanted.first is not None:
        found = found.filter(held_on__gte=wanted.first)
    if wanted.last is not None:
        found = found.filter(held_on__lte=wanted.last)
    return found.order_by("-held_on", "-at", "-pk")


def nearest_first(found: QuerySet[Meeting], day: dt.date) -> QuerySet[Meeting]:
    """What is ahead on ``day``, the next meeting first; then what has been, the last one first."""
    ahead = Q(held_on__gte=day)
    return found.order_by(
        Case(When(ahead, then=Value(0)), default=Value(1)),
        Case(When(ahead, then=F("held_on"))),
        "-held_on",
        "at",
        "pk",
    )


def get_meeting(actor: Actor, meeting_id: int) -> Meeting:
    """One meeting. Raises NotFound also where it exists but is not the actor's to know."""
    found = (
        Meeting.objects.filter(visible_meetings(actor), pk=meeting_id)
        .select_related("region__tree", "series", "chair", "confirmed_by")
        .first()
    )
    if found is None:
        raise NotFound(meeting_id, "meeting")
    return found


def get_managed(actor: Actor, meeting_id: int) -> Meeting:
    """One meeting for who manages it. Raises NotFound, or PermissionDenied for those who only read it."""
    found = get_meeting(actor, meeting_id)
    if not actor.can(Permission.MEETINGS_MANAGE, found.region_id):
        raise PermissionDenied(Permission.MEETINGS_MANAGE)
    return found


def may_open_page(actor: Actor, kwargs: Mapping[str, Any]) -> bool:
    """Whether the actor may know of the meeting that a page's address names. One query."""
    return Meeting.objects.filter(visible_meetings(actor), pk=kwargs["meeting_id"]).exists()


def may_open_paper(actor: Actor, stored: StoredFile) -> bool:
    """A paper is open to whoever may see its meeting."""
    return Meeting.objects.filter(visible_meetings(actor), items__papers__file_id=stored.pk).exists()


def may_open_printed(actor: Actor, stored: StoredFile) -> bool:
    """A pack and printed minutes likewise."""
    return Meeting.objects.filter(visible_meetings(actor), packs__file_id=stored.pk).exists()


@dataclass(frozen=True)
class MeetingRow:
    """One meeting in a list."""

    meeting: Meeting
    state: str | Promise
    mark: tuple[str, str]
    moved: str
    proposed: dt.date | None
    may_move: bool


def meeting_rows(actor: Actor, found: Sequence[Meeting]) -> list[MeetingRow]:
    """Meetings that a query gave to the actor, in words."""
    day, own = today(), spans(actor, Permission.MEETINGS_MANAGE)
    return [
        MeetingRow(
            one,
            STATES[one.state],
            MARKS[one.state],
            Problem(*one.moved).text(actor.language) if one.moved else "",
            day_proposed(one, day),
            is_unrestricted(actor) or any(span.holds(one.region) for span in own),
        )
        for one in found
    ]


@dataclass(frozen=True)
class AttendeeRow:
    """One person of a meeting's list."""

    attendee: Attendee
    presence: str | Promise


@dataclass(frozen=True)
class StepRow:
    """One line of the history."""

    word: str | Promise
    step: MeetingStep
    told: str


@dataclass(frozen=True)
class MeetingPage:
    """Everything the page of one meeting shows."""

    meeting: Meeting
    state: str | Promise
    mark: tuple[str, str]
    moved: str
    holiday_unknown: bool
    proposed: dt.date | None
    items: Sequence[AgendaItem]
    total_minutes: int
    attendees: Sequence[AttendeeRow]
    decisions: Sequence[Decision]
    history: Sequence[StepRow]
    packs: Sequence[Pack]
    pack_is_old: bool
    acts: Sequence[Act]
    may_manage: bool

    def may(self) -> dict[str, bool]:
        """Acts open to this actor, by name, for templates."""
        return {act.value: True for act in self.acts}


def meeting_page(actor: Actor, meeting_id: int) -> MeetingPage:
    """The page of one meeting. A constant number of queries. Raises NotFound."""
    meeting = get_meeting(actor, meeting_id)
    papers = Prefetch("papers", queryset=Paper.objects.select_related("file"))
    items = list(meeting.items.select_related("presenter_person").prefetch_related(papers))
    packs = _newest(meeting.packs.select_related("file"))
    manages = actor.can(Permission.MEETINGS_MANAGE, meeting.region_id)
    chairs = user_id_of(actor) is not None and user_id_of(actor) == meeting.chair_id
    people = meeting.attendees.select_related("person", "substitute_person")
    return MeetingPage(
        meeting=meeting,
        state=STATES[meeting.state],
        mark=MARKS[meeting.state],
        moved=Problem(*meeting.moved).text(actor.language) if meeting.moved else "",
        holiday_unknown=meeting.state == MeetingState.PLANNED and not is_announced(meeting.held_on.year),
        proposed=day_proposed(meeting, today()),
        items=items,
        total_minutes=sum(item.minutes for item in items),
        attendees=[AttendeeRow(one, PRESENCES[one.presence]) for one in people],
        decisions=list(meeting.decisions.select_related("meeting", "region", "unit", "person")),
        history=[
            StepRow(DONE[step.act], step, Problem(*step.told).text(actor.language) if step.told else "")
            for step in meeting.steps.select_related("person")
        ],
        packs=packs,
        pack_is_old=any(one.made_at < meeting.agenda_at for one in packs),
        acts=[
            act
            for act in open_acts(MeetingState(meeting.state))
            if (chairs if act in CHAIRS else manages) and not (act is Act.HOLD and today() < meeting.held_on)
        ],
        may_manage=manages,
    )


def _newest(files: Iterable[Pack]) -> list[Pack]:
    found: dict[str, Pack] = {}
    for one in files:
        found.setdefault(one.language, one)
    return [found[key] for key in sorted(found, reverse=True)]


# --- series


@dataclass(frozen=True)
class SeriesRow:
    """One series in a list: how many meetings it has had, when the next is."""

    series: Series
    last: dt.date | None
    next: dt.date | None
    meetings: int


def series_list(actor: Actor) -> QuerySet[Series]:
    """Series the actor may know of."""
    return Series.objects.filter(visible_series(actor)).select_related("region__tree", "chair", "body")


def get_series(actor: Actor, series_id: int) -> Series:
    """One series. Raises NotFound also where it exists but is not the actor's to know."""
    found = series_list(actor).filter(pk=series_id).first()
    if found is None:
        raise NotFound(f"#{series_id}")
    return found


def series_rows(actor: Actor) -> list[SeriesRow]:
    """Every series of the actor with its last and its next meeting. One query."""
    day = today()
    living = ~Q(meetings__state=MeetingState.CANCELLED)
    found = series_list(actor).annotate(
        meeting_count=Count("meetings", filter=living),
        last_day=Max("meetings__held_on", filter=living & Q(meetings__held_on__lt=day)),
    )
    coming: dict[int, dt.date] = {}
    ahead = Meeting.objects.filter(series__in=found.values("pk"), held_on__gte=day)
    for series_id, held_on in (
        ahead.exclude(state=MeetingState.CANCELLED).order_by("held_on").values_list("series_id", "held_on")
    ):
        coming.setdefault(series_id, held_on)
    return [SeriesRow(one, one.last_day, coming.get(one.pk), one.meeting_count) for one in found]


@dataclass(frozen=True)
class DateRow:
    """A date of a series looked ahead, with why it was moved."""

    slot: Slot
    label: str
    why: str
    warning: str


def dates_ahead(actor: Actor, series: Series, count: int = 8) -> list[DateRow]:
    """The next dates of a series that was given to the actor, as its rule names them. No query."""
    start = max(series.starts_on, today())
    rows = []
    for found in slots(series.rule, start, start + dt.timedelta(days=count * 100)):
        unknown = Problem("workdays.not_announced", {"years": "、".join(map(str, found.years))})
        rows.append(
            DateRow(
                found,
                found.period.label(actor.language),
                found.why.text(actor.language) if found.why else "",
                unknown.text(actor.language) if found.years else "",
            )
        )
        if len(rows) == count:
            break
    return rows


# --- calendars


@dataclass(frozen=True)
class CalendarMeeting:
    """A meeting as calendars take it; cancelled ones say so."""

    meeting_id: int
    title: str
    start: dt.datetime
    end: dt.datetime
    place: str
    state: str
    url: str


def for_calendar(actor: Actor, first: dt.date, last: dt.date) -> list[CalendarMeeting]:
    """Meetings from a day to another (both inclusive) that the actor leads or is asked to. One query."""
    zone = ZoneInfo(settings.TIME_ZONE)
    found = meetings(actor, MeetingFilter(mine=True, first=first, last=last)).order_by("held_on", "at")
    rows = []
    for one in found:
        start = dt.datetime.combine(one.held_on, one.at, zone)
        rows.append(
            CalendarMeeting(
                one.pk,
                one.title,
                start,
                start + dt.timedelta(minutes=one.minutes),
                one.place,
                one.state,
                reverse("meetings:detail", args=[one.pk]),
            )
        )
    return rows


# --- what forms offer


def managed_regions(actor: Actor) -> list[Region]:
    """Regions whose meetings the actor manages, upper levels first. One query."""
    found = Region.objects.filter(position__isnull=False)
    if not is_unrestricted(actor):
        found = found.filter(inside(spans(actor, Permission.MEETINGS_MANAGE)))
    return list(found.select_related("tree").order_by("depth", "tree_id", "position")[:MOST_REGIONS])


def people_around(actor: Actor, region_id: int) -> list[User]:
    """Who may be asked to a meeting of a region: readers of duties over it and inside it."""
    found = {user.pk: user for user in holders(actor, Permission.DUTIES_READ, region_id)}
    for user in holders_inside(actor, Permission.DUTIES_READ, region_id):
        found.setdefault(user.pk, user)
    return [user for user in found.values() if user.is_active][:MOST_PEOPLE]


def people_choices(actor: Actor, region_id: int | None = None) -> list[tuple[int, str]]:
    """The same as form choices; without a region, of everything the actor manages."""
    regions = (
        [region_id]
        if region_id is not None
        else [scope.region_id for scope in actor.scopes(Permission.MEETINGS_MANAGE)]
    )
    found: dict[int, str] = {}
    for one in regions:
        found.update({user.pk: user.full_name for user in people_around(actor, one)})
    return list(found.items())


def presence_choices() -> list[tuple[str, str | Promise]]:
    """What can be said of somebody's coming."""
    return [(key, word) for key, word in PRESENCES.items() if key != Presence.EXPECTED]


def decision_choices(actor: Actor, meeting: Meeting) -> dict[str, list[tuple[Any, Any]]]:
    """What the form of a decision offers for a meeting that was given to the actor: its items, its region with
    what lies two levels below, units there, people."""
    region = meeting.region
    inner = Region.objects.filter(pk=region.pk)
    if region.position is not None:
        inner = Region.objects.filter(
            tree_id=region.tree_id,
            position__gte=region.position,
            position__lte=region.last,
            depth__lte=region.depth + 2,
        ).order_by("depth", "position")
    places = list(inner[:MOST_REGIONS])
    units = Unit.objects.filter(region__in=[one.pk for one in places], is_active=True)
    return {
        "item": [(item.pk, f"{item.position}. {item.title}") for item in meeting.items.all()],
        "region": [(one.pk, one.name) for one in places],
        "unit": [(unit.pk, unit.name) for unit in units[:MOST_REGIONS]],
        "person": [*people_choices(actor, region.pk)],
    }


def body_choices(actor: Actor) -> list[tuple[int, str]]:
    """Standing bodies of the regions whose meetings the actor manages. One query."""
    found = bodies(actor).filter(dissolved__isnull=True)
    if not is_unrestricted(actor):
        found = found.filter(inside(spans(actor, Permission.MEETINGS_MANAGE), "region__"))
    return [(one.pk, f"{one.title} · {one.region.name}") for one in found[:MOST_REGIONS]]
