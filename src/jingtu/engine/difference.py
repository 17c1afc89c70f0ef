"""What two versions of a publication say differently, and which figures and definitions caused it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jingtu.engine.facttable import FactTable
from jingtu.engine.formula import elements_of, parse
from jingtu.engine.periods import Period
from jingtu.engine.tree import RegionTree


@dataclass(frozen=True)
class FactChange:
    """One figure that differs between two versions; a value of None means it is not there."""

    element: str
    position: int
    region: str
    period: str
    category: str
    old: int | None
    new: int | None


def fact_changes(
    old_tree: RegionTree, old: FactTable, new_tree: RegionTree, new: FactTable
) -> list[FactChange]:
    """Every fact added, removed or changed, matched by region code and level."""
    before, after = _stated(old_tree, old), _stated(new_tree, new)
    changes: list[FactChange] = []
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            element, level, code, period, category = key
            found = new_tree.candidates(code, level) or [-1]
            changes.append(
                FactChange(element, found[0], code, period, category, before.get(key), after.get(key))
            )
    return changes


def difference(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    changed_facts: Iterable[FactChange] = (),
    tree: RegionTree | None = None,
) -> list[dict[str, Any]]:
    """What two publications say differently, definitions first, then facts, then results.

    Each entry: ``kind`` (scope, definition, fact, value, points, total, rank, subject), what it is
    about, ``old``, ``new`` and, for values, ``causes``: the changed facts below the region that the
    indicator reads and the changed definitions. ``tree`` is needed to find the facts below. Facts of
    elements that no indicator reads, and of periods that begin after the publication's, are left out.
    """
    reads = _elements_by_indicator(old, new)
    facts = _read_here(changed_facts, set().union(*reads.values()), new["scope"]["period"])
    changes: list[dict[str, Any]] = [
        {"kind": "scope", "what": key, "old": old["scope"].get(key), "new": new["scope"].get(key)}
        for key in sorted(old["scope"].keys() | new["scope"].keys())
        if old["scope"].get(key) != new["scope"].get(key)
    ]
    definitions = _changed_definitions(old["definitions"], new["definitions"])
    changes += definitions
    changes += [
        {
            "kind": "fact",
            "element": fact.element,
            "region": fact.region,
            "period": fact.period,
            "category": fact.category,
            "old": fact.old,
            "new": fact.new,
        }
        for fact in facts
    ]
    renamed = {(entry["what"], entry["code"]) for entry in definitions}
    before = {(row["level"], row["region"]): row for row in old["subjects"]}
    after = {(row["level"], row["region"]): row for row in new["subjects"]}
    for key in dict.fromkeys([*before, *after]):
        changes += _subject_changes(key, before.get(key), after.get(key), facts, reads, renamed, tree)
    return changes


def _subject_changes(
    key: tuple[str, str],
    old: dict[str, Any] | None,
    new: dict[str, Any] | None,
    facts: list[FactChange],
    reads: Mapping[str, set[str]],
    renamed: set[tuple[str, str]],
    tree: RegionTree | None,
) -> list[dict[str, Any]]:
    level, region = key
    if old is None or new is None:
        gone = {"kind": "subject", "region": region, "level": level}
        return [gone | {"old": old["name"] if old else None, "new": new["name"] if new else None}]
    found: list[dict[str, Any]] = []

    def note(kind: str, before: Any, after: Any, **more: Any) -> None:
        if before != after:
            found.append({"kind": kind, "region": region, "old": before, "new": after, **more})

    position = (
        tree.candidates(region, level)[0] if tree is not None and tree.candidates(region, level) else None
    )
    for code in sorted(old["indicators"].keys() | new["indicators"].keys()):
        before, after = old["indicators"].get(code, {}), new["indicators"].get(code, {})
        causes: list[dict[str, str]] = [
            {
                "kind": "fact",
                "element": fact.element,
                "region": fact.region,
                "period": fact.period,
                "category": fact.category,
            }
            for fact in facts
            if fact.element in reads.get(code, set())
            and (tree is None or (position is not None and tree.contains(position, fact.position)))
        ]
        causes += [
            {"kind": what, "code": name}
            for what, name in sorted(renamed)
            if name == code or (what == "element" and name in reads.get(code, set()))
        ]
        note("value", before.get("value"), after.get("value"), indicator=code, causes=causes)
        if before.get("value") == after.get("value"):
            note("exact", before.get("exact"), after.get("exact"), indicator=code, causes=causes)
        note("indicator_rank", before.get("rank"), after.get("rank"), indicator=code)
    points_before = {item["indicator"]: item["points"] for item in old["items"]}
    points_after = {item["indicator"]: item["points"] for item in new["items"]}
    for code in dict.fromkeys([*points_before, *points_after]):
        note("points", points_before.get(code), points_after.get(code), indicator=code)
    for kind in ("entries", "bonus", "proposed_vetoes", "vetoes", "total", "rank"):
        note(kind, old.get(kind, []), new.get(kind, []))
    return found


def _changed_definitions(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    changes: list[dict[str, Any]] = []
    if old["scorecard"] != new["scorecard"]:
        code = new["scorecard"].get("code", "")
        changes.append(
            {
                "kind": "definition",
                "what": "scorecard",
                "code": code,
                "old": old["scorecard"],
                "new": new["scorecard"],
            }
        )
    for what in ("indicator", "element"):
        before = {entry["code"]: entry for entry in old[what + "s"]}
        after = {entry["code"]: entry for entry in new[what + "s"]}
        for code in sorted(before.keys() | after.keys()):
            if before.get(code) != after.get(code):
                changes.append(
                    {
                        "kind": "definition",
                        "what": what,
                        "code": code,
                        "old": before.get(code),
                        "new": after.get(code),
                    }
                )
    return changes


def _elements_by_indicator(*contents: Mapping[str, Any]) -> dict[str, set[str]]:
    reads: dict[str, set[str]] = {}
    for content in contents:
        for indicator in content["definitions"]["indicators"]:
            reads.setdefault(indicator["code"], set()).update(elements_of(parse(indicator["formula"])))
    return reads


def _read_here(changes: Iterable[FactChange], elements: set[str], period: str) -> list[FactChange]:
    end = Period.parse(period).end
    return [
        change
        for change in changes
        if change.element in elements and Period.parse(change.period).start <= end
    ]


def _stated(tree: RegionTree, facts: FactTable) -> dict[tuple[str, str, str, str, str], int]:
    positions = tree.positions_of_ids(facts.region_id).tolist()
    stated: dict[tuple[str, str, str, str, str], int] = {}
    for index, position in enumerate(positions):
        if position >= 0:
            key = (
                facts.element_codes[int(facts.element[index])],
                tree.levels[position],
                tree.codes[position],
                facts.period_keys[int(facts.period[index])],
                facts.categories[int(facts.category[index])],
            )
            stated[key] = int(facts.value[index])
    return stated
