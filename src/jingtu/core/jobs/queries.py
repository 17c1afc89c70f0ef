"""Which jobs somebody may see: their own; all with the right to maintain the system."""

from __future__ import annotations

from django.db.models import QuerySet

from jingtu.core.jobs.models import Job
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.errors import NotFound


def list_jobs(actor: Actor, state: str = "", kind: str = "") -> QuerySet[Job]:
    """Jobs newest first, with their owners, optionally of one state or kind."""
    jobs = _visible_to(actor).select_related("owner")
    if state:
        jobs = jobs.filter(state=state)
    if kind:
        jobs = jobs.filter(kind=kind)
    return jobs


def get_job(actor: Actor, job_id: int) -> Job:
    """One job; NotFound when the actor may not know of it."""
    job = _visible_to(actor).select_related("owner").filter(pk=job_id).first()
    if job is None:
        raise NotFound(job_id, "job")
    return job


def _visible_to(actor: Actor) -> QuerySet[Job]:
    if actor.can(Permission.SYSTEM_MAINTAIN):
        return Job.objects.all()
    own = user_id_of(actor)
    return Job.objects.none() if own is None else Job.objects.filter(owner_id=own)
