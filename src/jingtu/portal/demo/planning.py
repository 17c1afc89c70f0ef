"""Two schedules that wait: one for the consent of the person it names, one for reports that are still open."""

from __future__ import annotations

import datetime as dt

from jingtu.assessment.schedules import services
from jingtu.assessment.schedules.models import Schedule
from jingtu.assessment.schedules.rules import PRESETS, Timing, WaitFor
from jingtu.core.kernel.actor import Actor, actor_named, user_id_of
from jingtu.core.kernel.clock import frozen
from jingtu.core.regions import queries as regions
from jingtu.portal.demo.people import CITY
from jingtu.portal.demo.reporting import MONTHLY

ASKED = "季排名（请分析员具名）"
WAITING = "月考核（县区，等乡镇月报）"
SEEN = "2026-11-12T14:30"
"""When the machine last looked: October's reports have come in, most are not accepted."""
WORKING_DAYS_TO_WAIT = 10


def set_out() -> None:
    """Both schedules with what became of them; what stands is left as it is."""
    analyst, second = actor_named("analyst"), actor_named("analyst2")
    city = regions.root_of(analyst, regions.tree_by_slug(analyst, CITY[0]))
    if Schedule.objects.filter(region=city, name=WAITING).exists():
        return
    with frozen(dt.datetime.fromisoformat(SEEN).replace(tzinfo=services.office_zone())):
        asked = _plan(city.pk, analyst, ASKED, "quarterly", "county_quarterly")
        waiting = _plan(city.pk, analyst, WAITING, "monthly", "county_monthly", (MONTHLY,))
        services.save(second, asked)
        made = services.save(analyst, waiting)
        services.tick()
        services.pause(analyst, made.pk, "演示数据到此为止")


def _plan(
    city: int, named: Actor, name: str, preset: str, card: str, forms: tuple[str, ...] = ()
) -> services.Plan:
    usual = PRESETS[preset]
    days = WORKING_DAYS_TO_WAIT if forms else usual.wait_days
    return services.Plan(
        region_id=city,
        name=name,
        scorecard=card,
        timing=Timing(usual.cadence, usual.offset_days, usual.in_working_days, usual.at, days),
        min_coverage=0 if forms else usual.min_coverage,
        on_behalf=user_id_of(named) or 0,
        starts_on=dt.date(2026, 10, 1),
        bulletin=usual.bulletin,
        wait_for=WaitFor.REPORTS if forms else WaitFor.COVERAGE,
        forms=forms,
    )
