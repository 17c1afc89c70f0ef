"""Which units must fill in a form: the rule of the definition, put to the region tree."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone

from jingtu.core.regions.models import PeerGroup, Region
from jingtu.engine.periods import Period

from .definition import Definition
from .models import FormVersion


def due_at(definition: Definition, period: Period) -> dt.datetime:
    """The moment until which a report of the period is in time, where the office is."""
    day = definition.deadline.term(period).day
    return timezone.make_aware(dt.datetime.combine(day, definition.deadline.time()))


def asked(tree_id: int, definition: Definition) -> Q:
    """The condition on today's :class:`Region` that keeps those who must fill the form in. At most two queries."""
    who = definition.who
    condition = Q(tree_id=tree_id, valid_to__isnull=True)
    if who.level:
        condition &= Q(level=who.level)
    if who.within:
        condition &= _below(Region.objects.filter(tree_id=tree_id, code=who.within, valid_to__isnull=True))
    if who.group:
        group = PeerGroup.objects.filter(tree_id=tree_id, code=who.group).first()
        members = group.members.filter(valid_to__isnull=True) if group else Region.objects.none()
        condition &= _below(members)
    if who.listed:
        condition &= Q(code__in=who.listed)
    return condition


def units_asked(tree_id: int, definition: Definition, period: Period) -> QuerySet[Region]:
    """The units that must fill in the form for a period, in the order of the tree."""
    found = Region.objects.filter(asked(tree_id, definition))
    return found.filter(Q(valid_from__isnull=True) | Q(valid_from__lte=period.end)).order_by("position")


def _below(regions: QuerySet[Region]) -> Q:
    condition = Q(pk__in=[])
    for pk, first, last in regions.values_list("pk", "position", "last"):
        condition |= Q(pk=pk) if first is None else Q(position__gte=first, position__lte=last)
    return condition


def version_for(versions: Iterable[FormVersion], period: Period) -> FormVersion | None:
    """Of a form's published versions the one that is asked for in the period: the newest whose time has begun."""
    standing = [
        version
        for version in versions
        if version.published_at is not None
        and version.content.cadence == period.kind.value
        and version.valid_from <= period.start
    ]
    newest = max(standing, key=lambda version: (version.valid_from, version.number), default=None)
    return newest if newest is not None and newest.content.covers(period) else None


@dataclass(frozen=True)
class Asked:
    """One period of a form with the version that asks, and until when."""

    version: FormVersion
    period: Period
    due_at: dt.datetime


def periods_asked(versions: list[FormVersion], day: dt.date, back: int) -> list[Asked]:
    """The period that runs on ``day`` and up to ``back`` before it, newest first; no longer asked for: left out."""
    found: list[Asked] = []
    for cadence in dict.fromkeys(version.content.cadence for version in versions):
        period = Period.of(cadence, day)
        for _ in range(back + 1):
            version = version_for(versions, period)
            if version is not None:
                found.append(Asked(version, period, due_at(version.content, period)))
            period = period.previous()
    return found
