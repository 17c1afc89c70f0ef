"""Dated targets, trajectories and survey results, as far as the caller may see them on screen."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from jingtu.assessment.surveys import queries as surveys
from jingtu.assessment.surveys.models import Wave
from jingtu.assessment.targets import queries, services
from jingtu.assessment.targets.models import Target
from jingtu.assessment.targets.queries import TargetFilter, TrajectoryPage
from jingtu.core.accounts.access import actor_of
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.queries import get_region, tree_by_slug

from . import paging
from .schemas import Body, Code, Id

router = Router(tags=["targets"])
State = Literal["", "proposed", "in_force", "superseded", "rejected", "withdrawn"]
Asked = Annotated[str, Field(max_length=32, description="`>= 96`, `< 20` …; empty where nothing is asked.")]
Words = Annotated[str, Field(max_length=2000, description="Why; kept in the history and the audit trail.")]


class TargetOut(Schema):
    """One version of a dated target. `basis`: each, exact or cumulative; `group` for a peer group."""

    id: int
    tree: str
    indicator: str
    scope: str
    region: int
    group: str
    level: str
    period: str
    basis: str
    requirement: str
    red_line: str
    document: str
    version: int
    state: str


class TargetPage(Schema):
    """A page of targets, the newest first."""

    items: list[TargetOut]
    next: str | None


class TargetDetail(TargetOut):
    """A version with who proposed and decided it, why, and what the caller may decide now."""

    reason: str
    proposed_by: str | None
    proposed_at: dt.datetime
    decided_by: str | None
    decided_at: dt.datetime | None
    decision: str
    actions: list[str]


class NewTarget(Body):
    """What is asked of a place, of every place of a `level` inside `region`, or of a peer `group` of the tree."""

    tree: Code
    indicator: Code
    scope: Literal["place", "level", "group"] = "place"
    region: Id | None = None
    group: Annotated[str, Field(max_length=64)] = ""
    level: Annotated[str, Field(max_length=32)] = ""
    period: Annotated[str, Field(max_length=32, description="2026, 2026-Q3; `2026-10..`: from then on.")]
    basis: Literal["each", "exact", "cumulative"] = "each"
    requirement: Asked = ""
    red_line: Asked = ""
    document: Annotated[str, Field(max_length=255)] = ""
    reason: Words


class TargetRemark(Body):
    """A remark; the reason, where one is required."""

    reason: Words = ""


class TrajectoryOut(Schema):
    """A trajectory in force with where it stands; figures are null for who may not read them."""

    id: int
    name: str
    indicator: str
    region: int
    latest: str | None
    value: str | None
    asked: str | None
    standing: str | None
    turning: str | None
    turning_at: str | None
    against: list[str]
    towards: list[str]


class Trajectories(Schema):
    """All trajectories the caller may see."""

    items: list[TrajectoryOut]


class WaveOut(Schema):
    """One wave of a survey."""

    id: int
    tree: str
    region: int
    element: str
    period: str
    agency: str
    method: str


class WavePage(Schema):
    """A page of waves, the newest first."""

    items: list[WaveOut]
    next: str | None


class AnswerOut(Schema):
    """The result of one place: percent, interval, rank, the ranks its interval leaves open, streak."""

    region: int
    name: str
    value: str
    sample: int | None
    low: str | None
    high: str | None
    rank: int
    rank_best: int | None
    rank_worst: int | None
    streak: int
    streak_certain: int
    small_sample: bool


class WaveDetail(WaveOut):
    """A wave with the places of one level inside one region, best first; `withdrawn`: it was taken back and counts
    nowhere."""

    within: int
    level: str
    withdrawn: bool
    rows: list[AnswerOut]


@router.get("/targets", response=TargetPage, summary="目标列表")
def list_targets(
    request: HttpRequest,
    tree: Code = "",
    indicator: Code = "",
    state: State = "in_force",
    limit: paging.Limit = 50,
    cursor: paging.Cursor = "",
) -> TargetPage:
    """Versions of dated targets; proposals only for those who work on them."""
    wanted = TargetFilter(tree, indicator, None, state)
    rows = queries.list_targets(actor_of(request), wanted)
    found, following = paging.newest_first(rows, limit, cursor, wanted=wanted)
    return TargetPage(items=[_target(row) for row in found], next=following)


@router.post("/targets", response={201: TargetDetail}, summary="拟定目标")
def propose_target(request: HttpRequest, new: NewTarget) -> Status[TargetDetail]:
    """A new version of a target: in force at once where no scorecard uses the indicator, otherwise when somebody
    else has approved it."""
    actor = actor_of(request)
    tree = tree_by_slug(actor, new.tree)
    said = new.dict(exclude={"tree", "region"})
    if new.region is not None:
        region = get_region(actor, new.region)
        if region.tree_id != tree.pk:
            raise NotFound(new.region, "region")
        said |= {"region": region.code, "region_level": region.level}
    made = services.propose(actor, tree, services.read_target(actor, tree, said), new.reason)
    return Status(201, _target_detail(request, made.pk))


@router.get("/targets/{int:target_id}", response=TargetDetail, summary="一个目标")
def get_target(request: HttpRequest, target_id: Id) -> TargetDetail:
    """One version of a target."""
    return _target_detail(request, target_id)


@router.post("/targets/{int:target_id}/approve", response=TargetDetail, summary="批准目标")
def approve_target(request: HttpRequest, target_id: Id, remark: TargetRemark) -> TargetDetail:
    """Bring a proposal in force. Whoever proposed it is refused."""
    queries.get_target(actor_of(request), target_id)
    services.approve(actor_of(request), target_id, remark.reason)
    return _target_detail(request, target_id)


@router.post("/targets/{int:target_id}/reject", response=TargetDetail, summary="退回目标")
def reject_target(request: HttpRequest, target_id: Id, remark: TargetRemark) -> TargetDetail:
    """Turn a proposal down with the reason."""
    queries.get_target(actor_of(request), target_id)
    services.reject(actor_of(request), target_id, remark.reason)
    return _target_detail(request, target_id)


@router.post("/targets/{int:target_id}/withdraw", response=TargetDetail, summary="撤销目标")
def withdraw_target(request: HttpRequest, target_id: Id, remark: TargetRemark) -> TargetDetail:
    """End a target with the reason; results published under it stay as they are."""
    queries.get_target(actor_of(request), target_id)
    services.withdraw(actor_of(request), target_id, remark.reason)
    return _target_detail(request, target_id)


@router.get("/trajectories", response=Trajectories, summary="轨迹与拐点")
def list_trajectories(request: HttpRequest, tree: Code = "", indicator: Code = "") -> Trajectories:
    """Every trajectory in force, held against the figures in force."""
    found = queries.standings(actor_of(request), tree=tree, indicator=indicator)
    return Trajectories(items=[_trajectory(one) for one in found])


@router.get("/surveys", response=WavePage, summary="民意调查")
def list_waves(
    request: HttpRequest,
    tree: Code = "",
    element: Code = "",
    limit: paging.Limit = 50,
    cursor: paging.Cursor = "",
) -> WavePage:
    """Waves whose area the caller reads results of, or lies in."""
    rows = surveys.list_waves(actor_of(request), element, tree)
    found, following = paging.newest_first(rows, limit, cursor, tree=tree, element=element)
    return WavePage(items=[WaveOut(**_wave(row)) for row in found], next=following)


@router.get("/surveys/{int:wave_id}", response=WaveDetail, summary="一期调查")
def get_wave(request: HttpRequest, wave_id: Id, within: Id | None = None, level: Code = "") -> WaveDetail:
    """One wave; `within` is the region to rank in, by default the whole area."""
    found = surveys.wave_page(actor_of(request), wave_id, within, level)
    return WaveDetail(
        **_wave(found.wave),
        within=found.within.pk,
        level=found.level,
        withdrawn=found.undoing is not None,
        rows=[
            AnswerOut(
                region=row.region.pk,
                name=row.region.name,
                value=str(row.answer.value),
                sample=row.answer.sample,
                low=None if row.answer.low is None else str(row.answer.low),
                high=None if row.answer.high is None else str(row.answer.high),
                rank=row.standing.rank,
                rank_best=row.standing.best,
                rank_worst=row.standing.worst,
                streak=row.streak.length,
                streak_certain=row.streak.certain,
                small_sample=row.unsure,
            )
            for row in found.rows
        ],
    )


def _target(row: Target) -> TargetOut:
    return TargetOut(
        id=row.pk,
        tree=row.tree.slug,
        indicator=row.indicator,
        scope=row.scope,
        region=row.region_id,
        group=row.group,
        level=row.level,
        period=row.period,
        basis=row.basis,
        requirement=row.requirement,
        red_line=row.red_line,
        document=row.document,
        version=row.version,
        state=row.state,
    )


def _target_detail(request: HttpRequest, target_id: int) -> TargetDetail:
    actor = actor_of(request)
    row = queries.get_target(actor, target_id)
    return TargetDetail(
        **_target(row).dict(),
        reason=row.reason,
        proposed_by=row.proposed_by.full_name if row.proposed_by else None,
        proposed_at=row.proposed_at,
        decided_by=row.decided_by.full_name if row.decided_by else None,
        decided_at=row.decided_at,
        decision=row.decision,
        actions=[act.value for act in queries.open_acts(actor, row)],
    )


def _trajectory(found: TrajectoryPage) -> TrajectoryOut:
    one, latest, turning = found.trajectory, found.latest, found.turning
    return TrajectoryOut(
        id=one.pk,
        name=one.name,
        indicator=one.indicator,
        region=one.region_id,
        latest=None if latest is None else latest.period.key,
        value=None if latest is None else str(latest.value),
        asked=None if latest is None or latest.asked is None else str(latest.asked),
        standing=None if latest is None else latest.standing,
        turning=None if turning is None else turning.state,
        turning_at=None if turning is None or turning.at is None else turning.at.key,
        against=[] if turning is None else [period.key for period in turning.against],
        towards=[] if turning is None else [period.key for period in turning.towards],
    )


def _wave(wave: Wave) -> dict[str, Any]:
    return {
        "id": wave.pk,
        "tree": wave.tree.slug,
        "region": wave.region_id,
        "element": wave.element,
        "period": wave.period,
        "agency": wave.agency,
        "method": wave.method,
    }
