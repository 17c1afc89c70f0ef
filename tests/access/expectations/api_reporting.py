"""The API's doors to report forms: open exactly as far as the pages are."""

from __future__ import annotations

from typing import Any

from tests.access.cast import Cast
from tests.access.doors import Known, Row, everyone_signed_in, roles
from tests.access.expectations import reporting

JSON = "application/json"
PREPARED = reporting.FILLERS | reporting.REVIEWERS


def prepare(cast: Cast) -> Known:
    return reporting.prepare(cast)


def at(known: Known) -> dict[str, Any]:
    return {"form": known["code"], "period": known["period"], "region_id": known["region"]}


def other(known: Known) -> dict[str, Any]:
    return {**at(known), "region_id": known["other"]}


ROWS = [
    # Everybody gets their own list; who fills nothing in gets an empty one.
    Row("api:v1:list_due", open_to=everyone_signed_in()),
    Row("api:v1:get_report", kwargs=at, open_to=PREPARED),
    Row(
        "api:v1:put_cells",
        method="POST",
        kwargs=other,
        data=lambda known: {"cells": [{"cell": "due", "value": "22", "version": 1}]},
        content_type=JSON,
        open_to=roles("reporter", relations=("own", "ancestor")),
    ),
    Row(
        "api:v1:submit_report",
        method="POST",
        kwargs=other,
        data=lambda known: {},
        content_type=JSON,
        open_to=roles("reporter", relations=("own", "ancestor")),
    ),
    Row(
        "api:v1:withdraw_report",
        method="POST",
        kwargs=at,
        content_type=JSON,
        open_to=reporting.FILLERS,
    ),
]
