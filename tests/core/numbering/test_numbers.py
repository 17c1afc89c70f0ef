"""Official numbers: written by the office's pattern, one after the other, no gap without an explanation."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from jingtu.core.kernel.clock import frozen
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.numbering import services
from jingtu.core.numbering.models import OfficialNumber
from jingtu.core.numbering.queries import numbers_visible, series_for
from jingtu.core.numbering.rules import DEFAULT_PATTERN, pattern_problem, written
from tests.access.cast import Cast, make_cast
from tests.together import together


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def make_series(cast: Cast, pattern: str = DEFAULT_PATTERN) -> int:
    city = cast.places["city"].pk
    return services.make_series(
        cast.actor("analyst", "ancestor"), city, name="通报", office="本禁办通", pattern=pattern
    ).pk


def take(cast: Cast, series: int, target: str = "run:1") -> str:
    with transaction.atomic():
        return services.allocate(
            cast.actor("reviewer", "ancestor"),
            series,
            subject="通报",
            subject_en="bulletin",
            target=target,
            link="",
        ).text


@pytest.mark.parametrize(
    ("pattern", "good"),
    [
        (DEFAULT_PATTERN, True),
        ("第{n}期（{year}）", True),
        ("{office}{year}-{n}", True),
        ("{office}〔{year}〕号", False),
        ("{n}号", False),
        ("{year}{n}{other}", False),
        ("{year}{n:04}", False),
        ("{year}{n!r}", False),
        ("{year}{n}{}", False),
        ("{year}{n", False),
        ("{year.real}{n}", False),
    ],
)
def test_a_pattern_holds_year_and_number_and_nothing_else(pattern: str, good: bool) -> None:
    assert (pattern_problem(pattern) is None) is good


def test_a_wrong_placeholder_is_named() -> None:
    found = pattern_problem("{office}〔{yaer}〕{n}号")
    assert found is not None
    assert "“{yaer}”" in found.text("zh")
    assert '"{yaer}"' in found.text("en")


@given(st.integers(2000, 2199), st.integers(1, 10**6))
def test_no_two_numbers_of_a_series_are_written_alike(year: int, n: int) -> None:
    text = written(DEFAULT_PATTERN, "示禁办通", year, n)
    assert text == f"示禁办通〔{year}〕{n}号"


def test_numbers_count_up_and_begin_again_with_the_year(cast: Cast) -> None:
    series = make_series(cast)
    with frozen(dt.datetime(2026, 12, 31, 12, tzinfo=dt.UTC)):
        assert [take(cast, series), take(cast, series)] == ["本禁办通〔2026〕1号", "本禁办通〔2026〕2号"]
    # The year is the office's: in China it is already 2027.
    with frozen(dt.datetime(2026, 12, 31, 17, tzinfo=dt.UTC)):
        assert take(cast, series) == "本禁办通〔2027〕1号"


def test_a_deed_that_is_rolled_back_leaves_no_gap(cast: Cast) -> None:
    series = make_series(cast)
    take(cast, series)

    def broken_off() -> None:
        with transaction.atomic():
            take(cast, series, "run:2")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken_off()
    take(cast, series)
    assert list(OfficialNumber.objects.order_by("n").values_list("n", flat=True)) == [1, 2]


def test_a_reserved_or_withdrawn_number_says_why_and_is_not_given_out_again(cast: Cast) -> None:
    analyst, series = cast.actor("analyst", "ancestor"), make_series(cast)
    with pytest.raises(InvalidInput):
        services.reserve(analyst, series, "函", " ")
    reserved = services.reserve(analyst, series, "函", "停电时手工编号")
    services.void_reserved(analyst, reserved.pk, "函未发出")
    take(cast, series, "run:7")
    services.void_of(analyst, "run:7", "数据有误，撤回")
    take(cast, series, "run:8")
    rows = OfficialNumber.objects.order_by("n").values_list("n", "state", "reason")
    assert list(rows) == [
        (1, "void", "停电时手工编号；函未发出"),
        (2, "void", "数据有误，撤回"),
        (3, "issued", ""),
    ]
    with pytest.raises(Conflict):
        services.void_reserved(analyst, OfficialNumber.objects.get(n=3).pk, "想要作废")


def test_a_series_belongs_to_its_office(cast: Cast) -> None:
    series, county = make_series(cast), cast.places["county_a"].pk
    with pytest.raises(PermissionDenied):
        services.make_series(cast.actor("reviewer", "ancestor"), county, name="x", office="x")
    with pytest.raises(PermissionDenied):
        services.make_series(cast.actor("analyst", "sibling"), county, name="x", office="x")
    with pytest.raises(NotFound):
        services.reserve(cast.actor("analyst", "own"), series, "x", "手工编号")
    with pytest.raises(Conflict):
        make_series(cast)
    assert [one.pk for one in series_for(cast.actor("analyst", "ancestor"), county)] == [series]
    assert list(series_for(cast.actor("analyst", "own"), county)) == []
    take(cast, series)
    assert numbers_visible(cast.actor("reviewer", "ancestor")).count() == 1
    assert numbers_visible(cast.actor("reviewer", "own")).count() == 0


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_one_number_each_without_a_gap() -> None:
    cast = make_cast()
    series = make_series(cast)

    texts = together([lambda number=number: take(cast, series, f"run:{number}") for number in range(6)])
    assert len({str(text) for text in texts}) == 6
    assert sorted(OfficialNumber.objects.values_list("n", flat=True)) == list(range(1, 7))


@pytest.mark.parametrize("text", ["²", "٣", "9" * 30])
def test_digits_that_are_no_number_filter_nothing_and_break_nothing(cast: Cast, text: str) -> None:
    client = Client()
    client.force_login(cast.user("analyst", "ancestor"))
    assert client.get(reverse("numbering:list"), {"series": text, "year": text}).status_code == 200
