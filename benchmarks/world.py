"""The invented figures as the exact engine reads them: a catalogue with 200 indicators, a table of facts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.data import ELEMENTS, MISSING, RATIOS, Data, month_key, names, ratios
from jingtu.engine.catalogue import Catalogue, load_catalogue
from jingtu.engine.facttable import FactTable

CARD_ITEMS = 20


def catalogue(level: str = "county", person_based: bool = False) -> Catalogue:
    """60 elements, 200 shares with targets, and a card of 20 of them scored between floor and target."""
    persons = " person_based: true," if person_based else ""
    lines = ["catalogue: {code: bench, version: 1, name: {zh: 测量, en: Benchmark}}", "elements:"]
    for name in names():
        lines.append(
            f"  - {{code: {name}, name: {{zh: 元素{name}, en: Element {name}}}, kind: flow, unit: persons,"
            f"{persons} decimals: 0, strand: crackdown, source: form, status: G,"
            f" definition: {{zh: 元素{name}。, en: Element {name}.}}}}"
        )
    lines.append("indicators:")
    for ratio in ratios():
        up = ratio.better > 0
        lines.append(
            f"  - {{code: {ratio.code}, name: {{zh: 指标{ratio.code}, en: Indicator {ratio.code}}},"
            f" strand: crackdown, formula: 'share(e{ratio.numerator:02d}, e{ratio.denominator:02d})',"
            f" direction: {'up' if up else 'down'}, target: '{ratio.op} {ratio.target}', unit: '%', decimals: 2,"
            f" min_denominator: {ratio.minimum}, status: G, rows: [],"
            f" definition: {{zh: 指标{ratio.code}。, en: Indicator {ratio.code}.}}}}"
        )
    lines += [
        "scorecards:",
        "  - code: card",
        "    name: {zh: 评分, en: Card}",
        "    subject: region",
        f"    level: {level}",
        "    total: 100",
        "    decimals: 2",
        "    cadence: [month]",
        "    sections:",
        "      - code: all",
        "        name: {zh: 全部, en: All}",
        "        items:",
    ]
    for ratio in ratios()[:: RATIOS // CARD_ITEMS]:
        lines.append(
            f"          - {{indicator: {ratio.code}, points: {100 // CARD_ITEMS},"
            f" rule: {{kind: linear, floor: {ratio.floor}}}, not_applicable: redistribute, missing: zero}}"
        )
    return load_catalogue("\n".join(lines) + "\n")


def facts(data: Data, months: Sequence[int]) -> FactTable:
    """The figures of some months, one fact a row."""
    leaves = data.tree.ids[data.shape.leaves]
    rows = np.concatenate([np.arange(month * ELEMENTS, (month + 1) * ELEMENTS) for month in months])
    block = data.facts.values[rows]
    row, leaf = np.nonzero(block != MISSING)
    count = len(row)
    return FactTable(
        tuple(names()),
        tuple(month_key(month) for month in months),
        ("",),
        (row % ELEMENTS).astype(np.int16),
        leaves[leaf].astype(np.int64),
        (row // ELEMENTS).astype(np.int16),
        np.zeros(count, dtype=np.int16),
        block[row, leaf].astype(np.int64),
        np.zeros(count, dtype=np.int8),
        np.arange(count, dtype=np.int32),
        np.zeros(count, dtype=np.int32),
    )
