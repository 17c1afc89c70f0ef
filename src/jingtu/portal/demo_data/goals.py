"""Invented targets and trajectories of the fictional city, as its office would write them."""

from __future__ import annotations

from dataclasses import dataclass

from .places import CITY_TREE, UNITS_TREE

DOCUMENT = "示禁委〔2026〕1号（虚构）"

_HEAD = "指标,地区,分类组,下级级别,适用对象,期间,适用方式,目标,红线,依据文件,说明\n"

TARGETS: dict[str, str] = {
    CITY_TREE: _HEAD
    # Held against figures from January that end in the third quarter, and from October on against every period.
    + f"CDT_EXEC,F,,county,level,2026-Q3,cumulative,>= 96.5,< 93,{DOCUMENT},全市统一要求\n"
    + f"CDT_EXEC,F05,,,place,2026-Q3,cumulative,>= 95,< 90,{DOCUMENT},起点低，分步达标\n"
    + f"CDT_EXEC,,城区组,,group,2026-Q3,cumulative,>= 97.5,< 95,{DOCUMENT},城区标准更高\n"
    + f"TEST_RATE,F,,county,level,2026-Q3,cumulative,>= 91,,{DOCUMENT},全市统一要求\n"
    + f"LESSON,F07,,,place,2026-Q3,cumulative,>= 88,< 80,{DOCUMENT},师资补充期间\n"
    + f"PRECURSOR_INSPECT,F08,,,place,2026-Q3,cumulative,>= 80,< 60,{DOCUMENT},整改期间\n"
    + f"CDT_EXEC,F,,county,level,2026-10..,each,>= 97,< 94,{DOCUMENT},四季度起\n"
    + f"VISIT_RATE,F,,county,level,2026-10..,each,>= 92,,{DOCUMENT},四季度起\n"
    + f"OUTFLOW,F05,,,place,2026,exact,<= 60,> 90,{DOCUMENT},全年不超过60人\n",
    UNITS_TREE: _HEAD
    + f"TASKS_ON_TIME,FU,,unit,level,2026-10..,each,>= 90,< 70,{DOCUMENT},成员单位统一要求\n",
}

WAITING = _HEAD + f"CDT_EXEC,F,,county,level,2027,each,>= 97.5,< 95,{DOCUMENT},明年再提高半个百分点\n"
"""A proposal that nobody has decided yet."""
WAYS = (
    "指标,地区,名称,英文名称,基期,基期值,里程碑,容差,依据文件,说明\n"
    "TEST_RATE,F07,砚湄县定期检测率追赶,Yanmei county catches up on tests,2025-Q3,88,"
    f"2026-Q4 91 一年见成效；2027-Q4 94 两年达标,0.5,{DOCUMENT},演示：按文件设定\n"
)
"""A trajectory that comes by file."""


@dataclass(frozen=True)
class Goal:
    """A trajectory: base and milestones as (period, value, Chinese name, English name, turning)."""

    region: str
    level: str
    indicator: str
    name_zh: str
    name_en: str
    base: tuple[str, str]
    milestones: tuple[tuple[str, str, str, str, bool], ...]
    interpolation: str = "linear"
    tolerance: str = "0"
    wrong_way: int = 2
    right_way: int = 2
    noise: str = "0"


GOALS = (
    Goal(
        "F", "city", "NEW_U25", "新发现青年吸毒人员三年拐点", "New young users: turning point in three years",
        ("2025-Q3", "70"),
        (
            ("2026-Q3", "60", "一年见机制", "Mechanism in one year", False),
            ("2027-Q3", "48", "两年见成效", "Effect in two", False),
            ("2028-Q3", "35", "三年见拐点", "Turning point in three", True),
        ),
        wrong_way=1, noise="10",
    ),
    Goal(
        "F", "city", "OUTFLOW", "外流贩毒人员三年下降", "Outflow trafficking: three years of falling",
        ("2025-Q3", "122"),
        (
            ("2026-Q3", "98", "一年见机制", "Mechanism in one year", False),
            ("2027-Q3", "80", "两年见成效", "Effect in two", False),
            ("2028-Q3", "55", "三年见拐点", "Turning point in three", True),
        ),
        wrong_way=1, noise="15",
    ),
    Goal(
        "F", "city", "CDT_EXEC", "社区戒毒康复执行率分步达标", "Execution rate: step by step",
        ("2025-Q3", "96.3"),
        (
            ("2026-Q3", "96.5", "巩固", "Consolidate", False),
            ("2027-Q1", "97.5", "提升", "Raise", False),
            ("2027-Q4", "98.5", "达标", "Reach", False),
        ),
        interpolation="step",
    ),
    Goal(
        "F05", "county", "CDT_EXEC", "槐岫县执行率追赶", "Huaixiu county catches up",
        ("2025-Q3", "88"),
        (
            ("2026-Q3", "95", "一年见成效", "Effect in one year", False),
            ("2027-Q3", "98", "两年达标", "Reach in two", False),
        ),
        tolerance="0.5",
    ),
)  # fmt: skip
"""Trajectories by quarter."""
