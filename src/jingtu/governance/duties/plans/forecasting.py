"""Which open tasks may become late: three stated rules over dates and progress. They speak of tasks, never of persons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from jingtu.engine.problems import Problem, register_texts

from .sums import WHOLE

BEHIND = 2_000
"""How far progress may fall behind the time gone, in hundredths of a percent."""
NOT_BEFORE = 2_500
"""Progress is compared with time only once this share of the time has gone."""
SHORTEST_TREND = 28
"""Days a trend has to run before it is carried on."""
POINTS = 4
"""Measured values a trend is read from."""


@dataclass(frozen=True)
class Facts:
    """What is known of an open task. ``measured``: days on which published figures moved its progress, to what."""

    starts: dt.date
    due: dt.date
    progress: int
    planned: int = 0
    missed: int = 0
    measured: Sequence[tuple[dt.date, int]] = ()


def elapsed(starts: dt.date, due: dt.date, day: dt.date) -> int:
    """The share of the time that has gone, in hundredths of a percent."""
    whole = (due - starts).days
    if whole <= 0:
        return WHOLE if day >= due else 0
    return max(0, min(WHOLE, (day - starts).days * WHOLE // whole))


def projected(task: Facts, day: dt.date) -> int | None:
    """Where measured progress will be on the due day if it goes on as it did; None without a trend."""
    if len(task.measured) < 2:
        return None
    first_day, first = task.measured[-POINTS:][0]
    span = (day - first_day).days
    if span < SHORTEST_TREND:
        return None
    left = max(0, (task.due - day).days)
    return max(0, min(WHOLE, task.progress + (task.progress - first) * left // span))


def reasons(task: Facts, day: dt.date) -> list[Problem]:
    """Why the task may not be done by its day; empty when nothing says so."""
    found = []
    if task.missed:
        found.append(Problem("plans.risk_milestones", {"missed": task.missed, "planned": task.planned}))
    gone = elapsed(task.starts, task.due, day)
    if gone >= NOT_BEFORE and gone - task.progress >= BEHIND:
        found.append(Problem("plans.risk_behind", {"gone": gone // 100, "progress": task.progress // 100}))
    reach = projected(task, day)
    if reach is not None and reach < WHOLE:
        found.append(Problem("plans.risk_trend", {"reach": reach // 100}))
    return found


register_texts(
    {
        "plans.risk_milestones": (
            "到今天应达成{planned}个里程碑，其中{missed}个未达成",
            "Milestones planned by today: {planned}; not reached: {missed}",
        ),
        "plans.risk_behind": (
            "时间已过{gone}%，进度{progress}%",
            "{gone}% of the time has gone, progress is {progress}%",
        ),
        "plans.risk_trend": (
            "按已公布指标的走势，到期时约完成{reach}%",
            "By the trend of published figures about {reach}% will be done on the due day",
        ),
    }
)
