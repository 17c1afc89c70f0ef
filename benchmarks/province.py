"""The province-sized set: own codes, 60 elements × 12 months of invented figures of every village, in the
installation's store. For processes that have called ``django.setup`` on an installation of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.data import ELEMENTS, SEED, names
from jingtu.engine.facttable import FactTable
from jingtu.engine.periods import Period
from jingtu.engine.tree import RegionRow

if TYPE_CHECKING:
    from jingtu.core.regions.models import RegionTree

MONTHS = 12
SIZES = {"tiny": (2, 2, 3, 2), "city": (6, 6, 8, 8)}
FULL = (14, 9, 16, 15)
"""Cities, counties of a city, townships of a county, villages of a township: 14, 126, 2,016, 30,240."""


def rows(shape: str) -> list[RegionRow]:
    """The regions, each below the one above."""
    cities, counties, towns, villages = SIZES.get(shape, FULL)
    found = [RegionRow("P", "省", None, "province")]
    for city in range(cities):
        found.append(RegionRow(f"C{city:02}", f"市{city}", "P", "city"))
        for county in range(counties):
            code = f"C{city:02}{county:02}"
            found.append(RegionRow(code, f"县{code}", f"C{city:02}", "county"))
            for town in range(towns):
                inner = f"{code}{town:02}"
                found.append(RegionRow(inner, f"镇{inner}", code, "township"))
                found += [
                    RegionRow(f"{inner}{village:02}", f"村{inner}{village:02}", inner, "village")
                    for village in range(villages)
                ]
    return found


@dataclass(frozen=True)
class Province:
    """What stands in the installation: the tree, its months (the newest last), how many figures."""

    tree: RegionTree
    months: tuple[Period, ...]
    facts: int


def build(shape: str, newest: Period) -> Province:
    """Load the tree and store a batch for each of the twelve months up to ``newest``."""
    from jingtu.core.facts import store
    from jingtu.core.facts.models import FactBatch
    from jingtu.core.facts.services.batches import commit
    from jingtu.core.kernel.actor import SYSTEM
    from jingtu.core.regions.models import Region
    from jingtu.core.regions.services import load_tree
    from jingtu.core.regions.sources import TreeSpec

    tree = load_tree(SYSTEM, TreeSpec("bench", "测量", "Bench", True), rows(shape)).tree
    places = Region.objects.filter(tree=tree, level="village").order_by("position")
    ids = np.array(places.values_list("pk", flat=True), dtype=np.int64)
    root = Region.objects.get(tree=tree, position=0)
    months = tuple(months_up_to(newest))
    count = 0
    for number, month in enumerate(months):
        facts = figures(ids, month, number)
        commit(SYSTEM, tree.pk, store.write(facts), kind=FactBatch.Kind.IMPORT, region_id=root.pk)
        count += len(facts)
    return Province(tree, months, count)


def months_up_to(newest: Period) -> Iterator[Period]:
    """Twelve months, the oldest first."""
    month = newest
    for _ in range(MONTHS - 1):
        month = month.previous()
    for _ in range(MONTHS):
        yield month
        month = month.next()


def figures(ids: np.ndarray, month: Period, number: int) -> FactTable:
    """A month's figures of these regions, region by region, 3 % missing; the same every time."""
    rng = np.random.default_rng((SEED, number))
    size = ids.size * ELEMENTS
    largest = np.tile(np.geomspace(6, 600, ELEMENTS), ids.size)
    value = (rng.random(size) * largest).astype(np.int64)
    stated = rng.random(size) >= 0.03
    table = FactTable(
        tuple(names()),
        (month.key,),
        ("",),
        np.tile(np.arange(ELEMENTS, dtype=np.int16), ids.size),
        np.repeat(ids, ELEMENTS),
        np.zeros(size, dtype=np.int16),
        np.zeros(size, dtype=np.int16),
        value,
        np.zeros(size, dtype=np.int8),
        np.arange(size, dtype=np.int32),
        np.zeros(size, dtype=np.int32),
    )
    return table.where(stated)
