"""Listings in the list of what needs somebody today."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor
from jingtu.core.ui.today import Duty

from .queries import waiting


def waiting_listings(actor: Actor) -> list[Duty]:
    """What is to be decided, replied to, signed; what is over its term or ends soon."""
    found, board = [], reverse("listings:list")
    counts = waiting(actor)
    if counts.to_decide:
        found.append(Duty(_("%(count)s 件挂牌事项待决定") % {"count": counts.to_decide}, board, tone="watch"))
    if counts.to_review:
        text = _("%(count)s 件挂牌异议待复核") % {"count": counts.to_review}
        found.append(Duty(text, f"{board}?stage=running", tone="below"))
    if counts.to_reply:
        text = _("%(count)s 件拟挂牌可以陈述申辩") % {"count": counts.to_reply}
        found.append(Duty(text, f"{board}?state=noticed", tone="below"))
    if counts.to_sign:
        text = _("%(count)s 份验收记录待签字") % {"count": counts.to_sign}
        found.append(Duty(text, f"{board}?state=self_assessed", tone="watch"))
    if counts.late:
        found.append(
            Duty(_("%(count)s 件整治超期") % {"count": counts.late}, f"{board}?late=1", tone="below")
        )
    if counts.ending:
        text = _("%(count)s 件整治三十天内期满") % {"count": counts.ending}
        found.append(Duty(text, f"{board}?stage=running", tone="watch"))
    return found
