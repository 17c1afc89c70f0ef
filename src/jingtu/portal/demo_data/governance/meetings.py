"""Meetings of the fictional city in 2026: who meets when, what was said, what was decided and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from jingtu.governance.duties.meetings.rules import Rhythm, Rule

BEGIN, DETAIL_END = date(2026, 7, 1), date(2026, 9, 30)
LATER = date(2026, 9, 1)
"""From when the teams meet that were set up after the others."""
SEEN = date(2026, 11, 20)
"""Until when the demonstration's meetings have been held; those after it are planned."""
AHEAD = date(2026, 12, 31)
HEADQUARTERS = "示范市禁毒攻坚指挥部"
"""Which body holds the monthly meeting; the teams hold their own."""
TAKES_LONG, STILL_OPEN = 31, date(2026, 9, 1)
"""Days after its date on which a decision that takes long was handed in; those taken from that day on are still open."""
COUNTY_BEGIN = date(2026, 11, 2)


@dataclass(frozen=True)
class SeriesData:
    """A series: its name, rule, hour, place and who leads it."""

    name: str
    preset: str
    rule: Rule
    at: time
    minutes: int
    place: str
    chair: str
    begin: date = date(2026, 7, 1)


SERIES: tuple[SeriesData, ...] = (
    SeriesData(
        "全市禁毒工作月调度会",
        "monthly",
        Rule(Rhythm.MONTH, day=8),
        time(9, 0),
        120,
        "市级机关三号楼一会议室",
        "leader",
    ),
    SeriesData(
        "全市禁毒工作季讲评会",
        "quarterly",
        Rule(Rhythm.QUARTER, day=15, month=1),
        time(14, 30),
        150,
        "市级机关大会议室",
        "leader",
    ),
    SeriesData(
        "宣传工作组半月调度会",
        "half_monthly",
        Rule(Rhythm.HALF_MONTH, day=3),
        time(9, 0),
        60,
        "示范传媒大楼四楼",
        "reviewer",
        LATER,
    ),
    SeriesData(
        "预防教育工作组半月调度会",
        "half_monthly",
        Rule(Rhythm.HALF_MONTH, day=4),
        time(15, 0),
        60,
        "示范教育大楼二楼",
        "reviewer",
        LATER,
    ),
    SeriesData(
        "戒治管控工作组半月调度会",
        "half_monthly",
        Rule(Rhythm.HALF_MONTH, day=5),
        time(9, 30),
        90,
        "市禁毒办会议室",
        "leader",
    ),
    SeriesData(
        "打击工作组半月调度会",
        "half_monthly",
        Rule(Rhythm.HALF_MONTH, day=6),
        time(9, 0),
        90,
        "市禁毒办会议室",
        "leader",
    ),
    SeriesData(
        "监管工作组半月调度会",
        "half_monthly",
        Rule(Rhythm.HALF_MONTH, day=7),
        time(9, 0),
        60,
        "市禁毒办会议室",
        "reviewer",
        LATER,
    ),
    SeriesData(
        "毒情监测工作组半月调度会",
        "half_monthly",
        Rule(Rhythm.HALF_MONTH, day=10),
        time(16, 0),
        45,
        "市禁毒办会议室",
        "analyst",
        LATER,
    ),
)
COUNTY_SERIES = SeriesData(
    "县禁毒办周碰头会",
    "weekly",
    Rule(Rhythm.WEEK, weekday=0),
    time(8, 40),
    30,
    "县禁毒办",
    "countyleader",
)
USUAL = ("leader", "reviewer", "analyst", "secretary", "countyleader")
GUESTS = (("示例·甲", "市委宣传部"), ("示例·乙", "市教育局"), ("示例·丙", "市卫生健康局"))


@dataclass(frozen=True)
class Decided:
    """A decision: where, how many days it has, and what became of it: days until it was handed in (later than
    its date: late), None where it takes long: the earlier ones were handed in late, the last ones are still open."""

    text: str
    county: str
    days: int
    done_after: int | None
    person: str = ""


WORK: dict[str, tuple[tuple[str, str, tuple[Decided, ...]], ...]] = {
    "宣传工作组半月调度会": (
        (
            "研究“七月宣传月”收尾和暑期宣传安排",
            "会议听取了宣传月活动汇总，认为进企业、进家庭两项场次不足，要在暑期补上。",
            (Decided("补办进企业宣传不少于三场，活动照片和签到表存档", "F05", 12, 10, "county"),),
        ),
        ("研究永久性宣传阵地管护", "各县区的阵地多数完好，两处标牌脱落。", ()),
    ),
    "预防教育工作组半月调度会": (
        (
            "研究秋季学期预防教育课时安排",
            "会议要求开学第一个月完成教师培训，课时写入课表。",
            (Decided("完成中小学预防教育骨干教师培训", "F07", 14, 13, "analyst"),),
        ),
    ),
    "戒治管控工作组半月调度会": (
        (
            "研究社区戒毒社区康复执行率偏低问题",
            "会议分析了执行率低于红线的三个原因：人户分离、文书送达慢、协议到期未续。",
            (
                Decided("逐人核对人户分离名单，形成见面台账", "F05", 12, 11, "county"),
                Decided("清理到期未续的协议，说明每份的办理结果", "F05", 13, None, "county"),
            ),
        ),
        ("听取分级管控落实情况", "多数县区已按月更新，个别县区迟报。", ()),
    ),
    "打击工作组半月调度会": (
        (
            "通报外流贩毒压降情况",
            "会议指出外流人员信息采集仍有缺口。",
            (Decided("补采外流重点人员信息并按月回访", "F08", 14, 18, "analyst"),),
        ),
    ),
    "监管工作组半月调度会": (
        (
            "研究寄递物流和易制毒企业检查",
            "会议要求检查覆盖到分拨点，发现问题当场下达整改。",
            (Decided("抽查寄递分拨点和易制毒企业，汇总问题清单", "F", 14, 13, "reviewer"),),
        ),
    ),
    "毒情监测工作组半月调度会": (("研判本半月监测数据", "数据总体平稳，提请各县区核对两项异常。", ()),),
}
"""What the teams talk about, meeting after meeting in turn."""

MONTHLY_RECORD = "会议逐项听取了情况，要求责任县区说明原因、限期整改，下次会上报结果。"
MONTHLY = (
    Decided("就触及红线的指标逐项说明原因，报整改时限和责任人", "F05", 15, 14, "countysec"),
    Decided("对连续两月靠后的工作开展一次现场核查", "F", 20, 26, "analyst"),
    Decided("将月调度决定的落实情况汇总，纳入季讲评", "F", 21, 20, "analyst"),
)
QUARTERLY_RECORD = "会议讲评了季度考核结果，肯定进步，点明差距；讲评只对地区和工作，不对个人。"
QUARTERLY = (Decided("报送季度讲评问题整改情况", "F05", 30, 28, "countysec"),)
MOVED = ("监管工作组半月调度会", 3, "与全市安全生产会议冲突")
"""A meeting that was moved by a person: which of its series, and why."""
CANCELLED = ("预防教育工作组半月调度会", 2, "暑期学校放假，并入下次")
PAPER = "月调度会参阅材料（虚构）"
PAPER_LINES = (
    "一、各县区本月工作进展（虚构示范数据）",
    "二、上次会议决定落实情况（虚构示范数据）",
    "三、需会议研究的问题（虚构示范数据）",
)
