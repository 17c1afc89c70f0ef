from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq

from jingtu.engine.elements import Qualifier
from jingtu.engine.facttable import FactRow, FactTable


def sample() -> list[FactRow]:
    return [
        FactRow("cases", 1, "2026-01", 5, source_row=2),
        FactRow("cases", 2, "2026-01", 7, qualifier=Qualifier.MORE, source_row=3),
        FactRow("users", 1, "2026-02", 9, category="age=u25", source_row=4),
    ]


def under_batch(facts: FactTable, batch: int) -> FactTable:
    return replace(facts, batch=np.full(len(facts), batch, dtype=np.int32))


def test_rows_come_back_as_given() -> None:
    assert FactTable.from_rows(sample()).rows() == sample()
    assert len(FactTable.empty()) == 0
    assert FactTable.concat([]).rows() == []


def test_of_several_facts_with_one_key_the_last_stands() -> None:
    first = FactTable.from_rows(sample())
    correction = FactTable.from_rows([FactRow("cases", 2, "2026-01", 8), FactRow("cases", 2, "2026-01", 9)])
    whole = FactTable.concat([first, under_batch(correction, 2)])
    assert {(row.element, row.region_id, row.value, row.batch) for row in whole.rows()} == {
        ("cases", 1, 5, 0),
        ("users", 1, 9, 0),
        ("cases", 2, 9, 2),
    }


def test_a_category_is_another_key_than_the_total() -> None:
    table = FactTable.from_rows([FactRow("users", 1, "2026-02", 20), *sample()])
    assert len(FactTable.concat([table])) == 4


def test_a_retraction_takes_a_fact_back_and_can_be_followed_by_a_new_one() -> None:
    facts = FactTable.from_rows(sample())
    gone = FactTable.from_rows([FactRow("cases", 1, "2026-01", None)])
    again = FactTable.from_rows([FactRow("cases", 1, "2026-01", 6)])
    assert len(FactTable.concat([facts, gone])) == 2
    kept = FactTable.concat([gone], keep_retractions=True)
    assert kept.rows()[0].value is None
    assert len(FactTable.concat([facts, kept])) == 2
    assert FactTable.concat([facts, kept, again]).select(["cases"]).rows()[-1].value == 6


def test_selection_is_by_element_period_and_region() -> None:
    facts = FactTable.from_rows(sample())
    assert [row.value for row in facts.select(elements=["cases"]).rows()] == [5, 7]
    assert [row.value for row in facts.select(periods=["2026-02", "2099"]).rows()] == [9]
    assert [row.value for row in facts.select(region_ids=[2]).rows()] == [7]
    assert len(facts.select(elements=[])) == 0


def test_facts_survive_arrow_and_parquet() -> None:
    facts = FactTable.from_rows([*sample(), FactRow("cases", 3, "2026-01", None)])
    assert FactTable.from_arrow(facts.to_arrow()).rows() == facts.rows()
    buffer = io.BytesIO()
    pq.write_table(facts.to_arrow(), buffer, row_group_size=2)
    assert FactTable.from_arrow(pq.read_table(buffer)).rows() == facts.rows()
    assert FactTable.from_arrow(FactTable.empty().to_arrow()).rows() == []


def test_the_digest_ignores_order_and_origin_and_sees_every_stated_part() -> None:
    facts = FactTable.from_rows(sample())
    shuffled = under_batch(FactTable.from_rows(list(reversed(sample()))), 9)
    assert shuffled.digest() == facts.digest()
    assert FactTable.concat([facts, FactTable.from_rows([])]).digest() == facts.digest()
    for change in (
        FactRow("cases", 1, "2026-01", 6),
        FactRow("cases", 1, "2026-01", 5, qualifier=Qualifier.APPROX),
        FactRow("cases", 1, "2026-01", 5, category="sex=f"),
    ):
        assert FactTable.from_rows([change, *sample()[1:]]).digest() != facts.digest()


def test_repeated_keys_are_pointed_out_after_their_first_row() -> None:
    facts = FactTable.from_rows([*sample(), sample()[1]])
    assert facts.duplicated().tolist() == [False, False, False, True]
    assert np.flatnonzero(FactTable.empty().duplicated()).tolist() == []
