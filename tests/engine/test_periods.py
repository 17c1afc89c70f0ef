from __future__ import annotations

from datetime import date

import pytest

from jingtu.engine.periods import Period, PeriodKind
from jingtu.engine.problems import InvalidInput


@pytest.mark.parametrize(
    "text, key, zh, en",
    [
        ("2026-10-05", "2026-10-05", "2026年10月5日", "5 October 2026"),
        ("2026/10/5", "2026-10-05", "2026年10月5日", "5 October 2026"),
        ("2026-W40", "2026-W40", "2026年第40周", "Week 40 of 2026"),
        ("2026-10-D3", "2026-10-D3", "2026年10月下旬", "21–31 October 2026"),
        ("2026-02-B2", "2026-02-B2", "2026年2月下半月", "16–28 February 2026"),
        ("202610", "2026-10", "2026年10月", "October 2026"),
        ("２０２６年１０月", "2026-10", "2026年10月", "October 2026"),
        ("2026年三季度", "2026-Q3", "2026年第三季度", "Q3 2026"),
        ("2026-H2", "2026-H2", "2026年下半年", "Second half of 2026"),
        ("2026年", "2026", "2026年", "2026"),
        ("2026-YTD10", "2026-YTD10", "2026年1—10月累计", "January–October 2026 (year to date)"),
        ("2018-01/02", "2018-01..2018-02", "2018年1—2月", "January–February 2018"),
        ("2018年3月至4月", "2018-03..2018-04", "2018年3—4月", "March–April 2018"),
        ("2017-12..2018-02", "2017-12..2018-02", "2017年12月—2018年2月", "December 2017 – February 2018"),
        ("2015—2017年", "2015..2017", "2015—2017年", "2015–2017"),
        ("2018-01..2018-03", "2018-Q1", "2018年第一季度", "Q1 2018"),
        ("2018-01..2018-12", "2018", "2018年", "2018"),
    ],
)
def test_customary_spellings_come_to_one_key_and_are_labelled(text: str, key: str, zh: str, en: str) -> None:
    period = Period.parse(text)
    assert period.key == key
    assert period.label("zh") == zh
    assert period.label("en") == en


@pytest.mark.parametrize(
    "key, previous, last_year",
    [
        ("2026-03-01", "2026-02-28", "2025-03-01"),
        ("2024-02-29", "2024-02-28", "2023-02-28"),
        ("2026-W53", "2026-W52", "2025-W52"),
        ("2021-W01", "2020-W53", "2020-W01"),
        ("2026-01-D1", "2025-12-D3", "2025-01-D1"),
        ("2026-03-B1", "2026-02-B2", "2025-03-B1"),
        ("2026-01", "2025-12", "2025-01"),
        ("2026-Q1", "2025-Q4", "2025-Q1"),
        ("2026-H1", "2025-H2", "2025-H1"),
        ("2026", "2025", "2025"),
        ("2026-YTD01", "2025-YTD12", "2025-YTD01"),
        ("2026-YTD10", "2026-YTD09", "2025-YTD10"),
        ("2018-03..2018-04", "2018-01..2018-02", "2017-03..2017-04"),
        ("2018-01..2018-02", "2017-11..2017-12", "2017-01..2017-02"),
        ("2024-02..2024-05", "2023-10..2024-01", "2023-02..2023-05"),
        ("2015..2017", "2012..2014", "2014..2016"),
    ],
)
def test_what_a_period_is_compared_with(key: str, previous: str, last_year: str) -> None:
    assert Period.parse(key).previous().key == previous
    assert Period.parse(key).last_year().key == last_year


@pytest.mark.parametrize(
    "text, code",
    [
        ("soon", "period.unreadable"),
        ("", "period.unreadable"),
        ("2026-13", "period.impossible"),
        ("2023-02-29", "period.impossible"),
        ("2025-W53", "period.impossible"),
        ("2018-05..2018-02", "period.backwards"),
        ("3018", "period.out_of_reach"),
    ],
)
def test_an_unreadable_period_is_refused_with_the_reason(text: str, code: str) -> None:
    with pytest.raises(InvalidInput) as error:
        Period.parse(text)
    assert [problem.code for problem in error.value.problems] == [code]


def test_the_refusal_names_the_accepted_forms() -> None:
    with pytest.raises(InvalidInput) as error:
        Period.parse("soon")
    for language in ("zh", "en"):
        assert "2018-01..2018-02" in error.value.problems[0].text(language)


def test_a_quarter_divides_into_months_and_a_month_not_into_weeks() -> None:
    quarter = Period.parse("2026-Q1")
    assert [month.key for month in quarter.months] == ["2026-01", "2026-02", "2026-03"]
    assert Period.parse("2026-W01").months == ()
    assert [part.key for part in Period.parse("2026-02").split_into("dekad")] == [
        "2026-02-D1",
        "2026-02-D2",
        "2026-02-D3",
    ]
    with pytest.raises(InvalidInput):
        Period.parse("2026-02").split_into(PeriodKind.WEEK)
    with pytest.raises(InvalidInput):
        Period.parse("2026").split_into(PeriodKind.YTD)


def test_same_days_does_not_mean_same_period() -> None:
    running, odd = Period.parse("2026-YTD02"), Period.parse("2026-01..2026-02")
    assert running != odd
    assert running.same_days(odd)
    assert running.contains(odd)
    assert not running.overlaps(Period.parse("2026-03"))
    assert running.days == 59


def test_periods_are_ordered_by_start_then_end() -> None:
    keys = ["2026", "2026-01", "2025-12", "2026-Q1", "2026-01-01"]
    assert [p.key for p in sorted(map(Period.parse, keys))] == [
        "2025-12",
        "2026-01-01",
        "2026-01",
        "2026-Q1",
        "2026",
    ]


def test_days_that_are_no_period_are_a_programming_error() -> None:
    with pytest.raises(ValueError, match="is not a month period"):
        Period(PeriodKind.MONTH, date(2026, 1, 1), date(2026, 1, 30))


def test_one_day_does_not_determine_a_range() -> None:
    assert Period.of("ytd", date(2026, 3, 9)).key == "2026-YTD03"
    with pytest.raises(InvalidInput):
        Period.of("range", date(2026, 3, 9))
