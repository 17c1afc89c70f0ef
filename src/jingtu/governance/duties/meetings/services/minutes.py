"""Minutes: what was said about each item, what was decided, and the chair's word on it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from jingtu.core.accounts.models import Unit
from jingtu.core.audit.actions import register_actions
from jingtu.core.kernel.actor import Actor, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, refuse, register_texts
from jingtu.core.regions.queries import get_region, is_within
from jingtu.governance.duties.plans.rules import day_problem

from .. import notices
from ..models import AgendaItem, Decision, Meeting
from ..rules import TEXT_MOST, Act, MeetingState
from .common import active_people, audited, begin, clean, managed_meeting, step, touched, wrong_state
from .tasks import make_tasks

MOST_DECISIONS = 60

register_actions(
    {
        "meetings.recorded": ("记录会议纪要", "Minutes written"),
        "meetings.decided": ("记录会议决定", "Decision written down"),
        "meetings.minute": ("提交会议纪要", "Minutes handed in"),
        "meetings.return": ("退回会议纪要", "Minutes returned"),
        "meetings.confirm": ("确认会议纪要", "Minutes confirmed"),
    }
)
register_texts(
    {
        "meetings.too_many_decisions": ("决定不得超过{most}项。", "At most {most} decisions."),
        "meetings.region_outside": (
            "承办地区须在会议所属地区之内。",
            "The region that acts has to lie within the meeting's.",
        ),
        "meetings.unit_gone": ("所选单位不存在或已停用。", "That unit does not exist or is not in use."),
        "meetings.due_before": (
            "期限不得早于开会日期。",
            "The date lies before the meeting.",
        ),
        "meetings.item_elsewhere": ("议题不属于这次会议。", "The item belongs to another meeting."),
    }
)


@dataclass(frozen=True)
class DecisionData:
    """Who does what by when."""

    text: str
    due: dt.date
    region_id: int
    unit_id: int | None = None
    person_id: int | None = None
    item_id: int | None = None


def record_items(actor: Actor, meeting_id: int, texts: dict[int, str]) -> Meeting:
    """Write down what was said, by id of the item; while the minutes are not handed in."""
    with transaction.atomic():
        meeting = _being_minuted(actor, meeting_id)
        items = {item.pk: item for item in meeting.items.all()}
        changed = []
        for item_id, text in texts.items():
            item = items.get(item_id)
            if item is None:
                raise NotFound(f"#{item_id}")
            text = clean(text, f"record_{item_id}", TEXT_MOST, needed=False)
            if item.record != text:
                item.record = text
                changed.append(item)
        AgendaItem.objects.bulk_update(changed, ["record"])
        if changed:
            audited(actor, "meetings.recorded", meeting, after={"items": [item.pk for item in changed]})
    return meeting


def add_decision(actor: Actor, meeting_id: int, wanted: DecisionData) -> Decision:
    """Write down a decision, with its owner and its date. Raises InvalidInput, Conflict."""
    with transaction.atomic():
        meeting = _being_minuted(actor, meeting_id)
        values = _values(actor, meeting, wanted)
        if meeting.decisions.count() >= MOST_DECISIONS:
            raise refuse("meetings.too_many_decisions", most=MOST_DECISIONS)
        last = meeting.decisions.aggregate(last=Max("number"))["last"] or 0
        made = Decision.objects.create(meeting=meeting, number=last + 1, **values)
        _audit_decision(actor, made, "added")
    return made


def change_decision(actor: Actor, decision_id: int, wanted: DecisionData) -> Decision:
    """Change a decision while the minutes are not handed in."""
    with transaction.atomic():
        decision = _decision(decision_id)
        meeting = _being_minuted(actor, decision.meeting_id)
        for name, value in _values(actor, meeting, wanted).items():
            setattr(decision, name, value)
        decision.save()
        _audit_decision(actor, decision, "changed")
    return decision


def drop_decision(actor: Actor, decision_id: int) -> Meeting:
    """Strike a decision from minutes that are still being written; those after it move up."""
    with transaction.atomic():
        decision = _decision(decision_id)
        meeting = _being_minuted(actor, decision.meeting_id)
        _audit_decision(actor, decision, "struck")
        decision.delete()
        for number, one in enumerate(meeting.decisions.order_by("number"), start=1):
            if one.number != number:
                one.number = number
                one.save(update_fields=["number"])
    return meeting


def hand_in(actor: Actor, meeting_id: int) -> Meeting:
    """Put the minutes before the chair. Raises InvalidInput while an item has no minutes."""
    with transaction.atomic():
        meeting, _ = begin(actor, meeting_id, Act.MINUTE)
        silent = [str(item.position) for item in meeting.items.filter(record="")]
        if silent:
            raise refuse("meetings.minutes_missing", items="、".join(silent))
        step(actor, meeting, Act.MINUTE)
        notices.to_confirm(actor, meeting)
    return meeting


def give_back(actor: Actor, meeting_id: int, reason: str) -> Meeting:
    """The chair returns the minutes, with the reason."""
    with transaction.atomic():
        meeting, reason = begin(actor, meeting_id, Act.RETURN, reason)
        writers = meeting.steps.filter(act=Act.MINUTE.value).values_list("person_id", flat=True)
        step(actor, meeting, Act.RETURN, reason)
        notices.returned(actor, meeting, reason, {one for one in writers if one is not None})
    return meeting


def confirm(actor: Actor, meeting_id: int) -> Meeting:
    """The chair confirms the minutes; every decision becomes a task with its owner and date.

    Raises Conflict for anybody but the chair, or where the minutes are not handed in.
    """
    with transaction.atomic():
        meeting, _ = begin(actor, meeting_id, Act.CONFIRM)
        step(actor, meeting, Act.CONFIRM, confirmed_at=now(), confirmed_by_id=user_id_of(actor))
        made = make_tasks(meeting)
        notices.confirmed(actor, meeting, len(made))
    return meeting


def _values(actor: Actor, meeting: Meeting, wanted: DecisionData) -> dict[str, object]:
    region = get_region(actor, wanted.region_id)
    if not is_within(region.pk, meeting.region_id):
        raise refuse("meetings.region_outside", column="region")
    if wanted.due < meeting.held_on:
        raise refuse("meetings.due_before", column="due")
    far = day_problem(wanted.due)
    if far is not None:
        raise InvalidInput([far])
    if wanted.unit_id is not None and not Unit.objects.filter(pk=wanted.unit_id, is_active=True).exists():
        raise refuse("meetings.unit_gone", column="unit")
    if wanted.item_id is not None and not meeting.items.filter(pk=wanted.item_id).exists():
        raise refuse("meetings.item_elsewhere", column="item")
    active_people([wanted.person_id], "person")
    return {
        "item_id": wanted.item_id,
        "text": clean(wanted.text, "text", 500),
        "region": region,
        "unit_id": wanted.unit_id,
        "person_id": wanted.person_id,
        "due": wanted.due,
    }


def _decision(decision_id: int) -> Decision:
    found = Decision.objects.select_related("meeting").filter(pk=decision_id).first()
    if found is None:
        raise NotFound(f"#{decision_id}")
    return found


def _being_minuted(actor: Actor, meeting_id: int) -> Meeting:
    meeting = managed_meeting(actor, meeting_id, lock=True)
    if meeting.state != MeetingState.HELD:
        raise Conflict(wrong_state(meeting))
    return meeting


def _audit_decision(actor: Actor, decision: Decision, what: str) -> None:
    touched(decision.meeting)
    audited(
        actor,
        "meetings.decided",
        decision.meeting,
        after={what: decision.number, "text": decision.text, "due": decision.due.isoformat()},
    )
