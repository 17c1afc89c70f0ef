"""The sixty tasks of the fictional city's plan (``plan.csv``) and what becomes of some of them. All invented."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

FILE = Path(__file__).with_name("plan.csv")
TITLE = "示范市禁毒示范城市创建三年行动方案2026年度任务"
OPEN_AT = dt.date(2026, 11, 12)
"""What fell due until then is finished, with the exceptions below."""

SPLIT: dict[str, int] = {"1.2": 20, "2.3": 10, "3.1": 10, "3.2": 15, "4.3": 10}
"""Tasks that every county gets, and how many days before the city's own due day."""
TOWNS: dict[str, int] = {"3.2": 8, "2.3": 6}
"""Which of them one county passes on, to how many of its townships."""
MEASURED: dict[str, tuple[str, str, str]] = {"3.1": ("CDT_EXEC", "70", "100")}
"""Progress read off an indicator: its code, the value it starts from, the target."""
CITED: dict[str, str] = {
    "1.1": "narcotics_law",
    "3.1": "treatment_regulation",
    "4.1": "precursor_regulation",
    "4.3": "express_regulation",
}
"""The law behind a task."""
NEEDED: dict[str, str] = {"5.12": "5.11", "2.11": "5.3", "4.10": "5.3"}
"""Which task waits for which."""

LATE = frozenset({"1.8", "2.2", "3.7", "4.7", "4.9", "5.9", "1.11", "3.5", "4.5", "5.4"})
SUBMITTED = frozenset({"1.9", "3.12", "2.10"})
RETURNED: dict[str, str] = {"4.8": "比对规则未附试运行结果，请补充后重新提交。"}
PAUSED: dict[str, str] = {"2.12": "公开庭审安排需与上级法院统一，待批复后恢复。"}
CANCELLED: dict[str, str] = {"1.12": "与省级赛事合并举办，不再单独组织。"}
