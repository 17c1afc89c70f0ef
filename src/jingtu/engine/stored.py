"""Reading a snapshot: small answers for one region or one indicator, and explanations from the store.

Totals, ranks, points and published values come from the files. An explanation evaluates formulas
only on the facts below the region it explains.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from jingtu.engine.assess import Assessment, PeriodResult, assess
from jingtu.engine.cards import CardResult
from jingtu.engine.catalogue import Catalogue, load_catalogue
from jingtu.engine.derivation import Explanation
from jingtu.engine.difference import difference, fact_changes
from jingtu.engine.evaluate import Evaluator, IndicatorValues
from jingtu.engine.explain import explain
from jingtu.engine.facttable import FactTable
from jingtu.engine.ledger import Ledger
from jingtu.engine.periods import Period
from jingtu.engine.problems import refuse, register_texts
from jingtu.engine.ranking import Ranks, movement
from jingtu.engine.rational import STATE_NAMES, decimal_text
from jingtu.engine.rollup import FactView
from jingtu.engine.snapshot import FORMAT, LEDGER, TARGETS, tree_from_table
from jingtu.engine.targets import NO_TARGETS, TargetTable
from jingtu.engine.tree import RegionTree

register_texts(
    {
        "snapshot.unreadable": (
            "“{path}”不是净土的考核结果目录（缺少或无法读取manifest.json）",
            '"{path}" is not a folder of results (no readable manifest.json)',
        ),
        "snapshot.newer": (
            "“{path}”由更新的版本写成（{format}），请升级后再读",
            '"{path}" was written by a newer version ({format}); please upgrade',
        ),
    }
)


Filter = tuple[str, str, Any]
"""Column, comparison, value."""
Bounds = list[tuple[Any, Any] | None]

KEPT_ROWS = 20_000
"""So many rows of indicators are kept with an open snapshot, those least asked for forgotten."""

_COMPARE = {"=": pc.equal, ">=": pc.greater_equal, "<=": pc.less_equal}


class SnapshotReader:
    """One snapshot, opened. Files are read when first asked for; positions are tree positions."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._indicators: OrderedDict[str, list[dict[str, Any]]] = OrderedDict()
        self._footers: dict[str, pq.FileMetaData] = {}
        self._bounds: dict[tuple[str, str], Bounds] = {}
        try:
            self.manifest: Mapping[str, Any] = json.loads((path / "manifest.json").read_text("utf-8"))
            written = self.manifest["format"]
        except (OSError, ValueError, KeyError, TypeError):
            raise refuse("snapshot.unreadable", path=str(path)) from None
        if written != FORMAT:
            raise refuse("snapshot.newer", path=str(path), format=str(written))
        self.within: int = self.manifest["within"]
        self.period = Period.parse(self.manifest["period"])
        self.publication_hash: str = self.manifest["publication_sha256"]

    # -- whole parts ----------------------------------------------------------------------------

    @cached_property
    def tree(self) -> RegionTree:
        """The region tree as it was."""
        return tree_from_table(pq.read_table(self.path / "tree.parquet"))

    @cached_property
    def catalogue(self) -> Catalogue:
        """The definitions as they were."""
        return _catalogue((self.path / "definitions.json").read_text("utf-8"))

    @cached_property
    def targets(self) -> TargetTable:
        """The dated targets that were in force."""
        if TARGETS not in self.manifest["files"]:
            return NO_TARGETS
        return TargetTable.from_plain(json.loads((self.path / TARGETS).read_text("utf-8")))

    @cached_property
    def ledger(self) -> Ledger | None:
        """Entries and rulings; None where the vetoes that fired applied of themselves."""
        if LEDGER not in self.manifest["files"]:
            return None
        return Ledger.from_plain(json.loads((self.path / LEDGER).read_text("utf-8")))

    @cached_property
    def publication(self) -> dict[str, Any]:
        """The published content."""
        content: dict[str, Any] = json.loads((self.path / "publication.json").read_bytes())
        return content

    # -- small answers --------------------------------------------------------------------------

    def subjects(self) -> list[dict[str, Any]]:
        """Every ranked place: position, region_id, code, name, total, rank, points by item…, in tree order.

        Points are texts at the card's digits; ranks are None where there is none.
        """
        return [self._subject_row(index) for index in range(self._subjects.num_rows)]

    def subject(self, position: int) -> dict[str, Any]:
        """One of :meth:`subjects`; KeyError when the position is not ranked by this run."""
        index = int(np.searchsorted(self._subject_positions, position))
        if index >= len(self._subject_positions) or self._subject_positions[index] != position:
            raise KeyError(position)
        return self._subject_row(index)

    def region(self, position: int) -> dict[str, dict[str, Any]]:
        """Every indicator of one region, by code: value, state, parts, met, ranks, comparisons, streak."""
        table = self._read("by_region.parquet", [("position", "=", position)])
        return {row["indicator"]: _cell(row) for row in table.to_pylist()}

    def streaks(self, codes: Sequence[str]) -> NDArray[np.int16]:
        """(Position × code) How many rises or falls in a row each region has had; -1 where it has no value."""
        table = pq.read_table(self.path / "by_region.parquet", columns=["position", "indicator", "streak"])
        found = np.full((self.tree.size, len(codes)), -1, dtype=np.int16)
        numbers = pc.index_in(table["indicator"].cast(pa.string()), pa.array(list(codes), pa.string()))
        table = table.append_column("column", numbers).filter(pc.is_valid(numbers))
        found[table["position"].to_numpy(), table["column"].to_numpy()] = np.abs(table["streak"].to_numpy())
        return found

    def indicator(self, code: str, level: str | None = None) -> list[dict[str, Any]]:
        """One indicator of every region (of a level), in tree order; regions without data are absent. The rows are
        shared: nobody changes one."""
        rows = self._of_indicator(code)
        if level is not None:
            rows = [row for row in rows if self.tree.levels[row["position"]] == level]
        return rows

    def trend(self, code: str, position: int) -> list[tuple[str, str | None]]:
        """(period key, value text) of a subject or the whole, oldest first."""
        filters = [("indicator", "=", code), ("position", "=", position)]
        table = self._read("trend.parquet", filters)
        return list(zip(table["period"].to_pylist(), table["value"].to_pylist(), strict=True))

    def trends(
        self, codes: Collection[str], positions: Collection[int]
    ) -> dict[tuple[str, int], list[tuple[str, str | None]]]:
        """As :meth:`trend` for several indicators and places in one read."""
        filters: list[Filter] = [("position", ">=", min(positions)), ("position", "<=", max(positions))]
        table = self._read("trend.parquet", filters)
        codes_here = pc.is_in(table["indicator"].cast(pa.string()), pa.array(list(codes), pa.string()))
        places_here = pc.is_in(table["position"].cast(pa.int64()), pa.array(list(positions), pa.int64()))
        table = table.filter(pc.and_(codes_here, places_here))
        found: dict[tuple[str, int], list[tuple[str, str | None]]] = {}
        for row in table.to_pylist():
            found.setdefault((row["indicator"], row["position"]), []).append((row["period"], row["value"]))
        return found

    def facts(self, position: int) -> FactTable:
        """The facts of a region and everything below it."""
        last = int(self.tree.last[position])
        filters = [("position", ">=", position), ("position", "<=", last)]
        return FactTable.from_arrow(self._read("facts.parquet", filters))

    # -- explanations ---------------------------------------------------------------------------

    def explain(
        self,
        position: int,
        indicator: str | None = None,
        withheld: Collection[str] = (),
        ranks_before: Mapping[int, int] | None = None,
    ) -> Explanation:
        """As :func:`jingtu.engine.explain.explain`, from the store.

        ``ranks_before``: the ranks of the subjects (tree position → rank) that movement is told against,
        instead of those that the facts of the period before give today.
        """
        opened = self.opened(position)
        if ranks_before is not None:
            _compare_ranks(opened, ranks_before)
        return explain(opened, position, indicator, withheld)

    def opened(self, position: int) -> Assessment:
        """An assessment of the stored results whose formulas see only what lies below ``position``."""
        return _open(self, position)

    def assessment(self, catalogue: Catalogue | None = None) -> Assessment:
        """The assessment computed again from the stored inputs, for questions that change a figure.

        ``catalogue``: the same figures judged by other definitions. Raises InvalidInput where they cannot be.
        """
        m = self.manifest
        return assess(
            self.tree,
            self.facts(self.within),
            catalogue or self.catalogue,
            m["scorecard"],
            self.period,
            self.within,
            m["level"],
            m["peer_groups"],
            Period.parse(m["base"]) if m["base"] else None,
            m["expected"],
            self.targets,
            self.ledger,
        )

    # -- inside ---------------------------------------------------------------------------------

    @cached_property
    def _subjects(self) -> pa.Table:
        return pq.read_table(self.path / "subjects.parquet")

    @cached_property
    def _subject_positions(self) -> NDArray[np.int32]:
        positions: NDArray[np.int32] = self._subjects["position"].to_numpy()
        return positions

    @cached_property
    def _card_definition(self) -> Mapping[str, Any]:
        card: Mapping[str, Any] = self.publication["definitions"]["scorecard"]
        return card

    def _of_indicator(self, code: str) -> list[dict[str, Any]]:
        """Kept, as what is frozen never changes, up to so many rows; the list is the caller's."""
        with self._lock:
            found = self._indicators.get(code)
            if found is not None:
                self._indicators.move_to_end(code)
        if found is None:
            table = self._read("by_indicator.parquet", [("indicator", "=", code)])
            found = [_cell(row) for row in table.to_pylist()]
            with self._lock:
                self._indicators[code] = found
                while sum(map(len, self._indicators.values())) > KEPT_ROWS:
                    self._indicators.popitem(last=False)
        return list(found)

    def _read(self, name: str, filters: list[Filter]) -> pa.Table:
        # Row groups are chosen by their own statistics: the data set reader opens all of them when the
        # column is a dictionary, thirty times the work for one indicator.
        footer = self._footers.get(name)
        with pq.ParquetFile(self.path / name, metadata=footer) as file:
            self._footers[name] = file.metadata
            columns = {column: index for index, column in enumerate(file.schema_arrow.names)}
            groups = list(range(file.metadata.num_row_groups))
            for one in filters:
                bounds = self._bounds_of(name, file.metadata, one[0], columns[one[0]])
                groups = [number for number in groups if _may_hold(bounds[number], one)]
            table = file.read_row_groups(groups, use_threads=False)
        for column, operator, value in filters:
            table = table.filter(_COMPARE[operator](table[column], value))
        return table

    def _bounds_of(self, name: str, footer: pq.FileMetaData, column: str, index: int) -> Bounds:
        """The least and greatest value of a column in each row group, as its statistics tell."""
        found = self._bounds.get((name, column))
        if found is None:
            found = [_bounds(footer.row_group(number), index) for number in range(footer.num_row_groups)]
            self._bounds[(name, column)] = found
        return found

    def _subject_row(self, index: int) -> dict[str, Any]:
        row = {name: self._subjects[name][index].as_py() for name in self._subjects.column_names}
        card = self._card_definition
        digits = int(card["decimals"])
        items = [item["indicator"] for section in card["sections"] for item in section["items"]]
        position = row["position"]

        def texts(scaled: list[int]) -> list[str]:
            return [decimal_text(points, digits) for points in scaled]

        return {
            "position": position,
            "region_id": row["region_id"],
            "code": self.tree.codes[position],
            "name": self.tree.names[position],
            "level": self.tree.levels[position],
            "total": decimal_text(row["total"], digits) if row["ranked"] else None,
            "before_veto": decimal_text(row["before_veto"], digits),
            "bonus": decimal_text(row["bonus"], digits),
            "rank": row["rank"] or None,
            "sibling_rank": row["sibling_rank"] or None,
            "previous_rank": row["previous_rank"] or None,
            "moved": row["moved"],
            "coverage": (row["reported"], row["expected"]),
            "peer_ranks": {k: v for k, v in json.loads(row["peer_ranks"]).items() if v},
            "points": dict(zip(items, texts(row["points"]), strict=True)),
            "maxima": dict(zip(items, texts(row["maxima"]), strict=True)),
            "sections": [
                {"code": section["code"], "points": points, "maximum": most}
                for section, points, most in zip(
                    card["sections"], texts(row["section_points"]), texts(row["section_maxima"]), strict=True
                )
            ],
            "bonus_items": texts(row["bonus_items"]),
            "vetoes": [
                veto["indicator"]
                for veto, hit in zip(card.get("vetoes", []), row["vetoes"], strict=True)
                if hit
            ],
            "proposed_vetoes": [
                veto["indicator"]
                for veto, hit, fired in zip(
                    card.get("vetoes", []), row["vetoes"], row.get("fired", row["vetoes"]), strict=True
                )
                if fired and not hit
            ],
        }


def read_snapshot(path: Path | str) -> SnapshotReader:
    """Open a snapshot; InvalidInput when the folder is none."""
    return SnapshotReader(Path(path))


def snapshot_difference(old: SnapshotReader, new: SnapshotReader) -> list[dict[str, Any]]:
    """What two snapshots say differently, with the changed facts and definitions behind each change."""
    changed = fact_changes(old.tree, old.facts(old.within), new.tree, new.facts(new.within))
    return difference(old.publication, new.publication, changed, new.tree)


def _bounds(group: pq.RowGroupMetaData, column: int) -> tuple[Any, Any] | None:
    statistics = group.column(column).statistics
    known = statistics is not None and statistics.has_min_max
    return (statistics.min, statistics.max) if known else None


def _may_hold(bounds: tuple[Any, Any] | None, wanted: Filter) -> bool:
    if bounds is None:
        return True
    _, operator, value = wanted
    low, high = bounds
    return bool((operator == "<=" or high >= value) and (operator == ">=" or low <= value))


@lru_cache(maxsize=8)
def _catalogue(text: str) -> Catalogue:
    """The definitions of this text; runs of one month mostly share them."""
    return load_catalogue(text, strict=False)


class _Lazy(Mapping[str, Any]):
    """A mapping whose values are made when first asked for."""

    def __init__(self, keys: Mapping[str, Any], make: Callable[[str], Any]) -> None:
        self._keys, self._make, self._made = keys, make, dict[str, Any]()

    def __getitem__(self, key: str) -> Any:
        if key not in self._made:
            if key not in self._keys:
                raise KeyError(key)
            self._made[key] = self._make(key)
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


class _StoredAssessment(Assessment):
    """Stored results over all subjects, formulas over one subtree (``within`` is its top)."""

    stored_ranges: Mapping[str, tuple[Ranks, Ranks] | None]

    def rank_range(self, code: str) -> tuple[Ranks, Ranks] | None:
        return self.stored_ranges[code]


def _open(reader: SnapshotReader, position: int) -> Assessment:
    m, tree, catalogue = reader.manifest, reader.tree, reader.catalogue
    table, positions = reader._subjects, reader._subject_positions
    card = catalogue.scorecards[m["scorecard"]]
    facts = reader.facts(position)
    view = FactView(tree, facts, catalogue.elements, position, m["expected"], m["reported_elements"])
    evaluator = Evaluator(view)

    def column(name: str, dtype: Any = np.int64) -> NDArray[Any]:
        return np.asarray(table[name].to_numpy(zero_copy_only=False), dtype=dtype)

    def matrix(name: str, dtype: Any = np.int64) -> NDArray[Any]:
        width = max((len(row) for row in table[name].to_pylist()), default=0)
        return np.array(table[name].to_pylist(), dtype=dtype).reshape(table.num_rows, width)

    def over_subjects(code: str, names: list[str]) -> list[NDArray[np.int32]]:
        rows = reader._read("by_indicator.parquet", [("indicator", "=", code)])
        rows = rows.filter(pc.is_in(rows["position"], value_set=pa.array(positions)))
        rows = rows.sort_by([("position", "ascending")])
        return [rows[name].to_numpy().astype(np.int32) for name in names]

    def stored_range(code: str) -> tuple[Ranks, Ranks] | None:
        best, worst = over_subjects(code, ["best_rank", "worst_rank"])
        return (best, worst) if best.any() else None

    def values_in(period: Period) -> Mapping[str, IndicatorValues]:
        return _Lazy(
            catalogue.indicators, lambda code: evaluator.indicator(catalogue.indicators[code], period)
        )

    nothing = np.zeros(table.num_rows, dtype=np.int64)
    result = CardResult(
        card.decimals,
        matrix("points"),
        matrix("maxima"),
        matrix("section_points"),
        matrix("section_maxima"),
        column("bonus"),
        matrix("bonus_items"),
        matrix("vetoes", bool),
        column("before_veto"),
        column("total"),
        column("ranked", bool),
        (),
        column("rank", np.int32),
        matrix("fired" if "fired" in table.column_names else "vetoes", bool),
    )

    def other(key: str, ranks: NDArray[np.int32]) -> PeriodResult | None:
        if m[key] is None:
            return None
        period = Period.parse(m[key])
        empty = nothing.reshape(-1, 1)[:, :0]
        before = CardResult(
            card.decimals, empty, empty, empty, empty, nothing, empty, empty.astype(bool), nothing, nothing,
            ranks > 0, (), ranks, empty.astype(bool),
        )  # fmt: skip
        return PeriodResult(period, values_in(period), before, {})

    ranks = _Lazy(catalogue.indicators, lambda code: over_subjects(code, ["rank"])[0])
    opened = _StoredAssessment(
        tree,
        facts,
        catalogue,
        card,
        reader.period,
        position,
        m["level"],
        Period.parse(m["base"]) if m["base"] else None,
        positions,
        view,
        evaluator,
        PeriodResult(reader.period, values_in(reader.period), result, ranks),
        other("previous", column("previous_rank", np.int32)),
        other("last_year", nothing.astype(np.int32)),
        {name: np.array(members, dtype=np.int64) for name, members in m["peer_groups"].items()},
        reader.targets,
        reader.ledger,
    )
    opened.stored_ranges = _Lazy(catalogue.indicators, stored_range)
    peers = [json.loads(text) for text in table["peer_ranks"].to_pylist()]
    opened.__dict__.update(
        sibling_ranks=column("sibling_rank", np.int32),
        movements=column("moved", np.int32),
        coverage=(column("reported"), column("expected")),
        peer_ranks={
            name: np.array([row.get(name, 0) for row in peers], dtype=np.int32) for name in m["peer_groups"]
        },
    )
    return opened


def _compare_ranks(opened: Assessment, ranks_before: Mapping[int, int]) -> None:
    """Tell movement against these ranks."""
    before = np.array([ranks_before.get(place, 0) for place in opened.subjects.tolist()], dtype=np.int32)
    opened.__dict__["movements"] = movement(before, opened.current.card.ranks)
    if opened.previous is not None:
        card = replace(opened.previous.card, ranks=before, ranked=before > 0)
        opened.previous = replace(opened.previous, card=card)


def _cell(row: dict[str, Any]) -> dict[str, Any]:
    """A stored row as screens want it: names for states, None for absent ranks."""
    cell = dict(row)
    cell["state"] = STATE_NAMES[row["state"]]
    if cell["number"] != cell["number"]:  # not a number
        cell["number"] = None
    for name in ("rank", "sibling_rank", "best_rank", "worst_rank"):
        cell[name] = row[name] or None
    return cell
