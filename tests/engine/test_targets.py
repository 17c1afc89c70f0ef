from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jingtu.engine.assess import Assessment, assess
from jingtu.engine.catalogue.model import LinearRule
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.explain import explain
from jingtu.engine.facttable import FactRow, FactTable
from jingtu.engine.incremental import Recomputer
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput
from jingtu.engine.publication import publication, publication_hash
from jingtu.engine.snapshot import write_snapshot
from jingtu.engine.stored import read_snapshot
from jingtu.engine.targetfile import read_target_file
from jingtu.engine.targets import NO_TARGETS, Requirements, Target, TargetTable
from jingtu.engine.whatif import what_if
from tests.engine.worlds import card, catalogue, element, indicator, item, small_world

OCTOBER = Period.parse("2026-10")


def target(
    requirement: str = ">= 96", place: str = "C3", period: str = "2026", basis: str = "each", **more: object
) -> Target:
    red_line = more.pop("red_line", None)
    return Target(
        str(more.pop("indicator", "EXEC")),
        more.pop("scope", "place"),  # type: ignore[arg-type]
        period,
        basis,  # type: ignore[arg-type]
        more.pop("region", ("county", place)),  # type: ignore[arg-type]
        requirement=Threshold.parse(requirement) if requirement else None,
        red_line=Threshold.parse(str(red_line)) if red_line else None,
        document=str(more.pop("document", "市禁毒委〔2026〕3号")),
        **more,  # type: ignore[arg-type]
    )


def assessed(*targets: Target, **more: object) -> Assessment:
    tree, definitions, table = small_world()
    return assess(tree, table, definitions, "card", OCTOBER, targets=TargetTable(targets), **more)  # type: ignore[arg-type]


def row(result: Assessment, region: str, code: str = "EXEC") -> dict[str, object]:
    subjects = {entry["region"]: entry for entry in publication(result)["subjects"]}
    return subjects[region]["indicators"][code]  # type: ignore[no-any-return]


def test_without_targets_nothing_changes_and_a_target_for_somewhere_else_leaves_the_hash() -> None:
    plain = publication(assessed())
    assert "targets" not in plain["definitions"]
    other = assessed(target(period="2025"), target(place="C9"), target(indicator="NONE"))
    assert publication_hash(publication(other)) == publication_hash(plain)


def test_the_target_of_a_place_decides_there_and_nowhere_else() -> None:
    usual, eased = assessed(), assessed(target(">= 50"))
    assert row(usual, "C3")["met"] is False
    assert row(eased, "C3")["met"] is True
    assert row(eased, "C3")["assigned"] == {"requirement": [">= 50", "市禁毒委〔2026〕3号"], "red_line": None}
    assert row(eased, "C2") == row(usual, "C2")
    assert eased.current.card.points[2, 0] > usual.current.card.points[2, 0]
    assert publication(eased)["definitions"]["targets"] == [target(">= 50").plain()]


def test_a_red_line_of_a_place_stands_beside_the_usual_requirement() -> None:
    result = assessed(target("", red_line="< 10"))
    assert row(result, "C3")["red_line"] is False
    assert row(result, "C3")["met"] is False  # still judged by the catalogue's requirement


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ([target(">= 1"), target(">= 2", scope="level", region=("city", "C"), level="county")], ">= 1"),
        ([target(">= 3", scope="group", region=("", ""), group="g"), target(">= 2", scope="level", region=("city", "C"), level="county")], ">= 3"),
        ([target(">= 1"), target(">= 3", scope="group", region=("", ""), group="g")], ">= 1"),
        ([target(">= 1"), target(">= 4", period="2026-10", basis="exact")], ">= 4"),
        ([target(">= 1"), target(">= 5", period="2026-Q4")], ">= 5"),
        ([target(">= 1", period="2025.."), target(">= 6", period="2026..")], ">= 6"),
        ([target(">= 1", period="2026-Q3")], None),
        ([target(">= 1", period="2026", basis="cumulative")], None),
    ],
)  # fmt: skip
def test_the_most_specific_target_decides(asked: list[Target], expected: str | None) -> None:
    tree, _, _ = small_world()
    for order in (asked, asked[::-1]):
        requirements = Requirements(TargetTable(order), tree, 0, {"g": [tree.position("C3")]})
        marks = requirements.marks("EXEC", OCTOBER)
        found = None if marks is None else marks.at(tree.position("C3"))
        assert (None if found is None else str(found.requirement)) == expected


def test_a_cumulative_target_is_for_figures_from_january_only() -> None:
    dated = target(period="2026-Q3", basis="cumulative")
    holds = {key: dated.holds_in(Period.parse(key)) for key in ("2026-YTD09", "2026-YTD10", "2026-09", "2026-Q3", "2025-YTD09")}  # fmt: skip
    assert holds == {"2026-YTD09": True, "2026-YTD10": False, "2026-09": False, "2026-Q3": False, "2025-YTD09": False}  # fmt: skip


def test_a_linear_rule_reaches_full_points_at_the_assigned_target() -> None:
    tree, _, table = small_world()
    definitions = catalogue(
        [element("done"), element("due")],
        [indicator("EXEC", "share(done, due)", "up", ">= 98")],
        card([item("EXEC", "100", LinearRule(Decimal(0), Decimal(100)))]),
    )
    usual = assess(tree, table, definitions, "card", OCTOBER)
    value = usual.current.values["EXEC"].exact.fraction(tree.position("C3"))
    assert value is not None
    half = Threshold.parse(f">= {float(value) * 2:.4f}")
    doubled = assess(tree, table, definitions, "card", OCTOBER, targets=TargetTable([target(str(half))]))
    assert doubled.current.card.points[2, 0] == pytest.approx(5000, abs=1)
    # A target on the wrong side of the floor leaves no line: met or not.
    below = assess(tree, table, definitions, "card", OCTOBER, targets=TargetTable([target(">= -5")]))
    assert below.current.card.points[2, 0] == 10000


def test_the_explanation_names_the_document_and_what_it_replaces() -> None:
    result = assessed(target(">= 96"))
    told = explain(result, result.tree.position("C3"), "EXEC")
    assert "不低于96%（由《市禁毒委〔2026〕3号》下达，代替不低于98%）" in told.sentence("zh")
    assert "at least 96% (set by 市禁毒委〔2026〕3号, instead of at least 98%)" in told.sentence("en")
    assert told.gap is not None
    assert str(told.gap.threshold) == ">= 96"
    step = next(step for step in told.root.walk() if step.kind == "indicator")
    assert step.params["assigned"]["requirement"]["document"] == "市禁毒委〔2026〕3号"


def test_a_snapshot_keeps_the_targets_and_explains_by_them(tmp_path: Path) -> None:
    result = assessed(target(">= 96"))
    reader = read_snapshot(write_snapshot(result, tmp_path).path)
    assert reader.targets == result.targets
    position = result.tree.position("C3")
    assert reader.explain(position, "EXEC").plain() == explain(result, position, "EXEC").plain()
    assert publication_hash(publication(reader.assessment())) == reader.publication_hash
    without = read_snapshot(write_snapshot(assessed(), tmp_path).path)
    assert "targets.json" not in without.manifest["files"]
    assert without.targets == NO_TARGETS


def test_closing_the_gap_to_an_assigned_target_meets_it_and_one_less_does_not() -> None:
    result = assessed(target(">= 96"))
    closed = what_if(result, result.tree.position("C3"), "EXEC")
    assert closed is not None
    assert closed.met


def test_the_digest_does_not_depend_on_the_order_and_content_survives_the_round_trip() -> None:
    some = [
        target(),
        target("", red_line="< 10", place="C1"),
        target(scope="group", region=("", ""), group="g"),
    ]
    assert TargetTable(some).digest() == TargetTable(some[::-1]).digest() != TargetTable(some[:2]).digest()
    assert TargetTable.from_plain(TargetTable(some).plain()) == TargetTable(some)
    assert TargetTable().digest() == ""


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(st.sampled_from(["done", "due"]), st.sampled_from(["C1-1", "C2-1", "C3-2"]), st.integers(0, 60)),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([">= 10", ">= 96", ">= 100"]),
)  # fmt: skip
def test_incremental_equals_full_under_targets(edits: list[tuple[str, str, int]], asked: str) -> None:
    tree, definitions, table = small_world()
    targets = TargetTable([target(asked), target(">= 99", place="C1", period="2026-09..")])
    recomputer = Recomputer(assess(tree, table, definitions, "card", OCTOBER, targets=targets))
    added = [table]
    for code, region, value in edits:
        recomputer.change(code, tree.position(region), "2026-10", value)
        added.append(
            FactTable.from_rows([FactRow(code, int(tree.ids[tree.position(region)]), "2026-10", value)])
        )
    full = assess(tree, FactTable.concat(added), definitions, "card", OCTOBER, targets=targets)
    assert publication_hash(publication(recomputer.assessment)) == publication_hash(publication(full))


def test_a_file_of_targets_is_read_by_names_or_codes() -> None:
    tree, definitions, _ = small_world()
    text = "指标,地区,期间,适用方式,目标,红线,依据文件\nEXEC,3县,2026年,,≥ 96%,<90,市发〔2026〕1号\nEXEC率,C1,2026-Q4,正好这一期,>= 99,,\n"
    table = read_target_file(text.encode(), tree, definitions)
    assert [(t.region[1], t.period, t.basis, str(t.requirement)) for t in table] == [
        ("C3", "2026", "each", ">= 96"),
        ("C1", "2026-Q4", "exact", ">= 99"),
    ]


def test_everything_wrong_in_a_file_is_said_at_once() -> None:
    tree, definitions, _ = small_world()
    text = (
        "indicator,region,period,basis,requirement,red_line\n"
        "EXXEC,C1,2026,,>= 96,\nEXEC,C8,2026,,>= 96,\nEXEC,C1,20266,,>= 96,\nEXEC,C1,2026..,exact,>= 96,\n"
        "EXEC,C1,2026,,about 9,\nEXEC,C1,2026,,<= 96,\nEXEC,C1,2026,,,\nEXEC,C1,2026,,>= 96,< 97\n"
        "EXEC,C2,2026,,>= 96,\nEXEC,C2,2026,,>= 97,\n"
    )
    with pytest.raises(InvalidInput) as refused:
        read_target_file(text.encode(), tree, definitions)
    assert [(problem.code, problem.row) for problem in refused.value.problems] == [
        ("targets.unknown_indicator_near", 2),
        ("targets.unknown_region_near", 3),
        ("period.unreadable", 4),
        ("targets.open_exact", 5),
        ("threshold.unreadable", 6),
        ("targets.against_direction", 7),
        ("targets.nothing_asked", 8),
        ("targets.both_hold", 9),
        ("targets.twice", 11),
    ]


def test_the_places_of_a_level_inside_an_area() -> None:
    tree, definitions, _ = small_world()
    text = "indicator,region,level,period,requirement\nEXEC,C,county,2026,>= 97\n"
    marks = Requirements(read_target_file(text.encode(), tree, definitions), tree, 0, {}).marks(
        "EXEC", OCTOBER
    )
    assert marks is not None
    assert np.flatnonzero(marks.which >= 0).tolist() == tree.at_level("county").tolist()
