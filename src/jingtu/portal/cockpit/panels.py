"""What stands beside the results on the first page: alerts, how reporting stands, and for whom it is laid out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db.models import Case, Count, Q, Value, When, Window
from django.urls import reverse
from django.utils.http import urlencode

from jingtu.assessment.alerts.queries import AlertRow, open_alerts, rows
from jingtu.assessment.alerts.rules import WAITING_STATES, Severity
from jingtu.assessment.reporting.queries import FormStanding, form_standings
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import today
from jingtu.core.regions.models import Region

from .queries import Board

ALERT_ROWS = 6
_URGENCY = [Severity.CRITICAL.value, Severity.WARNING.value, Severity.INFO.value]
_WAITING = [state.value for state in WAITING_STATES]


class Desk(StrEnum):
    """Whose day the page is laid out for."""

    LEADER = "leader"
    OFFICE = "office"
    REPORTER = "reporter"
    TOWNSHIP = "township"


# The order of the parts below the standing: what each of them opens the day with.
PARTS: Mapping[Desk, Sequence[str]] = {
    Desk.LEADER: ("red", "map", "alerts", "reporting", "places"),
    Desk.OFFICE: ("reporting", "alerts", "red", "map", "places"),
    Desk.REPORTER: ("reporting", "red", "alerts", "map", "places"),
    Desk.TOWNSHIP: ("reporting", "red", "alerts", "map", "places"),
}


@dataclass(frozen=True)
class AlertPanel:
    """Open alerts inside the region, the most urgent first. ``url``: the full list, narrowed alike."""

    rows: Sequence[AlertRow] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    total: int = 0
    overdue: int = 0
    url: str = ""


@dataclass(frozen=True)
class Panels:
    """What the page shows beside the board."""

    desk: Desk
    parts: Sequence[str]
    alerts: AlertPanel | None
    reporting: Sequence[FormStanding]


def desk_of(actor: Actor, region: Region, *, bottom: bool) -> Desk:
    """For whom the page of the region is laid out: by what the actor may do there.

    ``bottom``: the region has nothing below it that reports.
    """
    if actor.can(Permission.RUNS_PREPARE, region.pk) or actor.can(Permission.RUNS_APPROVE, region.pk):
        return Desk.OFFICE
    if actor.can(Permission.FORMS_FILL, region.pk):
        return Desk.TOWNSHIP if bottom else Desk.REPORTER
    return Desk.LEADER


def panels(actor: Actor, board: Board, subjects: Collection[str] | None = None) -> Panels:
    """Alerts and reporting of the board's region; ``subjects``: only alerts on these indicators. The number of
    queries is constant."""
    desk = desk_of(actor, board.region, bottom=not board.below)
    return Panels(
        desk, PARTS[desk], alert_panel(actor, board.region, subjects), form_standings(actor, board.region)
    )


def alert_panel(actor: Actor, region: Region, subjects: Collection[str] | None = None) -> AlertPanel | None:
    """None for an actor who reads no results."""
    if not actor.can(Permission.RESULTS_READ):
        return None
    found = open_alerts(actor, region.pk)
    if subjects is not None:
        found = found.filter(subject__in=subjects)
    counted = {severity: _all_of(Q(severity=severity)) for severity in _URGENCY}
    late = Q(state__in=_WAITING, due_on__lt=today())
    urgency = Case(*(When(severity=name, then=Value(place)) for place, name in enumerate(_URGENCY)))
    # The first rows carry the counts of all: one read for both.
    first: list[Any] = list(
        found.annotate(urgency=urgency, late=_all_of(late), whole=_all_of(), **counted).order_by(
            "urgency", "due_on", "pk"
        )[:ALERT_ROWS]
    )
    return AlertPanel(
        rows(actor, first) if first else (),
        {severity: getattr(first[0], severity) if first else 0 for severity in _URGENCY},
        first[0].whole if first else 0,
        first[0].late if first else 0,
        f"{reverse('alerts:list')}?{urlencode({'region': region.pk})}",
    )


def _all_of(condition: Q | None = None) -> Window:
    """How many of all rows, not only of those taken, meet the condition."""
    return Window(Count("pk", filter=condition))
