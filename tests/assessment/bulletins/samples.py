"""Small hand-made sources whose every sentence can be checked by eye."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from jingtu.assessment.bulletins.source import BulletinSource, Change, Finding, Place, RedLine, Section
from jingtu.engine.periods import Period

SECTIONS = (
    Section("crackdown", "打", "Crackdown", Decimal(20)),
    Section("recovery", "治", "Recovery", Decimal(30)),
)


def place(
    region_id: int,
    name: str,
    rank: int | None,
    total: str | None,
    crackdown: str,
    recovery: str,
    before: int | None,
) -> Place:
    return Place(
        region_id,
        name,
        rank,
        None if total is None else Decimal(total),
        {"crackdown": Decimal(crackdown), "recovery": Decimal(recovery)},
        previous_rank=before,
    )


PLACES = (
    place(11, "云岫县", 1, "96.50", "19.50", "29.00", 2),
    place(12, "禾丰县", 2, "95.00", "19.00", "28.00", 4),
    place(13, "澄湖县", 2, "95.00", "18.50", "28.50", 1),
    place(14, "松陵县", 4, "90.25", "18.00", "27.00", 3),
    place(15, "望溪县", 5, "88.00", "17.00", "26.00", 5),
    place(16, "石渡县", 6, "71.10", "12.00", "20.10", 6),
)


def source(**changes: object) -> BulletinSource:
    base = BulletinSource(
        run_id=7,
        version=1,
        publication_hash="ab" * 32,
        area="示范市（虚构）",
        area_en="Demonstration City (fictional)",
        fictional=True,
        level_zh="县",
        level_en="county",
        period=Period.parse("2026-09"),
        scorecard_zh="县级禁毒工作月考核评分表",
        scorecard_en="County monthly card",
        total_points=Decimal(100),
        issuer_zh="示范市禁毒委员会办公室",
        issuer_en="Drug Control Office of the Demonstration City",
        number="示禁办通〔2026〕9号",
        sections=SECTIONS,
        places=PLACES,
        red_lines=(
            RedLine(
                16,
                "石渡县",
                "CDT_EXEC",
                "社区戒毒社区康复执行率",
                "Execution rate",
                "85.71%",
                "≥98%",
                "还差13人",
                "13 persons short",
                True,
            ),
            RedLine(
                15,
                "望溪县",
                "JOB",
                "就业安置率",
                "Employment rate",
                "97.00%",
                "≥98%",
                "还差2人",
                "2 persons short",
                False,
            ),
        ),
        changes=(
            Change(
                "示范市（虚构）", "外流贩毒人数", "Outflow", "3", "9", "−66.7%", "同比", "year-on-year", True
            ),
        ),
        findings=(
            Finding(
                "望溪县“缴获毒品”为上期的12倍，请核实。",
                "Seizures of 望溪县 are 12 times the previous period.",
                answer="含专案缴获",
            ),
        ),
        coverage_reported=158,
        coverage_expected=160,
        not_reported=("柳埠镇", "南屏乡"),
        previous_period=Period.parse("2026-08"),
        prepared_by="分析员甲",
        approved_by="审核员乙",
        published_on=dt.date(2026, 10, 12),
        distribution=("市禁毒委员会各成员单位", "各县禁毒委员会"),
        base_url="http://127.0.0.1:8000",
    )
    return replace(base, **changes)  # type: ignore[arg-type]
