"""Jobs are seen and steered by their owner and by whoever maintains the system."""

from __future__ import annotations

from django.http import HttpResponse

from jingtu.core.jobs.models import Job
from jingtu.core.kernel.clock import now
from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, everyone_signed_in, roles

STEERED_BY = roles("analyst", relations=("own",)) | roles("system_administrator")


def prepare(cast: Cast) -> Known:
    def job(state: str) -> int:
        owner = cast.user("analyst", "own")
        return Job.objects.create(kind="access-test", owner=owner, state=state, created_at=now()).pk

    return {"queued": job(Job.State.QUEUED), "failed": job(Job.State.FAILED)}


def own_or_all(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    expected = 2 if (member.role, member.relation) in STEERED_BY else 0
    assert response.context["page"].paginator.count == expected  # type: ignore[attr-defined]


ROWS = [
    Row("jobs:list", open_to=everyone_signed_in(), sees=own_or_all),
    Row("jobs:detail", kwargs=lambda known: {"job_id": known["queued"]}, open_to=STEERED_BY),
    Row("jobs:cancel", method="POST", kwargs=lambda known: {"job_id": known["queued"]}, open_to=STEERED_BY),
    Row("jobs:retry", method="POST", kwargs=lambda known: {"job_id": known["failed"]}, open_to=STEERED_BY),
]
