"""Places that meet an entry criterion in the latest publications, with what speaks against proposing them.

The machine shows; it proposes nothing. Whoever proposes does so by name, and a third person decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from jingtu.assessment.appeals.models import Appeal
from jingtu.assessment.appeals.rules import AppealState
from jingtu.assessment.runs.models import RunFinding
from jingtu.assessment.runs.rules import FindingState
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import PermissionDenied
from jingtu.core.regions.models import Region
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.notation import plain_number

from ..definition import Criterion, RuleSetContent
from ..measuring import Measured, Published
from ..models import Listing, RuleVersion
from ..rules import BEFORE, RUNNING, ListingState
from ..visibility import may_above


@dataclass(frozen=True)
class Hit:
    """An entry criterion that a place meets, by which published value."""

    criterion: Criterion
    measured: Measured

    def plain(self) -> dict[str, Any]:
        """As a proposal keeps it."""
        return {
            "criterion": self.criterion.code,
            "zh": self.criterion.zh,
            "en": self.criterion.en,
            "value": plain_number(self.measured.value),
            "required": self.criterion.entry,
            "run": self.measured.run_id,
            "period": self.measured.period,
            "indicator": self.criterion.subject if self.criterion.measure == "indicator" else "",
        }


@dataclass
class Candidate:
    """A place with the criteria it meets and the arguments against."""

    region: Region
    hits: list[Hit]
    # By criterion: (the earliest period looked back to, how many were looked at), where it was met in none of them.
    only_now: dict[str, tuple[str, int]] = field(default_factory=dict)
    against: list[dict[str, Any]] = field(default_factory=list)


def candidates(actor: Actor, version: RuleVersion, level: str) -> list[Candidate]:
    """Places of a level below the office that meet a criterion, most criteria first. Needs LISTINGS_PREPARE."""
    office = version.rule_set.region
    if not actor.can(Permission.LISTINGS_PREPARE, office.pk):
        raise PermissionDenied(Permission.LISTINGS_PREPARE)
    places = Region.objects.filter(
        tree_id=office.tree_id, level=level, position__gt=office.position, position__lte=office.last
    ).select_related("tree")
    found = met_in(places.order_by("position"), version.rules, Published(office, level))
    return sorted(found, key=lambda one: (-len(one.hits), one.region.position or 0))


def candidate_of(
    actor: Actor, version: RuleVersion, region: Region, published: Published | None = None
) -> Candidate:
    """What the publications say for and against proposing one place. Needs LISTINGS_PREPARE above it."""
    if not may_above(actor, Permission.LISTINGS_PREPARE, region):
        raise PermissionDenied(Permission.LISTINGS_PREPARE)
    return appraise(version, region, published or Published(region.parent or region, region.level))


def appraise(version: RuleVersion, region: Region, published: Published) -> Candidate:
    """As :func:`candidate_of`, for acts that have asked for their own right."""
    found = met_in([region], version.rules, published)
    return found[0] if found else Candidate(region, [], {}, _against([region], {})[region.pk])


def met_in(places: Iterable[Region], rules: RuleSetContent, published: Published) -> list[Candidate]:
    """Of these places those that meet an entry criterion, in their order. For rules and acts that asked for rights."""
    asked = [
        (one, Threshold.parse(one.entry)) for one in rules.criteria if one.entry and one.measure != "entered"
    ]
    found = []
    for region in places:
        hits, only_now = [], {}
        for criterion, entry in asked:
            if not criterion.suits(region.level):
                continue
            measured = published.value(criterion, region.pk)
            if measured is None or not entry.met_by(*measured.value.as_integer_ratio()):
                continue
            hits.append(Hit(criterion, measured))
            before = published.before(criterion, region.pk, measured)
            if before and not any(entry.met_by(*one.value.as_integer_ratio()) for one in before):
                only_now[criterion.code] = (before[-1].period, len(before))
        if hits:
            found.append(Candidate(region, hits, only_now))
    spoken = _against([one.region for one in found], {one.region.pk: one.hits for one in found})
    for candidate in found:
        names = {hit.criterion.code: hit.criterion for hit in candidate.hits}
        candidate.against = spoken[candidate.region.pk] + [
            {
                "code": "only_now",
                "params": {"zh": names[code].zh, "en": names[code].en, "since": since, "count": count},
            }
            for code, (since, count) in candidate.only_now.items()
        ]
    return found


def _against(regions: Sequence[Region], hits: dict[int, list[Hit]]) -> dict[int, list[dict[str, Any]]]:
    """The arguments against, for many places at once. Three queries."""
    ids = [region.pk for region in regions]
    runs = {hit.measured.run_id for one in hits.values() for hit in one}
    appealed = set(
        Appeal.objects.filter(
            run_id__in=runs, region_id__in=ids, state__in=[AppealState.FILED, AppealState.ACCEPTED]
        ).values_list("region_id", flat=True)
    )
    unclear = set(
        RunFinding.objects.filter(
            run_id__in=runs,
            region_id__in=ids,
            state__in=[FindingState.OPEN, FindingState.REPLIED, FindingState.RETURNED],
        ).values_list("region_id", flat=True)
    )
    standing: dict[int, set[str]] = {}
    states = sorted(BEFORE | RUNNING | {ListingState.WATCH})
    for region_id, state in Listing.objects.filter(
        region_id__in=ids, venue__isnull=True, state__in=states
    ).values_list("region_id", "state"):
        standing.setdefault(region_id, set()).add("watch" if state == ListingState.WATCH else "standing")
    found: dict[int, list[dict[str, Any]]] = {}
    for region in regions:
        said: list[dict[str, Any]] = [{"code": code} for code in sorted(standing.get(region.pk, ()))]
        for hit in hits.get(region.pk, []):
            measured = hit.measured
            if measured.small:
                said.append({"code": "small"})
            if measured.wide:
                params = {"low": measured.low_rank, "high": measured.high_rank}
                said.append({"code": "band", "params": params})
        if region.pk in appealed:
            said.append({"code": "appeal"})
        if region.pk in unclear:
            said.append({"code": "finding"})
        found[region.pk] = [one for number, one in enumerate(said) if one not in said[:number]]
    return found
