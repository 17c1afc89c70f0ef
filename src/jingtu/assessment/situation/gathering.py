"""What a situation report rests on, gathered from the facts in force as its readership may see them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.conf import settings

from jingtu.assessment.alerts.queries import open_counts
from jingtu.assessment.indicators.guard import CellGuard
from jingtu.assessment.indicators.queries import Cube, cube
from jingtu.assessment.indicators.queries.values import guard_of, lacking_months
from jingtu.core.kernel.actor import Permission
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import Readership
from jingtu.engine.catalogue import Indicator
from jingtu.engine.elements import Element
from jingtu.engine.evaluate import references
from jingtu.engine.formula import parse
from jingtu.engine.periods import Period
from jingtu.engine.rational import STATE_NAMES
from jingtu.engine.trajectory import Observation, TurningRule, find_turning

from .rules import LENGTH, streak

ROWS = frozenset({"A5", "A7"})
PUBLISHED = "pub_"
LABORATORIES = "labs_destroyed"
DIMENSIONS = ("drug", "age")


def gather(region: Region, period: Period) -> dict[str, Any]:
    """Everything the report says, as plain values that can be stored and hashed."""
    reader = Readership(region, "zh", Permission.RESULTS_READ, Permission.FACTS_READ)
    found = cube(reader, region)
    guard = guard_of(reader, found, region)
    periods = [period]
    while len(periods) < LENGTH[period.kind.value]:
        periods.append(periods[-1].previous())
    periods.reverse()
    chosen = [
        indicator
        for indicator in found.catalogue.indicators.values()
        if ROWS & set(indicator.rows) and not _published(indicator)
    ]
    empty = _empty_months(found, chosen, period)
    return {
        "area": region.name,
        "area_en": region.tree.name_en if region.parent_id is None else region.name,
        "fictional": region.tree.fictional,
        "period": period.key,
        "limit": settings.SMALL_CELL_LIMIT,
        "figures": [_figure(found, guard, indicator, periods, whole=not empty) for indicator in chosen],
        "empty_months": empty,
        "compositions": [
            _composition(found, guard, element, dimension, period)
            for element in found.catalogue.elements.values()
            for dimension in DIMENSIONS
            if dimension in element.dimensions and not element.code.startswith(PUBLISHED)
        ],
        "laboratories": _count(found, guard, LABORATORIES, period),
        "alerts": open_counts(reader, region.pk),
        "facts": [list(batch) for batch in found.batches],
    }


def _empty_months(found: Cube, chosen: list[Indicator], period: Period) -> list[str]:
    """The months of the period of which no indicator knows anything; none where nothing comes monthly."""
    months = period.months
    empty = [
        month.key
        for month in months
        if all(found.evaluator.indicator(indicator, month).text(0) is None for indicator in chosen)
    ]
    return empty if len(empty) < len(months) else []


def _published(indicator: Indicator) -> bool:
    return any(reference.code.startswith(PUBLISHED) for reference, _ in references(indicator.formula))


def _value(
    found: Cube, guard: CellGuard | None, indicator: Indicator, period: Period
) -> tuple[str | None, str]:
    if guard is not None and guard.hidden(indicator.code, period)[0]:
        return None, "suppressed"
    values = found.evaluator.indicator(indicator, period)
    return values.text(0), STATE_NAMES[int(values.exact.state[0])]


def _figure(
    found: Cube, guard: CellGuard | None, indicator: Indicator, periods: list[Period], *, whole: bool
) -> dict[str, Any]:
    """``whole``: no month of the last period is unknown to everything. ``part``: the periods of which months of
    this indicator are unknown; they make neither a streak nor a turn nor a base, and are not compared with."""
    series = [(period, *_value(found, guard, indicator, period)) for period in periods]
    year_before = periods[-1].last_year()
    last_year = _value(found, guard, indicator, year_before)[0]
    part = [
        period.key
        for period in sorted({*periods, year_before})
        if lacking_months(found.view, found.evaluator, indicator, period)
    ]
    entire = [(period, None if period.key in part else text, state) for period, text, state in series]
    numbers = [None if text is None else Decimal(text) for _, text, _ in entire]
    base = next(((period, text) for period, text, _ in entire[:-1] if text is not None), None)
    whole = whole and periods[-1].key not in part
    return {
        "code": indicator.code,
        "name": [indicator.name_zh, indicator.name_en],
        "unit": [indicator.unit_name("zh"), indicator.unit_name("en")],
        "direction": indicator.direction,
        "value": series[-1][1],
        "state": series[-1][2],
        "previous": series[-2][1],
        "last_year": last_year,
        "base": None if base is None else [base[0].key, base[1]],
        "streak": streak(numbers) if whole else 0,
        "series": [[period.key, text] for period, text, _ in series],
        "part": part,
        "turning": _turning(indicator, entire) if whole else None,
    }


def _turning(indicator: Indicator, series: list[tuple[Period, str | None, str]]) -> dict[str, Any] | None:
    if indicator.direction == "none":
        return None
    told = find_turning(
        [Observation(period, None if text is None else Fraction(text)) for period, text, _ in series],
        TurningRule("up" if indicator.direction == "up" else "down"),
    )
    return {
        "state": told.state,
        "at": told.at.key if told.at else "",
        "steps": len(told.towards),
    }


def _count(found: Cube, guard: CellGuard | None, code: str, period: Period) -> dict[str, Any]:
    """The sum of an element in the period: its value, or why there is none. Zero is a value."""
    element = found.catalogue.elements.get(code)
    if element is None:
        return {"state": "missing", "value": None, "last_year": None}
    if guard is not None and guard.hidden_element(code, period)[0]:
        return {"state": "suppressed", "value": None, "last_year": None}
    now, before = (_read(found, code, asked) for asked in (period, period.last_year()))
    part, part_before = (_part_known(found, code, asked) for asked in (period, period.last_year()))
    return {
        "state": "ok" if now is not None else "missing",
        "value": None if now is None else f"{now:f}",
        "last_year": None if before is None or part or part_before else f"{before:f}",
        "part": part,
    }


def _part_known(found: Cube, code: str, period: Period) -> bool:
    """Whether some months of the period are known of an element and some are not."""
    known = found.view.months_known(code, period).any(axis=0)
    return bool(known.any() and not known.all())


def _read(found: Cube, formula: str, period: Period) -> Decimal | None:
    fraction = found.evaluator.value(parse(formula), period).fraction(0)
    return None if fraction is None else Decimal(fraction.numerator) / Decimal(fraction.denominator)


def _composition(
    found: Cube, guard: CellGuard | None, element: Element, dimension: str, period: Period
) -> dict[str, Any]:
    parts = []
    for value in element.dimensions[dimension]:
        number = _read(found, f'{element.code}[{dimension}="{value}"]', period)
        names = [element.category_name(dimension, value, "zh"), element.category_name(dimension, value, "en")]
        parts.append((names, number))
    known = [number for _, number in parts if number is not None]
    hidden = guard is not None and bool(guard.hidden_element(element.code, period)[0])
    small = element.person_based and any(0 < number < settings.SMALL_CELL_LIMIT for number in known)
    state = "missing" if not known else "suppressed" if hidden or small else "ok"
    return {
        "code": element.code,
        "name": [element.name_zh, element.name_en],
        "unit": [element.unit_zh or element.unit, element.unit_en or element.unit],
        "dimension": dimension,
        "state": state,
        "parts": [
            [names, None if number is None else f"{number:f}"] for names, number in parts if state == "ok"
        ],
    }
