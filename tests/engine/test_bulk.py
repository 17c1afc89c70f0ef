"""The bulk path gives, month by month, what the exact path gives."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from jingtu.engine import bulk
from jingtu.engine.catalogue import Catalogue, load_catalogue
from jingtu.engine.dense import DenseFacts
from jingtu.engine.elements import Qualifier
from jingtu.engine.evaluate import Evaluator
from jingtu.engine.facttable import FactRow, FactTable
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput
from jingtu.engine.ranking import competition_ranks, order_codes
from jingtu.engine.rollup import FactView
from jingtu.engine.tree import RegionRow, RegionTree

ELEMENT = (
    "  - {{code: {code}, name: {{zh: {code}元素, en: Element {code}}}, kind: {kind}, unit: persons,"
    " decimals: {decimals}, strand: crackdown, source: form, status: G,"
    " definition: {{zh: 定义。, en: Definition.}}}}"
)
INDICATOR = (
    "  - {{code: {code}, name: {{zh: {code}指标, en: Indicator {code}}}, strand: crackdown,"
    " formula: '{formula}', direction: {direction}, unit: '%', decimals: 2, status: G, rows: [],"
    " definition: {{zh: 定义。, en: Definition.}}, {more}}}"
)
ELEMENTS = [("due", "stock", 0), ("done", "flow", 0), ("mass", "flow", 2), ("told", "reported", 0)]
INDICATORS = [
    ("SHARE", "share(done, due)", "up", "target: '>= 95', min_denominator: 3"),
    ("NONE_LEFT", "share(done, due)", "down", "target: '== 0'"),
    ("RATE", "per(mass, due, 1000)", "down", "target: '<= 40'"),
    ("COUNT", "sum(done)", "none", ""),
    ("CHANGE", "yoy(done)", "up", ""),
    ("TOLD", "share(told, due)", "up", ""),
]


def a_catalogue() -> Catalogue:
    lines = ["catalogue: {code: t, version: 1, name: {zh: 试, en: T}}", "elements:"]
    lines += [ELEMENT.format(code=code, kind=kind, decimals=places) for code, kind, places in ELEMENTS]
    lines.append("indicators:")
    for code, formula, direction, more in INDICATORS:
        lines.append(
            INDICATOR.format(code=code, formula=formula, direction=direction, more=more).replace(", }", "}")
        )
    return load_catalogue("\n".join(lines) + "\n", strict=False)


def a_tree() -> RegionTree:
    rows = [RegionRow("0", "国", None, "nation", None, None)]
    rows += [RegionRow(f"{k}", f"县{k}", "0", "county", None, None) for k in range(1, 4)]
    rows += [
        RegionRow(f"{k}{n}", f"乡{k}{n}", f"{k}", "town", None, None) for k in range(1, 4) for n in range(5)
    ]
    return RegionTree.build(rows, "t")


def some_facts(tree: RegionTree, *more: FactRow) -> FactTable:
    rng = np.random.default_rng(11)
    period, rows = Period.parse("2025-01"), []
    for _ in range(15):
        for place in tree.leaves.tolist():
            for element, top in (("due", 9), ("done", 9), ("mass", 900)):
                if rng.random() > 0.15:
                    rows.append(FactRow(element, int(tree.ids[place]), period.key, int(rng.integers(0, top))))
        period = period.next()
    return FactTable.from_rows([*rows, *more])


def test_every_month_equals_the_exact_path(tmp_path: Path) -> None:
    tree, catalogue = a_tree(), a_catalogue()
    facts = some_facts(tree)
    planned = bulk.plan(tree, facts, catalogue)
    assert planned.left_out == ("CHANGE", "TOLD")
    bulk.run(planned, tmp_path)
    evaluator = Evaluator(FactView(tree, facts, catalogue.elements))
    for month in planned.months:
        written = pq.read_table(tmp_path / f"{month.key}.parquet").to_pylist()
        by_key = {(row["indicator"], row["region_id"]): row for row in written}
        for code in ("SHARE", "NONE_LEFT", "RATE", "COUNT"):
            indicator = catalogue.indicators[code]
            values = evaluator.indicator(indicator, month).exact
            ranks = np.zeros(tree.size, dtype=np.int32)
            if indicator.direction != "none":
                keys = [order_codes(values, indicator.direction)]
                ranks = competition_ranks(keys, values.ok, tree.parent.astype(np.int64))
            for place in range(tree.size):
                row = by_key[(code, int(tree.ids[place]))]
                assert row["region"] == tree.codes[place]
                assert row["state"] == values.state[place]
                assert row["rank"] == ranks[place]
                exact = values.fraction(place)
                if exact is None:
                    assert row["value"] is None
                    continue
                assert row["value"] == pytest.approx(float(exact), rel=1e-12)
                if row["state"] == 0 and indicator.target is not None:
                    assert bool(row["met"]) == indicator.target.met_by(exact.numerator, exact.denominator)
                before = evaluator.indicator(indicator, month.last_year()).exact.fraction(place)
                if before:
                    assert row["yoy"] == pytest.approx(float((exact - before) / before * 100), rel=1e-12)


def test_the_snapshot_holds_the_figures_and_says_what_they_are(tmp_path: Path) -> None:
    tree = a_tree()
    planned = bulk.plan(tree, some_facts(tree), a_catalogue())
    bulk.run(planned, tmp_path, level="county")
    manifest = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    assert manifest["indicators"] == ["SHARE", "NONE_LEFT", "RATE", "COUNT"]
    np.testing.assert_array_equal(DenseFacts.load(tmp_path / "facts.npy").values, planned.facts.values)
    month = pq.read_table(tmp_path / "2026-03.parquet")
    assert set(month["region"].to_pylist()) == {"1", "2", "3"}


@pytest.mark.parametrize(
    "odd",
    [
        FactRow("mass", 2, "2025-03", 5, qualifier=Qualifier.AT_LEAST),
        FactRow("mass", 7, "2025-Q1", 5),
        FactRow("mass", 1, "2025-03", 5),
    ],
)
def test_what_needs_the_exact_path_is_left_out_by_name(odd: FactRow) -> None:
    tree = a_tree()
    planned = bulk.plan(tree, some_facts(tree, odd), a_catalogue())
    assert planned.left_out == ("RATE", "CHANGE", "TOLD")


def test_nothing_to_compute_is_refused() -> None:
    tree = a_tree()
    with pytest.raises(InvalidInput, match="SHARE"):
        bulk.plan(tree, FactTable.from_rows([FactRow("told", 1, "2025-01", 5)]), a_catalogue())
    with pytest.raises(InvalidInput):
        bulk.plan(tree, FactTable.from_rows([FactRow("done", 1, "2025", 5)]), a_catalogue())
