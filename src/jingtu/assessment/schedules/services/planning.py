"""What people do with a schedule: set it up, change it, let it rest, let it run again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import islice

from django.db import IntegrityError, transaction
from django.db.models import Q

from jingtu.assessment.bulletins.models import DistributionList
from jingtu.assessment.indicators.queries import scorecards
from jingtu.assessment.reporting.models import FormVersion
from jingtu.assessment.reporting.queries.due import published_forms
from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import User
from jingtu.core.audit.actions import register_actions, register_objects
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.characters import unseen_problem
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, InvalidInput, PermissionDenied, Problem, refuse
from jingtu.core.regions.models import Region
from jingtu.core.regions.queries import get_region
from jingtu.engine.periods import Period

from .. import consent, notices
from ..coverage import periods_within
from ..models import Schedule
from ..rules import Cadence, OccurrenceState, Timing, WaitFor, periods_from, timing_problems
from ..words import rhythms
from .common import audited, managed, person_of, reopen

register_actions(
    {
        "schedules.saved": ("保存计划", "Schedule saved"),
        "schedules.enabled": ("启用计划", "Schedule enabled"),
        "schedules.paused": ("停用计划", "Schedule paused"),
    }
)
register_objects({"schedule": ("计划", "Schedule")})


@dataclass(frozen=True)
class Plan:
    """What a person wants done, how often, on whose behalf. ``level`` empty: the card's own."""

    region_id: int
    name: str
    scorecard: str
    timing: Timing
    min_coverage: int
    on_behalf: int
    starts_on: dt.date
    level: str = ""
    bulletin: str = ""
    list_id: int | None = None
    wait_for: WaitFor = WaitFor.COVERAGE
    forms: tuple[str, ...] = ()


def save(actor: Actor, wanted: Plan, schedule_id: int | None = None) -> Schedule:
    """Make a schedule, or change one; what it has made already stays.

    Raises PermissionDenied without SCHEDULES_MANAGE over the region, InvalidInput for a timing, card or
    person that does not fit, Conflict for a name that is taken. Somebody else than the actor is asked first:
    until they agree, and again whenever it is changed, nothing is prepared in their name.
    """
    person = user_id_of(actor)
    if person is None or not actor.can(Permission.SCHEDULES_MANAGE, wanted.region_id):
        raise PermissionDenied(Permission.SCHEDULES_MANAGE)
    region = get_region(actor, wanted.region_id)
    problems = list(timing_problems(wanted.timing, wanted.min_coverage))
    if not wanted.name.strip():
        problems.append(Problem("schedules.no_name", column="name"))
    if (unseen := unseen_problem("name", wanted.name)) is not None:
        problems.append(unseen)
    problems += _card_problems(actor, wanted)
    problems += _form_problems(region, wanted)
    behalf = User.objects.filter(pk=wanted.on_behalf).first()
    if behalf is None or not UserActor(behalf).can(Permission.RUNS_PREPARE, region.pk):
        who = behalf.full_name if behalf else "–"
        problems.append(Problem("schedules.unfit_person", {"person": who}, column="on_behalf"))
    if wanted.list_id is not None and not _may_send_to(actor, region, wanted.list_id):
        problems.append(Problem("schedules.unfit_list", column="list"))
    if problems:
        raise InvalidInput(problems)
    values = {
        "region": region,
        "name": wanted.name.strip(),
        "level": wanted.level,
        "scorecard": wanted.scorecard,
        "cadence": wanted.timing.cadence.value,
        "ranges": [Period.parse(text).key for text in wanted.timing.ranges],
        "offset_days": wanted.timing.offset_days,
        "in_working_days": wanted.timing.in_working_days,
        "at": wanted.timing.at,
        "wait_days": wanted.timing.wait_days,
        "min_coverage": wanted.min_coverage,
        "wait_for": wanted.wait_for.value,
        "forms": sorted(wanted.forms) if wanted.wait_for is WaitFor.REPORTS else [],
        "bulletin": wanted.bulletin,
        "send_to_id": wanted.list_id,
        "on_behalf": behalf,
        "starts_on": wanted.starts_on,
    }
    try:
        with transaction.atomic():
            if schedule_id is None:
                schedule = Schedule(created_by_id=person, created_at=now())
                changed = True
            else:
                schedule = managed(actor, schedule_id, lock=True)
                changed = any(getattr(schedule, name) != value for name, value in values.items())
            for name, value in values.items():
                setattr(schedule, name, value)
            schedule.set_up_by = sorted({*schedule.set_up_by, person})
            if changed:
                consent.ask(schedule, person)
                schedule.save()
            else:  # an answer or a breakdown that came in since the page was opened is not written over
                schedule.save(update_fields=["set_up_by"])
            audited(
                actor, "schedules.saved", schedule, after={"name": schedule.name, "cadence": schedule.cadence}
            )
            if changed:
                notices.named(actor, schedule)
    except IntegrityError as error:
        raise Conflict(Problem("schedules.name_taken", {"name": wanted.name})) from error
    return schedule


def _may_send_to(actor: Actor, region: Region, list_id: int) -> bool:
    """Whether the list is one of the region's office, or of an office above it, whose schedules the actor manages."""
    above = Q(region_id=region.pk)
    if region.position is not None:
        above |= Q(
            region__tree_id=region.tree_id,
            region__position__lte=region.position,
            region__last__gte=region.last,
        )
    chosen = DistributionList.objects.filter(above, pk=list_id).first()
    return chosen is not None and actor.can(Permission.SCHEDULES_MANAGE, chosen.region_id)


def enable(actor: Actor, schedule_id: int) -> Schedule:
    """Let a schedule run (again), from the periods it has not dealt with yet."""
    schedule = managed(actor, schedule_id)
    if not person_of(schedule).can(Permission.RUNS_PREPARE, schedule.region_id):
        raise refuse("schedules.unfit_person", person=schedule.on_behalf.full_name)
    with transaction.atomic():
        Schedule.objects.filter(pk=schedule_id).update(enabled=True, stopped=[])
        reopen(schedule, OccurrenceState.STOPPED)
        audited(actor, "schedules.enabled", schedule)
    schedule.refresh_from_db()
    return schedule


def pause(actor: Actor, schedule_id: int, reason: str = "") -> Schedule:
    """Let a schedule rest; periods that pass meanwhile are caught up when it is enabled again."""
    schedule = managed(actor, schedule_id)
    with transaction.atomic():
        Schedule.objects.filter(pk=schedule_id).update(enabled=False)
        audited(actor, "schedules.paused", schedule, reason=reason.strip())
    schedule.refresh_from_db()
    return schedule


def _card_problems(actor: Actor, wanted: Plan) -> list[Problem]:
    card = next((one for one in scorecards(actor) if one.code == wanted.scorecard), None)
    if card is None:
        return [Problem("runs.unknown_scorecard", {"scorecard": wanted.scorecard}, column="scorecard")]
    kinds = {kind.value if hasattr(kind, "value") else str(kind) for kind in card.cadence}
    if wanted.timing.cadence is Cadence.ODD:
        fits = all(Period.parse(text).kind.value in kinds for text in wanted.timing.ranges) if kinds else True
    else:
        fits = not kinds or wanted.timing.cadence.value in kinds
    if fits:
        return []
    allowed = ("、" if actor.language == "zh" else ", ").join(rhythms(card))
    named = {"card": card.name(actor.language), "allowed": allowed}
    return [Problem("schedules.wrong_cadence", named, column="cadence")]


def _form_problems(region: Region, wanted: Plan) -> list[Problem]:
    if wanted.wait_for is not WaitFor.REPORTS:
        return []
    if not wanted.forms:
        return [Problem("schedules.no_forms", column="forms")]
    problems = []
    names = {form.code: form.name for form, _ in published_forms()}
    for code in wanted.forms:
        versions = FormVersion.objects.filter(
            form__code=code, form__tree_id=region.tree_id, published_at__isnull=False
        )
        named = names.get(code, code[:64])
        cadences = {version.content.cadence for version in versions}
        if not cadences:
            problems.append(Problem("schedules.unknown_form", {"form": named}, column="forms"))
        elif not any(_fits_within(cadence, wanted.timing) for cadence in cadences):
            problems.append(Problem("schedules.form_too_long", {"form": named}, column="forms"))
    return problems


def _fits_within(cadence: str, timing: Timing) -> bool:
    """Whether the periods of a schedule hold a whole one of the form's."""
    try:
        first = list(islice(periods_from(timing, dt.date(2026, 1, 1)), 12))
    except InvalidInput:
        return True  # told as a problem of the ranges
    return not first or any(True for period in first for _part in periods_within(cadence, period))
