"""The API's doors to letters of county A: open exactly as far as the pages are."""

from __future__ import annotations

from django.http import HttpResponse

from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, everyone_with_an_account, roles
from tests.access.expectations import letters

prepare = letters.prepare
COVERAGE = roles("analyst", "reviewer", "leader", "secretary", "reporter", relations=("own", "ancestor"))


def lists_only_what_may_be_known(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {row["id"] for row in response.json()["items"]}  # type: ignore[attr-defined]
    who = (member.role, member.relation)
    expected = {known["issued"]} if who in letters.SEERS else set()
    if who in letters.OFFICE:
        expected |= {known["drafted"], known["inside"]}
    assert shown == expected, member.name


ROWS = [
    # Whoever has no post elsewhere in the cast is of a unit here, and gets an empty list.
    Row("api:v1:list_letters", open_to=everyone_with_an_account(), sees=lists_only_what_may_be_known),
    Row(
        "api:v1:get_letter_coverage", data=lambda known: {"region": known["county"]}, open_to=COVERAGE
    ),
    *(
        Row("api:v1:get_letter", kwargs=lambda known, name=name: {"letter_id": known[name]}, open_to=who)
        for name, who in (
            ("issued", letters.SEERS),
            ("drafted", letters.OFFICE),
            ("inside", letters.OFFICE),
        )
    ),
]  # fmt: skip
