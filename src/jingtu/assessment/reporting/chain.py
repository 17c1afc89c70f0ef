"""The review chain of reports: where a step lies, and who has had a hand in the figures."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from jingtu.core.regions.models import Region

from .models import Report, ReportEvent
from .rules import ReportAction
from .visibility import Span

HANDS = (ReportAction.FILL, ReportAction.SUBMIT, ReportAction.PASS, ReportAction.ACCEPT)


def step_places(reports: Sequence[Report]) -> dict[int, Region]:
    """For each report the region where its present step of review lies. One query a tree."""
    found: dict[int, Region] = {}
    wanted: dict[int, set[str]] = {}
    levels: dict[int, str] = {}
    for report in reports:
        chain = report.version.content.review
        level = chain[min(report.step, len(chain) - 1)].level
        levels[report.pk] = level
        if level and level != report.region.level:
            wanted.setdefault(report.region.tree_id, set()).add(level)
    above = {
        tree_id: list(Region.objects.filter(tree_id=tree_id, level__in=names, position__isnull=False))
        for tree_id, names in wanted.items()
    }
    for report in reports:
        region, level = report.region, levels[report.pk]
        found[report.pk] = region
        if not level or level == region.level:
            continue
        for place in above[region.tree_id]:
            if place.level == level and Span.of(place).holds(region):
                found[report.pk] = place
                break
    return found


def entered_by(reports: Sequence[Report]) -> dict[int, set[int]]:
    """Who typed anything in each report, or handed it in, ever: what others typed over it later, or noted beside it,
    does not make its author an outsider. One query."""
    found: dict[int, set[int]] = {report.pk: set() for report in reports}
    for report in reports:
        if report.submitted_by_id:
            found[report.pk].add(report.submitted_by_id)
    rows = (
        ReportEvent.objects.filter(
            report__in=[report.pk for report in reports],
            action__in=[ReportAction.FILL.value, ReportAction.SUBMIT.value],
            person__isnull=False,
        )
        .values_list("report_id", "person_id")
        .distinct()
        .order_by()
    )
    for report_id, person in rows:
        if person is not None:
            found[report_id].add(person)
    return found


def had_a_hand(region_ids: Collection[int], periods: Collection[str], batches: Collection[int]) -> set[int]:
    """Who typed, handed in, passed or accepted a report that became one of these batches of facts. Two queries.

    The batch itself knows only whoever accepted last.
    """
    wanted = set(batches)
    places = Report.objects.filter(region_id__in=set(region_ids), period__in=set(periods))
    reports = [pk for pk, stored in places.values_list("pk", "batches") if wanted.intersection(stored)]
    events = ReportEvent.objects.filter(
        report__in=reports,
        action__in=[action.value for action in HANDS],
        person__isnull=False,
    )
    rows = events.values_list("person_id", flat=True).distinct().order_by()
    return {person for person in rows if person is not None}
