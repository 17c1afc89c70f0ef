"""The API's doors to places, definitions, facts, imports and jobs: open exactly as far as the pages are."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from jingtu.core.facts.services import begin_import, confirm_import
from jingtu.core.jobs.models import Job
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import now
from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, everyone_signed_in, roles
from tests.assessment.office import MONTH, Office

READERS = ("analyst", "reviewer", "leader", "reporter")
REPORTERS = ("analyst", "reporter")
ABOVE = ("own", "ancestor")
STEERED_BY = roles("analyst", relations=("own",)) | roles("system_administrator")
HEADER = "region,element,period,value\n"
JSON = "application/json"
# The office's figures stand at three townships; a reader sees those of their own subtrees.
OWN_PLACES = {
    "own": {"甲一镇", "甲二镇"},
    "ancestor": {"甲一镇", "甲二镇", "乙一镇"},
    "descendant": {"甲一镇"},
    "sibling": {"乙一镇"},
    "outsider": set(),
}


def prepare(cast: Cast) -> Known:
    Office(cast)

    def uploaded(text: str) -> int:
        return begin_import(SYSTEM, cast.tree, [(HEADER + text).encode()], "facts.csv").pk

    def job(state: str) -> int:
        owner = cast.user("analyst", "own")
        return Job.objects.create(kind="access-test", owner=owner, state=state, created_at=now()).pk

    return {
        "tree": cast.tree.slug,
        "import": confirm_import(
            SYSTEM, uploaded("310101001,cases,2026-10,3\n310101002,cases,2026-10,4\n")
        ).pk,
        "waiting": uploaded("310101001,cases,2026-08,9\n"),
        "refused": uploaded("310101001,csaes,2026-08,9\n"),
        "county": cast.places["county_a"].pk,
        "queued": job(Job.State.QUEUED),
        "failed": job(Job.State.FAILED),
    }


def items(response: HttpResponse) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = response.json()["items"]  # type: ignore[attr-defined]
    return found


def own_facts(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {row["region"]["name"] for row in items(response)}
    assert shown == OWN_PLACES[member.relation], (member.name, shown)


def small_counts_are_withheld(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    few = [row for row in items(response) if row["element"] == "done" and row["region"]["name"] == "甲二镇"]
    if few:
        trusted = member.role in {"analyst", "reviewer", "reporter"}
        assert (few[0]["value"], few[0]["hidden"]) == (("3", False) if trusted else (None, True)), member.name


def own_facts_only(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    own_facts(response, member, cast, known)
    small_counts_are_withheld(response, member, cast, known)


def own_imports(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {row["id"] for row in items(response)}
    expected = member.role in READERS and member.relation in ABOVE
    assert (known["import"] in shown) is expected, member.name


def own_jobs(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    expected = 2 if (member.role, member.relation) in STEERED_BY else 0
    assert len(items(response)) == expected, member.name


def own_posts(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    me = response.json()  # type: ignore[attr-defined]
    assert me["username"] == (member.user.username if member.user else "")
    assert [post["role"] for post in me["posts"]] == ([] if member.role == "nobody" else [member.role])


def _import(name: str) -> Any:
    return lambda known: {"import_id": known[name]}


def _public(name: str, **kwargs: str) -> Row:
    return Row(f"api:v1:{name}", kwargs=lambda known: kwargs, open_to=everyone_signed_in())


ROWS = [
    Row("api:docs", open_to=everyone_signed_in()),
    Row("api:openapi", open_to=everyone_signed_in()),
    Row("api:v1:api-root", open_to=everyone_signed_in()),
    Row("api:v1:me", open_to=everyone_signed_in(), sees=own_posts),
    _public("list_trees"),
    _public("get_tree", slug="cast"),
    Row(
        "api:v1:search_regions",
        kwargs=lambda known: {"slug": known["tree"]},
        data=lambda known: {"q": "甲县"},
        open_to=everyone_signed_in(),
    ),
    _public("list_regions", slug="cast"),
    Row(
        "api:v1:get_region", kwargs=lambda known: {"region_id": known["county"]}, open_to=everyone_signed_in()
    ),
    Row(
        "api:v1:list_children",
        kwargs=lambda known: {"region_id": known["county"]},
        open_to=everyone_signed_in(),
    ),
    _public("get_catalogue"),
    _public("list_elements"),
    _public("get_element", code="due"),
    _public("list_indicators"),
    _public("get_indicator", code="RATE"),
    Row(
        "api:v1:get_series",
        kwargs=lambda known: {"code": "RATE"},
        data=lambda known: {"region": known["county"], "n": 2, "until": MONTH},
        open_to=roles(*READERS, relations=ABOVE),
    ),
    Row(
        "api:v1:get_distribution",
        kwargs=lambda known: {"code": "RATE"},
        data=lambda known: {"region": known["county"], "period": MONTH},
        open_to=roles(*READERS, relations=ABOVE),
    ),
    Row(
        "api:v1:get_table",
        kwargs=lambda known: {"code": "RATE"},
        data=lambda known: {"region": known["county"], "level": "township", "until": MONTH},
        open_to=roles(*READERS, relations=ABOVE),
    ),
    _public("list_scorecards"),
    _public("get_scorecard", code="card"),
    _public("list_groups"),
    _public("get_group", code="both"),
    Row(
        "api:v1:list_facts",
        data=lambda known: {"tree": known["tree"]},
        open_to=roles(*READERS),
        sees=own_facts_only,
    ),
    Row(
        "api:v1:change_fact",
        method="POST",
        content_type=JSON,
        data=lambda known: {
            "region": known["county"],
            "element": "cases",
            "period": MONTH,
            "value": "8",
            "reason": "核实",
        },
        open_to=roles(*REPORTERS, relations=ABOVE),
    ),
    Row("api:v1:list_imports", open_to=everyone_signed_in(), sees=own_imports),
    Row(
        "api:v1:import_file",
        method="POST",
        # The row is county A's: reporters elsewhere are told that it is not theirs, the others that nothing is.
        data=lambda known: {
            "tree": known["tree"],
            "file": SimpleUploadedFile("a.csv", (HEADER + "310101001,cases,2026-08,1\n").encode()),
        },
        open_to=roles(*REPORTERS, relations=("own", "ancestor", "descendant")),
        refused=(403, 404, 422),
    ),
    Row(
        "api:v1:import_rows",
        method="POST",
        content_type=JSON,
        data=lambda known: {
            "tree": known["tree"],
            "rows": [{"region": "310101001", "element": "cases", "period": "2026-08", "value": "1"}],
            "confirm": True,
        },
        open_to=roles(*REPORTERS, relations=("own", "ancestor", "descendant")),
        refused=(403, 404, 422),
    ),
    Row("api:v1:get_import", kwargs=_import("import"), open_to=roles(*READERS, relations=ABOVE)),
    Row(
        "api:v1:confirm_import",
        method="POST",
        content_type=JSON,
        kwargs=_import("waiting"),
        open_to=roles(*REPORTERS, relations=("own", "ancestor", "descendant")),
    ),
    Row(
        "api:v1:undo_import",
        method="POST",
        content_type=JSON,
        kwargs=_import("import"),
        data=lambda known: {"reason": "传错"},
        open_to=roles(*REPORTERS, relations=ABOVE),
    ),
    # A refused file belongs to the whole tree, of which nobody of the cast reads the facts.
    Row("api:v1:get_marked_file", kwargs=_import("refused")),
    Row("api:v1:list_jobs", open_to=everyone_signed_in(), sees=own_jobs),
    Row("api:v1:get_job", kwargs=lambda known: {"job_id": known["queued"]}, open_to=STEERED_BY),
    Row(
        "api:v1:cancel_job",
        method="POST",
        content_type=JSON,
        kwargs=lambda known: {"job_id": known["queued"]},
        open_to=STEERED_BY,
    ),
    Row(
        "api:v1:retry_job",
        method="POST",
        content_type=JSON,
        kwargs=lambda known: {"job_id": known["failed"]},
        open_to=STEERED_BY,
    ),
]
