"""Looking back on a year by another card: handed to a job, read when it has ended. A simulation, never a result."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from jingtu.assessment.simulations import retrospecting, services
from jingtu.assessment.simulations.queries import Asked
from jingtu.assessment.simulations.retrospecting import Wanted
from jingtu.core.accounts.access import actor_of
from jingtu.core.jobs.queries import get_job
from jingtu.engine.retrospect import Cell, PlaceLine

from .jobs import JobOut, job_out
from .schemas import Body, Code, Id, Text

router = Router(tags=["results"])
MOST_ITEMS = 300
Varied = Annotated[
    dict[Code, Text],
    Field(default_factory=dict, max_length=MOST_ITEMS, description="By indicator of the card's items."),
]


class NewRetrospect(Body):
    """Which periods (`year`; that of the run), by which version of the catalogue (the newest), with which points,
    targets and rules changed, written as on the page of simulations."""

    year: Annotated[int | None, Field(ge=1900, le=2200)] = None
    catalogue: Annotated[int | None, Field(ge=1, le=10**8)] = None
    points: Varied
    targets: Varied
    rules: Varied


class RetrospectCell(Schema):
    """One place in one period, as published and as tried; null where it is not ranked."""

    published_total: str | None
    tried_total: str | None
    published_rank: int | None
    tried_rank: int | None
    gained: int | None


class RetrospectPlace(Schema):
    """One place: ranks gained over all periods, average ranks, and a cell for each period that knows it."""

    region: int
    name: str
    gained: int
    published_average: str | None
    tried_average: str | None
    cells: list[RetrospectCell | None]


class RetrospectOut(Schema):
    """What a job found, the places that moved most first. `state` other than `done`: nothing yet, see the job.

    `left_out`: periods that could not be tried, and why.
    """

    job: int
    run: int
    state: str
    progress: int
    year: int | None
    catalogue: int | None
    periods: list[str]
    places: list[RetrospectPlace]
    left_out: list[str]


@router.post("/runs/{int:run_id}/retrospects", response={202: JobOut}, summary="多期回溯")
def start_retrospect(request: HttpRequest, run_id: Id, new: NewRetrospect) -> Status[JobOut]:
    """Lay a card on every published period of a year. Nothing is stored but the job's own result."""
    asked = Asked(new.points, new.targets, new.rules, catalogue=new.catalogue)
    return Status(
        202, job_out(services.start_look_back(actor_of(request), run_id, Wanted(new.year or 0, asked)))
    )


@router.get("/runs/{int:run_id}/retrospects/{int:job_id}", response=RetrospectOut, summary="多期回溯的结果")
def get_retrospect(request: HttpRequest, run_id: Id, job_id: Id) -> RetrospectOut:
    """What a job of the caller's own found; nobody reads those of others."""
    actor = actor_of(request)
    looked = retrospecting.of_job(actor, run_id, job_id)
    job = get_job(actor, job_id)
    return RetrospectOut(
        job=job.pk,
        run=run_id,
        state=job.state,
        progress=job.progress,
        year=looked.year if looked else None,
        catalogue=looked.catalogue if looked else None,
        periods=list(looked.found.periods) if looked else [],
        places=[_line(line) for line in looked.found.lines] if looked else [],
        left_out=[one.text(actor.language) for one in looked.left_out] if looked else [],
    )


def _line(line: PlaceLine) -> RetrospectPlace:
    return RetrospectPlace(
        region=line.region_id,
        name=line.name,
        gained=line.gained,
        published_average=line.old_average,
        tried_average=line.new_average,
        cells=[None if cell is None else _cell(cell) for cell in line.cells],
    )


def _cell(cell: Cell) -> RetrospectCell:
    return RetrospectCell(
        published_total=cell.old_total,
        tried_total=cell.new_total,
        published_rank=cell.old_rank,
        tried_rank=cell.new_rank,
        gained=cell.gained,
    )
