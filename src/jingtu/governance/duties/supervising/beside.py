"""Notices beside a published number, and the way to ask about it."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.assessment.runs.registry import Aside, Line, Subject
from jingtu.core.kernel.actor import Actor, Permission

from .queries import notices
from .words import MARKS, STATES

MOST = 10


def beside_number(actor: Actor, subject: Subject) -> Aside | None:
    """The notices about an indicator at a place; a new one where the actor issues them. At most two queries."""
    if subject.region_id is None or not subject.indicator:
        return None
    found = notices(actor).filter(place_id=subject.region_id, indicator=subject.indicator)
    lines = [
        Line(
            notice.number or notice.title,
            reverse("supervising:detail", args=[notice.pk]),
            f"{MARKS[notice.state][1]} {STATES[notice.state]}",
            MARKS[notice.state][0],
        )
        for notice in found[:MOST]
    ]
    action = None
    if subject.run.published_at is not None and actor.can(Permission.SUPERVISION_ISSUE, subject.region_id):
        query = {"run": subject.run.pk, "region": subject.region_id, "indicator": subject.indicator}
        action = _("对这个数下达督办"), reverse("supervising:new", query=query)
    return Aside(_("督办"), lines, action) if lines or action else None
