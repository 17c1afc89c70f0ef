"""Small worlds for tests of the engine: a tree, definitions and facts in a few lines."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from jingtu.engine.catalogue.model import (
    Bonus,
    BonusRule,
    Catalogue,
    DeductionRule,
    Indicator,
    Item,
    LinearRule,
    Scorecard,
    Section,
    ThresholdRule,
    Unit,
    Veto,
)
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.elements import Element, ElementKind
from jingtu.engine.facttable import FactRow, FactTable
from jingtu.engine.formula import parse
from jingtu.engine.tree import RegionRow, RegionTree


def city(counties: int = 3, townships: int = 2) -> RegionTree:
    """A city of counties of townships: codes C, C1, C1-1…; ids are 1, 2, 3… in pre-order."""
    rows = [RegionRow("C", "示范市", None, "city")]
    for county in range(1, counties + 1):
        rows.append(RegionRow(f"C{county}", f"{county}县", "C", "county"))
        for town in range(1, townships + 1):
            rows.append(RegionRow(f"C{county}-{town}", f"{county}县{town}镇", f"C{county}", "township"))
    return RegionTree.build(rows, "test")


def element(
    code: str, kind: str = "flow", decimals: int = 0, unit: str = "persons", **more: object
) -> Element:
    more.setdefault("unit_zh", {"persons": "人", "%": "%"}[unit])
    more.setdefault("unit_en", unit)
    return Element(code, code + "数", code, ElementKind(kind), unit, decimals, **more)  # type: ignore[arg-type]


def indicator(
    code: str, formula: str, direction: str = "up", target: str | None = None, **more: object
) -> Indicator:
    more.setdefault("red_line", None)
    unit = str(more.pop("unit", "%"))
    more.setdefault("unit_zh", {"persons": "人", "cases": "起", "%": "%"}[unit])
    more.setdefault("unit_en", unit)
    if isinstance(more["red_line"], str):
        more["red_line"] = Threshold.parse(more["red_line"])
    return Indicator(
        code,
        code + "率",
        code + " rate",
        "recovery",
        parse(formula),
        formula,
        direction,  # type: ignore[arg-type]
        unit,
        target=Threshold.parse(target) if target else None,
        **more,  # type: ignore[arg-type]
    )


def item(code: str, points: str, rule: object, **more: object) -> Item:
    return Item(code, Decimal(points), rule, **more)  # type: ignore[arg-type]


def card(items: Iterable[Item], level: str = "county", **more: object) -> Scorecard:
    items = tuple(items)
    sections = more.pop("sections", None) or (Section("all", "全部", "All", items),)
    return Scorecard(
        "card",
        "评分表",
        "Card",
        "region",
        level,
        sum((entry.points for entry in items), Decimal(0)),
        more.pop("decimals", 2),  # type: ignore[arg-type]
        ("month", "quarter", "half_year", "year", "ytd", "range"),
        sections,  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )


def catalogue(
    elements: Iterable[Element], indicators: Iterable[Indicator], scorecard: Scorecard
) -> Catalogue:
    return Catalogue(
        "test",
        "测试",
        "Test",
        1,
        units={
            "persons": Unit("persons", "人", "persons"),
            "cases": Unit("cases", "起", "cases"),
            "%": Unit("%", "%", "%"),
        },
        elements={entry.code: entry for entry in elements},
        indicators={entry.code: entry for entry in indicators},
        scorecards={scorecard.code: scorecard},
    )


def facts(tree: RegionTree, rows: Iterable[tuple[object, ...]]) -> FactTable:
    """Rows of (element, region code, period, value[, category[, qualifier]]); source rows count from 2."""
    made = []
    for number, row in enumerate(rows, start=2):
        code, region, period, value, *rest = row
        made.append(
            FactRow(
                str(code),
                int(tree.ids[tree.position(str(region))]),
                str(period),
                None if value is None else int(value),  # type: ignore[call-overload]
                *rest,  # type: ignore[arg-type]
                source_row=number,
            )
        )
    return FactTable.from_rows(made)


def small_world() -> tuple[RegionTree, Catalogue, FactTable]:
    """Three counties, an execution rate, visits and incidents, two months and the year before."""
    tree = city()
    definitions = catalogue(
        [element("done"), element("due"), element("visits"), element("incidents"), element("good")],
        [
            indicator("EXEC", "share(done, due)", "up", ">= 98", red_line="< 90", min_denominator=3),
            indicator("VISITS", "visits", "up", ">= 20", unit="persons", decimals=0),
            indicator("INCIDENTS", "incidents", "down", "<= 0", unit="cases", decimals=0),
            indicator("GROWTH", "yoy(visits)", "up"),
            indicator("GOOD", "good", "up", unit="cases", decimals=0),
        ],
        card(
            [
                item("EXEC", "60", LinearRule(Decimal(80), Decimal(98))),
                item("VISITS", "30", ThresholdRule(Decimal(1), Decimal("0.5"))),
                item("INCIDENTS", "10", DeductionRule(Decimal("2.5")), missing="full"),
            ],
            bonus=Bonus(Decimal(3), (item("GOOD", "0", BonusRule(Decimal("0.5"), Decimal(2))),)),
            vetoes=(Veto("INCIDENTS", Threshold.parse("> 3"), "rank_last", "重大事件", "Incidents"),),
            tie_breaks=("EXEC",),
        ),
    )
    rows: list[tuple[object, ...]] = []
    figures = {
        "C1-1": (28, 28, 12, 0), "C1-2": (27, 28, 10, 0),
        "C2-1": (49, 50, 9, 1), "C2-2": (49, 50, 8, 0),
        "C3-1": (40, 50, 30, 4), "C3-2": (2, 2, 30, 0),
    }  # fmt: skip
    for period, change in (("2026-10", 0), ("2026-09", 1), ("2025-10", 2)):
        for region, (done, due, visits, incidents) in figures.items():
            rows.append(("done", region, period, done - (change if done > 2 else 0)))
            rows.append(("due", region, period, due))
            rows.append(("visits", region, period, visits - change))
            rows.append(("incidents", region, period, incidents))
    rows.append(("good", "C2-1", "2026-10", 3))
    return tree, definitions, facts(tree, rows)
