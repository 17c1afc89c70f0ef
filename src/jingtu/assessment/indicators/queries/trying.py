"""A formula while it is being typed: what is wrong and where, what it rests on, what it would give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import InvalidInput
from jingtu.core.regions.models import Region
from jingtu.engine.catalogue import Catalogue, Indicator, check_catalogue
from jingtu.engine.elements import Element
from jingtu.engine.evaluate import Evaluator
from jingtu.engine.formula import elements_of, format_formula, parse
from jingtu.engine.periods import Period
from jingtu.engine.problems import Problem

from ..models import CatalogueDraft
from ..standing import catalogue_of_draft
from .values import Cube, Point, cube, guard_of, point_of

MOST_REGIONS = 200


@dataclass(frozen=True)
class Tried:
    """What a formula in the making amounts to. ``point``: its value, where the reader may read figures."""

    problems: Sequence[Problem]
    formula: str = ""
    elements: Sequence[Element] = ()
    region: Region | None = None
    point: Point | None = None


def try_formula(
    actor: Actor, draft: CatalogueDraft, code: str, formula: str, unit: str, region: Region | None
) -> Tried:
    """Read a formula as the draft would; with a region, compute it on the latest month that has its figures.

    The value is shown as every figure is: only with FACTS_READ over the region, small counts hidden.
    """
    catalogue = catalogue_of_draft(draft)
    try:
        node = parse(formula)
    except InvalidInput as refusal:
        return Tried(refusal.problems)
    tried = Indicator(
        code=code or "NEW",
        name_zh=code,
        name_en=code,
        strand="",
        formula=node,
        formula_text=formula,
        direction="none",
        unit=unit,
        person_based=True,
    )
    alone = replace(
        catalogue, indicators={tried.code: tried}, groups={}, scorecards={}, alerts={}, documents={}
    )
    problems = [
        problem
        for problem in check_catalogue(alone)
        if (problem.column or "").startswith(f"{tried.code}.")
        and (unit or problem.code not in ("catalogue.unit", "catalogue.unit_unlisted"))
    ]
    # Figures are read as the definitions in force say, whatever the draft makes of an element.
    known = [catalogue.elements[name] for name in elements_of(node) if name in catalogue.elements]
    point = None
    if region is not None and len(known) == len(elements_of(node)) and known:
        point = _value(actor, region, replace(tried, person_based=False))
    return Tried(problems, format_formula(node), known, region, point)


def _value(actor: Actor, region: Region, tried: Indicator) -> Point | None:
    found = cube(actor, region)
    asked = elements_of(tried.formula)
    if any(code not in found.catalogue.elements for code in asked):
        return None
    candidates = [
        period
        for period in found.view.periods
        if period.kind == "month" and found.view.has_facts(period, asked)
    ]
    if not candidates:
        return None
    period: Period = max(candidates, key=lambda one: one.end)
    catalogue: Catalogue = replace(found.catalogue, indicators={tried.code: tried})
    here = Cube(found.tree, found.view, Evaluator(found.view), catalogue, found.batches)
    return point_of(here.evaluator.indicator(tried, period), 0, guard_of(actor, here, region), actor.language)


def regions_to_try(actor: Actor) -> list[Region]:
    """The regions a value can be tried on: where the actor reads figures, with those right below. Two queries."""
    roots = {scope.region_id for scope in actor.scopes(Permission.FACTS_READ)}
    if not roots:
        return []
    mine = Region.objects.filter(pk__in=roots, position__isnull=False)
    below = Region.objects.filter(parent_id__in=roots, position__isnull=False)
    return list((mine | below).select_related("tree").order_by("tree_id", "position")[:MOST_REGIONS])
