from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from jingtu.assessment.runs.queries import open_for
from jingtu.assessment.runs.queries.groups import group_at, group_history, group_matrix
from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel.errors import NotFound
from tests.assessment.office import FIGURES, Office
from tests.taken import taken_out


def test_a_framework_is_judged_at_every_place_and_over_the_periods(office: Office) -> None:
    office.report("2026-08", {**FIGURES, "township_a": (40, 40, 3)})
    earlier = office.published("2026-08")
    run = office.published()
    county = office.cast.places["county_a"].pk
    matrix = group_matrix(office.analyst, run.pk)
    assert matrix.heads == [("both", "两项")]
    states = {row.name: row.states[0].state for row in matrix.rows}
    # County A: 70 % misses 90 %, cases went from 11 to 13 as they should. County B: 100 %, cases stood still.
    assert (states["甲县"].mark, states["甲县"].kept, states["甲县"].known) == ("watch", 1, 2)
    assert states["乙县"].mark == "met"
    rate, cases = group_at(office.analyst, run.pk, "both", county).members
    assert (rate.mark, rate.requirement, cases.kept, str(cases.change)) == ("watch", "≥90%", True, "2")
    history = group_history(office.analyst, open_for(office.analyst, run.pk), "both", county)
    assert [found.pk for found, _ in history] == [earlier.pk, run.pk]


def test_a_sibling_is_not_judged(office: Office) -> None:
    run = office.published()
    sibling = office.cast.actor("viewer", "sibling")
    assert [row.name for row in group_matrix(sibling, run.pk).rows] == ["乙县"]
    with pytest.raises(NotFound):
        group_at(sibling, run.pk, "both", office.cast.places["county_a"].pk)


def test_the_page_says_by_which_rule_and_leads_to_the_derivation(client: Client, office: Office) -> None:
    run = office.published()
    client.force_login(office.cast.user("analyst", "ancestor"))
    page = client.get(reverse("runs:group", args=[run.pk, "both"])).content.decode()
    assert "占100%以上为●" in page
    assert reverse("runs:explain", args=[run.pk]) in page


def test_a_framework_taken_out_is_stamped_with_its_run_and_count_and_written_down(
    client: Client, office: Office
) -> None:
    run = office.published()
    client.force_login(office.cast.user("analyst", "ancestor"))
    stamp, head, rows = taken_out(client.get(reverse("runs:group-csv", args=[run.pk, "both"])))
    assert head[0] == "地区"
    assert [row[3] for row in rows] == ["办结率", "破获案件"] * 2 or len(rows) == 4
    assert stamp["记录数"] == "4"
    assert f"#{run.pk}" in stamp["筛选条件"]
    entry = AuditEntry.objects.get(action="runs.group_exported")
    assert entry.after == {"rows": 4, "filter": stamp["筛选条件"], "group": "both"}
    assert stamp["导出登记"] == f"#{entry.sequence}"
    assert f"#{entry.sequence}" in stamp["水印"]


def test_the_canonical_text_of_a_publication_is_handed_out_on_the_record(
    client: Client, office: Office
) -> None:
    run = office.published()
    client.force_login(office.cast.user("analyst", "ancestor"))
    assert client.get(reverse("runs:publication", args=[run.pk])).status_code == 200
    entry = AuditEntry.objects.get(action="runs.publication_taken")
    assert (entry.target_id, entry.after) == (str(run.pk), {"hash": run.publication_hash})
