"""The rhythm of the demonstration: appeals, a new version, numbers, receipts, a release to come, schedules.

Every act is done by the person who would do it, through the same services as the pages. What stands
already is left as it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from jingtu.assessment.appeals import services as appeals
from jingtu.assessment.appeals.models import Appeal
from jingtu.assessment.appeals.queries import disputable
from jingtu.assessment.appeals.rules import AppealState
from jingtu.assessment.bulletins import distributing
from jingtu.assessment.bulletins import services as bulletins
from jingtu.assessment.bulletins.distributing import Entry
from jingtu.assessment.bulletins.rules import EntryKind
from jingtu.assessment.runs import services as runs
from jingtu.assessment.runs.models import Run
from jingtu.assessment.schedules import services as schedules
from jingtu.assessment.schedules.models import Schedule
from jingtu.assessment.schedules.rules import PRESETS, Timing
from jingtu.core.kernel.actor import Actor, actor_named, user_id_of
from jingtu.core.kernel.clock import frozen, now
from jingtu.core.numbering import services as numbering
from jingtu.core.numbering.models import NumberSeries
from jingtu.core.regions import queries as regions
from jingtu.core.regions.models import Region
from jingtu.portal.demo.people import CITY
from jingtu.portal.demo.steps import settle_vetoes
from jingtu.portal.demo_data import daily_reports

Report = Callable[[int, int], None]

CARD, MONTH, QUARTER = "county_monthly", "2026-03", "2026-Q1"
COUNTY = ("F05", "county")
DISPUTED, WRONG = "CASE_RATE", "P_INSPECT"
SERIES = "考核通报"
LIST = "各县区和分管领导"
# On 18 October the machine was off; the next morning makes up for it.
TICKS = (
    "2026-09-07T09:30",
    "2026-10-13T09:30",
    "2026-10-16T09:30",
    "2026-10-17T09:30",
    "2026-10-19T09:45",
    "2026-10-19T10:15",
)
RELEASE_IN = dt.timedelta(days=30)


def run(report: Report) -> None:
    """Everything, in the order of a cycle."""
    steps = (_rules, _month_with_appeals, _quarter_to_come, _schedules)
    for number, step in enumerate(steps, start=1):
        step()
        report(number, len(steps))


def _city(actor: Actor) -> Region:
    return regions.root_of(actor, regions.tree_by_slug(actor, CITY[0]))


def _county(actor: Actor) -> Region:
    return regions.find_region(actor, regions.tree_by_slug(actor, CITY[0]), *COUNTY)


def _rules() -> None:
    """The office's series of numbers, its time for appeals, its distribution list."""
    analyst, reviewer = actor_named("analyst"), actor_named("reviewer")
    city = _city(analyst)
    if NumberSeries.objects.filter(region=city, name=SERIES).exists():
        return
    series = numbering.make_series(analyst, city.pk, name=SERIES, office="示禁办考")
    runs.set_release_rule(reviewer, city.pk, CARD, appeal_days=3, objection_days=5, series_id=series.pk)
    runs.set_release_rule(
        reviewer, city.pk, "county_quarterly", appeal_days=0, objection_days=5, series_id=series.pk
    )
    distributing.save_list(
        analyst,
        city.pk,
        LIST,
        [Entry(EntryKind.LEVEL, city.pk, level="county"), Entry(EntryKind.POST, city.pk, role="leader")],
    )
    numbering.reserve(analyst, series.pk, "纸质情况通报", "系统维护期间手工印发")


def _reviewed(city: Region, card: str, period: str) -> Run:
    """A run that was computed, checked, settled and submitted."""
    analyst, reviewer = actor_named("analyst"), actor_named("reviewer")
    made = runs.prepare(analyst, runs.create_run(analyst, city, None, card, period, "演示").pk)
    return _submitted(made, analyst, reviewer)


def _submitted(made: Run, analyst: Actor, reviewer: Actor) -> Run:
    made = settle_vetoes(made)
    for finding in made.findings.filter(state="open", severity="error"):
        runs.override_finding(reviewer, finding.pk, "演示数据，按生成规则即为如此")
    return runs.submit_for_review(analyst, made.pk)


def _month_with_appeals() -> None:
    """March: one appeal rejected before publication, one upheld after it, which makes the second version."""
    analyst, reviewer, county = actor_named("analyst"), actor_named("reviewer"), actor_named("county")
    city, place = _city(analyst), _county(analyst)
    if Run.objects.filter(region=city, scorecard=CARD, period=MONTH).exists():
        return
    first = runs.open_for_appeal(reviewer, _reviewed(city, CARD, MONTH).pk, "三个工作日内核对")
    rejected = appeals.file_appeal(
        county,
        first.pk,
        place.pk,
        DISPUTED,
        "indicator",
        text="我县3月破案数按受理地统计，与市局口径不一致，请核对。",
    )
    appeals.accept(analyst, rejected.pk, "材料齐全")
    appeals.decide(
        reviewer,
        rejected.pk,
        AppealState.REJECTED,
        "评分表规定按立案地统计，填报数与立案台账一致，不予更正。",
    )
    first = runs.approve_and_publish(reviewer, first.pk, skip_reason="各县区均已书面反馈核对结果")
    upheld = appeals.file_appeal(
        county,
        first.pk,
        place.pk,
        WRONG,
        "indicator",
        text="3月收寄验视数漏报一个网点的数据，附网点月报。",
        files=[("网点月报.csv", ["网点,应验视,已验视\n城关营业部,120,120\n".encode()])],
    )
    appeals.accept(analyst, upheld.pk, "材料齐全")
    appeals.decide(
        reviewer,
        upheld.pk,
        AppealState.UPHELD,
        "网点月报与邮政管理部门抽查记录一致，漏报属实，予以更正。",
        _all_inspected(county, upheld),
    )
    second = runs.correct(analyst, first.pk, f"申诉第{upheld.pk}号成立，更正收寄验视数")
    _submitted(second, analyst, reviewer)
    second = runs.approve_and_publish(reviewer, second.pk, skip_reason="更正版，申诉期已在第1版给足")
    made = bulletins.issue(
        reviewer,
        second.pk,
        number="",
        issuer_zh="示范市禁毒委员会办公室",
        issuer_en="Drug Control Office of the Demonstration City",
        distribution=("各县区禁毒委员会",),
    )
    chosen = distributing.lists_for(analyst, second).get(name=LIST)
    distributing.distribute(analyst, made.pk, chosen.pk)
    distributing.confirm_read(actor_named("leader"), made.pk)


def _all_inspected(actor: Actor, appeal: Appeal) -> dict[str, str]:
    """The figure of the disputed county: as many parcels inspected as were due."""
    found = disputable(actor, appeal.run_id, appeal.region_id, WRONG)
    due = next(cell for cell in found.cells if cell.element == "parcels_due")
    done = next(cell for cell in found.cells if cell.element == "parcels_inspected")
    return {done.key: due.value or ""}


def _quarter_to_come() -> None:
    """The first quarter is signed and numbered; readers see it in a month."""
    analyst, reviewer = actor_named("analyst"), actor_named("reviewer")
    city = _city(analyst)
    if not Run.objects.filter(region=city, scorecard="county_quarterly", period=QUARTER).exists():
        made = _reviewed(city, "county_quarterly", QUARTER)
        runs.approve_and_publish(reviewer, made.pk, release_at=now() + RELEASE_IN)


def _schedules() -> None:
    """The four usual rhythms with some history, then paused: the demonstration's figures end there."""
    analyst = actor_named("analyst")
    city = _city(analyst)
    if Schedule.objects.filter(region=city).exists():
        return
    week = daily_reports.days()
    wanted = (
        ("daily", "日监测", "situation_monitor", "", week[-3]),
        ("weekly", "周通报", "situation_monitor", "", week[-1]),
        ("monthly", "月考核（乡镇）", "township_monthly", "", dt.date(2026, 8, 1)),
        ("quarterly", "季排名", "county_quarterly", "", dt.date(2026, 7, 1)),
    )
    made = []
    for code, name, card, level, starts_on in wanted:
        preset = PRESETS[code]
        plan = schedules.Plan(
            region_id=city.pk,
            name=name,
            scorecard=card,
            timing=Timing(
                preset.cadence, preset.offset_days, preset.in_working_days, preset.at, preset.wait_days
            ),
            min_coverage=preset.min_coverage,
            on_behalf=user_id_of(analyst) or 0,
            starts_on=starts_on,
            level=level,
            bulletin=preset.bulletin,
        )
        made.append(schedules.save(analyst, plan).pk)
    zone = schedules.office_zone()
    for moment in TICKS:
        with frozen(dt.datetime.fromisoformat(moment).replace(tzinfo=zone)):
            schedules.tick()
    for schedule in made:
        schedules.pause(actor_named("analyst"), schedule, "演示数据到此为止")
