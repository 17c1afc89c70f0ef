"""Monthly reports of the fictional committee's member units: tasks, reports, duties of their line."""

from __future__ import annotations

import numpy as np

from .places import Place
from .reports import CALENDAR, Counts, ReportRow, chance, done_of, rows_of, stream

REGULATORS = frozenset(
    {
        "市公安局",
        "市司法局",
        "市教育局",
        "市卫生健康局",
        "市应急管理局",
        "市市场监督管理局",
        "市交通运输局",
        "市邮政管理局",
        "市文化广电旅游局",
        "市农业农村局",
        "市林业局",
        "市生态环境局",
        "市工业和信息化局",
        "市商务局",
        "市税务局",
    }
)
"""Units whose line of work has inspections; the others plan none, so that item does not apply to them."""

UNREPORTED: frozenset[tuple[str, str]] = frozenset(
    {("FU30", "2026-09"), ("FU35", "2026-07"), ("FU22", "2026-01")}
)
CRITICISED: dict[tuple[str, str], int] = {("FU25", "2026-09"): 1}
HONOURED: dict[tuple[str, str], int] = {("FU09", "2026-09"): 1, ("FU11", "2026-06"): 1}


class MemberUnits:
    """What the member units report; arrays run over units in code order."""

    def __init__(self, places: list[Place]) -> None:
        self.codes = [place.code for place in places]
        draw = stream(0, 20)
        count = len(places)
        self.quality = np.clip(draw.normal(0.1, 0.7, count), -2.0, 1.5)
        self.regulates = np.array([place.name in REGULATORS for place in places])
        self.staff = draw.integers(28, 260, count)

    def month(self, number: int) -> list[ReportRow]:
        """The reports of a month."""
        period = CALENDAR[number]
        calendar_month = int(period[5:])
        draw = stream(number, 21)
        count = len(self.codes)
        quality = self.quality
        tasks = draw.integers(2, 8, count)
        reports = np.full(count, 3)
        inspections = np.where(self.regulates, draw.integers(3, 12, count), 0)
        activities = draw.integers(0, 4, count)
        meetings = np.full(count, 2 if calendar_month in (3, 6, 9, 12) else 1)
        trained = np.round(self.staff * np.clip(0.08 * calendar_month + 0.10 * quality, 0.0, 1.0)).astype(
            np.int64
        )
        values: dict[str, Counts] = {
            "tasks_due": tasks,
            "tasks_on_time": done_of(draw, tasks, chance(0.86, 0.07, quality)),
            "reports_due": reports,
            "reports_on_time": done_of(draw, reports, chance(0.92, 0.06, quality)),
            "unit_inspections_planned": inspections,
            "unit_inspections_done": done_of(draw, inspections, chance(0.91, 0.06, quality)),
            "unit_activities_planned": activities,
            "unit_activities_done": done_of(draw, activities, chance(0.90, 0.07, quality)),
            "unit_meetings_due": meetings,
            "unit_meetings_attended": done_of(draw, meetings, chance(0.92, 0.06, quality)),
            "unit_staff": self.staff,
            "unit_staff_trained": trained,
            "clues_handed_over": np.where(self.regulates, draw.poisson(0.5, count), 0),
            "criticisms": np.array([CRITICISED.get((code, period), 0) for code in self.codes]),
            "honours": np.array([HONOURED.get((code, period), 0) for code in self.codes]),
        }
        return [row for row in rows_of(self.codes, period, values) if (row.region, period) not in UNREPORTED]
