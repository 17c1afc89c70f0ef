"""Appeals in a run of the city, about a number of county A: one filed, one accepted."""

from __future__ import annotations

from django.http import HttpResponse

from jingtu.assessment.appeals import services
from jingtu.assessment.runs import services as runs
from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, business, everyone_signed_in, roles
from tests.assessment.office import Office

JSON = "application/json"
TEXT = "甲二镇9月到位人数漏报，附登记台账"
# The region itself, and those above who examine or decide; neither siblings nor those below.
SEERS = business("own") | roles("analyst", "reviewer", relations=("ancestor",))
FILERS = roles("analyst", "reporter", relations=("own",))
EXAMINERS = roles("analyst", "reviewer", relations=("ancestor",))
DECIDERS = roles("reviewer", relations=("ancestor",))


def prepare(cast: Cast) -> Known:
    office = Office(cast)
    run = runs.open_for_appeal(office.reviewer, office.in_review().pk, days=5)
    county, reporter = cast.places["county_a"].pk, cast.actor("reporter", "own")

    def file(key: str) -> int:
        return services.file_appeal(reporter, run.pk, county, "RATE", key, text=TEXT).pk

    accepted = file("operand:denominator")
    services.accept(office.analyst, accepted)
    return {
        "run": run.pk,
        "county": county,
        "filed": file("indicator"),
        "accepted": accepted,
        "fact": f"fact:{cast.places['township_a2'].pk}:done:2026-09:",
    }


def lists_only_what_may_be_known(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {appeal.pk for appeal in response.context["page"]}  # type: ignore[attr-defined]
    who = (member.role, member.relation)
    assert shown == ({known["filed"], known["accepted"]} if who in SEERS else set()), member.name


def listed_as_far_as_may_be_known(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {row["id"] for row in response.json()["items"]}  # type: ignore[attr-defined]
    who = (member.role, member.relation)
    assert shown == ({known["filed"], known["accepted"]} if who in SEERS else set()), member.name


def offers_only_the_own_places(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    runs_shown = response.context["runs"]  # type: ignore[attr-defined]
    inside = member.relation in {"own", "descendant", "sibling"}
    assert [one.run.pk for one in runs_shown] == ([known["run"]] if inside else []), member.name


def hides_figures_of_few(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    exact = member.role in {"analyst", "reviewer", "reporter"}
    assert response.context["page"].exact is exact, member.name  # type: ignore[attr-defined]


def _own(known: Known) -> dict[str, object]:
    return {"run_id": known["run"], "region_id": known["county"]}


def _appeal(name: str):
    return lambda known: {"appeal_id": known[name]}


def _reason(known: Known) -> dict[str, str]:
    return {"reason": "经核对材料"}


ROWS = [
    Row("appeals:list", open_to=business(), sees=lists_only_what_may_be_known),
    Row("appeals:open", open_to=roles("analyst", "reporter"), sees=offers_only_the_own_places),
    Row("appeals:card", kwargs=_own, open_to=FILERS),
    Row("appeals:new", kwargs=lambda known: {**_own(known), "indicator": "RATE"}, open_to=FILERS),
    Row(
        "appeals:new",
        method="POST",
        kwargs=lambda known: {**_own(known), "indicator": "RATE"},
        data=lambda known: {"key": known["fact"], "text": TEXT},
        open_to=FILERS,
    ),
    Row("appeals:detail", kwargs=_appeal("filed"), open_to=SEERS, sees=hides_figures_of_few),
    Row("appeals:accept", kwargs=_appeal("filed"), method="POST", open_to=EXAMINERS),
    Row("appeals:dismiss", kwargs=_appeal("filed"), method="POST", data=_reason, open_to=DECIDERS),
    Row(
        "appeals:decide",
        kwargs=_appeal("accepted"),
        method="POST",
        data=lambda known: {"outcome": "rejected", "reason": "材料不足以证明"},
        open_to=DECIDERS,
    ),
    Row("appeals:decide", kwargs=_appeal("accepted"), open_to=DECIDERS),
    Row("appeals:withdraw", kwargs=_appeal("filed"), method="POST", data=_reason, open_to=FILERS),
    Row(
        "appeals:add",
        kwargs=_appeal("filed"),
        method="POST",
        data=lambda known: {"text": "再补充说明"},
        open_to=FILERS,
    ),
    Row("api:v1:list_appeals", open_to=everyone_signed_in(), sees=listed_as_far_as_may_be_known),
    Row(
        "api:v1:list_disputable",
        kwargs=lambda known: {**_own(known), "indicator": "RATE"},
        open_to=FILERS,
    ),
    Row(
        "api:v1:file_appeal",
        method="POST",
        content_type=JSON,
        data=lambda known: {
            "run": known["run"],
            "region": known["county"],
            "indicator": "RATE",
            "key": known["fact"],
            "text": TEXT,
        },
        open_to=FILERS,
    ),
    Row("api:v1:get_appeal", kwargs=_appeal("filed"), open_to=SEERS),
    Row(
        "api:v1:accept_appeal",
        method="POST",
        content_type=JSON,
        kwargs=_appeal("filed"),
        data=lambda known: {},
        open_to=EXAMINERS,
    ),
    Row(
        "api:v1:dismiss_appeal",
        method="POST",
        content_type=JSON,
        kwargs=_appeal("filed"),
        data=_reason,
        open_to=DECIDERS,
    ),
    Row(
        "api:v1:decide_appeal",
        method="POST",
        content_type=JSON,
        kwargs=_appeal("accepted"),
        data=lambda known: {"outcome": "rejected", "reason": "材料不足以证明"},
        open_to=DECIDERS,
    ),
    Row(
        "api:v1:withdraw_appeal",
        method="POST",
        content_type=JSON,
        kwargs=_appeal("filed"),
        data=_reason,
        open_to=FILERS,
    ),
]
