"""The life of a run, from draft to signed publication: the same services as the pages, the same refusals."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status
from pydantic import AwareDatetime, Field

from jingtu.assessment.runs import queries, services
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.queries import RunFilter
from jingtu.assessment.runs.queries.page import FindingRow
from jingtu.assessment.runs.queries.release import release_notes
from jingtu.core.accounts.access import actor_of
from jingtu.core.accounts.confirming import demand
from jingtu.core.regions.queries import get_region

from . import paging
from .catalogue_schemas import PeriodKey
from .jobs import JobOut, job_out
from .regions import place_of
from .schemas import Body, Code, Id, Place, Reason

router = Router(tags=["runs"])
State = Literal[
    "", "draft", "checked", "in_review", "appeal", "embargoed", "published", "superseded", "withdrawn"
]


class RunOut(Schema):
    """One version of one assessment of the places of `level` inside `region`."""

    id: int
    tree: str
    region: Place
    level: str
    scorecard: str
    scorecard_name: str
    period: str
    version: int
    previous: int | None
    state: str
    places: int
    note: str
    facts_upto: int | None
    catalogue: int
    publication_hash: str
    prepared_by: str | None
    prepared_at: dt.datetime
    computed_at: dt.datetime | None
    approved_by: str | None
    published_at: dt.datetime | None
    appeal_until: dt.date | None
    release_at: dt.datetime | None


class FindingOut(Schema):
    """Something the checks noticed, and what was said to it."""

    id: int
    severity: str
    state: str
    sentence: str
    place: str
    answer: str
    answered_by: str


class RunDetail(RunOut):
    """A run with what the caller may do with it now (`actions`) and, for those who work on it, what has
    changed since it was computed."""

    actions: list[str]
    open_errors: int
    changes: list[str]
    versions: list[int]
    official_number: str
    objections_until: dt.date | None
    held: list[str]
    hold_reason: str
    skip_reason: str


class RunPage(Schema):
    """A page of runs, the newest first."""

    items: list[RunOut]
    next: str | None


class Findings(Schema):
    """The findings of a run, errors first. Empty for mere readers."""

    items: list[FindingOut]


class NewRun(Body):
    """What to assess; `level` is the scorecard's own when left out."""

    region: Id
    scorecard: Code
    period: PeriodKey
    level: Code | None = None
    note: Reason = ""


class Note(Body):
    """A remark, if any."""

    note: Reason = ""


class Signature(Body):
    """What goes with a signature. `skip_reason` is needed when the time for appeals was not given in full,
    `hold_reason` when something speaks against publishing; `release_at` (with time zone): readers see the run
    from then on only."""

    note: Reason = ""
    skip_reason: Reason = ""
    hold_reason: Reason = ""
    release_at: AwareDatetime | None = None


class Window(Body):
    """For how many working days units may appeal; the office's rule when left out."""

    note: Reason = ""
    days: Annotated[int, Field(ge=1, le=60)] | None = None


class Why(Body):
    """The reason, which is required."""

    reason: Reason


@router.get("/runs", response=RunPage, summary="考核列表")
def list_runs(
    request: HttpRequest,
    tree: Code = "",
    region: Id | None = None,
    level: Code = "",
    scorecard: Code = "",
    period: Code = "",
    state: State = "",
    mine: bool = False,
    limit: paging.Limit = 50,
    cursor: paging.Cursor = "",
) -> RunPage:
    """Runs that the caller may know of, the newest first; `region` means its subtree."""
    wanted = RunFilter(tree, region, level, scorecard, period, state, mine)
    runs = queries.runs_visible(actor_of(request), wanted)
    found, following = paging.newest_first(runs, limit, cursor, wanted=wanted)
    return RunPage(items=[run_out(run) for run in found], next=following)


@router.post("/runs", response={201: RunOut}, summary="新建考核")
def create_run(request: HttpRequest, new: NewRun) -> Status[RunOut]:
    """Begin an assessment. An open draft of the same assessment gives way to the new version."""
    actor = actor_of(request)
    region = get_region(actor, new.region)
    run = services.create_run(actor, region, new.level, new.scorecard, new.period, new.note)
    return Status(201, _again(request, run))


@router.get("/runs/{int:run_id}", response=RunDetail, summary="一次考核")
def get_run(request: HttpRequest, run_id: Id) -> RunDetail:
    """One run with the acts open to the caller."""
    actor = actor_of(request)
    page = queries.run_detail(actor, run_id)
    notes = release_notes(page.run, actor.language)
    return RunDetail(
        **run_out(page.run).dict(),
        actions=[action.value for action in page.actions],
        open_errors=page.open_errors if page.works_on_it else 0,
        changes=[change.sentence for change in page.changes],
        versions=[version.pk for version in page.versions],
        official_number=notes.number,
        objections_until=notes.objections_until,
        held=list(notes.held),
        hold_reason=notes.hold_reason,
        skip_reason=notes.skip_reason,
    )


@router.post("/runs/{int:run_id}/prepare", response={200: RunOut, 202: JobOut}, summary="计算并核查")
def prepare_run(request: HttpRequest, run_id: Id) -> RunOut | Status[JobOut]:
    """Compute and check a draft from the facts of this moment: at once, or for many regions by a job (202)."""
    actor = actor_of(request)
    job = services.start(actor, run_id)
    return Status(202, job_out(job)) if job else run_out(queries.get_run(actor, run_id))


@router.get("/runs/{int:run_id}/findings", response=Findings, summary="核查意见")
def list_findings(request: HttpRequest, run_id: Id) -> Findings:
    """What the checks noticed; only for those who work on the run."""
    page = queries.run_detail(actor_of(request), run_id)
    return Findings(items=[_finding(row) for row in page.findings])


@router.post("/findings/{int:finding_id}/answer", response=FindingOut, summary="答复核查意见")
def answer_finding(request: HttpRequest, finding_id: Id, why: Why) -> FindingOut:
    """Say what is behind a finding; an answered error no longer holds the run back."""
    actor = actor_of(request)
    queries.get_finding(actor, finding_id)
    services.answer_finding(actor, finding_id, why.reason)
    return _finding(queries.get_finding(actor, finding_id)[1])


@router.post("/findings/{int:finding_id}/override", response=FindingOut, summary="豁免核查意见")
def override_finding(request: HttpRequest, finding_id: Id, why: Why) -> FindingOut:
    """Let a run pass in spite of a finding; for an approver who did not prepare it."""
    actor = actor_of(request)
    queries.get_finding(actor, finding_id)
    services.override_finding(actor, finding_id, why.reason)
    return _finding(queries.get_finding(actor, finding_id)[1])


@router.post("/runs/{int:run_id}/submit", response=RunOut, summary="提交审批")
def submit_run(request: HttpRequest, run_id: Id, note: Note) -> RunOut:
    """Hand a checked run to the approvers; refused while error findings are open."""
    return _again(request, services.submit_for_review(actor_of(request), run_id, note.note))


@router.post("/runs/{int:run_id}/send-back", response=RunOut, summary="退回")
def send_back_run(request: HttpRequest, run_id: Id, why: Why) -> RunOut:
    """Return a run to its preparer with the reason."""
    return _again(request, services.send_back(actor_of(request), run_id, why.reason))


@router.post("/runs/{int:run_id}/publish", response=RunOut, summary="批准并发布")
def publish_run(request: HttpRequest, run_id: Id, signature: Signature) -> RunOut:
    """Sign and publish a run, at once or at `release_at`. Whoever prepared it is refused; what is published
    never changes."""
    demand(request)
    run = services.approve_and_publish(
        actor_of(request),
        run_id,
        signature.note,
        skip_reason=signature.skip_reason,
        hold_reason=signature.hold_reason,
        release_at=signature.release_at,
    )
    return _again(request, run)


@router.post("/runs/{int:run_id}/open-appeal", response=RunOut, summary="开放申诉")
def open_run_for_appeal(request: HttpRequest, run_id: Id, window: Window) -> RunOut:
    """Let the units see and dispute their own figures of a run in review for some working days."""
    return _again(request, services.open_for_appeal(actor_of(request), run_id, window.note, window.days))


@router.post("/runs/{int:run_id}/release", response=RunOut, summary="提前公布")
def release_run(request: HttpRequest, run_id: Id, why: Why) -> RunOut:
    """Show a signed run to its readers before its time."""
    demand(request)
    return _again(request, services.release_early(actor_of(request), run_id, why.reason))


@router.post("/runs/{int:run_id}/correct", response={201: RunOut}, summary="更正（生成新版）")
def correct_run(request: HttpRequest, run_id: Id, why: Why) -> Status[RunOut]:
    """A new version of a published run, computed and checked, because facts or definitions have changed."""
    return Status(201, _again(request, services.correct(actor_of(request), run_id, why.reason)))


@router.post("/runs/{int:run_id}/withdraw", response=RunOut, summary="撤回")
def withdraw_run(request: HttpRequest, run_id: Id, why: Why) -> RunOut:
    """Take a run back for a stated reason; a published one stays readable, marked as withdrawn."""
    return _again(request, services.withdraw(actor_of(request), run_id, why.reason))


_PUBLICATION = {
    "responses": {
        200: {
            "description": "The signed content",
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    }
}


@router.get(
    "/runs/{int:run_id}/publication",
    response={200: None},
    summary="发布内容（签名原文）",
    openapi_extra=_PUBLICATION,
)
def get_publication(request: HttpRequest, run_id: Id) -> HttpResponse:
    """The canonical bytes whose SHA-256 is `publication_hash` (also the ETag); for those who work on the run."""
    run, content = queries.publication_text(actor_of(request), run_id)
    response = HttpResponse(content, content_type="application/json")
    response["ETag"] = f'"{run.publication_hash}"'
    return response


def run_out(run: Run) -> RunOut:
    """A run for programs."""
    return RunOut(
        id=run.pk,
        tree=run.tree.slug,
        region=place_of(run.region),
        level=run.level,
        scorecard=run.scorecard,
        scorecard_name=run.scorecard_name,
        period=run.period,
        version=run.version,
        previous=run.previous_id,
        state=run.state,
        places=run.places,
        note=run.note,
        facts_upto=run.facts_upto,
        catalogue=run.catalogue_id,
        publication_hash=run.publication_hash,
        prepared_by=run.prepared_by.full_name if run.prepared_by else None,
        prepared_at=run.prepared_at,
        computed_at=run.computed_at,
        approved_by=run.approved_by.full_name if run.approved_by else None,
        published_at=run.published_at,
        appeal_until=run.appeal_until,
        release_at=run.release_at,
    )


def _again(request: HttpRequest, run: Run) -> RunOut:
    """The run as the caller sees it after the act."""
    return run_out(queries.get_run(actor_of(request), run.pk))


def _finding(row: FindingRow) -> FindingOut:
    return FindingOut(
        id=row.id,
        severity=row.severity,
        state=row.state,
        sentence=row.sentence,
        place=row.place,
        answer=row.answer,
        answered_by=row.answered_by,
    )
