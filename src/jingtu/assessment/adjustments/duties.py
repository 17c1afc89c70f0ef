"""Entries and vetoes in the list of what needs somebody today."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor
from jingtu.core.ui.today import Duty

from .queries import waiting


def waiting_adjustments(actor: Actor) -> list[Duty]:
    """Entries to approve, vetoes to decide, vetoes to reply to."""
    to_approve, to_decide, to_reply = waiting(actor)
    found = []
    if to_approve:
        text = _("%(count)s 项加减分待审批") % {"count": to_approve}
        found.append(Duty(text, f"{reverse('adjustments:list')}?state=proposed", tone="watch"))
    if to_decide:
        text = _("%(count)s 项一票否决待决定") % {"count": to_decide}
        found.append(Duty(text, reverse("adjustments:vetoes"), tone="below"))
    if to_reply:
        text = _("%(count)s 项一票否决可以答辩") % {"count": to_reply}
        found.append(Duty(text, f"{reverse('adjustments:vetoes')}?state=proposed", tone="below"))
    return found
