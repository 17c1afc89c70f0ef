"""Listings in the list of what needs somebody today."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor
from jingtu.core.ui.today import Duty, Tone

from .queries import waiting


def waiting_listings(actor: Actor) -> list[Duty]:
    """What is to be decided, replied to, signed; what is over its term or ends soon."""
    found, board = [], reverse("listings:list")
    counts = waiting(actor)
    kinds: tuple[tuple[int, str, str, Tone], ...] = (
        (counts.to_decide, _("待决定的挂牌事项"), "", "watch"),
        (counts.to_review, _("待复核的挂牌异议"), "?stage=running", "below"),
        (counts.to_reply, _("可以陈述申辩的拟挂牌"), "?state=noticed", "below"),
        (counts.to_sign, _("待签字的验收记录"), "?state=self_assessed", "watch"),
        (counts.late, _("超期的整治"), "?late=1", "below"),
        (counts.ending, _("三十天内期满的整治"), "?stage=running", "watch"),
    )
    for number, label, where, tone in kinds:
        if number:
            found.append(Duty(label, f"{board}{where}", count=number, tone=tone))
    return found
