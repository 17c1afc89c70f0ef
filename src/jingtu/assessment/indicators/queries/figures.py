"""Single figures as they were given, with their qualifiers and where they came from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings

from jingtu.assessment.indicators.store import catalogue_of, in_force
from jingtu.core.facts.models import FactBatch
from jingtu.core.facts.queries import batches_of, facts, region_ids_in
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.regions.models import Region, RegionTree
from jingtu.engine.disclosure import small_value
from jingtu.engine.periods import Period
from jingtu.engine.qualifiers import Qualifier


@dataclass(frozen=True)
class Figure:
    """One fact in force. ``value`` is written with the element's decimals, None where it counts few persons
    and the actor may not see that. ``inferred``: the period was inferred, not printed in the source."""

    region_id: int
    element: str
    name: str
    unit: str
    period: str
    period_label: str
    category: str
    value: str | None
    qualifier: str
    inferred: bool
    source_row: int
    batch: FactBatch | None


def figures(
    actor: Actor,
    tree: RegionTree,
    within: Region | None = None,
    elements: Collection[str] | None = None,
) -> list[Figure]:
    """Figures of the regions the actor may read, by element, region and period. Reads do not grow with them.

    Raises PermissionDenied for an actor who may read no facts at all.
    """
    catalogue = catalogue_of(in_force())
    table = facts(actor, tree, within=within, elements=elements)
    rows = table.rows()
    batches = batches_of(actor, tree, {row.batch for row in rows})
    allowed = region_ids_in(actor, Permission.SMALL_CELLS_READ, tree, within)
    exact = None if allowed is None else set(allowed.tolist())
    found = []
    for row in rows:
        element = catalogue.elements.get(row.element)
        hidden = False
        if element is not None and element.person_based and row.value is not None:
            few = small_value(row.value // element.scale, settings.SMALL_CELL_LIMIT)
            hidden = few and exact is not None and row.region_id not in exact
        period = Period.parse(row.period)
        shown = None
        if row.value is not None and not hidden:
            shown = element.format(row.value, actor.language) if element else str(row.value)
        found.append(
            Figure(
                region_id=row.region_id,
                element=row.element,
                name=element.name(actor.language) if element else row.element,
                unit=element.unit_name(actor.language) if element else "",
                period=row.period,
                period_label=period.label(actor.language),
                category=row.category,
                value=shown,
                qualifier="" if row.qualifier is Qualifier.INFERRED else row.qualifier.value,
                inferred=row.qualifier is Qualifier.INFERRED,
                source_row=row.source_row,
                batch=batches.get(row.batch),
            )
        )
    found.sort(
        key=lambda figure: (figure.element, figure.region_id, Period.parse(figure.period), figure.category)
    )
    return found
