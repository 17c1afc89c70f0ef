"""A small count of persons cannot be had from a list of facts by subtracting what else it shows."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import openpyxl
import pytest

from jingtu.core.audit.models import AuditEntry
from jingtu.core.facts import disclosure, queries, store
from jingtu.core.facts.disclosure import hidden_rows
from jingtu.core.facts.services import change_fact, retract_fact
from tests.core.facts.test_pages import exported, signed_in
from tests.core.facts.test_store import commit_rows

PERIOD = "2026-10"


@pytest.fixture
def county(cast):
    """甲县 states its total 23; one township has 3 of it, the other 20."""
    places = cast.places
    commit_rows(
        cast,
        ("users_new", places["county_a"].pk, PERIOD, 23),
        ("users_new", places["township_a"].pk, PERIOD, 3),
        ("users_new", places["township_a2"].pk, PERIOD, 20),
        ("users_new", places["township_b"].pk, PERIOD, 0),
        ("cases", places["township_a2"].pk, PERIOD, 20),
    )
    return cast


def figures(values) -> list[str]:
    return sorted(str(value) for value in values)


def test_a_page_of_the_browser_does_not_tell_total_and_sibling(county):
    lines = signed_in(county, "leader").get("/facts/browse/?element=users_new").context["lines"]
    assert figures(line.value for line in lines) == ["23", "少于保护下限", "少于保护下限"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_does_not_tell_total_and_sibling_and_says_what_its_mark_means(county, kind):
    content = exported(county, signed_in(county, "leader"), kind, element="users_new")
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    else:
        book = openpyxl.load_workbook(io.BytesIO(content))
        rows = [["" if v is None else str(v) for v in row] for page in book for row in page.values]
    values = [row[7] for row in rows if len(row) > 7 and row[3] == "users_new"]
    assert figures(values) == ["23", "<5", "<5"]
    assert any("防止倒推" in cell for row in rows for cell in row)


def test_the_history_of_the_sibling_is_hidden_too(county):
    client = signed_in(county, "leader")
    cell = {"region": county.places["township_a2"].pk, "element": "users_new", "period": PERIOD}
    assert [words for _, words in client.get("/facts/value/", cell).context["events"]] == ["少于保护下限"]


def test_what_was_small_before_it_changed_or_was_taken_back_stays_hidden(county):
    place = county.places["township_a"]
    cell = {"region": place.pk, "element": "users_new", "period": PERIOD}
    reporter, client = county.actor("reporter", "own"), signed_in(county, "leader")
    given = {"region_id": place.pk, "element": "users_new", "period": PERIOD, "reason": "更正"}
    change_fact(reporter, value="30", **given)
    assert "3" not in [words for _, words in client.get("/facts/value/", cell).context["events"]]
    retract_fact(reporter, **given)
    assert "3" not in [words for _, words in client.get("/facts/value/", cell).context["events"]]


def test_the_api_does_not_tell_total_and_sibling(county):
    client = signed_in(county, "leader")
    answer = client.get("/api/v1/facts", {"tree": county.tree.slug, "element": "users_new"})
    assert answer.status_code == 200, answer.content
    items = [item for item in answer.json()["items"] if item["element"] == "users_new"]
    assert figures(item["value"] for item in items) == ["23", "None", "None"]


def test_whoever_may_read_small_counts_or_reports_for_the_place_sees_all(county):
    for role in ("analyst", "reviewer", "reporter"):
        lines = signed_in(county, role).get("/facts/browse/?element=users_new").context["lines"]
        assert figures(line.value for line in lines) == ["20", "23", "3"]


def masked(cast, actor) -> set[tuple[int, str]]:
    facts = queries.facts(actor, cast.tree)
    hidden = hidden_rows(actor, cast.tree, facts, queries.elements(actor))
    return {(row.region_id, row.element) for row, out in zip(facts.rows(), hidden, strict=True) if out}


def test_what_is_hidden_does_not_depend_on_the_filter_or_on_who_reads(county):
    places = county.places
    expected = {(places[key].pk, "users_new") for key in ("township_a", "township_a2")}
    assert masked(county, county.actor("leader", "own")) == expected
    # Nothing is left to hide beside 乙一镇's zero, which stays shown.
    assert masked(county, county.actor("leader", "ancestor")) == expected
    lower = county.actor("leader", "descendant")
    assert masked(county, lower) == {(places["township_a"].pk, "users_new")}


def test_totals_known_only_from_sums_protect_their_places_too(cast):
    """The city's sum is published; county A's 3 would be that sum minus county B's."""
    commit_rows(
        cast,
        ("users_new", cast.places["township_a"].pk, PERIOD, 3),
        ("users_new", cast.places["township_b"].pk, PERIOD, 40),
    )
    expected = {(cast.places[key].pk, "users_new") for key in ("township_a", "township_b")}
    assert masked(cast, cast.actor("leader", "ancestor")) == expected


def test_parts_of_a_breakdown_are_hidden_with_the_small_one(cast):
    place, other = cast.places["township_a"].pk, cast.places["township_a2"].pk
    commit_rows(
        cast,
        ("users_new", place, PERIOD, 20),
        ("users_new", other, PERIOD, 50),
    )
    reporter = cast.actor("reporter", "own")
    for category, value in (("age=u18", "2"), ("age=u25", "18")):
        given = {"element": "users_new", "period": PERIOD, "reason": "分年龄"}
        change_fact(reporter, region_id=place, value=value, category=category, **given)
    lines = signed_in(cast, "leader").get("/facts/browse/?element=users_new").context["lines"]
    assert {line.value for line in lines if line.row.region_id == place} == {"少于保护下限"}


def test_the_mask_costs_the_same_for_few_and_many_facts(county, django_assert_max_num_queries):
    client = signed_in(county, "leader", "ancestor")
    client.get("/facts/browse/")
    with django_assert_max_num_queries(30) as few:
        client.get("/facts/browse/")
        count = len(few)
    towns = [county.places[key].pk for key in ("township_a", "township_a2", "township_b")]
    months = [f"2025-{month:02d}" for month in range(1, 13)]
    commit_rows(county, *(("users_new", town, month, 3) for town in towns for month in months))
    with django_assert_max_num_queries(count):
        client.get("/facts/browse/")


def test_the_audit_trail_of_a_fact_holds_no_count_of_persons(county):
    reporter, place = county.actor("reporter", "own"), county.places["township_a"]
    given = {"region_id": place.pk, "element": "users_new", "period": PERIOD, "reason": "更正"}
    batch = change_fact(reporter, value="4321", **given)
    change_fact(reporter, value="8765", **given)
    retract_fact(reporter, **given)
    entries = AuditEntry.objects.filter(action__in=["facts.changed", "facts.retracted"]).order_by("sequence")
    assert len(entries) == 3
    assert entries[0].after["sequence"] == batch.sequence
    kept = json.dumps([[entry.before, entry.after] for entry in entries])
    assert not any(figure in kept for figure in ("4321", "8765"))
    assert "qualifier" not in kept


def test_two_versions_published_of_a_count_do_not_tell_what_it_was(county, monkeypatch):
    """Published with 3 and 20, then corrected to 30 and 20: shown beside the old total, the 20 would tell
    the 3."""
    place = county.places["township_a"]
    published = [(county.tree.pk, store.latest_sequence(county.tree.pk), date(2026, 10, 31))]
    monkeypatch.setattr(disclosure, "_published", [lambda: published])
    change_fact(
        county.actor("reporter", "own"),
        region_id=place.pk,
        element="users_new",
        period=PERIOD,
        value="30",
        reason="更正",
    )
    leader = county.actor("leader", "own")
    assert masked(county, leader) == {
        (county.places[key].pk, "users_new") for key in ("township_a", "township_a2")
    }
    published.clear()
    assert masked(county, leader) == set()


def test_a_quarter_stated_beside_its_months_does_not_tell_the_small_one(cast):
    place, other = cast.places["township_a"].pk, cast.places["township_a2"].pk
    rows = [("users_new", town, f"2026-{month:02d}", 20) for town in (place, other) for month in (7, 8)]
    commit_rows(cast, *rows, ("users_new", place, "2026-09", 2), ("users_new", other, "2026-09", 20))
    hidden = masked(cast, cast.actor("leader", "own"))
    assert hidden == {(place, "users_new"), (other, "users_new")}
