"""Runs of county A: its townships ranked. One is published, with a corrected version in review behind it,
one is a draft with an open finding, one is open to appeal, one is signed and not released yet.
(September, August, May and June of the office's figures.)"""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse

from jingtu.assessment.runs import services
from jingtu.assessment.runs.models import Run
from jingtu.core.kernel.clock import now
from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, business, roles
from tests.assessment.office import FIGURES, MONTH, Office

MAKERS = roles("analyst", relations=("own", "ancestor"))
SIGNERS = roles("reviewer", relations=("own", "ancestor"))
WORKERS = MAKERS | SIGNERS
# The township that reported more people than were due is asked; whoever reports for it or above may reply.
UNIT = roles("reporter", relations=("own", "ancestor", "descendant"))
ASKED = WORKERS | UNIT
# Readers: those whose own region lies inside the run's, or around it.
READERS = business("own", "ancestor", "descendant")


def prepare(cast: Cast) -> Known:
    office = Office(cast)
    county, analyst, reviewer = (
        cast.places["county_a"],
        cast.actor("analyst", "own"),
        cast.actor("reviewer", "own"),
    )
    office.report("2026-08", {**FIGURES, "township_a": (40, 41, 5)})

    def prepared(month: str) -> Run:
        run = services.create_run(analyst, county, "township", "card", month)
        return services.prepare(analyst, run.pk)

    published = services.submit_for_review(analyst, prepared(MONTH).pk)
    services.approve_and_publish(reviewer, published.pk)
    office.change("township_a2", "done", 18)
    corrected = services.submit_for_review(analyst, services.correct(analyst, published.pk, "甲二镇漏报").pk)
    draft = prepared("2026-08")
    office.report("2026-05", FIGURES)
    office.report("2026-06", FIGURES)
    appeal = services.submit_for_review(analyst, prepared("2026-05").pk)
    services.open_for_appeal(reviewer, appeal.pk, days=5)
    embargoed = services.submit_for_review(analyst, prepared("2026-06").pk)
    services.approve_and_publish(reviewer, embargoed.pk, release_at=now() + dt.timedelta(days=3))
    finding = draft.findings.filter(severity="error")[0]
    return {
        "published": published.pk,
        "review": corrected.pk,
        "draft": draft.pk,
        "appeal": appeal.pk,
        "embargoed": embargoed.pk,
        "finding": finding.pk,
        "other": cast.places["township_a2"].pk,
    }


def lists_only_what_may_be_known(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {run.pk for run in response.context["page"]}  # type: ignore[attr-defined]
    who = (member.role, member.relation)
    if who in WORKERS:
        assert shown == {known[name] for name in ("published", "review", "draft", "appeal", "embargoed")}
    elif who in READERS:
        assert shown == {known["published"]}
    else:
        assert shown == set()


def shows_findings_to_workers_only(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    page = response.context["page"]  # type: ignore[attr-defined]
    if (member.role, member.relation) not in WORKERS:
        assert not page.findings
        assert not page.history
        assert not page.changes
        assert [run.pk for run in page.versions] == [known["published"]]


def lists_what_one_was_asked(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {row.finding.pk for row in response.context["rows"]}  # type: ignore[attr-defined]
    who = (member.role, member.relation)
    assert (known["finding"] in shown) is (who in ASKED), member.name
    if who not in ASKED:
        assert not shown, member.name


def tells_the_unit_no_figure(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    line = response.context["line"]  # type: ignore[attr-defined]
    assert ("41" in line.sentence) is line.works
    assert line.works is ((member.role, member.relation) in WORKERS), member.name


REASON = {"reason": "核实后办理"}


def reason(known: Known) -> dict[str, str]:
    return dict(REASON)


def opens_nothing_of_siblings(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    """Below the published value of another township a township's people see nothing."""
    found = response.context["found"]  # type: ignore[attr-defined]
    kinds = {step.kind for step in found.root.walk()}
    assert found.closed == (member.relation == "descendant")
    if found.closed:
        assert not kinds & {"operand", "child", "fact", "missing"}
        assert not found.batches
        assert "/" not in found.sentence


def judges_own_places_only(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {row.region_id for row in response.context["found"].rows}  # type: ignore[attr-defined]
    townships = {cast.places["township_a"].pk, cast.places["township_a2"].pk}
    assert shown == (townships if member.relation != "descendant" else {cast.places["township_a"].pk})


ROWS = [
    Row("runs:list", open_to=business(), sees=lists_only_what_may_be_known),
    Row("runs:new", open_to=roles("analyst")),
    Row(
        "runs:new",
        method="POST",
        data=lambda known: {"region": "1", "scorecard": "card", "period": MONTH},
        open_to=frozenset(),
        refused=(400, 403),
    ),
    Row(
        "runs:detail",
        kwargs=lambda known: {"run_id": known["published"]},
        open_to=READERS,
        sees=shows_findings_to_workers_only,
    ),
    Row("runs:detail", kwargs=lambda known: {"run_id": known["draft"]}, open_to=WORKERS),
    Row("runs:detail", kwargs=lambda known: {"run_id": known["appeal"]}, open_to=WORKERS),
    Row("runs:detail", kwargs=lambda known: {"run_id": known["embargoed"]}, open_to=WORKERS),
    Row("runs:scorecard", kwargs=lambda known: {"run_id": known["appeal"]}, open_to=WORKERS),
    Row("runs:scorecard", kwargs=lambda known: {"run_id": known["embargoed"]}, open_to=WORKERS),
    Row("runs:explain", kwargs=lambda known: {"run_id": known["embargoed"]}, open_to=WORKERS),
    Row(
        "runs:open-appeal",
        method="POST",
        kwargs=lambda known: {"run_id": known["review"]},
        data=lambda known: {"days": "5", "reason": ""},
        open_to=SIGNERS,
    ),
    Row("runs:open-appeal", kwargs=lambda known: {"run_id": known["review"]}, open_to=SIGNERS),
    Row(
        "runs:release",
        method="POST",
        kwargs=lambda known: {"run_id": known["embargoed"]},
        data=reason,
        open_to=SIGNERS,
    ),
    Row("runs:release-rules", open_to=roles("analyst", "reviewer")),
    Row("runs:set-release-rule", open_to=roles("reviewer")),
    Row(
        "runs:set-release-rule",
        method="POST",
        data=lambda known: {
            "region": "1",
            "appeal_days": "3",
            "objection_days": "5",
            "examine_days": "2",
            "decide_days": "5",
        },
        open_to=frozenset(),
        refused=(400, 403),
    ),
    Row("runs:scorecard", kwargs=lambda known: {"run_id": known["published"]}, open_to=READERS),
    Row("runs:scorecard", kwargs=lambda known: {"run_id": known["draft"]}, open_to=WORKERS),
    Row(
        "runs:explain",
        kwargs=lambda known: {"run_id": known["published"]},
        data=lambda known: {"region": known["other"], "indicator": "RATE"},
        open_to=READERS,
        sees=opens_nothing_of_siblings,
    ),
    Row("runs:explain", kwargs=lambda known: {"run_id": known["draft"]}, open_to=WORKERS),
    Row(
        "runs:groups",
        kwargs=lambda known: {"run_id": known["published"]},
        open_to=READERS,
        sees=judges_own_places_only,
    ),
    Row("runs:groups", kwargs=lambda known: {"run_id": known["draft"]}, open_to=WORKERS),
    Row("runs:group", kwargs=lambda known: {"run_id": known["published"], "code": "both"}, open_to=READERS),
    Row(
        "runs:group",
        kwargs=lambda known: {"run_id": known["published"], "code": "both"},
        data=lambda known: {"region": known["other"]},
        open_to=business("own", "ancestor"),
    ),
    Row(
        "runs:group-csv", kwargs=lambda known: {"run_id": known["published"], "code": "both"}, open_to=READERS
    ),
    # Short addresses only lead on; the page behind them decides.
    Row("runs-short:total", kwargs=lambda known: {"run_id": 1, "region_id": 1}, open_to=business()),
    Row(
        "runs-short:indicator",
        kwargs=lambda known: {"run_id": 1, "region_id": 1, "indicator": "RATE"},
        open_to=business(),
    ),
    Row("runs:detail", kwargs=lambda known: {"run_id": known["review"]}, open_to=WORKERS),
    Row("runs:since", method="POST", kwargs=lambda known: {"run_id": known["draft"]}, open_to=WORKERS),
    Row("runs:compute", method="POST", kwargs=lambda known: {"run_id": known["draft"]}, open_to=MAKERS),
    Row("runs:check", method="POST", kwargs=lambda known: {"run_id": known["draft"]}, open_to=MAKERS),
    # The draft still has an open error, so even its maker is told that it cannot be submitted.
    Row(
        "runs:submit",
        method="POST",
        kwargs=lambda known: {"run_id": known["draft"]},
        data=reason,
        open_to=MAKERS,
        admitted=(409,),
    ),
    Row(
        "runs:send-back",
        method="POST",
        kwargs=lambda known: {"run_id": known["review"]},
        data=reason,
        open_to=SIGNERS,
    ),
    Row(
        "runs:publish",
        method="POST",
        kwargs=lambda known: {"run_id": known["review"]},
        data=reason,
        open_to=SIGNERS,
    ),
    Row("runs:publish", kwargs=lambda known: {"run_id": known["review"]}, open_to=SIGNERS),
    Row(
        "runs:correct",
        method="POST",
        kwargs=lambda known: {"run_id": known["published"]},
        data=reason,
        open_to=MAKERS,
        admitted=(409,),  # one is in review already
    ),
    Row(
        "runs:withdraw",
        method="POST",
        kwargs=lambda known: {"run_id": known["published"]},
        data=reason,
        open_to=SIGNERS,
    ),
    Row(
        "runs:withdraw",
        method="POST",
        kwargs=lambda known: {"run_id": known["draft"]},
        data=reason,
        open_to=MAKERS,
    ),
    Row("runs:differences", kwargs=lambda known: {"run_id": known["review"]}, open_to=WORKERS),
    Row("runs:publication", kwargs=lambda known: {"run_id": known["published"]}, open_to=WORKERS),
    Row(
        "runs:answer",
        method="POST",
        kwargs=lambda known: {"finding_id": known["finding"]},
        data=reason,
        open_to=MAKERS,
    ),
    Row("findings:list", open_to=roles("analyst", "reviewer", "reporter"), sees=lists_what_one_was_asked),
    Row(
        "findings:detail",
        kwargs=lambda known: {"finding_id": known["finding"]},
        open_to=ASKED,
        sees=tells_the_unit_no_figure,
    ),
    Row(
        "findings:reply",
        method="POST",
        kwargs=lambda known: {"finding_id": known["finding"]},
        data=reason,
        open_to=UNIT,
    ),
    # Nobody has replied yet, so those who may are told that there is nothing to return or to accept.
    Row(
        "findings:return",
        method="POST",
        kwargs=lambda known: {"finding_id": known["finding"]},
        data=reason,
        open_to=WORKERS,
        admitted=(409,),
    ),
    Row(
        "findings:accept",
        method="POST",
        kwargs=lambda known: {"finding_id": known["finding"]},
        data=reason,
        open_to=MAKERS,
        admitted=(409,),
    ),
    Row(
        "findings:assign",
        method="POST",
        data=lambda known: {"finding": known["finding"], "owner": "unit"},
        open_to=MAKERS,
    ),
    Row(
        "runs:override",
        method="POST",
        kwargs=lambda known: {"finding_id": known["finding"]},
        data=reason,
        open_to=SIGNERS,
    ),
]
