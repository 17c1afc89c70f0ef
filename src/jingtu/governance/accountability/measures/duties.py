"""Proposals and measures among what waits for a person today, among what a meeting could talk about, and in the yearly
duty report of who answers for the organisation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import Span, inside
from jingtu.core.ui.agenda import MOST, Point
from jingtu.core.ui.today import Duty
from jingtu.governance.duties.bodies.panels import MOST_LINES, Panel
from jingtu.governance.duties.bodies.panels import Line as PanelLine
from jingtu.governance.duties.dutyreports.models import DutyReport

from .models import Measure
from .queries import measures, waiting
from .rules import LIVE, OPEN_STATES, State
from .visibility import READ, visible_measures
from .words import AGENDA_STATES, STATE_NAMES


def waiting_measures(actor: Actor) -> list[Duty]:
    """Proposals to file and to decide; measures to keep, to decide, to answer."""
    found, duties = waiting(actor), []
    proposals, measures = reverse("measures:proposals"), reverse("measures:list")
    if found.to_decide:
        text = _("追责建议待我决定")
        duties.append(Duty(text, f"{proposals}?state=filed", count=found.to_decide, tone="below"))
    if found.to_rule:
        duties.append(
            Duty(_("措施待我决定或复核"), f"{measures}?state=open", count=found.to_rule, tone="below")
        )
    if found.to_review:
        # Sealed ones stand in no list: the way leads to the one that has waited longest.
        first = reverse("measures:detail", args=[found.to_review[0]])
        text = _("期限已满的措施，异议待我复核")
        duties.append(Duty(text, first, count=len(found.to_review), tone="below"))
    if found.to_answer:
        text = _("收到追责告知，可以陈述申辩")
        duties.append(Duty(text, f"{measures}?state=served", count=found.to_answer, tone="below"))
    if found.to_file:
        text = _("追责建议待整理材料")
        duties.append(Duty(text, f"{proposals}?state=open", count=found.to_file, tone="watch"))
    if found.to_keep:
        text = _("措施待告知或送达")
        duties.append(Duty(text, f"{measures}?state=open", count=found.to_keep, tone="watch"))
    return duties


def open_points(actor: Actor, region_id: int, day: dt.date) -> Sequence[Point]:
    """Open measures against organisations inside the region, once noticed: an agenda is read by whoever is asked to
    the meeting. No meeting's paper names the holder of a post."""
    region = Region.objects.filter(pk=region_id).first()
    if region is None or not actor.can(READ):
        return []
    found = (
        Measure.objects.filter(
            visible_measures(actor),
            inside([Span.of(region)], "region__"),
            state__in=sorted(OPEN_STATES - {State.OPENED}),
            post="",
        )
        .select_related("region", "ladder")
        .order_by("opened_on", "pk")
    )
    points = []
    for measure in found[:MOST]:
        kind, (zh, en) = measure.kind, AGENDA_STATES[measure.state]
        until = measure.ends_on.isoformat() if measure.ends_on else ""
        points.append(
            Point(
                "open_measure",
                str(measure.pk),
                f"{measure.region.name}：{kind.name_zh}",
                f"{measure.region.name}: {kind.name_en}",
                reverse("measures:detail", args=[measure.pk]),
                zh + (f"，期限至{until}" if until else ""),
                en + (f", until {until}" if until else ""),
                measure.opened_on,
            )
        )
    return points


def reported(actor: Actor, report: DutyReport, start: dt.date, end: dt.date) -> Panel | None:
    """Measures taken in the year against the organisation the report is of, as far as the actor may know of them.

    What concerns the holder of a post is not among them: a report is kept as submitted and read by others, while that
    record ends by its term. Nor does the report of a unit inside the organisation answer for the whole.
    """
    if report.unit_id is not None:
        return None
    rows = list(
        measures(actor)
        .filter(region_id=report.region_id, post="", decided_on__range=(start, end))
        .filter(state__in=sorted(LIVE | {State.ENDED}))[:MOST_LINES]
    )
    if not rows:
        return None
    lines = []
    for row in rows:
        zh, en = STATE_NAMES[row.state]
        until = row.ends_on.isoformat() if row.ends_on else ""
        lines.append(
            PanelLine(
                row.kind.name_zh,
                row.kind.name_en,
                reverse("measures:detail", args=[row.pk]),
                f"{row.decided_on}决定，{zh}" + (f"，期限至{until}" if until else ""),
                f"decided on {row.decided_on}, {en.lower()}" + (f", until {until}" if until else ""),
                "watch" if row.state in LIVE else "none",
            )
        )
    return Panel(
        f"本年度对本单位采取措施{len(rows)}项；针对岗位人员的记录不写入述职报告。",
        f"Measures against the organisation in the year: {len(rows)}. Records of holders of posts are never part of a "
        "duty report.",
        lines,
    )
