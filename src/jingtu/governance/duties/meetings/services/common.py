"""What all deeds on meetings share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jingtu.core.accounts.models import User
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.characters import unprintable
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, NotFound, PermissionDenied, refuse, register_texts
from jingtu.engine.problems import Problem

from ..models import AgendaItem, Meeting, MeetingStep
from ..rules import CHAIRS, NEEDS_REASON, REASON_MOST, Act, MeetingState, after
from ..visibility import visible_meetings

register_texts(
    {
        "meetings.text_missing": ("请填写此项。", "This is needed."),
        "meetings.text_too_long": ("不得超过{most}个字。", "At most {most} characters."),
        "meetings.unprintable": (
            "含有不可见的控制字符，请删除后重新填写。",
            "Contains invisible control characters; remove them.",
        ),
        "meetings.person_gone": ("所选人员没有可用的账号。", "That person has no account in use."),
    }
)


def clean(text: str, column: str, most: int, *, needed: bool = True) -> str:
    """The text without space around it. Raises InvalidInput for one that is missing, too long or unprintable."""
    text = text.strip()
    if needed and not text:
        raise refuse("meetings.text_missing", column=column)
    if len(text) > most:
        raise refuse("meetings.text_too_long", column=column, most=most)
    if unprintable(text):
        raise refuse("meetings.unprintable", column=column)
    return text


def active_people(ids: Iterable[int | None], column: str) -> dict[int, User]:
    """Users by id, all with an account in use. Raises InvalidInput otherwise. One query."""
    wanted = {one for one in ids if one is not None}
    found = {user.pk: user for user in User.objects.filter(pk__in=wanted, is_active=True)}
    if wanted - found.keys():
        raise refuse("meetings.person_gone", column=column)
    return found


def known(actor: Actor, meeting_id: int, *, lock: bool = False) -> Meeting:
    """A meeting the actor may know of. Raises NotFound."""
    rows = Meeting.objects.select_for_update(of=("self",)) if lock else Meeting.objects.all()
    found = (
        rows.select_related("region__tree", "series", "chair")
        .filter(visible_meetings(actor), pk=meeting_id)
        .first()
    )
    if found is None:
        raise NotFound(meeting_id, "meeting")
    return found


def managed_meeting(actor: Actor, meeting_id: int, *, lock: bool = False) -> Meeting:
    """A meeting the actor manages. Raises NotFound or PermissionDenied."""
    meeting = known(actor, meeting_id, lock=lock)
    if not actor.can(Permission.MEETINGS_MANAGE, meeting.region_id):
        raise PermissionDenied(Permission.MEETINGS_MANAGE)
    return meeting


def begin(
    actor: Actor, meeting_id: int, act: Act, reason: str = "", *, explained: bool = False
) -> tuple[Meeting, str]:
    """Lock the meeting for an act that its state and the actor's post allow; the cleaned reason with it.
    ``explained``: the machine itself says why.

    Raises NotFound, PermissionDenied, Conflict for the wrong state, InvalidInput where a reason is needed.
    """
    meeting = known(actor, meeting_id, lock=True)
    if act in CHAIRS:
        must_chair(actor, meeting)
    elif not actor.can(Permission.MEETINGS_MANAGE, meeting.region_id):
        raise PermissionDenied(Permission.MEETINGS_MANAGE)
    if after(MeetingState(meeting.state), act) is None:
        raise Conflict(wrong_state(meeting))
    if act in NEEDS_REASON and not explained and not reason.strip():
        raise refuse("meetings.reason_missing", column="reason")
    return meeting, clean(reason, "reason", REASON_MOST, needed=False)


def must_chair(actor: Actor, meeting: Meeting) -> None:
    """Raises PermissionDenied for anybody but the chair in person."""
    if user_id_of(actor) is None or user_id_of(actor) != meeting.chair_id:
        raise PermissionDenied("纪要由主持人本人确认 · the chair confirms the minutes in person")


def wrong_state(meeting: Meeting) -> Problem:
    """Why something cannot be done now."""
    return Problem(f"meetings.is_{meeting.state}")


def step(
    actor: Actor,
    meeting: Meeting,
    act: Act,
    reason: str = "",
    told: Problem | None = None,
    **changes: object,
) -> None:
    """Carry an act out: the next state, other values, a line of history and one of the audit trail."""
    state = after(MeetingState(meeting.state), act) if act is not Act.PLAN else MeetingState.PLANNED
    assert state is not None
    before = {name: getattr(meeting, name) for name in ("state", *changes)}
    for name, value in {"state": state.value, **changes}.items():
        setattr(meeting, name, value)
    meeting.save(update_fields=["state", *changes])
    MeetingStep.objects.create(
        meeting=meeting,
        act=act.value,
        reason=reason,
        told=[told.code, dict(told.params)] if told else [],
        person_id=user_id_of(actor),
        at=now(),
    )
    shown = {name: str(getattr(meeting, name)) for name in before}
    audited(
        actor,
        f"meetings.{act.value}",
        meeting,
        before={name: str(value) for name, value in before.items()},
        after={**shown, **({"reason": reason} if reason else {})},
    )


def audited(actor: Actor, action: str, meeting: Meeting, **values: object) -> None:
    """Put a deed on a meeting into the audit trail."""
    record(
        actor,
        action,
        target_type="meeting",
        target_id=meeting.pk,
        region_id=meeting.region_id,
        **values,  # type: ignore[arg-type]
    )


def touched(meeting: Meeting) -> None:
    """Note that what the papers print has changed: an earlier pack is out of date."""
    meeting.agenda_at = now()
    meeting.save(update_fields=["agenda_at"])


def numbered(items: Sequence[AgendaItem]) -> None:
    """Give the items positions 1, 2, 3… in the order they stand in."""
    changed = []
    for position, item in enumerate(items, start=1):
        if item.position != position:
            item.position = position
            changed.append(item)
    AgendaItem.objects.bulk_update(changed, ["position"])


def next_position(meeting: Meeting) -> int:
    """Where a further item stands."""
    last = meeting.items.order_by("-position").values_list("position", flat=True).first()
    return (last or 0) + 1
