"""Who is told what about meetings."""

from __future__ import annotations

from collections.abc import Collection

from django.urls import reverse

from jingtu.core.kernel.actor import Actor
from jingtu.core.notifications.services import notify
from jingtu.core.notifications.texts import NoticeText, register_notices

from .models import Meeting

register_notices(
    {
        "meetings.invited": NoticeText(
            "会议通知：{meeting}",
            "Invitation: {meeting}",
            "{when}在{place}召开，共{items}个议题。议程和材料见会议页。",
            "{when}, {place}; {items} items. Agenda and papers are on the meeting's page.",
        ),
        "meetings.moved": NoticeText(
            "会议改期：{meeting}",
            "Meeting moved: {meeting}",
            "改为{when}在{place}召开。原因：{reason}",
            "Now {when}, {place}. Reason: {reason}",
        ),
        "meetings.cancelled": NoticeText(
            "会议取消：{meeting}",
            "Meeting cancelled: {meeting}",
            "原定{when}。原因：{reason}",
            "It was to be on {when}. Reason: {reason}",
        ),
        "meetings.to_confirm": NoticeText(
            "纪要待确认：{meeting}",
            "Minutes to confirm: {meeting}",
            "{when}的会议纪要已经提交，请确认或退回。",
            "The minutes of {when} have been handed in; confirm or return them.",
        ),
        "meetings.returned": NoticeText(
            "纪要被退回：{meeting}",
            "Minutes returned: {meeting}",
            "{when}的会议纪要被退回。理由：{reason}",
            "The minutes of {when} were returned. Reason: {reason}",
        ),
        "meetings.confirmed": NoticeText(
            "会议纪要：{meeting}",
            "Minutes: {meeting}",
            "{when}的会议纪要已经确认，决定事项{decisions}项，已列为任务。",
            "The minutes of {when} are confirmed; {decisions} decisions have become tasks.",
        ),
    }
)


def invited(actor: Actor, meeting: Meeting, only: Collection[int] | None = None) -> None:
    """Everybody on the list and the chair; ``only``: those who are new on it."""
    _send(
        actor,
        meeting,
        "meetings.invited",
        people=_people(meeting) if only is None else set(only),
        items=meeting.items.count(),
        **_place(meeting),
    )


def moved(actor: Actor, meeting: Meeting, reason: str, reason_en: str) -> None:
    """The same people."""
    why = {"reason": reason[:200], "reason_en": reason_en[:200]}
    _send(actor, meeting, "meetings.moved", people=_people(meeting), **why, **_place(meeting))


def cancelled(actor: Actor, meeting: Meeting, reason: str) -> None:
    """The same people."""
    _send(actor, meeting, "meetings.cancelled", people=_people(meeting), reason=reason[:200])


def to_confirm(actor: Actor, meeting: Meeting) -> None:
    """The chair."""
    _send(actor, meeting, "meetings.to_confirm", people={meeting.chair_id})


def returned(actor: Actor, meeting: Meeting, reason: str, to: Collection[int]) -> None:
    """Whoever handed the minutes in."""
    _send(actor, meeting, "meetings.returned", people=set(to), reason=reason[:200])


def confirmed(actor: Actor, meeting: Meeting, decisions: int) -> None:
    """Everybody on the list and who stood in."""
    _send(actor, meeting, "meetings.confirmed", people=_people(meeting), decisions=decisions)


def _people(meeting: Meeting) -> set[int | None]:
    found: set[int | None] = {meeting.chair_id}
    for person, substitute in meeting.attendees.values_list("person_id", "substitute_person_id"):
        found |= {person, substitute}
    return found


def _place(meeting: Meeting) -> dict[str, str]:
    return {
        "place": meeting.place or "（地点另行通知）",
        "place_en": meeting.place or "place to be announced",
    }


def _send(
    actor: Actor, meeting: Meeting, code: str, *, people: Collection[int | None], **params: str | int
) -> None:
    notify(
        actor,
        [person for person in people if person is not None],
        code,
        params={
            "meeting": meeting.title,
            "when": f"{meeting.held_on.isoformat()} {meeting.at:%H:%M}",
            **params,
        },
        link=reverse("meetings:detail", args=[meeting.pk]),
    )
