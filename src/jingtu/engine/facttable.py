"""The columnar table of facts: one value per element, region, period and category.

Arrays are read-only by convention and shared between tables; nothing here changes one in place.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jingtu.engine.periods import Period
from jingtu.engine.qualifiers import QUALIFIERS, Qualifier

RETRACTED = np.iinfo(np.int64).min
"""Stored in ``value`` where a fact is taken back; null in Arrow."""

SCHEMA = pa.schema(
    [
        ("element", pa.dictionary(pa.int16(), pa.string())),
        ("region_id", pa.int64()),
        ("period", pa.dictionary(pa.int16(), pa.string())),
        ("category", pa.dictionary(pa.int16(), pa.string())),
        ("value", pa.int64()),
        ("qualifier", pa.dictionary(pa.int16(), pa.string())),
        ("source_row", pa.int32()),
        ("batch", pa.int32()),
    ]
)


@dataclass(frozen=True)
class FactRow:
    """One fact spelled out; ``value`` is the scaled integer, None takes an earlier fact back."""

    element: str
    region_id: int
    period: str
    value: int | None
    category: str = ""
    qualifier: Qualifier = Qualifier.EXACT
    source_row: int = 0
    batch: int = 0


@dataclass(frozen=True, eq=False)
class FactTable:
    """Facts as parallel arrays.

    ``element``, ``period`` and ``category`` (int16) index ``element_codes``, ``period_keys`` and
    ``categories``; ``qualifier`` (int8) indexes :data:`QUALIFIERS`. ``region_id`` holds own ids,
    ``value`` scaled integers (:data:`RETRACTED` where a fact is taken back), ``source_row`` the row
    of the file it came from, ``batch`` the import's sequence number (0 for files).
    """

    element_codes: tuple[str, ...]
    period_keys: tuple[str, ...]
    categories: tuple[str, ...]
    element: NDArray[np.int16]
    region_id: NDArray[np.int64]
    period: NDArray[np.int16]
    category: NDArray[np.int16]
    value: NDArray[np.int64]
    qualifier: NDArray[np.int8]
    source_row: NDArray[np.int32]
    batch: NDArray[np.int32]

    # -- making ---------------------------------------------------------------------------------

    @classmethod
    def empty(cls) -> FactTable:
        """A table without facts."""
        return cls.from_rows([])

    @classmethod
    def from_rows(cls, rows: Iterable[FactRow]) -> FactTable:
        """A table of facts spelled out, in the given order (a key given twice stays twice)."""
        rows = list(rows)
        element_codes, element = _encode([row.element for row in rows])
        period_keys, period = _encode([row.period for row in rows])
        categories, category = _encode([row.category for row in rows])
        return cls(
            element_codes,
            period_keys,
            categories,
            element,
            np.array([row.region_id for row in rows], dtype=np.int64),
            period,
            category,
            np.array([RETRACTED if row.value is None else row.value for row in rows], dtype=np.int64),
            np.array([QUALIFIERS.index(row.qualifier) for row in rows], dtype=np.int8),
            np.array([row.source_row for row in rows], dtype=np.int32),
            np.array([row.batch for row in rows], dtype=np.int32),
        )

    @classmethod
    def concat(cls, tables: Sequence[FactTable], keep_retractions: bool = False) -> FactTable:
        """All facts of ``tables``; of several with one key the last one stands.

        A key is (element, region, period, category). Facts whose last word is a retraction are
        left out, unless ``keep_retractions`` (needed when the result is to be laid over others).
        """
        if not tables:
            return cls.empty()
        whole = cls.stacked(tables)
        keep = whole._last_of_each_key()
        if not keep_retractions:
            keep &= whole.value != RETRACTED
        return whole if keep.all() else whole.where(keep)

    @classmethod
    def stacked(cls, tables: Sequence[FactTable]) -> FactTable:
        """The rows of at least one table, one table after the other; a key in several of them stays as often."""
        element_codes, element = _merge([(t.element_codes, t.element) for t in tables])
        period_keys, period = _merge([(t.period_keys, t.period) for t in tables])
        categories, category = _merge([(t.categories, t.category) for t in tables])
        return cls(
            element_codes,
            period_keys,
            categories,
            element,
            np.concatenate([t.region_id for t in tables]),
            period,
            category,
            np.concatenate([t.value for t in tables]),
            np.concatenate([t.qualifier for t in tables]),
            np.concatenate([t.source_row for t in tables]),
            np.concatenate([t.batch for t in tables]),
        )

    # -- reading --------------------------------------------------------------------------------

    def __len__(self) -> int:
        return int(self.value.size)

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        """The periods of ``period_keys``, in the same order."""
        return tuple(Period.parse(key) for key in self.period_keys)

    def row(self, index: int) -> FactRow:
        """The fact at ``index``, spelled out."""
        value = int(self.value[index])
        return FactRow(
            self.element_codes[self.element[index]],
            int(self.region_id[index]),
            self.period_keys[self.period[index]],
            None if value == RETRACTED else value,
            self.categories[self.category[index]],
            QUALIFIERS[self.qualifier[index]],
            int(self.source_row[index]),
            int(self.batch[index]),
        )

    def rows(self) -> list[FactRow]:
        """All facts, spelled out; for small tables."""
        return [self.row(index) for index in range(len(self))]

    def where(self, mask: NDArray[np.bool_] | NDArray[np.int64] | slice) -> FactTable:
        """The facts a mask (or an array of indices) picks, in table order (or the given order). A slice copies
        nothing."""
        return replace(
            self,
            element=self.element[mask],
            region_id=self.region_id[mask],
            period=self.period[mask],
            category=self.category[mask],
            value=self.value[mask],
            qualifier=self.qualifier[mask],
            source_row=self.source_row[mask],
            batch=self.batch[mask],
        )

    def select(
        self,
        elements: Collection[str] | None = None,
        periods: Collection[str] | None = None,
        region_ids: Collection[int] | NDArray[np.int64] | None = None,
    ) -> FactTable:
        """The facts of these elements, period keys and regions; None takes all of them."""
        mask = np.ones(len(self), dtype=bool)
        if elements is not None:
            mask &= np.isin(self.element, _positions(self.element_codes, elements))
        if periods is not None:
            mask &= np.isin(self.period, _positions(self.period_keys, periods))
        if region_ids is not None:
            wanted = (
                region_ids if isinstance(region_ids, np.ndarray) else np.array(list(region_ids), np.int64)
            )
            mask &= np.isin(self.region_id, wanted)
        return self if mask.all() else self.where(mask)

    def first_of_key(self) -> NDArray[np.int64]:
        """For each row the index of the first row with the same key (its own, if it is the first)."""
        order, new = self._key_groups()
        first = np.empty(len(self), dtype=np.int64)
        starts = order[new]
        first[order] = starts[np.cumsum(new) - 1] if len(self) else starts
        return first

    def duplicated(self) -> NDArray[np.bool_]:
        """Which rows repeat the key of an earlier row."""
        repeated: NDArray[np.bool_] = self.first_of_key() != np.arange(len(self))
        return repeated

    def to_arrow(self) -> pa.Table:
        """The table in the stored form of :data:`SCHEMA`; a retraction has a null value."""
        names = [qualifier.value for qualifier in QUALIFIERS]
        columns = [
            _dictionary(self.element, self.element_codes),
            pa.array(self.region_id),
            _dictionary(self.period, self.period_keys),
            _dictionary(self.category, self.categories),
            pa.array(self.value, mask=self.value == RETRACTED),
            _dictionary(self.qualifier, names),
            pa.array(self.source_row),
            pa.array(self.batch),
        ]
        return pa.Table.from_arrays(columns, schema=SCHEMA)

    @classmethod
    def from_arrow(cls, table: pa.Table) -> FactTable:
        """The table :meth:`to_arrow` made, also after a passage through Parquet."""
        element_codes, element = _decode(table.column("element"))
        period_keys, period = _decode(table.column("period"))
        categories, category = _decode(table.column("category"))
        qualifier_names, qualifier = _decode(table.column("qualifier"))
        known = np.array([QUALIFIERS.index(Qualifier(name)) for name in qualifier_names], dtype=np.int8)
        value = pc.fill_null(table.column("value"), pa.scalar(RETRACTED, pa.int64()))
        return cls(
            element_codes,
            period_keys,
            categories,
            element,
            _numpy(table.column("region_id"), np.int64),
            period,
            category,
            _numpy(value, np.int64),
            known[qualifier] if len(known) else np.empty(0, dtype=np.int8),
            _numpy(table.column("source_row"), np.int32),
            _numpy(table.column("batch"), np.int32),
        )

    def digest(self) -> str:
        """SHA-256 of what is stated (keys, values, qualifiers), the same for any order of rows.

        Where a fact came from (row, batch) stays outside.
        """
        parts: list[tuple[tuple[str, ...], NDArray[Any]]] = []
        for codes, indices in (
            (self.element_codes, self.element),
            (self.period_keys, self.period),
            (self.categories, self.category),
        ):
            used = np.unique(indices)
            names = sorted(codes[at] for at in used.tolist())
            rank = np.zeros(max(len(codes), 1), dtype=np.int32)
            for at in used.tolist():
                rank[at] = names.index(codes[at])
            parts.append((tuple(names), rank[indices]))
        arrays: list[NDArray[Any]] = [array for _, array in parts]
        arrays += [self.region_id, self.value, self.qualifier.astype(np.int32)]
        order = np.lexsort((arrays[5], arrays[4], arrays[3], arrays[2], arrays[1], arrays[0]))
        state = hashlib.sha256(b"jingtu facts 1\n")
        state.update(json.dumps([names for names, _ in parts], ensure_ascii=False).encode())
        for array in arrays:
            state.update(np.ascontiguousarray(array[order]).astype(array.dtype.newbyteorder("<")).tobytes())
        return state.hexdigest()

    # -- inside ---------------------------------------------------------------------------------

    def _key_groups(self) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Row indices grouped by key (in row order within a key), and where a group begins."""
        region_ids, region = np.unique(self.region_id, return_inverse=True)
        sizes = (len(self.element_codes), len(self.period_keys), len(self.categories), region_ids.size)
        columns: list[NDArray[Any]] = [self.element, self.period, self.category, region]
        if math.prod(sizes) < 2**62:
            packed = self.element.astype(np.int64)
            for indices, size in zip(columns[1:], sizes[1:], strict=True):
                packed = packed * size + indices
            order = np.argsort(packed, kind="stable")
            sorted_key = packed[order]
            change = sorted_key[1:] != sorted_key[:-1]
        else:
            order = np.lexsort(columns[::-1])
            change = np.zeros(max(len(self) - 1, 0), dtype=bool)
            for column in columns:
                change |= column[order][1:] != column[order][:-1]
        new = np.ones(len(self), dtype=bool)
        new[1:] = change
        return order, new

    def _last_of_each_key(self) -> NDArray[np.bool_]:
        order, new = self._key_groups()
        last = np.ones(len(self), dtype=bool)
        last[:-1] = new[1:]
        keep = np.zeros(len(self), dtype=bool)
        keep[order[last]] = True
        return keep


def _encode(texts: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.int16]]:
    codes = {text: at for at, text in enumerate(dict.fromkeys(texts))}
    return tuple(codes), np.array([codes[text] for text in texts], dtype=np.int16)


def _merge(
    parts: Sequence[tuple[tuple[str, ...], NDArray[np.int16]]],
) -> tuple[tuple[str, ...], NDArray[np.int16]]:
    """One list of codes for several encoded columns, and the columns re-encoded in a row."""
    codes: dict[str, int] = {}
    columns: list[NDArray[np.int16]] = []
    for names, indices in parts:
        mapping = np.array([codes.setdefault(name, len(codes)) for name in names], dtype=np.int16)
        columns.append(mapping[indices] if names else indices)
    return tuple(codes), np.concatenate(columns)


def _positions(codes: Sequence[str], wanted: Collection[str]) -> list[int]:
    return [at for at, code in enumerate(codes) if code in wanted]


def _dictionary(indices: NDArray[Any], codes: Sequence[str]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(
        pa.array(indices.astype(np.int16)), pa.array(list(codes), type=pa.string())
    )


def _numpy(column: pa.ChunkedArray, dtype: type[np.generic]) -> NDArray[Any]:
    array = column.to_numpy()
    return np.ascontiguousarray(array, dtype=dtype)


def _decode(column: pa.ChunkedArray) -> tuple[tuple[str, ...], NDArray[np.int16]]:
    """Codes and indices of a text or dictionary column, without codes no row uses twice over."""
    if not pa.types.is_dictionary(column.type):
        column = pc.dictionary_encode(column)
    column = column.unify_dictionaries()
    if column.num_chunks == 0:
        return (), np.empty(0, dtype=np.int16)
    codes = tuple(column.chunk(0).dictionary.to_pylist())
    indices = [chunk.indices.to_numpy(zero_copy_only=False) for chunk in column.chunks]
    return codes, np.concatenate(indices).astype(np.int16)
