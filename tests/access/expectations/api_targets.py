"""The API's doors to targets, trajectories and surveys: as far as the pages are open."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, everyone_signed_in
from tests.access.expectations import surveys
from tests.access.expectations.surveys import MAKERS, OWNER, SEERS
from tests.assessment.surveys.test_services import FILE


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
    Row(
        "api:v1:import_wave",
        method="POST",
        data=lambda known: {
            "tree": "cast",
            "element": "survey_satisfaction",
            "period": "2025-H2",
            "agency": "某公司",
            "file": SimpleUploadedFile("wave.csv", FILE.encode(), "text/csv"),
        },
        open_to=MAKERS,
        # An analyst of another area gets as far as being told that the places in the file are not theirs.
        admitted=(201, 422),
    ),
    Row("api:v1:get_survey_import", kwargs=lambda known: {"import_id": known["import"]}, open_to=OWNER),
    Row(
        "api:v1:confirm_survey_import",
        method="POST",
        kwargs=lambda known: {"import_id": known["import"]},
        open_to=OWNER,
    ),
]
