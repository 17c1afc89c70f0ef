"""Reminders, proxies, hand-over, boards, burden: who is told what, and who may stand in for whom."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jingtu.assessment.reporting import queries, services
from jingtu.assessment.reporting.definition_text import read_sections
from jingtu.assessment.reporting.duties import waiting_reports
from jingtu.assessment.reporting.models import Reminder, Report
from jingtu.assessment.reporting.queries import boards
from jingtu.assessment.reporting.queries.due import places_asked, places_in, published_forms
from jingtu.assessment.reporting.services import Entry
from jingtu.core.accounts.models import Post
from jingtu.core.facts.services import store_elements
from jingtu.core.jobs.timers import tick
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.errors import Conflict, InvalidInput, PermissionDenied
from jingtu.core.notifications.models import Notice
from jingtu.engine.elements import Element, ElementKind
from jingtu.engine.periods import Period
from tests.assessment.reporting.desk import FORM, PERIOD, Desk, definition, moment, on
from tests.taken import taken_out


def told(desk: Desk, relation: str = "descendant") -> list[str]:
    user = desk.cast.user("reporter", relation)
    october = Notice.objects.filter(recipient=user, params__period=PERIOD)
    return [notice.code for notice in october.order_by("pk")]


def test_each_reminder_comes_once_and_goes_to_the_post_nearest_to_the_unit(desk: Desk) -> None:
    tick(SYSTEM)
    assert told(desk) == []  # on the third there are more than two days left
    with on(5):
        tick(SYSTEM)
        tick(SYSTEM)
    assert told(desk) == ["reporting.remind_before"]
    # The county's reporter has the other township to himself, and is not told of this one.
    notice = Notice.objects.get(recipient=desk.cast.user("reporter", "own"), params__period=PERIOD)
    assert "甲二镇" in notice.body
    assert "甲一镇" not in notice.body
    assert told(desk, "ancestor") == []
    with on(6):
        tick(SYSTEM)
    with on(9):
        tick(SYSTEM)
        tick(SYSTEM)
    assert told(desk) == ["reporting.remind_before", "reporting.remind_at", "reporting.remind_after"]


def test_after_a_standstill_only_the_reminder_that_is_right_now_is_sent(desk: Desk) -> None:
    with on(12):
        tick(SYSTEM)
    assert told(desk) == ["reporting.remind_after"]


def test_who_has_handed_in_is_left_in_peace(desk: Desk) -> None:
    desk.submitted()
    with on(12):
        tick(SYSTEM)
        with pytest.raises(InvalidInput, match="no unit"):
            services.remind(desk.cast.actor("reviewer", "own"), FORM, PERIOD, [desk.place()])
    assert told(desk) == []


def test_nobody_is_reminded_of_a_period_that_has_not_begun(desk: Desk) -> None:
    with on(14), pytest.raises(InvalidInput, match="2027-03-01"):
        services.remind(desk.cast.actor("reviewer", "own"), FORM, "2027-03")
    assert not Notice.objects.filter(params__period="2027-03").exists()


def test_a_reviewer_reminds_by_hand_once_a_day_and_only_in_his_own_area(desk: Desk) -> None:
    county = desk.cast.actor("reviewer", "own")
    with on(12):
        assert services.remind(county, FORM, PERIOD) == 2
        assert services.remind(county, FORM, PERIOD) == 0
    with on(13):
        assert services.remind(county, FORM, PERIOD) == 2
        with pytest.raises(PermissionDenied):
            services.remind(desk.reporter, FORM, PERIOD)
    assert not Reminder.objects.filter(region=desk.cast.places["township_b"]).exists()


def test_a_proxy_fills_in_once_approved_for_as_long_as_agreed_and_no_further_than_the_reporter(
    desk: Desk,
) -> None:
    stand_in = desk.cast.user("leader", "descendant")
    proxy = services.ask_proxy(
        desk.reporter,
        desk.cast.places["township_a"],
        stand_in.username,
        dt.date(2026, 11, 3),
        dt.date(2026, 11, 5),
        "出差",
    )

    def types(day: int) -> services.Outcome:
        with on(day):
            return services.save_cells(
                desk.cast.actor("leader", "descendant"),
                FORM,
                PERIOD,
                [Entry(desk.place(), "due", str(day + 38), day - 3)],
            )

    with pytest.raises(PermissionDenied):
        types(3)
    with pytest.raises(PermissionDenied):
        services.decide_proxy(desk.cast.actor("reviewer", "sibling"), proxy.pk, True)
    services.decide_proxy(desk.cast.actor("reviewer", "own"), proxy.pk, True)
    assert types(3).saved
    with on(4):
        assert queries.due_lines(desk.cast.actor("leader", "descendant"))
        assert not queries.due_lines(desk.cast.actor("leader", "own"))
    with pytest.raises(PermissionDenied):
        types(6)
    Post.objects.filter(user=desk.cast.user("reporter", "descendant")).update(ended_at=moment(3))
    with pytest.raises(PermissionDenied):
        types(4)


def test_nobody_decides_on_their_own_proxy_and_an_outsider_is_none(desk: Desk) -> None:
    county = desk.cast.places["county_a"]
    outsider = desk.cast.user("reporter", "outsider").username
    day = dt.date(2026, 11, 4)
    with pytest.raises(InvalidInput, match="no post"):
        services.ask_proxy(desk.cast.actor("reporter", "own"), county, outsider, day, day, "出差")
    reviewer = desk.cast.user("reviewer", "own")
    proxy = services.ask_proxy(
        desk.cast.actor("reporter", "own"), county, reviewer.username, day, day, "出差"
    )
    with pytest.raises(Conflict):
        services.decide_proxy(desk.cast.actor("reviewer", "own"), proxy.pk, True)


def test_open_drafts_are_handed_to_somebody_who_fills_in_there(desk: Desk) -> None:
    desk.type({"due": "41"})
    report = Report.objects.get()
    county = desk.cast.actor("reporter", "own")
    assert [found.pk for found in queries.open_reports_of_others(county)] == [report.pk]
    with pytest.raises(InvalidInput, match="does not fill in"):
        services.hand_over(county, [report.pk], desk.cast.user("leader", "own").username, "调离")
    assert services.hand_over(county, [report.pk], desk.cast.user("reporter", "own").username, "调离") == 1
    report.refresh_from_db()
    assert report.holder == desk.cast.user("reporter", "own")
    assert "调离" in report.events.get(action="take_over").note


def test_completeness_and_timeliness_count_first_submissions(desk: Desk) -> None:
    desk.submitted()
    with on(12):
        desk.submitted("township_a2", desk.cast.actor("reporter", "own"))
        found = queries.progress(
            desk.cast.actor("leader", "ancestor"), dt.date(2026, 11, 1), dt.date(2026, 11, 12)
        )
        assert (found.whole.due, found.whole.handed_in, found.whole.on_time) == (3, 2, 1)
        assert (found.whole.complete_percent, found.whole.on_time_percent) == ("66.7", "33.3")
        own = queries.progress(
            desk.cast.actor("reporter", "descendant"), dt.date(2026, 11, 1), dt.date(2026, 11, 12)
        )
        assert [unit.region and unit.region.name for unit in own.units] == ["甲一镇"]


def test_what_reporting_itself_knows_is_filled_in_and_locked(desk: Desk) -> None:
    store_elements(
        SYSTEM,
        [
            *_standing().values(),
            Element("reports_due", "应报报表", "Reports due", ElementKind.FLOW, "reports"),
            Element("reports_on_time", "按时报送", "In time", ElementKind.FLOW, "reports"),
        ],
    )
    services.install_form(
        SYSTEM,
        "duty",
        desk.cast.tree,
        definition(sections=read_sections("# 报送 | Reports\nreports_due\nreports_on_time")),
    )
    desk.submitted()
    desk.submitted("township_a2", desk.cast.actor("reporter", "own"))
    with on(2, month=12):
        page = queries.grid_one(desk.reporter, "duty", "2026-11", desk.place())
    # October's two forms fell due in November; one of them came.
    assert [(cell.figure, cell.open) for cell in page.units[0].cells] == [("2", False), ("1", False)]
    assert page.units[0].cells[0].link.startswith("/reports/progress/")


def _standing() -> dict[str, Element]:
    from jingtu.core.facts.queries import elements

    return dict(elements(SYSTEM))


def test_the_burden_counts_what_was_typed_and_names_what_was_asked_twice(desk: Desk) -> None:
    desk.submitted()
    services.install_form(
        SYSTEM, "again", desk.cast.tree, definition(sections=read_sections("# x | x\ncases"))
    )
    found = queries.burden(desk.cast.actor("analyst", "own"), Period.parse(PERIOD))
    assert [(unit.region.name, unit.typed) for unit in found.units] == [("甲一镇", 3)]
    assert found.per_unit == "3.0"
    assert [(each.element, [form.code for form in each.forms]) for each in found.twice] == [
        ("cases", ["again", "monthly"])
    ]
    assert [each.typed_again for each in found.twice] == [0]
    services.save_cells(desk.reporter, "again", PERIOD, [Entry(desk.place(), "cases", "6", 0)])
    services.submit(desk.reporter, "again", PERIOD, desk.place())
    found = queries.burden(desk.cast.actor("analyst", "own"), Period.parse(PERIOD))
    assert [each.typed_again for each in found.twice] == [1]
    # A month without a report is no month in which nothing was typed.
    assert [(month.reports, month.typed) for month in found.trend[-2:]] == [(0, 0), (2, 4)]
    assert queries.burden(desk.cast.actor("analyst", "sibling"), Period.parse(PERIOD)).units == []


def test_reports_that_came_otherwise_are_registered_from_the_facts_without_changing_them(desk: Desk) -> None:
    from jingtu.core.facts.models import FactBatch

    batches = FactBatch.objects.count()
    arrived = {desk.place(): moment(4, month=10), desk.place("township_b"): moment(20, month=10)}
    made = services.receive_reports(SYSTEM, FORM, "2026-09", arrived, "由导入文件登记")
    assert {report.region_id for report in made} == set(arrived)
    assert services.receive_reports(SYSTEM, FORM, "2026-09", arrived, "再来一次") == []
    assert FactBatch.objects.count() == batches
    report = Report.objects.get(region_id=desk.place())
    assert {cell.key: cell.value for cell in report.cells.all()} == {"due": 40, "done": 39, "cases": 5}
    services.unlock_cells(desk.cast.actor("analyst", "ancestor"), report.pk, {"cases": "复核多报"})
    assert desk.type({"cases": "4"}, period="2026-09").saved


def test_a_board_reads_only_places_its_forms_may_be_asked_of(desk: Desk) -> None:
    forms = published_forms()
    levels = {version.content.who.level for _, versions in forms for version in versions}
    assert levels == {"township"}
    assert {place.level for place in places_in(None)} > levels
    asked = places_asked(None, forms)
    assert asked == [place for place in places_in(None) if place.level in levels]
    assert places_asked(None, []) == []


@pytest.mark.parametrize("name", ["missing", "progress", "burden", "proxies", "review"])
def test_pages_of_boards_stand_at_their_number_of_queries(desk: Desk, name: str) -> None:
    client = Client()
    with on(12):
        client.force_login(desk.cast.user("analyst", "ancestor"))
        client.get(reverse(f"reporting:{name}"))

    def count() -> int:
        with on(12), CaptureQueriesContext(connection) as asked:
            answer = client.get(reverse(f"reporting:{name}"))
        assert answer.status_code == 200
        return len(asked)

    desk.submitted()
    before = count()
    desk.submitted("township_a2", desk.cast.actor("reporter", "own"))
    assert count() <= before
    assert before <= 30


def test_the_export_names_every_unit_and_is_written_down(desk: Desk) -> None:
    from jingtu.core.audit.models import AuditEntry

    desk.submitted()
    client = Client()
    client.force_login(desk.cast.user("reviewer", "ancestor"))
    answer = client.post(reverse("reporting:export"), {"form": FORM, "period": PERIOD})
    stamp, _head, rows = taken_out(answer)
    assert {"甲一镇", "甲二镇", "乙一镇"} <= {row[1] for row in rows}
    entry = AuditEntry.objects.get(action="reporting.exported")
    assert entry.after == {"rows": len(rows), "filter": stamp["筛选条件"]}
    assert stamp["导出登记"] == f"#{entry.sequence}"
    assert "reviewer" in stamp["水印"]


def test_what_was_sent_back_stays_on_the_list_however_old_it_is(desk: Desk) -> None:
    report = desk.accepted()
    assert [line.period.key for line in queries.due_lines(desk.reporter)] == ["2026-09", "2026-11"]
    with on(2, month=2, year=2027):
        assert PERIOD not in [line.period.key for line in queries.due_lines(desk.reporter)]
        services.unlock_cells(desk.city_reviewer, report.pk, {"done": "重复统计"})
        line = queries.due_lines(desk.reporter)[0]
        assert (line.period.key, line.only and line.only.pk) == (PERIOD, desk.place())
        assert {state.value: count for state, count in line.states.items()} == {"reopened": 1}
        assert any("2026年10月" in duty.detail for duty in waiting_reports(desk.reporter))
        assert PERIOD not in [
            line.period.key for line in queries.due_lines(desk.cast.actor("reporter", "sibling"))
        ]
        desk.type({"done": "39"})
        services.submit(desk.reporter, FORM, PERIOD, desk.place())
        assert PERIOD not in [line.period.key for line in queries.due_lines(desk.reporter)]


def test_whoever_owes_a_report_for_months_is_still_named(desk: Desk) -> None:
    with on(2, month=2, year=2027):
        lines = {line.period.key: line for line in queries.missing_lines(desk.city_reviewer)}
        assert {"2026-09", PERIOD, "2027-01"} <= set(lines)
        assert desk.place() in {unit.pk for unit in lines[PERIOD].units}


def test_timeliness_names_every_unit_however_many_there_are(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boards, "MOST_IDS", 1)
    with on(20):
        found = queries.progress(desk.city_reviewer, dt.date(2026, 11, 1), dt.date(2026, 11, 20))
    assert {unit.region.pk for unit in found.units if unit.region} == {
        desk.place(key) for key in ("township_a", "township_a2", "township_b")
    }
