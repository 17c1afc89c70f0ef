"""How much each unit had to type, and what was asked twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Sum

from jingtu.core.facts.feeds import feeds_for
from jingtu.core.facts.queries import elements as elements_in_force
from jingtu.core.kernel.actor import Actor
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import inside, is_unrestricted
from jingtu.engine.periods import Period

from ..definition import lines_of
from ..models import Form, Report
from ..visibility import must_look
from .due import published_forms


@dataclass(frozen=True)
class UnitBurden:
    """What one unit typed in a month, by form in the order of the page's forms; ``before``: the month before."""

    region: Region
    parent: str
    by_form: Sequence[int]
    typed: int
    locked: int
    before: int


@dataclass(frozen=True)
class AskedTwice:
    """An element that two forms ask of the same units for the same kind of period, or that nobody need type."""

    element: str
    name: str
    forms: Sequence[Form]
    derivable: bool


@dataclass(frozen=True)
class Burden:
    """The month's burden: cells typed by hand in reports whose period ended in the month."""

    month: Period
    forms: Sequence[Form]
    units: Sequence[UnitBurden]
    by_form: Sequence[int]
    typed: int
    locked: int
    trend: Sequence[tuple[Period, int, int]]
    twice: Sequence[AskedTwice]

    @property
    def per_unit(self) -> str:
        """Cells typed per unit that reported, one decimal, half up."""
        if not self.units:
            return ""
        tenths = (20 * self.typed + len(self.units)) // (2 * len(self.units))
        return f"{tenths // 10}.{tenths % 10}"


TREND = 6


def burden(actor: Actor, month: Period) -> Burden:
    """Cells typed by hand per unit and form inside the actor's area, with the trend of the last months.

    Counted when a report is handed in. The number of queries does not grow with units.
    """
    seen = must_look(actor)
    months = [month]
    while len(months) < TREND:
        months.insert(0, months[0].previous())
    reports = Report.objects.filter(
        first_submitted_at__isnull=False, period_end__gte=months[0].start, period_end__lte=month.end
    )
    if not is_unrestricted(actor):
        reports = reports.filter(inside(seen, "region__"))
    sums = (
        reports.order_by()
        .values_list("region_id", "form_id", "period_end")
        .annotate(typed=Sum("typed_cells"), locked=Sum("locked_cells"))
    )
    forms = {form.pk: form for form, _ in published_forms()}
    typed: dict[tuple[int, int], int] = {}
    locked: dict[int, int] = {}
    before: dict[int, int] = {}
    trend = {other.key: [0, 0] for other in months}
    for region_id, form_id, end, cells, known in sums:
        key = Period.of("month", end).key
        trend[key][0] += cells
        trend[key][1] += known
        if key == month.key:
            typed[(region_id, form_id)] = typed.get((region_id, form_id), 0) + cells
            locked[region_id] = locked.get(region_id, 0) + known
        elif key == month.previous().key:
            before[region_id] = before.get(region_id, 0) + cells
    shown = [form for pk, form in forms.items() if any(form_id == pk for _, form_id in typed)]
    ids = sorted({region_id for region_id, _ in typed})
    regions = {}
    for start in range(0, len(ids), 900):
        found = Region.objects.filter(pk__in=ids[start : start + 900]).select_related("parent", "tree")
        regions.update({region.pk: region for region in found})
    units = [
        UnitBurden(
            regions[pk],
            _parent_name(regions[pk]),
            [typed.get((pk, form.pk), 0) for form in shown],
            sum(typed.get((pk, form.pk), 0) for form in shown),
            locked.get(pk, 0),
            before.get(pk, 0),
        )
        for pk in ids
    ]
    units.sort(key=lambda unit: (-unit.typed, unit.region.tree_id, unit.region.position or 0))
    return Burden(
        month,
        shown,
        units,
        [sum(unit.by_form[number] for unit in units) for number in range(len(shown))],
        sum(unit.typed for unit in units),
        sum(unit.locked for unit in units),
        [(other, trend[other.key][0], trend[other.key][1]) for other in months],
        asked_twice(actor, month.end),
    )


def _parent_name(region: Region) -> str:
    return region.parent.name if region.parent else ""


def asked_twice(actor: Actor, day: dt.date) -> list[AskedTwice]:
    """Elements in force that more than one form asks to be typed for the same level and cadence, or that a feed
    derives although a form has people type them."""
    elements = elements_in_force(actor)
    asked: dict[tuple[str, int, str], list[Form]] = {}
    typed: dict[str, Form] = {}
    for form, versions in published_forms():
        version = next((v for v in versions if v.valid_from <= day), versions[0])
        content = version.content
        if content.valid_to is not None and content.valid_to < day:
            continue
        for line in lines_of(content, elements):
            if line.category or line.kind == "below":
                continue
            group = (line.element, form.tree_id, content.who.level or ",".join(content.who.listed))
            asked.setdefault(group, []).append(form)
            if line.kind == "typed":
                typed[line.element] = form
    derived = {code for feed in feeds_for(list(typed)) for code in feed.elements}
    found = [
        AskedTwice(code, elements[code].name(actor.language), forms, code in derived)
        for (code, _tree, _level), forms in asked.items()
        if len(forms) > 1
    ]
    named = {each.element for each in found}
    found += [
        AskedTwice(code, elements[code].name(actor.language), [form], True)
        for code, form in typed.items()
        if code in derived and code not in named
    ]
    return sorted(found, key=lambda each: each.element)
