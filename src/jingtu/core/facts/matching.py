"""Finding the facts of one table in another by their keys."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jingtu.engine.facttable import FactTable


def match(base: FactTable, probe: FactTable, across_elements: bool = False) -> NDArray[np.int64]:
    """For each row of ``probe`` the index of the row of ``base`` with the same key, -1 where there is none.

    ``base`` holds every key once. ``across_elements`` leaves the element out of the key.
    """
    if len(base) == 0 or len(probe) == 0:
        return np.full(len(probe), -1, dtype=np.int64)
    both = FactTable.stacked([base, probe])
    _, number = np.unique(both.region_id, return_inverse=True)
    number = number.astype(np.int64)
    columns = [(both.period, both.period_keys), (both.category, both.categories)]
    if not across_elements:
        columns.append((both.element, both.element_codes))
    for codes, texts in columns:
        number = number * len(texts) + codes
    known, wanted = number[: len(base)], number[len(base) :]
    order = np.argsort(known, kind="stable")
    at = np.minimum(np.searchsorted(known, wanted, sorter=order), len(base) - 1)
    found = order[at]
    return np.where(known[found] == wanted, found, -1)


def compare(before: FactTable, after: FactTable) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which rows of ``after`` are new, and which state something else than ``before`` (both: masks)."""
    at = match(before, after)
    new = at < 0
    changed = np.zeros(len(after), dtype=bool)
    old = np.flatnonzero(~new)
    changed[old] = (before.value[at[old]] != after.value[old]) | (
        before.qualifier[at[old]] != after.qualifier[old]
    )
    return new, changed
