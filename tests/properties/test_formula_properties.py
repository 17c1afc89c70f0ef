from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from jingtu.engine.formula import (
    FUNCTIONS,
    Binary,
    Call,
    ElementRef,
    Negate,
    Node,
    Number,
    Text,
    format_formula,
    parse,
)
from jingtu.engine.problems import InvalidInput

names = st.from_regex(r"[a-z_][a-z0-9_]{0,6}", fullmatch=True)
positive = st.decimals(Decimal("0.001"), Decimal(10**6), places=3)
references = st.builds(
    ElementRef,
    names,
    st.dictionaries(names, st.sampled_from(["u25", "f", "冰毒", "18-25"]), max_size=2).map(
        lambda chosen: tuple(sorted(chosen.items()))
    ),
)
numbers = st.builds(Number, st.decimals(0, 10**6, places=2))
base_periods = st.sampled_from(["2016", "2016-10", "2015..2017", "2026-YTD10"]).map(Text)


def calls(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    kinds: dict[str, st.SearchStrategy[Node]] = {
        "x": inner,
        "e": references,
        "n": st.builds(Number, positive),
        "p": base_periods,
    }
    return st.sampled_from(sorted(FUNCTIONS)).flatmap(
        lambda name: st.builds(
            Call, st.just(name), st.tuples(*(kinds[kind] for kind in FUNCTIONS[name].arguments))
        )
    )


formulas: st.SearchStrategy[Node] = st.recursive(
    st.one_of(references, numbers),
    lambda inner: st.one_of(
        st.builds(Negate, inner),
        st.builds(Binary, st.sampled_from("+-*/"), inner, inner),
        calls(inner),
    ),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None)
@given(formulas)
def test_a_printed_formula_parses_back_to_itself(node: Node) -> None:
    text = format_formula(node)
    try:
        again = parse(text)
    except InvalidInput as refusal:
        limits = {"formula.too_deep", "formula.too_long"}
        again = node if {problem.code for problem in refusal.problems} <= limits else None
    assert again == node


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab1.+-*/()[],=\"' sumyoy%冰\n", max_size=40))
def test_any_text_is_parsed_or_refused_with_a_place(text: str) -> None:
    try:
        node = parse(text)
    except InvalidInput as error:
        for problem in error.problems:
            assert problem.text("zh")
            assert problem.text("en")
    else:
        assert parse(format_formula(node)) == node
