"""Running one job: claim the row, work with the owner's present rights, say how it ended."""

from __future__ import annotations

import logging
import time
import uuid

from django.db import transaction
from django.db.models import F
from django_tasks import task

from jingtu.core.accounts.actors import UserActor
from jingtu.core.jobs import notices
from jingtu.core.jobs.models import Job
from jingtu.core.jobs.registry import JobStopped, handler_of
from jingtu.core.kernel.actor import SYSTEM, Actor
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Problem
from jingtu.core.kernel.wall import reading_as

log = logging.getLogger(__name__)

REPORT_EVERY_SECONDS = 0.5


@task()
def run_job(job_id: int) -> None:
    """Entry point of the queue. Calling it for a job that is not queued does nothing."""
    claimed = Job.objects.filter(pk=job_id, state=Job.State.QUEUED).update(
        state=Job.State.RUNNING,
        attempts=F("attempts") + 1,
        progress=0,
        message_code="jobs.started",
        message_params={},
        started_at=now(),
        heartbeat_at=now(),
        finished_at=None,
    )
    if claimed:
        _work(Job.objects.get(pk=job_id))


def _work(job: Job) -> None:
    handler = handler_of(job.kind)
    if handler is None:
        _end(job, Job.State.FAILED, Problem("jobs.unknown_kind", {"kind": job.kind}))
        return
    actor = _owner_today(job)
    if actor is None:
        _end(job, Job.State.FAILED, Problem("jobs.owner_gone"))
        return
    try:
        with reading_as(actor):
            result = handler(job, actor, Reporter(job))
    except JobStopped:
        return
    except InvalidInput as error:
        _end(job, Job.State.FAILED, error.problems[0])
    except (PermissionDenied, NotFound, Conflict) as error:
        _end(job, Job.State.FAILED, error.problem)
    except Exception:
        reference = uuid.uuid4().hex[:8]
        log.exception("job %s (%s) failed, reference %s", job.pk, job.kind, reference)
        _end(job, Job.State.FAILED, Problem("jobs.crashed", {"reference": reference}))
    else:
        _end(job, Job.State.DONE, Problem("jobs.done"), progress=100, result=dict(result))


def _owner_today(job: Job) -> Actor | None:
    if job.owner is None:
        return SYSTEM
    return UserActor(job.owner) if job.owner.is_active else None


def _end(job: Job, state: Job.State, message: Problem, **values: object) -> None:
    with transaction.atomic():
        ended = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts).update(
            state=state,
            message_code=message.code,
            message_params={key: str(value) for key, value in message.params.items()},
            finished_at=now(),
            heartbeat_at=now(),
            **values,
        )
        if ended:
            notices.ended(job, state, message)


class Reporter:
    """Writes progress and the sign of life, at most twice a second, and notices a cancellation."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._next = 0.0

    def __call__(self, percent: int, message: Problem | None = None) -> None:
        """Report ``percent`` (0–100). Raises JobStopped when the job is no longer ours to do."""
        if percent < 100 and time.monotonic() < self._next:
            return
        self._next = time.monotonic() + REPORT_EVERY_SECONDS
        values: dict[str, object] = {"progress": max(0, min(100, percent)), "heartbeat_at": now()}
        if message is not None:
            values["message_code"] = message.code
            values["message_params"] = {key: str(value) for key, value in message.params.items()}
        mine = Job.objects.filter(pk=self._job.pk, state=Job.State.RUNNING, attempts=self._job.attempts)
        if not mine.update(**values):
            raise JobStopped
