"""The table of a chart as a file: for whoever sees the chart, stamped, with figures as figures."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, StreamingHttpResponse
from django.test import RequestFactory
from openpyxl import load_workbook

from jingtu.core.accounts.rules import Rate
from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.ui.chart_files import chart_file, file_url
from jingtu.core.ui.charts import Bars, Series
from tests.taken import taken_out

CHART = Bars("各规则", "条", 0, ["=危险", "普通"], [Series("发出", [1200, None]), Series("未办结", [3, 0])])


def test_a_page_asked_for_without_a_file_goes_on_as_a_page() -> None:
    request = RequestFactory().get("/alerts/statistics/", {"format": "exe"})
    assert chart_file(request, SYSTEM, CHART, "统计", False) is None
    assert file_url(request) == "?format=csv"


def asked(kind: str) -> HttpRequest:
    request = RequestFactory().get("/alerts/statistics/", {"format": kind, "rule": "x"})
    request.user = AnonymousUser()
    request.by_token = True  # type: ignore[attr-defined]  # nobody at the keyboard to be asked
    return request


@pytest.mark.django_db
def test_the_file_is_stamped_counted_and_safe_to_open() -> None:
    response = chart_file(asked("csv"), SYSTEM, CHART, "统计", True)
    stamp, header, rows = taken_out(response)
    assert (stamp["导出内容"], stamp["筛选条件"], stamp["导出人"]) == ("各规则", "统计", "系统")
    assert header == ["类别", "发出(条)", "未办结(条)"]
    assert rows == [["'=危险", "1200", "3"], ["普通", "–", "0"]]
    assert AuditEntry.objects.get(action="ui.chart_exported").after["rows"] == 2


@pytest.mark.django_db
def test_a_workbook_holds_numbers() -> None:
    response = chart_file(asked("xlsx"), SYSTEM, CHART, "统计", False)
    assert isinstance(response, StreamingHttpResponse)
    page = load_workbook(io.BytesIO(b"".join(response.streaming_content))).worksheets[0]  # type: ignore[arg-type]
    assert [cell.value for cell in page[2]] == ["=危险", 1200, 3]


@pytest.mark.django_db
def test_files_of_charts_are_counted_at_the_door_of_exports(settings: Any) -> None:
    settings.RATE_LIMITS = {"export": Rate(1, 0.001)}
    request = asked("csv")
    request.user = get_user_model().objects.create(username="reader")
    assert chart_file(request, SYSTEM, CHART, "统计", False).status_code == 200  # type: ignore[union-attr]
    refused = chart_file(request, SYSTEM, CHART, "统计", False)
    assert refused is not None
    assert refused.status_code == 429
    assert AuditEntry.objects.filter(action="ui.chart_exported").count() == 1


def test_bars_have_a_table_twin_and_at_most_six_series() -> None:
    assert CHART.columns() == [("类别", False), ("发出(条)", True), ("未办结(条)", True)]
    assert CHART.rows() == [["=危险", "1,200", "3"], ["普通", "–", "0"]]
    with pytest.raises(ValueError, match="at most 6"):
        Bars("x", "", 0, ["a"], [Series(str(n), [1]) for n in range(7)])
