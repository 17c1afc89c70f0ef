from __future__ import annotations

from pathlib import Path

import pytest

from jingtu.engine import stored
from jingtu.engine.assess import assess
from jingtu.engine.explain import explain
from jingtu.engine.facttable import FactTable
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput
from jingtu.engine.publication import publication, publication_hash
from jingtu.engine.snapshot import Snapshot, damaged_files, write_snapshot
from jingtu.engine.stored import read_snapshot, snapshot_difference
from tests.engine.worlds import facts, small_world


@pytest.fixture
def written(tmp_path: Path) -> Snapshot:
    tree, definitions, table = small_world()
    return write_snapshot(assess(tree, table, definitions, "card", Period.parse("2026-10")), tmp_path)


def test_the_same_assessment_written_twice_is_one_folder(written: Snapshot) -> None:
    tree, definitions, table = small_world()
    again = write_snapshot(
        assess(tree, table, definitions, "card", Period.parse("2026-10")), written.path.parent
    )
    assert again.digest == written.digest
    assert [path.name for path in written.path.parent.iterdir()] == [written.digest]


def test_a_snapshot_answers_for_one_region_and_one_indicator(written: Snapshot) -> None:
    reader = read_snapshot(written.path)
    county = reader.tree.position("C2")
    assert reader.subject(county)["total"] == "84.00"
    assert reader.region(county)["EXEC"]["value"] == "98.00"
    assert [row["value"] for row in reader.indicator("EXEC", "county")] == ["98.21", "98.00", "80.77"]
    assert reader.trend("VISITS", county)[-1] == ("2026-10", "17")


def test_an_indicator_is_read_once_and_what_is_kept_stays_bounded(
    written: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = read_snapshot(written.path)
    codes = list(reader.catalogue.indicators)
    first = {code: reader.indicator(code) for code in codes}
    first[codes[0]].clear()  # the list is the caller's own
    with monkeypatch.context() as closed:
        closed.setattr(stored.pq, "ParquetFile", None)  # whoever opened a file again would fail
        assert reader.indicator(codes[0])
        assert all(reader.indicator(code) == first[code] for code in codes[1:])
    monkeypatch.setattr(stored, "KEPT_ROWS", 0)
    bounded = read_snapshot(written.path)
    assert [bounded.indicator(code) for code in codes[1:]] == [first[code] for code in codes[1:]]
    assert not bounded._indicators


def test_an_explanation_from_the_store_equals_the_computed_one(written: Snapshot) -> None:
    tree, definitions, table = small_world()
    computed = assess(tree, table, definitions, "card", Period.parse("2026-10"))
    reader = read_snapshot(written.path)
    for position in range(tree.size):
        for code in definitions.indicators:
            assert reader.explain(position, code).plain() == explain(computed, position, code).plain(), (
                f"{tree.codes[position]} {code}"
            )
    for position in computed.subjects.tolist():
        assert reader.explain(position).plain() == explain(computed, position).plain()


def test_the_assessment_recomputed_from_the_store_has_the_same_hash(written: Snapshot) -> None:
    reader = read_snapshot(written.path)
    assert publication_hash(publication(reader.assessment())) == written.publication_hash
    assert publication_hash(reader.publication) == written.publication_hash


def test_damage_is_named(written: Snapshot) -> None:
    assert damaged_files(written.path) == []
    (written.path / "facts.parquet").write_bytes(b"nothing")
    (written.path / "trend.parquet").unlink()
    assert sorted(damaged_files(written.path)) == ["facts.parquet", "trend.parquet"]


def test_a_folder_that_is_no_snapshot_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        read_snapshot(tmp_path)


def test_a_difference_names_the_fact_behind_each_change(written: Snapshot) -> None:
    tree, definitions, table = small_world()
    corrected = FactTable.concat([table, facts(tree, [("done", "C3-1", "2026-10", 47)])])
    newer = write_snapshot(
        assess(tree, corrected, definitions, "card", Period.parse("2026-10")), written.path.parent
    )
    changes = snapshot_difference(read_snapshot(written.path), read_snapshot(newer.path))
    assert [c for c in changes if c["kind"] == "fact"] == [
        {
            "kind": "fact",
            "element": "done",
            "region": "C3-1",
            "period": "2026-10",
            "category": "",
            "old": 40,
            "new": 47,
        }
    ]
    value = next(c for c in changes if c["kind"] == "value")
    assert (value["region"], value["indicator"], value["old"], value["new"]) == (
        "C3",
        "EXEC",
        "80.77",
        "94.23",
    )
    assert value["causes"] == [
        {"kind": "fact", "element": "done", "region": "C3-1", "period": "2026-10", "category": ""}
    ]
    assert {c["kind"] for c in changes if c.get("region") == "C3"} == {"value", "points", "total"}


def test_a_difference_leaves_out_facts_that_the_run_cannot_read(written: Snapshot) -> None:
    tree, definitions, table = small_world()
    later = FactTable.concat([table, facts(tree, [("done", "C3-1", "2026-11", 47)])])
    newer = write_snapshot(
        assess(tree, later, definitions, "card", Period.parse("2026-10")), written.path.parent / "later"
    )
    assert snapshot_difference(read_snapshot(written.path), read_snapshot(newer.path)) == []
