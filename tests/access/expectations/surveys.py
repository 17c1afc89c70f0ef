"""A wave over the city's counties, a file of the city's analyst that waits for confirmation."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from jingtu.assessment.surveys import services
from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, business, roles
from tests.assessment.surveys.test_services import FILE, about, surveyed

MAKERS = roles("analyst")
OWNER = frozenset({("analyst", "ancestor")})
# The city's wave is read by everybody in the city, siblings included: results of a survey are compared.
SEERS = business("own", "ancestor", "descendant", "sibling")


def prepare(cast: Cast) -> Known:
    office = surveyed(cast)
    wave = services.confirm_import(
        office.analyst,
        services.begin_import(office.analyst, cast.tree, about(), [FILE.encode()], "wave.csv").pk,
    )
    waiting = services.begin_import(office.analyst, cast.tree, about("2025-H1"), [FILE.encode()], "wave2.csv")
    return {"wave": wave.pk, "import": waiting.pk}


def lists_waves_of_own_area(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {wave.pk for wave in response.context["page"]}  # type: ignore[attr-defined]
    assert shown == ({known["wave"]} if (member.role, member.relation) in SEERS else set())


ROWS = [
    Row("surveys:list", open_to=business(), sees=lists_waves_of_own_area),
    Row("surveys:detail", kwargs=lambda known: {"wave_id": known["wave"]}, open_to=SEERS),
    Row(
        "surveys:detail",
        method="POST",
        kwargs=lambda known: {"wave_id": known["wave"]},
        data=lambda known: {"reason": "样本串行"},
        open_to=OWNER,
    ),
    Row("surveys:upload", open_to=MAKERS),
    Row(
        "surveys:upload",
        method="POST",
        data=lambda known: {
            "tree": "cast", "element": "survey_satisfaction", "period": "2025-H2", "agency": "某公司",
            "file": SimpleUploadedFile("wave.csv", FILE.encode(), "text/csv"),
        },
        open_to=MAKERS,
    ),
    Row(
        "surveys:template",
        method="POST",
        data=lambda known: {"tree": "cast", "level": "county"},
        open_to=MAKERS,
    ),
    Row("surveys:import", kwargs=lambda known: {"import_id": known["import"]}, open_to=OWNER),
    Row("surveys:confirm", method="POST", kwargs=lambda known: {"import_id": known["import"]}, open_to=OWNER),
]  # fmt: skip
