"""Regions, facts and definitions as plain dictionaries; values by walking every descendant."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.reference.formulas import Node, elements, parse, ratio
from tests.reference.spans import Span, span

MISSING, NOT_APPLICABLE = "missing", "not_applicable"
Value = Fraction | str
"""A fraction, or the reason why there is none."""

Category = tuple[tuple[str, str], ...]


class Stated(NamedTuple):
    """One fact: an element's value of a region in a period, for a category (empty: as a whole)."""

    element: str
    region: str
    period: str
    category: Category
    value: Fraction


class World:
    """Everything needed to compute any indicator of any region in any period, once more."""

    def __init__(self, regions: Path, facts: Iterable[Path], catalogue: Path) -> None:
        definitions: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for path in sorted(catalogue.rglob("*.yaml")):
            for kind, entries in yaml.safe_load(path.read_text(encoding="utf-8")).items():
                if isinstance(entries, list):
                    definitions[kind] += entries
        stated = (
            Stated(
                row["element"],
                row["region"],
                row["period"],
                tuple(sorted(tuple(part.split("=")) for part in row["category"].split(";") if part)),
                Fraction(Decimal(row["value"])),
            )
            for path in facts
            for row in _rows(path)
        )
        self._fill(_rows(regions), stated, definitions)

    @classmethod
    def of(
        cls,
        regions: Iterable[Mapping[str, str]],
        facts: Iterable[Stated],
        definitions: Mapping[str, list[dict[str, Any]]],
    ) -> World:
        """A world from what stands elsewhere than in files of a demonstration."""
        made = cls.__new__(cls)
        made._fill(regions, facts, definitions)
        return made

    def _fill(
        self,
        regions: Iterable[Mapping[str, str]],
        facts: Iterable[Stated],
        definitions: Mapping[str, list[dict[str, Any]]],
    ) -> None:
        self.names: dict[str, str] = {}
        self.levels: dict[str, str] = {}
        self.parents: dict[str, str] = {}
        self.children: dict[str, list[str]] = defaultdict(list)
        for row in regions:
            self.names[row["code"]], self.levels[row["code"]] = row["name"], row["level"]
            self.parents[row["code"]] = row["parent"]
            if row["parent"]:
                self.children[row["parent"]].append(row["code"])
        self.root = next(code for code, parent in self.parents.items() if not parent)

        self.definitions: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        for kind, entries in definitions.items():
            self.definitions[kind].update((entry["code"], entry) for entry in entries if "code" in entry)
        self.formulas: dict[str, Node] = {
            code: parse(str(entry["formula"])) for code, entry in self.definitions["indicators"].items()
        }

        # element → region → (period, category) → value; a later row replaces an earlier one.
        self.facts: dict[str, dict[str, dict[tuple[Span, Category], Fraction]]] = defaultdict(
            lambda: defaultdict(dict)
        )
        for fact in facts:
            key = (span(fact.period), fact.category)
            self.facts[fact.element][fact.region][key] = fact.value

        self.first_day = min(
            period.start
            for by_region in self.facts.values()
            for by_key in by_region.values()
            for period, _ in by_key
        )
        self.own = cache(self._own)
        self.rolled = cache(self._rolled)
        self.below = cache(self._below)
        self._values: dict[tuple[int, str, Span], Value] = {}
        self._due: dict[tuple[str, str], int] = {}

    # -- regions ----------------------------------------------------------------------------------

    def _below(self, region: str) -> tuple[str, ...]:
        """The region and everything below it, parents before children."""
        found = [region]
        for child in self.children[region]:
            found += self.below(child)
        return tuple(found)

    def subjects(self, level: str) -> list[str]:
        return [region for region in self.below(self.root) if self.levels[region] == level]

    # -- elements ---------------------------------------------------------------------------------

    def kind(self, element: str) -> str:
        return str(self.definitions["elements"][element]["kind"])

    def used(
        self, element: str, region: str, asked: Span, selection: Category, kind: str
    ) -> dict[tuple[Span, Category], Fraction]:
        """The region's own facts that stand for the element in the period."""
        facts = self.facts[element].get(region, {})
        readings: dict[Span, dict[Category, Fraction]] = {}
        for (period, category), value in facts.items():
            if set(selection) <= set(category):
                readings.setdefault(period, {})[category] = value
        # Of one period only the coarsest statement counts: the plain total, else one breakdown.
        for period, by_category in readings.items():
            names = min(
                (tuple(name for name, _ in category) for category in by_category), key=lambda n: (len(n), n)
            )
            readings[period] = {
                category: value
                for category, value in by_category.items()
                if tuple(name for name, _ in category) == names
            }
        if kind == "reported":
            chosen = [period for period in readings if (period.start, period.end) == (asked.start, asked.end)]
        else:
            inside = [period for period in readings if asked.holds(period)]
            chosen = []
            if kind == "stock":
                chosen = sorted(inside, key=lambda period: (period.end, period.days))[-1:]
            else:
                for period in sorted(inside, key=lambda period: -period.days):
                    if not any(period.touches(other) for other in chosen):
                        chosen.append(period)
        return {
            (period, category): value for period in chosen for category, value in readings[period].items()
        }

    def _own(self, element: str, region: str, asked: Span, selection: Category, kind: str) -> Fraction | None:
        used = self.used(element, region, asked, selection, kind)
        return sum(used.values(), Fraction(0)) if used else None

    def _rolled(
        self, element: str, region: str, asked: Span, selection: Category, kind: str
    ) -> tuple[Value, int]:
        """The element's value and how many regions reported it."""
        regions = (region,) if kind == "reported" else self.below(region)
        given = [self.own(element, place, asked, selection, kind) for place in regions]
        known = [value for value in given if value is not None]
        return (sum(known, Fraction(0)) if known else MISSING), len(known)

    def expected(self, element: str, region: str) -> int:
        """How many regions are due to report: those that ever did, or every leaf if none did."""
        if (element, region) not in self._due:
            self._due[element, region] = self._expected(element, region)
        return self._due[element, region]

    def _expected(self, element: str, region: str) -> int:
        everyone = self.facts.get(element, {})
        regions = (region,) if self.kind(element) == "reported" else self.below(region)
        if any(everyone.values()):
            return sum(bool(everyone.get(place)) for place in regions)
        return sum(not self.children[place] for place in regions)

    # -- formulas ---------------------------------------------------------------------------------

    def value(self, node: Node, region: str, asked: Span) -> Value:
        """A formula's value, or why it has none."""
        key = (id(node), region, asked)  # formulas live as long as the world
        if key not in self._values:
            self._values[key] = self._value(node, region, asked)
        return self._values[key]

    def _value(self, node: Node, region: str, asked: Span) -> Value:
        match node:
            case ("number", number):
                return number
            case ("element", code, selection):
                return self.rolled(code, region, asked, selection, self.kind(code))[0]
            case ("-", inner):
                value = self.value(inner, region, asked)
                return value if isinstance(value, str) else -value
            case (("+" | "-" | "*" | "/") as sign, left, right):
                return combine(sign, self.value(left, region, asked), self.value(right, region, asked))
            case ("call", name, arguments):
                return self._call(name, arguments, region, asked)
        raise ValueError(node)

    def _call(self, name: str, arguments: tuple[Node, ...], region: str, asked: Span) -> Value:
        first = arguments[0]
        if name in ("sum", "last"):
            if first[0] == "element" and self.kind(first[1]) != "reported":
                kind = "flow" if name == "sum" else "stock"
                return self.rolled(first[1], region, asked, first[2], kind)[0]
            return self.value(first, region, asked)
        if name in ("share", "per"):
            whole = self.value(arguments[1], region, asked)
            part = combine("/", self.value(first, region, asked), whole)
            return combine("*", part, arguments[2][1] if name == "per" else Fraction(100))
        if name in ("prev", "lastyear", "base", "ytd"):
            return self.value(first, region, self.other(name, arguments, asked))
        if name in ("yoy", "pop", "since"):
            before = self.value(first, region, self.other(name, arguments, asked))
            return percent_change(self.value(first, region, asked), before)
        values = [self.value(argument, region, asked) for argument in arguments]
        if any(isinstance(value, str) for value in values):
            return MISSING if MISSING in values else NOT_APPLICABLE
        return {"abs": abs, "min": min, "max": max}[name](*values)  # type: ignore[operator, no-any-return]

    @staticmethod
    def other(name: str, arguments: tuple[Node, ...], asked: Span) -> Span:
        """The period a comparison looks at."""
        if name in ("yoy", "lastyear"):
            return asked.last_year()
        if name in ("pop", "prev"):
            return asked.previous()
        if name == "ytd":
            return asked.year_to_date()
        stated = span(arguments[1][1])
        shorter = stated.kind == "year" and asked.months < 12 and asked.start.year == asked.end.year
        return asked.in_year(stated.start.year) if shorter else stated

    # -- indicators -------------------------------------------------------------------------------

    def indicator(self, code: str, region: str, asked: Span) -> tuple[Value, str]:
        """The exact value and its state: ok, missing, not_applicable or below_minimum."""
        value = self.value(self.formulas[code], region, asked)
        if isinstance(value, str):
            return value, value
        least = self.definitions["indicators"][code].get("min_denominator")
        parts = ratio(self.formulas[code])
        if least and parts:
            bottom = self.value(parts[1], region, asked)
            if not isinstance(bottom, str) and bottom < Fraction(str(least)):
                return value, "below_minimum"
        return value, "ok"

    def reported(self, code: str, region: str, asked: Span) -> tuple[int, int]:
        """Regions that reported and regions due, of the indicator's least covered element."""
        worst = (0, 0)
        for number, (_, element, selection) in enumerate(elements(self.formulas[code])):
            got = self.rolled(element, region, asked, selection, self.kind(element))[1]
            due = self.expected(element, region)
            if number == 0 or got * worst[1] < worst[0] * due:
                worst = (got, due)
        return worst

    def any_fact(self, codes: Iterable[str], asked: Span) -> bool:
        """Whether any of the indicators' elements has a fact inside the period."""
        found = {element for code in codes for _, element, _ in elements(self.formulas[code])}
        return any(
            asked.holds(period)
            for element in found
            for by_key in self.facts.get(element, {}).values()
            for period, _ in by_key
        )


def combine(sign: str, left: Value, right: Value) -> Value:
    """One operation; missing outweighs not applicable."""
    if isinstance(left, str) or isinstance(right, str):
        return MISSING if MISSING in (left, right) else NOT_APPLICABLE
    if sign == "/":
        return left / right if right else NOT_APPLICABLE
    return {"+": left + right, "-": left - right, "*": left * right}[sign]


def percent_change(now: Value, before: Value) -> Value:
    """The change in % of the earlier value's size."""
    size = before if isinstance(before, str) else abs(before)
    return combine("*", combine("/", combine("-", now, before), size), Fraction(100))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))
