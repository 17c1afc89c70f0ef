from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.errors import InvalidInput, PermissionDenied
from jingtu.core.regions import queries
from jingtu.core.regions.models import Region, RegionChange, RegionTree
from jingtu.core.regions.services import (
    Order,
    Part,
    create_region,
    merge_regions,
    move_region,
    rename_region,
    split_region,
)

from .actors import Somebody

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 3, 1)
EVE = dt.date(2026, 2, 28)
ORDER = Order(DAY, "测政发〔2026〕1号")


def find(tree: RegionTree, code: str) -> Region:
    return queries.find_region(SYSTEM, tree, code)


def shape(tree: RegionTree, day: dt.date | None = None) -> list[tuple[str, str, str]]:
    """(code, name, parent's code) in order."""
    engine = queries.engine_tree(SYSTEM, tree, day)
    return [
        (
            engine.codes[at],
            engine.names[at],
            engine.codes[above] if (above := int(engine.parent[at])) >= 0 else "",
        )
        for at in range(engine.size)
    ]


def problem_of(error: pytest.ExceptionInfo[InvalidInput]) -> str:
    return error.value.problems[0].code


def test_a_renamed_region_keeps_its_id_and_its_old_name(town: RegionTree) -> None:
    before = shape(town)
    region = find(town, "T1")
    effect = rename_region(SYSTEM, region, name="东新区", code="T5", order=ORDER)
    renamed = find(town, "T5")
    assert renamed.pk == region.pk
    assert effect.renamed == [("东县", renamed)]
    assert [found.pk for found in queries.search(SYSTEM, town, "东县")] == [region.pk]
    assert queries.search(SYSTEM, town, "dxq")[0].pk == region.pk
    assert shape(town, EVE) == before
    assert shape(town, DAY) == shape(town)


def test_a_moved_region_takes_everything_below_along(town: RegionTree) -> None:
    before = shape(town)
    effect = move_region(SYSTEM, find(town, "T1"), find(town, "T203"), order=ORDER)
    assert effect.below == 3
    moved = find(town, "T101")
    assert queries.is_within(moved.pk, find(town, "T203").pk)
    assert moved.depth == 4
    assert shape(town, EVE) == before


def test_merging_into_a_new_region_ends_the_old_ones_and_hands_over_their_children(town: RegionTree) -> None:
    before = shape(town)
    east, west = find(town, "T1"), find(town, "T2")
    effect = merge_regions(SYSTEM, [east, west], name="中县", code="T3", order=ORDER)
    merged = find(town, "T3")
    assert queries.children(SYSTEM, merged).count() == 6
    assert {region.pk for region in effect.ended} == {east.pk, west.pk}
    assert merged.valid_from == DAY
    assert list(effect.change.successions.values_list("from_region", "to_region", "share")) == [
        (east.pk, merged.pk, Decimal(1)),
        (west.pk, merged.pk, Decimal(1)),
    ]
    assert shape(town, EVE) == before
    assert queries.search(SYSTEM, town, "西县")[0].pk == merged.pk
    assert not queries.is_within(find(town, "T101").pk, east.pk)


def test_a_merged_region_may_take_the_code_of_one_that_ended(town: RegionTree) -> None:
    merge_regions(SYSTEM, [find(town, "T1"), find(town, "T2")], name="东县", code="T1", order=ORDER)
    assert find(town, "T1").valid_from == DAY
    assert Region.objects.filter(tree=town, code="T1").count() == 2


def test_merging_into_an_existing_region_keeps_it(town: RegionTree) -> None:
    east, west = find(town, "T1"), find(town, "T2")
    merge_regions(SYSTEM, [west], into=east, order=ORDER)
    assert [child.code for child in queries.children(SYSTEM, east)] == [
        "T101",
        "T102",
        "T103",
        "T201",
        "T202",
        "T203",
    ]


def test_splitting_gives_each_child_to_one_part(town: RegionTree) -> None:
    before = shape(town)
    east = find(town, "T1")
    ids = {code: find(town, code).pk for code in ("T101", "T102", "T103")}
    split_region(
        SYSTEM,
        east,
        [
            Part("东南县", "T11", [ids["T101"]], share=Decimal("0.4")),
            Part("东北县", "T12", [ids["T102"], ids["T103"]], share=Decimal("0.6")),
        ],
        keeps=False,
        order=ORDER,
    )
    assert ("T101", "东1镇", "T11") in shape(town)
    assert ("T103", "东3镇", "T12") in shape(town)
    assert ("T1", "东县", "T") not in shape(town)
    assert shape(town, EVE) == before


def test_a_split_region_that_goes_on_keeps_what_nobody_took(town: RegionTree) -> None:
    east = find(town, "T1")
    split_region(SYSTEM, east, [Part("东新区", "T9", [find(town, "T103").pk])], keeps=True, order=ORDER)
    assert [child.code for child in queries.children(SYSTEM, east)] == ["T101", "T102"]
    assert ("T103", "东3镇", "T9") in shape(town)


def test_a_created_region_starts_on_its_day_and_may_still_be_named_that_day(town: RegionTree) -> None:
    before = shape(town)
    create_region(SYSTEM, find(town, "T1"), code="T104", name="东4镇", level="township", order=ORDER)
    rename_region(SYSTEM, find(town, "T104"), name="新东镇", order=ORDER)
    assert ("T104", "新东镇", "T1") in shape(town, DAY)
    assert shape(town, EVE) == before


def test_every_change_is_audited_with_its_document(town: RegionTree) -> None:
    rename_region(SYSTEM, find(town, "T1"), name="东新县", order=ORDER)
    entry = AuditEntry.objects.get(action="regions.renamed")
    assert (entry.before["name"], entry.after["name"]) == ("东县", "东新县")
    assert "测政发〔2026〕1号" in entry.reason
    town.refresh_from_db()
    assert town.revision == 2


@pytest.mark.parametrize(
    "attempt, code",
    [
        (lambda t: move_region(SYSTEM, find(t, "T1"), find(t, "T101"), order=ORDER), "regions.cycle"),
        (lambda t: move_region(SYSTEM, find(t, "T1"), find(t, "T1"), order=ORDER), "regions.cycle"),
        (lambda t: move_region(SYSTEM, find(t, "T"), find(t, "T1"), order=ORDER), "regions.root_stays"),
        (
            lambda t: move_region(SYSTEM, find(t, "T101"), find(t, "T1"), order=ORDER),
            "regions.nothing_changes",
        ),
        (
            lambda t: rename_region(SYSTEM, find(t, "T1"), name="新", order=Order(dt.date(2027, 1, 1))),
            "regions.future",
        ),
        (lambda t: rename_region(SYSTEM, find(t, "T1"), name="东县", order=ORDER), "regions.nothing_changes"),
        (lambda t: rename_region(SYSTEM, find(t, "T1"), name="  ", order=ORDER), "regions.name_missing"),
        (lambda t: rename_region(SYSTEM, find(t, "T1"), code="T2", order=ORDER), "regions.code_taken"),
        (lambda t: rename_region(SYSTEM, find(t, "T1"), code="<b>", order=ORDER), "regions.code"),
        (
            lambda t: merge_regions(SYSTEM, [find(t, "T1")], name="x", code="T3", order=ORDER),
            "regions.merge_needs_two",
        ),
        (
            lambda t: merge_regions(SYSTEM, [find(t, "T1")], into=find(t, "T1"), order=ORDER),
            "regions.merge_needs_two",
        ),
        (
            lambda t: merge_regions(SYSTEM, [find(t, "T1")], into=find(t, "T101"), order=ORDER),
            "regions.merge_nested",
        ),
        (
            lambda t: merge_regions(
                SYSTEM, [find(t, "T101"), find(t, "T201")], name="x", code="T3", order=ORDER
            ),
            "regions.merge_parents",
        ),
        (
            lambda t: merge_regions(
                SYSTEM,
                [find(t, "T101"), find(t, "T102")],
                name="x",
                code="T3",
                parent=find(t, "T101"),
                order=ORDER,
            ),
            "regions.cycle",
        ),
        (
            lambda t: split_region(
                SYSTEM, find(t, "T1"), [Part("a", "T8"), Part("b", "T9")], keeps=False, order=ORDER
            ),
            "regions.split_child_left",
        ),
        (
            lambda t: split_region(SYSTEM, find(t, "T1"), [Part("a", "T8")], keeps=False, order=ORDER),
            "regions.split_parts",
        ),
        (
            lambda t: split_region(
                SYSTEM, find(t, "T1"), [Part("a", "T8", [find(t, "T201").pk])], keeps=True, order=ORDER
            ),
            "regions.split_child_unknown",
        ),
        (
            lambda t: split_region(
                SYSTEM,
                find(t, "T1"),
                [Part("a", "T8", share=Decimal("0.7")), Part("b", "T9", share=Decimal("0.7"))],
                keeps=True,
                order=ORDER,
            ),
            "regions.share",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(town: RegionTree, attempt, code: str) -> None:  # type: ignore[no-untyped-def]
    before = shape(town)
    with pytest.raises(InvalidInput) as caught:
        attempt(town)
    assert problem_of(caught) == code
    assert shape(town) == before
    assert not RegionChange.objects.exists()
    assert Region.objects.filter(tree=town).count() == 9


def test_history_is_only_added_at_its_end(town: RegionTree) -> None:
    rename_region(SYSTEM, find(town, "T1"), name="东新县", order=ORDER)
    with pytest.raises(InvalidInput) as caught:
        rename_region(SYSTEM, find(town, "T1"), name="东旧县", order=Order(EVE))
    assert problem_of(caught) == "regions.before_last_change"


def test_an_ended_region_cannot_change_again(town: RegionTree) -> None:
    west = find(town, "T2")
    merge_regions(SYSTEM, [west], into=find(town, "T1"), order=ORDER)
    with pytest.raises(InvalidInput) as caught:
        rename_region(SYSTEM, west, name="西新县", order=Order(dt.date(2026, 4, 1)))
    assert problem_of(caught) == "regions.ended"


def test_a_region_cannot_go_to_a_parent_that_did_not_exist_yet(town: RegionTree) -> None:
    create_region(SYSTEM, find(town, "T"), code="T3", name="北县", level="county", order=ORDER)
    with pytest.raises(InvalidInput) as caught:
        move_region(SYSTEM, find(town, "T101"), find(town, "T3"), order=Order(EVE))
    assert problem_of(caught) == "regions.not_yet_there"


def test_who_manages_one_county_may_not_take_from_another(town: RegionTree) -> None:
    mine = {find(town, code).pk for code in ("T1", "T101", "T102", "T103")}
    with pytest.raises(PermissionDenied):
        move_region(Somebody(mine), find(town, "T201"), find(town, "T1"), order=ORDER)
    with pytest.raises(PermissionDenied):
        merge_regions(Somebody(mine), [find(town, "T2")], into=find(town, "T1"), order=ORDER)
    assert (
        rename_region(Somebody(mine), find(town, "T101"), name="东一镇", order=ORDER).change.actor_label
        == "测试员"
    )
