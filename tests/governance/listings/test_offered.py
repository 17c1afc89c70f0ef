"""What listings offer to accountability: a rule that proposes, and a section of the quarterly bulletin."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from jingtu.assessment.bulletins.content import Paragraph, Table
from jingtu.assessment.indicators.guard import CellGuard
from jingtu.core.kernel.clock import today
from jingtu.engine.periods import Period
from jingtu.engine.stored import SnapshotReader
from jingtu.governance.accountability.listings import words
from jingtu.governance.accountability.listings.definition import Criterion
from jingtu.governance.accountability.listings.queries.candidates import candidates
from jingtu.governance.accountability.listings.services import deciding, rule_sets
from jingtu.governance.accountability.listings.services.handing import suggested_problem
from jingtu.governance.accountability.listings.services.proposing import VenueData
from jingtu.governance.accountability.measures.registry import bulletin_parts, rule_kinds
from jingtu.governance.accountability.measures.sentences import lines
from tests.assessment import office as assessing

from .office import START, Office, on

pytestmark = pytest.mark.django_db
AUGUST = {"township_a": (40, 39, 1), "township_a2": (20, 3, 2), "township_b": (30, 30, 9)}
CASES = Criterion(
    "cases", "案件数", "Cases", "indicator", "CASES", ">= 10", "<= 5", "起", "cases", problem="transit"
)


def offered(*criteria: Criterion) -> Office:
    """August and September published: county A had three cases, then thirteen."""
    figures = assessing.Office()
    figures.report("2026-08", AUGUST)
    figures.published("2026-08")
    figures.published()
    office = Office(figures.cast)
    rule_sets.revise(
        office.secretary, office.rule_set.pk, replace(office.version.rules, criteria=criteria), ""
    )
    office.after_now()
    return office


def test_a_criterion_met_proposes_with_its_publication_and_says_when_it_was_met_only_now() -> None:
    office = offered(CASES)
    kind = rule_kinds()["listing"]
    (found,) = kind.find(office.cast.places["city"], kind.defaults(), today())
    assert (found.region_id, found.period, kind.rung) == (office.county.pk, "2026-09", "listing")
    assert found.run_id is not None
    evidence = lines([one.stored() for one in found.evidence], "en")
    assert evidence[0][0].endswith("Cases is 13 cases, which meets the entry criterion (≥10).")
    assert "indicator=CASES" in evidence[0][1]
    against = [text for text, _url in lines([one.stored() for one in found.against], "zh")]
    assert "“案件数”仅本期达到，此前1期（自2026年8月起）都未达到。" in against
    (candidate,) = candidates(office.secretary, office.version, "county")
    said = [words.against(one) for one in candidate.against]
    assert any("仅本期达到" in text for text in said)
    assert suggested_problem(candidate) == "transit"
    assert kind.find(office.cast.places["city"], {"least": 2}, today()) == []
    office.proposed()
    assert kind.find(office.cast.places["city"], kind.defaults(), today()) == []


def test_each_publication_is_read_once_for_all_places(monkeypatch: pytest.MonkeyPatch) -> None:
    users = Criterion("users", "应到人数", "People due", "element", "due", ">= 1", "", "人", "persons")
    office = offered(replace(CASES, entry=">= 1"), users)
    read: Counter[str] = Counter()
    stored, hidden = SnapshotReader._read, CellGuard.hidden_element

    def counted(self: SnapshotReader, name: str, filters: list[Any]) -> Any:
        read[name] += 1
        return stored(self, name, filters)

    def asked(self: CellGuard, element: str, period: Period) -> Any:
        read[f"{element} {period.key}"] += 1
        return hidden(self, element, period)

    monkeypatch.setattr(SnapshotReader, "_read", counted)
    monkeypatch.setattr(CellGuard, "hidden_element", asked)
    assert len(candidates(office.secretary, office.version, "county")) == 2
    assert read["by_region.parquet"] == 0
    assert max(read["due 2026-09"], read["due 2026-08"]) == 1


def test_a_criterion_met_for_long_has_no_such_argument_and_no_rules_propose_nothing() -> None:
    office = offered(replace(CASES, entry=">= 3"))
    kind = rule_kinds()["listing"]
    found = kind.find(office.cast.places["city"], kind.defaults(), today())
    assert {one.region_id for one in found} == {
        office.cast.places[key].pk for key in ("county_a", "county_b")
    }
    assert not any(line.code == "listings.ag_only_now" for one in found for line in one.against)
    assert kind.find(office.county, kind.defaults(), today()) == []


def test_the_bulletin_counts_by_class_names_regions_and_only_counts_venues() -> None:
    office = Office()
    office.watched()
    office.day = START + dt.timedelta(days=1)
    running = office.rectifying(class_code="focused")
    office.listed(class_code="warned", venue=VenueData("星光歌舞厅", "歌舞娱乐场所"))
    with on(office.day):
        deciding.extend(office.leader, running.pk, 6, "指标未达标，延期半年", office.paper())
    part = next(one for one in bulletin_parts() if one.key == "listings")
    city = office.cast.places["city"]
    first, last = dt.date(2026, 1, 1), dt.date(2026, 3, 31)
    blocks = {language: part.compose(city, first, last, language) for language in ("zh", "en")}
    for language, total in (("zh", "合计"), ("en", "Total")):
        (table,) = (block for block in blocks[language] if isinstance(block, Table))
        rows = {row[0].text: [cell.text for cell in row[1:]] for row in table.rows}
        # standing, listed, delisted, of these in time, extended, relapsed
        assert rows[total] == ["2", "3", "1", "1", "1", "0"]
        assert len(rows) == 4
        text = "".join(block.text for block in blocks[language] if isinstance(block, Paragraph))
        assert "甲县" in text
        assert "星光" not in text
        assert ("场所1处" if language == "zh" else "venues: 1") in text
    before = part.compose(city, dt.date(2025, 10, 1), dt.date(2025, 12, 31), "zh")
    assert [block.text for block in before if isinstance(block, Paragraph)] == ["没有。"]
