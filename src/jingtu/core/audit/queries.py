"""What is read of the audit trail: only by actors who hold AUDIT_READ."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import NotFound, PermissionDenied
from jingtu.core.kernel.ids import ids_in

from .actions import reading_actions, rows_named
from .models import AuditEntry

EARLIEST, LATEST = dt.date(1900, 1, 1), dt.date(2999, 12, 31)
"""Days asked for lie between: the very ends of the calendar have no midnight in another time zone."""


@dataclass(frozen=True)
class Filters:
    """What to look for; empty fields do not limit. Days are inclusive and those of the office's time zone."""

    person: str = ""
    action: str = ""
    target: str = ""
    kind: Literal["", "change", "read"] = ""
    since: dt.date | None = None
    until: dt.date | None = None

    def __bool__(self) -> bool:
        return any((self.person, self.action, self.target, self.kind, self.since, self.until))


def entries(actor: Actor, filters: Filters | None = None) -> QuerySet[AuditEntry]:
    """Entries that match, newest first. Raises PermissionDenied.

    ``person`` is part of an actor's name; ``action`` a code or its beginning up to a dot;
    ``target`` a type, ``type:id`` or ``type:part of a name`` (of a user or a region; a region's are also the
    deeds that fell to it), or ``:id`` of any type; ``kind`` deeds that changed something, or by which somebody took
    knowledge of data.
    """
    if not actor.can(Permission.AUDIT_READ):
        raise PermissionDenied(Permission.AUDIT_READ)
    wanted = filters or Filters()
    found = AuditEntry.objects.order_by("-sequence")
    if wanted.person:
        found = found.filter(Q(actor_label__icontains=wanted.person) | Q(actor_id=wanted.person))
    if wanted.action:
        found = found.filter(Q(action=wanted.action) | Q(action__startswith=f"{wanted.action}."))
    if wanted.target:
        found = found.filter(_of_target(wanted.target))
    if wanted.kind == "read":
        found = found.filter(action__in=reading_actions())
    elif wanted.kind == "change":
        found = found.exclude(action__in=reading_actions())
    if wanted.since:
        found = found.filter(moment__gte=_midnight(wanted.since))
    if wanted.until:
        found = found.filter(moment__lt=_midnight(min(wanted.until, LATEST) + dt.timedelta(days=1)))
    return found


def _of_target(target: str) -> Q:
    kind, _, identity = target.partition(":")
    if not identity:
        return Q(target_type=kind)
    if not kind:
        return Q(target_id=identity)
    meant = Q(target_type=kind, target_id=identity)
    fell_to = Q(region_id__in=ids_in([identity]))
    named = rows_named(kind, identity)
    if named is not None:
        meant |= Q(target_type=kind, target_id__in=named.values_list(Cast("pk", CharField())))
        fell_to |= Q(region_id__in=named.values("pk"))
    return meant | fell_to if kind == "region" else meant


def get_entry(actor: Actor, sequence: int) -> AuditEntry:
    """One entry. Raises PermissionDenied, NotFound."""
    entry = entries(actor).filter(pk=sequence).first()
    if entry is None:
        raise NotFound(sequence, "audit_entry")
    return entry


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(max(day, EARLIEST), dt.time.min))
