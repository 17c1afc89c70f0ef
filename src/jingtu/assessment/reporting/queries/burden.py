"""How much each unit had to type, and what was asked twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from django.db.models import Count, QuerySet, Sum

from jingtu.core.facts.feeds import feeds_for
from jingtu.core.facts.queries import elements as elements_in_force
from jingtu.core.kernel.actor import Actor
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import inside, is_unrestricted
from jingtu.engine.periods import Period

from ..definition import lines_of
from ..models import Cell, Form, Report
from ..visibility import must_look
from ..working import DERIVED
from .due import published_forms


@dataclass(frozen=True)
class UnitBurden:
    """What one unit typed in a month, by form in the order of the page's forms (None: no report); ``before``: the month before."""

    region: Region
    parent: str
    by_form: Sequence[int | None]
    typed: int
    locked: int
    before: int


@dataclass(frozen=True)
class AskedTwice:
    """An element that two forms ask of the same units, or that nobody need type. ``typed_again``: cells that the
    same unit typed once more in the month, in another form, for the same period."""

    element: str
    name: str
    forms: Sequence[Form]
    derivable: bool
    typed_again: int = 0


@dataclass(frozen=True)
class MonthBurden:
    """One month of the trend; without a report there is nothing to count, which is not the same as nothing typed."""

    period: Period
    typed: int
    locked: int
    reports: int


@dataclass(frozen=True)
class Burden:
    """The month's burden: cells typed by hand in reports whose period ended in the month."""

    month: Period
    forms: Sequence[Form]
    units: Sequence[UnitBurden]
    by_form: Sequence[int]
    typed: int
    locked: int
    trend: Sequence[MonthBurden]
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
    trees = None if is_unrestricted(actor) else {span.tree_id for span in seen}
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
        .annotate(typed=Sum("typed_cells"), locked=Sum("locked_cells"), count=Count("pk"))
    )
    forms = {form.pk: form for form, _ in published_forms()}
    typed: dict[tuple[int, int], int] = {}
    locked: dict[int, int] = {}
    before: dict[int, int] = {}
    trend = {other.key: [0, 0, 0] for other in months}
    for region_id, form_id, end, cells, known, count in sums:
        key = Period.of("month", end).key
        trend[key][0] += cells
        trend[key][1] += known
        trend[key][2] += count
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
            [typed.get((pk, form.pk)) for form in shown],
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
        [sum(unit.by_form[number] or 0 for unit in units) for number in range(len(shown))],
        sum(unit.typed for unit in units),
        sum(unit.locked for unit in units),
        [MonthBurden(other, *trend[other.key]) for other in months],
        _with_cost(asked_twice(actor, month.end, trees), reports.filter(period_end__gte=month.start)),
    )


def _parent_name(region: Region) -> str:
    return region.parent.name if region.parent else ""


def _with_cost(found: Sequence[AskedTwice], reports: QuerySet[Report]) -> list[AskedTwice]:
    """How often what is asked twice was typed twice in these reports. One query."""
    elements = [each.element for each in found if len(each.forms) > 1]
    cells = Cell.objects.filter(report__in=reports.values("pk"), element__in=elements, value__isnull=False)
    typed = cells.exclude(origin__in=[origin.value for origin in DERIVED]).order_by()
    again: dict[str, int] = {}
    rows = typed.values("element", "category", "report__region_id", "report__period").annotate(
        times=Count("pk")
    )
    for element, times in rows.filter(times__gt=1).values_list("element", "times"):
        again[element] = again.get(element, 0) + times - 1
    return [replace(each, typed_again=again.get(each.element, 0)) for each in found]


def asked_twice(actor: Actor, day: dt.date, trees: Collection[int] | None) -> list[AskedTwice]:
    """Elements in force that more than one form asks to be typed for the same level and cadence, or that a feed
    derives although a form has people type them; of forms in these trees (None: all)."""
    elements = elements_in_force(actor)
    asked: dict[tuple[str, int, str], list[Form]] = {}
    typed: dict[str, Form] = {}
    for form, versions in published_forms():
        version = next((v for v in versions if v.valid_from <= day), versions[0])
        content = version.content
        if content.valid_to is not None and content.valid_to < day:
            continue
        if trees is not None and form.tree_id not in trees:
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
