"""Schedules as programs read them: who was asked, what is waited for, what went wrong."""

from __future__ import annotations

import datetime as dt

from jingtu.assessment.schedules import consent
from jingtu.assessment.schedules.models import Schedule
from jingtu.assessment.schedules.rules import WaitFor
from jingtu.core.accounts.actors import UserActor
from jingtu.core.kernel.clock import frozen
from tests.assessment.office import Office
from tests.assessment.reporting.desk import FORM, Desk, on
from tests.assessment.schedules.test_schedules import OCTOBER_5, make
from tests.portal.api.conftest import Program


def test_consent_what_is_waited_for_and_trouble_are_told(office: Office, analyst: Program) -> None:
    with on(3):
        Desk(office)
    colleague = UserActor(office.cast.user("reviewer", "ancestor"))
    with frozen(OCTOBER_5):
        waiting = make(office, wait_for=WaitFor.REPORTS, forms=(FORM,), min_coverage=0)
    Schedule.objects.filter(pk=waiting.pk).update(
        on_behalf=colleague.user_id,
        consent="asked",
        trouble=["schedules.broken", {"reference": "ab12"}],
        trouble_at=OCTOBER_5,
        next_try_at=OCTOBER_5 + dt.timedelta(minutes=5),
    )
    [told] = analyst.get("/schedules").json()["items"]
    assert (told["consent"], told["wait_for"], told["forms"]) == ("asked", "reports", [FORM])
    assert told["on_behalf"] in told["lacking"]
    assert "ab12" in told["trouble"]
    assert (told["trouble_at"], told["next_try_at"]) == ("2026-10-05T01:00:00Z", "2026-10-05T01:05:00Z")
    consent.agree(colleague, waiting.pk)
    Schedule.objects.update(trouble=[], wait_for="coverage", forms=[], min_coverage=90)
    [told] = analyst.get("/schedules").json()["items"]
    assert (told["consent"], told["lacking"], told["trouble"]) == ("given", "", "")
    assert (told["wait_for"], told["min_coverage"], told["wait_days"]) == ("coverage", 90, waiting.wait_days)
    assert told["answered_at"]
