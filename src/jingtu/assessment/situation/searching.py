"""Lets the search of everything find situation reports."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor
from jingtu.core.ui.search import Hit

from .queries import reports


def find_reports(actor: Actor, text: str, limit: int) -> list[Hit]:
    """Situation reports by place, number or period, the newest first. One query."""
    condition = Q(region__name__icontains=text) | Q(number__icontains=text) | Q(period__istartswith=text)
    return [
        Hit(
            f"{report.region.name} {report.period_label(actor.language)}",
            reverse("situation:detail", args=[report.pk]),
            report.number or _("毒情形势分析"),
        )
        for report in reports(actor).filter(condition)[:limit]
    ]
