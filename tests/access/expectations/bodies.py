"""Bodies of county A: read by who reads duties over it, kept by its secretaries; a report is issued by another."""

from __future__ import annotations

import datetime as dt

from jingtu.core.kernel.actor import SYSTEM
from jingtu.governance.duties.bodies import reports, services
from jingtu.governance.duties.bodies.models import BodyReport
from jingtu.governance.duties.bodies.rules import CapacityKind
from jingtu.governance.duties.bodies.services import Draft
from tests.access.cast import Cast
from tests.access.doors import Known, Row, roles

READING = ("analyst", "reviewer", "leader", "secretary", "reporter")
READERS = roles(*READING, relations=("own", "ancestor"))
KEEPERS = roles("secretary", relations=("own", "ancestor"))
ISSUERS = roles("secretary", "leader", relations=("own", "ancestor"))
SINCE = dt.date(2026, 1, 1)


def prepare(cast: Cast) -> Known:
    county = cast.places["county_a"].pk
    group = services.found_body(SYSTEM, county, Draft("leading_group", "领导小组"))
    body = services.found_body(SYSTEM, county, Draft("headquarters", "指挥部", parent_id=group.pk))
    member = services.appoint(SYSTEM, body.pk, "member", name="示例", starts=SINCE)
    entered = services.record_capacity(SYSTEM, body.pk, CapacityKind.PREMISES, SINCE, text="两间")
    draft = reports.draft_report(SYSTEM, body.pk, "2026-01")
    issued = reports.draft_report(SYSTEM, body.pk, "2026-02")
    BodyReport.objects.filter(pk=issued.pk).update(prepared_by=cast.user("secretary", "outsider"))
    reports.issue_report(SYSTEM, issued.pk)
    return {
        "body": body.pk,
        "group": group.pk,
        "member": member.pk,
        "record": entered.pk,
        "draft": draft.pk,
        "issued": issued.pk,
        "county": county,
    }


def _body(known: Known) -> dict[str, object]:
    return {"body_id": known["body"]}


def _draft(known: Known) -> dict[str, object]:
    return {"report_id": known["draft"]}


ROWS = [
    Row("bodies:list", open_to=roles(*READING)),
    Row("bodies:terms", open_to=roles(*READING)),
    Row("bodies:detail", kwargs=_body, open_to=READERS),
    Row("bodies:new", open_to=roles("secretary")),
    Row(
        "bodies:new",
        method="POST",
        data=lambda known: {"region": str(known["county"]), "kind": "office", "name": "禁毒办"},
        open_to=KEEPERS,
        refused=(400, 403),
    ),
    Row("bodies:edit", kwargs=_body, open_to=KEEPERS),
    Row("bodies:dissolve", kwargs=_body, open_to=KEEPERS),
    Row(
        "bodies:dissolve",
        method="POST",
        kwargs=_body,
        data=lambda known: {"day": "2026-02-01", "reason": "机构改革"},
        open_to=KEEPERS,
    ),
    Row("bodies:appoint", kwargs=_body, open_to=KEEPERS),
    Row(
        "bodies:appoint",
        method="POST",
        kwargs=_body,
        data=lambda known: {"title": "member", "name": "示例", "starts": "2026-01-01"},
        open_to=KEEPERS,
    ),
    Row("bodies:capacity", kwargs=lambda known: {"body_id": known["body"], "kind": "staff"}, open_to=KEEPERS),
    Row("bodies:term", kwargs=lambda known: {"member_id": known["member"]}, open_to=KEEPERS),
    Row("bodies:withdraw", kwargs=lambda known: {"record_id": known["record"]}, open_to=KEEPERS),
    Row("bodies:draft", kwargs=_body, open_to=KEEPERS),
    Row("bodies:report", kwargs=_draft, open_to=ISSUERS),
    Row("bodies:report", kwargs=lambda known: {"report_id": known["issued"]}, open_to=READERS),
    Row(
        "bodies:report",
        method="POST",
        kwargs=_draft,
        data=lambda known: {"overall": "平稳。"},
        open_to=KEEPERS,
    ),
    Row("bodies:refresh", method="POST", kwargs=_draft, open_to=KEEPERS),
    Row("bodies:issue", method="POST", kwargs=_draft, open_to=ISSUERS),
    Row(
        "bodies:download",
        kwargs=lambda known: {"report_id": known["issued"], "language": "zh", "extension": "pdf"},
        open_to=READERS,
    ),
]
