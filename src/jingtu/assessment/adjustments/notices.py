"""Whom entries and vetoes concern, and what they are told. Called inside the transaction of the act."""

from __future__ import annotations

from django.urls import reverse

from jingtu.core.accounts.queries import holders
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.notifications.services import notify
from jingtu.core.notifications.texts import NoticeText, register_notices
from jingtu.engine.periods import Period

from .models import Entry, VetoCase

register_notices(
    {
        "adjustments.entered": NoticeText(
            "加减分待审批：{place}", "Entry awaits approval: {place}", "事由：{reason}", "Reason: {reason}"
        ),
        "adjustments.decided": NoticeText(
            "加减分已办理：{place}", "Entry decided: {place}", "{outcome}。{reason}", "{outcome}. {reason}"
        ),
        "adjustments.veto_proposed": NoticeText(
            "拟一票否决，请答辩：{place}",
            "Veto proposed, please reply: {place}",
            "{veto}。可在{until}前答辩；是否适用由审批人决定。",
            "{veto}. Reply by {until}; an approver decides whether it applies.",
        ),
        "adjustments.veto_replied": NoticeText(
            "一票否决已答辩，待决定：{place}",
            "Reply to a veto, to be decided: {place}",
            "{veto}。",
            "{veto}.",
        ),
        "adjustments.veto_decided": NoticeText(
            "一票否决已决定：{place}",
            "Veto decided: {place}",
            "{veto}：{outcome}。理由：{reason}",
            "{veto}: {outcome}. Reason: {reason}",
        ),
    }
)
ENTRY_OUTCOMES = {
    "approved": ("批准", "Approved"),
    "refused": ("不予批准", "Rejected"),
    "withdrawn": ("撤回", "Withdrawn"),
}
VETO_OUTCOMES = {"applied": ("适用", "applies"), "not_applied": ("不适用", "does not apply")}


def entered(actor: Actor, entry: Entry) -> None:
    """Tell those who may approve."""
    people = _over(actor, entry.region_id, Permission.RUNS_APPROVE) - {entry.entered_by_id}
    _tell_entry(actor, entry, people, "adjustments.entered", reason=entry.reason)


def decided(actor: Actor, entry: Entry, reason: str) -> None:
    """Tell whoever entered it."""
    zh, en = ENTRY_OUTCOMES[entry.state]
    people = {entry.entered_by_id}
    _tell_entry(actor, entry, people, "adjustments.decided", outcome=zh, outcome_en=en, reason=reason)


def veto_proposed(actor: Actor, case: VetoCase) -> None:
    """Tell those who speak for the place, and those who decide."""
    people = _over(actor, case.region_id, Permission.APPEALS_FILE)
    people |= _over(actor, case.region_id, Permission.RUNS_APPROVE)
    _tell_veto(actor, case, people, "adjustments.veto_proposed", until=case.reply_until.isoformat())


def veto_replied(actor: Actor, case: VetoCase) -> None:
    """Tell those who decide."""
    people = _over(actor, case.region_id, Permission.RUNS_APPROVE)
    _tell_veto(actor, case, people, "adjustments.veto_replied")


def veto_decided(actor: Actor, case: VetoCase) -> None:
    """Tell those who speak for the place, and those who have to compute again."""
    people = _over(actor, case.region_id, Permission.APPEALS_FILE)
    people |= _over(actor, case.region_id, Permission.RUNS_PREPARE)
    zh, en = VETO_OUTCOMES[case.state]
    more = {"outcome": zh, "outcome_en": en, "reason": case.decision}
    _tell_veto(actor, case, people, "adjustments.veto_decided", **more)


def _over(actor: Actor, region_id: int, permission: Permission) -> set[int]:
    return {user.pk for user in holders(actor, permission, region_id)}


def _tell_entry(actor: Actor, entry: Entry, people: set[int], kind: str, **params: str) -> None:
    period = Period.parse(entry.period)
    place = {
        "place": f"{entry.region.name} {period.label('zh')}",
        "place_en": f"{entry.region.name}, {period.label('en')}",
    }
    link = reverse("adjustments:entry", args=[entry.pk])
    notify(actor, people, kind, params={**place, **params}, link=link)


def _tell_veto(actor: Actor, case: VetoCase, people: set[int], kind: str, **params: str) -> None:
    period = Period.parse(case.period)
    said = {
        "place": f"{case.region.name} {period.label('zh')}",
        "place_en": f"{case.region.name}, {period.label('en')}",
        "veto": case.name_zh,
        "veto_en": case.name_en,
    }
    link = reverse("adjustments:veto", args=[case.pk])
    notify(actor, people, kind, params={**said, **params}, link=link)
