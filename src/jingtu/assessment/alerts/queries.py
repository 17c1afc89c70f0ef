"""What is read of alerts. The feed for the apps above is :func:`open_alerts`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from jingtu.assessment.indicators.store import catalogue_of, newest
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.rules import RunState
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import Region
from jingtu.core.ui.charts import Level, Series, Trend
from jingtu.engine.alerting import sentence
from jingtu.engine.catalogue import AlertRule, Catalogue
from jingtu.engine.periods import Period

from .models import OPEN, Alert, AlertEvent, AlertOccurrence, AlertReading
from .rules import WAITING_STATES, AlertAction, Severity
from .services import refusal_for
from .smallness import hidden_periods
from .visibility import visible_alerts
from .words import EVENTS, STATES

WAITING = [state.value for state in WAITING_STATES]


@dataclass(frozen=True)
class AlertFilter:
    """What a list is narrowed to; empty values leave it open. ``state``: one, ``open``, ``waiting`` or ``""``
    for all; ``region`` means its subtree."""

    state: str = "open"
    severity: str = ""
    rule: str = ""
    tree: str = ""
    region: int | None = None
    mine: bool = False
    overdue: bool = False


def alerts(actor: Actor, wanted: AlertFilter | None = None) -> QuerySet[Alert]:
    """Alerts the actor may know of, the nearest due first, each with region, tree and owner."""
    wanted = wanted or AlertFilter(state="")
    found = Alert.objects.filter(visible_alerts(actor)).select_related("region", "tree", "owner")
    match wanted.state:
        case "open":
            found = found.filter(state__in=OPEN)
        case "waiting":
            found = found.filter(state__in=WAITING)
        case "":
            pass
        case state:
            found = found.filter(state=state)
    if wanted.severity:
        found = found.filter(severity=wanted.severity)
    if wanted.rule:
        found = found.filter(rule=wanted.rule)
    if wanted.tree:
        found = found.filter(tree__slug=wanted.tree)
    if wanted.region is not None:
        found = found.filter(_below(wanted.region))
    if wanted.mine:
        found = found.filter(owner_id=user_id_of(actor))
    if wanted.overdue:
        found = found.filter(state__in=WAITING, due_on__lt=today())
    return found.order_by("due_on", "-last_end", "tree_id", "region__position", "pk")


def open_alerts(
    actor: Actor,
    region_id: int | None = None,
    *,
    rule: str = "",
    severity: str = "",
    subject: str = "",
    since: dt.date | None = None,
) -> QuerySet[Alert]:
    """Open alerts inside a region for the apps above (measures, cockpit): published figures only.

    ``since``: only those whose latest period ends on that day or later.
    """
    found = alerts(actor, AlertFilter(state="open", rule=rule, severity=severity, region=region_id)).filter(
        disclosed=True
    )
    if subject:
        found = found.filter(subject=subject)
    return found.filter(last_end__gte=since) if since else found


def open_counts(actor: Actor, region_id: int | None = None) -> dict[str, int]:
    """How many open alerts there are of each severity, and how many are overdue. Two queries."""
    found = open_alerts(actor, region_id).order_by()
    counts = dict.fromkeys((severity.value for severity in Severity), 0)
    late = Count("pk", filter=Q(state__in=WAITING, due_on__lt=today()))
    overdue = 0
    for severity, number, past in found.values_list("severity").annotate(number=Count("pk"), late=late):
        counts[severity] = number
        overdue += past
    return counts | {"overdue": overdue, "all": sum(counts.values())}


def get_alert(actor: Actor, alert_id: int) -> Alert:
    """One alert. Raises NotFound also where it exists but is not the actor's to know."""
    alert = alerts(actor).filter(pk=alert_id).first()
    if alert is None:
        raise NotFound(alert_id, "alert")
    return alert


@dataclass(frozen=True)
class AlertRow:
    """An alert in a list: in words of the reader's language."""

    alert: Alert
    place: str
    subject: str
    sentence: str
    late: bool


def rows(actor: Actor, found: Sequence[Alert]) -> list[AlertRow]:
    """The alerts of one page in words. One query, besides the catalogue's."""
    catalogue = catalogue_now()
    latest = {
        (occurrence.alert_id, occurrence.period): occurrence
        for occurrence in AlertOccurrence.objects.filter(alert__in=[alert.pk for alert in found])
    }
    day = today()
    return [
        AlertRow(
            alert,
            alert.region.name,
            subject_name(catalogue, alert.subject, actor.language),
            _sentence(catalogue, alert, latest.get((alert.pk, alert.last_period)), actor.language),
            alert.state in WAITING and alert.due_on < day,
        )
        for alert in found
    ]


def subject_name(catalogue: Catalogue | None, code: str, language: Literal["zh", "en"]) -> str:
    """The indicator's name; its code where the catalogue has none, "" for missing reports."""
    indicator = catalogue.indicators.get(code) if catalogue else None
    return indicator.name(language) if indicator else code


@dataclass(frozen=True)
class OccurrenceRow:
    """One period of an episode."""

    period: str
    sentence: str
    run: Run | None
    explain_url: str
    draft: bool


@dataclass(frozen=True)
class EventRow:
    """One line of the history."""

    word: str | Promise
    state: str | Promise
    period: str
    reason: str
    person: str
    at: dt.datetime


@dataclass(frozen=True)
class AlertPage:
    """The page of an alert."""

    row: AlertRow
    rule: AlertRule | None
    occurrences: Sequence[OccurrenceRow]
    events: Sequence[EventRow]
    readings: Sequence[AlertReading]
    chart: Trend | None
    actions: Sequence[AlertAction]
    may_assign: bool


def alert_detail(actor: Actor, alert_id: int) -> AlertPage:
    """Everything the page of one alert shows. Raises NotFound."""
    alert = get_alert(actor, alert_id)
    catalogue, language = catalogue_now(), actor.language
    occurrences = list(alert.occurrences.select_related("run"))
    return AlertPage(
        row=rows(actor, [alert])[0],
        rule=catalogue.alerts.get(alert.rule) if catalogue else None,
        occurrences=[
            OccurrenceRow(
                Period.parse(one.period).label(language),
                _sentence(catalogue, alert, one, language),
                one.run,
                _explanation(alert, one),
                one.run is not None and one.run.state not in (RunState.PUBLISHED, RunState.SUPERSEDED),
            )
            for one in occurrences
        ],
        events=[_event_row(event, language) for event in alert.events.select_related("person")],
        readings=list(alert.readings.select_related("person")),
        chart=_chart(actor, catalogue, alert, occurrences),
        actions=[action for action in AlertAction if refusal_for(actor, alert, action) is None],
        may_assign=alert.open and actor.can(Permission.ALERTS_DISMISS, alert.region_id),
    )


def _event_row(event: AlertEvent, language: Literal["zh", "en"]) -> EventRow:
    return EventRow(
        EVENTS.get(event.kind, event.kind),
        STATES.get(event.to_state, event.to_state),
        Period.parse(event.period).label(language) if event.period else "",
        event.reason,
        event.person.full_name if event.person else "",
        event.at,
    )


def _explanation(alert: Alert, occurrence: AlertOccurrence) -> str:
    if not alert.subject or occurrence.run_id is None:
        return ""
    return reverse("runs-short:indicator", args=[occurrence.run_id, alert.region_id, alert.subject])


def _chart(
    actor: Actor, catalogue: Catalogue | None, alert: Alert, occurrences: Sequence[AlertOccurrence]
) -> Trend | None:
    """The values the detection rests on, earlier periods of the episode in front."""
    indicator = catalogue.indicators.get(alert.subject) if catalogue else None
    if indicator is None:
        return None
    values: dict[str, str | None] = {}
    for occurrence in occurrences:
        values |= {key: value for key, value in occurrence.evidence.get("series", ()) if key not in values}
    if not actor.can(Permission.SMALL_CELLS_READ, alert.region_id):
        for key in hidden_periods(alert, values):
            del values[key]
    if len(values) < 2:
        return None
    language = actor.language
    periods = sorted((Period.parse(key) for key in values), key=lambda period: period.end)
    levels = []
    if indicator.target:
        levels.append(Level(_("目标"), indicator.target.value))
    if indicator.red_line:
        levels.append(Level(_("红线"), indicator.red_line.value, "red"))
    return Trend(
        indicator.name(language),
        indicator.unit_name(language),
        indicator.decimals,
        periods=[period.label(language) for period in periods],
        series=[Series(alert.region.name, [values[period.key] for period in periods], str(alert.region_id))],
        levels=levels,
    )


def filter_choices(actor: Actor) -> dict[str, list[tuple[str, Any]]]:
    """What the filters of the list offer: rules and trees that occur. Two queries."""
    seen = Alert.objects.filter(visible_alerts(actor)).order_by()
    english = actor.language == "en"
    rules = seen.values_list("rule", "rule_zh", "rule_en").distinct()
    named = {code: (en if english else zh) for code, zh, en in rules}
    trees = seen.values_list("tree__slug", "tree__name_zh", "tree__name_en").distinct()
    return {
        "rule": sorted(named.items(), key=lambda pair: pair[1]),
        "tree": sorted((slug, en if english else zh) for slug, zh, en in trees),
    }


def _below(region_id: int) -> Q:
    at = OuterRef("region__position")
    roots = Region.objects.filter(pk=region_id, tree_id=OuterRef("tree_id"), position__lte=at, last__gte=at)
    return Q(region_id=region_id) | Q(Exists(roots))


def catalogue_now() -> Catalogue | None:
    """The catalogue in force, None before the first import. At most two queries."""
    version = newest()
    return catalogue_of(version) if version else None


def _sentence(
    catalogue: Catalogue | None,
    alert: Alert,
    occurrence: AlertOccurrence | None,
    language: Literal["zh", "en"],
) -> str:
    if occurrence is None or catalogue is None:
        return alert.rule_en if language == "en" else alert.rule_zh
    return sentence(
        occurrence.code, alert.subject, occurrence.period, occurrence.evidence, catalogue, language
    )
