"""Sheets of county A: worked on by those who read its figures, sent ones for readers of its results too."""

from __future__ import annotations

from jingtu.assessment.outputs import services
from jingtu.core.kernel.actor import SYSTEM
from tests.access.cast import Cast
from tests.access.doors import Known, Row, business, everyone_signed_in, roles
from tests.assessment.office import MONTH, Office
from tests.assessment.outputs.layouts import LAYOUT

FACT_READERS = roles("analyst", "reviewer", "leader", "reporter", relations=("own", "ancestor"))
FILLERS = roles("analyst", "reviewer", relations=("own", "ancestor"))
DRAFTERS = roles("analyst", "system_administrator")


def prepare(cast: Cast) -> Known:
    Office(cast)
    services.save_layout(SYSTEM, LAYOUT, "初版")
    county, analyst = cast.places["county_a"], cast.actor("analyst", "own")
    sent = services.make_sheet(analyst, "performance", county.pk, MONTH)
    services.send(cast.actor("reviewer", "own"), sent.pk)
    sheet = services.make_sheet(SYSTEM, "performance", county.pk, MONTH)
    return {"sheet": sheet.pk, "sent": sent.pk, "county": county.pk}


def _sheet(known: Known) -> dict[str, object]:
    return {"sheet_id": known["sheet"]}


ROWS = [
    Row("outputs:list", open_to=business() | DRAFTERS),
    Row(
        "outputs:list",
        method="POST",
        data=lambda known: {"layout": "performance", "region": str(known["county"]), "period": "2026-08"},
        open_to=roles("analyst", "reviewer", relations=("own", "ancestor")),
        refused=(403, 404, 422),
    ),
    Row("outputs:detail", kwargs=_sheet, open_to=FACT_READERS),
    Row(
        "outputs:detail",
        kwargs=lambda known: {"sheet_id": known["sent"]},
        open_to=business("own", "ancestor"),
    ),
    Row(
        "outputs:export",
        kwargs=lambda known: {"sheet_id": known["sheet"], "extension": "xlsx"},
        open_to=FACT_READERS,
    ),
    Row(
        "outputs:confirm",
        method="POST",
        kwargs=lambda known: {"sheet_id": known["sheet"], "row": "cases"},
        data=lambda known: {"seen": "13"},
        open_to=FILLERS,
    ),
    Row(
        "outputs:item",
        kwargs=lambda known: {"sheet_id": known["sheet"], "row": "practice"},
        open_to=FILLERS,
    ),
    Row(
        "outputs:item",
        method="POST",
        kwargs=lambda known: {"sheet_id": known["sheet"], "row": "practice"},
        data=lambda known: {"text": "月调度", "note": ""},
        open_to=FILLERS,
    ),
    Row("outputs:send", method="POST", kwargs=_sheet, open_to=FILLERS),
    Row("outputs:layouts", open_to=business() | DRAFTERS),
    Row("outputs:layout", kwargs=lambda known: {"code": "performance"}, open_to=business() | DRAFTERS),
    Row("outputs:layout-new", open_to=DRAFTERS),
    Row("outputs:layout-edit", kwargs=lambda known: {"code": "performance"}, open_to=DRAFTERS),
    Row(
        "outputs:layout-edit",
        method="POST",
        kwargs=lambda known: {"code": "performance"},
        data=lambda known: {"text": LAYOUT.replace("zh: 案件", "zh: 破案"), "reason": "改名"},
        open_to=DRAFTERS,
    ),
    Row("api:v1:list_output_layouts", open_to=everyone_signed_in()),
    Row("api:v1:list_output_sheets", open_to=everyone_signed_in()),
    Row("api:v1:get_output_sheet", kwargs=_sheet, open_to=FACT_READERS),
]
