"""The API's doors to proposing and deciding targets of county A: open exactly as far as the pages are."""

from __future__ import annotations

from typing import Any

from tests.access.doors import Known, Row
from tests.access.expectations import targets
from tests.access.expectations.targets import OWN_MAKERS, SEERS, SIGNERS, target

JSON = "application/json"
prepare = targets.prepare


def proposed(known: Known) -> dict[str, int]:
    return {"target_id": known["proposed"]}


def new(known: Known) -> dict[str, Any]:
    return {
        "tree": "cast", "indicator": "RATE", "region": known["county"], "period": "2028",
        "requirement": ">= 95", "reason": "市里下达",
    }  # fmt: skip


def reason(known: Known) -> dict[str, str]:
    return {"reason": "理由充分"}


ROWS = [
    Row("api:v1:get_target", kwargs=target, open_to=SEERS),
    Row("api:v1:get_target", kwargs=proposed, open_to=OWN_MAKERS | SIGNERS),
    Row("api:v1:propose_target", method="POST", data=new, content_type=JSON, open_to=OWN_MAKERS),
    Row(
        "api:v1:approve_target", method="POST", kwargs=proposed, data=reason, content_type=JSON, open_to=SIGNERS
    ),
    Row(
        "api:v1:reject_target", method="POST", kwargs=proposed, data=reason, content_type=JSON, open_to=SIGNERS
    ),
    Row(
        "api:v1:withdraw_target", method="POST", kwargs=proposed, data=reason, content_type=JSON,
        open_to=OWN_MAKERS,
    ),
]  # fmt: skip
