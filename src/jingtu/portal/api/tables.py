"""Values of an indicator by place and period, in one answer."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from jingtu.assessment.indicators import queries
from jingtu.assessment.indicators.queries import PlaceSeries
from jingtu.core.accounts.access import actor_of
from jingtu.core.kernel.clock import today
from jingtu.core.regions.queries import get_region
from jingtu.engine.periods import Period

from .catalogue_schemas import Cadence, PeriodKey
from .schemas import Code, Id, number

router = Router(tags=["catalogue"])


class PlaceValues(Schema):
    """One place: a column of values with their states, and what they are made of, in the order of the periods."""

    region: int
    code: str
    name: str
    values: list[str | None]
    states: list[str]
    qualifiers: list[str]
    numerators: list[str | None]
    denominators: list[str | None]
    reported: list[int]
    expected: list[int]


class IndicatorTable(Schema):
    """An indicator by place and period. No value: the reason is in `states` (missing, not_applicable,
    suppressed …)."""

    indicator: str
    region: int
    level: str
    periods: list[str]
    items: list[PlaceValues]


@router.get("/indicators/{code}/table", response=IndicatorTable, summary="各地各期的指标值")
def get_table(
    request: HttpRequest,
    code: Code,
    region: Id,
    level: Code,
    cadence: Cadence = "month",
    n: Annotated[int, Field(ge=1, le=60)] = 12,
    until: PeriodKey = "",
) -> IndicatorTable:
    """The indicator of every place of a level inside a region over the last `n` periods (each county of a
    province by month, say), from the facts in force. Needs the right to read facts of the region."""
    actor = actor_of(request)
    last = Period.parse(until) if until else Period.of(cadence, today())
    found = queries.table(actor, code, get_region(actor, region), level, cadence, n, last)
    return IndicatorTable(
        indicator=code,
        region=region,
        level=level,
        periods=[period.key for period in found.periods],
        items=[_row(place) for place in found.places],
    )


def _row(place: PlaceSeries) -> PlaceValues:
    return PlaceValues(
        region=place.region_id,
        code=place.code,
        name=place.name,
        values=[number(point.value) for point in place.points],
        states=[point.state for point in place.points],
        qualifiers=[point.qualifier for point in place.points],
        numerators=[number(point.numerator) for point in place.points],
        denominators=[number(point.denominator) for point in place.points],
        reported=[point.reported for point in place.points],
        expected=[point.expected for point in place.points],
    )
