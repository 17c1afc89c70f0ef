"""What waits for a person today: notices to answer, answers to look at, notices drawn up and not issued."""

from __future__ import annotations

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import today
from jingtu.core.ui.today import Duty, Tone

from .models import Supervision
from .queries import facts_of, notices
from .rules import OPEN, WAITING, NoticeState

MOST = 20


def notices_waiting(actor: Actor) -> list[Duty]:
    """The turn of the unit, or of the office. One query for the notices."""
    if not (actor.can(Permission.SUPERVISION_ANSWER) or actor.can(Permission.SUPERVISION_ISSUE)):
        return []
    rows = notices(actor).filter(state__in=[*sorted(OPEN), NoticeState.DRAFTED.value]).order_by("due", "pk")
    duties = []
    for notice in rows[: 3 * MOST]:
        label = _label(actor, notice)
        if label is None:
            continue
        late = notice.due < today()
        tone: Tone = "below" if late else "watch"
        duties.append(
            Duty(
                label,
                reverse("supervising:detail", args=[notice.pk]),
                f"{notice.number or notice.pk} {notice.addressee} · {notice.due.isoformat()}",
                tone=tone,
            )
        )
    return duties[:MOST]


def _label(actor: Actor, notice: Supervision) -> str | Promise | None:
    facts = facts_of(actor, notice)
    if facts.of_the_unit and notice.state in WAITING:
        return _("待答复的督办")
    if facts.of_the_office and notice.state == NoticeState.ANSWERED:
        return _("待审核的督办答复")
    if facts.of_the_office and notice.state == NoticeState.DRAFTED:
        return _("待下达的督办")
    return None
