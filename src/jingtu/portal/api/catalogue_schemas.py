"""What the API tells of the catalogue: elements, indicators with their figures, scorecards, groups."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from .schemas import Named

Cadence = Literal["day", "week", "dekad", "half_month", "month", "quarter", "half_year", "year", "ytd"]


PeriodKey = Annotated[
    str, Field(max_length=40, description="2026-10, 2026-Q3, 2026-YTD10, 2018-01..2018-02 …")
]


class Version(Schema):
    """A version of the catalogue."""

    number: int
    code: str
    digest: str
    in_force_from: dt.date
    elements: int
    indicators: int
    scorecards: int


class ElementOut(Named):
    """A data element. `kind`: flow, stock or reported; `status`: V verified, S seen, G unverified."""

    kind: str
    unit: str
    decimals: int
    dimensions: dict[str, list[str]]
    person_based: bool
    strand: str
    source: str
    status: str
    cites: list[str]
    definition_zh: str
    definition_en: str
    parts_of: str | None


class ElementDetail(ElementOut):
    """An element with the indicators that use it."""

    used_by: list[str]


class IndicatorOut(Named):
    """An indicator: its formula and what is expected of it."""

    strand: str
    formula: str
    direction: str
    target: str | None
    red_line: str | None
    unit: str
    decimals: int
    min_denominator: int
    person_based: bool
    rows: list[str]
    cites: list[str]
    status: str
    definition_zh: str
    definition_en: str


class IndicatorDetail(IndicatorOut):
    """An indicator with what it rests on and where it is used."""

    elements: list[str]
    scorecards: list[str]
    groups: list[str]


class ItemOut(Schema):
    """An indicator in a scorecard; `rule` as the catalogue states it."""

    indicator: str
    points: str
    rule: dict[str, Any]
    target: str | None
    not_applicable: str
    missing: str


class SectionOut(Named):
    """A block of a scorecard."""

    points: str
    items: list[ItemOut]


class VetoOut(Schema):
    """What happens to the whole card when an indicator satisfies `when`."""

    indicator: str
    when: str
    effect: str
    cap: str | None
    name_zh: str
    name_en: str


class ScorecardOut(Named):
    """A scorecard in short."""

    subject: str
    level: str
    total: str
    decimals: int
    cadence: list[str]
    status: str


class ScorecardDetail(ScorecardOut):
    """A whole scorecard."""

    sections: list[SectionOut]
    bonus: list[ItemOut]
    bonus_cap: str | None
    vetoes: list[VetoOut]
    tie_breaks: list[str]
    min_coverage: str


class MemberOut(Schema):
    """An indicator in a group, with the group's own direction and requirement where they differ."""

    indicator: str
    direction: str | None
    target: str | None
    veto: bool


class GroupOut(Named):
    """A named set of indicators."""

    status: str
    definition_zh: str
    definition_en: str
    members: list[MemberOut]
    groups: list[str]
    met_from: str
    watch_from: str


class Elements(Schema):
    """All elements."""

    items: list[ElementOut]


class Indicators(Schema):
    """Indicators that match."""

    items: list[IndicatorOut]


class Scorecards(Schema):
    """All scorecards."""

    items: list[ScorecardOut]


class Groups(Schema):
    """All groups."""

    items: list[GroupOut]


class PointOut(Schema):
    """A value in one period. No value: the reason is in `state` (missing, not_applicable, suppressed …). `estimated`:
    divided by the shares of a split, for reading beside today's, never for ranking."""

    period: str
    label: str
    value: str | None
    state: str
    qualifier: str
    numerator: str | None
    denominator: str | None
    parts_hidden: bool
    reported: int
    expected: int
    estimated: bool = False


class Series(Schema):
    """An indicator of one place over periods, the oldest first. `notes`: of a series on today's regions, what was
    added up, estimated or left open, with the documents."""

    indicator: str
    region: int
    items: list[PointOut]
    notes: tuple[str, ...] = ()


class ChildOut(Schema):
    """The value of one place among its siblings."""

    region: int
    name: str
    point: PointOut


class Distribution(Schema):
    """An indicator of every place directly below a region in one period."""

    indicator: str
    region: int
    items: list[ChildOut]
