"""What people do with entries and vetoes: actor first, rules asked, audit written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from jingtu.assessment.indicators.store import catalogue_of, in_force
from jingtu.core.audit.actions import register_actions, register_objects, register_states
from jingtu.core.audit.services import record
from jingtu.core.files.rules import EVIDENCE
from jingtu.core.files.services import Upload, receive
from jingtu.core.kernel.actor import Actor, Permission, person_behind
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Problem, refuse
from jingtu.core.regions.models import Region
from jingtu.engine.catalogue.model import Scorecard
from jingtu.engine.ledger import Line, line_rule
from jingtu.engine.ledgerfile import count_problem
from jingtu.engine.periods import Period
from jingtu.engine.workdays import add_working_days

from . import notices
from .models import Entry, EntryFile, VetoCase
from .queries import case_facts, hands, visible
from .rules import (
    ENTRY_RESULT,
    REPLY_DAYS,
    EntryAction,
    EntryState,
    VetoState,
    decision_refusal,
    entry_refusal,
    fired_again,
    reason_problem,
    reply_refusal,
)
from .words import STATES, VETO_STATES

PURPOSE = "adjustments.evidence"

register_actions(
    {
        "adjustments.entered": ("申报加减分", "Bonus or deduction entered"),
        "adjustments.approved": ("批准加减分", "Bonus or deduction approved"),
        "adjustments.refused": ("不予批准加减分", "Bonus or deduction refused"),
        "adjustments.withdrawn": ("撤回加减分", "Bonus or deduction withdrawn"),
        "adjustments.veto_proposed": ("提出一票否决", "Veto proposed"),
        "adjustments.veto_lapsed": ("一票否决的依据不复存在", "Veto lapsed, its ground is gone"),
        "adjustments.veto_replied": ("就一票否决答辩", "Reply to a veto"),
        "adjustments.veto_applied": ("决定适用一票否决", "Veto decided to apply"),
        "adjustments.veto_not_applied": ("决定不适用一票否决", "Veto decided not to apply"),
    }
)
register_objects(
    {
        "bonus_entry": ("加减分申报", "Bonus or deduction"),
        # What older entries of the trail say: they are never rewritten.
        "entry": ("加减分申报", "Bonus or deduction"),
        "veto": ("一票否决", "Veto"),
    }
)
register_states("bonus_entry", STATES)
register_states("veto", VETO_STATES)
_AUDITED = {
    EntryAction.APPROVE: "adjustments.approved",
    EntryAction.REFUSE: "adjustments.refused",
    EntryAction.WITHDRAW: "adjustments.withdrawn",
}


def enter(
    actor: Actor,
    region: Region,
    scorecard: str,
    line: Line,
    indicator: str,
    period: str,
    count: str,
    reason: str,
    files: Sequence[Upload] = (),
) -> Entry:
    """State a bonus or a deduction for a place, with evidence. Raises InvalidInput, PermissionDenied."""
    person = person_behind(actor, Permission.ENTRIES_FILE)
    if not (actor.can(Permission.ENTRIES_FILE, region.pk) or actor.can(Permission.RUNS_APPROVE, region.pk)):
        raise PermissionDenied(Permission.ENTRIES_FILE)
    card = _card(scorecard)
    if line_rule(card, line, indicator) is None:
        raise refuse("adjustments.no_line", column="line", scorecard=scorecard)
    if region.level != card.level:
        raise refuse("adjustments.wrong_level", column="region", scorecard=scorecard)
    problems = [problem for problem in (reason_problem(reason), count_problem(count)) if problem is not None]
    if not files:
        problems.append(Problem("adjustments.evidence_missing", column="evidence"))
    if problems:
        raise InvalidInput(problems)
    asked = Period.parse(period)
    if asked.start > today():
        raise refuse("adjustments.not_begun", column="period", period=asked.key)
    with transaction.atomic():
        # One place after the other: of two who press the button at once the second is told of the first.
        # Not the key: whoever only refers to the place does not wait while the files come in.
        Region.objects.select_for_update(no_key=True).get(pk=region.pk)
        _refuse_second(region, scorecard, line, indicator, asked, Decimal(count), reason.strip())
        kept = [
            receive(actor, blocks, name, purpose=PURPOSE, accepted=EVIDENCE, region_id=region.pk)
            for name, blocks in files
        ]
        entry = Entry.objects.create(
            tree_id=region.tree_id,
            region=region,
            scorecard=scorecard,
            line=line,
            indicator=indicator,
            period=asked.key,
            period_end=asked.end,
            count=Decimal(count),
            reason=reason.strip(),
            entered_by_id=person,
            entered_at=now(),
        )
        EntryFile.objects.bulk_create([EntryFile(entry=entry, file=file) for file in kept])
        after = {"line": line, "indicator": indicator, "period": asked.key, "count": count}
        _written(actor, "adjustments.entered", "bonus_entry", entry, after=after, reason=reason)
        notices.entered(actor, entry)
    return entry


def _refuse_second(
    region: Region, scorecard: str, line: Line, indicator: str, period: Period, count: Decimal, reason: str
) -> None:
    same = Entry.objects.filter(
        region=region, scorecard=scorecard, line=line, indicator=indicator, period=period.key, count=count,
        reason=reason, state__in=[EntryState.PROPOSED.value, EntryState.APPROVED.value],
    )  # fmt: skip
    number = same.values_list("pk", flat=True).first()
    if number is not None:
        raise Conflict(Problem("adjustments.entered_already", {"number": number}))


def approve(actor: Actor, entry_id: int, note: str = "") -> Entry:
    """Let an entry count, as somebody other than whoever entered it."""
    return _decide(actor, entry_id, EntryAction.APPROVE, note)


def refuse_entry(actor: Actor, entry_id: int, reason: str) -> Entry:
    """Turn an entry down with the reason."""
    return _decide(actor, entry_id, EntryAction.REFUSE, reason)


def withdraw(actor: Actor, entry_id: int, reason: str) -> Entry:
    """Take an entry back: one that waits by whoever entered it, an approved one by an approver.

    Runs that counted it keep it; the next computation does not.
    """
    return _decide(actor, entry_id, EntryAction.WITHDRAW, reason)


def _decide(actor: Actor, entry_id: int, action: EntryAction, reason: str) -> Entry:
    person = person_behind(actor, Permission.ENTRIES_FILE)
    with transaction.atomic():
        entry = (
            Entry.objects.select_for_update(of=("self",)).select_related("region").filter(pk=entry_id).first()
        )
        if entry is None or not Entry.objects.filter(visible(actor), pk=entry_id).exists():
            raise NotFound(entry_id, "bonus_entry")
        problem = entry_refusal(action, EntryState(entry.state), hands(actor, entry))
        _raise(problem, Permission.RUNS_APPROVE)
        missing = reason_problem(reason)
        if action is not EntryAction.APPROVE and missing is not None:
            raise InvalidInput([missing])
        before, entry.state = entry.state, ENTRY_RESULT[action].value
        if action is EntryAction.WITHDRAW:
            entry.withdrawn_by_id, entry.withdrawn_at, entry.withdrawal = person, now(), reason.strip()
        else:
            entry.decided_by_id, entry.decided_at, entry.decision = person, now(), reason.strip()
        entry.save()
        _written(
            actor, _AUDITED[action], "bonus_entry", entry, before={"state": before}, after={"state": entry.state},
            reason=reason,
        )  # fmt: skip
        notices.decided(actor, entry, reason.strip())
    return entry


@dataclass(frozen=True)
class Fired:
    """A veto whose condition a place meets in a computation."""

    region_id: int
    indicator: str
    name_zh: str
    name_en: str
    effect: str
    value: str
    person_based: bool


def propose_vetoes(
    actor: Actor,
    tree_id: int,
    scorecard: str,
    period: str,
    fired: Sequence[Fired],
    places: Collection[int],
) -> list[VetoCase]:
    """Open a case for every veto that fired for one of ``places``; close those that fire no more.

    What was decided stays decided while the value it was decided about is the same. For the computation
    of a run, which has asked whether the actor may.
    """
    asked, until = Period.parse(period), add_working_days(today(), REPLY_DAYS).day
    found = []
    with transaction.atomic():
        known = {
            (case.region_id, case.indicator): case
            for case in VetoCase.objects.select_for_update(of=("self",))
            .select_related("region")
            .filter(tree_id=tree_id, scorecard=scorecard, period=asked.key, region_id__in=list(places))
        }
        for one in fired:
            case = known.pop((one.region_id, one.indicator), None)
            state = fired_again(VetoState(case.state), case.value, one.value) if case else VetoState.PROPOSED
            if case is not None and state == case.state:
                continue
            fresh = {
                "tree_id": tree_id, "period_end": asked.end, "name_zh": one.name_zh, "name_en": one.name_en,
                "effect": one.effect, "value": one.value, "person_based": one.person_based,
                "state": VetoState.PROPOSED.value, "proposed_by_id": person_behind(actor, Permission.ENTRIES_FILE), "proposed_at": now(),
                "reply_until": until, "reply": "", "replied_by": None, "replied_at": None,
                "decided_by": None, "decided_at": None, "decision": "",
            }  # fmt: skip
            opened, _ = VetoCase.objects.update_or_create(
                region_id=one.region_id,
                scorecard=scorecard,
                period=asked.key,
                indicator=one.indicator,
                defaults=fresh,
            )
            _written(actor, "adjustments.veto_proposed", "veto", opened, after={"indicator": one.indicator})
            notices.veto_proposed(actor, opened)
            found.append(opened)
        for case in known.values():
            if case.state != VetoState.LAPSED:
                before, case.state = case.state, VetoState.LAPSED.value
                case.save(update_fields=["state"])
                _written(actor, "adjustments.veto_lapsed", "veto", case, before={"state": before})
    return found


def reply(actor: Actor, case_id: int, text: str) -> VetoCase:
    """Say something for the place while there is time; it may be said again until then."""
    person = person_behind(actor, Permission.ENTRIES_FILE)
    with transaction.atomic():
        case = _case(actor, case_id)
        _raise(reply_refusal(case_facts(actor, case), today()), Permission.APPEALS_FILE)
        problem = reason_problem(text)
        if problem is not None:
            raise InvalidInput([problem])
        case.state, case.reply = VetoState.REPLIED.value, text.strip()
        case.replied_by_id, case.replied_at = person, now()
        case.save(update_fields=["state", "reply", "replied_by", "replied_at"])
        _written(actor, "adjustments.veto_replied", "veto", case, reason=text)
        notices.veto_replied(actor, case)
    return case


def decide_veto(actor: Actor, case_id: int, reason: str, *, applies: bool) -> VetoCase:
    """Decide with reasons whether a veto applies; the run is computed again to carry the decision."""
    person = person_behind(actor, Permission.ENTRIES_FILE)
    with transaction.atomic():
        case = _case(actor, case_id)
        _raise(decision_refusal(case_facts(actor, case), today()), Permission.RUNS_APPROVE)
        problem = reason_problem(reason)
        if problem is not None:
            raise InvalidInput([problem])
        before = case.state
        case.state = (VetoState.APPLIED if applies else VetoState.NOT_APPLIED).value
        case.decided_by_id, case.decided_at, case.decision = person, now(), reason.strip()
        case.save(update_fields=["state", "decided_by", "decided_at", "decision"])
        action = "adjustments.veto_applied" if applies else "adjustments.veto_not_applied"
        _written(
            actor, action, "veto", case, before={"state": before}, after={"state": case.state}, reason=reason
        )
        notices.veto_decided(actor, case)
    return case


def _case(actor: Actor, case_id: int) -> VetoCase:
    case = (
        VetoCase.objects.select_for_update(of=("self",)).select_related("region").filter(pk=case_id).first()
    )
    if case is None or not VetoCase.objects.filter(visible(actor), pk=case_id).exists():
        raise NotFound(case_id, "veto")
    return case


def _card(code: str) -> Scorecard:
    card = catalogue_of(in_force()).scorecards.get(code)
    if card is None:
        raise refuse("adjustments.unknown_scorecard", column="scorecard", scorecard=code)
    return card


def _raise(problem: Problem | None, permission: Permission) -> None:
    if problem is None:
        return
    if problem.code == "adjustments.not_permitted":
        raise PermissionDenied(permission)
    raise Conflict(problem)


def _written(actor: Actor, action: str, kind: str, row: Entry | VetoCase, **values: Any) -> None:
    record(actor, action, target_type=kind, target_id=row.pk, region_id=row.region_id, **values)
