"""What is read of schedules. Every function takes the actor first and returns only what it may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from jingtu.assessment.indicators.queries import scorecards
from jingtu.assessment.runs.visibility import spans
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.reach import is_unrestricted
from jingtu.core.ui.today import Duty
from jingtu.engine.problems import Language, Problem

from . import consent
from .models import Occurrence, Schedule
from .rules import Consent, OccurrenceState, due_of, due_within, periods_from
from .services import office_zone
from .telling import FormNames, OccurrenceRow, coming, known, names_for
from .words import CADENCES


def schedules(actor: Actor) -> QuerySet[Schedule]:
    """Schedules of the regions over which the actor may read them, with their latest occurrence."""
    found = Schedule.objects.select_related("region__tree", "on_behalf", "send_to")
    if not is_unrestricted(actor):
        found = found.filter(_within(actor, Permission.SCHEDULES_READ))
    return found


def get_schedule(actor: Actor, schedule_id: int) -> Schedule:
    """One schedule. Raises NotFound also where it exists but is not the actor's to know."""
    found = schedules(actor).filter(pk=schedule_id).first()
    if found is None:
        raise NotFound(schedule_id, "schedule")
    return found


def may_open_page(actor: Actor, kwargs: Mapping[str, Any]) -> bool:
    """Whether the actor may know of the schedule that a page's address names."""
    return schedules(actor).filter(pk=kwargs["schedule_id"]).exists()


@dataclass(frozen=True)
class ScheduleRow:
    """One schedule in a list: what it did last, what comes next."""

    schedule: Schedule
    cadence: str | Promise
    last: OccurrenceRow | None
    next: OccurrenceRow | None
    stopped: str
    consent: str = ""
    trouble: str = ""


def schedule_rows(actor: Actor) -> list[ScheduleRow]:
    """Every schedule of the actor with its last and its next occurrence. Three queries besides the actor's own."""
    newest = Occurrence.objects.filter(schedule=OuterRef("pk")).order_by("-period_end")
    found = list(schedules(actor).annotate(latest_id=Subquery(newest.values("pk")[:1])))
    latest = Occurrence.objects.select_related("run").in_bulk(
        [schedule.latest_id for schedule in found if schedule.latest_id is not None]
    )
    names = names_for(found)
    return [
        schedule_row(schedule, latest.get(schedule.latest_id), actor.language, names) for schedule in found
    ]


def schedule_row(
    schedule: Schedule, latest: Occurrence | None, language: Language, names: FormNames | None = None
) -> ScheduleRow:
    """A schedule that a query gave to the actor."""
    after = latest.period_end + dt.timedelta(days=1) if latest else schedule.starts_on
    period = next(periods_from(schedule.timing, max(after, schedule.starts_on)), None)
    upcoming = due_of(schedule.timing, period, office_zone()) if period and schedule.enabled else None
    return ScheduleRow(
        schedule,
        CADENCES[schedule.cadence],
        known(schedule, latest, language, names or {}) if latest else None,
        coming(schedule, upcoming, language) if upcoming else None,
        Problem(*schedule.stopped).text(language) if schedule.stopped else "",
        lacking.text(language) if (lacking := consent.missing(schedule)) else "",
        Problem(*schedule.trouble).text(language) if schedule.trouble else "",
    )


def history(actor: Actor, schedule: Schedule) -> QuerySet[Occurrence]:
    """What became of the periods of a schedule that was given to the actor, the latest first."""
    return schedule.occurrences.select_related("run", "schedule__region__tree").order_by("-period_end")


def occurrence_rows(
    actor: Actor, schedule: Schedule, occurrences: Sequence[Occurrence]
) -> list[OccurrenceRow]:
    """Occurrences in words."""
    names = names_for([schedule])
    return [known(schedule, one, actor.language, names) for one in occurrences]


def calendar(actor: Actor, start: dt.date, end: dt.date) -> list[OccurrenceRow]:
    """What fell or falls due from a day to another (exclusive), in order. Three queries besides the actor's own."""
    zone, language = office_zone(), actor.language
    first = dt.datetime.combine(start, dt.time(), zone)
    last = dt.datetime.combine(end, dt.time(), zone)
    fallen_due = Prefetch(
        "occurrences",
        queryset=Occurrence.objects.filter(due_at__gte=first, due_at__lt=last).select_related("run"),
        to_attr="in_span",
    )
    rows: list[OccurrenceRow] = []
    found_schedules = list(schedules(actor).prefetch_related(fallen_due))
    names = names_for(found_schedules)
    for schedule in found_schedules:
        found: dict[str, Occurrence] = {one.period: one for one in schedule.in_span}
        rows += [known(schedule, one, language, names) for one in found.values()]
        if schedule.enabled:
            moment = now()
            rows += [
                coming(schedule, due, language)
                for due in due_within(schedule.timing, schedule.starts_on, max(first, moment), last, zone)
                if due.period.key not in found
            ]
    return sorted(rows, key=lambda row: (row.due_at, row.schedule.pk))


def card_name(actor: Actor, schedule: Schedule) -> str:
    """What the scorecard of a schedule is called; its code where the catalogue has it no longer."""
    return next(
        (card.name(actor.language) for card in scorecards(actor) if card.code == schedule.scorecard),
        schedule.scorecard,
    )


def form_titles(schedule: Schedule) -> list[str]:
    """Names of the forms that a schedule given to the actor waits for; the code of one that is gone."""
    names = names_for([schedule])
    return [names.get((schedule.region.tree_id, code), code) for code in schedule.forms]


def waiting_schedules(actor: Actor) -> list[Duty]:
    """Schedules that ask for one's consent, and for those who look after them what stopped, broke
    down or failed. Four queries."""
    if is_unrestricted(actor):
        return []
    duties = [
        Duty(
            _("计划请您同意以您的名义执行"),
            reverse("schedules:detail", args=[schedule.pk]),
            f"{schedule.region.name} · {schedule.name}",
            tone="watch",
        )
        for schedule in schedules(actor).filter(on_behalf_id=user_id_of(actor), consent=Consent.ASKED)
    ]
    if not actor.can(Permission.SCHEDULES_MANAGE):
        return duties
    found = schedules(actor).exclude(stopped=[])
    duties += [
        Duty(
            _("计划已停止"),
            reverse("schedules:detail", args=[schedule.pk]),
            f"{schedule.region.name} · {schedule.name}",
            tone="below",
        )
        for schedule in found
    ]
    duties += [
        Duty(
            _("计划办理出错"),
            reverse("schedules:detail", args=[schedule.pk]),
            f"{schedule.region.name} · {schedule.name}",
            tone="below",
        )
        for schedule in schedules(actor).filter(enabled=True, troubles__gt=0)[:10]
    ]
    failed = (
        Occurrence.objects.filter(schedule__in=schedules(actor), state=OccurrenceState.FAILED)
        .filter(finished_at__gte=now() - dt.timedelta(days=7))
        .select_related("schedule__region")
    )
    duties += [
        Duty(
            _("计划未能生成草稿"),
            reverse("schedules:detail", args=[one.schedule_id]),
            f"{one.schedule.region.name} · {one.schedule.name} · {one.period}",
            tone="below",
        )
        for one in failed[:10]
    ]
    return duties


def _within(actor: Actor, permission: Permission, prefix: str = "region__") -> Q:
    if is_unrestricted(actor):
        return Q()
    condition = Q(pk__in=[])
    for span in spans(actor, (permission,))[permission]:
        condition |= Q(
            **{
                f"{prefix}tree_id": span.tree_id,
                f"{prefix}position__gte": span.first,
                f"{prefix}position__lte": span.last,
            }
        )
    return condition
