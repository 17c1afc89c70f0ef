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

from jingtu.assessment.bulletins.models import DistributionList
from jingtu.assessment.indicators.queries import scorecards
from jingtu.assessment.reporting.queries import form_names
from jingtu.assessment.reporting.queries.due import published_forms
from jingtu.assessment.runs.visibility import spans
from jingtu.core.accounts.queries import holders
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import is_unrestricted
from jingtu.core.ui.today import Duty
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language, Problem

from . import consent
from .models import Occurrence, Schedule
from .rules import Consent, Due, OccurrenceState, due_of, due_within, periods_from
from .services import office_zone
from .words import CADENCES, MARKS, STATES

MOST_REGIONS = 300


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
        raise NotFound(f"#{schedule_id}")
    return found


def may_open_page(actor: Actor, kwargs: Mapping[str, Any]) -> bool:
    """Whether the actor may know of the schedule that a page's address names."""
    return schedules(actor).filter(pk=kwargs["schedule_id"]).exists()


@dataclass(frozen=True)
class OccurrenceRow:
    """One period of a schedule in words; ``occurrence`` None: it has not fallen due yet."""

    schedule: Schedule
    period: str
    label: str
    due_at: dt.datetime
    latest_at: dt.datetime
    state: str | Promise
    mark: tuple[str, str]
    note: str
    late: str
    warning: str
    occurrence: Occurrence | None = None


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
    """Every schedule of the actor with its last and its next occurrence. Two queries besides the actor's own."""
    known = Occurrence.objects.filter(schedule=OuterRef("pk")).order_by("-period_end")
    found = list(schedules(actor).annotate(latest_id=Subquery(known.values("pk")[:1])))
    latest = Occurrence.objects.select_related("run").in_bulk(
        [schedule.latest_id for schedule in found if schedule.latest_id is not None]
    )
    return [schedule_row(schedule, latest.get(schedule.latest_id), actor.language) for schedule in found]


def schedule_row(schedule: Schedule, latest: Occurrence | None, language: Language) -> ScheduleRow:
    """A schedule that a query gave to the actor."""
    after = latest.period_end + dt.timedelta(days=1) if latest else schedule.starts_on
    coming = next(periods_from(schedule.timing, max(after, schedule.starts_on)), None)
    upcoming = due_of(schedule.timing, coming, office_zone()) if coming and schedule.enabled else None
    return ScheduleRow(
        schedule,
        CADENCES[schedule.cadence],
        _known(schedule, latest, language) if latest else None,
        _coming(schedule, upcoming, language) if upcoming else None,
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
    return [_known(schedule, one, actor.language) for one in occurrences]


def calendar(actor: Actor, start: dt.date, end: dt.date) -> list[OccurrenceRow]:
    """What fell or falls due from a day to another (exclusive), in order. Two queries besides the actor's own."""
    zone, language = office_zone(), actor.language
    first = dt.datetime.combine(start, dt.time(), zone)
    last = dt.datetime.combine(end, dt.time(), zone)
    known = Prefetch(
        "occurrences",
        queryset=Occurrence.objects.filter(due_at__gte=first, due_at__lt=last).select_related("run"),
        to_attr="in_span",
    )
    rows: list[OccurrenceRow] = []
    for schedule in schedules(actor).prefetch_related(known):
        found: dict[str, Occurrence] = {one.period: one for one in schedule.in_span}
        rows += [_known(schedule, one, language) for one in found.values()]
        if schedule.enabled:
            moment = now()
            rows += [
                _coming(schedule, due, language)
                for due in due_within(schedule.timing, schedule.starts_on, max(first, moment), last, zone)
                if due.period.key not in found
            ]
    return sorted(rows, key=lambda row: (row.due_at, row.schedule.pk))


def _known(schedule: Schedule, one: Occurrence, language: Language) -> OccurrenceRow:
    return OccurrenceRow(
        schedule,
        one.period,
        Period.parse(one.period).label(language),
        one.due_at,
        one.latest_at,
        STATES[one.state],
        MARKS[one.state],
        Problem(*one.note).text(language) if one.note else "",
        Problem(*one.late).text(language) if one.late else "",
        "",
        one,
    )


def _coming(schedule: Schedule, due: Due, language: Language) -> OccurrenceRow:
    warning = ""
    if due.unannounced:
        years = "、".join(map(str, due.unannounced))
        warning = Problem("workdays.not_announced", {"years": years}).text(language)
    return OccurrenceRow(
        schedule,
        due.period.key,
        due.period.label(language),
        due.at,
        due.latest,
        STATES["upcoming"],
        MARKS["upcoming"],
        "",
        "",
        warning,
    )


def choices(actor: Actor) -> dict[str, list[tuple[Any, Any]]]:
    """What the form of a schedule offers: regions, cards, levels, people, lists."""
    own = list(
        Region.objects.filter(_within(actor, Permission.SCHEDULES_MANAGE, ""))
        .filter(position__isnull=False)
        .select_related("tree")
        .order_by("tree_id", "position")[:MOST_REGIONS]
    )
    with_parts = [region for region in own if (region.last or 0) > (region.position or 0)]
    tops = [scope.region_id for scope in actor.scopes(Permission.SCHEDULES_MANAGE)]
    people: dict[int, str] = {}
    for region_id in tops:
        for user in holders(actor, Permission.RUNS_PREPARE, region_id):
            people[user.pk] = user.full_name
    levels = {region.level: region.tree.level_name(region.level) for region in own}
    lists = DistributionList.objects.filter(region__in=[region.pk for region in own])
    return {
        "region": [(region.pk, f"{region.name} · {region.tree.name}") for region in with_parts],
        "scorecard": [(card.code, card.name(actor.language)) for card in scorecards(actor)],
        "level": list(levels.items()),
        "on_behalf": list(people.items()),
        "list": [(one.pk, one.name) for one in lists],
        "reports": [(form.code, form.name) for form in form_names(actor)],
    }


def forms_by_cadence(actor: Actor) -> dict[str, list[str]]:
    """Codes of the report forms the actor may know of, by how often their newest version is asked."""
    known = {form.code for form in form_names(actor)}
    found: dict[str, list[str]] = {}
    for form, versions in published_forms():
        if form.code in known:
            found.setdefault(versions[0].content.cadence, []).append(form.code)
    return found


def form_titles(actor: Actor, schedule: Schedule) -> list[str]:
    """Names of the forms a schedule that was given to the actor waits for; the code of one not known to them."""
    names = {form.code: form.name for form in form_names(actor)}
    return [names.get(code, code) for code in schedule.forms]


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
