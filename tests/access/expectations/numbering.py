"""The register of numbers of county A's office, with a series and a reserved number."""

from __future__ import annotations

from django.http import HttpResponse

from jingtu.core.numbering import services
from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, roles

READERS = roles("analyst", "reviewer", relations=("own", "ancestor"))
MANAGERS = roles("analyst", relations=("own", "ancestor"))


def prepare(cast: Cast) -> Known:
    analyst = cast.actor("analyst", "own")
    series = services.make_series(analyst, cast.places["county_a"].pk, name="通报", office="甲禁办通")
    number = services.reserve(analyst, series.pk, "纸质通报", "停电期间手工编号")
    return {"series": series.pk, "number": number.pk}


def lists_only_the_own_offices(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {number.pk for number in response.context["page"]}  # type: ignore[attr-defined]
    assert shown == ({known["number"]} if (member.role, member.relation) in READERS else set())


ROWS = [
    Row("numbering:list", open_to=roles("analyst", "reviewer"), sees=lists_only_the_own_offices),
    Row("numbering:new-series", open_to=roles("analyst")),
    Row(
        "numbering:new-series",
        method="POST",
        data=lambda known: {"region": "1", "name": "x", "office": "x", "pattern": "{office}〔{year}〕{n}号"},
        open_to=frozenset(),
        refused=(400, 403),
    ),
    Row("numbering:reserve", kwargs=lambda known: {"series_id": known["series"]}, open_to=MANAGERS),
    Row(
        "numbering:reserve",
        method="POST",
        kwargs=lambda known: {"series_id": known["series"]},
        data=lambda known: {"subject": "函", "reason": "手工编号"},
        open_to=MANAGERS,
    ),
    Row("numbering:void", kwargs=lambda known: {"number_id": known["number"]}, open_to=MANAGERS),
    Row(
        "numbering:void",
        method="POST",
        kwargs=lambda known: {"number_id": known["number"]},
        data=lambda known: {"reason": "没有使用"},
        open_to=MANAGERS,
    ),
]
