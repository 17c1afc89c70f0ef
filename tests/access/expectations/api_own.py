"""The API's doors to what is one's own: subscriptions, saved views, looking back; nobody reaches those of others."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from jingtu.assessment.simulations.retrospecting import Wanted
from jingtu.assessment.simulations.services import start_look_back
from jingtu.assessment.subscriptions import services as subscriptions
from jingtu.portal.saved import services as saved
from tests.access.cast import Cast, Member
from tests.access.doors import NO_ONE, Known, Row, business, everyone_signed_in, roles
from tests.assessment.office import Office

JSON = "application/json"
OWNER = roles("leader", relations=("own",))
ANALYST = frozenset({("analyst", "ancestor")})
READERS = business("own", "ancestor", "descendant", "sibling")


def prepare(cast: Cast) -> Known:
    office = Office(cast)
    run = office.published()
    leader, county = cast.actor("leader", "own"), cast.places["county_a"]
    subscription = subscriptions.save(
        leader, name="本县", regions=[county.pk], indicators=["CASES"], cadence="weekly", way="inside"
    )
    view = saved.save_view(leader, "本县预警", "/alerts/", share_with=county.pk)
    job = start_look_back(office.analyst, run.pk, Wanted())
    return {
        "subscription": subscription.pk,
        "view": view.pk,
        "run": run.pk,
        "job": job.pk,
        "county": county.pk,
    }


def own_subscriptions_only(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {one["id"] for one in response.json()["items"]}  # type: ignore[attr-defined]
    assert shown == ({known["subscription"]} if (member.role, member.relation) in OWNER else set())


def views_own_or_shared(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    answer = response.json()  # type: ignore[attr-defined]
    mine = (member.role, member.relation) in OWNER
    assert [view["id"] for view in answer["items"]] == ([known["view"]] if mine else [])
    offered = member.relation in ("own", "descendant") and not mine
    assert [view["id"] for view in answer["shared"]] == ([known["view"]] if offered else [])


def wish(known: Known) -> dict[str, Any]:
    return {"name": "新的", "regions": [known["county"]], "indicators": ["CASES"]}


def subscription(known: Known) -> dict[str, int]:
    return {"subscription_id": known["subscription"]}


def view(known: Known) -> dict[str, int]:
    return {"view_id": known["view"]}


def run(known: Known) -> dict[str, int]:
    return {"run_id": known["run"]}


def job(known: Known) -> dict[str, int]:
    return {"run_id": known["run"], "job_id": known["job"]}


ROWS = [
    Row("api:v1:list_subscriptions", open_to=business(), sees=own_subscriptions_only),
    Row("api:v1:get_subscription", kwargs=subscription, open_to=OWNER),
    # Whoever may not read the results of county A gets as far as being told so.
    Row(
        "api:v1:create_subscription",
        method="POST",
        data=wish,
        content_type=JSON,
        open_to=business(),
        admitted=(201, 422),
    ),
    Row(
        "api:v1:change_subscription",
        method="POST",
        kwargs=subscription,
        data=wish,
        content_type=JSON,
        open_to=OWNER,
        refused=(403, 404, 422),
    ),
    Row("api:v1:end_subscription", method="POST", kwargs=subscription, content_type=JSON, open_to=OWNER),
    Row("api:v1:list_saved_views", open_to=everyone_signed_in(), sees=views_own_or_shared),
    Row(
        "api:v1:create_saved_view",
        method="POST",
        data=lambda known: {"name": "新的", "address": "/alerts/?page=2"},
        content_type=JSON,
        open_to=everyone_signed_in(),
    ),
    Row("api:v1:remove_saved_view", method="POST", kwargs=view, content_type=JSON, open_to=OWNER),
    Row(
        "api:v1:remove_saved_view",
        method="POST",
        kwargs=lambda known: {"view_id": 10**9},
        content_type=JSON,
        open_to=NO_ONE,
    ),
    Row(
        "api:v1:start_retrospect",
        method="POST",
        kwargs=run,
        data=lambda known: {},
        content_type=JSON,
        open_to=READERS,
    ),
    Row("api:v1:get_retrospect", kwargs=job, open_to=ANALYST),
]
