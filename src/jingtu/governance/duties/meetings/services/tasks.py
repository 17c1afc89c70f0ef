"""Decisions as tasks: one plan a year for a series (or for one extraordinary meeting) holds them."""

from __future__ import annotations

import datetime as dt

from jingtu.core.kernel.actor import SYSTEM
from jingtu.governance.duties.plans.models import Plan, Task
from jingtu.governance.duties.plans.services import add_task, create_plan

from ..models import Meeting

KIND = "meeting"


def make_tasks(meeting: Meeting) -> list[Task]:
    """Give every decision to its owner as a task. For a meeting whose chair has just confirmed it: the
    machine carries out what the chair decided, whatever else the chair may do."""
    decisions = list(meeting.decisions.select_related("item"))
    if not decisions:
        return []
    plan = _plan_for(meeting, max(one.due for one in decisions))
    return [
        add_task(
            SYSTEM,
            plan.pk,
            one.text[:300],
            region_id=one.region_id,
            unit_id=one.unit_id,
            person_id=one.person_id,
            leader_id=meeting.chair_id,
            starts=meeting.held_on,
            due=one.due,
            requirement=one.text,
            origin=one.origin,
        )
        for one in decisions
    ]


def _plan_for(meeting: Meeting, last: dt.date) -> Plan:
    year = meeting.held_on.year
    of = f"meeting_series:{meeting.series_id}:{year}" if meeting.series_id else f"meeting:{meeting.pk}"
    found = Plan.objects.filter(
        origin=of, kind=KIND, region_id=meeting.region_id, cancelled_at__isnull=True
    ).first()
    if found is not None:
        return found
    title = f"{meeting.series.name if meeting.series else meeting.title}{year}年决定事项"
    return create_plan(
        SYSTEM,
        meeting.region_id,
        title[:200],
        kind=KIND,
        starts=dt.date(year, 1, 1),
        ends=max(last, dt.date(year, 12, 31)),
        origin=of,
    )
