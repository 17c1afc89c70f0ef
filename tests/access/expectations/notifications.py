"""Everybody has their own notices and nobody else's."""

from __future__ import annotations

from django.http import HttpResponse

from jingtu.core.notifications.models import Notice
from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, everyone_signed_in, roles


def prepare(cast: Cast) -> Known:
    notice = Notice.objects.create(recipient=cast.user("analyst", "own"), code="test.notice")
    return {"notice": notice.pk}


def own_only(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    expected = 1 if (member.role, member.relation) == ("analyst", "own") else 0
    assert response.context["page"].paginator.count == expected  # type: ignore[attr-defined]


def own_count(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    expected = b"1" if (member.role, member.relation) == ("analyst", "own") else b""
    assert response.content == expected


ROWS = [
    Row("notifications:list", open_to=everyone_signed_in(), sees=own_only),
    Row("notifications:unread", open_to=everyone_signed_in(), sees=own_count),
    Row("notifications:read-all", method="POST", open_to=everyone_signed_in()),
    Row(
        "notifications:read",
        method="POST",
        kwargs=lambda known: {"notice_id": known["notice"]},
        open_to=roles("analyst", relations=("own",)),
    ),
]
