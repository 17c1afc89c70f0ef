from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from jingtu.engine.elements import QUALIFIERS, Element, ElementKind, ParsedValue
from jingtu.engine.facttable import FactRow, FactTable

facts = st.builds(
    FactRow,
    element=st.sampled_from(["a", "b", "c"]),
    region_id=st.integers(1, 4),
    period=st.sampled_from(["2026-01", "2026-02", "2026"]),
    value=st.none() | st.integers(-(10**12), 10**12),
    category=st.sampled_from(["", "age=u25"]),
    qualifier=st.sampled_from(QUALIFIERS),
    source_row=st.integers(0, 99),
)
tables = st.lists(st.lists(facts, max_size=12), max_size=4)


@settings(max_examples=150, deadline=None)
@given(tables)
def test_laying_tables_over_each_other_is_a_dict_that_is_written_in_order(
    batches: list[list[FactRow]],
) -> None:
    expected = {
        (row.element, row.region_id, row.period, row.category): row for batch in batches for row in batch
    }
    whole = FactTable.concat([FactTable.from_rows(batch) for batch in batches])
    assert sorted(map(repr, whole.rows())) == sorted(
        repr(row) for row in expected.values() if row.value is not None
    )


@settings(max_examples=100, deadline=None)
@given(tables)
def test_it_does_not_matter_how_tables_are_laid_together(batches: list[list[FactRow]]) -> None:
    parts = [FactTable.from_rows(batch) for batch in batches]
    at_once = FactTable.concat(parts)
    one_by_one = FactTable.empty()
    for part in parts:
        one_by_one = FactTable.concat([one_by_one, part], keep_retractions=True)
    assert FactTable.concat([one_by_one]).digest() == at_once.digest()
    assert FactTable.from_arrow(at_once.to_arrow()).digest() == at_once.digest()


@settings(max_examples=100, deadline=None)
@given(st.lists(facts, max_size=15), st.randoms(use_true_random=False))
def test_the_digest_does_not_depend_on_the_order_of_rows(rows: list[FactRow], random: object) -> None:
    unique = FactTable.concat([FactTable.from_rows(rows)]).rows()
    shuffled = list(unique)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert FactTable.from_rows(shuffled).digest() == FactTable.from_rows(unique).digest()


@settings(max_examples=200, deadline=None)
@given(st.integers(-(10**14), 10**14), st.integers(0, 4))
def test_a_formatted_value_reads_back(scaled: int, decimals: int) -> None:
    element = Element("e", "甲", "E", ElementKind.FLOW, "%", decimals=decimals, non_negative=False)
    assert element.parse_value(element.format(scaled, with_unit=True)) == ParsedValue(scaled)
    assert element.parse_value(Decimal(scaled).scaleb(-decimals)) == ParsedValue(scaled)
