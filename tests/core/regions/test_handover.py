"""What belonged to a place that ends goes to its successor."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.regions import queries
from jingtu.core.regions.handover import Handover, handovers
from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.regions.services import Order, Part, merge_regions, rename_region, split_region

pytestmark = pytest.mark.django_db
ORDER = Order(dt.date(2026, 3, 1))


def find(tree: RegionTree, code: str) -> Region:
    return queries.find_region(SYSTEM, tree, code)


def merged(tree: RegionTree) -> Handover:
    effect = merge_regions(SYSTEM, [find(tree, "T2")], into=find(tree, "T1"), order=ORDER)
    (handover,) = handovers(effect)
    return handover


def test_a_place_that_is_merged_hands_over_to_the_one_that_takes_it_in(town: RegionTree) -> None:
    assert merged(town).told == "西县 → 东县"


@pytest.mark.parametrize(
    ("shares", "heir"),
    [(("0.3", "0.7"), "乙县"), (("0.7", "0.3"), "甲县"), (("0.5", "0.5"), "甲县"), ((None, None), "甲县")],
)
def test_of_several_successors_the_one_with_the_largest_share_takes_over(
    town: RegionTree, shares: tuple[str | None, str | None], heir: str
) -> None:
    first, second = (None if share is None else Decimal(share) for share in shares)
    parts = [
        Part("甲县", "T7", [find(town, "T101").pk], share=first),
        Part("乙县", "T8", [find(town, "T102").pk, find(town, "T103").pk], share=second),
    ]
    effect = split_region(SYSTEM, find(town, "T1"), parts, keeps=False, order=ORDER)

    assert [handover.told for handover in handovers(effect)] == [f"东县 → {heir}"]


def test_where_nothing_ends_nothing_is_handed_over(town: RegionTree) -> None:
    assert handovers(rename_region(SYSTEM, find(town, "T1"), name="东新县", order=ORDER)) == []


def test_a_name_taken_there_gets_the_old_place_behind_it_whole_however_long_it_is(town: RegionTree) -> None:
    handover = merged(town)

    assert handover.told_apart("调度会", 20) == "调度会（原西县）"
    assert handover.told_apart("调" * 20, 20) == "调" * 15 + "（原西县）"


def test_the_audit_trail_names_both_places_and_what_went_over(town: RegionTree) -> None:
    handover = merged(town)
    handover.record(SYSTEM, "regions.merged", letters=[3, 4])

    written = AuditEntry.objects.order_by("-pk")[0]
    assert (written.target_type, written.target_id) == ("region_change", str(handover.change.pk))
    assert written.region_id == handover.new.pk
    assert written.before == {"region": handover.old.pk}
    assert written.after == {"region": handover.new.pk, "letters": [3, 4]}
