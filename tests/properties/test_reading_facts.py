"""Which facts stand for a period, on random trees: the engine against a walk through every descendant."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from jingtu.engine.assess import assess
from jingtu.engine.catalogue import load_catalogue
from jingtu.engine.explain import explain
from jingtu.engine.factfile import read_fact_file
from jingtu.engine.periods import Period
from jingtu.engine.publication import publication
from jingtu.engine.rational import STATE_NAMES
from jingtu.engine.tree import RegionTree
from tests.reference.card import Card, plain, subject_rows
from tests.reference.formulas import parse
from tests.reference.spans import span
from tests.reference.world import World

DEFINITIONS = """
catalogue: {code: small, version: 1, name: {zh: 小, en: small}}
elements:
  - {code: a, name: {zh: 甲, en: a}, kind: flow, unit: persons, decimals: 0, strand: recovery, source: form,
     status: G, dimensions: {age: [u25, rest], sex: [f, m]}}
  - {code: b, name: {zh: 乙, en: b}, kind: flow, unit: persons, decimals: 1, strand: recovery, source: form,
     status: G}
  - {code: s, name: {zh: 丙, en: s}, kind: stock, unit: persons, decimals: 0, strand: recovery, source: form,
     status: G}
  - {code: r, name: {zh: 丁, en: r}, kind: reported, unit: persons, decimals: 0, strand: recovery,
     source: import, status: G}
indicators:
INDICATORS
scorecards:
  - code: card
    name: {zh: 表, en: card}
    subject: region
    level: town
    total: 100
    decimals: 1
    cadence: [month, quarter, year, ytd, range]
    sections:
      - code: one
        name: {zh: 一, en: one}
        items:
          - {indicator: I0, points: 30, rule: {kind: linear, floor: 0, target: 100}, not_applicable: redistribute, missing: zero}
          - {indicator: I1, points: 20, rule: {kind: rank, best: 1, worst: 0.3}, not_applicable: full, missing: redistribute}
      - code: two
        name: {zh: 二, en: two}
        items:
          - {indicator: I2, points: 17, rule: {kind: steps, steps: [{when: '<= 0', share: 1}, {when: '<= 20', share: 0.35}]}, not_applicable: redistribute, missing: redistribute}
          - {indicator: I3, points: 33, rule: {kind: deduction, per_event: 0.3, cap: 20}, not_applicable: zero, missing: full}
    bonus: {cap: 4, items: [{indicator: I4, rule: {kind: bonus, per_unit: 0.15, cap: 3}}, {indicator: I3, rule: {kind: bonus, per_unit: 0.2, cap: 2}}]}
    vetoes:
      - {indicator: I4, when: '> 25', effect: rank_last, name: {zh: 末位, en: last}}
      - {indicator: I5, when: '> 40', effect: cap, cap: 59.5, name: {zh: 封顶, en: cap}}
      - {indicator: I3, when: '> 60', effect: zero, name: {zh: 归零, en: zero}}
    tie_breaks: [I0, I3]
    min_coverage: 0.2
"""
FORMULAS = (
    ("share(a, b)", "up", "target: '>= 60', red_line: '< 20', min_denominator: 5,"),
    ("per(a, s, 1000)", "up", ""),
    ("yoy(a)", "down", "target: '<= 0',"),
    ("sum(s)", "down", ""),
    ('a[age="u25"]', "up", ""),
    ("prev(s) + s - min(a, b)", "down", ""),
    ('since(b, "2025")', "down", ""),
    ("max(ytd(a), lastyear(a)) / 3", "up", ""),
    ("last(a) + r", "up", ""),
    ("-abs(pop(s)) * 2", "none", ""),
)
REGIONS = ("T", "C1", "C2", "C1a", "C1b", "C2a", "C2b", "C2b1")
PARENTS = {"C1": "T", "C2": "T", "C1a": "C1", "C1b": "C1", "C2a": "C2", "C2b": "C2", "C2b1": "C2b"}
PERIODS = (
    "2026-01", "2026-02", "2026-03", "2026-Q1", "2026-01..2026-02", "2026", "2025", "2025-01", "2025-03",
    "2025-Q1", "2025-12", "2025-Q4", "2026-02-10",
)  # fmt: skip
CATEGORIES = {"a": ("", "age=u25", "age=rest", "sex=f", "age=u25;sex=f", "age=u25;sex=m")}

facts = st.dictionaries(
    st.tuples(st.sampled_from(REGIONS), st.sampled_from("aaabbssr"), st.sampled_from(PERIODS)).flatmap(
        lambda key: st.tuples(*map(st.just, key), st.sampled_from(CATEGORIES.get(key[1], ("",))))
    ),
    st.integers(0, 40),
    min_size=1,
    max_size=60,
)


def write(folder: Path, given_facts: dict[tuple[str, str, str, str], int]) -> tuple[Path, Path, Path]:
    indicators = [
        f"  - {{code: I{number}, name: {{zh: 标{number}, en: I{number}}}, strand: recovery, formula: '{formula}',"
        f" direction: {direction}, {more} unit: '{'persons' if number in (3, 4, 5, 8) else '%'}', decimals: 2, rows: [A1], status: G}}"
        for number, (formula, direction, more) in enumerate(FORMULAS)
    ]
    (folder / "catalogue").mkdir()
    text = DEFINITIONS.replace("INDICATORS", "\n".join(indicators))
    (folder / "catalogue" / "all.yaml").write_text(text, encoding="utf-8")
    with (folder / "regions.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = [(code, code, PARENTS.get(code, ""), "town" if len(code) > 2 else "top") for code in REGIONS]
        csv.writer(stream).writerows([("code", "name", "parent", "level"), *rows])
    with (folder / "facts.csv").open("w", encoding="utf-8", newline="") as stream:
        columns = ("region", "element", "period", "value", "category")
        lines = [(r, e, p, value, c) for (r, e, p, c), value in given_facts.items()]
        csv.writer(stream).writerows([columns, *lines])
    return folder / "regions.csv", folder / "facts.csv", folder / "catalogue"


@settings(max_examples=40, phases=[Phase.explicit, Phase.generate])
@given(facts, st.sampled_from(["2026-01", "2026-02", "2026-Q1", "2026", "2026-01..2026-02", "2026-YTD02"]))
def test_the_engine_reads_random_facts_as_a_walk_by_hand_does(
    given_facts: dict[tuple[str, str, str, str], int], asked: str
) -> None:
    with tempfile.TemporaryDirectory() as name:
        regions, file, catalogue = write(Path(name), given_facts)
        tree, definitions = RegionTree.read_csv(regions, "T"), load_catalogue(catalogue)
        table, world = read_fact_file(file, tree, definitions), World(regions, [file], catalogue)
    card = Card(world, "card", span(asked))
    if not world.any_fact(card.codes, span(asked)):
        return
    result = assess(tree, table, definitions, "card", Period.parse(asked))
    for code, values in result.current.values.items():
        for place, region in enumerate(tree.codes):
            value, state = world.indicator(code, region, span(asked))
            found = values.exact.fraction(place), STATE_NAMES[values.exact.state[place]]
            assert (code, region, found) == (code, region, (None if isinstance(value, str) else value, state))
    assert publication(result)["subjects"] == subject_rows(card)


def test_the_facts_under_a_sum_over_a_stock_add_up_to_it() -> None:
    told = {("C1a", "s", "2026-01", ""): 5, ("C1a", "s", "2026-02", ""): 7, ("C1b", "s", "2026-03", ""): 2}
    told |= {("C1a", "a", "2026-01", ""): 3, ("C1a", "a", "2026-02", ""): 4, ("C1b", "a", "2026-03", ""): 1}
    with tempfile.TemporaryDirectory() as name:
        regions, file, catalogue = write(Path(name), told)
        tree, definitions = RegionTree.read_csv(regions, "T"), load_catalogue(catalogue)
        table, world = read_fact_file(file, tree, definitions), World(regions, [file], catalogue)
    result = assess(tree, table, definitions, "card", Period.parse("2026-Q1"))
    steps = list(explain(result, tree.position("C1"), "I3").root.walk())
    [operand] = [step for step in steps if step.kind == "operand"]
    listed = [step.value for step in steps if step.kind == "fact"]
    assert operand.value == plain(world.value(parse("sum(s)"), "C1", span("2026-Q1"))) == "14"
    assert sorted(listed) == ["2", "5", "7"]


@pytest.mark.parametrize(("formula", "facts_listed"), [("I5", ["7", "5", "4", "3.0"]), ("I8", ["4"])])
def test_every_fact_a_value_was_made_from_is_listed_below_it(formula: str, facts_listed: list[str]) -> None:
    told = {("C1a", "s", "2026-01", ""): 5, ("C1a", "s", "2026-02", ""): 7}
    told |= {("C1a", "a", "2026-02", ""): 4, ("C1a", "r", "2026-02", ""): 9, ("C1a", "b", "2026-02", ""): 3}
    with tempfile.TemporaryDirectory() as name:
        regions, file, catalogue = write(Path(name), told)
        tree, definitions = RegionTree.read_csv(regions, "T"), load_catalogue(catalogue)
        table = read_fact_file(file, tree, definitions)
    result = assess(tree, table, definitions, "card", Period.parse("2026-02"))
    steps = explain(result, tree.position("C1a"), formula).root.walk()
    listed = {step.value for step in steps if step.kind == "fact"}
    assert set(facts_listed) <= listed
