"""Whole years of a whole country at once: from a catalogue and facts to the bulk path and back to files.

The bulk path (:mod:`~jingtu.engine.dense`) computes ratios and counts of figures reported by leaves,
month by month. What it cannot compute exactly is left out and named: indicators of another form, and
those reading figures with categories, qualifiers, other periods than months or reports from above.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from jingtu.engine.catalogue.model import Catalogue, Indicator
from jingtu.engine.dense import Checksum, DenseFacts, DenseShape, Ratio, assess_series
from jingtu.engine.elements import ElementKind
from jingtu.engine.evaluate import parts_of
from jingtu.engine.facttable import FactTable
from jingtu.engine.formula import Call, ElementRef, Node
from jingtu.engine.periods import Period, PeriodKind
from jingtu.engine.problems import refuse, register_texts
from jingtu.engine.qualifiers import QUALIFIERS, Qualifier
from jingtu.engine.snapshot import tree_table
from jingtu.engine.tree import RegionTree

register_texts(
    {
        "bulk.nothing": (
            "没有可成批计算的指标：{left}",
            "no indicator can be computed in bulk: {left}",
        ),
        "bulk.no_months": ("数据中没有月度数字", "the facts hold no monthly figures"),
    }
)

FORMAT = "jingtu-bulk/1"


@dataclass(frozen=True)
class BulkPlan:
    """What is computed: months in order without gaps, elements as rows of a month, ratios on those rows."""

    tree: RegionTree
    shape: DenseShape
    months: tuple[Period, ...]
    elements: tuple[str, ...]
    ratios: tuple[Ratio, ...]
    left_out: tuple[str, ...]
    facts: DenseFacts


def plan(tree: RegionTree, facts: FactTable, catalogue: Catalogue) -> BulkPlan:
    """Lay facts out for the bulk path. InvalidInput when nothing is left to compute."""
    facts = FactTable.concat([facts])
    monthly = np.array([period.kind is PeriodKind.MONTH for period in facts.periods], dtype=bool)
    known = [period for period, is_month in zip(facts.periods, monthly.tolist(), strict=True) if is_month]
    if not known:
        raise refuse("bulk.no_months")
    months = _months(min(known), max(known))
    shape = DenseShape(tree)
    suited = _suited_elements(tree, facts, catalogue, monthly)
    ratios: dict[str, tuple[str, str | None, Fraction]] = {}
    for code, indicator in catalogue.indicators.items():
        found = _ratio_of(indicator, months[0])
        if found is not None and all(name in suited for name in found[:2] if name is not None):
            ratios[code] = found
    left_out = tuple(code for code in catalogue.indicators if code not in ratios)
    if not ratios:
        raise refuse("bulk.nothing", left="、".join(left_out))
    elements = tuple(sorted({name for top, bottom, _ in ratios.values() for name in (top, bottom) if name}))
    made = tuple(
        _scaled(catalogue, catalogue.indicators[code], elements, *parts) for code, parts in ratios.items()
    )
    block = _block(tree, shape, facts, months, elements)
    return BulkPlan(tree, shape, months, elements, made, left_out, block)


def run(
    planned: BulkPlan, folder: Path, level: str | None = None, step: Callable[[int, int], None] | None = None
) -> list[Checksum]:
    """Write one Parquet file a month into ``folder``, with the tree and the facts they were made from.

    ``level`` keeps the regions of one level only (all of them are computed). Returns the months' sums.
    """
    tree = planned.tree
    keep = np.arange(tree.size) if level is None else tree.at_level(level).astype(np.int64)
    folder.mkdir(parents=True, exist_ok=True)
    planned.facts.save(folder / "facts.npy")
    pq.write_table(tree_table(tree), folder / "tree.parquet", compression="zstd")
    codes = [ratio.code for ratio in planned.ratios]
    regions = pa.array([tree.codes[place] for place in keep.tolist()])
    sums = []
    series = assess_series(planned.shape, planned.facts, planned.ratios, len(planned.elements), keep)
    for month in series:
        table = month.kept.to_arrow(codes, tree.ids[keep])
        places = np.tile(np.arange(len(keep), dtype=np.int32), len(codes))
        table = table.drop_columns("score").add_column(
            1, "region", pa.DictionaryArray.from_arrays(pa.array(places), regions)
        )
        pq.write_table(table, folder / f"{planned.months[month.month].key}.parquet", compression="zstd")
        sums.append(month.checksum)
        if step is not None:
            step(len(sums), len(planned.months))
    manifest = {
        "format": FORMAT,
        "tree": tree.digest(),
        "months": [period.key for period in planned.months],
        "elements": list(planned.elements),
        "indicators": codes,
        "left_out": list(planned.left_out),
        "level": level,
        "missing": planned.facts.missing,
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
    return sums


def _months(first: Period, last: Period) -> tuple[Period, ...]:
    """All months from first to last, whether or not they have facts: a year before is 12 rows before."""
    months = [last]
    while months[-1].start > first.start:
        months.append(months[-1].previous())
    return tuple(months[::-1])


def _suited_elements(
    tree: RegionTree, facts: FactTable, catalogue: Catalogue, monthly: np.ndarray
) -> set[str]:
    """Elements that add up and have nothing but exact monthly totals of leaves."""
    place = tree.positions_of_ids(facts.region_id)
    leaf = tree.last[np.maximum(place, 0)] == place
    plain = np.array([not text for text in facts.categories], dtype=bool)[facts.category]
    exact = facts.qualifier == QUALIFIERS.index(Qualifier.EXACT)
    good = monthly[facts.period] & leaf & plain & exact
    bad = set(np.unique(facts.element[~good & (place >= 0)]).tolist())
    return {
        code
        for number, code in enumerate(facts.element_codes)
        if number not in bad
        and code in catalogue.elements
        and catalogue.elements[code].kind is not ElementKind.REPORTED
    }


def _ratio_of(indicator: Indicator, period: Period) -> tuple[str, str | None, Fraction] | None:
    """Numerator, denominator and factor of a plain ratio or count; None for any other formula."""
    parts = parts_of(indicator.formula, period)
    top, bottom = parts.of_role("numerator"), parts.of_role("denominator")
    if parts.factor is not None and top is not None and bottom is not None:
        over, under = _plain(top.node), _plain(bottom.node)
        return None if over is None or under is None else (over, under, parts.factor)
    count = _plain(indicator.formula)
    return None if count is None else (count, None, Fraction(1))


def _plain(node: Node) -> str | None:
    """The element of ``x``, ``sum(x)`` or ``last(x)``: in one month all three are its figure."""
    if isinstance(node, Call) and node.name in ("sum", "last"):
        node = node.args[0]
    return node.code if isinstance(node, ElementRef) and not node.selection else None


def _scaled(
    catalogue: Catalogue,
    indicator: Indicator,
    elements: Sequence[str],
    top: str,
    bottom: str | None,
    factor: Fraction,
) -> Ratio:
    below = catalogue.elements[bottom].scale if bottom else 1
    target = indicator.target
    return Ratio(
        indicator.code,
        elements.index(top),
        elements.index(bottom) if bottom else -1,
        factor * below / catalogue.elements[top].scale,
        indicator.min_denominator * below if bottom else 0,
        {"up": 1, "down": -1, "none": 0}[indicator.direction],
        target.op if target else None,
        Fraction(target.value) if target else Fraction(0),
    )


def _block(
    tree: RegionTree,
    shape: DenseShape,
    facts: FactTable,
    months: Sequence[Period],
    elements: Sequence[str],
) -> DenseFacts:
    facts = facts.select(elements=elements)
    place = tree.positions_of_ids(facts.region_id)
    facts, place = facts.where(place >= 0), place[place >= 0]
    number = {period.key: row for row, period in enumerate(months)}
    month = np.array([number.get(key, -1) for key in facts.period_keys], dtype=np.int64)[facts.period]
    row = {code: at for at, code in enumerate(elements)}
    element = np.array([row.get(code, -1) for code in facts.element_codes], dtype=np.int64)[facts.element]
    small = not len(facts) or int(np.abs(facts.value).max()) < np.iinfo(np.int32).max
    kind = np.int32 if small else np.int64
    values = np.full((len(months) * len(elements), shape.leaves.size), np.iinfo(kind).min, dtype=kind)
    values[month * len(elements) + element, np.searchsorted(shape.leaves, place)] = facts.value
    return DenseFacts(values)
