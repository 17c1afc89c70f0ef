"""What is published, as canonical content with one hash.

The content holds no floating-point number, no own id, no row number, no date of computation: only
what was decided and everything needed to decide it again. The same figures give the same SHA-256
from a file or a database, whatever the order of facts, computed in full or incrementally.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from jingtu.engine import rational
from jingtu.engine.assess import Assessment, Change
from jingtu.engine.cards import requirement
from jingtu.engine.catalogue.model import Indicator, Scorecard
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.catalogue.writing import plain
from jingtu.engine.checks import check
from jingtu.engine.evaluate import IndicatorValues, references
from jingtu.engine.ledger import Ledger
from jingtu.engine.notation import plain_number
from jingtu.engine.qualifiers import QUALIFIERS
from jingtu.engine.rational import STATE_NAMES, Rational, decimal_text
from jingtu.engine.scoring import meets_marked
from jingtu.engine.targets import Asked, Marks, Target, TargetTable
from jingtu.engine.tree import RegionTree

FORMAT = "jingtu-publication/1"
ENGINE = "1"
"""Raised whenever the same inputs would give another result."""

Plain = dict[str, Any]


def publication(assessment: Assessment) -> Plain:
    """The content to publish: JSON types only, decimals as strings."""
    a = assessment
    codes = a.scorecard.indicators
    indicators = [a.catalogue.indicators[code] for code in codes]
    elements = sorted({ref.code for item in indicators for ref, _ in references(item.formula)})
    definitions = plain(a.catalogue)
    subjects = subject_rows(a, codes)
    findings = [
        {"code": finding.code, "region": a.tree.codes[finding.position], "params": dict(finding.plain())}
        for finding in check(a)
    ]
    applied = applied_targets(a)
    definitions_used: Plain = {
        "catalogue": {
            "code": a.catalogue.code,
            "version": a.catalogue.version,
            "sha256": a.catalogue.digest(),
        },
        "scorecard": _entries(definitions["scorecards"], [a.scorecard.code])[0],
        "indicators": _entries(definitions["indicators"], codes),
        "elements": _entries(definitions["elements"], elements),
    }
    if len(applied):
        definitions_used["targets"] = applied.plain()
    added = applied_ledger(a)
    if len(added):
        definitions_used["ledger"] = {
            kind: [{key: value for key, value in one.items() if key != "reference"} for one in entries]
            for kind, entries in added.plain().items()
        }
    return {
        "format": FORMAT,
        "engine": ENGINE,
        "scope": {
            "region": a.tree.codes[a.within],
            "name": a.tree.names[a.within],
            "level": a.level,
            "period": a.period.key,
            "base": a.base.key if a.base else None,
            "scorecard": a.scorecard.code,
            "regions_sha256": regions_digest(a.tree, a.within),
            "peer_groups": {
                name: [_region_key(a.tree, int(member)) for member in sorted(members.tolist())]
                for name, members in sorted(a.peer_groups.items())
            },
        },
        "definitions": definitions_used,
        "facts": facts_summary(a, elements),
        "subjects": subjects,
        "findings": findings,
    }


def canonical(content: Mapping[str, Any]) -> bytes:
    """The one spelling of a content: sorted keys, no blanks, UTF-8."""
    _refuse_floats(content)
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def publication_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical content, in hex."""
    return hashlib.sha256(canonical(content)).hexdigest()


def regions_digest(tree: RegionTree, within: int) -> str:
    """SHA-256 of a subtree's shape, codes, levels and names, whatever tree it was cut from."""
    part = tree.subtree(within)
    depth = (tree.depth[part] - tree.depth[within]).tolist()
    lines = zip(depth, tree.levels[part], tree.codes[part], tree.names[part], strict=True)
    text = "\n".join("\t".join((str(d), level, code, name)) for d, level, code, name in lines)
    return hashlib.sha256(text.encode()).hexdigest()


def applied_targets(assessment: Assessment) -> TargetTable:
    """The dated targets that decided something here: for a subject, in this period or the one compared with."""
    a = assessment
    periods = [a.period, *([a.previous.period] if a.previous else [])]
    found: list[Target] = []
    for code in a.scorecard.indicators:
        for what in ("requirement", "red_line"):
            for period in periods:
                marks = a.requirements.marks(code, period, what)
                if marks is not None:
                    numbers = np.unique(marks.which[a.local]).tolist()
                    found += [marks.targets[number] for number in numbers if number >= 0]
    return TargetTable(found)


def applied_ledger(assessment: Assessment) -> Ledger:
    """The entries and rulings about subjects, in this period or the one compared with."""
    a = assessment
    if a.ledger is None:
        return Ledger()
    places = {(a.tree.levels[place], a.tree.codes[place]) for place in a.subjects.tolist()}
    periods = [a.period, *([a.previous.period] if a.previous else [])]
    return Ledger(
        [
            e
            for period in periods
            for e in a.ledger.entries_of(a.scorecard.code, period)
            if e.region in places
        ],
        [
            r
            for period in periods
            for r in a.ledger.rulings_of(a.scorecard.code, period)
            if r.region in places
        ],
    )


def facts_summary(assessment: Assessment, elements: Sequence[str]) -> Plain:
    """How many facts the results stand on, and the SHA-256 of what they state."""
    view, facts = assessment.view, assessment.facts
    rows = view.used_rows(set(elements))
    table = view.table_rows(rows)
    qualifiers = tuple(qualifier.value for qualifier in QUALIFIERS)
    state = hashlib.sha256(b"jingtu facts used 1\n")
    columns: list[Any] = []
    for names, indices in (
        (facts.element_codes, facts.element[table]),
        (facts.period_keys, facts.period[table]),
        (facts.categories, facts.category[table]),
        (qualifiers, facts.qualifier[table]),
    ):
        # Numbered by the order of their names, so that the order of first mention leaves no trace.
        used = sorted({names[index] for index in np.unique(indices).tolist()})
        number = {name: place for place, name in enumerate(used)}
        lookup = np.array([number.get(name, -1) for name in names], dtype=np.int64)
        columns.append(lookup[indices] if len(names) else indices.astype(np.int64))
        state.update(json.dumps(used, ensure_ascii=False).encode() + b"\n")
    columns += [view.position[rows], facts.value[table]]
    order = np.lexsort(tuple(columns))
    for column in columns:
        state.update(np.ascontiguousarray(column[order], dtype="<i8").tobytes())
    return {"count": len(rows), "sha256": state.hexdigest()}


def subject_rows(assessment: Assessment, codes: Sequence[str]) -> list[Plain]:
    """One entry per subject: total, ranks, points, and the given indicators."""
    a = assessment
    card, scorecard = a.current.card, a.scorecard
    reported, expected = a.coverage
    items = scorecard.items
    columns = {code: indicator_columns(a, code) for code in codes}
    vetoes = [veto.indicator for veto in scorecard.vetoes]
    rows: list[Plain] = []
    for index, position in enumerate(a.subjects.tolist()):
        rows.append(
            _people_said(a, index)
            | {
                "region": a.tree.codes[position],
                "level": a.tree.levels[position],
                "name": a.tree.names[position],
                "total": _points(card.totals[index], card.digits) if card.ranked[index] else None,
                "rank": _rank(card.ranks[index]),
                "sibling_rank": _rank(a.sibling_ranks[index]),
                "peer_ranks": {
                    name: int(ranks[index]) for name, ranks in sorted(a.peer_ranks.items()) if ranks[index]
                },
                "previous_rank": _rank(a.previous.card.ranks[index]) if a.previous else None,
                "coverage": [int(reported[index]), int(expected[index])],
                "bonus": _points(card.bonus[index], card.digits),
                "bonus_items": [_points(points, card.digits) for points in card.bonus_items[index]],
                "before_veto": _points(card.before_veto[index], card.digits),
                "vetoes": [code for code, hit in zip(vetoes, card.vetoes[index], strict=True) if hit],
                "sections": [
                    {
                        "code": section.code,
                        "points": _points(card.section_points[index, number], card.digits),
                        "maximum": _points(card.section_maxima[index, number], card.digits),
                    }
                    for number, section in enumerate(scorecard.sections)
                ],
                "items": [
                    {
                        "indicator": item.indicator,
                        "points": _points(card.points[index, number], card.digits),
                        "maximum": _points(card.maxima[index, number], card.digits),
                    }
                    for number, item in enumerate(items)
                ],
                "indicators": {code: columns[code].row(index) for code in codes},
            }
        )
    return rows


def _people_said(a: Assessment, index: int) -> Plain:
    """What people added for a subject and which vetoes are only proposed; nothing where there is none."""
    if a.ledger is None:
        return {}
    position = int(a.subjects[index])
    place = (a.tree.levels[position], a.tree.codes[position])
    entries = a.ledger.entries_of(a.scorecard.code, a.period, place)
    proposed = a.current.card.proposed[index]
    said: Plain = {}
    if entries:
        said["entries"] = [[one.line, one.indicator, plain_number(one.count)] for one in entries]
    if proposed.any():
        said["proposed_vetoes"] = [
            veto.indicator for veto, hit in zip(a.scorecard.vetoes, proposed, strict=True) if hit
        ]
    return said


@dataclass(frozen=True, eq=False)
class Verdict:
    """Whether a requirement is met (a red line crossed) at some places, by the usual one or by targets."""

    met: Any
    asked: Any
    marks: Marks | None

    @classmethod
    def of(cls, values: Rational, usual: Threshold | None, marks: Marks | None) -> Verdict:
        """Judge all places at once."""
        return cls(*meets_marked(values, usual, marks), marks)

    def at(self, index: int) -> bool | None:
        """The verdict on one place; None where nothing is asked."""
        if self.met is None or (self.asked is not None and not self.asked[index]):
            return None
        return bool(self.met[index])

    def assigned(self, index: int) -> Target | None:
        """The target that was asked of one place instead of the usual."""
        return None if self.marks is None else self.marks.at(index)


@dataclass(frozen=True, eq=False)
class IndicatorColumns:
    """One indicator over the subjects, in the form of a publication."""

    values: IndicatorValues
    places: Any
    met: Verdict
    crossed: Verdict
    ranks: Any
    previous: RoundedChange | None
    last_year: RoundedChange | None
    base: RoundedChange | None
    streaks: Any

    def row(self, index: int) -> Plain:
        """The entry of one subject."""
        place = int(self.places[index])
        values = self.values
        row: Plain = {
            "value": values.text(place),
            "state": STATE_NAMES[int(values.exact.state[place])],
            "numerator": part_text(values.numerator, place),
            "denominator": part_text(values.denominator, place),
            "exact": part_text(values.exact, place, fraction=True),
            "qualifier": values.qualifier_at(place).value,
            "met": None if values.exact.state[place] else self.met.at(index),
            "red_line": None if values.exact.state[place] else self.crossed.at(index),
            "rank": _rank(self.ranks[index]),
            "coverage": [int(values.reported[place]), int(values.expected[place])],
            "on_previous": self.previous.text(place) if self.previous else None,
            "on_last_year": self.last_year.text(place) if self.last_year else None,
            "on_base": self.base.text(place) if self.base else None,
            "streak": int(self.streaks[place]),
        }
        asked, line = self.met.assigned(index), self.crossed.assigned(index)
        if asked is not None or line is not None:
            row["assigned"] = {
                "requirement": None if asked is None else [str(asked.requirement), asked.document],
                "red_line": None if line is None else [str(line.red_line), line.document],
            }
        return row


def indicator_columns(assessment: Assessment, code: str, *, everywhere: bool = False) -> IndicatorColumns:
    """One indicator with its comparisons, over the subjects or (``everywhere``) all local positions.

    Ranks belong to subjects: elsewhere they are 0.
    """
    a = assessment
    places = np.arange(a.view.size) if everywhere else a.local
    ranks = a.current.ranks[code]
    if everywhere:
        ranks = np.zeros(a.view.size, dtype=np.int32)
        ranks[a.local] = a.current.ranks[code]
    values = a.current.values[code]
    target, red_line = target_of(a.scorecard, values.indicator), values.indicator.red_line
    exact = values.exact.take(places)

    def marks(what: Asked) -> Marks | None:
        found = a.requirements.marks(code, a.period, what)
        return None if found is None else found.take(places)

    return IndicatorColumns(
        values,
        places,
        Verdict.of(exact, target, marks("requirement")),
        Verdict.of(exact, red_line, marks("red_line")),
        ranks,
        RoundedChange.of(a.change(code, a.previous), values.indicator),
        RoundedChange.of(a.change(code, a.last_year), values.indicator),
        RoundedChange.of(a.change_since(code, a.base) if a.base else None, values.indicator),
        a.streaks(code),
    )


def target_of(card: Scorecard, indicator: Indicator) -> Threshold | None:
    """The requirement the card sets for an indicator: its first item's own target, else the indicator's."""
    for item in card.items:
        if item.indicator == indicator.code:
            return requirement(indicator, item)
    return indicator.target


def threshold_at(assessment: Assessment, code: str, position: int, what: Asked) -> Threshold | None:
    """What is asked of one tree position: by a target where one holds, else what is asked of everybody."""
    a = assessment
    assigned = a.assigned(code, position, what)
    if assigned is not None:
        return assigned.asked(what)
    definition = a.catalogue.indicators[code]
    return target_of(a.scorecard, definition) if what == "requirement" else definition.red_line


def part_text(values: Rational | None, place: int, *, fraction: bool = False) -> str | None:
    """One exact value as text: plain decimals when they end, else (or if asked) ``num/den`` reduced."""
    if values is None or values.state[place] not in (rational.OK, rational.BELOW_MINIMUM):
        return None
    if values.den[place] == 1:
        return str(int(values.num[place]))
    exact = Fraction(int(values.num[place]), int(values.den[place]))
    if fraction and exact.denominator != 1:
        return f"{exact.numerator}/{exact.denominator}"
    for decimals in range(10):
        if (exact * 10**decimals).denominator == 1:
            return decimal_text(int(exact * 10**decimals), decimals)
    return f"{exact.numerator}/{exact.denominator}"


@dataclass(frozen=True, eq=False)
class RoundedChange:
    """A comparison ready to print: difference at the indicator's decimals, % at two."""

    difference: Any
    relative: Any
    difference_state: Any
    relative_state: Any
    decimals: int

    @classmethod
    def of(cls, change: Change | None, indicator: Indicator) -> RoundedChange | None:
        """Round a whole comparison at once."""
        if change is None:
            return None
        return cls(
            rational.round_half_up(change.difference, indicator.decimals),
            rational.round_half_up(change.relative, 2),
            change.difference.state,
            change.relative.state,
            indicator.decimals,
        )

    def text(self, place: int) -> Plain | None:
        """The comparison of one place, None where either side has no value."""
        if self.difference_state[place] != rational.OK:
            return None
        known = self.relative_state[place] == rational.OK
        return {
            "difference": decimal_text(int(self.difference[place]), self.decimals),
            "percent": decimal_text(int(self.relative[place]), 2) if known else None,
        }


def _entries(definitions: Sequence[Plain], codes: Sequence[str]) -> list[Plain]:
    """The full text of some definitions; numbers as decimal texts, so that no double is hashed."""
    by_code = {entry["code"]: entry for entry in definitions}
    return [_as_text(by_code[code]) for code in codes]


def _as_text(value: Any) -> Any:
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, Mapping):
        return {key: _as_text(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_as_text(inner) for inner in value]
    return value


def _region_key(tree: RegionTree, position: int) -> list[str]:
    return [tree.levels[position], tree.codes[position]]


def _points(scaled: Any, digits: int) -> str:
    return decimal_text(int(scaled), digits)


def _rank(rank: Any) -> int | None:
    return int(rank) or None


def _refuse_floats(value: Any) -> None:
    """TypeError for a double anywhere: its digits would depend on who computed it."""
    pending = [value]
    while pending:
        found = pending.pop()
        for inner in found.values() if isinstance(found, dict) else found:
            kind = type(inner)
            if kind is dict or kind is list or kind is tuple:
                pending.append(inner)
            elif kind is float:
                raise TypeError(f"a float in a publication: {inner}")
