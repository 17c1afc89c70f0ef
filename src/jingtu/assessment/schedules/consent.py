"""Whether the person agrees in whose name a schedule is to act; without it nothing is prepared in their name."""

from __future__ import annotations

from django.db import transaction

from jingtu.core.audit.actions import register_actions
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, NotFound, Problem

from . import notices
from .models import Schedule
from .rules import Consent

register_actions(
    {
        "schedules.consented": ("同意计划以本人名义执行", "Agreed that a schedule acts in one's name"),
        "schedules.declined": ("不同意计划以本人名义执行", "Refused that a schedule acts in one's name"),
    }
)


def ask(schedule: Schedule, person: int) -> None:
    """Whoever names themselves agrees by that; anybody else is to be asked. The caller saves."""
    own = schedule.on_behalf_id == person
    schedule.consent = (Consent.GIVEN if own else Consent.ASKED).value
    schedule.answered_at, schedule.answer = (now() if own else None), ""


def agree(actor: Actor, schedule_id: int) -> Schedule:
    """Let the schedule prepare in the actor's name from now on. Raises Conflict for anybody but the person named."""
    return _answer(actor, schedule_id, Consent.GIVEN, "")


def decline(actor: Actor, schedule_id: int, reason: str = "") -> Schedule:
    """Do not let it, or no longer. Drafts it has made stay. Raises Conflict for anybody but the person named."""
    return _answer(actor, schedule_id, Consent.DECLINED, reason.strip()[:300])


def require(schedule: Schedule) -> None:
    """Raise Conflict unless the person named has agreed."""
    if problem := missing(schedule):
        raise Conflict(problem)


def missing(schedule: Schedule) -> Problem | None:
    """Why nothing may be prepared in the person's name; None when they have agreed."""
    if schedule.consent == Consent.GIVEN:
        return None
    return Problem(f"schedules.consent_{schedule.consent}", {"person": schedule.on_behalf.full_name})


def _answer(actor: Actor, schedule_id: int, answer: Consent, reason: str) -> Schedule:
    with transaction.atomic():
        schedule = (
            Schedule.objects.select_for_update(of=("self",))
            .select_related("region__tree", "on_behalf")
            .filter(pk=schedule_id)
            .first()
        )
        if schedule is None or not actor.can(Permission.SCHEDULES_READ, schedule.region_id):
            raise NotFound(schedule_id, "schedule")
        if user_id_of(actor) != schedule.on_behalf_id:
            raise Conflict(Problem("schedules.not_named", {"person": schedule.on_behalf.full_name}))
        if schedule.consent == answer:
            return schedule
        schedule.consent, schedule.answered_at, schedule.answer = answer.value, now(), reason
        schedule.save(update_fields=["consent", "answered_at", "answer"])
        agreed = answer is Consent.GIVEN
        record(
            actor,
            "schedules.consented" if agreed else "schedules.declined",
            target_type="schedule",
            target_id=schedule.pk,
            region_id=schedule.region_id,
            reason=reason,
        )
        notices.answered(actor, schedule, agreed=agreed)
    return schedule
