"""The alerts of the demonstration in every state: what its people have done about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from jingtu.assessment.alerts import services
from jingtu.assessment.alerts.models import Alert, AlertEvent
from jingtu.assessment.alerts.queries import AlertFilter, alerts
from jingtu.assessment.subscriptions.queries import region_choices, subscriptions
from jingtu.assessment.subscriptions.services import save
from jingtu.core.kernel.actor import actor_named
from jingtu.core.kernel.clock import today

LATEST = "2026-09"
SUBSCRIPTIONS = (
    ("leader", "每周要看的四项", "weekly", ("CDT_EXEC", "TEST_RATE", "VISIT_RATE", "PRECURSOR_INSPECT")),
    ("county", "本县每月执行率", "monthly", ("CDT_EXEC", "REPORT_IN", "OUT_CTRL")),
)


def settle(report: Callable[[int, int], None]) -> int:
    """Let the analyst clear what is past and the county see to its own; nothing the second time."""
    services.on_time()
    subscribe()
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


def subscribe() -> None:
    """The leader's weekly and the county officer's monthly subscription."""
    for username, name, cadence, codes in SUBSCRIPTIONS:
        actor = actor_named(username)
        if subscriptions(actor).filter(name=name).exists():
            continue
        places = [place for place, _name in region_choices(actor)]
        if username == "leader":
            places = places[1:6]  # counties, not the city itself
        save(actor, name=name, regions=places[:5], indicators=codes, cadence=cadence, way="inside")


def _is_past(alert: Alert) -> bool:
    return alert.last_period < LATEST or bool(alert.eased_in)
