"""Whom an act on a run concerns, and what they are told. Called inside the transaction of the act."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.urls import reverse

from jingtu.core.accounts.queries import holders
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.notifications.services import notify
from jingtu.core.notifications.texts import NoticeText, register_notices
from jingtu.engine.periods import Period

from .models import Run, RunFinding

register_notices(
    {
        "runs.submitted": NoticeText(
            "考核待审批：{run}",
            "Assessment awaits approval: {run}",
            "提交人：{person}。",
            "Submitted by {person}.",
        ),
        "runs.sent_back": NoticeText(
            "考核被退回：{run}",
            "Assessment sent back: {run}",
            "{person}退回，理由：{reason}",
            "Sent back by {person}: {reason}",
        ),
        "runs.published": NoticeText(
            "考核已发布：{run}",
            "Assessment published: {run}",
            "发布后内容固定，如有异议请在申诉期内提出。",
            "Its content is final; raise objections within the appeal period.",
        ),
        "runs.findings_assigned": NoticeText(
            "有{count}条核查意见请您答复：{run}",
            "{count} findings for you to answer: {run}",
            "请核实有关数字并写明情况；错误级的意见答复并认可之前不能发布。",
            "Please check the figures and say what is behind them; findings of severity error hold publication back.",
        ),
        "runs.finding_replied": NoticeText(
            "核查意见已有回复，待认可：{place}，{run}",
            "A finding was replied to and awaits acceptance: {place}, {run}",
            "{person}：{reason}",
            "{person}: {reason}",
        ),
        "runs.finding_returned": NoticeText(
            "核查意见的答复被退回：{place}，{run}",
            "An answer to a finding was returned: {place}, {run}",
            "{person}：{reason}",
            "{person}: {reason}",
        ),
        "runs.withdrawn": NoticeText(
            "考核已撤回：{run}",
            "Assessment withdrawn: {run}",
            "{person}撤回，理由：{reason}",
            "Withdrawn by {person}: {reason}",
        ),
    }
)

REASON_SHOWN = 200


def submitted(actor: Actor, run: Run) -> None:
    """Tell those who may sign it."""
    _tell(actor, run, "runs.submitted", _people(actor, run, Permission.RUNS_APPROVE), person=actor.label)


def sent_back(actor: Actor, run: Run, reason: str) -> None:
    """Tell the preparer."""
    people = {run.prepared_by_id} if run.prepared_by_id else set()
    _tell(actor, run, "runs.sent_back", people, person=actor.label, reason=reason[:REASON_SHOWN])


def published(actor: Actor, run: Run) -> None:
    """Tell the preparer and those who read results of the region."""
    people = _people(actor, run, Permission.RESULTS_READ)
    if run.prepared_by_id:
        people.add(run.prepared_by_id)
    _tell(actor, run, "runs.published", people)


def withdrawn(actor: Actor, run: Run, reason: str) -> None:
    """Tell everybody who was told of the publication."""
    people = _people(actor, run, Permission.RESULTS_READ)
    _tell(actor, run, "runs.withdrawn", people, person=actor.label, reason=reason[:REASON_SHOWN])


def findings_assigned(actor: Actor, run: Run, findings: Sequence[RunFinding]) -> None:
    """Tell each owner, in one notice, how many findings of the run wait for them."""
    waiting = Counter(finding.owner_id for finding in findings if finding.owner_id is not None)
    link = f"{reverse('findings:list')}?run={run.pk}&mine=1"
    for owner, count in sorted(waiting.items(), key=lambda item: item[0] or 0):
        if owner is not None and owner != user_id_of(actor):
            _tell(actor, run, "runs.findings_assigned", {owner}, link, count=str(count))


def finding_replied(actor: Actor, run: Run, finding: RunFinding) -> None:
    """Tell who prepared the run."""
    people = {run.prepared_by_id} if run.prepared_by_id else set()
    _tell_of(actor, run, finding, "runs.finding_replied", people, finding.answer)


def finding_returned(actor: Actor, run: Run, finding: RunFinding, reason: str) -> None:
    """Tell who answered, and whose finding it is."""
    people = {person for person in (finding.answered_by_id, finding.owner_id) if person is not None}
    _tell_of(actor, run, finding, "runs.finding_returned", people, reason)


def _tell_of(actor: Actor, run: Run, finding: RunFinding, code: str, people: set[int], reason: str) -> None:
    place = finding.region.name if finding.region else "–"
    link = reverse("findings:detail", args=[finding.pk])
    people = people - {user_id_of(actor) or 0}
    _tell(actor, run, code, people, link, place=place, person=actor.label, reason=reason[:REASON_SHOWN])


def _people(actor: Actor, run: Run, permission: Permission) -> set[int]:
    return {user.pk for user in holders(actor, permission, run.region_id)}


def _tell(actor: Actor, run: Run, code: str, people: set[int], link: str = "", **params: str) -> None:
    period = Period.parse(run.period)
    name = f"{run.region.name}{run.scorecard_zh}（{period.label('zh')}）第{run.version}版"
    name_en = f"{run.scorecard_en}, {period.label('en')}, {run.region.name}, version {run.version}"
    notify(
        actor,
        people,
        code,
        params={"run": name, "run_en": name_en, **params},
        link=link or reverse("runs:detail", args=[run.pk]),
    )
