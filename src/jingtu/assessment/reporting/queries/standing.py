"""How reporting stands inside a region: one line for each form, for its last ended period."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import now, today
from jingtu.core.regions.models import Region
from jingtu.engine.periods import Period

from ..assigning import Asked, periods_asked
from ..models import Form, Report
from ..rules import HANDED_IN, ReportState, Timeliness, timeliness
from ..visibility import Span, is_unrestricted, looking
from .due import Matcher, Place, places_in, published_forms


@dataclass(frozen=True)
class FormStanding:
    """Of the units asked inside the region how many handed the form in, and how many were accepted."""

    form: Form
    period: Period
    due_at: dt.datetime
    asked: int
    handed_in: int
    accepted: int
    timeliness: Timeliness

    @property
    def missing(self) -> int:
        return self.asked - self.handed_in


def form_standings(actor: Actor, region: Region) -> list[FormStanding]:
    """Every form that units inside the region owe, with how many have come. Empty for whoever has nothing to
    do with reporting there. The number of queries does not grow with forms or units."""
    if region.position is None:
        return []
    wanted: list[tuple[Form, Asked]] = []
    day, moment = today(), now()
    for form, versions in published_forms():
        if form.tree_id != region.tree_id:
            continue
        ended = [asked for asked in periods_asked(versions, day, 2) if asked.period.end < day]
        if ended:
            wanted.append((form, ended[0]))
    if not wanted:
        return []
    within = Span(region.tree_id, region.pk, region.position, region.last)
    places = _seen(actor, within)
    if not places:
        return []
    matcher = Matcher(places)
    matcher.read(asked.version for _, asked in wanted)
    reports = Report.objects.filter(
        form__in=[form for form, _ in wanted], period__in={asked.period.key for _, asked in wanted}
    ).values_list("form_id", "period", "region_id", "state")
    states = {(form, period, place): ReportState(state) for form, period, place, state in reports}
    found = []
    for form, asked in wanted:
        units = matcher.units(form.tree_id, asked.version.content, asked.period)
        if not units:
            continue
        counts = Counter(states.get((form.pk, asked.period.key, unit.pk)) for unit in units)
        handed_in = sum(counts[state] for state in HANDED_IN)
        found.append(
            FormStanding(
                form,
                asked.period,
                asked.due_at,
                len(units),
                handed_in,
                counts[ReportState.ACCEPTED],
                timeliness(asked.due_at, None, moment) if handed_in < len(units) else Timeliness.ON_TIME,
            )
        )
    return sorted(found, key=lambda line: (line.missing == 0, line.due_at, line.form.code))


def _seen(actor: Actor, within: Span) -> list[Place]:
    """Today's regions inside ``within`` of which the actor may know how they report."""
    if is_unrestricted(actor):
        return places_in([within])
    spans = looking(actor)
    if not any(span.tree_id == within.tree_id for span in spans):
        return []
    return [
        place
        for place in places_in([within])
        if any(
            span.region_id == place.pk
            or (
                span.tree_id == place.tree_id
                and span.first is not None
                and span.first <= place.position <= (span.last or span.first)
            )
            for span in spans
        )
    ]
