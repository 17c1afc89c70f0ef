"""Whom a step of a notice concerns, and what they are told. Called inside the transaction of the step."""

from __future__ import annotations

from django.urls import reverse

from jingtu.core.accounts.queries import posts_in_force
from jingtu.core.accounts.rules import Role, permissions_of
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission
from jingtu.core.notifications.services import notify
from jingtu.core.notifications.texts import NoticeText, register_notices

from .models import Supervision

register_notices(
    {
        "supervising.issued": NoticeText(
            "督办通知：{number}",
            "Supervision notice: {number}",
            "{issuer}督办“{title}”，请于{due}前答复。",
            "{issuer} asks about “{title}”; answer by {due}.",
        ),
        "supervising.reminded": NoticeText(
            "督办答复提醒：{number}",
            "Answer to a supervision notice: {number}",
            "{addressee}对“{title}”的答复期限为{due}，请按期答复。",
            "The answer of {addressee} about “{title}” is due on {due}.",
        ),
        "supervising.late": NoticeText(
            "督办逾期未答复：{number}",
            "Supervision notice not answered in time: {number}",
            "{addressee}对“{title}”的答复已超过期限{due}。",
            "The answer of {addressee} about “{title}” was due on {due}.",
        ),
        "supervising.answered": NoticeText(
            "督办已答复：{number}",
            "Supervision notice answered: {number}",
            "{addressee}已答复“{title}”，请审核。",
            "{addressee} has answered about “{title}”; accept it or return it.",
        ),
        "supervising.accepted": NoticeText(
            "督办已办结：{number}",
            "Supervision notice settled: {number}",
            "“{title}”的答复已审核通过。",
            "The answer about “{title}” is accepted.",
        ),
        "supervising.returned": NoticeText(
            "督办答复被退回：{number}",
            "Answer returned: {number}",
            "“{title}”的答复被退回，请于{due}前重新答复，理由见督办页面。",
            "The answer about “{title}” is returned; answer anew by {due}. The reason is on its page.",
        ),
        "supervising.withdrawn": NoticeText(
            "督办已撤回：{number}",
            "Supervision notice withdrawn: {number}",
            "{issuer}撤回了对“{title}”的督办。",
            "{issuer} has withdrawn the notice about “{title}”.",
        ),
    }
)


def to_unit(actor: Actor, notice: Supervision, code: str) -> None:
    """Tell those who answer for the place or unit."""
    _tell(actor, notice, code, answerers(notice))


def to_office(actor: Actor, notice: Supervision, code: str) -> None:
    """Tell those who issued it."""
    people = {person for person in (notice.drafted_by_id, notice.issued_by_id) if person is not None}
    _tell(actor, notice, code, people or _at(notice.region_id, Permission.SUPERVISION_ISSUE, None))


def remind(notice: Supervision, level: int) -> None:
    """Level 1 tells the unit, level 2 its leaders as well, level 3 the leaders of the issuing office too."""
    people = answerers(notice)
    if level >= 2:
        people |= leaders(notice.place_id)
    if level >= 3:
        people |= leaders(notice.region_id)
    _tell(SYSTEM, notice, "supervising.late" if level >= 3 else "supervising.reminded", people)


def answerers(notice: Supervision) -> set[int]:
    """Holders of the right at exactly the place; where a unit is named only of that unit or of none."""
    return _at(notice.place_id, Permission.SUPERVISION_ANSWER, notice.unit_id)


def leaders(region_id: int) -> set[int]:
    """Leaders of exactly that place."""
    rows = posts_in_force().filter(region_id=region_id, role=Role.LEADER.value)
    return set(rows.values_list("user_id", flat=True))


def _at(region_id: int, permission: Permission, unit_id: int | None) -> set[int]:
    return {
        post.user_id
        for post in posts_in_force().filter(region_id=region_id)
        if permission in permissions_of(post.role, post.module)
        and (post.unit_id is None or post.unit_id == unit_id)
    }


def _tell(actor: Actor, notice: Supervision, code: str, people: set[int]) -> None:
    notify(
        actor,
        people,
        code,
        params={
            "number": notice.number or f"第{notice.pk}号",
            "number_en": notice.number or f"no. {notice.pk}",
            "issuer": notice.issuer,
            "addressee": notice.addressee,
            "title": notice.title,
            "due": notice.due.isoformat(),
        },
        link=reverse("supervising:detail", args=[notice.pk]),
    )
