"""How much has come in for a period: figures that used to come and came again, or reports that were accepted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from jingtu.assessment.indicators.store import catalogue_of, newest
from jingtu.assessment.reporting.assigning import units_asked, version_for
from jingtu.assessment.reporting.models import FormVersion, Report
from jingtu.assessment.reporting.rules import ReportState
from jingtu.core.facts import store
from jingtu.core.regions.models import Region
from jingtu.engine.formula import elements_of
from jingtu.engine.periods import Period, PeriodKind

BACK = 3
"""So many earlier periods say who reports what; who was silent in all of them is not waited for."""


@dataclass(frozen=True)
class Coverage:
    """Figures expected (region and element that reported lately) and how many of them are there."""

    reported: int
    expected: int

    @property
    def share(self) -> float:
        """From 0 to 1; 1 when nothing can be expected but something is there."""
        if not self.expected:
            return 1.0 if self.reported else 0.0
        return self.reported / self.expected

    @property
    def percent(self) -> float:
        """In per cent, rounded down so that "100" means all."""
        return int(self.share * 1000) / 10


@dataclass(frozen=True)
class Accepted(Coverage):
    """Reports asked for and how many of them are accepted; ``missing``: codes of forms with how many are open."""

    missing: tuple[tuple[str, int], ...] = ()

    @property
    def missing_text(self) -> str:
        """The open ones by form, in no language."""
        return ", ".join(f"{code} ×{count}" for code, count in self.missing) or "–"


def accepted_of(region: Region, forms: Sequence[str], period: Period) -> Accepted:
    """How many reports of these forms, asked of units below a region within a period, are accepted.

    Two queries a form and period of the form.
    """
    reported = expected = 0
    missing: list[tuple[str, int]] = []
    versions: dict[str, list[FormVersion]] = {code: [] for code in forms}
    published = FormVersion.objects.filter(published_at__isnull=False, form__code__in=forms)
    for version in published.filter(form__tree_id=region.tree_id).select_related("form"):
        versions[version.form.code].append(version)
    for code, known in versions.items():
        asked = accepted = 0
        for version, part in _parts(known, period):
            units = units_asked(region.tree_id, version.content, part).filter(
                position__gte=region.position, position__lte=region.last
            )
            asked += units.count()
            accepted += Report.objects.filter(
                form_id=version.form_id,
                period=part.key,
                state=ReportState.ACCEPTED.value,
                region__in=units.order_by().values("pk"),
            ).count()
        reported, expected = reported + accepted, expected + asked
        if accepted < asked or not asked:
            missing.append((code, asked - accepted))
    return Accepted(reported, expected, tuple(missing))


def periods_within(cadence: PeriodKind | str, period: Period) -> Iterator[Period]:
    """The periods of a cadence that lie wholly within a period, in order."""
    part = Period.of(PeriodKind(cadence), period.start)
    if part.start < period.start:
        part = part.next()
    while part.end <= period.end:
        yield part
        part = part.next()


def _parts(versions: Sequence[FormVersion], period: Period) -> Iterator[tuple[FormVersion, Period]]:
    for cadence in sorted({version.content.cadence for version in versions}):
        for part in periods_within(cadence, period):
            version = version_for(versions, part)
            if version is not None:
                yield version, part


def coverage_of(region: Region, scorecard: str, period: Period) -> Coverage:
    """The coverage of a card's elements below a region for a period."""
    version = newest()
    card = catalogue_of(version).scorecards.get(scorecard) if version else None
    if version is None or card is None:
        return Coverage(0, 0)
    catalogue = catalogue_of(version)
    wanted: set[str] = set()
    for code in card.indicators:
        wanted.update(elements_of(catalogue.indicators[code].formula))
    inside = Region.objects.filter(
        tree_id=region.tree_id, position__gte=region.position, position__lte=region.last
    ).values_list("pk", flat=True)
    facts = store.read(region.tree_id, None, sorted(wanted), None, list(inside))
    keys = [Period.parse(key) for key in facts.period_keys]

    def came(within: Period) -> set[tuple[int, int]]:
        held = [index for index, key in enumerate(keys) if within.contains(key)]
        rows = np.isin(facts.period, held)
        return set(zip(facts.region_id[rows].tolist(), facts.element[rows].tolist(), strict=True))

    expected: set[tuple[int, int]] = set()
    earlier = period
    for _ in range(BACK):
        earlier = earlier.previous()
        expected |= came(earlier)
    present = came(period)
    return Coverage(len(present & expected) if expected else len(present), len(expected))
