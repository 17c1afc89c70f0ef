"""Handing in, retrying, cancelling and recovering jobs. The Job row decides; the queue only calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from jingtu.core.audit.actions import register_actions, register_objects, register_states
from jingtu.core.audit.services import record
from jingtu.core.jobs import rules
from jingtu.core.jobs.models import Job
from jingtu.core.jobs.queries import get_job
from jingtu.core.jobs.registry import handler_of
from jingtu.core.kernel.actor import Actor, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, Problem
from jingtu.engine.problems import refuse

register_actions(
    {
        "jobs.submitted": ("提交作业", "Job submitted"),
        "jobs.retried": ("重试作业", "Job retried"),
        "jobs.cancelled": ("取消作业", "Job cancelled"),
        "jobs.recovered": ("恢复中断的作业", "Interrupted job recovered"),
    }
)
register_objects({"job": ("后台作业", "Background job")})
register_states("job", dict(Job.State.choices))


def submit(actor: Actor, kind: str, params: Mapping[str, Any], region_id: int | None = None) -> Job:
    """Queue a piece of work; it starts after the surrounding transaction commits.

    Whoever calls has checked that ``actor`` may do the work; the handler checks again when it runs.
    """
    if handler_of(kind) is None:
        raise refuse("jobs.unknown_kind", kind=kind)
    with transaction.atomic():
        job = Job.objects.create(
            kind=kind,
            owner_id=user_id_of(actor),
            region_id=region_id,
            params=dict(params),
            message_code="jobs.waiting",
            created_at=now(),
        )
        _record(actor, "jobs.submitted", job, after={"kind": kind})
        _enqueue_on_commit(job)
    return job


def retry(actor: Actor, job_id: int) -> Job:
    """Queue a failed or cancelled job again."""
    job = get_job(actor, job_id)
    with transaction.atomic():
        changed = Job.objects.filter(pk=job.pk, state__in=rules.RETRYABLE).update(
            state=Job.State.QUEUED,
            progress=0,
            attempts=0,
            message_code="jobs.waiting",
            message_params={},
            result={},
            started_at=None,
            heartbeat_at=None,
            finished_at=None,
        )
        if not changed:
            raise Conflict(Problem("jobs.not_retryable"))
        _record(actor, "jobs.retried", job, before={"state": job.state})
        _enqueue_on_commit(job)
    job.refresh_from_db()
    return job


def cancel(actor: Actor, job_id: int) -> Job:
    """Stop a job: a queued one never starts, a running one stops at its next step and stores nothing."""
    job = get_job(actor, job_id)
    with transaction.atomic():
        changed = Job.objects.filter(pk=job.pk, state__in=rules.CANCELLABLE).update(
            state=Job.State.CANCELLED,
            message_code="jobs.cancelled",
            message_params={},
            finished_at=now(),
        )
        if not changed:
            raise Conflict(Problem("jobs.not_cancellable"))
        _record(actor, "jobs.cancelled", job, before={"state": job.state})
    job.refresh_from_db()
    return job


def recover(actor: Actor, *, sole_worker: bool = False) -> dict[str, int]:
    """After a restart: put interrupted jobs back once, fail them the second time, wake up queued ones.

    ``sole_worker`` says that no other process runs jobs, so every running one is an interrupted one;
    otherwise only those silent for :data:`rules.SILENT_FOR`. Returns how many of each.
    """
    counts = {"requeued": 0, "failed": 0, "woken": 0}
    for job in Job.objects.filter(state=Job.State.RUNNING):
        if not sole_worker and not rules.abandoned(job.heartbeat_at, now()):
            continue
        again = rules.may_run_again(job.attempts)
        with transaction.atomic():
            changed = Job.objects.filter(
                pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts, heartbeat_at=job.heartbeat_at
            ).update(
                state=Job.State.QUEUED if again else Job.State.FAILED,
                message_code="jobs.resumed" if again else "jobs.interrupted",
                message_params={},
                finished_at=None if again else now(),
            )
            if changed:
                _record(
                    actor,
                    "jobs.recovered",
                    job,
                    before={"state": job.state},
                    after={"state": "queued" if again else "failed"},
                )
        if changed:
            counts["requeued" if again else "failed"] += 1
    # A process that died between commit and enqueue leaves a queued row nobody will call; calling a
    # job twice is harmless because only one caller can claim the row.
    for job in Job.objects.filter(state=Job.State.QUEUED):
        _enqueue_on_commit(job)
        counts["woken"] += 1
    return counts


def wake_uncalled() -> int:
    """Call queued jobs that no call in the queue stands for; for the ticker. Returns how many.

    Handing a job in is durable before the queue is told: a queue that could not be written then, or a
    process that ended in between, leaves a job that would otherwise wait for the next restart.
    """
    from jingtu.core.jobs.runner import run_job

    calls = DBTaskResult.objects.filter(status=TaskResultStatus.READY, task_path=run_job.module_path)
    called = {call["args"][0] for call in calls.values_list("args_kwargs", flat=True)}
    queued = Job.objects.filter(state=Job.State.QUEUED).order_by("pk").values_list("pk", flat=True)
    uncalled = [pk for pk in queued if pk not in called]
    for pk in uncalled:
        run_job.enqueue(pk)
    return len(uncalled)


def _enqueue_on_commit(job: Job) -> None:
    """Tell the queue once the job is durable. A queue that fails then is logged: the deed itself stands."""
    from jingtu.core.jobs.runner import run_job

    def call() -> None:  # a function with a name, which the log of a failure prints
        run_job.enqueue(job.pk)

    transaction.on_commit(call, robust=True)


def _record(
    actor: Actor,
    action: str,
    job: Job,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    record(
        actor,
        action,
        target_type="job",
        target_id=job.pk,
        region_id=job.region_id,
        before=before,
        after=after,
    )
