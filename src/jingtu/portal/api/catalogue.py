"""Definitions in force: elements, indicators, scorecards, groups; and the series of an indicator."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from jingtu.assessment.indicators import queries
from jingtu.assessment.indicators.queries import ChildPoint, IndicatorFilter, Point
from jingtu.core.accounts.access import actor_of
from jingtu.core.kernel.clock import today
from jingtu.core.regions.queries import get_region
from jingtu.engine.catalogue import Group, Indicator, Item, Scorecard
from jingtu.engine.catalogue.writing import rule_plain
from jingtu.engine.elements import Element
from jingtu.engine.periods import Period

from .catalogue_schemas import (
    Cadence,
    ChildOut,
    Distribution,
    ElementDetail,
    ElementOut,
    Elements,
    GroupOut,
    Groups,
    IndicatorDetail,
    IndicatorOut,
    Indicators,
    ItemOut,
    MemberOut,
    PeriodKey,
    PointOut,
    ScorecardDetail,
    ScorecardOut,
    Scorecards,
    SectionOut,
    Series,
    Version,
    VetoOut,
)
from .schemas import Code, Id, Text, number

router = Router(tags=["catalogue"])


@router.get("/catalogue", response={200: Version}, summary="现行指标目录版本")
def get_catalogue(request: HttpRequest) -> Version:
    """The version of the catalogue in force."""
    actor = actor_of(request)
    queries.current_catalogue(actor)  # NotFound before the first import
    version = queries.version_in_force(actor)
    assert version is not None
    return Version(
        number=version.number,
        code=version.code,
        digest=version.digest,
        in_force_from=version.in_force_from,
        elements=version.element_count,
        indicators=version.indicator_count,
        scorecards=version.scorecard_count,
    )


@router.get("/elements", response=Elements, summary="数据元素列表")
def list_elements(request: HttpRequest) -> Elements:
    """Every data element of the catalogue in force."""
    found = queries.current_catalogue(actor_of(request)).elements.values()
    return Elements(items=[ElementOut(**_element(element)) for element in found])


@router.get("/elements/{code}", response=ElementDetail, summary="一个数据元素")
def get_element(request: HttpRequest, code: Code) -> ElementDetail:
    """One data element with the indicators that use it."""
    element, using = queries.element_page(actor_of(request), code)
    return ElementDetail(**_element(element), used_by=[indicator.code for indicator in using])


@router.get("/indicators", response=Indicators, summary="指标列表")
def list_indicators(
    request: HttpRequest,
    q: Text = "",
    strand: Code = "",
    row: Code = "",
    status: Code = "",
    direction: Code = "",
) -> Indicators:
    """Indicators of the catalogue in force, narrowed by words, strand of work, programme row, status, direction."""
    wanted = IndicatorFilter(text=q, strand=strand, row=row, status=status, direction=direction)
    found = queries.indicator_list(actor_of(request), wanted)
    return Indicators(items=[IndicatorOut(**_indicator(indicator)) for indicator in found])


@router.get("/indicators/{code}", response=IndicatorDetail, summary="一个指标")
def get_indicator(request: HttpRequest, code: Code) -> IndicatorDetail:
    """One indicator with the elements it rests on and the scorecards and groups that use it."""
    page = queries.indicator_page(actor_of(request), code)
    return IndicatorDetail(
        **_indicator(page.indicator),
        elements=[element.code for element in page.elements],
        scorecards=[card.code for card in page.scorecards],
        groups=[group.code for group in page.groups],
    )


@router.get("/indicators/{code}/series", response=Series, summary="指标序列")
def get_series(
    request: HttpRequest,
    code: Code,
    region: Id,
    cadence: Cadence = "month",
    n: Annotated[int, Field(ge=1, le=60)] = 12,
    until: PeriodKey = "",
    comparable: bool = False,
) -> Series:
    """The indicator of a region over the last `n` periods, computed now from the facts in force.

    Needs the right to read facts of the region; values of siblings are in the results of runs. `comparable`: on
    today's regions, mergers added up and splits divided by the shares of their documents (marked as estimated).
    """
    actor = actor_of(request)
    last = Period.parse(until) if until else Period.of(cadence, today())
    place = get_region(actor, region)
    found = queries.Comparable(queries.series(actor, code, place, cadence, n, last), ())
    if comparable and (steps := queries.redrawn(actor, place)):
        found = queries.comparable_series(actor, code, place, found.points, steps)
    return Series(
        indicator=code,
        region=region,
        items=[_point(point) for point in found.points],
        notes=tuple(found.notes),
    )


@router.get("/indicators/{code}/children", response=Distribution, summary="下级各地的指标值")
def get_distribution(request: HttpRequest, code: Code, region: Id, period: PeriodKey) -> Distribution:
    """The indicator of every place directly below a region in one period, from the facts in force."""
    actor = actor_of(request)
    found = queries.distribution(actor, code, get_region(actor, region), Period.parse(period))
    return Distribution(indicator=code, region=region, items=[_child(child) for child in found])


@router.get("/scorecards", response=Scorecards, summary="评分表列表")
def list_scorecards(request: HttpRequest) -> Scorecards:
    """Every scorecard of the catalogue in force."""
    found = queries.scorecards(actor_of(request))
    return Scorecards(items=[ScorecardOut(**_scorecard(card)) for card in found])


@router.get("/scorecards/{code}", response=ScorecardDetail, summary="一张评分表")
def get_scorecard(request: HttpRequest, code: Code) -> ScorecardDetail:
    """One scorecard: sections, items with their rules, bonus, vetoes."""
    card = queries.scorecard(actor_of(request), code)
    return ScorecardDetail(
        **_scorecard(card),
        sections=[
            SectionOut(
                code=section.code,
                name_zh=section.name_zh,
                name_en=section.name_en,
                points=format(section.points, "f"),
                items=[_item(item) for item in section.items],
            )
            for section in card.sections
        ],
        bonus=[_item(item) for item in card.bonus.items] if card.bonus else [],
        bonus_cap=number(card.bonus.cap) if card.bonus else None,
        vetoes=[
            VetoOut(
                indicator=veto.indicator,
                when=str(veto.when),
                effect=veto.effect,
                cap=number(veto.cap),
                name_zh=veto.name_zh,
                name_en=veto.name_en,
            )
            for veto in card.vetoes
        ],
        tie_breaks=list(card.tie_breaks),
        min_coverage=format(card.min_coverage, "f"),
    )


@router.get("/groups", response=Groups, summary="指标组列表")
def list_groups(request: HttpRequest) -> Groups:
    """Named sets of indicators: seven rates, four rises and four falls …"""
    return Groups(items=[_group(group) for group in queries.groups(actor_of(request))])


@router.get("/groups/{code}", response=GroupOut, summary="一个指标组")
def get_group(request: HttpRequest, code: Code) -> GroupOut:
    """One named set of indicators."""
    return _group(queries.group(actor_of(request), code))


def _element(element: Element) -> dict[str, Any]:
    return {
        "code": element.code,
        "name_zh": element.name_zh,
        "name_en": element.name_en,
        "kind": element.kind.value,
        "unit": element.unit,
        "decimals": element.decimals,
        "dimensions": {name: list(values) for name, values in element.dimensions.items()},
        "person_based": element.person_based,
        "strand": element.strand,
        "source": element.source,
        "status": element.status,
        "cites": list(element.cites),
        "definition_zh": element.definition_zh,
        "definition_en": element.definition_en,
        "parts_of": element.parts_of,
    }


def _indicator(indicator: Indicator) -> dict[str, Any]:
    return {
        "code": indicator.code,
        "name_zh": indicator.name_zh,
        "name_en": indicator.name_en,
        "strand": indicator.strand,
        "formula": indicator.formula_text,
        "direction": indicator.direction,
        "target": None if indicator.target is None else str(indicator.target),
        "red_line": None if indicator.red_line is None else str(indicator.red_line),
        "unit": indicator.unit,
        "decimals": indicator.decimals,
        "min_denominator": indicator.min_denominator,
        "person_based": indicator.person_based,
        "rows": list(indicator.rows),
        "cites": list(indicator.cites),
        "status": indicator.status,
        "definition_zh": indicator.definition_zh,
        "definition_en": indicator.definition_en,
    }


def _scorecard(card: Scorecard) -> dict[str, Any]:
    return {
        "code": card.code,
        "name_zh": card.name_zh,
        "name_en": card.name_en,
        "subject": card.subject,
        "level": card.level,
        "total": format(card.total, "f"),
        "decimals": card.decimals,
        "cadence": list(card.cadence),
        "status": card.status,
    }


def _item(item: Item) -> ItemOut:
    return ItemOut(
        indicator=item.indicator,
        points=format(item.points, "f"),
        rule=rule_plain(item.rule),
        target=None if item.target is None else str(item.target),
        not_applicable=item.not_applicable,
        missing=item.missing,
    )


def _group(group: Group) -> GroupOut:
    return GroupOut(
        code=group.code,
        name_zh=group.name_zh,
        name_en=group.name_en,
        status=group.status,
        definition_zh=group.definition_zh,
        definition_en=group.definition_en,
        members=[
            MemberOut(
                indicator=member.indicator,
                direction=member.direction,
                target=None if member.target is None else str(member.target),
                veto=member.veto,
            )
            for member in group.members
        ],
        groups=list(group.groups),
        met_from=str(group.met_from),
        watch_from=str(group.watch_from),
    )


def _point(point: Point) -> PointOut:
    return PointOut(
        period=point.period,
        label=point.label,
        value=number(point.value),
        state=point.state,
        qualifier=point.qualifier,
        numerator=number(point.numerator),
        denominator=number(point.denominator),
        parts_hidden=point.parts_hidden,
        reported=point.reported,
        expected=point.expected,
        estimated=point.estimated,
    )


def _child(child: ChildPoint) -> ChildOut:
    return ChildOut(region=child.region_id, name=child.name, point=_point(child.point))
