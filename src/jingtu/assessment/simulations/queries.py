"""A run tried out otherwise. Every function takes the actor first and tells nothing that the run hides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

import numpy as np
from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.assessment.indicators.models import CatalogueVersion
from jingtu.assessment.indicators.store import catalogue_of
from jingtu.assessment.runs.queries import RunReader, open_for
from jingtu.assessment.runs.registry import Aside, Line, Subject
from jingtu.core.kernel.actor import Actor, user_id_of
from jingtu.core.kernel.errors import NotFound
from jingtu.engine.catalogue import Catalogue, Scorecard
from jingtu.engine.catalogue.model import Rule
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.evaluate import references
from jingtu.engine.problems import InvalidInput, Problem, register_texts
from jingtu.engine.rational import decimal_text
from jingtu.engine.simulate import Changes, Figure, Move, moves, read_points, read_rule, rule_words, simulate

from .models import Scenario

MOST_FIGURES = 3

register_texts(
    {
        "simulations.locked": (
            "“{name}”涉及受保护的小数，您的岗位不能改动它。",
            "“{name}” rests on protected small counts; your posts do not let you change it.",
        ),
        "simulations.no_place": ("{text}不在您可见的范围内。", "{text} is not among the places you may see."),
        "simulations.bad_figure": (
            "“{text}”不是该数据元素的数值。",
            '"{text}" is no value of that data element.',
        ),
        "simulations.no_card": (
            "目录第{number}版没有评分表“{scorecard}”。",
            "Version {number} of the catalogue has no scorecard “{scorecard}”.",
        ),
    }
)


@dataclass(frozen=True)
class Asked:
    """What an address asks to try out, as texts: points, targets and rules by indicator, figures, a catalogue."""

    points: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)
    figures: Sequence[tuple[str, str, str]] = ()
    """(element, own id of the region, value)"""
    catalogue: int | None = None


@dataclass(frozen=True)
class ItemLine:
    """An item of the card as it can be edited; ``locked``: protected counts stand behind it."""

    indicator: str
    name: str
    section: str
    points: str
    target: str
    rule: str
    locked: bool


@dataclass(frozen=True)
class Tried:
    """What came of it: every place with its movement, the items, and what was wrong in the address."""

    reader: RunReader
    items: Sequence[ItemLine]
    moves: Sequence[tuple[Move, str]]
    elements: Sequence[tuple[str, str]]
    places: Sequence[tuple[int, str]]
    catalogues: Sequence[tuple[int, str]]
    problems: Sequence[Problem]
    changed: bool


class Bench:
    """One run opened for one actor to try things out on."""

    def __init__(self, actor: Actor, run_id: int, catalogue: int | None = None) -> None:
        self.reader = open_for(actor, run_id)
        self.opened = self.reader.opened
        self.language = self.reader.language
        self.catalogue: Catalogue = self.opened.catalogue
        if catalogue is not None:
            version = CatalogueVersion.objects.defer("text").filter(number=catalogue).first()
            if version is None:
                raise NotFound(catalogue, "catalogue_version")
            self.catalogue = catalogue_of(version)
        code = self.opened.scorecard.code
        if code not in self.catalogue.scorecards:
            raise InvalidInput([Problem("simulations.no_card", {"number": catalogue, "scorecard": code})])
        self.card: Scorecard = self.catalogue.scorecards[code]
        self.other_card = catalogue is not None
        self.subjects = np.array([position for position, _entry in self.reader.subjects], dtype=np.int32)

    @cached_property
    def locked(self) -> frozenset[str]:
        """Items nobody may vary who may not see all that stands behind them.

        Hidden points follow from a total once something they depend on is varied: so the sections that
        hold any, and items that were dropped somewhere (their points went to the others), stay as they are.
        """
        card = self.opened.scorecard
        codes = [item.indicator for item in card.items]
        hidden: set[int] = set()
        dropped: set[int] = set()
        for position, entry in self.reader.subjects:
            hidden |= self.reader.points_hidden(position, entry)
            dropped |= {n for n, item in enumerate(entry["items"]) if not float(item["maximum"])}
        if not hidden:
            return frozenset()
        start, found = 0, set(dropped)
        for section in card.sections:
            inside = set(range(start, start + len(section.items)))
            start += len(section.items)
            found |= inside if inside & hidden else set()
        return frozenset(codes[number] for number in found)

    @cached_property
    def free_elements(self) -> list[str]:
        """Elements of the card whose figures may be varied: none that a locked item reads."""

        def read_by(codes: Sequence[str]) -> set[str]:
            return {
                ref.code for code in codes for ref, _p in references(self.catalogue.indicators[code].formula)
            }

        known = [code for code in self.card.indicators if code in self.catalogue.indicators]
        return sorted(read_by(known) - read_by([code for code in self.locked if code in known]))

    def places(self) -> list[tuple[int, int]]:
        """(position, own id) of the places whose figures the actor may see: ranked ones and those just below."""
        tree, level = self.opened.tree, self.subjects
        wanted = set(level.tolist())
        for position in level.tolist():
            wanted.update(tree.children(position).tolist())
        seen = self.reader.reach.facts
        return [(position, int(tree.ids[position])) for position in sorted(wanted) if seen[position]]

    def changes(self, asked: Asked) -> Changes:
        """The changes an address asks for. InvalidInput with everything that is wrong or not the actor's."""
        problems: list[Problem] = []
        points: dict[str, Decimal] = {}
        targets: dict[str, Threshold] = {}
        rules: dict[str, Rule] = {}

        def each(texts: Mapping[str, str], kept: dict[str, Any], read: Callable[[str], Any]) -> None:
            for code, text in texts.items():
                if code in self.locked:
                    problems.append(Problem("simulations.locked", {"name": self._name(code)}))
                    continue
                try:
                    kept[code] = read(text)
                except InvalidInput as refusal:
                    problems.extend(refusal.problems)

        each(asked.points, points, read_points)
        each(asked.targets, targets, Threshold.parse)
        each(asked.rules, rules, read_rule)
        figures = []
        for one in asked.figures[:MOST_FIGURES]:
            try:
                figures.append(self._figure(*one))
            except InvalidInput as refusal:
                problems.extend(refusal.problems)
        if problems:
            raise InvalidInput(problems)
        return Changes(points, targets, rules, figures)

    def _figure(self, element: str, region: str, text: str) -> Figure:
        if element not in self.free_elements:
            raise InvalidInput([Problem("simulations.locked", {"name": element})])
        at = {str(own): position for position, own in self.places()}.get(region)
        if at is None:
            raise InvalidInput([Problem("simulations.no_place", {"text": region})])
        scale = self.catalogue.elements[element].scale
        try:
            value = Decimal(text) * scale
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or value != int(value) or not 0 <= value < 10**15:
            raise InvalidInput([Problem("simulations.bad_figure", {"text": text})])
        return Figure(element, at, int(value))

    def tried(self, changes: Changes) -> list[Move]:
        """Every ranked place before and after."""
        before = [(entry["total"], entry["rank"]) for _position, entry in self.reader.subjects]
        after = simulate(self.opened, self.catalogue, self.card, self.subjects, changes)
        return moves(self.subjects, before, after)

    def _name(self, code: str) -> str:
        found = self.catalogue.indicators.get(code)
        return found.name(self.language) if found else code

    def lines(self) -> list[ItemLine]:
        """The items of the card as they are."""
        found = []
        for section in self.card.sections:
            for item in section.items:
                target = item.target or self.catalogue.indicators[item.indicator].target
                found.append(
                    ItemLine(
                        item.indicator,
                        self._name(item.indicator),
                        section.name(self.language),
                        decimal_text(int(item.points * 100), 2).rstrip("0").rstrip("."),
                        str(target) if target else "",
                        rule_words(item.rule, target),
                        item.indicator in self.locked,
                    )
                )
        return found


def try_out(actor: Actor, run_id: int, asked: Asked) -> Tried:
    """A run with what an address asks for; problems come with the run as it is. Raises NotFound."""
    bench = Bench(actor, run_id, asked.catalogue)
    problems: list[Problem] = []
    changes = Changes()
    try:
        changes = bench.changes(asked)
    except InvalidInput as refusal:
        problems = list(refusal.problems)
    names = bench.opened.tree.names
    if bench.other_card and bench.locked:
        # Another card weighs hidden items otherwise, and its totals would tell them.
        problems.append(Problem("simulations.locked", {"name": bench.card.name(bench.language)}))
        bench = Bench(actor, run_id)
        changes = Changes()
    given = changes != Changes() or bench.other_card
    elements = [
        (code, bench.catalogue.elements[code].name(bench.language))
        for code in bench.free_elements
        if code in bench.catalogue.elements
    ]
    versions = CatalogueVersion.objects.order_by("-number").values_list("number", flat=True)
    return Tried(
        bench.reader,
        bench.lines(),
        [(move, names[move.position]) for move in bench.tried(changes)],
        elements,
        [(own, names[position]) for position, own in bench.places()],
        [(number, _("目录第%(number)s版") % {"number": number}) for number in versions],
        problems,
        given,
    )


def scenarios(actor: Actor, run_id: int) -> list[Scenario]:
    """The actor's own scenarios of a run."""
    return list(Scenario.objects.filter(run_id=run_id, owner_id=user_id_of(actor)))


def aside(actor: Actor, subject: Subject) -> Aside | None:
    """The way from a run to its simulation."""
    if subject.region_id is not None or not subject.run.snapshot_digest:
        return None
    url = reverse("simulations:simulate", args=[subject.run.pk])
    lines = [Line(one.name, f"{url}?{one.query}") for one in scenarios(actor, subject.run.pk)[:5]]
    return Aside(_("模拟"), lines, (_("改一改看名次"), url), _("只供推演，不成为数据，也不会发布。"))
