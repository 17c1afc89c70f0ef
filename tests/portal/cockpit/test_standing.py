"""What the explorer says of the newest value: against the period before, last year, the base, and the streak."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from django.urls import reverse

from jingtu.assessment.indicators.queries import Point
from jingtu.core.kernel.clock import frozen
from jingtu.engine.periods import Period
from jingtu.portal.cockpit.explorer import Row, standing
from tests.assessment.office import Office
from tests.portal.cockpit.test_pages import signed_in


@pytest.fixture(autouse=True)
def in_november() -> Iterator[None]:
    with frozen(dt.datetime(2026, 11, 23, tzinfo=dt.UTC)):
        yield


def rows(values: list[str | None], first: str = "2025-09") -> list[Row]:
    period, found = Period.parse(first), []
    for text in values:
        value = None if text is None else Decimal(text)
        point = Point(period.key, period.label(), value, "value" if value is not None else "missing")
        found.append(Row(period, period.label(), point, None, None))
        period = period.next()
    return found


def test_thirteen_months_tell_all_three_and_the_streak() -> None:
    found = standing(rows(["40", *["50"] * 9, "30", "20", "10"]), "人", "zh")
    assert found is not None
    assert (found.on_previous, found.on_last_year, found.on_base) == ("下降50.0%", "下降75.0%", "下降75.0%")
    assert (found.base, found.streak) == ("2025年9月", -3)


def test_percentages_are_held_against_each_other_in_points() -> None:
    found = standing(rows(["96.5", "98.5"]), "%", "en")
    assert found is not None
    assert (found.on_previous, found.on_last_year, found.streak) == ("up 2 points", "", 1)


@pytest.mark.parametrize(
    ("values", "previous", "base", "streak"),
    [(["3", None, "6", None], "", "增长100.0%", 0), (["5", None], "", "", 0), (["0", "4"], "", "", 1)],
)
def test_a_gap_a_single_value_and_a_zero_are_not_compared(
    values: list[str | None], previous: str, base: str, streak: int
) -> None:
    found = standing(rows(values), "人", "zh")
    assert found is not None
    assert (found.on_previous, found.on_base, found.streak) == (previous, base, streak)


def test_nothing_is_said_without_a_value() -> None:
    assert standing(rows([None, None]), "人", "zh") is None


@pytest.mark.parametrize(
    ("first", "previous", "streak"),
    [("2026-Q2", "增长100.0%", 1), ("2026-Q1", "下降70.0%", -1), ("2024", "增长100.0%", 1)],
)
def test_a_running_period_is_not_told_as_a_fall(first: str, previous: str, streak: int) -> None:
    found = standing(rows(["50", "100", "30"], first), "人", "zh")
    assert found is not None
    assert (found.on_previous, found.streak) == (previous, streak)


def test_nothing_is_said_while_the_only_period_runs() -> None:
    assert standing(rows(["5"], "2026-11"), "人", "zh") is None


def test_cumulative_values_are_held_against_last_year_only() -> None:
    values = ["90", "95", "98", *(str(value) for value in range(10, 91, 10)), "99", "99"]
    found = standing(rows([*values], "2025-YTD10"), "人", "zh")
    assert found is not None
    assert (found.on_previous, found.on_last_year, found.on_base) == ("", "增长10.0%", "")
    assert (found.base, found.streak) == ("", 0)


def test_a_streak_of_published_figures_ends_where_a_period_was_left_out() -> None:
    found = [
        row for row in rows(["1", "2", "3", "4", "5", "6"], "2026-01") if row.period.key not in ("2026-02",)
    ]
    assert [
        (told.streak, told.on_previous)
        for told in (standing(found, "人", "zh"), standing([found[0], found[1], found[-1]], "人", "zh"))
        if told is not None
    ] == [(3, "增长20.0%"), (0, "")]


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("mark", [{"qualifier": ">="}, {"qualifier": "~"}, {"estimated": True}])
def test_values_that_are_not_exact_are_not_compared(at: int, mark: dict[str, str | bool]) -> None:
    found = rows(["1", "2", "4"], "2026-01")
    found[at] = replace(found[at], point=replace(found[at].point, **mark))
    told = standing(found, "人", "zh")
    assert told is not None
    assert (told.on_previous, told.on_base, told.streak) == {
        0: ("增长100.0%", "", 1),
        1: ("", "增长300.0%", 0),
        2: ("", "", 0),
    }[at]


def test_what_is_not_reported_in_full_says_so_beside_its_changes(office: Office) -> None:
    client = signed_in(office, "analyst", "ancestor")
    for places, said in ((("township_a",), True), (("township_a2", "township_b"), False)):
        office.report("2026-08", dict.fromkeys(places, (40, 30, 5)))
        answer = client.get(reverse("cockpit:explorer"), {"indicator": "RATE", "period": "2026-08"})
        assert ("数字不全，以上增减随补报而变" in answer.content.decode()) == said


def test_a_quarter_of_which_a_township_gave_one_month_is_not_whole_though_all_have_reported(
    office: Office,
) -> None:
    for month in ("2026-04", "2026-05", "2026-06"):
        office.report(month, dict.fromkeys(("township_a", "township_a2"), (40, 30, 5)))
    office.report("2026-05", {"township_b": (40, 30, 5)})
    client = signed_in(office, "analyst", "ancestor")
    asked = {"indicator": "CASES", "cadence": "quarter", "period": "2026-Q2"}
    page = client.get(reverse("cockpit:explorer"), asked).content.decode()
    assert "2026年第二季度应报3、报齐2；" in page
    rate = client.get(reverse("cockpit:explorer"), asked | {"indicator": "RATE"}).content.decode()
    assert "数字不全" not in rate  # of what is counted on a day, one figure of the quarter is enough


def test_a_period_of_which_a_month_is_unknown_is_not_compared_but_says_which(office: Office) -> None:
    for month in ("2025-08", "2025-09"):
        office.report(month, dict.fromkeys(("township_a", "township_a2", "township_b"), (40, 30, 5)))
    client = signed_in(office, "analyst", "ancestor")
    asked = {"indicator": "CASES", "cadence": "quarter", "period": "2025-Q3"}
    page = client.get(reverse("cockpit:explorer"), asked).content.decode()
    assert "2025年第三季度缺2025年7月的数据；数值只含有数据的月份，不作比较。" in page
    assert 'id="partial"' not in page
    row = page.partition('id="table"')[2].partition("</tr></thead>")[2].partition("</tr>")[0]
    assert all(word in row for word in ("只含部分月份", ">/3<", "报齐0/3"))


def test_a_fragment_is_neither_compared_nor_a_base_nor_part_of_a_streak() -> None:
    found = rows(["1", "2", "4", "8"], "2025-Q3")
    for at, compared in ((0, ("增长100.0%", "增长300.0%", 2)), (3, ("", "", 0))):
        lesser = replace(found[at].point, read=0, due=3, lacking=(found[at].period.months[-1],))
        told = standing([*found[:at], replace(found[at], point=lesser), *found[at + 1 :]], "人", "zh")
        assert told is not None
        assert (told.on_previous, told.on_base, told.streak, told.partial) == (*compared, [])
    assert told.lacking == [("2026年第二季度", "2026年6月")]


def test_a_fuller_period_is_not_held_against_a_lesser_one_without_saying_so() -> None:
    found = rows(["3", "6"], "2026-01")
    found[0] = replace(found[0], point=replace(found[0].point, read=1, due=3))
    told = standing(found, "人", "zh")
    assert told is not None
    assert [(point.label, point.read, point.due) for point in told.partial] == [("2026年1月", 1, 3)]
    lone = standing([*found[:1], replace(found[1], period=Period.parse("2026-03"))], "%", "zh")
    assert lone is not None
    assert (lone.on_previous, [point.label for point in lone.partial]) == ("", ["2026年1月"])  # the base


@pytest.mark.parametrize(
    ("language", "mark"), [("zh", "2026年11月（进行中）"), ("en", "November 2026 (running)")]
)
def test_a_running_period_is_marked_in_the_table_the_chart_and_the_file(
    office: Office, language: str, mark: str
) -> None:
    office.report("2026-11", {"township_a": (40, 30, 5)})
    client = signed_in(office, "analyst", "ancestor")
    client.cookies["django_language"] = language
    asked = {"indicator": "CASES", "period": "2026-11", "n": "6"}
    answer = client.get(reverse("cockpit:explorer"), asked, headers={"accept-language": language})
    assert mark in answer.content.decode().partition('id="table"')[2]
    chart = answer.context["trend_chart"]
    assert (chart.periods[-1], chart.option()["running"]) == (mark, [5])
    words = {"zh": "进行中", "en": "running"}
    file = (
        client.get(reverse("cockpit:explorer-csv"), asked, headers={"accept-language": language})
        .getvalue()
        .decode("utf-8-sig")
    )
    assert next(line for line in file.splitlines() if words[language] in line).split(",")[1] == "2026-11"
