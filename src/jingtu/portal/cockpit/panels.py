"""What stands beside the results on the first page: alerts, how reporting stands, and for whom it is laid out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

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
    # One read for counts and choice: open alerts of a region are settled within weeks, never many thousands.
    facts = list(found.order_by("due_on", "pk").values_list("pk", "severity", "state", "due_on"))
    facts.sort(key=lambda fact: (_URGENCY.index(fact[1]), fact[3], fact[0]))
    first = [pk for pk, *_ in facts[:ALERT_ROWS]]
    chosen = {alert.pk: alert for alert in found.filter(pk__in=first)} if first else {}
    counts = {severity: sum(fact[1] == severity for fact in facts) for severity in _URGENCY}
    day = today()
    return AlertPanel(
        rows(actor, [chosen[pk] for pk in first if pk in chosen]) if chosen else (),
        counts,
        len(facts),
        sum(fact[2] in _WAITING and fact[3] < day for fact in facts),
        f"{reverse('alerts:list')}?{urlencode({'region': region.pk})}",
    )
