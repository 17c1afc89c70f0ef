from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from jingtu.engine.export import ranking_csv, safe_cell, why_unranked
from jingtu.engine.problems import Language


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1"])
def test_a_cell_never_starts_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    assert safe_cell(f"a{text}") == f"a{text}"


def subject(name: str, rank: int | None, coverage: tuple[int, int] = (4, 4)) -> dict[str, Any]:
    return {
        "region": name, "level": "county", "name": name, "rank": rank, "sibling_rank": rank,
        "previous_rank": None, "total": "90.00", "bonus": "0.00", "coverage": coverage,
        "sections": [], "items": [], "indicators": {},
    }  # fmt: skip


def results(*subjects: dict[str, Any]) -> dict[str, Any]:
    card = {"sections": [], "min_coverage": 0.8}
    return {"definitions": {"scorecard": card, "indicators": []}, "subjects": list(subjects)}


@pytest.mark.parametrize(("language", "word", "head"), [("zh", "是", "并列"), ("en", "yes", "tied")])
def test_a_shared_rank_says_so_in_a_column_of_its_own(language: Language, word: str, head: str) -> None:
    content = results(
        subject("a", 1), subject("b", 2), subject("c", 2), subject("d", None), subject("e", None)
    )
    rows = list(csv.DictReader(io.StringIO(ranking_csv(content, language).decode("utf-8-sig"))))
    assert [row[head] for row in rows] == ["", word, word, "", ""]


def test_why_a_place_is_not_ranked_is_told_with_its_figures() -> None:
    content = results()
    assert why_unranked(content, subject("a", None, (1, 4)), "zh").endswith("应报4项、已报1项，不足80%")
    assert why_unranked(content, subject("a", None, (1, 4)), "en") == (
        "not ranked: 1 of 4 figures due were reported, fewer than 80%"
    )
    assert why_unranked(content, subject("a", None), "en") == "not ranked: there is nothing to score"
