"""Pages are complete, stable while rows are added, and cost the same however much there is."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jingtu.assessment.runs.services import create_run
from jingtu.core.regions.models import Region
from tests.assessment.office import FIGURES, MONTH, Office
from tests.portal.api.conftest import Program


def all_pages(program: Program, path: str, limit: int, **query: Any) -> list[dict[str, Any]]:
    """Every row of a list, page by page."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = program.get(path, limit=limit, cursor=cursor, **query).json()  # type: ignore[attr-defined]
        assert len(page["items"]) <= limit
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = page["next"]


def reads(program: Program, path: str, **query: Any) -> int:
    """How many statements a call needs once caches are warm."""
    assert program.get(path, **query).status_code == 200
    with CaptureQueriesContext(
        connection,
    ) as captured:
        program.get(path, **query)
    return len(captured)


@pytest.mark.parametrize("limit", [1, 2, 5, 200])
def test_facts_come_whole_and_once_whatever_the_page(office: Office, analyst: Program, limit: int) -> None:
    office.report("2026-08", FIGURES)
    rows = all_pages(analyst, "/facts", limit, tree=office.cast.tree.slug)
    keys = [(row["region"]["id"], row["element"], row["period"], row["category"]) for row in rows]
    assert len(keys) == 18
    assert keys == sorted(set(keys))


def test_facts_added_between_two_pages_neither_repeat_nor_hide_others(
    office: Office, analyst: Program
) -> None:
    slug = office.cast.tree.slug
    first = analyst.get("/facts", tree=slug, limit=4).json()
    office.report("2026-08", {"township_a": FIGURES["township_a"]})
    second = analyst.get("/facts", tree=slug, limit=200, cursor=first["next"]).json()
    september = [row for row in first["items"] + second["items"] if row["period"] == MONTH]
    keys = {(row["region"]["id"], row["element"]) for row in september}
    assert len(september) == len(keys) == 9


def test_facts_are_narrowed_by_place_element_and_period(office: Office, analyst: Program) -> None:
    office.report("2026-08", FIGURES)
    county = office.cast.places["county_a"].pk
    query = {"tree": office.cast.tree.slug, "region": county, "element": "due,done", "period": "2026年8月"}
    rows = analyst.get("/facts", **query).json()["items"]
    assert {(row["region"]["name"], row["element"], row["period"]) for row in rows} == {
        (place, element, "2026-08") for place in ("甲一镇", "甲二镇") for element in ("due", "done")
    }


def test_runs_and_regions_are_paged(office: Office, analyst: Program) -> None:
    for month in ("2026-05", "2026-06", "2026-07"):
        create_run(office.analyst, office.city, None, "card", month)
    assert [run["period"] for run in all_pages(analyst, "/runs", 2)] == ["2026-07", "2026-06", "2026-05"]
    slug = office.cast.tree.slug
    assert len(all_pages(analyst, f"/trees/{slug}/regions", 3)) == Region.objects.count()
    levels = all_pages(analyst, f"/trees/{slug}/regions", 1, level="county", within=office.city.pk)
    assert [place["name"] for place in levels] == ["甲县", "乙县"]


def test_a_cursor_belongs_to_its_list_and_cannot_be_made_up(office: Office, analyst: Program) -> None:
    slug = office.cast.tree.slug
    cursor = analyst.get("/facts", tree=slug, limit=1).json()["next"]
    assert analyst.get("/facts", tree=slug, element="due", cursor=cursor).status_code == 422
    assert analyst.get("/runs", cursor=cursor).status_code == 422
    assert analyst.get("/facts", tree=slug, cursor=cursor[:-1] + "x").status_code == 422


@pytest.mark.parametrize("limit", ["0", "201", "-1", "many"])
def test_pages_have_a_sensible_size(office: Office, analyst: Program, limit: str) -> None:
    assert analyst.get("/runs", limit=limit).status_code == 422


def test_lists_and_results_need_as_many_reads_for_many_rows_as_for_few(
    office: Office, analyst: Program
) -> None:
    tree = office.cast.tree.slug
    run = office.published().pk
    calls: list[tuple[str, dict[str, Any]]] = [
        ("/runs", {}),
        ("/facts", {"tree": tree}),
        ("/facts/imports", {}),
        (f"/runs/{run}/ranking", {}),
        (f"/runs/{run}/matrix", {}),
        (f"/runs/{run}/red-lines", {}),
        (f"/trees/{tree}/regions", {}),
        ("/jobs", {}),
        ("/me", {}),
    ]
    before = {path: reads(analyst, path, **query) for path, query in calls}
    for month in ("2026-04", "2026-05", "2026-06", "2026-07", "2026-08"):
        office.report(month, FIGURES)
        create_run(office.analyst, office.city, None, "card", month)
    after = {path: reads(analyst, path, **query) for path, query in calls}
    assert after == before
    assert max(after.values()) <= 25, after
