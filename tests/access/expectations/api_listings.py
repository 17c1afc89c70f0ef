"""The API's doors to listings of county A: open exactly as far as the pages are."""

from __future__ import annotations

from django.http import HttpResponse

from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, everyone_signed_in
from tests.access.expectations import listings
from tests.access.expectations.listings import SEERS, of

prepare = listings.prepare


def lists_own_only(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {row["id"] for row in response.json()["items"]}  # type: ignore[attr-defined]
    assert shown == listings.seen_by(member, known)


ROWS = [
    Row("api:v1:list_listings", open_to=everyone_signed_in(), sees=lists_own_only),
    Row("api:v1:get_listing", kwargs=of("running"), open_to=SEERS),
]
