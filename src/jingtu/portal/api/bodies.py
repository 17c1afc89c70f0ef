"""Bodies of the chain of responsibility and who sits in them, to be read."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from jingtu.core.accounts.access import actor_of
from jingtu.core.kernel.clock import today
from jingtu.governance.duties.bodies import queries
from jingtu.governance.duties.bodies.models import Body
from jingtu.governance.duties.bodies.queries import Wanted
from jingtu.governance.duties.bodies.words import title_words

from . import paging
from .regions import place_of
from .schemas import Id, Place, UnitOut, unit_of

router = Router(tags=["bodies"])
Kind = Literal["", "committee", "leading_group", "headquarters", "office", "team"]


class BodyOut(Schema):
    """A body of a place. `parent`: to which it answers; `team`: what a special team is for; `document`: on which it
    rests; `indicators`: for which it answers."""

    id: int
    region: Place
    kind: str
    team: str
    name: str
    name_en: str
    parent: int | None
    document: str
    indicators: list[str]
    founded: dt.date | None
    dissolved: dt.date | None


class BodyRow(BodyOut):
    """A body with the number of members in office."""

    in_office: int


class BodyPage(Schema):
    """A page of bodies, the newest first."""

    items: list[BodyRow]
    next: str | None


class BodyMemberOut(Schema):
    """Somebody who sits in the body by virtue of a post; both days of the term are inclusive."""

    title: str
    title_zh: str
    title_en: str
    name: str
    post: str
    unit: UnitOut | None
    starts: dt.date
    ends: dt.date | None


class BodyDetail(BodyOut):
    """A body with its duties, its members and the bodies that answer to it."""

    duties: str
    dissolved_why: str
    members: list[BodyMemberOut]
    below: list[int]


@router.get("/bodies", response=BodyPage, summary="机构列表")
def list_bodies(
    request: HttpRequest,
    kind: Kind = "",
    text: Annotated[str, Field(max_length=100)] = "",
    region: Id | None = None,
    dissolved: bool = False,
    limit: paging.Limit = 50,
    cursor: paging.Cursor = "",
) -> BodyPage:
    """Bodies of the caller's own area, the newest first; those dissolved only when asked for."""
    wanted = Wanted(search=text, kind=kind, region_id=region, dissolved=dissolved)
    rows = queries.bodies(actor_of(request), wanted)
    found, following = paging.newest_first(rows, limit, cursor, wanted=wanted)
    return BodyPage(
        items=[BodyRow(**_body(one), in_office=getattr(one, "in_office", 0)) for one in found],
        next=following,
    )


@router.get("/bodies/{int:body_id}", response=BodyDetail, summary="一个机构")
def get_body(request: HttpRequest, body_id: Id, former: bool = False) -> BodyDetail:
    """One body with its members in office; `former`: all there ever were."""
    actor = actor_of(request)
    body = queries.get_body(actor, body_id)
    words = title_words(body.kind)
    return BodyDetail(
        **_body(body),
        duties=body.duties,
        dissolved_why=body.dissolved_why,
        members=[
            BodyMemberOut(
                title=one.title,
                title_zh=words[one.title][0],
                title_en=words[one.title][1],
                name=one.who,
                post=one.post,
                unit=unit_of(one.unit),
                starts=one.starts,
                ends=one.ends,
            )
            for one in queries.members(actor, body, None if former else today())
        ],
        below=[one.pk for one in queries.bodies(actor).filter(parent=body)],
    )


def _body(body: Body) -> dict[str, Any]:
    return {
        "id": body.pk,
        "region": place_of(body.region),
        "kind": body.kind,
        "team": body.team,
        "name": body.name,
        "name_en": body.name_en,
        "parent": body.parent_id,
        "document": body.document,
        "indicators": body.indicators,
        "founded": body.founded,
        "dissolved": body.dissolved,
    }
