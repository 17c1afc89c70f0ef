"""What people do with appeals, one verb a function: each takes the actor, asks the rules, writes the audit trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import IntegrityError, transaction

from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.services import release_of
from jingtu.core.audit.actions import register_actions, register_objects, register_states
from jingtu.core.audit.services import record
from jingtu.core.facts.queries import elements
from jingtu.core.facts.services import settle_fact
from jingtu.core.files.models import StoredFile
from jingtu.core.files.rules import EVIDENCE
from jingtu.core.files.services import Upload, receive
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission, person_behind
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Problem, refuse
from jingtu.core.regions.models import Region
from jingtu.engine.workdays import add_working_days, is_working_day

from . import notices
from .models import Appeal, AppealFile, AppealStep, Correction
from .numbers import Behind, behind, entered_by
from .rules import (
    CHANGING,
    MOST_FILES,
    OPEN_STATES,
    TABLE,
    TEXT_MIN,
    AppealAction,
    AppealState,
    outcome_problem,
    read_claimed,
    reason_problem,
    refusal,
)
from .standing import appeal_facts, is_open, speaks_for, visible_appeals
from .words import STATES

PURPOSE = "appeal"

register_actions(
    {
        "appeals.filed": ("提出申诉", "Appeal filed"),
        "appeals.added": ("补充申诉材料", "Evidence added"),
        "appeals.accepted": ("受理申诉", "Appeal accepted"),
        "appeals.dismissed": ("不予受理", "Appeal not accepted"),
        "appeals.decided": ("裁定申诉", "Appeal decided"),
        "appeals.withdrawn": ("撤回申诉", "Appeal withdrawn"),
    }
)
register_objects({"appeal": ("申诉", "Appeal")})
register_states("appeal", STATES)


def file_appeal(
    actor: Actor,
    run_id: int,
    region_id: int,
    indicator: str,
    key: str,
    *,
    text: str,
    claimed: str = "",
    files: Sequence[Upload] = (),
) -> Appeal:
    """Dispute one number of one's own region while the run is open to appeal.

    ``key``: which number, of those :func:`.numbers.behind` gives. Raises NotFound where the run or the
    region is not the actor's to speak for, Conflict when it is not open (or the number is disputed
    already), InvalidInput for a missing text or a file that is not welcome.
    """
    person = person_behind(actor, Permission.APPEALS_FILE)
    run, region = _run_and_region(actor, run_id, region_id)
    if not is_open(run):
        raise Conflict(Problem("appeals.not_open"))
    if len(text.strip()) < TEXT_MIN:
        raise refuse("appeals.text_missing", column="text", least=TEXT_MIN)
    found = behind(actor, run, region.pk, indicator)
    number, cell = found.number(key), found.cell(key)
    if number is None:
        raise refuse("appeals.nothing_disputed", column="key")
    wanted = read_claimed(claimed, elements(SYSTEM).get(cell.element) if cell and claimed.strip() else None)
    if isinstance(wanted, Problem):
        raise InvalidInput([wanted])
    _refuse_second(run, region, indicator, key)
    stored = _keep(actor, region, files, 0)
    try:
        with transaction.atomic():
            appeal = Appeal.objects.create(
                run=run,
                region=region,
                indicator=indicator,
                kind=number.kind.value,
                key=key,
                label=number.zh[:255],
                label_en=number.en[:255],
                shown=(number.value or "")[:64],
                claimed=wanted,
                text=text.strip(),
                filed_by_id=person,
                filed_at=now(),
                due=add_working_days(today(), release_of(run).examine_days).day,
            )
            _step(appeal, AppealAction.FILE, person, text, stored)
            _audit(actor, "appeals.filed", appeal, after={"run": run.pk, "indicator": indicator, "key": key})
            notices.filed(actor, appeal)
    except IntegrityError:
        _refuse_second(run, region, indicator, key)
        raise
    return appeal


def add_evidence(actor: Actor, appeal_id: int, text: str, files: Sequence[Upload] = ()) -> Appeal:
    """Add words and files to an open appeal; for whoever may file for the region."""
    person = person_behind(actor, Permission.APPEALS_FILE)
    appeal = _get(actor, appeal_id)
    _require(actor, appeal, AppealAction.ADD)
    if not text.strip() and not files:
        raise refuse("appeals.text_missing", column="text", least=1)
    kept = AppealFile.objects.filter(step__appeal=appeal).count()
    stored = _keep(actor, appeal.region, files, kept)
    with transaction.atomic():
        appeal = _locked(appeal_id)
        _require(actor, appeal, AppealAction.ADD)
        _step(appeal, AppealAction.ADD, person, text, stored)
        _audit(actor, "appeals.added", appeal, after={"files": [one.name for one in stored]})
    return appeal


def accept(actor: Actor, appeal_id: int, note: str = "") -> Appeal:
    """Take an appeal up for examination; from now on the time for the decision runs."""
    with transaction.atomic():
        appeal = _begin(actor, appeal_id, AppealAction.ACCEPT, note)
        _move(
            actor,
            appeal,
            AppealAction.ACCEPT,
            AppealState.ACCEPTED,
            note,
            "appeals.accepted",
            accepted_at=now(),
            due=add_working_days(today(), release_of(appeal.run).decide_days).day,
        )
        notices.accepted(actor, appeal)
    return appeal


def dismiss(actor: Actor, appeal_id: int, reason: str) -> Appeal:
    """Do not take an appeal up, with the reason (out of time, not the unit's own number, no ground)."""
    with transaction.atomic():
        appeal = _begin(actor, appeal_id, AppealAction.DISMISS, reason)
        _move(
            actor,
            appeal,
            AppealAction.DISMISS,
            AppealState.DISMISSED,
            reason,
            "appeals.dismissed",
            decided_by_id=person_behind(actor, Permission.APPEALS_FILE),
            decided_at=now(),
            decision=reason.strip(),
            due=None,
        )
        notices.decided(actor, appeal)
    return appeal


def decide(
    actor: Actor,
    appeal_id: int,
    outcome: AppealState,
    reason: str,
    corrections: Mapping[str, str] | None = None,
) -> Appeal:
    """Decide an appeal with reasons; one that is upheld corrects figures behind the number.

    ``corrections``: new values by the keys of :attr:`.numbers.Behind.cells`. Each becomes a batch of its
    own whose note names the appeal; those who prepare the run are told to compute it again (or to make the
    next version of a published one). Raises Conflict for the filer, for whoever entered a figure behind
    the number, and for a value that changes nothing; InvalidInput for a value that is none.
    """
    given = {key: value.strip() for key, value in (corrections or {}).items() if value.strip()}
    problem = outcome_problem(outcome, len(given))
    if problem is not None:
        raise InvalidInput([problem])
    with transaction.atomic():
        appeal = _begin(actor, appeal_id, AppealAction.DECIDE, reason)
        if given:
            _correct(actor, appeal, behind(actor, appeal.run, appeal.region_id, appeal.indicator), given)
        _move(
            actor,
            appeal,
            AppealAction.DECIDE,
            outcome,
            reason,
            "appeals.decided",
            decided_by_id=person_behind(actor, Permission.APPEALS_FILE),
            decided_at=now(),
            decision=reason.strip(),
            due=None,
        )
        notices.decided(actor, appeal)
        if outcome in CHANGING:
            notices.compute_again(actor, appeal)
    return appeal


def withdraw(actor: Actor, appeal_id: int, reason: str) -> Appeal:
    """Take an open appeal back; for whoever may file for the region."""
    with transaction.atomic():
        appeal = _begin(actor, appeal_id, AppealAction.WITHDRAW, reason)
        _move(
            actor,
            appeal,
            AppealAction.WITHDRAW,
            AppealState.WITHDRAWN,
            reason,
            "appeals.withdrawn",
            due=None,
        )
        notices.withdrawn(actor, appeal)
    return appeal


def remind() -> int:
    """On the day an appeal is due, and on every working day after, tell those whose turn it is; for the ticker."""
    day = today()
    if not is_working_day(day):
        return 0
    waiting = Appeal.objects.filter(state__in=sorted(OPEN_STATES), due__lte=day).exclude(reminded_on=day)
    done = 0
    for appeal in waiting.select_related("run__region", "region").order_by("pk"):
        with transaction.atomic():
            # Of two tickers one changes the row, and that one tells.
            claimed = Appeal.objects.filter(pk=appeal.pk, reminded_on=appeal.reminded_on)
            if claimed.update(reminded_on=day):
                notices.due(appeal)
                done += 1
    return done


def _correct(actor: Actor, appeal: Appeal, found: Behind, given: Mapping[str, str]) -> None:
    note = f"依申诉第{appeal.pk}号更正"
    for key, value in given.items():
        cell = found.cell(key)
        if cell is None:
            raise refuse("appeals.unknown_fact", column=key)
        batch = settle_fact(
            actor,
            Permission.APPEALS_DECIDE,
            region_id=cell.region_id,
            element=cell.element,
            period=cell.period,
            category=cell.category,
            value=value,
            reason=note,
        )
        Correction.objects.create(
            appeal=appeal,
            region_id=cell.region_id,
            element=cell.element,
            period=cell.period,
            category=cell.category,
            label=cell.zh[:255],
            label_en=cell.en[:255],
            old=cell.value or "",
            new=value[:64],
            batch=batch,
        )


def _run_and_region(actor: Actor, run_id: int, region_id: int) -> tuple[Run, Region]:
    run = Run.objects.select_related("region", "tree", "catalogue", "publication").filter(pk=run_id).first()
    region = Region.objects.filter(pk=region_id).first()
    if run is None or region is None or not speaks_for(actor, run, region, Permission.APPEALS_FILE):
        raise NotFound(run_id, "run")
    return run, region


def _refuse_second(run: Run, region: Region, indicator: str, key: str) -> None:
    other = Appeal.objects.filter(
        run=run, region=region, indicator=indicator, key=key, state__in=sorted(OPEN_STATES)
    ).first()
    if other is not None:
        raise Conflict(Problem("appeals.filed_already", {"number": other.pk}))


def _keep(actor: Actor, region: Region, files: Sequence[Upload], kept: int) -> list[StoredFile]:
    if kept + len(files) > MOST_FILES:
        raise refuse("appeals.too_many_files", column="files", most=MOST_FILES)
    return [
        receive(actor, blocks, name, purpose=PURPOSE, accepted=EVIDENCE, region_id=region.pk)
        for name, blocks in files
    ]


def _get(actor: Actor, appeal_id: int) -> Appeal:
    appeal = (
        Appeal.objects.filter(visible_appeals(actor), pk=appeal_id)
        .select_related("run__region", "run__tree", "run__catalogue", "region")
        .first()
    )
    if appeal is None:
        raise NotFound(appeal_id, "appeal")
    return appeal


def _locked(appeal_id: int) -> Appeal:
    return (
        Appeal.objects.select_for_update(of=("self",))
        .select_related("run__region", "run__tree", "run__catalogue", "region")
        .get(pk=appeal_id)
    )


def refusal_for(actor: Actor, appeal: Appeal, action: AppealAction) -> Problem | None:
    """Why the actor may not do this now; None when it may."""
    entered = (
        entered_by(appeal.run, appeal.region_id, appeal.indicator) if action is AppealAction.DECIDE else set()
    )
    return refusal(action, appeal_facts(actor, appeal, entered))


def _require(actor: Actor, appeal: Appeal, action: AppealAction) -> None:
    problem = refusal_for(actor, appeal, action)
    if problem is None:
        return
    if problem.code == "appeals.not_permitted":
        raise PermissionDenied(TABLE[action].permission)
    raise Conflict(problem)


def _begin(actor: Actor, appeal_id: int, action: AppealAction, reason: str) -> Appeal:
    """The appeal, its row locked, once the rules allow the act. Call inside the transaction of the act."""
    person_behind(actor, Permission.APPEALS_FILE)
    _get(actor, appeal_id)
    appeal = _locked(appeal_id)
    _require(actor, appeal, action)
    missing = reason_problem(action, reason)
    if missing is not None:
        raise InvalidInput([missing])
    return appeal


def _move(
    actor: Actor,
    appeal: Appeal,
    action: AppealAction,
    state: AppealState,
    text: str,
    audited: str,
    **changes: object,
) -> None:
    before = appeal.state
    if not Appeal.objects.filter(pk=appeal.pk, state=before).update(state=state.value, **changes):
        raise Conflict(Problem("appeals.wrong_state"))
    appeal.refresh_from_db(fields=["state", *(name.removesuffix("_id") for name in changes)])
    _step(appeal, action, person_behind(actor, Permission.APPEALS_FILE), text, [])
    _audit(actor, audited, appeal, before={"state": before}, after={"state": state.value}, reason=text)


def _step(
    appeal: Appeal, action: AppealAction, person: int, text: str, files: Sequence[StoredFile]
) -> AppealStep:
    step = AppealStep.objects.create(
        appeal=appeal,
        action=action.value,
        to_state=appeal.state,
        person_id=person,
        at=now(),
        text=text.strip(),
    )
    AppealFile.objects.bulk_create(AppealFile(step=step, file=one) for one in files)
    return step


def _audit(actor: Actor, action: str, appeal: Appeal, **values: object) -> None:
    record(
        actor,
        action,
        target_type="appeal",
        target_id=appeal.pk,
        region_id=appeal.region_id,
        **values,  # type: ignore[arg-type]
    )
