"""From what the engine noticed to findings people deal with: stored, worded, and with an owner by rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q

from jingtu.assessment.indicators.store import element_name, indicator_name
from jingtu.core.accounts.queries import posts_in_force
from jingtu.core.accounts.rules import permissions_of
from jingtu.core.kernel.actor import Permission
from jingtu.core.regions.models import Region
from jingtu.engine.catalogue import Catalogue
from jingtu.engine.checks import check
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language, Problem

from .models import Run, RunFinding
from .snapshots import figures_of

NAMED = ("region", "element", "indicator")
"""Names in the engine's sentence that depend on the language; they are put in when it is shown."""
MISSING = "check.missing"
OWN = "finding.own."
"""The sentences without figures of the run, for the unit that is asked."""
ABOUT_CELLS = ("check.copied_period", "check.round_fives", "check.round_hundreds")
"""Findings that count cells; they give no figure away."""
LATE_EDITS = (
    "check.late_edit_deadline",
    "check.late_edit_ranked",
    "check.late_edit_many",
    "check.late_edit_batches",
)
FOR_THE_OFFICE = LATE_EDITS
"""Findings the office looks at first, before it asks anybody."""


def find_in(run: Run) -> list[RunFinding]:
    """The findings of a computed run, not yet stored."""
    with figures_of(run) as assessment:
        noticed = [(found, int(assessment.tree.ids[found.position])) for found in check(assessment)]
    return [
        RunFinding(
            run=run,
            code=found.code,
            severity=found.severity,
            region_id=region_id,
            element=found.element or "",
            indicator=found.indicator or "",
            params={name: value for name, value in found.params.items() if name not in NAMED},
        )
        for found, region_id in noticed
    ]


def sentence_of(
    finding: RunFinding,
    run: Run,
    catalogue: Catalogue,
    language: Language,
    *,
    whole: bool = True,
    together: int = 1,
) -> str:
    """What the finding says; not ``whole``: to the unit that is asked, without figures of the run.

    ``together``: how many figures one place has not reported, said in one sentence.
    Copies and round numbers count cells, not people, and are said in full.
    """
    params: dict[str, object] = {
        **finding.params,
        "region": finding.region.name if finding.region else "",
        "element": element_name(catalogue, finding.element, language),
        "indicator": indicator_name(catalogue, finding.indicator, language),
        "period": Period.parse(run.period).label(language),
    }
    if together > 1:
        return Problem("findings.many_missing", {**params, "count": together}).text(language)
    in_full = whole or finding.code in ABOUT_CELLS
    return Problem(finding.code if in_full else f"{OWN}{finding.code}", params).text(language)


def together_with(findings: Sequence[RunFinding]) -> list[RunFinding]:
    """The findings, and what is dealt with together with them: everything else a place has not reported and that
    stands where the finding stands. One query, two where something is missing."""
    missing = [one for one in findings if one.code == MISSING]
    if not missing:
        return list(findings)
    alike = Q(pk__in=[one.pk for one in findings])
    for one in missing:
        alike |= Q(run_id=one.run_id, region_id=one.region_id, code=MISSING, state=one.state)
    return list(RunFinding.objects.select_related("region").filter(alike).order_by("run_id", "pk"))


@dataclass(frozen=True)
class _Reporter:
    user: int
    first: int
    last: int


class DefaultOwners:
    """Who sees to a finding unless somebody says otherwise: whoever reports for the place, else for the nearest
    above inside the run's region; where nobody does, who prepared the run. Two people in the same post: the one
    who was first granted it. One query."""

    def __init__(self, run: Run) -> None:
        self.run = run
        outer = run.region
        self._units: dict[int, int | None] = {}
        posts = posts_in_force().filter(region__tree_id=run.tree_id, region__position__isnull=False)
        self._reporters = [
            _Reporter(post.user_id, post.region.position or 0, post.region.last or 0)
            for post in posts.order_by("pk")
            if post.region is not None
            and Permission.FORMS_FILL in permissions_of(post.role, post.module)
            and (outer.position or 0) < (post.region.position or 0) <= (outer.last or 0)
        ]

    def unit_of(self, region: Region | None) -> int | None:
        """The reporter of the place or the nearest above it; None without one."""
        if region is None or region.position is None:
            return None
        # Asked for each of a place's findings, of which a province has hundreds of thousands.
        if region.pk not in self._units:
            covering = [one for one in self._reporters if one.first <= region.position <= one.last]
            self._units[region.pk] = max(covering, key=lambda one: one.first).user if covering else None
        return self._units[region.pk]

    def give(self, findings: Iterable[RunFinding], regions: dict[int, Region]) -> None:
        """Set the owners of findings that have none. The regions by id."""
        for finding in findings:
            unit = None
            if finding.code not in FOR_THE_OFFICE and finding.region_id is not None:
                unit = self.unit_of(regions.get(finding.region_id))
            finding.with_unit = unit is not None
            finding.owner_id = unit if unit is not None else self.run.prepared_by_id
