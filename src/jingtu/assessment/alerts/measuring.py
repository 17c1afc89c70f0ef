"""The rules in force, how they have done, and what one would have raised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q

from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.queries import runs_visible
from jingtu.assessment.runs.rules import RunState
from jingtu.assessment.runs.snapshots import figures_of, open_run
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import NotFound, PermissionDenied
from jingtu.engine.alerting import detect
from jingtu.engine.catalogue import AlertRule
from jingtu.engine.catalogue.alertrules import watched_indicators

from .models import OPEN
from .queries import AlertFilter, alerts, catalogue_now
from .rules import AlertState, Severity

_URGENCY = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.INFO: 2}
LATEST = 12


@dataclass(frozen=True)
class RuleStatistics:
    """How one rule has done: how many, how quickly settled, how many of the settled were false alarms."""

    rule: str
    name: str
    raised: int
    open: int
    resolved: int
    dismissed: int
    days: float | None
    false_share: float | None


def statistics(actor: Actor, tree: str = "", region: int | None = None) -> list[RuleStatistics]:
    """By rule, over the alerts the actor may know of. One query."""
    taken = ExpressionWrapper(F("closed_at") - F("raised_at"), output_field=DurationField())
    resolved, dismissed = Q(state=AlertState.RESOLVED.value), Q(state=AlertState.DISMISSED.value)
    found = (
        alerts(actor, AlertFilter(state="", tree=tree, region=region))
        .order_by("rule")
        .values("rule")
        .annotate(
            raised=Count("pk"),
            waiting=Count("pk", filter=Q(state__in=OPEN)),
            resolved=Count("pk", filter=resolved),
            dismissed=Count("pk", filter=dismissed),
            taken=Avg(taken, filter=resolved),
        )
    )
    catalogue = catalogue_now()
    shown = []
    for row in found:
        rule = catalogue.alerts.get(row["rule"]) if catalogue else None
        settled = row["resolved"] + row["dismissed"]
        shown.append(
            RuleStatistics(
                row["rule"],
                rule.name(actor.language) if rule else row["rule"],
                row["raised"],
                row["waiting"],
                row["resolved"],
                row["dismissed"],
                round(row["taken"].total_seconds() / 86400, 1) if row["taken"] else None,
                round(100 * row["dismissed"] / settled, 1) if settled else None,
            )
        )
    return shown


def alert_rules(actor: Actor) -> list[AlertRule]:
    """The rules in force, the most urgent first."""
    catalogue = catalogue_now()
    found = list(catalogue.alerts.values()) if catalogue else []
    return sorted(found, key=lambda rule: _URGENCY[Severity(rule.severity)])


def alert_rule(actor: Actor, code: str) -> AlertRule:
    """One rule in force. Raises NotFound."""
    catalogue = catalogue_now()
    if catalogue is None or code not in catalogue.alerts:
        raise NotFound(code, "alert_rule")
    return catalogue.alerts[code]


@dataclass(frozen=True)
class TriedRow:
    """One alert a rule would have raised."""

    place: str
    sentence: str


@dataclass(frozen=True)
class Trial:
    """A rule tried on a published run: how often it would have fired, and where (as far as the actor sees)."""

    run: Run
    times: int
    shown: Sequence[TriedRow]


def trial(actor: Actor, rule: AlertRule, run: Run | None = None) -> Trial | None:
    """A rule, kept or not, on the figures of a run (by default the latest published one of its rhythm).

    Only for those who see the exact figures of the whole run, because what fires tells of small counts.
    Raises PermissionDenied; None when there is no run to try it on.
    """
    if not actor.can(Permission.SMALL_CELLS_READ):
        raise PermissionDenied(Permission.SMALL_CELLS_READ)
    if run is None:
        published = runs_visible(actor).filter(state=RunState.PUBLISHED.value, cadence__in=list(rule.cadence))
        run = next((one for one in published[:LATEST] if _reaches(actor, one, rule)), None)
    if run is None:
        return None
    if not actor.can(Permission.SMALL_CELLS_READ, run.region_id):
        raise PermissionDenied(Permission.SMALL_CELLS_READ)
    opened = open_run(run)
    with figures_of(run) as figures:
        signals = detect(figures, [rule])
    return Trial(
        run,
        len(signals),
        [
            TriedRow(opened.tree.names[signal.position], signal.text(opened.catalogue, actor.language))
            for signal in signals
        ],
    )


def _reaches(actor: Actor, run: Run, rule: AlertRule) -> bool:
    """Whether the run's tree has the rule's levels, and the actor its exact figures."""
    if not actor.can(Permission.SMALL_CELLS_READ, run.region_id):
        return False
    return (
        not rule.levels
        or run.level in rule.levels
        or any(level in run.tree.level_names for level in rule.levels)
    )


def watched_names(actor: Actor, rule: AlertRule) -> list[tuple[str, str]]:
    """Code and name of what a rule watches: indicators, or the elements it names."""
    catalogue = catalogue_now()
    if catalogue is None:
        return []
    if rule.elements:
        known = [catalogue.elements[code] for code in rule.elements if code in catalogue.elements]
        return [(element.code, element.name(actor.language)) for element in known]
    return [(item.code, item.name(actor.language)) for item in watched_indicators(catalogue, rule)]
