"""Everybody has their own notices and wishes and nobody else's; channels are the system administrator's."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from jingtu.core.notifications.models import Channel, Notice
from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, everyone_signed_in, roles

KEEPER = roles("system_administrator")


def prepare(cast: Cast) -> Known:
    notice = Notice.objects.create(recipient=cast.user("analyst", "own"), code="test.notice")
    # Nothing can be decrypted from this, so no row sends anything anywhere.
    channel = Channel.objects.create(name="邮件", kind="email", secret="v1:lost", enabled=False)
    return {"notice": notice.pk, "channel": channel.pk}


def own_only(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    expected = 1 if (member.role, member.relation) == ("analyst", "own") else 0
    assert response.context["page"].paginator.count == expected  # type: ignore[attr-defined]


def own_count(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    expected = b"1" if (member.role, member.relation) == ("analyst", "own") else b""
    assert response.content == expected


def this_channel(known: Known) -> dict[str, Any]:
    return {"channel_id": known["channel"]}


ROWS = [
    Row("notifications:list", open_to=everyone_signed_in(), sees=own_only),
    # Without a post there is nothing to count; the page of the own account asks all the same.
    Row("notifications:unread", open_to=everyone_signed_in(), refused=(204,), sees=own_count),
    Row("notifications:read-all", method="POST", open_to=everyone_signed_in()),
    Row(
        "notifications:read",
        method="POST",
        kwargs=lambda known: {"notice_id": known["notice"]},
        open_to=roles("analyst", relations=("own",)),
    ),
    Row("notifications:preferences", open_to=everyone_signed_in()),
    Row(
        "notifications:preferences",
        method="POST",
        data=lambda known: {"mode": "weekly"},
        open_to=everyone_signed_in(),
    ),
    Row("notifications:channels", open_to=KEEPER),
    Row(
        "notifications:channels",
        method="POST",
        data=lambda known: {"name": "群"},
        open_to=KEEPER,
        admitted=(400,),
    ),
    Row("notifications:channel", kwargs=this_channel, open_to=KEEPER),
    Row("notifications:channel", method="POST", kwargs=this_channel, open_to=KEEPER),
    Row("notifications:try-channel", method="POST", kwargs=this_channel, open_to=KEEPER, admitted=(409,)),
    Row("notifications:deliveries", open_to=KEEPER),
]
