"""What the owner of a job is told when it has ended, wherever they are by then."""

from __future__ import annotations

from django.urls import reverse

from jingtu.core.jobs.models import Job
from jingtu.core.jobs.registry import label_of
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.languages import speaking
from jingtu.core.notifications.services import notify
from jingtu.core.notifications.texts import NoticeText, register_notices
from jingtu.engine.problems import Problem

REASON_SHOWN = 200

register_notices(
    {
        "jobs.ended": NoticeText(
            "后台作业已完成：{kind}",
            "Background job done: {kind}",
            "点开可查看结果。",
            "Open it for the result.",
        ),
        "jobs.failed": NoticeText(
            "后台作业未完成：{kind}",
            "Background job not done: {kind}",
            "原因：{reason}",
            "Reason: {reason}",
        ),
    }
)


def ended(job: Job, state: Job.State, message: Problem) -> None:
    """Tell the owner. Called inside the transaction that ends the job."""
    if job.owner_id is None:
        return
    params: dict[str, str | int] = {}
    with speaking("zh"):
        params["kind"] = label_of(job.kind)
    with speaking("en"):
        params["kind_en"] = label_of(job.kind)
    if state != Job.State.DONE:
        params["reason"] = message.text("zh")[:REASON_SHOWN]
        params["reason_en"] = message.text("en")[:REASON_SHOWN]
    code = "jobs.ended" if state == Job.State.DONE else "jobs.failed"
    notify(SYSTEM, [job.owner_id], code, params=params, link=reverse("jobs:detail", args=(job.pk,)))
