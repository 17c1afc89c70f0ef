"""The subscription of county A's leader: nobody else's business. Ending one from a message needs no sign-in."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from jingtu.assessment.subscriptions import services
from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, business, everyone, roles
from tests.assessment.office import Office

OWNER = roles("leader", relations=("own",))


def prepare(cast: Cast) -> Known:
    office = Office(cast)
    found = services.save(
        cast.actor("leader", "own"),
        name="本县",
        regions=[office.cast.places["county_a"].pk],
        indicators=["CASES"],
        cadence="weekly",
        way="inside",
    )
    return {"subscription": found.pk, "token": found.token}


def own_only(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    mine = (member.role, member.relation) in OWNER
    assert response.context["page"].paginator.count == int(mine)  # type: ignore[attr-defined]


def this(known: Known) -> dict[str, Any]:
    return {"subscription_id": known["subscription"]}


def token(known: Known) -> dict[str, Any]:
    return {"token": known["token"]}


ROWS = [
    Row("subscriptions:list", open_to=business(), sees=own_only),
    Row("subscriptions:new", open_to=business()),
    Row(
        "subscriptions:new",
        method="POST",
        data=lambda known: {"name": ""},
        open_to=business(),
        admitted=(400,),
    ),
    Row("subscriptions:detail", kwargs=this, open_to=OWNER),
    Row("subscriptions:edit", kwargs=this, open_to=OWNER),
    Row("subscriptions:end", method="POST", kwargs=this, open_to=OWNER),
    Row("subscriptions:stop", kwargs=token, open_to=everyone()),
    Row("subscriptions:stop", method="POST", kwargs=token, open_to=everyone()),
]
