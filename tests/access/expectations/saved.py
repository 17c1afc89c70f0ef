"""Everybody keeps views of their own; nobody touches those of others, and sharing widens nobody's rights."""

from __future__ import annotations

from django.http import HttpResponse

from jingtu.portal.saved.models import SavedView
from tests.access.cast import Cast, Member
from tests.access.doors import NO_ONE, Known, Row, everyone_signed_in


def prepare(cast: Cast) -> Known:
    owner = cast.user("leader", "own")
    county = cast.places["county_a"]
    shared = SavedView.objects.create(
        owner=owner, name="共享的", address="/?period=2026-09", shared_with=county, place=0
    )
    stranger = SavedView.objects.create(
        owner=cast.user("auditor"), name="审计员自己的", address="/indicators/", place=0
    )
    return {"shared": shared.pk, "stranger": stranger.pk}


INSIDE = ("own", "descendant")


def shows_shared_views_to_their_unit(
    response: HttpResponse, member: Member, cast: Cast, known: Known
) -> None:
    text = response.content.decode()
    holds_post_inside = member.relation in INSIDE
    assert ("共享的" in text) == holds_post_inside, (member.role, member.relation)
    assert ("审计员自己的" in text) == (member.role == "auditor")


ROWS = [
    Row("saved:list", open_to=everyone_signed_in(), sees=shows_shared_views_to_their_unit),
    # Without a post there are no rooms; the page of the own account asks for the menu all the same.
    Row("saved:menu", open_to=everyone_signed_in(), refused=(204,), sees=shows_shared_views_to_their_unit),
    Row("saved:start", open_to=everyone_signed_in()),
    Row("saved:new", open_to=everyone_signed_in()),
    # Somebody else's view is not there, for whomever: only its owner renames, orders or removes it.
    Row("saved:edit", kwargs=lambda known: {"view_id": 10**9}, open_to=NO_ONE),
    Row(
        "saved:act",
        method="POST",
        kwargs=lambda known: {"view_id": 10**9, "action": "remove"},
        open_to=NO_ONE,
    ),
]
