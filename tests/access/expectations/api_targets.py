"""The API's doors to targets, trajectories and surveys: as far as the pages are open."""

from __future__ import annotations

from django.http import HttpResponse

from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, everyone_signed_in
from tests.access.expectations import surveys
from tests.access.expectations.surveys import SEERS


def prepare(cast: Cast) -> Known:
    return surveys.prepare(cast)


def lists_waves_of_own_area(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {wave["id"] for wave in response.json()["items"]}  # type: ignore[attr-defined]
    assert shown == ({known["wave"]} if (member.role, member.relation) in SEERS else set())


ROWS = [
    Row("api:v1:list_targets", open_to=everyone_signed_in()),
    Row("api:v1:list_trajectories", open_to=everyone_signed_in()),
    Row("api:v1:list_waves", open_to=everyone_signed_in(), sees=lists_waves_of_own_area),
    Row("api:v1:get_wave", kwargs=lambda known: {"wave_id": known["wave"]}, open_to=SEERS),
]
