"""Lets the search of everything find duty reports."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor
from jingtu.core.ui.search import Hit

from .queries import reports
from .words import STATES


def find_reports(actor: Actor, text: str, limit: int) -> list[Hit]:
    """Own reports and those open to the actor, by post or place. What is written in them is not searched. One query."""
    found = reports(actor).filter(Q(post__icontains=text) | Q(region__name__icontains=text))
    return [
        Hit(
            f"{report.year} {report.region.name} {report.post}",
            reverse("dutyreports:detail", args=[report.pk]),
            _("述职报告 · %(state)s") % {"state": STATES[report.state]},
        )
        for report in found.defer("text", "content")[:limit]
    ]
