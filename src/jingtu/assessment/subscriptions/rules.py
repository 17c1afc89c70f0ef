"""When a subscription is due, and how much one may hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from jingtu.engine.problems import Problem, register_texts

MOST_REGIONS = 20
MOST_INDICATORS = 20
MOST_OWN = 20
WEEKDAY = 0  # Monday
MONTH_DAY = 10
"""Monthly figures of the month before are usually published by then."""
FROM_HOUR = 8

register_texts(
    {
        "subscriptions.too_many": (
            "一份订阅最多{regions}个地区、{indicators}项指标。",
            "A subscription holds at most {regions} regions and {indicators} indicators.",
        ),
        "subscriptions.nothing": (
            "请至少选择一个地区和一项指标。",
            "Choose at least one region and one indicator.",
        ),
        "subscriptions.no_right": (
            "所选地区中有您无权查看的。",
            "You may not read the results of one of the regions.",
        ),
        "subscriptions.unknown_indicator": (
            "指标目录中没有“{code}”。",
            'The catalogue has no indicator "{code}".',
        ),
        "subscriptions.no_group": (
            "请选择一个由您负责的群消息渠道。",
            "Choose a group channel that you answer for.",
        ),
        "subscriptions.name_taken": ("您已有同名订阅。", "You have a subscription of that name."),
        "subscriptions.enough": (
            "每人最多{most}份订阅。",
            "Nobody has more than {most} subscriptions.",
        ),
    }
)


def next_day(cadence: str, after: dt.date) -> dt.date:
    """The first day of the rhythm after a day."""
    if cadence == "weekly":
        return after + dt.timedelta(days=(WEEKDAY - after.weekday() - 1) % 7 + 1)
    day = after.replace(day=MONTH_DAY)
    if day > after:
        return day
    return (after.replace(day=1) + dt.timedelta(days=32)).replace(day=MONTH_DAY)


def content_problem(regions: Collection[int], indicators: Collection[str]) -> Problem | None:
    """What is wrong with the size of a subscription."""
    if not regions or not indicators:
        return Problem("subscriptions.nothing", column="indicators")
    if len(regions) > MOST_REGIONS or len(indicators) > MOST_INDICATORS:
        params = {"regions": MOST_REGIONS, "indicators": MOST_INDICATORS}
        return Problem("subscriptions.too_many", params, column="indicators")
    return None
