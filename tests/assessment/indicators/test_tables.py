"""One indicator by place and period: the same figures as one by one, kept only as long as they are true."""

from __future__ import annotations

from collections import OrderedDict
from decimal import Decimal
from weakref import WeakKeyDictionary

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jingtu.assessment.indicators.queries import distribution, table
from jingtu.core.facts import disclosure, rolled
from jingtu.core.facts.disclosure import decision
from jingtu.core.facts.queries import elements
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import NotFound, PermissionDenied
from jingtu.core.regions.models import Region
from jingtu.core.regions.services.positions import bump, renumber
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput
from tests.assessment.office import MONTH, Office

pytestmark = pytest.mark.django_db
UNTIL = Period.parse(MONTH)


def values(
    office: Office, code: str, actor: Actor | None = None, level: str = "county"
) -> dict[str, Decimal | None]:
    found = table(actor or office.analyst, code, office.city, level, "month", 1, UNTIL)
    return {place.name: place.points[0].value for place in found.places}


def test_a_table_says_what_each_place_says_by_itself(office: Office) -> None:
    office.report("2026-08", {"township_a": (40, 30, 2), "township_b": (30, 20, 1)})
    found = table(office.analyst, "RATE", office.city, "county", "month", 2, UNTIL)
    assert [period.key for period in found.periods] == ["2026-08", MONTH]
    for at, period in enumerate(found.periods):
        alone = distribution(office.analyst, "RATE", office.city, period)
        assert [(row.region_id, row.point) for row in alone] == [
            (place.region_id, place.points[at]) for place in found.places
        ]


@pytest.mark.parametrize("kept", [rolled.KEPT_PLACES, 0])
def test_a_corrected_figure_shows_at_once(office: Office, kept: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rolled, "KEPT_PLACES", kept)
    assert values(office, "CASES")["甲县"] == 13
    office.change("township_a", "cases", 7)
    assert values(office, "CASES")["甲县"] == 15


def test_asking_for_ever_more_periods_does_not_fill_the_memory(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rolled, "KEPT_VALUES", 5)
    monkeypatch.setattr(rolled, "_kept", WeakKeyDictionary())
    table(office.analyst, "RATE", office.city, "county", "month", 12, UNTIL)
    kept = [found for part in rolled._kept.values() for found in part.values()]
    assert max(map(len, kept)) == 5
    assert values(office, "CASES")["甲县"] == 13


def test_a_change_leaves_what_was_worked_out_for_other_elements(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = values(office, "RATE")
    office.change("township_a", "cases", 7)
    monkeypatch.setattr(rolled, "FactView", None)  # whoever rolled up anything anew would fail
    assert values(office, "RATE") == before


def test_a_region_that_moved_is_counted_where_it_stands(office: Office) -> None:
    assert values(office, "CASES") == {"甲县": 13, "乙县": 9}
    Region.objects.filter(pk=office.cast.places["township_a2"].pk).update(
        parent=office.cast.places["county_b"]
    )
    renumber(office.cast.tree)
    bump(office.cast.tree, "moved")
    assert values(office, "CASES") == {"甲县": 5, "乙县": 17}


def test_the_table_of_a_province_needs_the_right_to_read_it(office: Office) -> None:
    with pytest.raises(PermissionDenied):
        values(office, "CASES", office.cast.actor("leader", "own"))
    with pytest.raises(PermissionDenied):
        values(office, "CASES", office.cast.actor("viewer", "ancestor"))


def test_what_an_exact_reader_has_warmed_up_stays_hidden_from_others(office: Office) -> None:
    exact = values(office, "RATE", office.analyst, "township")
    assert exact["甲二镇"] == 15
    leader = office.cast.actor("leader", "ancestor")
    hidden = values(office, "RATE", leader, "township")
    assert (hidden["甲一镇"], hidden["甲二镇"]) == (None, None)
    county = office.cast.places["county_a"]
    own = table(office.cast.actor("leader", "own"), "RATE", county, "township", "month", 1, UNTIL)
    assert [(place.name, place.points[0].numerator) for place in own.places] == [
        ("甲一镇", None),
        ("甲二镇", None),
    ]
    assert values(office, "RATE", office.analyst, "township") == exact


def test_what_was_hidden_is_decided_anew_when_its_figures_change(office: Office) -> None:
    leader = office.cast.actor("leader", "ancestor")
    assert values(office, "RATE", leader, "township")["甲二镇"] is None
    office.change("township_a2", "done", 18)
    assert values(office, "RATE", leader, "township")["甲二镇"] == 90


def test_the_decision_on_an_element_outlives_changes_of_others(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disclosure, "_known", OrderedDict())
    done = elements(office.analyst)["done"]
    mask = decision(office.cast.tree).hidden(done, UNTIL)
    office.change("township_a", "cases", 7)
    monkeypatch.setattr(disclosure, "FactView", None)  # whoever decided anything anew would fail
    assert (decision(office.cast.tree).hidden(done, UNTIL) == mask).all()


def test_queries_do_not_grow_with_places_or_periods_nor_for_the_restricted(office: Office) -> None:
    county = office.cast.places["county_a"]
    counts = set()
    for role, relation, region, level, n in (
        ("leader", "ancestor", office.city, "county", 1),
        ("leader", "ancestor", office.city, "township", 12),
        ("leader", "own", county, "township", 12),
    ):
        office.cast.actor(role, relation)
        for _ in range(2):
            actor = office.cast.actor(role, relation)
            with CaptureQueriesContext(connection) as asked:
                table(actor, "RATE", region, level, "month", n, UNTIL)
        counts.add(len(asked))
    assert len(counts) == 1
    assert counts.pop() <= 10


def test_a_level_that_does_not_occur_and_a_table_too_large_are_refused(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidInput):
        values(office, "CASES", level="galaxy")
    with pytest.raises(NotFound):
        values(office, "NOTHING")
    monkeypatch.setattr("jingtu.assessment.indicators.queries.tables.MOST_POINTS", 1)
    with pytest.raises(InvalidInput):
        values(office, "CASES")
