"""Failed jobs among what waits for a person today."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor
from jingtu.core.ui.today import Duty

from .models import Job
from .queries import list_jobs


def failed_jobs(actor: Actor) -> list[Duty]:
    """One line when there are any: retry them or cancel them. One query."""
    count = list_jobs(actor, Job.State.FAILED).count()
    if not count:
        return []
    return [Duty(_("失败的作业"), f"{reverse('jobs:list')}?state=failed", count=count, tone="below")]
