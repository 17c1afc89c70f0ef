"""A schedule that waits until every report of its forms is accepted, or goes ahead at its latest moment and says so."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from typer.testing import CliRunner

from jingtu.assessment.reporting import services as reporting
from jingtu.assessment.reporting.definition import Deadline
from jingtu.assessment.reporting.services import Chosen
from jingtu.assessment.runs.models import Run
from jingtu.assessment.schedules import services
from jingtu.assessment.schedules.commands import app
from jingtu.assessment.schedules.coverage import accepted_of, periods_within
from jingtu.assessment.schedules.models import Occurrence, Schedule
from jingtu.assessment.schedules.offering import offered_regions
from jingtu.assessment.schedules.queries import occurrence_rows
from jingtu.assessment.schedules.rules import Cadence, Timing, WaitFor
from jingtu.core.accounts.actors import Anonymous, UserActor
from jingtu.core.kernel.actor import SYSTEM, Permission
from jingtu.core.kernel.clock import frozen
from jingtu.core.kernel.errors import InvalidInput
from jingtu.core.kernel.wall import reading_as
from jingtu.core.regions.reach import Readership
from jingtu.engine.periods import Period
from tests.assessment.office import Office
from tests.assessment.reporting.desk import FORM, PERIOD, Desk, definition, on
from tests.assessment.schedules.test_schedules import NINE, make, tick

DUE = dt.datetime(2026, 11, 5, 1, tzinfo=dt.UTC)
TOWNSHIPS = ("township_a", "township_a2", "township_b")


@pytest.fixture
def desk(office: Office) -> Desk:
    with on(3):
        return Desk(office)


@pytest.fixture
def waiting(desk: Desk) -> Schedule:
    return make(
        desk.office, starts_on=dt.date(2026, 10, 1), wait_for=WaitFor.REPORTS, forms=(FORM,), min_coverage=0
    )


def accept(desk: Desk, *places: str) -> None:
    with on(4):
        for place in places:
            who = "sibling" if place == "township_b" else "own"
            report = desk.submitted(place, desk.cast.actor("reporter", who))
            reviewer = desk.cast.actor("analyst", who)
            reporting.pass_reports(reviewer, [Chosen(report.pk)])
            reporting.pass_reports(desk.city_reviewer, [Chosen(report.pk)])


def test_it_waits_for_the_last_report_though_every_figure_is_there(desk: Desk, waiting: Schedule) -> None:
    desk.office.report("2026-10", {"township_b": (31, 30, 10)})
    accept(desk, "township_a", "township_a2")
    assert tick(DUE) == 0
    one = Occurrence.objects.get()
    assert (one.state, str(one.coverage), one.note[0]) == ("waiting", "66.6", "schedules.waiting_reports")
    found = Client()
    found.force_login(desk.office.analyst.user)
    page = found.get(reverse("schedules:detail", args=[waiting.pk])).content.decode()
    for moment, then in (
        (DUE, "最迟等到2026-11-07 09:00，届时仍未齐的，按现有数据生成并注明。"),
        (DUE + dt.timedelta(days=3), "最迟时间2026-11-07 09:00已过：下一次定时办理"),
    ):
        with frozen(moment):
            told = occurrence_rows(desk.office.analyst, waiting, [one])[0]
        assert told.note.startswith("已审核通过2份报表，共3份（66.6%；未齐：月报 ×1）。" + then)
        assert told.state == "等待报表"
    assert "所选报表全部审核通过" in page
    assert "月报 ×1" in page


def test_the_round_somebody_calls_by_hand_sees_what_came_in(desk: Desk, waiting: Schedule) -> None:
    """The command names nobody; on PostgreSQL nobody has no reports."""
    accept(desk, *TOWNSHIPS)
    with frozen(DUE), reading_as(Anonymous()):
        told = CliRunner().invoke(app, ["tick", "--json"])
    assert (told.exit_code, json.loads(told.stdout)) == (0, {"done": 1})
    one = Occurrence.objects.get()
    assert (one.state, str(one.coverage), one.note[0]) == ("produced", "100.0", "schedules.done_reports")


def test_what_waits_while_the_schedule_rests_is_told_as_what_was_seen_last(
    desk: Desk, waiting: Schedule
) -> None:
    tick(DUE)
    services.pause(desk.office.analyst, waiting.pk)
    waiting.refresh_from_db()
    with override("en"):
        told = occurrence_rows(
            UserActor(desk.office.analyst.user, "en"), waiting, [Occurrence.objects.get()]
        )[0]
    assert "(open: Monthly report ×3). The schedule rests" in told.note
    assert "past its latest moment (2026-11-07 09:00)" in told.note


def test_it_goes_ahead_once_all_are_accepted(desk: Desk, waiting: Schedule) -> None:
    accept(desk, *TOWNSHIPS)
    assert tick(DUE) == 1
    one = Occurrence.objects.get()
    assert (one.state, one.note) == (
        "produced",
        ["schedules.done_reports", {"coverage": "100", "accepted": "3", "asked": "3", "missing": "–"}],
    )


def test_at_the_latest_moment_it_goes_with_what_was_accepted_and_says_how_much(
    desk: Desk, waiting: Schedule
) -> None:
    accept(desk, "township_a")
    assert tick(DUE + dt.timedelta(days=1)) == 0
    assert tick(DUE + dt.timedelta(days=2)) == 1
    one = Occurrence.objects.get()
    assert (one.state, one.note[0]) == ("produced", "schedules.done_incomplete_reports")
    assert (one.note[1]["accepted"], one.note[1]["asked"]) == ("1", "3")
    assert "报表通过率33.3%" in Run.objects.get().note


def test_a_report_opened_again_is_waited_for_again(desk: Desk) -> None:
    accept(desk, *TOWNSHIPS)
    city, period = desk.office.city, Period.parse(PERIOD)
    assert accepted_of(city, [FORM], period).reported == 3
    report = desk.form.reports.get(region=desk.place())
    reporting.unlock_cells(desk.cast.actor("analyst", "ancestor"), report.pk, {"cases": "复核发现多报"})
    found = accepted_of(city, [FORM], period)
    assert (found.reported, found.expected, found.missing) == (2, 3, ((FORM, 1),))
    assert accepted_of(desk.cast.places["county_b"], [FORM], period).missing == ()


def test_a_quarter_waits_for_each_of_its_months(desk: Desk) -> None:
    found = accepted_of(desk.office.city, [FORM], Period.parse("2026-Q4"))
    assert found.expected == 9
    assert [part.key for part in periods_within("month", Period.parse("2026-Q4"))] == [
        "2026-10", "2026-11", "2026-12",
    ]  # fmt: skip
    assert list(periods_within("quarter", Period.parse(PERIOD))) == []


def test_forms_are_named_known_and_no_longer_than_the_rhythm(desk: Desk) -> None:
    quarter = definition(cadence="quarter", deadline=Deadline(5, "working_days", "18:00"))
    reporting.install_form(SYSTEM, "quarterly", desk.cast.tree, quarter)
    for forms, code in (
        ((), "schedules.no_forms"),
        (("nothing",), "schedules.unknown_form"),
        (("quarterly",), "schedules.form_too_long"),
    ):
        with pytest.raises(InvalidInput) as refused:
            make(desk.office, wait_for=WaitFor.REPORTS, forms=forms)
        assert [(one.code, one.column) for one in refused.value.problems] == [(code, "forms")]
    quarterly = Timing(Cadence.QUARTER, 5, False, NINE, 2)
    assert make(desk.office, wait_for=WaitFor.REPORTS, forms=("quarterly",), timing=quarterly).forms


def test_the_monthly_rhythm_starts_from_the_monthly_forms(desk: Desk) -> None:
    found = Client()
    found.force_login(desk.office.analyst.user)
    page = found.get(reverse("schedules:new") + "?preset=monthly")
    assert (page.context["form"].initial["wait_for"], page.context["form"].initial["reports"]) == (
        "reports",
        [FORM],
    )
    assert page.content.decode().count('name="reports"') == 1
    data = {
        **{key: value for key, value in page.context["form"].initial.items() if value is not None},
        "at": "09:00", "starts_on": "2026-10-01", "region": desk.office.city.pk, "scorecard": "card", "reports": [],
    }  # fmt: skip
    refused = found.post(reverse("schedules:new"), data)
    assert refused.status_code == 400
    assert "请选择至少一张报表" in refused.content.decode()
    assert found.post(reverse("schedules:new"), {**data, "reports": [FORM]}).status_code == 302
    assert Schedule.objects.get().forms == [FORM]


def test_a_usual_rhythm_can_be_saved_as_it_is_offered_and_says_in_words_where_no_card_fits(
    desk: Desk,
) -> None:
    found = Client()
    found.force_login(desk.office.analyst.user)
    city = desk.office.city
    listed = found.get(reverse("schedules:list")).content.decode()
    assert listed.count("?preset=monthly") == 2  # above, and with its sentence while there is nothing yet
    for preset, status in (("monthly", 302), ("daily", 400)):
        address = f"{reverse('schedules:new')}?preset={preset}&region={city.pk}"
        form = found.get(address).context["form"]
        offered = {bound.name: bound.value() for bound in form} | {"at": "09:00", "starts_on": "2026-10-01"}
        assert offered["region"] == city.pk
        data = {name: value for name, value in offered.items() if value is not None and value is not False}
        data.setdefault("scorecard", form.fields["scorecard"].choices[0][0])
        answer = found.post(address, data)
        assert answer.status_code == status
    assert "（可用：每月" in answer.content.decode()
    data |= {"cadence": "month", "wait_for": "reports", "reports": ["elsewhere"]}
    assert "elsewhere" in found.post(reverse("schedules:new"), data).content.decode()


def test_the_region_an_address_asks_for_is_offered_far_below_the_own_one_but_never_outside(
    office: Office,
) -> None:
    places = office.cast.places
    national = Readership(places["nation"], "zh", Permission.SCHEDULES_MANAGE)
    assert office.city not in offered_regions(national)
    assert office.city in offered_regions(national, asked=office.city.pk)
    foreign = places["outside_city"]
    assert foreign not in offered_regions(office.analyst, asked=foreign.pk)
