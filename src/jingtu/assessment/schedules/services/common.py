"""What the deeds of people and of the ticker share."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings

from jingtu.core.accounts.actors import UserActor
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import NotFound, PermissionDenied

from ..models import Schedule
from ..rules import OccurrenceState


def office_zone() -> ZoneInfo:
    """The office's own time."""
    return ZoneInfo(settings.TIME_ZONE)


def managed(actor: Actor, schedule_id: int, *, lock: bool = False) -> Schedule:
    """The schedule for somebody who looks after it. Raises NotFound or PermissionDenied for anybody else."""
    rows = Schedule.objects.select_for_update(of=("self",)) if lock else Schedule.objects
    schedule = rows.select_related("region__tree", "on_behalf", "send_to").filter(pk=schedule_id).first()
    if schedule is None or not actor.can(Permission.SCHEDULES_READ, schedule.region_id):
        raise NotFound(schedule_id, "schedule")
    if not actor.can(Permission.SCHEDULES_MANAGE, schedule.region_id):
        raise PermissionDenied(Permission.SCHEDULES_MANAGE)
    return schedule


def person_of(schedule: Schedule) -> UserActor:
    """Whoever the schedule acts for, with the rights of today."""
    return UserActor(schedule.on_behalf)


def reopen(schedule: Schedule, state: OccurrenceState, only: int | None = None) -> int:
    """Let occurrences that ended this way be dealt with again; how many there were."""
    rows = schedule.occurrences.filter(state=state)
    if only is not None:
        rows = rows.filter(pk=only)
    return rows.update(state=OccurrenceState.WAITING, tries=0, finished_at=None)


def audited(actor: Actor, action: str, schedule: Schedule, **values: object) -> None:
    """Put a deed on a schedule into the audit trail."""
    record(
        actor,
        action,
        target_type="schedule",
        target_id=schedule.pk,
        region_id=schedule.region_id,
        **values,  # type: ignore[arg-type]
    )
