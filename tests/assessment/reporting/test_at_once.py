"""Two people at the same moment: real threads, each with a connection of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jingtu.assessment.reporting import services
from jingtu.assessment.reporting.definition_text import read_sections
from jingtu.assessment.reporting.models import Cell, Report, ReportEvent
from jingtu.assessment.reporting.services import Chosen, Entry
from jingtu.core.facts.models import FactBatch
from jingtu.core.kernel.actor import SYSTEM, Actor
from jingtu.core.notifications.models import Notice
from tests.assessment.office import Office
from tests.assessment.reporting.desk import FORM, PERIOD, Desk, definition, on
from tests.together import together

pytestmark = [pytest.mark.usefixtures("own_store"), pytest.mark.django_db(transaction=True)]

OPTIONAL = read_sections("# 人员 | People\ndue optional\ndone optional\ncases optional")


@pytest.fixture
def desk() -> Desk:
    with on(3):
        return Desk(Office())


def in_november(deed: Callable[[], Any], day: int = 3) -> Callable[[], Any]:
    """Threads do not share the frozen clock."""

    def work() -> Any:
        with on(day):
            return deed()

    return work


def types(desk: Desk, actor: Actor, text: str) -> Callable[[], Any]:
    entry = Entry(desk.place(), "due", text)
    return in_november(lambda: services.save_cells(actor, FORM, PERIOD, [entry]))


def test_of_two_who_begin_a_report_at_once_one_is_told_of_the_other(desk: Desk) -> None:
    outcomes = together(
        [types(desk, desk.reporter, "41"), types(desk, desk.cast.actor("reporter", "own"), "44")]
    )
    assert sorted(len(outcome.saved) for outcome in outcomes) == [0, 1], outcomes
    assert sorted(len(outcome.conflicts) for outcome in outcomes) == [0, 1]
    assert Report.objects.count() == 1
    assert Cell.objects.get().version == 1


def test_a_form_without_a_typed_cell_handed_in_twice_at_once_is_handed_in_once(desk: Desk) -> None:
    with on(3):
        services.install_form(SYSTEM, FORM, desk.cast.tree, definition(sections=OPTIONAL))
    deed = in_november(lambda: services.submit(desk.reporter, FORM, PERIOD, desk.place()))
    outcomes = together([deed, deed])
    assert [getattr(outcome, "state", outcome) for outcome in outcomes] == ["submitted", "submitted"]
    assert (Report.objects.count(), ReportEvent.objects.filter(action="submit").count()) == (1, 1)


def test_of_two_who_accept_and_return_at_once_one_wins(desk: Desk) -> None:
    with on(3):
        report = desk.submitted()
        services.pass_reports(desk.county_analyst, [Chosen(report.pk)])
    report.refresh_from_db()
    city, other = desk.city_reviewer, desk.cast.actor("analyst", "ancestor")
    batches = FactBatch.objects.count()
    results = together(
        [
            in_november(lambda: services.pass_reports(city, [Chosen(report.pk, report.revision)])),
            in_november(
                lambda: services.return_cells(other, report.pk, {"due": "核对台账"}, report.revision)
            ),
        ]
    )
    assert sum(type(result).__name__ == "Conflict" for result in results) == 1, results
    report.refresh_from_db()
    accepted = report.state == "accepted"
    assert FactBatch.objects.count() == batches + accepted


def test_two_tickers_remind_once(desk: Desk) -> None:
    together([in_november(services.send_reminders, 12), in_november(services.send_reminders, 12)])
    user = desk.cast.user("reporter", "descendant")
    assert Notice.objects.filter(recipient=user, params__period=PERIOD).count() == 1
