from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from jingtu.engine.tree import RegionRow, RegionTree


@st.composite
def region_rows(draw: st.DrawFn) -> list[RegionRow]:
    """A random tree: each region's parent is an earlier one; the rows then come in any order."""
    size = draw(st.integers(1, 40))
    parents = [None, *(str(draw(st.integers(0, child - 1))) for child in range(1, size))]
    rows = [RegionRow(str(at), f"n{at}", parent, None, id=at + 100) for at, parent in enumerate(parents)]
    return draw(st.permutations(rows))


@settings(max_examples=60, deadline=None)
@given(region_rows())
def test_every_subtree_is_the_contiguous_range_its_ancestors_say(rows: list[RegionRow]) -> None:
    tree = RegionTree.build(rows, "t")
    parent_of = {row.code: row.parent for row in rows}

    def above(code: str) -> list[str]:
        parent = parent_of[code]
        return [] if parent is None else [parent, *above(parent)]

    for position, code in enumerate(tree.codes):
        assert [tree.codes[at] for at in tree.ancestors(position)] == above(code)
        assert int(tree.depth[position]) == len(above(code))
        inside = {other for other in tree.codes if other == code or code in above(other)}
        assert set(tree.codes[tree.subtree(position)]) == inside
        assert {tree.codes[at] for at in tree.children(position)} == {
            child for child, parent in parent_of.items() if parent == code
        }
        assert tree.position(code) == position
        assert tree.position_of_id(int(tree.ids[position])) == position


@settings(max_examples=40, deadline=None)
@given(region_rows(), st.randoms(use_true_random=False))
def test_positions_and_digest_do_not_depend_on_the_order_of_rows(
    rows: list[RegionRow], random: object
) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = RegionTree.build(rows, "t"), RegionTree.build(shuffled, "t")
    assert first.codes == second.codes
    assert first.ids.tolist() == second.ids.tolist()
    assert first.digest() == second.digest()
