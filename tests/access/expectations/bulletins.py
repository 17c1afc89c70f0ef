"""The bulletin of a published run of county A."""

from __future__ import annotations

from django.http import HttpResponse

from jingtu.assessment.bulletins import distributing
from jingtu.assessment.bulletins import services as bulletins
from jingtu.assessment.bulletins.distributing import Entry
from jingtu.assessment.bulletins.rules import EntryKind
from jingtu.assessment.runs import services as runs
from tests.access.cast import BUSINESS_ROLES, Cast, Member
from tests.access.doors import Known, Row, business, roles
from tests.assessment.office import FIGURES, MONTH, Office

MAKERS = roles("analyst", "reviewer", relations=("own", "ancestor"))
READERS = business("own", "ancestor", "descendant")


def prepare(cast: Cast) -> Known:
    office = Office(cast)
    county, analyst, reviewer = (
        cast.places["county_a"],
        cast.actor("analyst", "own"),
        cast.actor("reviewer", "own"),
    )
    office.report("2026-08", {**FIGURES, "township_a": (40, 41, 5)})

    def publish(month: str) -> int:
        run = runs.prepare(analyst, runs.create_run(analyst, county, "township", "card", month).pk)
        for finding in run.findings.filter(state="open", severity="error"):
            runs.override_finding(reviewer, finding.pk, "已电话核实")
        runs.submit_for_review(analyst, run.pk)
        return runs.approve_and_publish(reviewer, run.pk).pk

    bulletin = bulletins.issue(analyst, publish(MONTH), number="甲禁办〔2026〕9号", issuer_zh="甲县禁毒办")
    sent = distributing.save_list(analyst, county.pk, "本县", [Entry(EntryKind.REGION, county.pk)])
    distributing.distribute(analyst, bulletin.pk, sent.pk)
    return {"bulletin": bulletin.pk, "run": publish("2026-08"), "list": sent.pk}


def lists_only_to_readers(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {bulletin.pk for bulletin in response.context["page"]}  # type: ignore[attr-defined]
    assert shown == ({known["bulletin"]} if (member.role, member.relation) in READERS else set())


def shows_all_receipts_to_the_makers_only(
    response: HttpResponse, member: Member, cast: Cast, known: Known
) -> None:
    rows = response.context["receipts"]  # type: ignore[attr-defined]
    if (member.role, member.relation) in MAKERS:
        assert len(rows) == len(BUSINESS_ROLES)
    else:
        assert [row.user for row in rows] == ([member.user] if member.relation == "own" else []), member.name


def _bulletin(known: Known) -> dict[str, int]:
    return {"bulletin_id": known["bulletin"]}


ROWS = [
    Row("bulletins:lists", open_to=roles("analyst", "reviewer")),
    Row("bulletins:edit-list", open_to=roles("analyst", "reviewer")),
    Row(
        "bulletins:edit-list",
        method="POST",
        data=lambda known: {"region": "1", "name": "x"},
        open_to=frozenset(),
        refused=(400, 403),
    ),
    Row(
        "bulletins:send",
        method="POST",
        kwargs=_bulletin,
        data=lambda known: {"list": str(known["list"])},
        open_to=MAKERS,
    ),
    Row("bulletins:remind", method="POST", kwargs=_bulletin, open_to=MAKERS),
    # It was sent to the people of county A; others who may read it have nothing to confirm.
    Row(
        "bulletins:confirm",
        method="POST",
        kwargs=_bulletin,
        open_to=business("own"),
        refused=(403, 404, 409),
    ),
    Row("api:v1:list_receipts", kwargs=_bulletin, open_to=READERS),
    Row(
        "api:v1:give_receipt",
        method="POST",
        content_type="application/json",
        kwargs=_bulletin,
        data=lambda known: {},
        open_to=business("own"),
        refused=(403, 404, 409),
    ),
    Row("bulletins:list", open_to=business(), sees=lists_only_to_readers),
    Row(
        "bulletins:detail",
        kwargs=_bulletin,
        open_to=READERS,
        sees=shows_all_receipts_to_the_makers_only,
    ),
    Row(
        "bulletins:download",
        kwargs=lambda known: {"bulletin_id": known["bulletin"], "language": "zh", "extension": "xlsx"},
        open_to=READERS,
    ),
    Row("bulletins:issue", kwargs=lambda known: {"run_id": known["run"]}, open_to=MAKERS),
    Row(
        "bulletins:issue",
        method="POST",
        kwargs=lambda known: {"run_id": known["run"]},
        data=lambda known: {
            "kind": "full",
            "number": "",
            "issuer_zh": "甲县禁毒办",
            "issuer_en": "",
            "distribution": "",
        },
        open_to=MAKERS,
    ),
]
