"""What the drafted card would have done to the year's months: a look back that has ended, for the analyst."""

from __future__ import annotations

from jingtu.assessment.indicators.store import catalogue_of, in_force
from jingtu.assessment.simulations.queries import Asked
from jingtu.assessment.simulations.retrospecting import JOB_KIND, Wanted
from jingtu.assessment.simulations.services import start_look_back
from jingtu.core.jobs.models import Job
from jingtu.core.jobs.runner import run_job
from jingtu.core.kernel.actor import actor_named
from jingtu.portal.demo import steps
from jingtu.portal.demo.drafting import CARD, MOVED


def set_out() -> None:
    """Begin it and do its work at once; nothing the second time."""
    if Job.objects.filter(kind=JOB_KIND).exists():
        return
    card = catalogue_of(in_force()).scorecards[CARD]
    items = {item.indicator: item.points for section in card.sections for item in section.items}
    points = {code: str(items[code] + moved) for code, moved in MOVED.items()}
    job = start_look_back(actor_named("analyst"), steps.main_run().pk, Wanted(2026, Asked(points)))
    run_job.call(job.pk)
