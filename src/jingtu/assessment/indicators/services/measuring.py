"""Working out what a draft would do to the latest published results; by a job where there are many regions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.db import transaction

from jingtu.core.audit.actions import register_actions
from jingtu.core.audit.services import record
from jingtu.core.jobs.models import Job
from jingtu.core.jobs.registry import Progress
from jingtu.core.jobs.services import submit
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import PermissionDenied
from jingtu.engine.catalogue import Catalogue

from .. import registry
from ..models import CatalogueDraft, DraftImpact
from ..registry import Impact, Judge, Judged
from ..standing import catalogue_of_draft, draft_with

IMPACT_JOB = "indicators.impact"
AT_ONCE = 5000
"""Up to so many regions together the impact is worked out in the request itself."""

register_actions(
    {"indicators.impact_measured": ("测算目录草案的影响", "Impact of a catalogue draft measured")}
)

Work = list[tuple[Judge, Judged]]


def measure(actor: Actor, draft_id: int) -> Job | None:
    """Work the impact out at once where that takes a moment, otherwise by a job (which is returned)."""
    draft = _allowed(actor, draft_id)
    work = _work()
    if sum(judged.size for _, judged in work) > AT_ONCE:
        return submit(actor, IMPACT_JOB, {"draft": draft.pk})
    compute_impact(actor, draft_id)
    return None


def impact_as_job(job: Job, actor: Actor, progress: Progress) -> dict[str, Any]:
    """The work of a job of :data:`IMPACT_JOB`; doing it twice gives the same result."""
    draft = compute_impact(actor, int(job.params["draft"]), progress)
    return {"draft": draft.pk, "revision": draft.revision, "cards": draft.impacts.count()}


def compute_impact(
    actor: Actor, draft_id: int, progress: Callable[[int], None] | Progress | None = None
) -> CatalogueDraft:
    """Judge the latest published result of every card by the draft and keep what moves. Nothing published is
    touched. Needs the right to read drafts of the catalogue."""
    draft = _allowed(actor, draft_id)
    catalogue, found, work = catalogue_of_draft(draft), list[Impact](), _work()
    for number, (judge, judged) in enumerate(work):
        if progress is not None:
            progress(int(100 * number / len(work)))
        impact = _judged(judge, judged, catalogue)
        if impact is not None:
            found.append(impact)
    with transaction.atomic():
        draft.impacts.all().delete()
        DraftImpact.objects.bulk_create(
            DraftImpact(
                draft=draft,
                revision=draft.revision,
                region_id=impact.region,
                run=impact.run,
                link=impact.link,
                scorecard=impact.scorecard,
                period=impact.period,
                result=asdict(impact),
                made_at=now(),
            )
            for impact in found
        )
        record(
            actor,
            "indicators.impact_measured",
            target_type="catalogue_draft",
            target_id=draft.pk,
            after={"revision": draft.revision, "runs": [impact.run for impact in found]},
        )
    return draft


def _judged(judge: Judge, judged: Judged, catalogue: Catalogue) -> Impact | None:
    return judge.impact(judged.run, catalogue)


def _work() -> Work:
    return [(judge, judged) for judge in registry.judges() for judged in judge.latest()]


def _allowed(actor: Actor, draft_id: int) -> CatalogueDraft:
    draft = draft_with(actor, draft_id)
    if not any(
        actor.can(permission) for permission in (Permission.CATALOGUE_MANAGE, Permission.CATALOGUE_DRAFT)
    ):
        raise PermissionDenied(Permission.CATALOGUE_DRAFT)
    return draft
