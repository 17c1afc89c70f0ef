"""A schedule over the townships of county A, with the calendar around it."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse

from jingtu.assessment.schedules import services
from jingtu.assessment.schedules.rules import Cadence, Timing
from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, everyone_signed_in, roles
from tests.assessment.office import Office

READERS = roles("analyst", "reviewer", relations=("own", "ancestor"))
MANAGERS = roles("analyst", relations=("own", "ancestor"))


def prepare(cast: Cast) -> Known:
    Office(cast)
    analyst = cast.actor("analyst", "own")
    wanted = services.Plan(
        region_id=cast.places["county_a"].pk,
        name="乡镇月考核",
        scorecard="card",
        timing=Timing(Cadence.MONTH, 5, True, dt.time(9, 0), 3),
        min_coverage=90,
        on_behalf=analyst.user_id,
        starts_on=dt.date(2026, 9, 1),
        level="township",
    )
    return {"schedule": services.save(analyst, wanted).pk, "county": cast.places["county_a"].pk}


def lists_only_the_own(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {row.schedule.pk for row in response.context["rows"]}  # type: ignore[attr-defined]
    assert shown == ({known["schedule"]} if (member.role, member.relation) in READERS else set())


def listed_as_far_as_may_be_known(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {row["id"] for row in response.json()["items"]}  # type: ignore[attr-defined]
    assert shown == ({known["schedule"]} if (member.role, member.relation) in READERS else set())


def _one(known: Known) -> dict[str, int]:
    return {"schedule_id": known["schedule"]}


def _form(known: Known) -> dict[str, str]:
    return {"region": str(known["county"]), "name": "x"}


ROWS = [
    Row("schedules:list", open_to=roles("analyst", "reviewer"), sees=lists_only_the_own),
    Row("schedules:calendar", open_to=roles("analyst", "reviewer")),
    Row("schedules:new", open_to=roles("analyst")),
    Row("schedules:new", method="POST", data=_form, open_to=frozenset(), refused=(400, 403)),
    Row("schedules:detail", kwargs=_one, open_to=READERS),
    Row("schedules:edit", kwargs=_one, open_to=MANAGERS),
    Row("schedules:edit", method="POST", kwargs=_one, data=_form, open_to=MANAGERS, admitted=(400,)),
    # Only the person named may answer; everybody else who may read it is told so.
    Row(
        "schedules:answer",
        method="POST",
        kwargs=_one,
        data=lambda known: {"agree": "1"},
        open_to=roles("analyst", relations=("own",)),
        refused=(403, 404, 409),
    ),
    Row("schedules:pause", method="POST", kwargs=_one, open_to=MANAGERS),
    Row("schedules:enable", method="POST", kwargs=_one, open_to=MANAGERS),
    Row("schedules:run-now", method="POST", kwargs=_one, open_to=MANAGERS, admitted=(302, 409)),
    Row("api:v1:list_schedules", open_to=everyone_signed_in(), sees=listed_as_far_as_may_be_known),
    Row("api:v1:list_occurrences", open_to=everyone_signed_in()),
    Row(
        "api:v1:run_schedule",
        method="POST",
        content_type="application/json",
        kwargs=_one,
        data=lambda known: {},
        open_to=MANAGERS,
        admitted=(200, 409),
    ),
]
