"""The places somebody works for, and those below them that a form offers."""

from __future__ import annotations

import datetime as dt

import pytest

from jingtu.core.kernel.actor import SYSTEM, Permission
from jingtu.core.regions import places, queries
from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.regions.places import offered_places, own_places
from jingtu.core.regions.reach import Readership
from jingtu.core.regions.services import Order, merge_regions

pytestmark = pytest.mark.django_db
FILE, READ = Permission.ENTRIES_FILE, Permission.RESULTS_READ


def find(tree: RegionTree, code: str) -> Region:
    return queries.find_region(SYSTEM, tree, code)


def test_own_places_are_those_of_the_posts_for_one_of_the_permissions(town: RegionTree) -> None:
    county = find(town, "T1")
    actor = Readership(county, "zh", FILE)

    assert list(own_places(actor, READ, FILE)) == [county]
    assert not own_places(actor, READ).exists()


def test_a_place_that_ended_is_nobodys_any_more(town: RegionTree) -> None:
    actor = Readership(find(town, "T2"), "zh", FILE)
    merge_regions(SYSTEM, [find(town, "T2")], into=find(town, "T1"), order=Order(dt.date(2026, 3, 1)))

    assert not own_places(actor, FILE).exists()
    assert offered_places(actor, FILE) == []


def test_what_lies_inside_is_offered_indented_below_the_own_place(town: RegionTree) -> None:
    actor = Readership(find(town, "T1"), "zh", FILE)
    names = [name for _pk, name in offered_places(actor, FILE)]

    assert names == ["东县", "　东1镇", "　东2镇", "　东3镇"]
    assert [name for _pk, name in offered_places(actor, FILE, beneath=True)] == ["东1镇", "东2镇", "东3镇"]
    assert [name for _pk, name in offered_places(actor, FILE, levels={"township"})] == names[1:]
    assert offered_places(actor, FILE, tree=RegionTree(pk=0)) == []


def test_where_too_many_lie_inside_whole_levels_are_left_out_from_below(
    town: RegionTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = Readership(find(town, "T"), "zh", FILE)
    monkeypatch.setattr(places, "MOST_OFFERED", 8)

    assert [name for _pk, name in offered_places(actor, FILE)] == ["测试市", "　东县", "　西县"]
    assert len(offered_places(actor, FILE, beneath=True)) == 8
    monkeypatch.setattr(places, "MOST_OFFERED", 5)
    assert len(offered_places(actor, FILE, levels={"township"})) == 6  # one level alone is never cut
