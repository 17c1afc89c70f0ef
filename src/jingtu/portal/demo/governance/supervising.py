"""Supervision in the demonstration: four notices to one county, each in another state, one long overdue."""

from __future__ import annotations

import datetime as dt
from contextlib import AbstractContextManager

from jingtu.assessment.runs.queries import latest_published
from jingtu.core.kernel.actor import SYSTEM, actor_named
from jingtu.core.kernel.clock import frozen
from jingtu.core.numbering.services import make_series
from jingtu.core.regions import queries as regions
from jingtu.governance.duties.plans.queries import late_tasks
from jingtu.governance.duties.supervising import services
from jingtu.governance.duties.supervising.models import Supervision
from jingtu.governance.duties.supervising.services import Asked
from jingtu.portal.demo.people import CITY

OFFICE_HOUR = dt.timezone(dt.timedelta(hours=8))
ISSUER = "示范市禁毒委员会办公室"
EVIDENCE = "序号,事项,完成日期\n1,补齐巡查记录,2026-11-06\n"
# What is asked, where no late task of the plan gives the words; the last is about a published number.
MATTERS = (
    ("物流寄递网点巡查记录缺报", "连续两月未报巡查记录，请说明原因，补齐并附清单。", dt.date(2026, 11, 9)),
    ("重点场所张贴标识未完成", "请逐一核对场所名单，限期张贴并附照片目录。", dt.date(2026, 11, 11)),
    ("乡镇禁毒专干未配齐", "请说明缺额和到岗时间，附任命文件。", dt.date(2026, 11, 12)),
    ("执行率低于目标", "请分析原因，逐乡镇列出未执行对象数和整改时限。", dt.date(2026, 11, 13)),
)
INDICATOR = "CDT_EXEC"


def set_out() -> None:
    """Issue four, have three answered; what stands is left as it is."""
    city = regions.root_of(SYSTEM, regions.tree_by_slug(SYSTEM, CITY[0]))
    if Supervision.objects.exists():
        return
    county = regions.find_region(SYSTEM, city.tree, "F05", "county")
    secretary, leader, unit = actor_named("secretary"), actor_named("leader"), actor_named("countysec")
    series = make_series(actor_named("analyst"), city.pk, name="督办", office="示禁办督")
    run = latest_published(leader, city.pk, "county_monthly")
    with _at(2):
        late = [
            task
            for task in late_tasks(secretary, county.pk, dt.date(2026, 11, 2))
            if task.region_id == county.pk
        ]
        notices = []
        for number, (title, text, due) in enumerate(MATTERS):
            task = late[number] if number < min(3, len(late)) else None
            about = number == len(MATTERS) - 1 and run is not None
            asked = Asked(
                title=f"逾期任务：{task.title}"[:200] if task is not None else title,
                text="该任务已逾期，请说明原因、整改措施和完成时限，并附证明材料。"
                if task is not None
                else text,
                due=due,
                issuer=ISSUER,
                place_id=county.pk,
                task_id=task.pk if task is not None else None,
                run_id=run.pk if about and run is not None else None,
                indicator=INDICATOR if about else "",
            )
            drafted = services.draft(secretary, city.pk, asked)
            notices.append(services.issue(leader, drafted.pk, series.pk))
    accepted, returned, answered, _overdue = notices
    with _at(6):
        files = [("整改清单.csv", [EVIDENCE.encode("utf-8-sig")])]
        services.answer(unit, accepted.pk, "已补齐记录，今后按周报送，见清单。", files)
        services.answer(unit, returned.pk, "正在整改，月底前完成。")
    with _at(9):
        services.accept(leader, accepted.pk, "材料齐全，同意办结。")
        services.return_answer(leader, returned.pk, "没有列出完成时限和责任人，请补充。")
    with _at(12):
        services.answer(unit, answered.pk, "缺额两名，已完成招录公示，下月到岗。")
    for day in (11, 13, 16):
        with _at(day):
            services.remind()


def _at(day: int) -> AbstractContextManager[None]:
    return frozen(dt.datetime(2026, 11, day, 9, 30, tzinfo=OFFICE_HOUR))
