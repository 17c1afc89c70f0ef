"""Alerts among what waits for a person today."""

from __future__ import annotations

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor, user_id_of
from jingtu.core.kernel.clock import today
from jingtu.core.ui.today import Duty

from .models import Alert
from .rules import WAITING_STATES
from .visibility import visible_alerts


def waiting_alerts(actor: Actor) -> list[Duty]:
    """The actor's own open alerts: those overdue, then the others. Two queries."""
    person = user_id_of(actor)
    if person is None:
        return []
    mine = Alert.objects.filter(
        visible_alerts(actor), owner_id=person, state__in=[state.value for state in WAITING_STATES]
    )
    counts = mine.aggregate(late=Count("pk", filter=Q(due_on__lt=today())), all=Count("pk"))
    duties = []
    if counts["late"]:
        url = f"{reverse('alerts:list')}?mine=on&overdue=on"
        duties.append(Duty(_("预警逾期未处置"), url, count=counts["late"], tone="below"))
    if counts["all"] > counts["late"]:
        url = f"{reverse('alerts:list')}?mine=on"
        duties.append(Duty(_("预警待我处置"), url, count=counts["all"] - counts["late"], tone="watch"))
    return duties
