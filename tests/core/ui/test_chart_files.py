"""The table of a chart as a file: for whoever sees the chart, stamped, with figures as figures."""

from __future__ import annotations

import io

import pytest
from django.test import RequestFactory
from openpyxl import load_workbook

from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.ui.chart_files import chart_file, file_url
from jingtu.core.ui.charts import Bars, Series

CHART = Bars("各规则", "条", 0, ["=危险", "普通"], [Series("发出", [1200, None])])


def test_a_page_asked_for_without_a_file_goes_on_as_a_page() -> None:
    request = RequestFactory().get("/alerts/statistics/", {"format": "exe"})
    assert chart_file(request, SYSTEM, CHART, "统计", False) is None
    assert file_url(request) == "?format=csv"


@pytest.mark.django_db
def test_the_file_is_stamped_counted_and_safe_to_open() -> None:
    request = RequestFactory().get("/alerts/statistics/", {"format": "csv", "rule": "x"})
    response = chart_file(request, SYSTEM, CHART, "统计", True)
    assert response is not None
    text = response.content.decode("utf-8-sig")
    for said in ("共 2 行", "统计 · 各规则", "导出人：系统", "虚构示范数据", "'=危险,1200", "普通,–"):
        assert said in text
    assert AuditEntry.objects.get(action="ui.chart_exported").after["rows"] == 2


@pytest.mark.django_db
def test_a_workbook_holds_numbers() -> None:
    request = RequestFactory().get("/x/", {"format": "xlsx"})
    response = chart_file(request, SYSTEM, CHART, "统计", False)
    assert response is not None
    page = load_workbook(io.BytesIO(response.content)).worksheets[0]
    assert [cell.value for cell in page[2]] == ["=危险", 1200]


def test_bars_have_a_table_twin_and_at_most_six_series() -> None:
    assert CHART.columns() == [("类别", False), ("发出(条)", True)]
    assert CHART.rows() == [["=危险", "1,200"], ["普通", "–"]]
    with pytest.raises(ValueError, match="at most 6"):
        Bars("x", "", 0, ["a"], [Series(str(n), [1]) for n in range(7)])
