from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from jingtu.engine.problems import InvalidInput
from jingtu.engine.tree import RegionRow, RegionTree, read_region_rows

CSV = """code,name,parent,level,valid_from,valid_to,aliases
1,示范市,,city,,,
11,甲县,1,county,,,甲州|老甲
12,乙县,1,county,,2020-01-01,
13,丙区,1,county,2020-01-01,,
111,甲一镇,11,township,,,
131,丙一镇,13,township,2020-01-01,,
"""


def codes_of(error: pytest.ExceptionInfo[InvalidInput]) -> list[tuple[str, int | None]]:
    return [(problem.code, problem.row) for problem in error.value.problems]


def row(code: str, parent: str | None, level: str | None = None, **more: object) -> RegionRow:
    return RegionRow(code, f"名{code}", parent, level, **more)  # type: ignore[arg-type]


def test_positions_are_pre_order_with_siblings_in_the_order_of_their_codes() -> None:
    tree = RegionTree.build(
        [row("b", "r"), row("r", None), row("a", "r"), row("b1", "b"), row("a1", "a")], "t"
    )
    assert tree.codes == ("r", "a", "a1", "b", "b1")
    assert tree.parent.tolist() == [-1, 0, 1, 0, 3]
    assert tree.depth.tolist() == [0, 1, 2, 1, 2]
    assert tree.last.tolist() == [4, 2, 2, 4, 4]
    assert tree.levels == ("L0", "L1", "L2", "L1", "L2")
    assert tree.ids.tolist() == [2, 3, 5, 1, 4]
    assert tree.children(0).tolist() == [1, 3]
    assert tree.ancestors(2) == [1, 0]
    assert tree.path(2) == [0, 1, 2]
    assert tree.leaves.tolist() == [2, 4]


def test_only_regions_in_force_on_the_day_are_read() -> None:
    before = RegionTree.read_csv(CSV.encode(), "t", as_of=date(2019, 12, 31))
    after = RegionTree.read_csv(CSV.encode(), "t", as_of=date(2020, 1, 1))
    assert before.codes == ("1", "11", "111", "12")
    assert after.codes == ("1", "11", "111", "13", "131")
    assert RegionTree.read_csv(CSV.encode(), "t").digest() == after.digest()
    assert after.ids.tolist() == [1, 2, 5, 4, 6]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_usual_encoding_reads_the_same(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "regions.csv"
    path.write_bytes(CSV.encode(encoding))
    tree = RegionTree.read_csv(path, "t")
    assert tree.names[0] == "示范市"
    assert tree.named("老甲") == tree.named("甲县") == [1]


def test_chinese_headers_are_understood() -> None:
    tree = RegionTree.read_csv("编码;名称;上级\n1;市;\n2;县;1\n".encode(), "t")
    assert tree.names == ("市", "县")


def test_a_code_used_at_two_levels_is_told_apart_by_level() -> None:
    rows = [
        row("44", None, "province"),
        row("4419", "44", "city"),
        row("4419", "4419", "county", parent_level="city"),
        row("441901", "4419", "township", parent_level="county"),
    ]
    tree = RegionTree.build(rows, "t")
    assert tree.levels == ("province", "city", "county", "township")
    assert tree.position("4419", "county") == 2
    assert tree.position_of_id(4) == 3
    with pytest.raises(InvalidInput) as error:
        tree.position("4419")
    assert codes_of(error) == [("tree.code_ambiguous", None)]
    with pytest.raises(InvalidInput) as error:
        RegionTree.build([*rows[:3], row("441901", "4419", "township", row=9)], "t")
    assert codes_of(error) == [("tree.parent_ambiguous", 9)]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("code,name,parent\n", [("tree.empty", None)]),
        ("code,name,parent\n1,a,\n2,b,9\n", [("tree.orphan", 3)]),
        ("code,name,parent\n1,a,\n2,b,1\n2,c,1\n", [("tree.duplicate", 4)]),
        ("code,name,parent\n1,a,\n\n2,b,\n", [("tree.two_roots", 4)]),
        ("code,name,parent\n1,a,2\n2,b,1\n", [("tree.no_root", None)]),
        ("code,name,parent\n1,a,\n2,b,3\n3,c,2\n4,d,4\n", [("tree.cycle", 3), ("tree.cycle", 5)]),
        ("code,name,parent,level\n1,a,,city\n2,b,1,\n", [("tree.missing_level", 3)]),
        ("code,name,parent\n1,a,\n,b,1\n3,,1\n", [("tree.blank_code", 3), ("tree.blank_name", 4)]),
        ("code,name,parent,valid_from\n1,a,,1999-13-01\n", [("tree.bad_date", 2)]),
        ("code,name,parent,valid_from,valid_to\n1,a,,2000-01-01,\n2,b,1,2001-01-01,2000-01-01\n", None),
        ("code,name\n1,a\n", [("file.header_missing", 1)]),
    ],
)
def test_what_is_wrong_is_named_with_its_row(
    text: str, expected: list[tuple[str, int | None]] | None
) -> None:
    if expected is None:
        rows = read_region_rows(text.encode())
        with pytest.raises(InvalidInput) as error:
            RegionTree.build(rows, "t")
        assert codes_of(error) == [("tree.dates_backwards", 3)]
        return
    with pytest.raises(InvalidInput) as error:
        RegionTree.read_csv(text.encode(), "t")
    assert codes_of(error) == expected
    for problem in error.value.problems:
        assert problem.located_text("zh") != problem.located_text("en")


def test_two_rows_cannot_share_an_own_id() -> None:
    with pytest.raises(InvalidInput) as error:
        RegionTree.build([row("1", None, id=7, row=2), row("2", "1", id=7, row=3)], "t")
    assert codes_of(error) == [("tree.duplicate_id", 3)]


def test_an_unknown_code_is_answered_with_the_nearest() -> None:
    tree = RegionTree.read_csv(CSV.encode(), "t")
    with pytest.raises(InvalidInput, match=r'did you mean "131"'):
        tree.position("1311")
    with pytest.raises(InvalidInput, match="no region"):
        tree.position("zzzzzzzz")
    with pytest.raises(KeyError):
        tree.position_of_id(99)


def test_a_level_is_looked_up_inside_a_subtree() -> None:
    tree = RegionTree.read_csv(CSV.encode(), "t")
    assert [tree.codes[at] for at in tree.at_level("township", within=tree.position("13"))] == ["131"]
    assert tree.at_level("nothing").tolist() == []
    assert tree.level_names == ("city", "county", "township")
    assert tree.positions_of_ids(np.array([6, 77])).tolist() == [4, -1]
    assert tree.contains(3, 4)
    assert tree.is_leaf(4)
    assert not tree.is_leaf(3)


def test_the_digest_sees_a_renamed_region_and_ignores_own_ids() -> None:
    rows = [row("1", None), row("2", "1")]
    same = [row("2", "1", id=50), row("1", None, id=40)]
    renamed = [row("1", None), RegionRow("2", "新名", "1", None)]
    digest = RegionTree.build(rows, "a").digest()
    assert RegionTree.build(same, "b").digest() == digest
    assert RegionTree.build(renamed, "a").digest() != digest


def test_a_parent_of_another_level_is_no_parent() -> None:
    rows = [row("1", None, "city"), row("2", "1", "county", parent_level="province", row=3)]
    with pytest.raises(InvalidInput) as error:
        RegionTree.build(rows, "t")
    assert codes_of(error) == [("tree.orphan", 3)]
