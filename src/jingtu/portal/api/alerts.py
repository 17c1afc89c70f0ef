"""Alerts: the same queries and services as the pages, the same refusals."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from django.http import HttpRequest
from ninja import Router, Schema

from jingtu.assessment.alerts import queries, services
from jingtu.assessment.alerts.queries import AlertFilter, AlertRow
from jingtu.assessment.alerts.rules import AlertAction
from jingtu.core.accounts.access import actor_of
from jingtu.core.kernel.errors import refuse

from . import paging
from .regions import place_of
from .schemas import Body, Code, Id, Place, Reason

router = Router(tags=["alerts"])
State = Literal["", "open", "waiting", "new", "acknowledged", "in_hand", "snoozed", "resolved", "dismissed"]
Severity = Literal["", "critical", "warning", "info"]
Act = Literal["acknowledge", "take", "resolve", "snooze", "dismiss", "reopen"]


class AlertOut(Schema):
    """One episode of one rule at one place. `indicator` is empty for missing reports; `times`: in how many
    periods it was seen; `published`: whether the figures it rests on are."""

    id: int
    rule: str
    rule_name: str
    kind: str
    severity: str
    tree: str
    region: Place
    indicator: str
    sentence: str
    state: str
    first_period: str
    last_period: str
    times: int
    eased_in: str
    published: bool
    owner: str | None
    due_on: dt.date
    overdue: bool
    snoozed_until: dt.date | None
    raised_at: dt.datetime
    closed_at: dt.datetime | None


class AlertEventOut(Schema):
    """One line of the history; nobody: the machine."""

    what: str
    state: str
    period: str
    reason: str
    person: str
    at: dt.datetime


class AlertDetail(AlertOut):
    """An alert with its history and what the caller may do with it now."""

    actions: list[str]
    history: list[AlertEventOut]


class AlertPage(Schema):
    """A page of alerts, the newest first."""

    items: list[AlertOut]
    next: str | None


class Deed(Body):
    """`reason` is required to resolve, snooze, dismiss and reopen; `until` to snooze."""

    reason: Reason = ""
    until: dt.date | None = None


@router.get("/alerts", response=AlertPage, summary="预警列表")
def list_alerts(
    request: HttpRequest,
    state: State = "open",
    severity: Severity = "",
    rule: Code = "",
    tree: Code = "",
    region: Id | None = None,
    mine: bool = False,
    overdue: bool = False,
    limit: paging.Limit = 50,
    cursor: paging.Cursor = "",
) -> AlertPage:
    """Alerts that the caller may know of, the newest first; an empty `state` means all, `region` its subtree."""
    actor = actor_of(request)
    wanted = AlertFilter(state, severity, rule, tree, region, mine, overdue)
    found, following = paging.newest_first(queries.alerts(actor, wanted), limit, cursor, wanted=wanted)
    return AlertPage(items=[_alert(row) for row in queries.rows(actor, found)], next=following)


@router.get("/alerts/{int:alert_id}", response=AlertDetail, summary="一条预警")
def get_alert(request: HttpRequest, alert_id: Id) -> AlertDetail:
    """One alert with its history."""
    return _detail(request, alert_id)


@router.post("/alerts/{int:alert_id}/{act}", response=AlertDetail, summary="处置预警")
def act_on_alert(request: HttpRequest, alert_id: Id, act: Act, deed: Deed) -> AlertDetail:
    """Acknowledge, take in hand, resolve, put off, dismiss or reopen an alert."""
    actor = actor_of(request)
    if act == AlertAction.SNOOZE:
        queries.get_alert(actor, alert_id)
        if deed.until is None:
            raise refuse("alerts.until_needed", column="until")
        services.snooze(actor, alert_id, deed.until, deed.reason)
    else:
        services.act(actor, alert_id, AlertAction(act), deed.reason)
    return _detail(request, alert_id)


def _detail(request: HttpRequest, alert_id: int) -> AlertDetail:
    page = queries.alert_detail(actor_of(request), alert_id)
    return AlertDetail(
        **_alert(page.row).dict(),
        actions=[action.value for action in page.actions],
        history=[
            AlertEventOut(
                what=str(event.word),
                state=str(event.state),
                period=event.period,
                reason=event.reason,
                person=event.person,
                at=event.at,
            )
            for event in page.events
        ],
    )


def _alert(row: AlertRow) -> AlertOut:
    alert = row.alert
    return AlertOut(
        id=alert.pk,
        rule=alert.rule,
        rule_name=alert.rule_name,
        kind=alert.kind,
        severity=alert.severity,
        tree=alert.tree.slug,
        region=place_of(alert.region),
        indicator=alert.subject,
        sentence=row.sentence,
        state=alert.state,
        first_period=alert.first_period,
        last_period=alert.last_period,
        times=alert.times,
        eased_in=alert.eased_in,
        published=alert.disclosed,
        owner=alert.owner.full_name if alert.owner else None,
        due_on=alert.due_on,
        overdue=row.late,
        snoozed_until=alert.snoozed_until,
        raised_at=alert.raised_at,
        closed_at=alert.closed_at,
    )
