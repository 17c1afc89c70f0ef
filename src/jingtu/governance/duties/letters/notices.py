"""Whom a step of a letter concerns, and what they are told. Called inside the transaction of the step."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from jingtu.core.accounts.queries import holders
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission
from jingtu.core.notifications.services import notify
from jingtu.core.notifications.texts import NoticeText, register_notices

from .models import Letter

register_notices(
    {
        "letters.issued": NoticeText(
            "请签{year}年禁毒工作责任书",
            "Please sign your {year} letter of responsibility",
            "{issuer}下达了责任书，请阅读后于{due}前签字；有异议的可以拒签并写明理由。",
            "{issuer} has issued a letter of responsibility to you. Read it and sign by {due}, or refuse with the reason.",
        ),
        "letters.due": NoticeText(
            "责任书尚未签字",
            "A letter of responsibility waits for your signature",
            "{issuer}下达的{year}年责任书应于{due}前签字，请尽快办理。",
            "The {year} letter issued by {issuer} was to be signed by {due}.",
        ),
        "letters.signed": NoticeText(
            "责任书已签：{recipient}",
            "Letter signed: {recipient}",
            "{recipient}已签{year}年责任书。",
            "{recipient} has signed the {year} letter of responsibility.",
        ),
        "letters.refused": NoticeText(
            "责任书被拒签：{recipient}",
            "Letter refused: {recipient}",
            "{recipient}拒签{year}年责任书，理由见责任书页面。",
            "{recipient} refuses the {year} letter of responsibility; the reason is on its page.",
        ),
        "letters.withdrawn": NoticeText(
            "责任书已撤回",
            "A letter of responsibility was withdrawn",
            "{issuer}撤回了{year}年责任书，理由见责任书页面。",
            "{issuer} has withdrawn the {year} letter; the reason is on its page.",
        ),
    }
)


def issued(actor: Actor, letters: Sequence[Letter]) -> None:
    """Tell the signers."""
    for letter in letters:
        _tell(actor, letter, "letters.issued", _signer(letter))


def due(letter: Letter) -> None:
    """Remind the signer."""
    _tell(SYSTEM, letter, "letters.due", _signer(letter))


def answered(actor: Actor, letter: Letter, code: str) -> None:
    """Tell whoever issued it; where nobody did by name, those who manage letters there."""
    people = {letter.issued_by_id} if letter.issued_by_id else set()
    if not people:
        people = {user.pk for user in holders(SYSTEM, Permission.LETTERS_MANAGE, letter.region_id)}
    _tell(actor, letter, code, {person for person in people if person is not None})


def withdrawn(actor: Actor, letter: Letter) -> None:
    """Tell the signer that nothing is to be signed any more."""
    _tell(actor, letter, "letters.withdrawn", _signer(letter))


def _signer(letter: Letter) -> set[int]:
    return {letter.signer_id} if letter.signer_id is not None else set()


def _tell(actor: Actor, letter: Letter, code: str, people: set[int]) -> None:
    # Persons are not named in subjects: of a letter inside a unit the unit stands there.
    name = letter.unit.name if letter.kind == "member" and letter.unit else letter.recipient_name
    notify(
        actor,
        people,
        code,
        params={
            "year": letter.year,
            "issuer": letter.issuer,
            "recipient": name,
            "due": letter.sign_by.isoformat() if letter.sign_by else "",
        },
        link=reverse("letters:detail", args=[letter.pk]),
    )
