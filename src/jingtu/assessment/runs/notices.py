"""Whom an act on a run concerns, and what they are told. Called inside the transaction of the act."""

from __future__ import annotations

from django.urls import reverse

from jingtu.core.accounts.queries import holders
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.notifications.services import notify
from jingtu.core.notifications.texts import NoticeText, register_notices
from jingtu.engine.periods import Period

from .models import Run

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


def _people(actor: Actor, run: Run, permission: Permission) -> set[int]:
    return {user.pk for user in holders(actor, permission, run.region_id)}


def _tell(actor: Actor, run: Run, code: str, people: set[int], **params: str) -> None:
    period = Period.parse(run.period)
    name = f"{run.region.name}{run.scorecard_zh}（{period.label('zh')}）第{run.version}版"
    name_en = f"{run.scorecard_en}, {period.label('en')}, {run.region.name}, version {run.version}"
    notify(
        actor,
        people,
        code,
        params={"run": name, "run_en": name_en, **params},
        link=reverse("runs:detail", args=[run.pk]),
    )
