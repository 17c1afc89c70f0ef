"""The API's doors to runs, results and bulletins of county A: open exactly as far as the pages are."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from jingtu.assessment.bulletins import services as bulletins
from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, everyone_signed_in
from tests.access.expectations import runs
from tests.access.expectations.runs import ASKED, MAKERS, READERS, SIGNERS, UNIT, WORKERS
from tests.assessment.office import MONTH

JSON = "application/json"


def prepare(cast: Cast) -> Known:
    known = runs.prepare(cast)
    issued = bulletins.issue(
        cast.actor("analyst", "own"),
        known["published"],
        number="甲禁办〔2026〕9号",
        issuer_zh="甲县禁毒办",
    )
    return {
        **known,
        "bulletin": issued.pk,
        "county": cast.places["county_a"].pk,
        "small": cast.places["township_a2"].pk,
    }


def content(response: HttpResponse) -> Any:
    return response.json()  # type: ignore[attr-defined]


def lists_only_what_may_be_known(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {run["id"] for run in content(response)["items"]}
    who = (member.role, member.relation)
    if who in WORKERS:
        assert shown == {known[name] for name in ("published", "review", "draft", "appeal", "embargoed")}
    else:
        assert shown == ({known["published"]} if who in READERS else set()), member.name


def names_no_draft_to_readers(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    if (member.role, member.relation) not in WORKERS:
        run = content(response)
        assert run["versions"] == [known["published"]]
        assert (run["changes"], run["actions"], run["open_errors"]) == ([], [], 0)


def findings_for_workers_only(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    if (member.role, member.relation) not in WORKERS:
        assert content(response)["items"] == []


def findings_for_those_asked_only(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {item["id"] for item in content(response)["items"]}
    assert (known["finding"] in shown) is ((member.role, member.relation) in ASKED), member.name


def parts_only_inside_the_own_area(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    """The second township's rate rests on three people: neither its sibling nor a mere reader sees the parts."""
    rate = next(item for item in content(response)["items"] if item["head"]["indicator"] == "RATE")
    exact = member.role in {"analyst", "reviewer"} and member.relation in {"own", "ancestor"}
    assert (rate["numerator"] is not None) is exact, member.name


def closed_to_siblings(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    explained = content(response)
    assert explained["closed"] is (member.relation == "descendant"), member.name
    kinds = set()
    pending = [explained["root"]]
    while pending:
        step = pending.pop()
        kinds.add(step["kind"])
        pending += step["children"]
    if member.relation == "descendant":
        assert not kinds & {"operand", "child", "fact"}, member.name


def listed_to_readers(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {row["id"] for row in content(response)["items"]}
    assert shown == ({known["bulletin"]} if (member.role, member.relation) in READERS else set())


def _run(name: str) -> Any:
    return lambda known: {"run_id": known[name]}


def _reason(known: Known) -> dict[str, str]:
    return {"reason": "核实后办理"}


def _note(known: Known) -> dict[str, str]:
    return {"note": "请审"}


def _act(name: str, run: str, data: Any, open_to: Any, admitted: tuple[int, ...] = (200, 201)) -> Row:
    return Row(
        f"api:v1:{name}",
        method="POST",
        content_type=JSON,
        kwargs=_run(run),
        data=data,
        open_to=open_to,
        admitted=admitted,
    )


def _finding(name: str, open_to: Any, admitted: tuple[int, ...] = (200,)) -> Row:
    return Row(
        f"api:v1:{name}",
        method="POST",
        content_type=JSON,
        kwargs=lambda known: {"finding_id": known["finding"]},
        data=_reason,
        open_to=open_to,
        admitted=admitted,
    )


ROWS = [
    Row("api:v1:list_runs", open_to=everyone_signed_in(), sees=lists_only_what_may_be_known),
    Row(
        "api:v1:create_run",
        method="POST",
        content_type=JSON,
        data=lambda known: {
            "region": known["county"],
            "level": "township",
            "scorecard": "card",
            "period": "2026-07",
        },
        open_to=MAKERS,
    ),
    Row("api:v1:get_run", kwargs=_run("published"), open_to=READERS, sees=names_no_draft_to_readers),
    Row("api:v1:get_run", kwargs=_run("draft"), open_to=WORKERS),
    Row("api:v1:get_run", kwargs=_run("review"), open_to=WORKERS),
    _act("prepare_run", "draft", lambda known: {}, MAKERS),
    Row("api:v1:list_findings", kwargs=_run("draft"), open_to=WORKERS),
    Row("api:v1:list_findings", kwargs=_run("published"), open_to=READERS, sees=findings_for_workers_only),
    Row("api:v1:list_all_findings", open_to=everyone_signed_in(), sees=findings_for_those_asked_only),
    Row(
        "api:v1:get_finding",
        kwargs=lambda known: {"finding_id": known["finding"]},
        open_to=ASKED,
    ),
    _finding("reply_to_finding", UNIT),
    _finding("return_finding", WORKERS, (409,)),
    _finding("accept_finding", MAKERS, (409,)),
    Row(
        "api:v1:assign_findings",
        method="POST",
        data=lambda known: {"findings": [known["finding"]]},
        content_type=JSON,
        open_to=MAKERS,
    ),
    _finding("answer_finding", MAKERS),
    _finding("override_finding", SIGNERS),
    # The draft still has an open error, so even its maker is told that it cannot be submitted.
    _act("submit_run", "draft", _note, MAKERS, (409,)),
    _act("send_back_run", "review", _reason, SIGNERS),
    _act("publish_run", "review", _note, SIGNERS),
    _act("open_run_for_appeal", "review", lambda known: {"days": 3}, SIGNERS),
    _act("release_run", "embargoed", _reason, SIGNERS),
    Row("api:v1:get_run", kwargs=_run("embargoed"), open_to=WORKERS),
    Row("api:v1:get_ranking", kwargs=_run("embargoed"), open_to=WORKERS),
    Row("api:v1:get_ranking", kwargs=_run("appeal"), open_to=WORKERS),
    _act("correct_run", "published", _reason, MAKERS, (409,)),  # one is in review already
    _act("withdraw_run", "published", _reason, SIGNERS),
    _act("withdraw_run", "draft", _reason, MAKERS),
    Row("api:v1:get_publication", kwargs=_run("published"), open_to=WORKERS),
    Row("api:v1:get_ranking", kwargs=_run("published"), open_to=READERS),
    Row("api:v1:get_ranking", kwargs=_run("draft"), open_to=WORKERS),
    Row("api:v1:get_matrix", kwargs=_run("published"), open_to=READERS),
    Row("api:v1:get_matrix", kwargs=_run("draft"), open_to=WORKERS),
    Row("api:v1:get_red_lines", kwargs=_run("published"), open_to=READERS),
    Row("api:v1:get_red_lines", kwargs=_run("draft"), open_to=WORKERS),
    Row(
        "api:v1:get_indicator_ranking",
        kwargs=lambda known: {"run_id": known["published"], "code": "RATE"},
        open_to=READERS,
    ),
    Row(
        "api:v1:get_items",
        kwargs=lambda known: {"run_id": known["published"], "region_id": known["small"]},
        open_to=READERS,
        sees=parts_only_inside_the_own_area,
    ),
    Row(
        "api:v1:get_explanation",
        kwargs=_run("published"),
        data=lambda known: {"region": known["small"], "indicator": "RATE"},
        open_to=READERS,
        sees=closed_to_siblings,
    ),
    Row("api:v1:get_differences", kwargs=_run("review"), open_to=WORKERS),
    Row("api:v1:list_bulletins", open_to=everyone_signed_in(), sees=listed_to_readers),
    Row("api:v1:get_bulletin", kwargs=lambda known: {"bulletin_id": known["bulletin"]}, open_to=READERS),
    Row(
        "api:v1:get_bulletin_file",
        kwargs=lambda known: {"bulletin_id": known["bulletin"], "language": "zh", "format": "xlsx"},
        open_to=READERS,
    ),
    # It has been issued already, which is what those who may issue it are told.
    Row(
        "api:v1:issue_bulletin",
        method="POST",
        content_type=JSON,
        data=lambda known: {"run": known["published"], "number": MONTH, "issuer_zh": "甲县禁毒办"},
        open_to=WORKERS,
        admitted=(409,),
    ),
]
