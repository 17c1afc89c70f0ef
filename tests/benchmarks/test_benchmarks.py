"""The benchmarks run, on a tiny tree; their numbers mean nothing there."""

import pytest

from benchmarks import __main__ as bench
from benchmarks import change, compiling, data, exporting, shape, watching
from jingtu.engine.formula import parse
from jingtu.engine.tree import RegionTree


def test_the_bulk_part_measures_every_required_number(capsys: pytest.CaptureFixture[str]) -> None:
    bench.main(["bulk", "--shape", "tiny", "--rounds", "1"])
    printed = capsys.readouterr().out
    assert [line.split("|")[3].strip() for line in printed.splitlines() if "≤" in line] == [
        "≤ 1 LB", "≤ 3 LB", "≤ 5 LB", "≤ 30 LB", "≤ 3 GiB",
    ]  # fmt: skip


def test_the_change_part_runs(tmp_path) -> None:  # type: ignore[no-untyped-def]
    table = change.run(data.make("tiny", tmp_path))
    assert table.lines[0].required == "≤ 5 ms"


def test_the_watching_part_runs(tmp_path) -> None:  # type: ignore[no-untyped-def]
    table = watching.run(data.make("tiny", tmp_path), 1)
    assert table.lines[0].required == "≤ 10 ×"


def test_the_exporting_part_measures_the_memory_of_both_formats(tmp_path) -> None:  # type: ignore[no-untyped-def]
    table = exporting.run(tmp_path, "tiny")
    assert [line.required for line in table.lines if line.required] == ["< 300 MiB"] * 2


def test_a_part_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SystemExit):
        bench.main(["nonsense"])


def test_the_stand_in_tree_has_the_size_of_the_real_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shape, "FILES", ("absent.csv",))
    rows, source = shape.shape_rows("nation")
    assert source == "synthetic, of equal size"
    tree = RegionTree.build(rows, "t")
    sizes = [len(tree.at_level(level)) for level in shape.LEVELS]
    assert sizes == [1, *shape.EQUAL_SIZE]


def test_the_compiling_part_reads_every_formula_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict[str, list[int]] = {}
    for name in ("compiled", "load_catalogue"):
        seen, work = known.setdefault(name, []), getattr(compiling, name)
        monkeypatch.setattr(
            compiling,
            name,
            lambda given, seen=seen, work=work: [seen.append(parse.cache_info().currsize), work(given)],
        )
    table = compiling.run(2)
    # Formulas known when a reading begins: none, but all for a draft that is compiled once more.
    assert known["load_catalogue"] == [0, 0]
    assert known["compiled"][::2] == [0, 0]
    assert min(known["compiled"][1::2]) >= compiling.INDICATORS
    assert [line.required for line in table.lines if line.required] == ["≤ 1 s"] * 2
