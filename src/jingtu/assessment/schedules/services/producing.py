"""One period of a schedule: whether enough has come in, and the draft run and bulletin made of it."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F

from jingtu.assessment.bulletins.rules import BulletinKind
from jingtu.assessment.bulletins.services import plan
from jingtu.assessment.runs import services as runs
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.rules import RunState
from jingtu.core.audit.actions import register_actions
from jingtu.core.kernel.actor import SYSTEM, Permission
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Problem
from jingtu.core.kernel.wall import reading_as
from jingtu.engine.periods import Period

from .. import notices
from ..coverage import Coverage, accepted_of, coverage_of
from ..models import Occurrence, Schedule
from ..notices import RoundNotices
from ..rules import LATE_AFTER, OccurrenceState, Verdict, WaitFor, verdict
from .common import audited, person_of

log = logging.getLogger(__name__)

MAKING = (RunState.DRAFT, RunState.CHECKED)

register_actions(
    {
        "schedules.stopped": ("计划停止", "Schedule stopped"),
        "schedules.produced": ("计划生成草稿", "Schedule made a draft"),
    }
)


def deal_with(
    schedule: Schedule, occurrence: Occurrence, told: RoundNotices, pressed_by: int | None = None
) -> bool:
    """Whether the occurrence is settled now; False while it waits or another process has it. It does not wait
    any longer where somebody has pressed the button."""
    if occurrence.state != OccurrenceState.WAITING:
        return False
    moment = now()
    period = Period.parse(occurrence.period)
    covered, least, params, kind = _come_in(schedule, period)
    found = verdict(covered.share, least, moment, moment if pressed_by else occurrence.latest_at)
    if found is Verdict.WAIT:
        Occurrence.objects.filter(pk=occurrence.pk, state=OccurrenceState.WAITING).update(
            coverage=covered.percent,
            seen_at=occurrence.seen_at or moment,
            note=[f"schedules.waiting{kind}", params],
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
    with reading_as(person_of(schedule)):
        _produce(schedule, occurrence, period, Problem(code, params), hands, told)
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


def _produce(
    schedule: Schedule,
    occurrence: Occurrence,
    period: Period,
    done: Problem,
    hands: Iterable[int],
    told: RoundNotices,
) -> None:
    """Make the draft run and the bulletin's draft with the rights the named person has today. Who set it up
    had a hand in it as much as the person named: neither signs it.

    Figures are computed outside a transaction, so that nobody waits for them; a process that dies in
    between leaves the run's number behind, and the next try goes on with it.
    """
    actor = person_of(schedule)
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
            audited(SYSTEM, "schedules.produced", schedule, after={"run": run.pk, "period": period.key})
            told.produced(run)
    except (InvalidInput, Conflict, PermissionDenied, NotFound) as error:
        faster = _existing(schedule, period) if isinstance(error, Conflict) else None
        if faster is not None and faster.prepared_by_id != schedule.on_behalf_id:
            _skip(occurrence, faster)
            return
        problem = error.problems[0] if isinstance(error, InvalidInput) else error.problem
        _fail(occurrence, problem, told)
    except Exception:
        reference = uuid.uuid4().hex[:8]
        log.exception("schedule %s, period %s, reference %s", schedule.pk, period.key, reference)
        _fail(occurrence, Problem("schedules.broke_off", {"reference": reference}), told)


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


def _fail(occurrence: Occurrence, why: Problem, told: RoundNotices) -> None:
    kept = [why.code, {name: str(value) for name, value in why.params.items()}]
    with transaction.atomic():
        _finish(occurrence, OccurrenceState.FAILED, Problem("schedules.failed", {"why": kept}))
        told.failed(occurrence.period, why)


def _stop(schedule: Schedule, occurrence: Occurrence) -> None:
    problem = Problem("schedules.post_ended", {"person": schedule.on_behalf.full_name})
    with transaction.atomic():
        _finish(occurrence, OccurrenceState.STOPPED, problem)
        Schedule.objects.filter(pk=schedule.pk).update(
            enabled=False, stopped=[problem.code, dict(problem.params)]
        )
        audited(SYSTEM, "schedules.stopped", schedule, after={"period": occurrence.period})
        notices.stopped(schedule)
