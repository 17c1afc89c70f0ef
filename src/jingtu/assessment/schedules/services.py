"""What people do with schedules, and what the ticker does for them."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F, Q

from jingtu.assessment.bulletins.models import DistributionList
from jingtu.assessment.bulletins.rules import BulletinKind
from jingtu.assessment.bulletins.services import plan
from jingtu.assessment.indicators.queries import scorecards
from jingtu.assessment.reporting.models import FormVersion
from jingtu.assessment.runs import services as runs
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.rules import RunState
from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import User
from jingtu.core.audit.actions import register_actions
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Problem, refuse
from jingtu.core.regions.models import Region
from jingtu.core.regions.queries import get_region
from jingtu.engine.periods import Period

from . import consent, notices
from .coverage import Coverage, accepted_of, coverage_of, periods_within
from .models import Occurrence, Schedule
from .rules import (
    LATE_AFTER,
    LONGEST,
    MOST_TRIES,
    SETTLED,
    STALE_AFTER,
    Cadence,
    Consent,
    OccurrenceState,
    Timing,
    Verdict,
    WaitFor,
    due_until,
    pause_after,
    periods_from,
    timing_problems,
    verdict,
)

log = logging.getLogger(__name__)

MAKING = (RunState.DRAFT, RunState.CHECKED)

register_actions(
    {
        "schedules.saved": ("保存计划", "Schedule saved"),
        "schedules.enabled": ("启用计划", "Schedule enabled"),
        "schedules.paused": ("停用计划", "Schedule paused"),
        "schedules.stopped": ("计划停止", "Schedule stopped"),
        "schedules.produced": ("计划生成草稿", "Schedule made a draft"),
    }
)


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


def office_zone() -> ZoneInfo:
    """The office's own time."""
    return ZoneInfo(settings.TIME_ZONE)


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
    problems += _card_problems(actor, wanted)
    problems += _form_problems(region, wanted)
    behalf = User.objects.filter(pk=wanted.on_behalf).first()
    if behalf is None or not UserActor(behalf).can(Permission.RUNS_PREPARE, region.pk):
        who = behalf.full_name if behalf else "–"
        problems.append(Problem("schedules.unfit_person", {"person": who}, column="on_behalf"))
    if wanted.list_id is not None and not DistributionList.objects.filter(pk=wanted.list_id).exists():
        raise NotFound(f"#{wanted.list_id}")
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
                schedule = _managed(actor, schedule_id, lock=True)
                changed = any(getattr(schedule, name) != value for name, value in values.items())
            for name, value in values.items():
                setattr(schedule, name, value)
            schedule.set_up_by = sorted({*schedule.set_up_by, person})
            if changed:
                consent.ask(schedule, person)
                schedule.save()
            else:  # an answer or a breakdown that came in since the page was opened is not written over
                schedule.save(update_fields=["set_up_by"])
            _audit(
                actor, "schedules.saved", schedule, after={"name": schedule.name, "cadence": schedule.cadence}
            )
            if changed:
                notices.named(actor, schedule)
    except IntegrityError as error:
        raise Conflict(Problem("schedules.name_taken", {"name": wanted.name})) from error
    return schedule


def enable(actor: Actor, schedule_id: int) -> Schedule:
    """Let a schedule run (again), from the periods it has not dealt with yet."""
    schedule = _managed(actor, schedule_id)
    if not _person_of(schedule).can(Permission.RUNS_PREPARE, schedule.region_id):
        raise refuse("schedules.unfit_person", person=schedule.on_behalf.full_name)
    with transaction.atomic():
        Schedule.objects.filter(pk=schedule_id).update(enabled=True, stopped=[])
        _reopen(schedule, OccurrenceState.STOPPED)
        _audit(actor, "schedules.enabled", schedule)
    schedule.refresh_from_db()
    return schedule


def pause(actor: Actor, schedule_id: int, reason: str = "") -> Schedule:
    """Let a schedule rest; periods that pass meanwhile are caught up when it is enabled again."""
    schedule = _managed(actor, schedule_id)
    with transaction.atomic():
        Schedule.objects.filter(pk=schedule_id).update(enabled=False)
        _audit(actor, "schedules.paused", schedule, reason=reason.strip())
    schedule.refresh_from_db()
    return schedule


def run_now(actor: Actor, schedule_id: int) -> Occurrence:
    """Deal with the oldest period that is still open without waiting any longer; where none is, try the
    latest that failed again.

    Raises Conflict when there is neither.
    """
    schedule = _managed(actor, schedule_id)
    consent.require(schedule)
    _free_stale(schedule)
    _note_due(schedule, ended=True)
    waiting = schedule.occurrences.exclude(state__in=sorted(SETTLED)).order_by("period_end").first()
    if waiting is None:
        again = schedule.occurrences.filter(state=OccurrenceState.FAILED).order_by("-period_end").first()
        if again is None or not _reopen(schedule, OccurrenceState.FAILED, again.pk):
            raise Conflict(Problem("schedules.not_due"))
        waiting = Occurrence.objects.get(pk=again.pk)
    if not _deal_with(schedule, waiting, pressed_by=user_id_of(actor)):
        raise Conflict(Problem("schedules.not_due"))
    _clear_trouble(schedule)
    waiting.refresh_from_db()
    return waiting


def tick() -> int:
    """Everything that is due now, schedule by schedule, period by period in order; for the ticker.

    Two processes may call it at once: of one period only one of them makes a run.
    """
    done, busy = 0, None
    rested = Q(next_try_at__isnull=True) | Q(next_try_at__lte=now())
    wanted = Schedule.objects.filter(rested, enabled=True, consent=Consent.GIVEN)
    for schedule in wanted.select_related("region__tree", "on_behalf", "send_to"):
        try:
            done += _look_after(schedule)
        except OperationalError as error:
            busy = error  # the database's fault, not the schedule's: told at the end, tried again at the next round
        except Exception as error:  # whatever it is, the other schedules go on
            _note_trouble(schedule, error)
        else:
            _clear_trouble(schedule)
    if busy is not None:
        raise busy
    return done


def _look_after(schedule: Schedule) -> int:
    done = 0
    _free_stale(schedule)
    _note_due(schedule)
    for occurrence in schedule.occurrences.exclude(state__in=sorted(SETTLED)).order_by("period_end"):
        # Before each one: those before it, and other schedules, may have taken minutes.
        schedule.refresh_from_db(fields=["enabled", "consent", "on_behalf", "set_up_by"])
        if not schedule.enabled or schedule.consent != Consent.GIVEN:
            break
        if not _deal_with(schedule, occurrence):
            break  # a later period waits for the earlier one
        done += 1
    return done


def _note_trouble(schedule: Schedule, error: Exception) -> None:
    """Say on the schedule what happened and when it is tried again; tell people the first time."""
    reference = uuid.uuid4().hex[:8]
    log.error("schedule %s, reference %s", schedule.pk, reference, exc_info=error)
    problem = Problem("schedules.broken", {"reference": reference})
    troubles, moment = min(schedule.troubles + 1, 1000), now()
    with transaction.atomic():
        Schedule.objects.filter(pk=schedule.pk).update(
            trouble=[problem.code, dict(problem.params)],
            trouble_at=moment,
            troubles=troubles,
            next_try_at=moment + pause_after(troubles),
        )
        if troubles == 1:
            notices.broken(schedule, reference)


def _clear_trouble(schedule: Schedule) -> None:
    if schedule.troubles:
        Schedule.objects.filter(pk=schedule.pk).update(
            trouble=[], trouble_at=None, troubles=0, next_try_at=None
        )


def _note_due(schedule: Schedule, *, ended: bool = False) -> None:
    """Write down the periods that fell due (or at least ended) and are not known yet, once each."""
    zone, moment = office_zone(), now()
    known = dict(schedule.occurrences.values_list("period", "period_end"))
    start = schedule.starts_on
    if known and schedule.cadence != Cadence.ODD:
        start = max(start, max(known.values()) + dt.timedelta(days=1))
    until = moment + LONGEST if ended else moment
    today = moment.astimezone(zone).date()
    fresh = [
        Occurrence(
            schedule=schedule,
            period=due.period.key,
            period_end=due.period.end,
            due_at=due.at,
            latest_at=due.latest,
        )
        for due in due_until(schedule.timing, start, until, zone)
        if due.period.key not in known and due.period.end < today
    ]
    Occurrence.objects.bulk_create(fresh, ignore_conflicts=True)


def _free_stale(schedule: Schedule) -> None:
    """What a process that is gone had begun is begun again, or given up after some tries."""
    gone = schedule.occurrences.filter(state=OccurrenceState.RUNNING, begun_at__lt=now() - STALE_AFTER)
    gone.filter(tries__gte=MOST_TRIES).update(
        state=OccurrenceState.FAILED,
        finished_at=now(),
        note=["schedules.gave_up", {"times": MOST_TRIES}],
    )
    gone.filter(tries__lt=MOST_TRIES).update(state=OccurrenceState.WAITING)


def _deal_with(schedule: Schedule, occurrence: Occurrence, pressed_by: int | None = None) -> bool:
    """Whether the occurrence is settled now; False while it waits or another process has it. It does not wait
    any longer where somebody has pressed the button."""
    if occurrence.state != OccurrenceState.WAITING:
        return False
    moment = now()
    period = Period.parse(occurrence.period)
    covered, least, params, kind = _come_in(schedule, period)
    found = verdict(covered.share, least, moment, moment if pressed_by else occurrence.latest_at)
    if found is Verdict.WAIT:
        latest = occurrence.latest_at.astimezone(office_zone())
        Occurrence.objects.filter(pk=occurrence.pk, state=OccurrenceState.WAITING).update(
            coverage=covered.percent,
            seen_at=occurrence.seen_at or moment,
            note=[f"schedules.waiting{kind}", {**params, "latest": f"{latest:%Y-%m-%d %H:%M}"}],
        )
        return False
    claimed = Occurrence.objects.filter(pk=occurrence.pk, state=OccurrenceState.WAITING).update(
        state=OccurrenceState.RUNNING,
        begun_at=moment,
        seen_at=occurrence.seen_at or moment,
        tries=F("tries") + 1,
        coverage=covered.percent,
        late=_late(occurrence, moment),
    )
    if not claimed:
        return False
    code = f"schedules.done{kind}" if found is Verdict.GO else f"schedules.done_incomplete{kind}"
    hands = {*schedule.set_up_by, pressed_by} - {None}
    _produce(schedule, occurrence, period, Problem(code, params), hands)
    return True


def _come_in(schedule: Schedule, period: Period) -> tuple[Coverage, int, dict[str, str], str]:
    """What has come in, how many per cent must, how that is told, and the ending of the sentences that tell it."""
    if schedule.wait_for == WaitFor.REPORTS:
        accepted = accepted_of(schedule.region, schedule.forms, period)
        counts = {
            "accepted": str(accepted.reported),
            "asked": str(accepted.expected),
            "missing": accepted.missing_text,
        }
        return accepted, 100, {"coverage": f"{accepted.percent:g}", **counts}, "_reports"
    covered = coverage_of(schedule.region, schedule.scorecard, period)
    params = {"coverage": f"{covered.percent:g}", "least": str(schedule.min_coverage)}
    return covered, schedule.min_coverage, params, ""


def _late(occurrence: Occurrence, moment: dt.datetime) -> list[object]:
    """Why an occurrence is begun later than it was due; empty when it is not."""
    behind = moment - occurrence.due_at
    if behind <= LATE_AFTER:
        return []
    code = "schedules.late_figures" if occurrence.seen_at else "schedules.late_off"
    return [code, {"hours": int(behind.total_seconds() // 3600)}]


def _reopen(schedule: Schedule, state: OccurrenceState, only: int | None = None) -> int:
    rows = schedule.occurrences.filter(state=state)
    if only is not None:
        rows = rows.filter(pk=only)
    return rows.update(state=OccurrenceState.WAITING, tries=0, finished_at=None)


def _produce(
    schedule: Schedule, occurrence: Occurrence, period: Period, done: Problem, hands: Iterable[int]
) -> None:
    """Make the draft run and the bulletin's draft with the rights the named person has today. Who set it up
    had a hand in it as much as the person named: neither signs it.

    Figures are computed outside a transaction, so that nobody waits for them; a process that dies in
    between leaves the run's number behind, and the next try goes on with it.
    """
    actor = _person_of(schedule)
    if not actor.can(Permission.RUNS_PREPARE, schedule.region_id):
        _stop(schedule, occurrence)
        return
    try:
        run = _begun(occurrence)
        if run is None:
            existing = _existing(schedule, period)
            if existing is not None:
                _skip(occurrence, existing)
                return
            share = "报表通过率" if schedule.wait_for == WaitFor.REPORTS else "数据覆盖率"
            note = f"计划“{schedule.name}”生成；{share}{done.params['coverage']}%"
            run = runs.create_run(
                actor,
                schedule.region,
                schedule.level or None,
                schedule.scorecard,
                period.key,
                note,
                hands=sorted(hands),
            )
            Occurrence.objects.filter(pk=occurrence.pk).update(run=run)
        run = runs.prepare(actor, run.pk)
        with transaction.atomic():
            if schedule.bulletin:
                plan(actor, run.pk, BulletinKind(schedule.bulletin), schedule.send_to_id)
            _finish(occurrence, OccurrenceState.PRODUCED, done, run)
            _audit(SYSTEM, "schedules.produced", schedule, after={"run": run.pk, "period": period.key})
            notices.produced(schedule, run)
    except (InvalidInput, Conflict, PermissionDenied, NotFound) as error:
        faster = _existing(schedule, period) if isinstance(error, Conflict) else None
        if faster is not None and faster.prepared_by_id != schedule.on_behalf_id:
            _skip(occurrence, faster)
            return
        problem = error.problems[0] if isinstance(error, InvalidInput) else error.problem
        _fail(schedule, occurrence, problem.text("zh"))
    except Exception:
        reference = uuid.uuid4().hex[:8]
        log.exception("schedule %s, period %s, reference %s", schedule.pk, period.key, reference)
        _fail(schedule, occurrence, reference)


def _begun(occurrence: Occurrence) -> Run | None:
    """The draft that an earlier try of this occurrence left unfinished."""
    row = Occurrence.objects.filter(pk=occurrence.pk).select_related("run").get()
    return row.run if row.run is not None and row.run.state in MAKING else None


def _existing(schedule: Schedule, period: Period) -> Run | None:
    """A run of the period that somebody has made already, whatever its state."""
    found = Run.objects.filter(
        region_id=schedule.region_id, scorecard=schedule.scorecard, period=period.key
    ).exclude(state=RunState.WITHDRAWN)
    if schedule.level:
        found = found.filter(level=schedule.level)
    return found.order_by("-version").first()


def _skip(occurrence: Occurrence, run: Run) -> None:
    _finish(occurrence, OccurrenceState.SKIPPED, Problem("schedules.exists", {"version": run.version}), run)


def _finish(occurrence: Occurrence, state: OccurrenceState, note: Problem, run: Run | None = None) -> None:
    changes: dict[str, object] = {"run": run} if run is not None else {}
    Occurrence.objects.filter(pk=occurrence.pk, state=OccurrenceState.RUNNING).update(
        state=state, finished_at=now(), note=[note.code, dict(note.params)], **changes
    )


def _fail(schedule: Schedule, occurrence: Occurrence, why: str) -> None:
    with transaction.atomic():
        _finish(occurrence, OccurrenceState.FAILED, Problem("schedules.failed", {"why": why}))
        notices.failed(schedule, occurrence.period, why)


def _stop(schedule: Schedule, occurrence: Occurrence) -> None:
    problem = Problem("schedules.post_ended", {"person": schedule.on_behalf.full_name})
    with transaction.atomic():
        _finish(occurrence, OccurrenceState.STOPPED, problem)
        Schedule.objects.filter(pk=schedule.pk).update(
            enabled=False, stopped=[problem.code, dict(problem.params)]
        )
        _audit(SYSTEM, "schedules.stopped", schedule, after={"period": occurrence.period})
        notices.stopped(schedule)


def _person_of(schedule: Schedule) -> UserActor:
    return UserActor(schedule.on_behalf)


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
    allowed = "、".join(sorted(kinds))
    return [Problem("schedules.wrong_cadence", {"card": card.code, "allowed": allowed}, column="cadence")]


def _form_problems(region: Region, wanted: Plan) -> list[Problem]:
    if wanted.wait_for is not WaitFor.REPORTS:
        return []
    if not wanted.forms:
        return [Problem("schedules.no_forms", column="forms")]
    problems = []
    for code in wanted.forms:
        versions = FormVersion.objects.filter(
            form__code=code, form__tree_id=region.tree_id, published_at__isnull=False
        )
        cadences = {version.content.cadence for version in versions}
        if not cadences:
            problems.append(Problem("schedules.unknown_form", {"form": code[:64]}, column="forms"))
        elif not any(_fits_within(cadence, wanted.timing) for cadence in cadences):
            problems.append(Problem("schedules.form_too_long", {"form": code}, column="forms"))
    return problems


def _fits_within(cadence: str, timing: Timing) -> bool:
    """Whether the periods of a schedule hold a whole one of the form's."""
    try:
        first = list(islice(periods_from(timing, dt.date(2026, 1, 1)), 12))
    except InvalidInput:
        return True  # told as a problem of the ranges
    return not first or any(True for period in first for _part in periods_within(cadence, period))


def _managed(actor: Actor, schedule_id: int, *, lock: bool = False) -> Schedule:
    rows = Schedule.objects.select_for_update(of=("self",)) if lock else Schedule.objects
    schedule = rows.select_related("region__tree", "on_behalf", "send_to").filter(pk=schedule_id).first()
    if schedule is None or not actor.can(Permission.SCHEDULES_READ, schedule.region_id):
        raise NotFound(f"#{schedule_id}")
    if not actor.can(Permission.SCHEDULES_MANAGE, schedule.region_id):
        raise PermissionDenied(Permission.SCHEDULES_MANAGE)
    return schedule


def _audit(actor: Actor, action: str, schedule: Schedule, **values: object) -> None:
    record(
        actor,
        action,
        target_type="schedule",
        target_id=schedule.pk,
        region_id=schedule.region_id,
        **values,  # type: ignore[arg-type]
    )
