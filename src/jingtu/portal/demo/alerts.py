"""The alerts of the demonstration in every state: what its people have done about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from jingtu.assessment.alerts import services
from jingtu.assessment.alerts.models import Alert, AlertEvent
from jingtu.assessment.alerts.queries import AlertFilter, alerts
from jingtu.core.kernel.actor import actor_named
from jingtu.core.kernel.clock import today

LATEST = "2026-09"


def settle(report: Callable[[int, int], None]) -> int:
    """Let the analyst clear what is past and the county see to its own; nothing the second time."""
    services.on_time()
    if AlertEvent.objects.filter(person__isnull=False).exists():
        return 0
    analyst, county = actor_named("analyst"), actor_named("county")
    done = 0
    past = [alert for alert in alerts(analyst, AlertFilter(state="open")) if _is_past(alert)]
    for number, alert in enumerate(past, start=1):
        # A poppy patch in May is dug out, a rate that came back has come back.
        if alert.kind == "sudden_change" or number % 7 == 0:
            services.dismiss(analyst, alert.pk, "已核对台账，属统计口径调整")
        else:
            services.resolve(analyst, alert.pk, "已督促整改，后续月份恢复正常")
        done += 1
        report(number, len(past))
    own = list(alerts(county, AlertFilter(state="open", mine=True)))
    for alert, act in zip(own, (services.acknowledge, services.take_in_hand), strict=False):
        act(county, alert.pk)
        done += 1
    if len(own) > 2:
        services.resolve(county, own[2].pk, "已派人核实并补齐整改材料")
        done += 1
    growing = (
        alerts(analyst, AlertFilter(state="open", severity="warning")).filter(kind="gap_growing").first()
    )
    if growing is not None:
        services.snooze(analyst, growing.pk, today() + dt.timedelta(days=14), "检测设备月底到位，到位后再看")
        done += 1
    return done


def _is_past(alert: Alert) -> bool:
    return alert.last_period < LATEST or bool(alert.eased_in)
