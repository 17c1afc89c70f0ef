"""What people do with alerts: one verb a function, each asks the rules and leaves a line in the history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import User
from jingtu.core.audit.actions import register_actions, register_objects, register_states
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Problem, refuse
from jingtu.core.notifications.services import notify
from jingtu.core.notifications.texts import NoticeText, register_notices

from ..models import Alert, AlertEvent, AlertReading
from ..rules import CLOSED_STATES, TABLE, AlertAction, AlertState, reason_problem, refusal, snooze_problem
from ..visibility import held_over, visible_alerts
from ..words import STATES

register_actions(
    {
        "alerts.acknowledge": ("知悉预警", "Alert acknowledged"),
        "alerts.take": ("着手处置预警", "Alert taken in hand"),
        "alerts.resolve": ("预警标为已解决", "Alert resolved"),
        "alerts.snooze": ("暂缓预警", "Alert put off"),
        "alerts.dismiss": ("排除预警", "Alert dismissed"),
        "alerts.reopen": ("重新打开预警", "Alert reopened"),
        "alerts.assign": ("指定预警责任人", "Alert assigned"),
    }
)
register_objects({"alert": ("预警", "Alert")})
register_states("alert", STATES)
register_notices(
    {
        "alerts.assigned": NoticeText(
            "一条预警交由您处置",
            "An alert is yours to settle",
            "请在{due}前知悉并处置。",
            "Please see to it by {due}.",
        ),
    }
)


def acknowledge(actor: Actor, alert_id: int, reason: str = "") -> Alert:
    """Say that the alert has been seen by somebody who answers for it."""
    return act(actor, alert_id, AlertAction.ACKNOWLEDGE, reason)


def take_in_hand(actor: Actor, alert_id: int, reason: str = "") -> Alert:
    """Say that something is being done about it."""
    return act(actor, alert_id, AlertAction.TAKE, reason)


def resolve(actor: Actor, alert_id: int, reason: str) -> Alert:
    """Say what was done; the next period that shows the same raises it again."""
    return act(actor, alert_id, AlertAction.RESOLVE, reason)


def dismiss(actor: Actor, alert_id: int, reason: str) -> Alert:
    """Say why it is no matter (a false alarm); it speaks again only when it becomes worse."""
    return act(actor, alert_id, AlertAction.DISMISS, reason)


def snooze(actor: Actor, alert_id: int, until: dt.date, reason: str) -> Alert:
    """Put it off to a day, with the reason; it comes back that day, or sooner when it becomes worse."""
    problem = snooze_problem(until, today())
    if problem is not None:
        get_visible(actor, alert_id)
        raise InvalidInput([problem])
    return act(actor, alert_id, AlertAction.SNOOZE, reason, until)


def reopen(actor: Actor, alert_id: int, reason: str) -> Alert:
    """Take back a settlement, with the reason."""
    return act(actor, alert_id, AlertAction.REOPEN, reason)


def act(
    actor: Actor, alert_id: int, action: AlertAction, reason: str = "", until: dt.date | None = None
) -> Alert:
    """Do one of the acts. Raises NotFound, PermissionDenied, Conflict, InvalidInput for a missing reason."""
    with transaction.atomic():
        alert = _locked(actor, alert_id)
        problem = refusal_for(actor, alert, action)
        if problem is not None:
            if problem.code == "alerts.not_permitted":
                raise PermissionDenied(TABLE[action].permission)
            raise Conflict(problem)
        missing = reason_problem(action, reason)
        if missing is not None:
            raise InvalidInput([missing])
        before, target = alert.state, TABLE[action].target
        alert.state = target.value
        alert.snoozed_until = until if target is AlertState.SNOOZED else None
        alert.closed_at = now() if target in CLOSED_STATES else None
        if target in CLOSED_STATES or target is AlertState.SNOOZED:
            alert.settled_strength = alert.strength
        alert.save()
        _write_down(actor, alert, action.value, before, reason)
    return alert


def acknowledge_many(actor: Actor, alert_ids: Iterable[int]) -> int:
    """Acknowledge those among them that are new and the actor may handle; how many that were.

    One line of the audit trail names them all. The number of queries does not depend on how many there are.
    """
    row = TABLE[AlertAction.ACKNOWLEDGE]
    with transaction.atomic():
        wanted = Alert.objects.filter(
            visible_alerts(actor),
            held_over(actor, row.permission),
            pk__in=set(alert_ids),
            state__in=[state.value for state in row.sources],
        )
        alerts = list(wanted.select_for_update(of=("self",)).order_by("pk"))
        if not alerts:
            return 0
        ids = [alert.pk for alert in alerts]
        Alert.objects.filter(pk__in=ids).update(state=row.target.value, snoozed_until=None, closed_at=None)
        person, moment = user_id_of(actor), now()
        AlertEvent.objects.bulk_create(
            AlertEvent(
                alert=alert,
                kind=AlertAction.ACKNOWLEDGE.value,
                from_state=alert.state,
                to_state=row.target.value,
                period=alert.last_period,
                person_id=person,
                at=moment,
            )
            for alert in alerts
        )
        record(
            actor,
            f"alerts.{AlertAction.ACKNOWLEDGE.value}",
            target_type="alert",
            target_id=ids[0] if len(ids) == 1 else f"{ids[0]}–{ids[-1]}",
            region_id=alerts[0].region_id if len(ids) == 1 else None,
            after={"state": row.target.value, "alerts": ids},
        )
    return len(ids)


def assign(actor: Actor, alert_id: int, user_id: int, reason: str = "") -> Alert:
    """Hand an alert to somebody who may see and handle it. Raises InvalidInput for anybody else."""
    with transaction.atomic():
        alert = _locked(actor, alert_id)
        if not actor.can(Permission.ALERTS_DISMISS, alert.region_id):
            raise PermissionDenied(Permission.ALERTS_DISMISS)
        user = User.objects.filter(pk=user_id, is_active=True).first()
        other = UserActor(user) if user else None
        if other is None or not (
            other.can(Permission.ALERTS_HANDLE, alert.region_id)
            and Alert.objects.filter(visible_alerts(other), pk=alert.pk).exists()
        ):
            raise refuse("alerts.not_an_owner", column="owner")
        alert.owner = user
        alert.save(update_fields=["owner"])
        _write_down(actor, alert, "assign", alert.state, reason)
        notify(
            actor,
            [user_id],
            "alerts.assigned",
            params={"due": alert.due_on.isoformat()},
            link=f"/alerts/{alert.pk}/",
        )
    return alert


def mark_read(actor: Actor, alert: Alert) -> None:
    """The receipt: the actor has opened the alert."""
    person = user_id_of(actor)
    if person is None:
        return
    moment = now()
    known = AlertReading.objects.filter(alert=alert, person_id=person).update(last_at=moment)
    if not known:
        AlertReading.objects.get_or_create(
            alert=alert, person_id=person, defaults={"first_at": moment, "last_at": moment}
        )


def refusal_for(actor: Actor, alert: Alert, action: AlertAction) -> Problem | None:
    """Why the actor may not do this now; None when it may."""
    held = frozenset(
        permission
        for permission in (Permission.ALERTS_HANDLE, Permission.ALERTS_DISMISS)
        if actor.can(permission, alert.region_id)
    )
    return refusal(action, AlertState(alert.state), held)


def get_visible(actor: Actor, alert_id: int) -> Alert:
    """The alert, NotFound also where it exists but is not the actor's to know."""
    alert = Alert.objects.filter(visible_alerts(actor), pk=alert_id).first()
    if alert is None:
        raise NotFound(alert_id, "alert")
    return alert


def _locked(actor: Actor, alert_id: int) -> Alert:
    get_visible(actor, alert_id)
    return Alert.objects.select_for_update().get(pk=alert_id)


def _write_down(actor: Actor, alert: Alert, kind: str, before: str, reason: str) -> None:
    AlertEvent.objects.create(
        alert=alert,
        kind=kind,
        from_state=before,
        to_state=alert.state,
        period=alert.last_period,
        reason=reason.strip(),
        person_id=user_id_of(actor),
        at=now(),
    )
    record(
        actor,
        f"alerts.{kind}",
        target_type="alert",
        target_id=alert.pk,
        region_id=alert.region_id,
        before={"state": before},
        after={"state": alert.state, "owner": alert.owner_id},
        reason=reason.strip(),
    )
