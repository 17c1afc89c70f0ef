"""Dated targets, trajectories and survey results, as far as the caller may see them on screen."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema

from jingtu.assessment.surveys import queries as surveys
from jingtu.assessment.surveys.models import Wave
from jingtu.assessment.targets import queries
from jingtu.assessment.targets.models import Target
from jingtu.assessment.targets.queries import TargetFilter, TrajectoryPage
from jingtu.core.accounts.access import actor_of

from . import paging
from .schemas import Code, Id

router = Router(tags=["targets"])
State = Literal["", "proposed", "in_force", "superseded", "rejected", "withdrawn"]


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
    """A wave with the places of one level inside one region, best first."""

    within: int
    level: str
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
        standing=None if latest is None else latest.progress.standing,
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
