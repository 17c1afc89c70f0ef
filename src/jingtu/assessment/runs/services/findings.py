"""Who sees to a finding and what they say: assign, reply, return, accept; and what every step leaves behind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction

from jingtu.core.accounts.models import User
from jingtu.core.accounts.queries import actor_for, holders
from jingtu.core.kernel.actor import Actor, Permission, person_behind, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, refuse
from jingtu.core.regions.models import Region

from .. import notices
from ..findingrules import CARRIED, HANDS, TARGETS, FindingAct, FindingFacts, finding_refusal, text_problem
from ..findings import DefaultOwners, together_with
from ..models import FindingStep, Run, RunFinding
from ..rules import HOLDING, FindingState, RunState
from ..visibility import sees_finding
from .acts import audited, locked

AUDITED = {
    FindingAct.ASSIGN: "runs.finding_assigned",
    FindingAct.REPLY: "runs.finding_replied",
    FindingAct.RETURN: "runs.finding_returned",
    FindingAct.ACCEPT: "runs.finding_accepted",
}
SAID = (*HANDS, FindingAct.RETURN, FindingAct.CARRY)
"""Steps that go along with an answer that goes on to stand."""


def finding_facts(actor: Actor, run: Run, finding: RunFinding) -> FindingFacts:
    """What the rules ask about this finding and this actor."""
    return FindingFacts(
        FindingState(finding.state),
        RunState(run.state),
        answers=finding.with_unit and actor.can(Permission.FORMS_FILL, finding.region_id)
        if finding.region_id is not None
        else False,
        prepares=actor.can(Permission.RUNS_PREPARE, run.region_id),
        approves=actor.can(Permission.RUNS_APPROVE, run.region_id),
        replied=finding.answered_by_id is not None and finding.answered_by_id == user_id_of(actor),
    )


def reply_to_finding(actor: Actor, finding_id: int, text: str) -> RunFinding:
    """Say, for the unit that was asked, what is behind a finding. It settles once the office accepts it."""
    with transaction.atomic():
        run, finding = _act(actor, finding_id, FindingAct.REPLY, text)
        notices.finding_replied(actor, run, finding)
    return finding


def return_finding(actor: Actor, finding_id: int, reason: str) -> RunFinding:
    """Send an answer back with the reason; the finding holds the run back again if it is an error."""
    with transaction.atomic():
        run, finding = _act(actor, finding_id, FindingAct.RETURN, reason)
        notices.finding_returned(actor, run, finding, reason)
    return finding


def accept_finding(actor: Actor, finding_id: int, note: str = "") -> RunFinding:
    """Be content with a unit's reply."""
    return _act(actor, finding_id, FindingAct.ACCEPT, note)[1]


def assign_findings(
    actor: Actor, finding_ids: Sequence[int], owner: int | None, note: str = ""
) -> list[RunFinding]:
    """Say who sees to the findings; ``owner`` None: whoever reports for each place.

    All or none. Raises NotFound, PermissionDenied, Conflict as the rules say, InvalidInput for a person who
    neither prepares the run nor reports for the place, or a place without a reporter in post.
    """
    person = person_behind(actor, Permission.RUNS_PREPARE)
    with transaction.atomic():
        asked = RunFinding.objects.filter(pk__in=list(finding_ids))
        # The runs first: what their findings say counts from then on.
        runs = {run_id: locked(run_id) for run_id in sorted(set(asked.values_list("run_id", flat=True)))}
        found = list(asked.filter(run_id__in=runs).select_related("region").order_by("run_id", "pk"))
        found = together_with(found)
        if not found:
            raise NotFound("#" + ",".join(map(str, finding_ids)), "finding")
        for run_id, run in runs.items():
            mine = [finding for finding in found if finding.run_id == run_id]
            for finding in mine:
                _require(actor, run, finding, FindingAct.ASSIGN)
            _give(run, mine, owner)
            RunFinding.objects.bulk_update(mine, ["owner", "with_unit"], batch_size=500)
            _steps(mine, FindingAct.ASSIGN, person, note)
            audited(
                actor,
                AUDITED[FindingAct.ASSIGN],
                run,
                after={"findings": [finding.pk for finding in mine], "owner": owner},
                reason=note,
            )
            notices.findings_assigned(actor, run, mine)
    return found


def settle(
    finding: RunFinding, state: FindingState, act: FindingAct, person: int, text: str
) -> list[RunFinding]:
    """Answer or override a finding, and what is dealt with together with it, with a step for each. Call inside
    the transaction that has locked the run."""
    alike = together_with([finding])
    for one in (finding, *alike):
        one.state, one.answer = state.value, text.strip()
        one.answered_by_id, one.answered_at = person, now()
    changed = ["state", "answer", "answered_by", "answered_at"]
    RunFinding.objects.bulk_update(alike, changed, batch_size=500)
    _steps(alike, act, person, text)
    return alike


def refresh_findings(run: Run, noticed: Sequence[RunFinding]) -> list[RunFinding]:
    """Replace a run's findings by what is noticed now: what stays keeps its answer, what is new gets an owner,
    what is gone and was dealt with is kept as gone. What an earlier version, or this one with other figures, had
    answered is taken along (:func:`_carry`). Returns the new ones that wait. Call inside the transaction."""
    known = {_identity(finding): finding for finding in run.findings.all()}
    now_there = {_identity(finding) for finding in noticed}
    fresh = [finding for finding in noticed if _identity(finding) not in known]
    back = [known[key].pk for key in now_there & known.keys() if known[key].state == FindingState.GONE]
    gone = [finding for key, finding in known.items() if key not in now_there]
    handled = set(FindingStep.objects.filter(finding__in=gone).values_list("finding_id", flat=True))
    kept = [one for one in gone if one.pk in handled and one.state != FindingState.GONE]
    RunFinding.objects.filter(pk__in=[one.pk for one in gone if one.pk not in handled]).delete()
    RunFinding.objects.filter(pk__in=[one.pk for one in kept]).update(state=FindingState.GONE.value)
    RunFinding.objects.filter(pk__in=back).update(state=FindingState.OPEN.value)
    _steps(kept, FindingAct.GONE, None, "")
    DefaultOwners(run).give(fresh, Region.objects.in_bulk({one.region_id for one in fresh if one.region_id}))
    taken = _carry(run, fresh)
    made = RunFinding.objects.bulk_create(fresh, batch_size=500)
    _copy_steps(taken)
    return [one for one in made if one.state in HOLDING]


def _carry(run: Run, fresh: Sequence[RunFinding]) -> dict[int, RunFinding]:
    """Join new findings to what was answered before. Where nothing of the finding has changed, the answer goes on to
    stand with all that was said; where its figures have, the finding is open and shows the old answer. Returns the
    findings whose answers stand, by the own id of the earlier one. One query."""
    earlier = (
        RunFinding.objects.filter(
            run__region_id=run.region_id,
            run__level=run.level,
            run__scorecard=run.scorecard,
            run__period=run.period,
            run__version__lte=run.version,
        )
        .exclude(answer="")
        .order_by("run__version", "answered_at", "pk")
    )
    alike = {_about(one): one for one in earlier} if fresh else {}
    taken: dict[int, RunFinding] = {}
    for one in fresh:
        before = alike.get(_about(one))
        if before is None:
            continue
        one.carried_from = before
        if _identity(before) == _identity(one) and FindingState(before.state) in CARRIED:
            one.state, one.answer = before.state, before.answer
            one.answered_by_id, one.answered_at = before.answered_by_id, before.answered_at
            taken[before.pk] = one
    return taken


def _copy_steps(taken: dict[int, RunFinding]) -> None:
    """What people did with the earlier finding stands in the history of the new one, and they had a hand in it."""
    steps = [
        FindingStep(
            finding=taken[step.finding_id], act=step.act, text=step.text, person_id=step.person_id, at=step.at
        )
        for step in FindingStep.objects.filter(finding__in=list(taken), act__in=SAID).order_by("at", "pk")
    ]
    FindingStep.objects.bulk_create(steps, batch_size=500)
    _steps(taken.values(), FindingAct.CARRY, None, "")


def _act(actor: Actor, finding_id: int, act: FindingAct, text: str) -> tuple[Run, RunFinding]:
    person = person_behind(actor, Permission.RUNS_PREPARE)
    with transaction.atomic():
        wanted = RunFinding.objects.filter(pk=finding_id)
        run_id = wanted.values_list("run_id", flat=True).first()
        if run_id is None:
            raise NotFound(finding_id, "finding")
        run = locked(run_id)
        # The checks may have taken it away while the row was waited for.
        found = wanted.select_related("region").first()
        if found is None:
            raise NotFound(finding_id, "finding")
        _require(actor, run, found, act)
        problem = text_problem(act, text)
        if problem is not None:
            raise InvalidInput([problem])
        before = found.state
        alike = together_with([found])
        found = next(one for one in alike if one.pk == finding_id)
        for one in alike:
            one.state = TARGETS[act].value
            if act is FindingAct.REPLY:
                one.answer, one.answered_by_id, one.answered_at = text.strip(), person, now()
        changed = ["state", "answer", "answered_by", "answered_at"]
        RunFinding.objects.bulk_update(alike, changed, batch_size=500)
        _steps(alike, act, person, text)
        audited(
            actor,
            AUDITED[act],
            run,
            before={"state": before},
            after={"findings": [one.pk for one in alike], "code": found.code, "state": found.state},
            reason=text.strip(),
        )
    return run, found


def _require(actor: Actor, run: Run, finding: RunFinding, act: FindingAct) -> None:
    problem = finding_refusal(act, finding_facts(actor, run, finding))
    if problem is None:
        return
    if problem.code == "runs.not_permitted":
        if not sees_finding(actor, run, finding):
            raise NotFound(finding.pk, "finding")
        raise PermissionDenied(Permission.FORMS_FILL if act is FindingAct.REPLY else Permission.RUNS_PREPARE)
    raise Conflict(problem)


def _give(run: Run, findings: Sequence[RunFinding], owner: int | None) -> None:
    if owner is None:
        units = DefaultOwners(run)
        for finding in findings:
            finding.owner_id = units.unit_of(finding.region)
            finding.with_unit = True
            if finding.owner_id is None:
                name = finding.region.name if finding.region else "–"
                raise refuse("findings.no_unit", column="owner", region=name)
        return
    person = User.objects.filter(pk=owner, is_active=True).first()
    acting = None if person is None else actor_for(person.username)
    for finding in findings:
        reports = (
            acting is not None
            and finding.region_id is not None
            and acting.can(Permission.FORMS_FILL, finding.region_id)
        )
        prepares = acting is not None and acting.can(Permission.RUNS_PREPARE, run.region_id)
        if not (reports or prepares):
            raise refuse("findings.not_an_owner", column="owner")
        finding.owner_id, finding.with_unit = owner, reports


def possible_owners(actor: Actor, run: Run, finding: RunFinding | None = None) -> list[User]:
    """Who may be asked: those who prepare runs of the region, and whoever reports for the place."""
    found = {user.pk: user for user in holders(actor, Permission.RUNS_PREPARE, run.region_id)}
    if finding is not None and finding.region_id is not None:
        found |= {user.pk: user for user in holders(actor, Permission.FORMS_FILL, finding.region_id)}
    return [found[key] for key in sorted(found)]


def _steps(findings: Iterable[RunFinding], act: FindingAct, person: int | None, text: str) -> None:
    at = now()
    FindingStep.objects.bulk_create(
        [
            FindingStep(
                finding=finding,
                act=act.value,
                person_id=person,
                text=text.strip(),
                owner_id=finding.owner_id if act is FindingAct.ASSIGN else None,
                at=at,
            )
            for finding in findings
        ],
        batch_size=500,
    )


def _about(finding: RunFinding) -> tuple[object, ...]:
    """Which check found something, and of what; not what it found."""
    return finding.code, finding.region_id, finding.element, finding.indicator


def _identity(finding: RunFinding) -> tuple[object, ...]:
    return (
        *_about(finding),
        finding.severity,
        tuple(sorted((name, str(value)) for name, value in finding.params.items())),
    )
