"""Issuing bulletins of real runs."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.test import Client
from docx import Document

from jingtu.assessment.bulletins import gathering, queries, services
from jingtu.assessment.bulletins.compose import compose
from jingtu.assessment.bulletins.models import Bulletin
from jingtu.assessment.runs import services as runs
from jingtu.assessment.runs.models import Run
from jingtu.core.audit import services as audit
from jingtu.core.audit.models import AuditEntry, AuditHead
from jingtu.core.files.queries import content_path
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.regions.models import PeerGroup
from tests.access.cast import Cast
from tests.assessment.office import CATALOGUE, FIGURES, MONTH, Office, version_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(office: Office) -> Cast:
    return office.cast


@pytest.fixture
def published(office: Office, cast: Cast) -> Run:
    analyst, reviewer = cast.actor("analyst", "own"), cast.actor("reviewer", "own")
    office.report("2026-08", {**FIGURES, "township_a": (40, 41, 5)})
    run = runs.prepare(
        analyst, runs.create_run(analyst, cast.places["county_a"], "township", "card", MONTH).pk
    )
    for finding in run.findings.filter(state="open", severity="error"):
        runs.override_finding(reviewer, finding.pk, "已电话核实")
    runs.submit_for_review(analyst, run.pk)
    return runs.approve_and_publish(reviewer, run.pk)


def issue(cast: Cast, run: Run, number: str = "甲禁办〔2026〕9号") -> Bulletin:
    return services.issue(
        cast.actor("analyst", "own"), run.pk, number=number, issuer_zh="甲县禁毒办", distribution=["各镇"]
    )


def test_issuing_prints_every_format_in_both_languages_and_says_so_in_the_audit(
    cast: Cast, published: Run
) -> None:
    bulletin = issue(cast, published)
    assert {(item.format, item.language) for item in queries.files_of(bulletin)} == {
        (kind, language) for kind in ("docx", "pdf", "xlsx") for language in ("zh", "en")
    }
    assert AuditEntry.objects.filter(action="bulletins.issued", target_id=str(bulletin.pk)).exists()


def test_every_total_of_the_ranking_stands_in_the_printed_word_table(cast: Cast, published: Run) -> None:
    bulletin = issue(cast, published)
    stored = queries.printed_file(cast.actor("viewer", "own"), bulletin.pk, "docx", "zh")
    table = Document(io.BytesIO(content_path(stored).read_bytes())).tables[0]
    printed = {row.cells[1].text: row.cells[2].text for row in table.rows[1:]}
    expected = {
        place.name: f"{place.total:.2f}"
        for place in gathering.source_of(bulletin).places
        if place.total is not None
    }
    assert expected
    assert expected.items() <= printed.items()


def test_the_printed_head_is_an_entry_of_the_chain_and_shows_a_cut_tail(cast: Cast, published: Run) -> None:
    bulletin = issue(cast, published)
    assert audit.verify(SYSTEM, bulletin.audit_mark) == []
    sequence = int(bulletin.audit_mark.partition(":")[0])
    kept = AuditEntry.objects.get(sequence=sequence - 1)
    AuditEntry.objects.filter(sequence__gte=sequence)._raw_delete("default")  # type: ignore[attr-defined]
    AuditHead.objects.update(sequence=kept.sequence, hash=kept.hash)
    assert audit.verify(SYSTEM) == []
    assert [each.kind for each in audit.verify(SYSTEM, bulletin.audit_mark)] == ["replaced"]


def test_only_a_published_run_has_a_bulletin(cast: Cast, published: Run) -> None:
    analyst = cast.actor("analyst", "own")
    draft = runs.create_run(analyst, cast.places["county_a"], "township", "card", "2026-08")
    with pytest.raises(Conflict):
        services.issue(analyst, draft.pk, number="", issuer_zh="甲县禁毒办")


def test_a_bulletin_is_issued_once(cast: Cast, published: Run) -> None:
    issue(cast, published)
    with pytest.raises(Conflict):
        issue(cast, published, "甲禁办〔2026〕10号")
    assert Bulletin.objects.count() == 1


def test_an_office_without_a_name_is_refused(cast: Cast, published: Run) -> None:
    with pytest.raises(InvalidInput):
        services.issue(cast.actor("analyst", "own"), published.pk, number="", issuer_zh=" ")


@pytest.mark.parametrize("field", ["number", "issuer_zh", "issuer_en"])
def test_control_characters_are_refused_by_name_and_nothing_is_kept(
    cast: Cast, published: Run, field: str
) -> None:
    words = {"number": "1", "issuer_zh": "甲县禁毒办", "issuer_en": ""} | {field: "甲\x0b"}
    with pytest.raises(InvalidInput) as refused:
        services.issue(cast.actor("analyst", "own"), published.pk, **words)
    assert [problem.column for problem in refused.value.problems] == [field]
    assert not Bulletin.objects.exists()


def test_a_reader_cannot_issue_and_a_sibling_cannot_even_see(cast: Cast, published: Run) -> None:
    with pytest.raises(PermissionDenied):
        services.issue(cast.actor("viewer", "own"), published.pk, number="", issuer_zh="甲县禁毒办")
    bulletin = issue(cast, published)
    with pytest.raises(NotFound):
        queries.get_bulletin(cast.actor("analyst", "sibling"), bulletin.pk)


def test_a_share_of_persons_is_named_in_print_without_its_value(office: Office, cast: Cast) -> None:
    # The indicator is not said to count persons; the elements of its formula are.
    version_of(
        CATALOGUE.replace("version: 1", "version: 2").replace(
            "decimals: 2, person_based: true", "decimals: 2"
        )
    )
    bulletin = issued_with(
        office, cast, code="check.outlier_peers", indicator="RATE", params={"value": "66.67"}
    )
    (finding,) = gathering.source_of(bulletin).findings
    assert finding.text_zh == "甲县“到位率”的数据"
    assert "66.67" not in finding.text_en


@pytest.mark.parametrize("small", [False, True])
def test_totals_of_a_late_change_are_printed_where_nothing_is_small_alone(
    office: Office, cast: Cast, small: bool
) -> None:
    if small:
        office.report(MONTH, {"township_a": (3, 2, 9), "township_a2": (1, 1, 8)})
    effect = {"total_before": "55.01", "total": "77.02", "rank_before": 2, "rank": 1}
    params = {"count": 1, "since": "2026-10-01 09:00", "old": "9", "new": "20", "persons": False, **effect}
    bulletin = issued_with(office, cast, code="check.late_edit_ranked", element="cases", params=params)
    (finding,) = gathering.source_of(bulletin).findings
    assert ("55.01" in finding.text_zh) is not small
    assert ("77.02" in finding.text_en) is not small
    assert "改动了1个" in finding.text_zh


def test_a_value_below_the_least_denominator_is_printed_and_not_ranked(office: Office, cast: Cast) -> None:
    version_of(
        CATALOGUE.replace("version: 1", "version: 2").replace(
            "decimals: 2,", "decimals: 2, min_denominator: 50,"
        )
    )
    group = PeerGroup.objects.create(tree=cast.tree, code="hills", name_zh="山区", name_en="Hills")
    group.members.add(cast.places["county_a"], cast.places["county_b"])
    found = gathering.source_of(
        issued_with(office, cast, code="check.copied_period", params={"same": 4, "compared": 5})
    )
    assert [(one.place, one.value, one.least) for one in found.too_small] == [("乙县", "100.00%", 50)]
    ranks = [(one.group_zh, one.group_en, one.rank, one.of) for one in found.peer_ranks]
    assert ranks == [("山区", "Hills", 1, 2), ("山区", "Hills", 2, 2)]


def issued_with(office: Office, cast: Cast, **finding: Any) -> Bulletin:
    """A bulletin of a run with one answered finding of county A."""
    run = runs.prepare(office.analyst, office.new_run().pk)
    run.findings.all().delete()
    run.findings.create(
        severity="error", region=cast.places["county_a"], state="answered", answer="已核实", **finding
    )
    runs.submit_for_review(office.analyst, run.pk)
    runs.approve_and_publish(office.reviewer, run.pk)
    return services.issue(office.analyst, run.pk, number="1", issuer_zh="市禁毒办")


def test_the_text_does_not_depend_on_who_pressed_the_button(cast: Cast, published: Run) -> None:
    bulletin = issue(cast, published)
    assert (
        compose(gathering.source_of(bulletin)).text()
        == compose(gathering.source_of(Bulletin.objects.get())).text()
    )
    small = [line for line in gathering.source_of(bulletin).red_lines if line.value == "＊"]
    assert all("还差" not in line.missing_zh for line in small)


def test_a_bulletin_bears_the_day_of_the_office_not_of_greenwich(cast: Cast, published: Run) -> None:
    bulletin = issue(cast, published)
    bulletin.run.published_at = dt.datetime(2026, 10, 11, 23, 30, tzinfo=dt.UTC)  # 07:30 in Shanghai
    assert gathering.source_of(bulletin).published_on == dt.date(2026, 10, 12)


def test_pages_and_downloads_answer(cast: Cast, published: Run) -> None:
    bulletin = issue(cast, published)
    client = Client()
    client.force_login(cast.user("viewer", "own"))
    page = client.get(f"/bulletins/{bulletin.pk}/")
    assert page.status_code == 200
    assert "甲禁办〔2026〕9号" in page.content.decode()
    sheet = client.get(f"/bulletins/{bulletin.pk}/zh.xlsx")
    assert sheet["Content-Disposition"].startswith("attachment")
    assert sheet["X-Content-Type-Options"] == "nosniff"
    assert client.get(f"/bulletins/{bulletin.pk}/zh.exe").status_code == 404
    assert client.get("/bulletins/?q=没有这样的通报").status_code == 200
