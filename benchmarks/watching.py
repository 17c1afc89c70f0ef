"""A month with all checks and alerts, in units of what the engine needs for the month itself."""

from __future__ import annotations

import time
from decimal import Decimal

import numpy as np

from benchmarks import data as figures
from benchmarks.data import Data, month_key
from benchmarks.measure import Line, Table
from benchmarks.world import catalogue, facts
from jingtu.engine.alerting import detect
from jingtu.engine.assess import assess
from jingtu.engine.catalogue import AlertRule
from jingtu.engine.checks import check
from jingtu.engine.periods import Period

MONTH = 23
HISTORY = 12
ALLOWED = 10


def rules() -> list[AlertRule]:
    """Every kind of rule that these figures allow, over the counties; rates and counts of twenty indicators."""
    codes = tuple(ratio.code for ratio in figures.ratios()[::10])

    def rule(kind: str, **more: object) -> AlertRule:
        return AlertRule(
            kind,
            "规则",
            "Rule",
            kind,
            "warning",
            ("month",),
            "analyst",
            5,
            **more,  # type: ignore[arg-type]
        )

    return [
        rule("worsening"),
        rule("gap_growing"),
        rule("sudden_change", indicators=codes, test="values", periods=HISTORY, distance=Decimal(6)),
        rule("missing_report", levels=("county",)),
        rule("inactivity", levels=("county",), periods=2),
    ]


def run(data: Data, rounds: int) -> Table:
    """Median of rounds: assess, then check, then apply the rules."""
    definitions, watched = catalogue(), rules()
    table = facts(data, range(MONTH - HISTORY, MONTH + 1))
    spent: list[tuple[float, float, float]] = []
    found = 0
    for _ in range(max(1, rounds)):
        clock = [time.perf_counter()]
        assessment = assess(data.tree, table, definitions, "card", Period.parse(month_key(MONTH)))
        clock.append(time.perf_counter())
        check(assessment)
        clock.append(time.perf_counter())
        found = len(detect(assessment, watched))
        clock.append(time.perf_counter())
        spent.append((clock[1] - clock[0], clock[2] - clock[1], clock[3] - clock[2]))
    own, checks, alerts = np.median(np.array(spent), axis=0).tolist()
    ratio = (own + checks + alerts) / own
    return Table(
        "watching",
        [
            Line(
                "a month with all checks and alerts, in times of the month itself",
                f"{ratio:.1f} ×",
                f"≤ {ALLOWED} ×",
                ratio <= ALLOWED,
            ),
            Line("… the month itself", f"{own:.2f} s", seconds=own),
            Line("… checks", f"{checks:.2f} s", seconds=checks),
            Line("… alerts", f"{alerts:.2f} s", seconds=alerts),
        ],
        [
            f"{data.tree.size:,} regions, {len(assessment.subjects):,} counties ranked, 200 indicators, "
            f"{HISTORY} months of history, {len(watched)} rules, {found:,} alerts"
        ],
    )
