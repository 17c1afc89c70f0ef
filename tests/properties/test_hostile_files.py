from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from jingtu.engine.catalogue import load_catalogue
from jingtu.engine.factfile import read_fact_file
from jingtu.engine.problems import InvalidInput
from jingtu.engine.tree import RegionTree

REGIONS = "code,name,parent\n1,市,\n2,县,1\n".encode()
FACTS = 'region,element,period,value\n1,cases,2026-01,"1,000"\n县,案件,2026年1月,约5\n'.encode()
CATALOGUE = (
    "catalogue: {code: a, version: 1, name: {zh: 甲, en: A}}\n"
    "elements:\n  - {code: cases, name: {zh: 案件, en: Cases}, kind: flow, unit: cases}\n"
).encode()
TREE = RegionTree.read_csv(REGIONS, "t")
DEFINITIONS = load_catalogue(CATALOGUE)


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """``content`` with some bytes replaced, dropped or doubled."""
    data = bytearray(content)
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(data) - 1))
        data[at : at + 1] = draw(st.binary(max_size=2))
    return bytes(data)


def speaks(refusal: InvalidInput) -> bool:
    """Whether every problem has a sentence in both languages."""
    return all(problem.located_text("zh") and problem.located_text("en") for problem in refusal.problems)


@settings(max_examples=150, deadline=None)
@given(damaged(FACTS))
def test_a_damaged_file_of_facts_is_read_or_refused(content: bytes) -> None:
    try:
        facts = read_fact_file(content, TREE, DEFINITIONS)
        fine = set(facts.region_id.tolist()) <= {1, 2}
    except InvalidInput as refusal:
        fine = speaks(refusal)
    assert fine


@settings(max_examples=150, deadline=None)
@given(damaged(REGIONS))
def test_a_damaged_region_file_is_read_or_refused(content: bytes) -> None:
    try:
        fine = RegionTree.read_csv(content, "t").size >= 1
    except InvalidInput as refusal:
        fine = speaks(refusal)
    assert fine


@settings(max_examples=150, deadline=None)
@given(damaged(CATALOGUE))
def test_a_damaged_catalogue_is_read_or_refused(content: bytes) -> None:
    try:
        fine = len(load_catalogue(content).elements) <= 1
    except InvalidInput as refusal:
        fine = speaks(refusal)
    assert fine
