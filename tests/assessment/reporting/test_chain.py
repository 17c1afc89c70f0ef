"""Who looks at a report next: shown on its page, told by a notice, and the same everywhere it is asked."""

from __future__ import annotations

from django.db import transaction
from django.test import Client
from django.urls import reverse

from jingtu.assessment.reporting import queries, services
from jingtu.assessment.reporting.chain import waits_for
from jingtu.assessment.reporting.duties import waiting_reports
from jingtu.assessment.reporting.models import Report
from jingtu.assessment.reporting.services import Chosen
from jingtu.core.accounts.actors import UserActor
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import Conflict, PermissionDenied
from jingtu.core.notifications.models import Notice
from tests.assessment.reporting.desk import FORM, PERIOD, Desk, on


def page_of(desk: Desk, role: str, scope: str, place: str = "township_a") -> str:
    found = Client()
    found.force_login(desk.cast.user(role, scope))
    answer = found.get(reverse("reporting:fill", args=[FORM, PERIOD, desk.place(place)]))
    assert answer.status_code == 200
    return answer.content.decode()


def steps(desk: Desk, actor: Actor, place: str = "township_a") -> list[tuple[str, str, str, int]]:
    unit = queries.grid_one(actor, FORM, PERIOD, desk.place(place)).units[0]
    return [(step.place, step.standing, step.by, step.days) for step in unit.chain]


def test_reporter_and_reviewer_see_who_looks_at_the_report_in_which_order_and_since_when(desk: Desk) -> None:
    county, city = desk.cast.places["county_a"].name, desk.cast.places["city"].name
    assert steps(desk, desk.reporter) == [(county, "later", "", 0), (city, "later", "", 0)]
    report = desk.submitted()
    with on(6):  # three working days on
        for actor in (desk.reporter, desk.county_analyst):
            assert steps(desk, actor) == [(county, "waiting", "", 3), (city, "later", "", 0)]
        page = page_of(desk, "reporter", "descendant")
        assert "自 2026-11-03 10:00 起 · 3 个工作日" in page.replace("&nbsp;", " ")
        for role, scope in (("analyst", "own"), ("reviewer", "own"), ("reviewer", "ancestor")):
            assert desk.cast.user(role, scope).full_name in page
        services.pass_reports(desk.county_analyst, [Chosen(report.pk)])
        passed = steps(desk, desk.reporter)
        assert passed == [(county, "passed", desk.county_analyst.label, 0), (city, "waiting", "", 0)]
        services.return_cells(desk.city_reviewer, report.pk, {"done": "与台账不符", "due": "与台账不符"})
        assert [standing for _place, standing, *_ in steps(desk, desk.reporter)] == ["later", "later"]
    acts = queries.grid_one(desk.reporter, FORM, PERIOD, desk.place()).units[0].acts
    assert [(act.action, list(act.cells), act.note) for act in acts] == [
        ("return", ["应到人数", "已到人数"], "与台账不符"),
        ("pass", [], ""),
        ("submit", [], ""),
    ]


def test_whoever_typed_a_figure_is_not_named_among_those_who_may_review_it(desk: Desk) -> None:
    report = desk.submitted()
    Report.objects.filter(pk=report.pk).update(submitted_by=desk.cast.user("analyst", "own"))
    people = queries.grid_one(desk.reporter, FORM, PERIOD, desk.place()).units[0].chain[0].people
    assert desk.cast.user("reviewer", "own").full_name in people
    assert desk.cast.user("analyst", "own").full_name not in people


def test_each_step_of_the_review_is_told_when_its_turn_comes(desk: Desk) -> None:
    def told(code: str) -> set[str]:
        return set(Notice.objects.filter(code=code).values_list("recipient__username", flat=True))

    report = desk.submitted()
    county = {desk.cast.user(role, "own").username for role in ("analyst", "reviewer")}
    city = {desk.cast.user(role, "ancestor").username for role in ("analyst", "reviewer")}
    assert told("reporting.submitted") == county
    services.pass_reports(desk.county_analyst, [Chosen(report.pk)])
    assert told("reporting.passed") == city
    services.pass_reports(desk.city_reviewer, [Chosen(report.pk)])
    assert told("reporting.passed") == city


class Undone(Exception):
    """Takes an act back that was only tried."""


def passes(actor: Actor, report_id: int) -> bool:
    """Whether the actor can pass the report; it is as before afterwards."""
    try:
        with transaction.atomic():
            services.pass_reports(actor, [Chosen(report_id)])
            raise Undone
    except Undone:
        return True
    except (PermissionDenied, Conflict):
        return False


def test_what_is_said_to_wait_for_somebody_is_what_they_can_pass(desk: Desk) -> None:
    first = desk.submitted()
    second = desk.submitted("township_a2", desk.cast.actor("reporter", "own"))
    third = desk.submitted("township_b", desk.cast.actor("reporter", "sibling"))
    services.pass_reports(desk.county_analyst, [Chosen(second.pk)])
    services.pass_reports(desk.cast.actor("analyst", "ancestor"), [Chosen(third.pk)])
    reports = {report.pk for report in (first, second, third)}
    told = 0
    for member in desk.cast:
        actor = member.actor
        if not isinstance(actor, UserActor):
            continue
        able = {pk for pk in reports if passes(actor, pk)}
        assert set(Report.objects.filter(waits_for(actor)).values_list("pk", flat=True)) == able, member.name
        counts = [duty.count for duty in waiting_reports(actor) if "state=mine" in duty.url]
        assert counts == ([len(able)] if able else []), member.name
        told += len(able)
    assert told > 3


def test_the_board_offers_no_tick_for_what_would_refuse_the_whole_selection(desk: Desk) -> None:
    desk.submitted()
    desk.submitted("township_a2", desk.cast.actor("reporter", "own"))
    own = desk.submitted("township_b", desk.cast.actor("reporter", "sibling"))
    Report.objects.filter(pk=own.pk).update(submitted_by=desk.cast.user("analyst", "ancestor"))
    found = Client()
    found.force_login(desk.cast.user("analyst", "ancestor"))
    board = reverse("reporting:review") + f"?period={PERIOD}"
    assert found.get(board).content.decode().count('name="report"') == 2
    assert found.get(f"{board}&state=mine").content.decode().count('name="report"') == 2
    assert desk.cast.places["township_b"].name not in found.get(f"{board}&state=mine").content.decode()
