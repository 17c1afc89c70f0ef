"""Entries and a veto of county A: the entry of the city's analyst waits, the veto waits for a reply."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from jingtu.assessment.adjustments import services
from jingtu.assessment.adjustments.models import VetoCase
from jingtu.assessment.runs.services import prepare as prepare_run
from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, business, roles
from tests.assessment.office import BONUS_AND_VETO, CATALOGUE, MONTH, Office, version_of

READERS = business()
SEERS = business("own", "ancestor")
MAKERS = roles("analyst", "reporter", "reviewer")
OWN_MAKERS = roles("analyst", "reporter", "reviewer", relations=("own", "ancestor"))
SIGNERS = roles("reviewer", relations=("own", "ancestor"))
SPEAKERS = roles("analyst", "reporter", relations=("own", "ancestor"))
EVIDENCE = b"a,b\n1,2\n"


def prepare(cast: Cast) -> Known:
    office = Office(cast)
    version_of(CATALOGUE + BONUS_AND_VETO)
    county = cast.places["county_a"]
    entry = services.enter(
        office.analyst, county, "card", "bonus", "CASES", MONTH, "1", "获省级表彰", [("a.csv", [EVIDENCE])]
    )
    prepare_run(office.analyst, office.new_run().pk)
    return {"entry": entry.pk, "veto": VetoCase.objects.get(region=county).pk, "county": county.pk}


def lists_own_only(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = len(response.context["page"])  # type: ignore[attr-defined]
    assert shown == ((member.role, member.relation) in SEERS)


def entry(known: Known) -> dict[str, int]:
    return {"entry_id": known["entry"]}


def veto(known: Known) -> dict[str, int]:
    return {"case_id": known["veto"]}


def reason(known: Known) -> dict[str, str]:
    return {"reason": "理由充分"}


ROWS = [
    Row("adjustments:list", open_to=READERS, sees=lists_own_only),
    Row("adjustments:vetoes", open_to=READERS, sees=lists_own_only),
    Row("adjustments:entry", kwargs=entry, open_to=SEERS),
    Row("adjustments:veto", kwargs=veto, open_to=SEERS),
    Row("adjustments:new", open_to=MAKERS),
    Row(
        "adjustments:new",
        method="POST",
        data=lambda known: {
            "line": "card|bonus|CASES", "region": known["county"], "period": MONTH, "count": "1",
            "reason": "获部级表彰", "evidence": SimpleUploadedFile("a.csv", EVIDENCE, "text/csv"),
        },
        open_to=OWN_MAKERS,
        refused=(400, 403, 404),
    ),
    Row("adjustments:approve", method="POST", kwargs=entry, open_to=SIGNERS),
    Row("adjustments:refuse", method="POST", kwargs=entry, data=reason, open_to=SIGNERS),
    Row(
        "adjustments:withdraw", method="POST", kwargs=entry, data=reason,
        open_to=SIGNERS | {("analyst", "ancestor")},
    ),
    Row("adjustments:reply", method="POST", kwargs=veto, data=reason, open_to=SPEAKERS),
    Row("adjustments:decide-veto", kwargs=veto, open_to=SIGNERS),
    Row(
        "adjustments:decide-veto",
        method="POST",
        kwargs=veto,
        data=lambda known: {"reason": "理由充分", "outcome": "apply"},
        open_to=SIGNERS,
        admitted=(400,),
    ),
]  # fmt: skip
