"""What a preview finds beside the regions: by registry, on the tree before the change, within the actor's rights."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from jingtu.core.kernel.actor import SYSTEM, Actor
from jingtu.core.kernel.errors import Conflict
from jingtu.core.regions import effects, queries
from jingtu.core.regions.effects import Affected, EffectLine
from jingtu.core.regions.models import Region, RegionChange, RegionTree
from jingtu.core.regions.services import (
    Effect,
    Order,
    Part,
    create_region,
    merge_regions,
    move_region,
    preview_change,
    rename_region,
    split_region,
)

pytestmark = pytest.mark.django_db
ORDER = Order(dt.date(2026, 3, 1))


def find(tree: RegionTree, code: str) -> Region:
    return queries.find_region(SYSTEM, tree, code)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Affected]:
    """Only one finder, which notes what it was asked."""
    seen: list[Affected] = []

    def note(actor: Actor, affected: Affected) -> Sequence[EffectLine]:
        seen.append(affected)
        names = [region.name for region in Region.objects.filter(affected.within(""))]
        return [EffectLine("、".join(names), len(names))]

    monkeypatch.setattr(effects, "_finders", {})
    effects.register_effect("test", "试", note)
    effects.register_effect("blind", "无权", lambda actor, affected: None, order=900)
    return seen


def merge(tree: RegionTree) -> Effect:
    return merge_regions(SYSTEM, [find(tree, "T2")], into=find(tree, "T1"), order=ORDER)


def test_a_merger_touches_both_places_and_all_below_as_they_were(
    town: RegionTree, asked: list[Affected]
) -> None:
    preview = preview_change(SYSTEM, town, lambda: merge(town))
    assert asked[0].ended == {find(town, "T2").pk}
    assert len(asked[0].spans) == 2
    lines = preview.groups[0].lines
    assert lines is not None
    assert lines[0].count == 8
    assert asked[0].codes == {"T2"}
    assert not RegionChange.objects.exists()


def test_who_may_not_look_is_not_told_that_there_is_nothing(town: RegionTree, asked: list[Affected]) -> None:
    preview = preview_change(SYSTEM, town, lambda: merge(town))
    assert [group.lines is None for group in preview.groups] == [False, True]


def test_a_renaming_touches_the_place_alone(town: RegionTree, asked: list[Affected]) -> None:
    preview = preview_change(
        SYSTEM, town, lambda: rename_region(SYSTEM, find(town, "T1"), code="T9", order=ORDER)
    )
    lines = preview.groups[0].lines
    assert lines is not None
    assert lines[0].label == "东县"
    assert asked[0].codes == {"T1"}


def test_a_move_touches_what_goes_along(town: RegionTree, asked: list[Affected]) -> None:
    preview_change(
        SYSTEM, town, lambda: move_region(SYSTEM, find(town, "T101"), find(town, "T2"), order=ORDER)
    )
    assert asked[0].holds(find(town, "T101"))
    assert not asked[0].holds(find(town, "T102"))


def test_a_split_touches_the_place_and_its_children(town: RegionTree, asked: list[Affected]) -> None:
    parts = [Part("东新区", "T7", [find(town, "T103").pk])]
    preview_change(
        SYSTEM, town, lambda: split_region(SYSTEM, find(town, "T1"), parts, keeps=True, order=ORDER)
    )
    assert asked[0].holds(find(town, "T102"))
    assert asked[0].ended == frozenset()


def test_a_new_place_touches_nothing(town: RegionTree, asked: list[Affected]) -> None:
    def create() -> Effect:
        return create_region(SYSTEM, find(town, "T"), code="T9", name="新县", level="county", order=ORDER)

    assert preview_change(SYSTEM, town, create).groups == []
    assert asked == []


def test_a_change_previewed_on_an_older_tree_conflicts(town: RegionTree, asked: list[Affected]) -> None:
    seen = preview_change(SYSTEM, town, lambda: merge(town)).revision
    rename_region(SYSTEM, find(town, "T1"), name="东新县", order=ORDER)
    with pytest.raises(Conflict):
        merge_regions(
            SYSTEM,
            [find(town, "T2")],
            into=find(town, "T1"),
            order=Order(dt.date(2026, 3, 2), revision=seen),
        )
    assert find(town, "T2").is_current
