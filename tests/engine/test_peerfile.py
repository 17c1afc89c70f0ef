from __future__ import annotations

import pytest

from jingtu.engine.peerfile import read_peer_file
from jingtu.engine.problems import InvalidInput
from jingtu.engine.tree import RegionTree
from tests.engine.worlds import city


@pytest.fixture(scope="module")
def tree() -> RegionTree:
    return city()


def test_groups_are_read_in_the_order_of_the_tree(tree: RegionTree) -> None:
    text = "group,region,备注\nrural,C3,\nurban,C1,\n\nrural,C2,乡\nurban,C3,\n"
    first, second, third = (tree.position(code) for code in ("C1", "C2", "C3"))
    assert read_peer_file(text.encode("gb18030"), tree) == {"rural": [second, third], "urban": [first, third]}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("region,class\nC1,a\n", [("file.header_missing", 1, None)]),
        ("region,group\n", [("peerfile.none", None, None)]),
        (
            "地区,分组\nC1,\n,a\nC9,a\nC2,a\nC2,a\n",
            [
                ("peerfile.blank", 2, "分组"),
                ("peerfile.blank", 3, "地区"),
                ("tree.unknown_region_near", 4, "地区"),
                ("peerfile.repeated", 6, "地区"),
            ],
        ),
    ],
)
def test_everything_wrong_is_named_with_row_and_column(
    tree: RegionTree, text: str, told: list[tuple[str, int | None, str | None]]
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_peer_file(text.encode(), tree)
    assert [(found.code, found.row, found.column) for found in refusal.value.problems] == told
    assert all(found.text("zh") != found.text("en") for found in refusal.value.problems)
