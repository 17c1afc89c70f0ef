"""Work done outside a request: its progress, and stopping or repeating it."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema

from jingtu.core.accounts.access import actor_of
from jingtu.core.jobs import queries, services
from jingtu.core.jobs.models import Job
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.problems import Problem

from . import paging
from .schemas import Code, Id

router = Router(tags=["jobs"])
State = Literal["", "queued", "running", "done", "failed", "cancelled"]


class JobOut(Schema):
    """A job. `result` says what came of it once it is done."""

    id: int
    kind: str
    state: str
    progress: int
    message: str
    region: int | None
    result: dict[str, Any]
    attempts: int
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None


class JobPage(Schema):
    """A page of jobs, the newest first."""

    items: list[JobOut]
    next: str | None


@router.get("/jobs", response=JobPage, summary="作业列表")
def list_jobs(
    request: HttpRequest,
    state: State = "",
    kind: Code = "",
    limit: paging.Limit = 50,
    cursor: paging.Cursor = "",
) -> JobPage:
    """The caller's own jobs (all of them with the right to maintain the system), the newest first."""
    jobs = queries.list_jobs(actor_of(request), state, kind)
    found, following = paging.newest_first(jobs, limit, cursor, state=state, kind=kind)
    return JobPage(items=[job_out(job) for job in found], next=following)


@router.get("/jobs/{int:job_id}", response=JobOut, summary="一项作业")
def get_job(request: HttpRequest, job_id: Id) -> JobOut:
    """One job with its progress."""
    return job_out(queries.get_job(actor_of(request), job_id))


@router.post("/jobs/{int:job_id}/retry", response=JobOut, summary="重试作业")
def retry_job(request: HttpRequest, job_id: Id) -> JobOut:
    """Queue a failed or cancelled job again."""
    return job_out(services.retry(actor_of(request), job_id))


@router.post("/jobs/{int:job_id}/cancel", response=JobOut, summary="取消作业")
def cancel_job(request: HttpRequest, job_id: Id) -> JobOut:
    """Stop a job; a running one stops at its next step and stores nothing."""
    return job_out(services.cancel(actor_of(request), job_id))


def job_out(job: Job) -> JobOut:
    """A job for programs, its message in the caller's language."""
    message = Problem(job.message_code, job.message_params) if job.message_code else None
    return JobOut(
        id=job.pk,
        kind=job.kind,
        state=job.state,
        progress=job.progress,
        message=message.text(interface_language()) if message else "",
        region=job.region_id,
        result=job.result,
        attempts=job.attempts,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )
