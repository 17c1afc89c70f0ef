"""One listing as its page shows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from jingtu.core.accounts.models import User
from jingtu.core.files.models import StoredFile
from jingtu.core.kernel.actor import Actor, user_id_of
from jingtu.core.kernel.clock import today
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.notation import plain_number
from jingtu.engine.periods import Period
from jingtu.governance.duties.plans.models import Task
from jingtu.governance.duties.plans.queries.tasks import tasks_of_origin
from jingtu.governance.duties.plans.rules import CLOSED_STATES

from ..models import Acceptance, Listing, ListingCriterion, ListingPaper, ListingStep, Opinion, Progress
from ..rules import Act, Stand, refusal
from ..terms import days_left, forecast, met
from ..visibility import course_of, stand_of, visible
from .boards import get_listing

OFFERED = (
    Act.SERVE, Act.REPLY, Act.HEAR, Act.LIST, Act.DELIVER, Act.OBJECT, Act.REVIEW, Act.PLAN, Act.PROGRESS, Act.SELF_ASSESS, Act.CONSULT, Act.DELIST,
    Act.EXTEND, Act.CLOSE, Act.RETURN, Act.CRITERIA, Act.CLASSIFY, Act.SUSPEND, Act.RESUME, Act.RECALL, Act.DECLINE,
    Act.WITHDRAW, Act.REVOKE,
)  # fmt: skip


@dataclass(frozen=True)
class Point:
    """A value on a day."""

    day: dt.date
    value: Decimal


@dataclass(frozen=True)
class CriterionRow:
    """One criterion: entry, now, required, and where it goes if it keeps moving."""

    row: ListingCriterion
    name: str
    unit: str
    required: str
    entry: Decimal | None
    points: tuple[Point, ...]
    now: Decimal | None
    now_source: str
    now_run: int | None
    met: bool | None
    forecast: Decimal | None
    forecast_met: bool | None

    @property
    def state(self) -> str:
        """As a mark of the interface."""
        if self.row.required == "":
            return "none"
        return "missing" if self.met is None else "met" if self.met else "below"


@dataclass(frozen=True)
class ListingPage:
    """Everything the page shows, already limited to what the actor may do."""

    listing: Listing
    days_left: int | None
    criteria: Sequence[CriterionRow]
    progress: Sequence[Progress]
    steps: Sequence[tuple[ListingStep, list[StoredFile]]]
    receivers: Mapping[int, str]
    object_until: dt.date | None
    delivered_on: dt.date | None
    objected: bool
    acceptance: Acceptance | None
    opinions: Sequence[Opinion]
    papers: Sequence[ListingPaper]
    followers: Sequence[Listing]
    acts: Sequence[Act]
    may_sign: bool
    may_draw_up: bool
    may_follow: str
    stand_prepares: bool
    stand_answers: bool
    may_print: bool
    tasks: Sequence[Task]


@dataclass(frozen=True)
class Outstanding:
    """What is still missing when the delisting is decided: criteria not met or without a value, tasks not closed."""

    criteria: tuple[CriterionRow, ...]
    tasks: tuple[Task, ...]

    def __bool__(self) -> bool:
        return bool(self.criteria or self.tasks)


def outstanding(actor: Actor, listing: Listing) -> Outstanding:
    """What is still missing of a listing, with the tasks the actor may read. Four queries."""
    progress = list(listing.progress.prefetch_related("values__run"))
    rows = [row for row in criteria_rows(listing, progress) if row.row.required and row.met is not True]
    origin = f"listing:{listing.pk}"
    tasks = [one for one in tasks_of_origin(actor, [origin])[origin] if one.state not in CLOSED_STATES]
    return Outstanding(tuple(rows), tuple(tasks))


def open_acts(listing: Listing, stand: Stand) -> list[Act]:
    """What can be done by whoever stands there."""
    return [act for act in OFFERED if refusal(act, stand) is None]


def listing_page(actor: Actor, listing_id: int) -> ListingPage:
    """One listing with everything about it. The number of queries does not grow with its course."""
    listing = get_listing(actor, listing_id)
    course = course_of(listing)
    stand = stand_of(actor, listing, course)
    acceptance = (
        listing.acceptances.filter(dropped_at__isnull=True).prefetch_related("lines", "team__person").first()
    )
    person = user_id_of(actor)
    progress = list(listing.progress.select_related("reported_by").prefetch_related("values__run"))
    steps = list(listing.steps.select_related("person").prefetch_related("files__file"))
    receivers = {step.note["receiver"] for step in steps if "receiver" in step.note}
    unsigned = (
        {member.person_id for member in acceptance.team.all() if member.signed_at is None}
        if acceptance
        else set()
    )
    origin = f"listing:{listing.pk}"
    following = ""
    if stand.prepares and not listing.followers.exclude(state__in=["not_taken", "withdrawn"]).exists():
        following = "relapse" if listing.state in ("watch", "closed") else "raise" if listing.running else ""
    return ListingPage(
        listing=listing,
        days_left=days_left(listing.due_on, today()) if listing.running and listing.due_on else None,
        criteria=criteria_rows(listing, progress),
        progress=progress,
        steps=[(step, [one.file for one in step.files.all()]) for step in steps],
        receivers={user.pk: user.full_name for user in User.objects.filter(pk__in=receivers)},
        object_until=stand.object_until,
        delivered_on=course.delivered_on,
        objected=stand.objected,
        acceptance=acceptance,
        opinions=list(acceptance.opinions.all()) if acceptance else [],
        papers=list(listing.papers.select_related("made_by")),
        followers=list(Listing.objects.filter(visible(actor), former=listing)),
        acts=open_acts(listing, stand),
        may_sign=listing.state == "self_assessed" and person in unsigned,
        may_draw_up=stand.prepares and listing.state == "self_assessed",
        may_follow=following,
        stand_prepares=stand.prepares,
        stand_answers=stand.answers,
        may_print=(stand.prepares or stand.decides) and listing.noticed_on is not None,
        tasks=tasks_of_origin(actor, [origin])[origin],
    )


def criteria_rows(listing: Listing, progress: Sequence[Progress]) -> list[CriterionRow]:
    """Each criterion with its values in their order. One query."""
    language = interface_language()
    reported: dict[int, list[tuple[dt.date, Decimal, str, int | None]]] = {}
    for month in progress:
        for value in month.values.all():
            day = _month_end(month.month)
            if value.run is not None:
                day = Period.parse(value.run.period).end
            reported.setdefault(value.criterion_id, []).append((day, value.value, value.source, value.run_id))
    found = []
    for row in listing.criteria.all():
        values = sorted(reported.get(row.pk, []), key=lambda one: one[0])
        points = []
        if row.entry_value is not None:
            points.append(
                Point(
                    row.entry_day or listing.listed_on or timezone.localtime(listing.proposed_at).date(),
                    row.entry_value,
                )
            )
        points += [Point(day, value) for day, value, _source, _run in values]
        newest = values[-1] if values else None
        now_value = newest[1] if newest else row.entry_value
        ahead = None
        if listing.due_on is not None and listing.running:
            ahead = forecast(
                [(point.day, point.value) for point in points],
                listing.due_on,
                ceiling=Decimal(100) if row.unit_zh == "%" else None,
            )
        found.append(
            CriterionRow(
                row=row,
                entry=plain(row.entry_value),
                name=row.name_en if language == "en" and row.name_en else row.name_zh,
                unit=row.unit_en if language == "en" else row.unit_zh,
                required=Threshold.parse(row.required).label(language=language) if row.required else "",
                points=tuple(points),
                now=plain(now_value),
                now_source=newest[2] if newest else row.entry_source,
                now_run=newest[3] if newest else row.entry_run_id,
                met=met(row.required, now_value),
                forecast=plain(ahead),
                forecast_met=met(row.required, ahead),
            )
        )
    return found


def plain(value: Decimal | None) -> Decimal | None:
    """The value without the zeros that its column adds."""
    return None if value is None else Decimal(plain_number(value))


def _month_end(month: dt.date) -> dt.date:
    following = dt.date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return following - dt.timedelta(days=1)
