"""The API's doors to alerts of county A: open exactly as far as the pages are."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, everyone_signed_in
from tests.access.expectations import alerts
from tests.access.expectations.alerts import DISMISSERS, HANDLERS, READERS, WORKERS

JSON = "application/json"
prepare = alerts.prepare


def lists_only_what_may_be_known(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {row["id"] for row in response.json()["items"]} & set(known.values())  # type: ignore[attr-defined]
    who = (member.role, member.relation)
    if who in WORKERS:
        assert shown == set(known.values())
    else:
        assert shown == ({known["published"]} if who in READERS else set()), member.name


def of(name: str, **more: str) -> Any:
    return lambda known: {"alert_id": known[name], **more}


def _act(act: str, who: Any) -> Row:
    return Row(
        "api:v1:act_on_alert",
        method="POST",
        content_type=JSON,
        kwargs=of("published", act=act),
        data=lambda known: {"reason": "核实后办理"},
        open_to=who,
    )


ROWS = [
    Row(
        "api:v1:list_alerts",
        data=lambda known: {"state": ""},
        open_to=everyone_signed_in(),
        sees=lists_only_what_may_be_known,
    ),
    Row("api:v1:get_alert", kwargs=of("published"), open_to=READERS),
    Row("api:v1:get_alert", kwargs=of("few"), open_to=WORKERS),
    _act("acknowledge", HANDLERS),
    _act("resolve", HANDLERS),
    _act("dismiss", DISMISSERS),
]
