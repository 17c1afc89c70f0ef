"""Published figures of real places: facts whose elements are figures somebody made public.

Their codes begin with ``pub_``. They are public by nature (each names its source), so whoever is signed in
may read them; nothing else of the real tree is shown here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from jingtu.assessment.indicators.queries import Cube, cube, current_catalogue
from jingtu.core.documents.queries import titles
from jingtu.core.facts import store
from jingtu.core.kernel.actor import SYSTEM, Actor
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import Region
from jingtu.core.regions.queries import root_of, tree_by_slug
from jingtu.core.ui.words import format_number
from jingtu.engine.catalogue import Catalogue, Group, GroupMember, Indicator
from jingtu.engine.evaluate import references
from jingtu.engine.facttable import FactTable
from jingtu.engine.periods import Period
from jingtu.engine.qualifiers import Qualifier
from jingtu.portal.demo_data.real_figures import TREE, Narrative, RealFact, narratives, real_facts

PUBLIC = "pub_"


@dataclass(frozen=True)
class Source:
    """Where a figure was published, and what its reviewers remarked."""

    text: str
    note: str


@dataclass(frozen=True)
class Figure:
    """One published value. ``change``: in per cent on the value before it in the same series, worked out
    here; ``inferred``: its date or wording is inferred."""

    period: Period
    label: str
    value: Decimal
    text: str
    change: Decimal | None
    inferred: bool
    source: Source | None


@dataclass(frozen=True)
class Line:
    """One indicator of one place with its published values, oldest first."""

    indicator: Indicator
    name: str
    unit: str
    place: str
    region_id: int
    figures: Sequence[Figure]
    requirement: str = ""
    gap: Decimal | None = None
    met: bool | None = None

    @property
    def values(self) -> list[Decimal]:
        """The bare values, for drawings."""
        return [figure.value for figure in self.figures]


def sources_of(lines: Sequence[Line]) -> list[Source]:
    """The sources of some lines, each once; their numbers are the marks at the figures."""
    found = (figure.source for line in lines for figure in line.figures if figure.source)
    return list(dict.fromkeys(found))


@dataclass(frozen=True)
class PublishedGroup:
    """A named set of published indicators with its lines; ``against``: they are held to requirements."""

    group: Group
    lines: Sequence[Line]
    against: bool
    documents: Sequence[str]

    @cached_property
    def sources(self) -> list[Source]:
        """The sources of all figures, each once, in the order of the lines."""
        return sources_of(self.lines)

    @property
    def met(self) -> int:
        """How many lines meet their requirement."""
        return sum(1 for line in self.lines if line.met)


def published_groups(actor: Actor) -> list[PublishedGroup]:
    """Every group of the catalogue that consists of published indicators only, with what is known of it.

    Empty before the catalogue or the real tree is there.
    """
    try:
        catalogue, found = current_catalogue(actor), _real(actor)
    except NotFound:
        return []
    table = _facts(catalogue)
    sources = _sources()
    groups: list[PublishedGroup] = []
    for group in catalogue.groups.values():
        members = [member for member in group.members if _is_public(catalogue.indicators[member.indicator])]
        if not members or len(members) < len(group.members):
            continue
        lines = [
            line for member in members for line in _lines(actor, catalogue, found, table, sources, member)
        ]
        against = any(member.target is not None for member in members)
        cited = [cite.partition(":")[0] for cite in group.cites]
        names = titles(actor, cited, actor.language)
        groups.append(PublishedGroup(group, lines, against, [names[code] for code in cited if code in names]))
    return groups


def published_of(actor: Actor, region: Region) -> list[Line]:
    """What was published of one real place."""
    if region.tree.slug != TREE:
        return []
    try:
        catalogue, found = current_catalogue(actor), _real(actor)
    except NotFound:
        return []
    table, sources = _facts(catalogue), _sources()
    lines: list[Line] = []
    for code, indicator in catalogue.indicators.items():
        if _is_public(indicator):
            member = GroupMember(code)
            lines += _lines(actor, catalogue, found, table, sources, member, region.pk)
    return lines


def narrative_rows() -> list[Narrative]:
    """Published statements that are not one number, and why each stays a text."""
    return narratives()


def _real(actor: Actor) -> Cube:
    return cube(SYSTEM, root_of(SYSTEM, tree_by_slug(SYSTEM, TREE)))


def public_definitions(catalogue: Catalogue) -> set[str]:
    """The published figures of the catalogue and the indicators made of them alone: these pages use them all."""
    indicators = (one for one in catalogue.indicators.values() if _is_public(one))
    return {one.code for one in indicators} | {code for code in catalogue.elements if code.startswith(PUBLIC)}


def _is_public(indicator: Indicator) -> bool:
    return all(reference.code.startswith(PUBLIC) for reference, _ in references(indicator.formula))


def _facts(catalogue: Catalogue) -> FactTable:
    tree = tree_by_slug(SYSTEM, TREE)
    codes = [code for code in catalogue.elements if code.startswith(PUBLIC)]
    return store.read(tree.pk, elements=codes)


def _sources() -> Mapping[tuple[str, str, str, str], RealFact]:
    return {(fact.level, fact.region, fact.element, fact.period): fact for fact in real_facts()}


def _lines(
    actor: Actor,
    catalogue: Catalogue,
    found: Cube,
    table: FactTable,
    sources: Mapping[tuple[str, str, str, str], RealFact],
    member: GroupMember,
    only: int | None = None,
) -> list[Line]:
    indicator = catalogue.indicators[member.indicator]
    used = [reference for reference, _ in references(indicator.formula)]
    codes = {reference.code for reference in used}
    category = ";".join(f"{name}={value}" for name, value in dict(used[0].selection).items()) if used else ""
    given: dict[int, dict[str, None]] = {}
    for row in table.rows():
        wanted = row.element in codes and (only is None or row.region_id == only)
        if wanted and row.value is not None and (not category or row.category == category):
            given.setdefault(int(row.region_id), {})[row.period] = None
    lines = []
    for region_id, periods in given.items():
        place = int((found.tree.ids == region_id).nonzero()[0][0])
        figures = _figures(actor, found, indicator, place, sorted(map(Period.parse, periods)), sources)
        if not figures:
            continue
        target = member.target or indicator.target
        last = figures[-1]
        met = target.met_by(*last.value.as_integer_ratio()) if target else None
        lines.append(
            Line(
                indicator=indicator,
                name=indicator.name(actor.language),
                unit=indicator.unit_name(actor.language),
                place=found.tree.names[place],
                region_id=region_id,
                figures=figures,
                requirement=target.label(indicator.unit_name(actor.language), actor.language)
                if target
                else "",
                gap=last.value - target.value if target else None,
                met=met,
            )
        )
    return lines


def _source(said: RealFact, actor: Actor) -> Source:
    note = said.note_zh if actor.language == "zh" else said.note_en
    return Source(said.source.removesuffix(f"（{said.note_zh}）"), note)


def _figures(
    actor: Actor,
    found: Cube,
    indicator: Indicator,
    place: int,
    periods: Sequence[Period],
    sources: Mapping[tuple[str, str, str, str], RealFact],
) -> list[Figure]:
    """Values of the indicator where it has one; one stated in its own words is compared with nothing."""
    element = next(reference.code for reference, _ in references(indicator.formula))
    counted = indicator.unit != "%" and all(period.kind == "year" for period in periods)
    figures: list[Figure] = []
    before: Decimal | None = None
    for period in periods:
        values = found.evaluator.indicator(indicator, period)
        text = values.text(place)
        if text is None:
            continue
        value = Decimal(text)
        said = sources.get((found.tree.levels[place], found.tree.codes[place], element, period.key))
        qualifier = values.qualifier_at(place)
        if indicator.formula_text.startswith("since(") and f'"{period.key}"' in indicator.formula_text:
            continue  # the base compared with itself
        figure = format_number(value) or text
        shown = figure if qualifier is Qualifier.INFERRED else qualifier.mark(figure, actor.language)
        change = (value / before - 1) * 100 if counted and before else None
        figures.append(
            Figure(
                period=period,
                label=period.label(actor.language),
                value=value,
                text=shown,
                change=change,
                inferred=qualifier is Qualifier.INFERRED or bool(said and said.inferred),
                source=_source(said, actor) if said else None,
            )
        )
        before = value
    return figures
