"""The results of a run: ranking, scorecard, red lines, explanation, differences.

What the caller may not see is null, with the reason in `mark` or `parts_hidden`; it is decided below, by
the same queries as the pages.
"""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest
from ninja import Router

from jingtu.assessment.runs import queries
from jingtu.assessment.runs.queries import Cell, ItemHead, RankRow, Shortfall
from jingtu.core.accounts.access import actor_of
from jingtu.engine.derivation import Step
from jingtu.engine.problems import Language

from .result_schemas import (
    CellOut,
    DifferenceOut,
    Differences,
    ExplanationOut,
    Head,
    IndicatorRank,
    IndicatorRanking,
    Items,
    MatrixOut,
    Part,
    PlaceItem,
    Ranked,
    RankingOut,
    RedLine,
    RedLines,
    SectionScore,
    ShortfallOut,
    StepOut,
    Stored,
)
from .runs import run_out
from .schemas import Code, Id, number, plain

router = Router(tags=["results"])
Marks = Literal["", "below", "watch"]


@router.get("/runs/{int:run_id}/ranking", response=RankingOut, summary="排名")
def get_ranking(request: HttpRequest, run_id: Id) -> RankingOut:
    """Places by rank with totals, sections and movement; the unranked last."""
    found = queries.ranking(actor_of(request), run_id)
    return RankingOut(
        run=run_out(found.run),
        total_points=format(found.total_points, "f"),
        previous=found.previous.pk if found.previous else None,
        comparable=found.comparable,
        items=[_ranked(row) for row in found.rows],
    )


@router.get("/runs/{int:run_id}/matrix", response=MatrixOut, summary="评分矩阵")
def get_matrix(request: HttpRequest, run_id: Id) -> MatrixOut:
    """The whole scorecard: items as rows, places by rank as columns."""
    found = queries.matrix(actor_of(request), run_id)
    return MatrixOut(
        items=[_head(head) for head in found.items],
        places=[_ranked(row) for row in found.places],
        cells=[[_cell(cell) for cell in row] for row in found.cells],
    )


@router.get("/runs/{int:run_id}/red-lines", response=RedLines, summary="未达要求与触线")
def get_red_lines(request: HttpRequest, run_id: Id, region: Id | None = None, mark: Marks = "") -> RedLines:
    """Requirements missed, of one place or all, with what is missing in countable units where that is open."""
    marks: tuple[queries.Mark, ...] = (mark,) if mark else ("below", "watch")
    rows = queries.red_lines(actor_of(request), run_id, region, marks)
    return RedLines(
        items=[
            RedLine(
                region=row.region_id,
                place=row.place,
                indicator=row.indicator,
                name=row.name,
                unit=row.unit,
                value=number(row.value),
                mark=row.mark,
                requirement=row.requirement,
                red_line=row.red_line,
                shortfall=_shortfall(row.shortfall),
                on_previous=number(row.on_previous),
                streak=row.streak,
                own=row.own,
            )
            for row in rows
        ]
    )


@router.get("/runs/{int:run_id}/indicators/{code}", response=IndicatorRanking, summary="单项指标排名")
def get_indicator_ranking(request: HttpRequest, run_id: Id, code: Code) -> IndicatorRanking:
    """Places by one indicator of the card, with the band of ranks each could hold by chance."""
    rows = queries.indicator_ranking(actor_of(request), run_id, code)
    return IndicatorRanking(
        indicator=code,
        items=[
            IndicatorRank(
                region=row.region_id,
                code=row.code,
                name=row.name,
                rank=row.rank,
                value=number(row.value),
                mark=row.mark,
                qualifier=row.qualifier,
                low_rank=row.low_rank,
                high_rank=row.high_rank,
                on_previous=number(row.on_previous),
                on_last_year=number(row.on_last_year),
                streak=row.streak,
                own=row.own,
                tied=row.tied,
            )
            for row in rows
        ],
    )


@router.get("/runs/{int:run_id}/places/{int:region_id}", response=Items, summary="一地的评分明细")
def get_items(request: HttpRequest, run_id: Id, region_id: Id) -> Items:
    """The card of one ranked place, item by item, the largest loss first."""
    rows = queries.items(actor_of(request), run_id, region_id)
    return Items(
        items=[
            PlaceItem(
                head=_head(row.head),
                cell=_cell(row.cell),
                numerator=number(row.numerator),
                denominator=number(row.denominator),
                parts_hidden=row.parts_hidden,
                rank=row.rank,
                reported=row.reported,
                expected=row.expected,
                on_previous=number(row.on_previous),
                on_last_year=number(row.on_last_year),
                shortfall=_shortfall(row.shortfall),
            )
            for row in rows
        ]
    )


@router.get("/runs/{int:run_id}/explanation", response=ExplanationOut, summary="指标与得分的来历")
def get_explanation(
    request: HttpRequest, run_id: Id, region: Id, indicator: Code | None = None
) -> ExplanationOut:
    """A ranked place's total (no indicator), or an indicator of any place of the run, opened into its derivation."""
    actor = actor_of(request)
    found = queries.explanation(actor, run_id, region, indicator)
    return ExplanationOut(
        run=found.run.pk,
        region=found.region_id,
        name=found.region,
        indicator=found.indicator,
        sentence=found.sentence,
        closed=found.closed,
        suppressed=found.suppressed,
        shortfall=_shortfall(found.shortfall),
        ways=list(found.ways),
        root=_step(found.root, actor.language),
        batches=[
            Stored(
                sequence=sequence,
                kind=batch.kind,
                actor=batch.actor_label,
                file=batch.file.name if batch.file else None,
                created_at=batch.created_at.isoformat(),
            )
            for sequence, batch in sorted(found.batches.items())
        ],
        children=[Part(region=region_id, name=name) for region_id, name in found.children],
    )


@router.get("/runs/{int:run_id}/differences", response=Differences, summary="版本差异")
def get_differences(request: HttpRequest, run_id: Id, other: Id | None = None) -> Differences:
    """What changed between a run and another version of it (by default the one before), and why."""
    page = queries.difference_page(actor_of(request), run_id, other)
    return Differences(
        older=run_out(page.older),
        newer=run_out(page.newer),
        reasons=[change.sentence for change in page.reasons],
        items=[
            DifferenceOut(
                kind=row.kind, place=row.place, what=row.what, old=row.old, new=row.new, why=row.why
            )
            for row in page.changes
        ],
    )


def _ranked(row: RankRow) -> Ranked:
    return Ranked(
        region=row.region_id,
        code=row.code,
        name=row.name,
        rank=row.rank,
        total=number(row.total),
        previous_rank=row.previous_rank,
        previous_total=number(row.previous_total),
        moved=row.moved,
        sections=[
            SectionScore(
                code=section.code,
                name=section.name,
                points=format(section.points, "f"),
                maximum=format(section.maximum, "f"),
            )
            for section in row.sections
        ],
        bonus=format(row.bonus, "f"),
        vetoes=list(row.vetoes),
        sibling_rank=row.sibling_rank,
        peer_ranks=dict(row.peer_ranks),
        reported=row.reported,
        expected=row.expected,
        met=row.counts["met"],
        watch=row.counts["watch"],
        below=row.counts["below"],
        unranked=row.unranked,
        own=row.own,
        tied=row.tied,
        peer_sizes=dict(row.peer_sizes),
    )


def _head(head: ItemHead) -> Head:
    return Head(
        section=head.section,
        indicator=head.indicator,
        name=head.name,
        unit=head.unit,
        decimals=head.decimals,
        points=format(head.points, "f"),
        requirement=head.requirement,
        red_line=head.red_line,
        unverified=head.unverified,
    )


def _cell(cell: Cell) -> CellOut:
    return CellOut(
        points=number(cell.points),
        maximum=format(cell.maximum, "f"),
        lost=number(cell.lost),
        value=number(cell.value),
        mark=cell.mark,
        qualifier=cell.qualifier,
    )


def _shortfall(missing: Shortfall | None) -> ShortfallOut | None:
    if missing is None:
        return None
    return ShortfallOut(
        difference=format(missing.difference, "f"),
        units=number(missing.units),
        unit_word=missing.unit_word,
        more=missing.more,
    )


def _step(step: Step, language: Language) -> StepOut:
    return StepOut(
        kind=step.kind,
        label=step.label(language),
        value=step.value,
        params=plain(dict(step.params)),
        children=[_step(child, language) for child in step.children],
    )
