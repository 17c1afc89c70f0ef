"""Three duty reports of the demonstration, one of them commented on, and the office's words on a few member units."""

from __future__ import annotations

import datetime as dt

from jingtu.core.kernel.actor import actor_named
from jingtu.core.kernel.clock import frozen
from jingtu.core.regions import queries as regions
from jingtu.governance.duties.dutyreports import queries, services
from jingtu.governance.duties.dutyreports.models import DutyReport
from jingtu.portal.demo.people import CITY

ZONE = dt.timezone(dt.timedelta(hours=8))
WRITTEN = dt.datetime(2026, 11, 10, 10, tzinfo=ZONE)
SAID = dt.datetime(2026, 11, 12, 15, tzinfo=ZONE)
YEAR = 2026
COUNTY_TEXT = (
    "本人分管全县禁毒工作。一年来，社区戒毒社区康复执行率仍低于要求，已列入整改。\n"
    "下步逐人核查在册人员，年底前补齐短板（虚构）。"
)
LIAISON_TEXT = "承担县禁毒办日常工作和市里分解的任务。逾期的几项已说明原因，办结时限见任务页（虚构）。"
OFFICE_TEXT = "负责综合、督办和会议。一年来按月编发通报，议定事项逐项跟踪（虚构）。"
COMMENT = "执行率的短板要有分月目标，年底前向指挥部再报一次（虚构）。"
UNIT_WORDS = (
    "按期完成任务，隐患整改及时（虚构）。",
    "宣传活动有声势，进场所覆盖还不够（虚构）。",
    "报表质量好，检查频次需补足（虚构）。",
)


def set_out() -> None:
    """The reports and the evaluations; what stands is left as it is."""
    if DutyReport.objects.exists():
        return
    county_leader, leader, secretary = (actor_named(one) for one in ("countyleader", "leader", "secretary"))
    tree = regions.tree_by_slug(secretary, CITY[0])
    with frozen(WRITTEN):
        county = regions.find_region(secretary, tree, "F05", "county")
        first = services.begin(county_leader, county.pk, "副县长", YEAR)
        services.write(county_leader, first.pk, COUNTY_TEXT)
        services.submit(county_leader, first.pk)
        liaison = actor_named("county")
        third = services.begin(liaison, county.pk, "县禁毒办主任", YEAR)
        services.write(liaison, third.pk, LIAISON_TEXT)
        services.submit(liaison, third.pk)
        city = regions.root_of(secretary, tree)
        second = services.begin(secretary, city.pk, "市禁毒办综合科科长", YEAR)
        services.write(secretary, second.pk, OFFICE_TEXT)
        services.submit(secretary, second.pk)
    with frozen(SAID):
        services.comment(leader, first.pk, COMMENT)
        for run in queries.unit_runs(secretary)[:1]:
            for row, words in zip(queries.unit_rows(secretary, run), UNIT_WORDS, strict=False):
                services.evaluate_unit(secretary, run.pk, row.region.pk, words)
