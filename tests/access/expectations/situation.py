"""Signed situation reports are for readers of the region; drafts for those who prepare or sign them."""

from __future__ import annotations

from jingtu.assessment.situation.models import SituationReport
from tests.access.cast import Cast
from tests.access.doors import Known, Row, business, roles

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


def prepare(cast: Cast) -> Known:
    return {
        state: SituationReport.objects.create(
            region=cast.places["county_a"],
            period=period,
            state=state,
            content=CONTENT,
            digest="0" * 64,
            prepared_by=cast.user("analyst", "own"),
        ).pk
        for state, period in (("draft", "2024"), ("review", "2023"), ("issued", "2025"))
    }


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
]
