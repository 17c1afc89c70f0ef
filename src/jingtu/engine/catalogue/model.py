"""What a catalogue holds: elements, indicators, groups, scorecards and alert rules, each as a frozen record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Literal

from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.elements import Element
from jingtu.engine.formula import Node
from jingtu.engine.problems import Language

Direction = Literal["up", "down", "none"]
Policy = Literal["redistribute", "full", "zero"]

STRANDS: Mapping[str, tuple[str, str]] = {
    "crackdown": ("打击", "Crackdown"),
    "prevention": ("防控", "Prevention"),
    "supervision": ("管理", "Supervision"),
    "recovery": ("治疗康复", "Treatment and recovery"),
    "education": ("宣传教育", "Education"),
    "responsibility": ("责任落实", "Responsibility"),
}
"""The strands of work and their names."""


@dataclass(frozen=True)
class Named:
    """Anything with a code and a name in both languages."""

    code: str
    name_zh: str
    name_en: str

    def name(self, language: Language = "zh") -> str:
        """The name in a language."""
        return self.name_zh if language == "zh" else self.name_en


@dataclass(frozen=True)
class Document:
    """A law, regulation, standard, report or notice that definitions cite."""

    code: str
    title_zh: str
    title_en: str
    issuer: str = ""
    number: str = ""
    date: str = ""
    kind: str = "report"
    url: str = ""

    def title(self, language: Language = "zh") -> str:
        """The title in a language."""
        return self.title_zh if language == "zh" else self.title_en


@dataclass(frozen=True)
class Unit(Named):
    """A unit of measure."""


@dataclass(frozen=True)
class Dimension(Named):
    """What elements are broken down by; ``values`` maps each value to its Chinese and English word."""

    values: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Indicator(Named):
    """A formula with what is expected of it.

    ``formula`` is the parsed form of ``formula_text``. ``min_denominator`` is the denominator
    below which a value is shown but not ranked (0: none). ``lagging``: numerator and denominator
    of a share are counted at different times, so the first may exceed the second. ``gap_*`` names
    what is counted when telling how much is missing to the target.
    """

    strand: str
    formula: Node
    formula_text: str = field(compare=False)
    direction: Direction
    unit: str
    decimals: int = 2
    target: Threshold | None = None
    red_line: Threshold | None = None
    min_denominator: int = 0
    lagging: bool = False
    person_based: bool = False
    rows: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    status: str = "G"
    definition_zh: str = ""
    definition_en: str = ""
    gap_zh: str = ""
    gap_en: str = ""
    unit_zh: str = ""
    unit_en: str = ""

    def definition(self, language: Language = "zh") -> str:
        """What it tells, in a language."""
        return self.definition_zh if language == "zh" else self.definition_en

    def unit_name(self, language: Language = "zh") -> str:
        """The unit's word; the code where the catalogue does not list it."""
        return (self.unit_zh if language == "zh" else self.unit_en) or self.unit

    def gap_unit(self, language: Language = "zh") -> str:
        """What a gap to the target is counted in; empty when the catalogue does not say."""
        return self.gap_zh if language == "zh" else self.gap_en


@dataclass(frozen=True)
class GroupMember:
    """An indicator in a group, with the group's own direction and requirement where they differ."""

    indicator: str
    direction: Direction | None = None
    veto: bool = False
    target: Threshold | None = None


@dataclass(frozen=True)
class Group(Named):
    """A named framework of indicators: seven rates, four rises, five never-happens.

    ``groups``: frameworks inside it, by code (five assessed blocks, one-two-three-four-five-six). Its state
    is met when at least ``met_from`` of its parts that can be told are, watched when ``watch_from`` are.
    """

    members: tuple[GroupMember, ...]
    rows: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    status: str = "G"
    definition_zh: str = ""
    definition_en: str = ""
    groups: tuple[str, ...] = ()
    met_from: Decimal = Decimal(1)
    watch_from: Decimal = Decimal("0.5")

    def definition(self, language: Language = "zh") -> str:
        """Where the framework comes from, in a language."""
        return self.definition_zh if language == "zh" else self.definition_en


@dataclass(frozen=True)
class ThresholdRule:
    """``met`` of the points when the target is met, ``unmet`` of them otherwise."""

    met: Decimal = Decimal(1)
    unmet: Decimal = Decimal(0)


@dataclass(frozen=True)
class Step:
    """A condition and the share of the points it earns."""

    when: Threshold
    share: Decimal


@dataclass(frozen=True)
class StepsRule:
    """The share of the first step whose condition holds; nothing when none does."""

    steps: tuple[Step, ...]


@dataclass(frozen=True)
class LinearRule:
    """Nothing at ``floor``, everything at ``target`` (the requirement in force when not given)."""

    floor: Decimal
    target: Decimal | None = None


@dataclass(frozen=True)
class DeductionRule:
    """Full points less ``per_event`` for each one counted, losing at most ``cap`` (all, if not given)."""

    per_event: Decimal
    cap: Decimal | None = None


@dataclass(frozen=True)
class RankRule:
    """From ``best`` of the points for the first to ``worst`` for the last, in equal steps."""

    best: Decimal = Decimal(1)
    worst: Decimal = Decimal(0)


@dataclass(frozen=True)
class BonusRule:
    """``per_unit`` points for each one counted, up to ``cap``."""

    per_unit: Decimal
    cap: Decimal | None = None


Rule = ThresholdRule | StepsRule | LinearRule | DeductionRule | RankRule | BonusRule


@dataclass(frozen=True)
class Item:
    """An indicator in a scorecard: its points, its rule, and what happens when it has no value.

    ``target`` replaces the indicator's own. Bonus items have no points of their own (0).
    """

    indicator: str
    points: Decimal
    rule: Rule
    not_applicable: Policy = "redistribute"
    missing: Policy = "zero"
    target: Threshold | None = None


@dataclass(frozen=True)
class Section(Named):
    """A block of a scorecard."""

    items: tuple[Item, ...]

    @property
    def points(self) -> Decimal:
        """The points of its items together."""
        return sum((item.points for item in self.items), Decimal(0))


@dataclass(frozen=True)
class Bonus:
    """Points beyond the total, at most ``cap`` together."""

    cap: Decimal
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Veto:
    """What happens to the whole card when an indicator satisfies ``when``.

    ``effect``: ``zero`` takes all points, ``rank_last`` ranks behind everybody, ``cap`` limits the
    total to ``cap``.
    """

    indicator: str
    when: Threshold
    effect: Literal["zero", "rank_last", "cap"]
    name_zh: str
    name_en: str
    cap: Decimal | None = None

    def name(self, language: Language = "zh") -> str:
        """What it says, in a language."""
        return self.name_zh if language == "zh" else self.name_en


@dataclass(frozen=True)
class Scorecard(Named):
    """Sections of items that add up to ``total`` points, rounded half-up at ``decimals``.

    ``subject`` tells whether regions or member units are ranked, ``level`` at which level of the
    tree. ``min_coverage`` (0 to 1) is the share of regions that must have reported to be ranked.
    """

    subject: Literal["region", "unit"]
    level: str
    total: Decimal
    decimals: int
    cadence: tuple[str, ...]
    sections: tuple[Section, ...]
    bonus: Bonus | None = None
    vetoes: tuple[Veto, ...] = ()
    tie_breaks: tuple[str, ...] = ()
    min_coverage: Decimal = Decimal(0)
    rows: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    status: str = "G"
    definition_zh: str = ""
    definition_en: str = ""

    @property
    def items(self) -> tuple[Item, ...]:
        """All scored items in order; bonus items are not among them."""
        return tuple(item for section in self.sections for item in section.items)

    @property
    def indicators(self) -> tuple[str, ...]:
        """Every indicator used, once: items, bonus, vetoes, tie-breaks."""
        codes = [item.indicator for item in self.items]
        if self.bonus is not None:
            codes += [item.indicator for item in self.bonus.items]
        codes += [veto.indicator for veto in self.vetoes]
        return tuple(dict.fromkeys((*codes, *self.tie_breaks)))


AlertKind = Literal[
    "red_line",
    "worsening",
    "gap_growing",
    "missing_report",
    "sudden_change",
    "first_case",
    "inactivity",
]
AlertSeverity = Literal["info", "warning", "critical"]


@dataclass(frozen=True)
class AlertRule(Named):
    """When somebody should look at a place, how urgently, and who.

    ``periods``: how many in a row (``worsening``, ``gap_growing``, ``inactivity``), how many quiet ones
    before a ``first_case``, how many earlier ones a ``sudden_change`` is judged by. ``levels`` empty: the
    level a run ranks; for missing reports every place that reports. ``indicators`` or ``elements`` empty:
    every one the kind can watch. ``owner``: the role that answers, held at the place or nearest above.
    """

    kind: AlertKind
    severity: AlertSeverity
    cadence: tuple[str, ...]
    owner: str
    due_days: int
    levels: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()
    periods: int = 3
    test: Literal["auto", "values", "counts"] = "auto"
    side: Literal["worse", "both"] = "worse"
    significance: Decimal = Decimal("0.001")
    distance: Decimal = Decimal("4")
    rows: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    status: str = "G"
    definition_zh: str = ""
    definition_en: str = ""

    def definition(self, language: Language = "zh") -> str:
        """What it watches for and why, in a language."""
        return self.definition_zh if language == "zh" else self.definition_en


CheckKind = Literal[
    "outlier_history",
    "outlier_peers",
    "sudden_zero",
    "copied_period",
    "round_numbers",
    "late_edit",
]


@dataclass(frozen=True)
class CheckRule(Named):
    """How one check of the figures is set: at most one rule a kind.

    ``at_least``: how much there must be before anything is said (periods, places, the usual value, figures).
    ``limit``: where the check begins to speak (robust standard deviations, a share, a chance); no meaning for
    ``sudden_zero`` and ``late_edit``. ``severity`` "error" holds a run back until somebody has dealt with it.
    """

    kind: CheckKind
    severity: Literal["error", "warning"]
    at_least: int
    limit: Decimal = Decimal(0)
    cites: tuple[str, ...] = ()
    status: str = "G"
    definition_zh: str = ""
    definition_en: str = ""

    def definition(self, language: Language = "zh") -> str:
        """What it looks for and why, in a language."""
        return self.definition_zh if language == "zh" else self.definition_en


@dataclass(frozen=True)
class Catalogue(Named):
    """All definitions of one version, by code, in the order of the files."""

    version: int
    documents: Mapping[str, Document] = field(default_factory=dict)
    units: Mapping[str, Unit] = field(default_factory=dict)
    elements: Mapping[str, Element] = field(default_factory=dict)
    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    scorecards: Mapping[str, Scorecard] = field(default_factory=dict)
    alerts: Mapping[str, AlertRule] = field(default_factory=dict)
    dimensions: Mapping[str, Dimension] = field(default_factory=dict)
    checks: Mapping[str, CheckRule] = field(default_factory=dict)

    def check_rule(self, kind: CheckKind) -> CheckRule | None:
        """The rule set for a kind of check; None where the catalogue sets none."""
        return next((rule for rule in self.checks.values() if rule.kind == kind), None)

    def unit_name(self, code: str, language: Language = "zh") -> str:
        """The word for a unit; the code itself where it is not listed."""
        unit = self.units.get(code)
        return code if unit is None else unit.name(language)

    def digest(self) -> str:
        """SHA-256 of all definitions, whatever the order and number of their files."""
        return self._digest

    @cached_property
    def _digest(self) -> str:
        from jingtu.engine.catalogue.writing import plain

        content = plain(self)
        for kind, entries in content.items():
            if isinstance(entries, list):
                content[kind] = sorted(entries, key=lambda entry: str(entry["code"]))
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
