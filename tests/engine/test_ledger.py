from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingtu.engine.assess import Assessment, assess
from jingtu.engine.explain import explain
from jingtu.engine.facttable import FactTable
from jingtu.engine.incremental import Recomputer
from jingtu.engine.ledger import Entry, Ledger, Ruling
from jingtu.engine.ledgerfile import read_ledger_file
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput
from jingtu.engine.publication import publication, publication_hash
from jingtu.engine.snapshot import write_snapshot
from jingtu.engine.stored import read_snapshot
from tests.engine.worlds import facts, small_world

OCTOBER = Period.parse("2026-10")


def entry(count: str, region: str = "C2", period: str = "2026-10") -> Entry:
    return Entry(
        "card",
        "bonus",
        "GOOD",
        ("county", region),
        period,
        Decimal(count),
        "获表彰",
        "甲",
        "乙",
        ("e1",),
        "7",
    )


def ruling(*, applies: bool, region: str = "C3") -> Ruling:
    return Ruling("card", "INCIDENTS", ("county", region), "2026-10", applies, "事实清楚", "乙", "属实")


def assessed(ledger: Ledger | None) -> Assessment:
    tree, definitions, table = small_world()
    return assess(tree, table, definitions, "card", OCTOBER, ledger=ledger)


def test_an_empty_ledger_changes_nothing_but_vetoes_that_fired() -> None:
    alone, ruled = assessed(None), assessed(Ledger())
    assert alone.current.card.vetoes.tolist() == ruled.current.card.fired.tolist()
    assert not ruled.current.card.vetoes.any()
    assert ruled.current.card.proposed.tolist() == alone.current.card.vetoes.tolist()
    rows = {row["region"]: row for row in publication(ruled)["subjects"]}
    assert rows["C3"]["proposed_vetoes"] == ["INCIDENTS"]
    assert "proposed_vetoes" not in rows["C1"]


def test_without_a_veto_an_empty_ledger_leaves_the_hash_as_it_was() -> None:
    tree, definitions, table = small_world()
    calm = FactTable.concat([table, facts(tree, [("incidents", "C3-1", "2026-10", 0)])])
    hashes = {
        publication_hash(publication(assess(tree, calm, definitions, "card", OCTOBER, ledger=ledger)))
        for ledger in (None, Ledger())
    }
    assert len(hashes) == 1


def test_a_veto_takes_effect_only_where_it_was_ruled_to_apply() -> None:
    applied, waived = (
        assessed(Ledger([], [ruling(applies=True)])),
        assessed(Ledger([], [ruling(applies=False)])),
    )
    assert applied.current.card.ranks.tolist() == assessed(None).current.card.ranks.tolist()
    assert not waived.current.card.vetoes.any()
    root = explain(waived, waived.tree.position("C3")).root
    words = [step.zh for step in root.children[0].children if step.kind == "veto"]
    assert words == ["一票否决（未适用）：重大事件"]


@pytest.mark.parametrize(
    ("count", "gained"), [("1", 50), ("0.5", 25), ("3", 150), ("4", 200), ("5", 200), ("400", 200)]
)
def test_entries_earn_by_the_line_s_rule_up_to_its_cap(count: str, gained: int) -> None:
    """0.5 points each, the line at most 2 points; C3 has none of its own."""
    before, after = assessed(Ledger()), assessed(Ledger([entry(count, "C3")]))
    own = int(before.current.card.bonus[2])
    assert int(after.current.card.bonus[2]) == min(own + gained, 200)
    assert int(after.current.card.totals[2] - before.current.card.totals[2]) == min(own + gained, 200) - own


def test_entries_of_another_period_or_place_count_nowhere_here() -> None:
    before = assessed(Ledger())
    other = assessed(Ledger([entry("2", "C2", "2026-09"), entry("2", "C9")]))
    assert other.current.card.totals.tolist() == before.current.card.totals.tolist()


def test_an_explanation_names_the_entry_who_approved_it_and_the_evidence() -> None:
    a = assessed(Ledger([entry("2", "C3")]))
    root = explain(a, a.tree.position("C3")).root
    (bonus,) = [step for step in root.children[0].children if step.kind == "bonus"]
    (said,) = [step for step in bonus.children if step.kind == "entry"]
    assert (said.value, said.params["reference"], said.params["evidence"]) == ("2", "7", ["e1"])
    assert "乙批准" in said.zh


def test_own_numbers_of_the_office_are_no_part_of_what_is_published() -> None:
    content = publication(assessed(Ledger([entry("2", "C3")], [ruling(applies=True)])))
    assert all("reference" not in one for kind in content["definitions"]["ledger"].values() for one in kind)
    assert content["definitions"]["ledger"]["entries"][0]["evidence"] == ["e1"]


def test_a_snapshot_gives_back_the_ledger_and_the_same_hash(tmp_path: Path) -> None:
    for ledger in (Ledger(), Ledger([entry("2")], [ruling(applies=True)])):
        a = assessed(ledger)
        reader = read_snapshot(write_snapshot(a, tmp_path).path)
        assert reader.publication_hash == publication_hash(publication(reader.assessment()))
        assert reader.ledger is not None
        assert reader.ledger.digest() == ledger.digest()
        position = a.tree.position("C3")
        assert reader.explain(position).root.plain() == explain(a, position).root.plain()
        assert reader.subject(position)["proposed_vetoes"] == ([] if len(ledger) else ["INCIDENTS"])


@given(st.permutations([entry("1"), entry("2.5", "C1"), entry("3")]))
def test_the_order_of_entries_leaves_no_trace(entries: list[Entry]) -> None:
    assert Ledger(entries).digest() == Ledger(sorted(entries, key=repr)).digest()
    assert Ledger.from_plain(Ledger(entries).plain()).digest() == Ledger(entries).digest()


@pytest.mark.parametrize("ledger", [Ledger([entry("2"), entry("1", "C3")], [ruling(applies=True)]), Ledger()])
def test_one_changed_figure_gives_what_computing_anew_gives(ledger: Ledger) -> None:
    tree, definitions, table = small_world()
    recomputer = Recomputer(assess(tree, table, definitions, "card", OCTOBER, ledger=ledger))
    for element, place, value in (("incidents", "C2-1", 9), ("good", "C2-1", 3), ("incidents", "C2-1", 0)):
        recomputer.change(element, tree.position(place), "2026-10", value)
        table = FactTable.concat([table, facts(tree, [(element, place, "2026-10", value)])])
        anew = assess(tree, table, definitions, "card", OCTOBER, ledger=ledger)
        assert publication(recomputer.assessment)["subjects"] == publication(anew)["subjects"]


GOOD = "类型,指标,地区,期间,数量,决定,事由,申报人,批准人\n"


def test_a_file_states_entries_and_rulings() -> None:
    tree, definitions, _ = small_world()
    text = GOOD + "加分,GOOD,C2,2026-10,2,,获表彰,甲,乙\n否决,INCIDENTS,C3,2026-10,,不适用,事实不清,,乙\n"
    ledger = read_ledger_file(text.encode(), tree, definitions.scorecards["card"])
    assert [(one.line, one.indicator, one.count) for one in ledger.entries] == [("bonus", "GOOD", 2)]
    assert [(one.indicator, one.applies) for one in ledger.rulings] == [("INCIDENTS", False)]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("奖,GOOD,C2,2026-10,2,,获表彰,甲,乙", "ledger.unknown_kind"),
        ("加分,EXEC,C2,2026-10,2,,获表彰,甲,乙", "ledger.unknown_line"),
        ("加分,GOOD,C99,2026-10,2,,获表彰,甲,乙", "ledger.unknown_region"),
        ("加分,GOOD,C2,2026-10,-1,,获表彰,甲,乙", "ledger.bad_count"),
        ("加分,GOOD,C2,2026-10,1.005,,获表彰,甲,乙", "ledger.bad_count"),
        ("加分,GOOD,C2,2026-10,NaN,,获表彰,甲,乙", "ledger.bad_count"),
        ("加分,GOOD,C2,2026-10,1,,,甲,乙", "ledger.no_reason"),
        ("否决,INCIDENTS,C3,2026-10,,也许,事实不清,,乙", "ledger.bad_decision"),
    ],
)
def test_a_bad_row_is_refused_by_row_and_column(row: str, code: str) -> None:
    tree, definitions, _ = small_world()
    with pytest.raises(InvalidInput) as refusal:
        read_ledger_file((GOOD + row + "\n").encode(), tree, definitions.scorecards["card"])
    assert [(problem.code, problem.row) for problem in refusal.value.problems] == [(code, 2)]
