"""Every number of the demonstration's runs equals an independent recomputation."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from jingtu.engine.rational import STATE_NAMES
from tests.reference.card import subject_rows
from tests.reference.conftest import RUNS, Demo
from tests.reference.spans import span

PREVIOUS = {
    "2026-09": "2026-08",
    "2026-08": "2026-07",
    "2026-Q3": "2026-Q2",
    "2026-01..2026-02": "2025-11..2025-12",
}


@pytest.mark.parametrize("module", ["spans", "formulas", "world", "card", "intervals", "stored"])
def test_the_recomputation_shares_no_code_with_the_engine(module: str) -> None:
    tree = ast.parse((Path(__file__).with_name(module + ".py")).read_text(encoding="utf-8"))
    imported = [
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [n.name for n in node.names]
        )
    ]
    own = (
        "tests.reference.spans",
        "tests.reference.formulas",
        "tests.reference.world",
        "tests.reference.card",
    )
    plain = ("__future__", "ast", "calendar", "collections", "collections.abc", "csv", "dataclasses", "datetime",
             "decimal", "fractions", "functools", "hashlib", "json", "math", "pathlib", "pyarrow.parquet", "re", "typing",
             "yaml")  # fmt: skip
    assert set(imported) <= {*own, *plain}


@pytest.mark.parametrize("run", RUNS, ids=" ".join)
def test_everything_a_publication_states_about_every_place(demo: Demo, run: tuple[str, str, str]) -> None:
    published = demo.content(*run)["subjects"]
    expected = subject_rows(demo.card(*run))
    assert [row["region"] for row in published] == [row["region"] for row in expected]
    for stated, mine in zip(published, expected, strict=True):
        for code, row in mine["indicators"].items():
            assert (code, stated["indicators"][code]) == (code, row)
        assert {**stated, "indicators": {}} == {**mine, "indicators": {}}
        assert stated["indicators"].keys() == mine["indicators"].keys()


@pytest.mark.parametrize("run", RUNS, ids=" ".join)
def test_every_indicator_of_the_catalogue_in_every_region(demo: Demo, run: tuple[str, str, str]) -> None:
    assessment, world = demo.assessment(*run), demo.worlds[run[0]]
    for code, values in assessment.current.values.items():
        for place, region in enumerate(assessment.tree.codes):
            value, state = world.indicator(code, region, span(run[2]))
            found = values.exact.fraction(place), STATE_NAMES[values.exact.state[place]]
            assert (code, region, found) == (code, region, (None if isinstance(value, str) else value, state))


@pytest.mark.parametrize("run", RUNS, ids=" ".join)
def test_places_gained_since_the_period_before(demo: Demo, run: tuple[str, str, str]) -> None:
    assessment, card = demo.assessment(*run), demo.card(*run)
    earlier_card = demo.card(*run[:2], PREVIOUS[run[2]])
    moved = dict(zip(card.subjects, assessment.movements.tolist(), strict=True))
    for region in card.subjects:
        rank, earlier = card.ranks.get(region), earlier_card.ranks.get(region)
        assert moved[region] == (earlier - rank if rank and earlier else 0)
