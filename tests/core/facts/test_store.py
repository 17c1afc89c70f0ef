"""Batches are immutable files; a row makes them visible; the last one wins key by key."""

from __future__ import annotations

import os

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingtu.core.facts import standing, store
from jingtu.core.facts.models import FactBatch
from jingtu.core.facts.services.batches import commit, common_region
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import now
from jingtu.engine.elements import Qualifier
from jingtu.engine.facttable import FactRow, FactTable


def table(*rows: tuple[str, int, str, int | None]) -> FactTable:
    return FactTable.from_rows([FactRow(*row) for row in rows])


def commit_rows(cast, *rows: tuple[str, int, str, int | None], kind=FactBatch.Kind.IMPORT) -> FactBatch:
    root = cast.places["nation"].pk
    return commit(SYSTEM, cast.tree.pk, store.write(table(*rows)), kind=kind, region_id=root, note="x")


def shown(facts: FactTable) -> set[tuple[str, int, str, int | None]]:
    return {(row.element, row.region_id, row.period, row.value) for row in facts.rows()}


def test_a_batch_is_named_by_its_hash_and_reads_back_as_written(cast):
    facts = FactTable.from_rows(
        [FactRow("cases", 7, "2026-10", 300, "age=u25", Qualifier.MORE, source_row=5)]
    )
    written = store.write(facts)
    assert written.rows == 1
    assert store.path_of(written.sha256).exists()
    row = store.read_batch(written.sha256, 3).row(0)
    assert (row.value, row.category, row.qualifier, row.source_row, row.batch) == (
        300, "age=u25", Qualifier.MORE, 5, 3,
    )  # fmt: skip


def test_equal_rows_make_equal_files(cast):
    assert store.write(table(("cases", 1, "2026", 2))) == store.write(table(("cases", 1, "2026", 2)))


def test_nothing_is_visible_before_its_row_is(cast):
    store.write(table(("cases", 1, "2026-10", 2)))
    assert len(store.read(cast.tree.pk)) == 0


def test_the_last_batch_wins_and_an_earlier_day_can_be_read_again(cast):
    first = commit_rows(cast, ("cases", 1, "2026-10", 2), ("cases", 2, "2026-10", 9))
    second = commit_rows(cast, ("cases", 1, "2026-10", 5), ("cases", 2, "2026-10", None))
    assert (first.sequence, second.sequence) == (1, 2)
    assert shown(store.read(cast.tree.pk)) == {("cases", 1, "2026-10", 5)}
    assert shown(store.read(cast.tree.pk, upto_sequence=1)) == {
        ("cases", 1, "2026-10", 2), ("cases", 2, "2026-10", 9),
    }  # fmt: skip
    assert store.read(cast.tree.pk).row(0).batch == 2


def test_reading_can_be_narrowed(cast):
    commit_rows(cast, ("cases", 1, "2026-10", 2), ("done", 1, "2026-09", 3), ("cases", 2, "2026-09", 4))
    assert shown(store.read(cast.tree.pk, elements=["cases"], periods=["2026-09"])) == {
        ("cases", 2, "2026-09", 4)
    }
    assert shown(store.read(cast.tree.pk, region_ids=[1])) == {
        ("cases", 1, "2026-10", 2), ("done", 1, "2026-09", 3),
    }  # fmt: skip


def test_a_second_read_costs_one_query_and_no_file(cast, django_assert_num_queries):
    batch = commit_rows(cast, ("cases", 1, "2026-10", 2))
    store.read(cast.tree.pk)
    store.path_of(batch.sha256).unlink()
    with django_assert_num_queries(1):
        assert len(store.read(cast.tree.pk)) == 1


def test_the_sweep_takes_only_old_files_that_no_batch_names(cast):
    named = commit_rows(cast, ("cases", 1, "2026-10", 2))
    fresh = store.write(table(("cases", 1, "2026-10", 3)))
    old = store.write(table(("cases", 1, "2026-10", 4)))
    left = store.folder() / "incoming" / "left.parquet"
    left.write_bytes(b"half")
    long_ago = now().timestamp() - 2 * store.ORPHAN_AFTER_SECONDS
    for path in (store.path_of(named.sha256), store.path_of(old.sha256), left):
        os.utime(path, (long_ago, long_ago))
    orphans = [store.path_of(old.sha256), left]
    assert sorted(store.sweep(remove=False)) == sorted(orphans)
    store.sweep(remove=True)
    assert not any(path.exists() for path in orphans)
    assert store.path_of(named.sha256).exists()
    assert store.path_of(fresh.sha256).exists()


def test_a_batch_whose_file_was_touched_or_lost_is_named(cast):
    whole, touched, lost = (commit_rows(cast, ("cases", 1, "2026-10", value)) for value in (1, 2, 3))
    path = store.path_of(touched.sha256)
    path.chmod(0o600)
    pq.write_table(table(("cases", 1, "2026-10", 99)).to_arrow(), path)
    store.path_of(lost.sha256).unlink()
    assert store.damaged() == [touched, lost]
    assert whole not in store.damaged()


def test_the_common_region_is_the_nearest_that_holds_every_row(cast):
    def common(*keys: str) -> int:
        return common_region(cast.tree, table(*(("cases", cast.places[key].pk, "2026", 1) for key in keys)))

    assert common("township_a", "township_a2") == cast.places["county_a"].pk
    assert common("township_a", "county_b") == cast.places["city"].pk
    assert common("township_a") == cast.places["township_a"].pk
    assert common("township_a", "outside") == cast.places["nation"].pk


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["cases", "done"]),
        st.integers(1, 3),
        st.sampled_from(["2026-09", "2026-10"]),
        st.one_of(st.none(), st.integers(0, 9)),
    ),
    max_size=6,
    unique_by=lambda row: row[:3],
)


@given(st.lists(ROWS, min_size=1, max_size=5))
def test_laying_batches_over_each_other_equals_a_dictionary(batches):
    expected: dict[tuple[str, int, str], int] = {}
    facts = FactTable.empty()
    for rows in batches:
        facts = standing.overlay(facts, table(*rows))
        for *key, value in rows:
            if value is None:
                expected.pop(tuple(key), None)
            else:
                expected[tuple(key)] = value
    assert shown(facts) == {(*key, value) for key, value in expected.items()}
    assert len(facts) == len(expected)


@pytest.mark.parametrize("count", [standing.FEW, standing.FEW + 1])
def test_both_ways_of_laying_over_agree(count):
    before = table(*(("cases", number, "2026-10", number) for number in range(200)))
    batch = table(*(("cases", number, "2026-10", None if number % 2 else 7) for number in range(count)))
    assert shown(standing.overlay(before, batch)) == shown(FactTable.concat([before, batch]))
