"""Tiles: a place without a value is never drawn as the lowest one, and every tile is a row of the twin."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from jingtu.core.ui.charts import SHADES, Place, Tiles

VALUES = st.lists(st.none() | st.decimals(-1000, 1000, places=2), max_size=30)


def tiles(values: list[Decimal | None]) -> Tiles:
    places = [
        Place(f"地{number}", value, word="" if value is not None else "缺报", url=f"?region={number}")
        for number, value in enumerate(values)
    ]
    return Tiles("总分", "分", 2, places)


@given(VALUES)
def test_only_places_with_a_value_have_a_shade_and_shades_keep_the_order(
    values: list[Decimal | None],
) -> None:
    drawn = tiles(values).option()["places"]
    assert [place["shade"] is None for place in drawn] == [value is None for value in values]
    known = sorted(
        (value, place["shade"]) for value, place in zip(values, drawn, strict=True) if value is not None
    )
    shades = [shade for _, shade in known]
    assert shades == sorted(shades)
    assert all(0 <= shade < SHADES for shade in shades)


def test_a_missing_value_is_said_in_words_and_keeps_its_link() -> None:
    chart = tiles([Decimal("0"), None])
    assert [row[1] for row in chart.rows()] == ["0.00", "缺报"]
    assert chart.links() == ["?region=0", "?region=1"]
    assert chart.option()["places"][1]["value"] is None


def test_equal_values_share_a_middle_shade() -> None:
    assert {place["shade"] for place in tiles([Decimal(5), Decimal(5)]).option()["places"]} == {SHADES // 2}


def test_states_replace_the_shade_where_there_are_any() -> None:
    chart = Tiles("率", "%", 1, [Place("甲", 90, state="met"), Place("乙", None, word="缺报")])
    assert chart.by_state
    assert chart.columns()[-1][0] == "状态"
    assert chart.rows()[0][-1].startswith("●")
