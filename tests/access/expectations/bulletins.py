"""The bulletin of a published run of county A."""

from __future__ import annotations

from django.http import HttpResponse

from jingtu.assessment.bulletins import services as bulletins
from jingtu.assessment.runs import services as runs
from tests.access.cast import Cast, Member
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
    return {"bulletin": bulletin.pk, "run": publish("2026-08")}


def lists_only_to_readers(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {bulletin.pk for bulletin in response.context["page"]}  # type: ignore[attr-defined]
    assert shown == ({known["bulletin"]} if (member.role, member.relation) in READERS else set())


ROWS = [
    Row("bulletins:list", open_to=business(), sees=lists_only_to_readers),
    Row("bulletins:detail", kwargs=lambda known: {"bulletin_id": known["bulletin"]}, open_to=READERS),
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
        data=lambda known: {"number": "", "issuer_zh": "甲县禁毒办", "issuer_en": "", "distribution": ""},
        open_to=MAKERS,
    ),
]
