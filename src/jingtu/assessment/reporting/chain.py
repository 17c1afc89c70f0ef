"""The review chain of reports: where a step lies, and who has had a hand in the figures."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from django.db.models import Exists, OuterRef, Q

from jingtu.core.accounts.queries import posts_in_force
from jingtu.core.accounts.rules import permissions_of
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import inside, is_unrestricted, spans

from .definition import Definition
from .models import FormVersion, Report, ReportEvent
from .rules import WAITING, ReportAction
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


def places_of_steps(region: Region, definition: Definition) -> list[Region]:
    """Where each step of a unit's review lies, from the first to the last. One query."""
    levels = {step.level for step in definition.review} - {"", region.level}
    above: dict[str, Region] = {}
    if levels and region.position is not None:
        found = Region.objects.filter(
            tree_id=region.tree_id, level__in=levels, position__lte=region.position, last__gte=region.position
        )
        above = {place.level: place for place in found}
    return [above.get(step.level, region) for step in definition.review]


def nearest_reviewers(asked: Iterable[tuple[Region, Collection[int]]]) -> list[set[int]]:
    """For each place those whose reviewing posts are nearest to it, but for the people named beside it, who had a
    hand in the report already. One query."""
    posts = [
        (post.user_id, post.region)
        for post in posts_in_force().filter(region__isnull=False)
        if Permission.FORMS_REVIEW in permissions_of(post.role, post.module)
    ]
    covering: dict[int, list[tuple[int, int]]] = {}
    found = []
    for place, without in asked:
        if place.pk not in covering:
            covering[place.pk] = [
                (region.depth, user_id)
                for user_id, region in posts
                if region is not None and Span.of(region).holds(place)
            ]
        able = [(depth, user_id) for depth, user_id in covering[place.pk] if user_id not in without]
        deepest = max((depth for depth, _ in able), default=0)
        found.append({user_id for depth, user_id in able if depth == deepest})
    return found


def waits_for(actor: Actor) -> Q:
    """The condition on reports that wait for a step of their review which the actor may take: at the level of their
    post, without a hand in the figures or in an earlier step. Three queries."""
    held = spans(actor, Permission.FORMS_REVIEW)
    waiting = Q(state__in=[state.value for state in WAITING])
    if is_unrestricted(actor):
        return waiting
    if not held:
        return Q(pk__in=[])
    reports = Report.objects.filter(waiting & inside(held, "region__")).order_by()
    steps = set(reports.values_list("version_id", "step").distinct())
    versions = FormVersion.objects.in_bulk({version for version, _step in steps})
    # A step lies outside an area exactly where its level is found above the area: then units inside it are
    # reviewed further up.
    roots = Region.objects.in_bulk([span.region_id for span in held])
    above = _levels_above([root for root in roots.values() if root.position is not None])
    condition = Q(pk__in=[])
    for version_id, step in steps:
        chain = versions[version_id].content.review
        level = chain[min(step, len(chain) - 1)].level
        able = [span for span in held if level not in above.get(span.region_id, ())]
        if able:
            condition |= Q(version_id=version_id, step=step) & inside(able, "region__")
    own = ReportEvent.objects.filter(report=OuterRef("pk"), person_id=user_id_of(actor))
    typed = own.filter(action__in=[ReportAction.FILL.value, ReportAction.SUBMIT.value])
    passed = own.filter(action=ReportAction.PASS.value, at__gte=OuterRef("submitted_at"))
    handed_in = Q(submitted_by_id=user_id_of(actor))
    return waiting & condition & ~handed_in & ~Exists(typed) & ~Exists(passed)


def _levels_above(roots: Sequence[Region]) -> dict[int, set[str]]:
    """For each region the levels of those it lies in. One query."""
    over = Q(pk__in=[])
    for root in roots:
        over |= Q(tree_id=root.tree_id, position__lt=root.position, last__gte=root.last)
    places = list(Region.objects.filter(over))
    return {
        root.pk: {place.level for place in places if place.pk != root.pk and Span.of(place).holds(root)}
        for root in roots
    }


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
