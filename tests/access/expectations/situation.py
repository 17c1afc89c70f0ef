"""Signed situation reports are for readers of the region; drafts for those who prepare or sign them."""

from __future__ import annotations

from jingtu.assessment.situation.models import SituationReport
from tests.access.cast import Cast
from tests.access.doors import Known, Row, business, everyone_signed_in, roles

CONTENT = {
    "area": "甲县",
    "area_en": "County A",
    "fictional": False,
    "period": "2025",
    "limit": 5,
    "figures": [],
    "compositions": [],
    "laboratories": {"state": "missing", "value": None, "last_year": None},
    "alerts": {"all": 0, "critical": 0, "warning": 0, "info": 0, "overdue": 0},
    "facts": [],
}
WORKERS = roles("analyst", "reviewer", relations=("own", "ancestor"))
READERS = business("own", "ancestor")
WORKERS_OF_DRAFTS = roles("analyst", relations=("own", "ancestor"))
JSON = "application/json"


def prepare(cast: Cast) -> Known:
    made = {
        state: SituationReport.objects.create(
            region=cast.places["county_a"],
            period=period,
            state="review" if state == "second" else state,
            content=CONTENT,
            digest="0" * 64,
            prepared_by=cast.user("analyst", "own"),
        ).pk
        for state, period in (("draft", "2024"), ("review", "2023"), ("second", "2022"), ("issued", "2025"))
    }
    return {**made, "county": cast.places["county_a"].pk}


ROWS = [
    Row("situation:list", open_to=business()),
    Row("situation:detail", kwargs=lambda known: {"report_id": known["issued"]}, open_to=READERS),
    Row("situation:detail", kwargs=lambda known: {"report_id": known["draft"]}, open_to=WORKERS),
    Row(
        "situation:act",
        method="POST",
        kwargs=lambda known: {"report_id": known["draft"], "action": "submit"},
        open_to=roles("analyst", relations=("own", "ancestor")),
    ),
    Row(
        "situation:act",
        method="POST",
        kwargs=lambda known: {"report_id": known["review"], "action": "return"},
        data=lambda known: {"reason": "再核"},
        open_to=roles("reviewer", relations=("own", "ancestor")),
    ),
    Row(
        "situation:download",
        kwargs=lambda known: {"report_id": known["issued"], "language": "zh", "extension": "pdf"},
        # Nothing was printed here: a reader gets as far as "no such file", like everybody else.
        open_to=frozenset(),
    ),
    Row("api:v1:list_situation_reports", open_to=everyone_signed_in()),
    Row(
        "api:v1:draft_situation_report",
        method="POST",
        content_type=JSON,
        data=lambda known: {"region": known["county"], "period": "2025"},
        # There is no catalogue here to draft from; whoever may draft gets as far as that.
        open_to=frozenset(),
        refused=(403, 404),
    ),
    Row("api:v1:get_situation_report", kwargs=lambda known: {"report_id": known["issued"]}, open_to=READERS),
    Row(
        "api:v1:submit_situation_report",
        method="POST",
        content_type=JSON,
        kwargs=lambda known: {"report_id": known["draft"]},
        data=lambda known: {},
        open_to=WORKERS_OF_DRAFTS,
    ),
    Row(
        "api:v1:return_situation_report",
        method="POST",
        content_type=JSON,
        kwargs=lambda known: {"report_id": known["review"]},
        data=lambda known: {"reason": "再核"},
        open_to=roles("reviewer", relations=("own", "ancestor")),
    ),
    Row(
        "api:v1:approve_situation_report",
        method="POST",
        content_type=JSON,
        kwargs=lambda known: {"report_id": known["second"]},
        data=lambda known: {"issuer_zh": "甲县禁毒办"},
        open_to=roles("reviewer", relations=("own", "ancestor")),
    ),
    Row(
        "api:v1:get_situation_file",
        kwargs=lambda known: {"report_id": known["issued"], "language": "zh", "format": "pdf"},
        open_to=frozenset(),
    ),
]
