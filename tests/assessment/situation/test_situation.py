"""A situation report: what it says follows from stated rules, two persons make it, and then it stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingtu.assessment.bulletins.content import Cell
from jingtu.assessment.situation import queries, services
from jingtu.assessment.situation.models import SituationReport
from jingtu.assessment.situation.rules import ReportState, change, shares, streak, stretches
from jingtu.assessment.situation.writer import SituationWriter
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import frozen
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.numbering.models import OfficialNumber
from jingtu.core.numbering.services import make_series
from jingtu.engine.facttable import FactRow
from jingtu.engine.periods import Period
from tests.assessment.office import CATALOGUE, Office, store_batch, version_of

EXTRA = CATALOGUE.replace("rows: [A2]", "rows: [A7]").replace("rows: [A1]", "rows: [A7]")


@pytest.fixture
def drafted(office: Office) -> SituationReport:
    version_of(EXTRA.replace("version: 1", "version: 2"))
    for month, done in (("2026-07", 20), ("2026-08", 25)):
        office.report(month, {"township_a": (40, done, 5), "township_b": (30, 30, 9)})
    return services.draft(office.analyst, office.city.pk, "2026-Q3")


def test_the_draft_names_values_and_what_is_missing_apart(office: Office, drafted: SituationReport) -> None:
    text = SituationWriter(drafted, "zh").document().text()
    assert "案件数50起" in text
    assert "捣毁制毒窝点数缺报，不能视为没有发现" in text
    assert "捣毁制毒窝点0处" not in text
    assert "没有数据，上列数值" not in text


def test_one_month_of_a_quarter_is_not_told_as_the_quarter(office: Office) -> None:
    version_of(EXTRA.replace("version: 1", "version: 2"))
    for month in ("2025-05", *(f"2025-{month:02}" for month in range(7, 13)), "2026-01", "2026-05"):
        office.report(month, {"township_a": (40, 20, 5)})
    report = services.draft(office.analyst, office.city.pk, "2026-Q2")
    cases = next(figure for figure in report.content["figures"] if figure["value"] == "5")
    assert (cases["streak"], cases["turning"]) == (0, None)
    assert None not in (cases["previous"], cases["last_year"], cases["base"])
    report.content["laboratories"] = {"state": "ok", "value": "3", "last_year": "2"}
    for stored in (0, -3):  # also where an earlier draft stored one
        cases.update(streak=stored, turning={"state": "perhaps", "at": "", "steps": 1})
        zh, en = (_told(SituationWriter(report, language)) for language in ("zh", "en"))
        assert "2026年4月、2026年6月没有数据，上列数值只含有数据的月份" in zh
        assert "Nothing is known of April 2026, June 2026" in en
        assert "不判断连续变化和拐点" in zh
        assert not [
            word for word in ("同比", "环比", "增长", "%)", "连续3期", "同向变化", "已开始好转") if word in zh
        ]
        assert not [word for word in (" on the ", "up ", "down ", "No indicator", "Improving") if word in en]
        assert {row[index].text for row in _figures(report) for index in (3, 5)} == {"–"}


def test_an_indicator_is_not_compared_with_a_quarter_that_lacks_months_of_it_only(office: Office) -> None:
    version_of(EXTRA.replace("version: 1", "version: 2"))
    months = [f"2025-{month:02}" for month in range(4, 13)] + [f"2026-{month:02}" for month in range(1, 7)]
    for month in months:
        office.report(month, {"township_a": (40, 20, 5)})
    place = office.cast.places["township_a"].pk
    for month in ("2026-01", "2026-02"):  # the cases of two months are taken back; everything else stays
        store_batch(office.cast.tree, office.city, [FactRow("cases", place, month, None, source_row=2)], "")
    report = services.draft(office.analyst, office.city.pk, "2026-Q2")
    cases = next(figure for figure in report.content["figures"] if figure["code"] == "CASES")
    assert (cases["part"], cases["previous"], cases["streak"]) == (["2026-Q1"], "5", 0)
    zh, en = (_told(SituationWriter(report, language)) for language in ("zh", "en"))
    assert "案件数15起（同比持平）" in zh
    assert "到位率50.00%（同比持平，环比持平）" in zh
    assert "只有部分月份的数据，不与该期比较：案件数（2026年第一季度）。" in zh
    assert "Cases (Q1 2026)." in en
    table = SituationWriter(report, "zh").trends()[-1].rows
    assert "5*" in {cell.text for row in table for cell in row}
    report.content["laboratories"] = {"state": "ok", "value": "0", "last_year": None, "part": True}
    assert "不能视为全期没有" in SituationWriter(report, "zh").laboratories()


def _told(writer: SituationWriter) -> str:
    return "".join(block.text for block in writer.document().blocks if block.kind == "paragraph")


def _figures(report: SituationReport) -> Sequence[Sequence[Cell]]:
    return SituationWriter(report, "zh").figure_table().rows


def test_every_sentence_has_a_rule_that_is_printed(drafted: SituationReport) -> None:
    for language in ("zh", "en"):
        writer = SituationWriter(drafted, language)
        document = writer.document()
        printed = document.text()
        paragraphs = [block.text for block in document.blocks if block.kind == "paragraph"]
        assert paragraphs == [said.text for said in writer.said]
        from jingtu.assessment.situation.rules import RULES

        for said in writer.said:
            assert RULES[said.rule][0 if language == "zh" else 1] in printed


def test_zero_and_missing_are_different_sentences(drafted: SituationReport) -> None:
    drafted.content["laboratories"] = {"state": "ok", "value": "0", "last_year": "2"}
    assert "按报送为零" in SituationWriter(drafted, "zh").laboratories()
    drafted.content["laboratories"] = {"state": "ok", "value": "3", "last_year": "2"}
    assert SituationWriter(drafted, "zh").laboratories() == "捣毁制毒窝点3处，同比增长50.0%。"


def test_whoever_prepared_it_does_not_sign_it(office: Office, drafted: SituationReport) -> None:
    services.submit(office.analyst, drafted.pk)
    with pytest.raises(PermissionDenied):
        services.approve(office.analyst, drafted.pk, issuer_zh="办公室")
    SituationReport.objects.filter(pk=drafted.pk).update(prepared_by=office.reviewer.user)
    with pytest.raises(Conflict):
        services.approve(office.reviewer, drafted.pk, issuer_zh="办公室")


def test_a_signed_report_is_printed_and_never_changes(office: Office, drafted: SituationReport) -> None:
    services.submit(office.analyst, drafted.pk)
    series = make_series(office.analyst, office.city.pk, name="形势分析", office="测禁办析")
    with frozen(dt.datetime(2026, 10, 12, 4, tzinfo=dt.UTC)):
        signed = services.approve(office.reviewer, drafted.pk, issuer_zh="办公室", series_id=series.pk)
    assert signed.number == "测禁办析〔2026〕1号"
    given = OfficialNumber.objects.get()
    assert (given.text, given.target) == (signed.number, f"situation_report:{signed.pk}")
    assert sorted((file.language, file.format) for file in signed.files.all()) == [
        (language, extension) for language in ("en", "zh") for extension in ("docx", "pdf", "xlsx")
    ]
    for act in (services.submit, lambda actor, pk: services.send_back(actor, pk, "x")):
        with pytest.raises((Conflict, PermissionDenied)):
            act(office.analyst, drafted.pk)
    later = services.draft(office.analyst, office.city.pk, "2026-Q3")
    assert (later.version, later.pk != signed.pk) == (2, True)
    with pytest.raises(Conflict):
        services.rewrite(office.analyst, signed.pk)
    assert services.rewrite(office.analyst, later.pk) == later
    signed.refresh_from_db()
    assert signed.state == ReportState.ISSUED


def test_a_report_is_sent_back_with_a_reason_only(office: Office, drafted: SituationReport) -> None:
    services.submit(office.analyst, drafted.pk)
    with pytest.raises(InvalidInput):
        services.send_back(office.reviewer, drafted.pk, " ")
    assert services.send_back(office.reviewer, drafted.pk, "核对案件数").return_reason == "核对案件数"


def test_readers_know_nothing_of_a_draft(office: Office, drafted: SituationReport) -> None:
    leader = office.cast.actor("leader", "ancestor")
    assert not queries.reports(leader)
    with pytest.raises(NotFound):
        queries.get_report(leader, drafted.pk)


def test_unbroken_months_are_told_as_a_stretch() -> None:
    months = [Period.parse(f"2025-{month:02}") for month in (1, 2, 3, 7, 12)]
    assert [(first.key, last.key) for first, last in stretches(months)] == [
        ("2025-01", "2025-03"),
        ("2025-07", "2025-07"),
        ("2025-12", "2025-12"),
    ]


def test_small_counts_of_persons_do_not_show(office: Office) -> None:
    version_of(
        EXTRA.replace("version: 1", "version: 2")
        .replace("share(done, due)", "done")
        .replace("unit: '%'", "unit: persons")
    )
    office.report("2026-09", {"township_a": (2, 2, 5), "township_a2": (1, 1, 1), "township_b": (1, 1, 9)})
    report = services.draft(office.analyst, office.city.pk, "2026-Q3")
    figure = next(figure for figure in report.content["figures"] if figure["code"] == "RATE")
    assert (figure["value"], figure["state"]) == (None, "suppressed")
    assert "小数保护" in SituationWriter(report, "zh").document().text()


@pytest.mark.parametrize("period", ["2026-09", "x", "2026-Q4", "2030"])
def test_only_years_and_quarters_that_have_ended(office: Office, period: str) -> None:
    with pytest.raises(InvalidInput):
        services.draft(office.analyst, office.city.pk, period)


def test_changes_in_words() -> None:
    assert change(Decimal("80.5"), Decimal("71.3"), "%", "zh") == "上升9.2个百分点"
    assert change(Decimal(90), Decimal(100), "起", "zh") == "下降10.0%"
    assert change(Decimal(5), Decimal(0), "起", "zh") == ""
    assert change(Decimal(5), None, "起", "en") == ""


@given(st.lists(st.none() | st.integers(0, 5).map(Decimal), min_size=1, max_size=9))
def test_a_streak_never_crosses_a_missing_period(values: list[Decimal | None]) -> None:
    found = abs(streak(values))
    tail = values[len(values) - found - 1 :]
    assert found == 0 or None not in tail
    assert streak([*values, None]) == 0


@given(st.lists(st.integers(0, 1000).map(Decimal), min_size=1, max_size=6))
def test_shares_add_up_within_their_rounding(parts: list[Decimal]) -> None:
    found = shares(parts)
    assert not sum(parts) or abs(sum(found) - 100) <= Decimal("0.05") * len(parts)


def test_a_number_of_another_office_is_refused_and_the_report_stays_open(
    office: Office, drafted: SituationReport
) -> None:
    other = make_series(SYSTEM, office.cast.places["county_b"].pk, name="乙县", office="乙禁办")
    services.submit(office.analyst, drafted.pk)
    with pytest.raises(InvalidInput):
        services.approve(office.reviewer, drafted.pk, issuer_zh="办公室", series_id=other.pk)
    drafted.refresh_from_db()
    assert drafted.state == ReportState.REVIEW
    assert not OfficialNumber.objects.exists()
