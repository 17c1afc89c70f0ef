"""What waits for a person today: letters to sign, letters that were refused, letters not signed in time."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import today
from jingtu.core.ui.today import Duty

from .models import Letter
from .queries import own_offices
from .rules import LetterState

MOST = 10


def letters_waiting(actor: Actor) -> list[Duty]:
    """Own letters to sign one by one; for the office the refused and the late ones by number. At most two queries."""
    person = user_id_of(actor)
    if person is None:
        return []
    duties = []
    if actor.can(Permission.LETTERS_SIGN):
        own = Letter.objects.filter(signer_id=person, state=LetterState.ISSUED.value, year__gte=today().year)
        for letter in own.defer("text").order_by("sign_by", "pk")[:MOST]:
            late = letter.sign_by is not None and letter.sign_by < today()
            duties.append(
                Duty(
                    _("待签的责任书"),
                    reverse("letters:detail", args=[letter.pk]),
                    f"{letter.issuer} {letter.year} · {letter.sign_by}",
                    tone="below" if late else "watch",
                )
            )
    if actor.can(Permission.LETTERS_MANAGE):
        duties += _of_the_office(actor)
    return duties


def _of_the_office(actor: Actor) -> list[Duty]:
    rows = Letter.objects.filter(region_id__in=own_offices(actor), year=today().year).values_list(
        "state", "sign_by"
    )
    held = list(rows.filter(state__in=[LetterState.ISSUED.value, LetterState.REFUSED.value]))
    refused = sum(1 for state, _day in held if state == LetterState.REFUSED)
    late = sum(1 for state, day in held if state == LetterState.ISSUED and day is not None and day < today())
    found = []
    if refused:
        address = reverse("letters:list", query={"state": LetterState.REFUSED.value})
        found.append(Duty(_("被拒签的责任书"), address, count=refused, tone="below"))
    if late:
        address = reverse("letters:list", query={"state": LetterState.ISSUED.value})
        found.append(Duty(_("逾期未签的责任书"), address, count=late, tone="watch"))
    return found
