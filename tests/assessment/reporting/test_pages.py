"""The pages: what is due, the grid, saving while one types, deciding, drawing forms up."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from jingtu.assessment.reporting import services
from jingtu.assessment.reporting.definition import Who
from jingtu.assessment.reporting.models import Cell, Form, Report
from jingtu.assessment.reporting.services import Chosen
from jingtu.assessment.reporting.views.filling import _grid_words
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.regions.models import PeerGroup
from tests.assessment.reporting.desk import FORM, PERIOD, Desk, definition

Counted = Any


def client(desk: Desk, role: str, relation: str = "") -> Client:
    found = Client()
    found.force_login(desk.cast.user(role, relation))
    return found


def address(desk: Desk, name: str = "fill", place: str = "township_a") -> str:
    return reverse(f"reporting:{name}", args=[FORM, PERIOD, desk.place(place)])


def save(found: Client, desk: Desk, **texts: str) -> dict[str, Any]:
    cells = [{"region": desk.place(), "key": key, "text": text, "version": 0} for key, text in texts.items()]
    answer = found.post(
        reverse("reporting:save", args=[FORM, PERIOD]),
        json.dumps({"cells": cells}),
        content_type="application/json",
    )
    assert answer.status_code == 200, answer.content.decode()
    return dict(answer.json())


def test_a_reporter_finds_the_form_types_and_hands_it_in(desk: Desk) -> None:
    reporter = client(desk, "reporter", "descendant")
    listed = reporter.get(reverse("reporting:due")).content.decode()
    assert "2026年10月" in listed
    assert address(desk) in listed
    told = save(reporter, desk, due="41", done="45")
    assert [saved["version"] for saved in told["saved"]] == [1, 1]
    assert [problem["key"] for problem in told["units"][str(desk.place())]["problems"]] == ["done"]
    assert "3" in reporter.get(address(desk)).content.decode()
    refused = reporter.post(address(desk, "submit"), follow=True).content.decode()
    assert "还不能提交：2处" in refused
    told = reporter.post(
        reverse("reporting:save", args=[FORM, PERIOD]),
        json.dumps(
            {
                "cells": [
                    {"region": desk.place(), "key": "done", "text": "40", "version": 1},
                    {"region": desk.place(), "key": "cases", "text": "6", "version": 0},
                ]
            }
        ),
        content_type="application/json",
    ).json()
    assert not told["refused"]
    assert "已提交，等待审核" in reporter.post(address(desk, "submit"), follow=True).content.decode()


def test_the_last_figures_and_those_of_a_year_ago_stand_beside_the_cells(desk: Desk) -> None:
    desk.office.report("2025-10", {"township_a": (777, 33, 4)})
    page = client(desk, "reporter", "descendant").get(address(desk)).content.decode()
    assert ">39<" in page  # September
    assert ">777<" in page


def test_a_county_fills_in_for_its_townships_in_one_table(desk: Desk) -> None:
    county = client(desk, "reporter", "own")
    page = county.get(reverse("reporting:fill-many", args=[FORM, PERIOD])).content.decode()
    assert "甲一镇" in page
    assert "甲二镇" in page
    assert "乙一镇" not in page
    assert page.count("data-rp-cell") == 4  # two townships, the two elements of the first section


def test_a_reviewer_returns_one_cell_and_its_reason_stands_beside_it(desk: Desk) -> None:
    report = desk.submitted()
    reviewer = client(desk, "analyst", "own")
    page = reviewer.get(address(desk)).content.decode()
    assert 'name="cell" value="done"' in page
    back = reviewer.post(
        reverse("reporting:decide", args=[report.pk]),
        {"act": "return", "cell": "done", "reason": "与台账不符", "revision": report.revision},
        follow=True,
    ).content.decode()
    assert "已退回所选各格" in back
    own = client(desk, "reporter", "descendant").get(address(desk)).content.decode()
    assert "与台账不符" in own
    assert own.count("data-rp-cell") == 1


def test_the_board_passes_many_at_once(desk: Desk) -> None:
    reports = [desk.submitted(), desk.submitted("township_a2", desk.cast.actor("reporter", "own"))]
    reviewer = client(desk, "analyst", "ancestor")
    page = reviewer.get(reverse("reporting:review") + f"?period={PERIOD}").content.decode()
    assert page.count('name="report"') == 2
    answer = reviewer.post(
        reverse("reporting:accept"),
        {"report": [f"{report.pk}:{report.revision}" for report in reports], "back": "//elsewhere.example/"},
    )
    assert answer.headers["Location"] == reverse("reporting:review")
    assert set(Report.objects.values_list("state", flat=True)) == {"in_review"}


def test_queries_do_not_grow_with_units(desk: Desk, django_assert_num_queries: Counted) -> None:
    county = client(desk, "reporter", "own")
    reviewer = client(desk, "analyst", "ancestor")
    many = reverse("reporting:fill-many", args=[FORM, PERIOD])
    board = reverse("reporting:review") + f"?period={PERIOD}"
    for page in (county.get(many), reviewer.get(board), county.get(reverse("reporting:due"))):
        assert page.status_code == 200

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count(found: Client, url: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert found.get(url).status_code == 200
        return len(queries)

    desk.submitted()
    before = [count(county, many), count(reviewer, board), count(county, reverse("reporting:due"))]
    desk.submitted("township_a2", desk.cast.actor("reporter", "own"))
    after = [count(county, many), count(reviewer, board), count(county, reverse("reporting:due"))]
    assert after == before
    assert max(after) <= 32


def test_passing_many_reports_asks_no_more_than_passing_one(desk: Desk) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    one = desk.submitted()
    with CaptureQueriesContext(connection) as single:
        services.pass_reports(desk.cast.actor("analyst", "own"), [Chosen(one.pk)])
    two = [
        desk.submitted("township_a2", desk.cast.actor("reporter", "own")),
        desk.submitted("township_b", desk.cast.actor("reporter", "sibling")),
    ]
    with CaptureQueriesContext(connection) as double:
        services.pass_reports(desk.cast.actor("analyst", "ancestor"), [Chosen(report.pk) for report in two])
    assert len(double) <= len(single) + 1


def test_a_form_is_drawn_up_previewed_and_published_on_screen(desk: Desk) -> None:
    admin = client(desk, "system_administrator")
    data = {
        "code": "weekly",
        "tree": "cast",
        "name_zh": "周报",
        "name_en": "Weekly report",
        "cadence": "week",
        "level": "county",
        "days": "1",
        "counting": "days",
        "at": "12:00",
        "review": "city",
        "valid_from": "2026-01-01",
        "sections": "# 案件 | Cases\ncases\nnonsense\n",
    }
    page = admin.post(reverse("reporting:form-new"), data, follow=True).content.decode()
    assert "没有数据元素“nonsense”" in page
    refused = admin.post(reverse("reporting:form-publish", args=["weekly"]), follow=True).content.decode()
    assert "没有数据元素" in refused
    data["sections"] = "# 案件 | Cases\ncases optional\n"
    admin.post(reverse("reporting:form-edit", args=["weekly"]), data)
    done = admin.post(reverse("reporting:form-publish", args=["weekly"]), follow=True).content.decode()
    assert "第1版已发布" in done
    county = client(desk, "reporter", "own").get(reverse("reporting:due")).content.decode()
    assert "周报" in county


@pytest.mark.parametrize("line", ["cases by", "cases by=x=y z", "cases always", "ca ses"])
def test_a_line_that_is_not_understood_is_named(desk: Desk, line: str) -> None:
    admin = client(desk, "system_administrator")
    data = {
        "code": "odd", "tree": "cast", "name_zh": "x", "name_en": "x", "cadence": "month", "days": "1",
        "counting": "days", "at": "12:00", "review": "city", "valid_from": "2026-01-01", "sections": line,
    }  # fmt: skip
    answer = admin.post(reverse("reporting:form-new"), data)
    assert answer.status_code == 400
    assert "第1行" in answer.content.decode()
    assert not Form.objects.filter(code="odd").exists()


def test_nonsense_sent_to_save_is_refused_in_words(desk: Desk) -> None:
    reporter = client(desk, "reporter", "descendant")
    url = reverse("reporting:save", args=[FORM, PERIOD])
    for body in ("", "[]", '{"cells": [{"key": "due"}]}', '{"cells": [{"region": "x", "key": "due"}]}'):
        assert reporter.post(url, body, content_type="application/json").status_code == 400
    assert not Cell.objects.exists()


def test_numbers_no_row_can_have_and_days_no_calendar_has_find_nothing(desk: Desk) -> None:
    desk.submitted()
    endless, form = str(2**70), {"form": FORM, "period": PERIOD}
    reporter, analyst = client(desk, "reporter", "own"), client(desk, "analyst", "own")
    cells = {"cells": [{"region": 2**70, "key": "due", "text": "1"}]}
    here = [FORM, PERIOD]
    answers = [
        analyst.get(reverse("reporting:fill", args=[*here, 2**70])),
        reporter.post(reverse("reporting:save", args=here), json.dumps(cells), "application/json"),
        reporter.post(reverse("reporting:save", args=here), "[" * 100_000, "application/json"),
        reporter.post(reverse("reporting:save", args=here), '{"cells": [null]}', "application/json"),
        reporter.post(reverse("reporting:submit-many", args=here), {"region": endless}),
        reporter.post(reverse("reporting:handover"), {"report": endless, "reason": "交接"}),
        analyst.post(reverse("reporting:accept"), {"report": f"{endless}:1"}),
        analyst.post(reverse("reporting:remind"), {**form, "region": endless}),
        analyst.get(reverse("reporting:progress"), {"from": "0001-01-01", "to": "0001-01-02"}),
        analyst.post(reverse("alerts:acknowledge-many"), {"alert": endless}),
    ]
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []


def test_the_history_of_no_cell_leads_back_to_the_report(desk: Desk) -> None:
    answer = client(desk, "analyst", "own").get(address(desk, "history"))
    assert answer.headers["Location"] == address(desk, "fill")


def test_the_words_of_the_grid_count_one_cell_as_one() -> None:
    with translation.override("en"):
        words = _grid_words()
    assert words["unsaved"] == ["{n} cell is wrong and not saved", "{n} cells are wrong and not saved"]
    assert all(len(set(forms)) == 2 for forms in words.values() if isinstance(forms, list))


def test_the_history_of_a_cell_names_everybody(desk: Desk) -> None:
    report = desk.submitted()
    services.return_cells(desk.county_analyst, report.pk, {"done": "与台账不符"})
    desk.type({"done": "39"})
    page = client(desk, "analyst", "own").get(address(desk, "history") + "?cell=done").content.decode()
    for words in ("reporter descendant", "analyst own", "与台账不符", ">40<", ">39<"):
        assert words in page


def test_the_list_of_forms_calls_regions_and_groups_by_their_names(desk: Desk) -> None:
    group = PeerGroup.objects.create(
        tree=desk.cast.tree, code="urban", name_zh="城区组", name_en="Urban group"
    )
    group.members.add(desk.cast.places["county_a"])
    services.install_form(
        SYSTEM, "urban", desk.cast.tree, definition(who=Who(level="township", within="310100", group="urban"))
    )
    page = client(desk, "reporter", "own").get(reverse("reporting:forms")).content.decode()
    assert "本市之内" in page
    assert "分组“城区组”" in page
