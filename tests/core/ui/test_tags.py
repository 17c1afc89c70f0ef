from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.ui import charts, words
from jingtu.core.ui.choices import nothing_chosen
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.periods import Period


def render(source: str, address: str = "/", **context: object) -> str:
    request = RequestFactory().get(address)
    return Template("{% load ui %}" + source).render(Context({"request": request, **context}))


@pytest.mark.parametrize(
    ("state", "mark", "word"), [("met", "●", "达标"), ("watch", "▲", "预警"), ("below", "◆", "触红线")]
)
def test_a_state_is_shape_colour_and_word(state: str, mark: str, word: str) -> None:
    html = render("{% state_badge state %}", state=state)
    assert mark in html
    assert word in html
    assert f"jt-state-{state}" in html


def test_the_words_for_a_value_that_is_not_there_differ() -> None:
    shown = {
        render("{% num None state=state %}", state=key)
        for key in ("missing", "not_applicable", "too_small", "suppressed")
    }
    assert len(shown) == 4


@pytest.mark.parametrize(
    ("requirement", "language", "shown"),
    [
        (">= 98", "zh", "≥98"),
        ("< 20", "zh", "＜20"),
        ("< 20", "en", "&lt;20"),
        (Threshold.parse("<= 5.5"), "en", "≤5.5"),
        (None, "zh", "–"),
        ("", "en", "–"),
    ],
)
def test_a_requirement_is_shown_with_its_sign(
    requirement: Threshold | str | None, language: str, shown: str
) -> None:
    with translation.override(language):
        assert render("{{ requirement|threshold }}", requirement=requirement) == shown


def test_an_unknown_state_is_refused() -> None:
    with pytest.raises(KeyError):
        words.state_of("splendid")


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (Decimal("1234567.5"), 0, "1,234,568"),
        (Decimal("0.125"), 2, "0.13"),
        (Decimal("2.5"), 0, "3"),
        (Decimal("-2.5"), 1, "\N{MINUS SIGN}2.5"),
        (Fraction(2, 3), 2, "0.67"),
        ("98.50", None, "98.50"),
        (0, 1, "0.0"),
    ],
)
def test_numbers_are_rounded_half_up_with_separators(value: object, decimals: int | None, text: str) -> None:
    assert words.format_number(value, decimals) == text


def test_zero_is_a_number_and_not_a_missing_value() -> None:
    assert "缺报" not in render("{% num 0 '人' %}")


def test_a_qualifier_travels_with_its_number() -> None:
    assert "≥300" in render("{% num 300 '人' qualifier='>=' %}")
    assert "300余" in render("{% num 300 '人' qualifier='+' %}")


@pytest.mark.parametrize(
    ("change", "good", "tone"),
    [
        ("1.2", "up", "better"),
        ("-1.2", "up", "worse"),
        ("-1.2", "down", "better"),
        ("1.2", "none", "neutral"),
    ],
)
def test_the_tone_of_a_change_follows_the_good_direction(change: str, good: str, tone: str) -> None:
    moved = words.movement(change, good)
    assert moved is not None
    assert moved.tone == tone


def test_a_change_that_rounds_to_nothing_is_called_unchanged() -> None:
    moved = words.movement("0.004", "up", 2)
    assert moved is not None
    assert moved.arrow == "→"


def test_no_earlier_value_is_not_an_unchanged_value() -> None:
    assert "无可比数据" in render("{% delta None %}")


def test_a_sparkline_breaks_where_a_value_is_missing() -> None:
    html = render("{% sparkline values '走势' %}", values=[1, 2, None, 4, 5])
    assert html.count("<polyline") == 2


def test_a_bar_starts_at_zero_and_carries_band_and_target() -> None:
    html = render("{% bar 50 200 40 60 100 %}")
    assert 'width="25.0"' in html
    assert 'x="20.0"' in html
    assert 'x1="50.0"' in html


def test_a_dot_strip_names_outliers_and_the_own_place() -> None:
    rows = [("甲", 10), ("乙", 11), ("丙", 12), ("丁", 11), ("戊", 90), ("己", None)]
    html = render("{% dot_strip rows '乙' %}", rows=rows)
    assert ">戊<" in html
    assert "乙 11" in html
    assert ">丙<" not in html
    assert "1 个地区缺报" in html


def test_pages_keep_the_rest_of_the_address() -> None:
    html = render("{% pagination page %}", "/?region=7&page=2", page=Paginator(range(100), 10).page(2))
    assert "?region=7&amp;page=3" in html
    assert 'aria-current="page">2<' in html


def test_a_sort_header_turns_around_and_forgets_the_page() -> None:
    html = render("{% sort_header '得分' 'score' numeric=True %}", "/?sort=-score&page=4&q=a")
    assert 'aria-sort="descending"' in html
    assert "sort=score" in html
    assert "page=" not in html
    assert "q=a" in html


def test_a_field_ties_errors_and_help_to_its_control() -> None:
    class Sample(forms.Form):
        name = forms.CharField(label="名称", help_text="写全称")

    html = render("{% field form.name %}", form=Sample({"name": ""}))
    assert 'aria-describedby="id_name_helptext id_name_errors"' in html
    assert 'id="id_name_errors"' in html
    assert 'aria-invalid="true"' in html
    assert 'for="id_name"' in html


@pytest.mark.parametrize("key", ["2026-10", "2026-Q3", "2026-10-05", "2026-YTD10", "2018-01..2018-02"])
def test_the_period_picker_shows_every_cadence_and_its_neighbour(key: str) -> None:
    period = Period.parse(key)
    html = render("{% period_picker period %}", "/?region=7&page=3", period=period)
    assert period.label("zh") in html
    assert f"period={period.previous().key}" in html
    assert '<input type="hidden" name="region" value="7">' in html
    assert "page=3" not in html


def test_the_region_picker_offers_what_lies_above_and_below() -> None:
    html = render(
        "{% region_picker path '/regions/options/' children=children %}",
        "/?period=2026-10",
        path=[("示范市", 1), ("临川县", 4)],
        children=[("城关镇", 8)],
    )
    assert "?period=2026-10&amp;region=1" in html
    assert "?period=2026-10&amp;region=8" in html
    assert 'hx-get="/regions/options/"' in html


def ranking() -> charts.Ranking:
    return charts.Ranking(
        "排名",
        "%",
        2,
        places=[
            charts.Place("甲县", Decimal("98.6"), rank=1, rank_low=1, rank_high=2, moved=1, state="met"),
            charts.Place("乙县", None, word="缺报"),
        ],
    )


def test_every_chart_brings_its_table() -> None:
    html = render("{% chart 'rank' spec %}", spec=ranking())
    assert "<td" in html
    assert "98.60" in html
    assert "1–2" in html
    assert "缺报" in html


def test_a_missing_value_stays_a_gap_in_the_data_of_a_chart() -> None:
    trend = charts.Trend("走势", "人", 0, periods=["1月", "2月"], series=[charts.Series("全市", [3, None])])
    assert trend.option()["series"][0]["values"] == [3.0, None]
    assert json.loads(json.dumps(trend.option()))["kind"] == "trend"
    assert trend.rows() == [["1月", "3"], ["2月", "–"]]


def test_a_chart_with_more_than_six_lines_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 6"):
        charts.Trend("", "", 0, periods=["1"], series=[charts.Series(str(n), [n]) for n in range(7)])


def test_text_from_data_cannot_break_out_of_a_chart() -> None:
    spec = charts.Ranking("</script><b>", "%", 0, places=[charts.Place("</script><i>", 1, rank=1)])
    html = render("{% chart 'x' spec %}", spec=spec)
    assert "<i>" not in html
    assert "<b>" not in html
    assert html.count("</script>") == 1


@pytest.mark.parametrize(
    ("lost", "css"),
    [
        (0, "jt-heat-0"),
        ("0.5", "jt-heat-1"),
        ("0.6", "jt-heat-2"),
        (2, "jt-heat-3"),
        (5, "jt-heat-5"),
        (None, ""),
    ],
)
def test_a_scorecard_cell_darkens_with_lost_points(lost: object, css: str) -> None:
    assert render("{% heat_class lost 5 %}", lost=lost) == css


def test_the_english_interface_says_the_same_in_english() -> None:
    with translation.override("en"):
        html = render("{% state_badge 'below' %}{% num None state='not_applicable' %}")
    assert "Past red line" in html
    assert "Not applicable" in html


def test_what_the_machine_did_is_signed_in_the_readers_language() -> None:
    with translation.override("en"):
        assert render("{{ label|signed }}", label=SYSTEM.label) == "System"
        assert render("{{ label|signed }}", label="张三（zhang）") == "张三（zhang）"


def test_one_of_a_thing_is_not_said_in_the_plural() -> None:
    with translation.override("en"):
        assert "event</span>" in render('{% num value "events" %}', value=1)
        assert "events</span>" in render('{% num value "events" %}', value=2)


def test_names_are_parted_as_the_language_does() -> None:
    assert render("{{ names|enumerated }}", names=["甲县", "<乙县>"]) == "甲县、&lt;乙县&gt;"
    with translation.override("en"):
        assert render("{{ names|enumerated }}", names=["A", "B"]) == "A, B"


def test_among_several_nobody_is_chosen_beforehand() -> None:
    several = [(1, "甲"), (2, "乙")]
    assert nothing_chosen(several)[0][0] == ""
    assert nothing_chosen(several)[1:] == several
    assert nothing_chosen(several[:1]) == several[:1]
