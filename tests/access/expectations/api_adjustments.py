"""The API's doors to entries and vetoes of county A: open exactly as far as the pages are."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, everyone_signed_in
from tests.access.expectations import adjustments
from tests.access.expectations.adjustments import (
    EVIDENCE,
    MONTH,
    OWN_MAKERS,
    SEERS,
    SIGNERS,
    SPEAKERS,
    entry,
    reason,
    veto,
)

JSON = "application/json"
prepare = adjustments.prepare


def lists_own_only(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = len(response.json()["items"])  # type: ignore[attr-defined]
    assert shown == ((member.role, member.relation) in SEERS)


ROWS = [
    Row("api:v1:list_entries", open_to=everyone_signed_in(), sees=lists_own_only),
    Row("api:v1:list_vetoes", open_to=everyone_signed_in(), sees=lists_own_only),
    Row("api:v1:get_entry", kwargs=entry, open_to=SEERS),
    Row("api:v1:get_veto", kwargs=veto, open_to=SEERS),
    Row(
        "api:v1:propose_entry",
        method="POST",
        data=lambda known: {
            "region": known["county"], "scorecard": "card", "line": "bonus", "indicator": "CASES",
            "period": MONTH, "count": "1", "reason": "获部级表彰",
            "evidence": SimpleUploadedFile("a.csv", EVIDENCE, "text/csv"),
        },
        open_to=OWN_MAKERS,
    ),
    Row(
        "api:v1:approve_entry", method="POST", kwargs=entry, data=lambda known: {}, content_type=JSON,
        open_to=SIGNERS,
    ),
    Row(
        "api:v1:refuse_entry", method="POST", kwargs=entry, data=reason, content_type=JSON, open_to=SIGNERS
    ),
    Row(
        "api:v1:withdraw_entry", method="POST", kwargs=entry, data=reason, content_type=JSON,
        open_to=SIGNERS | {("analyst", "ancestor")},
    ),
    Row(
        "api:v1:reply_to_veto", method="POST", kwargs=veto, data=lambda known: {"text": "案件系外地流入"},
        content_type=JSON, open_to=SPEAKERS,
    ),
    Row(
        # The place still has time to reply: a signer gets as far as being told so.
        "api:v1:decide_veto", method="POST", kwargs=veto,
        data=lambda known: {"applies": True, "reason": "事实清楚"}, content_type=JSON, open_to=SIGNERS,
        admitted=(409,),
    ),
]  # fmt: skip
