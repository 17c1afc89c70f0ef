"""Listings for rectification, to be read: what stands, by what criteria, how far it has come."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from jingtu.core.accounts.access import actor_of
from jingtu.governance.accountability.listings import queries
from jingtu.governance.accountability.listings.models import Listing
from jingtu.governance.accountability.listings.queries import ListingFilter

from . import paging
from .regions import place_of
from .schemas import Id, Place

router = Router(tags=["listings"])
Stage = Literal["", "before", "running", "watch", "over"]
Problem = Literal["", "outflow", "transit", "production", "use", "other"]
ClassCode = Annotated[str, Field(max_length=32, description="Code of the class: listed, focused …")]


class ListingOut(Schema):
    """A region (or a venue in it) that is listed, was listed, or is proposed and has been told."""

    id: int
    region: Place
    venue: str | None
    class_code: str
    class_zh: str
    class_en: str
    problem: str
    level: str
    state: str
    noticed_on: dt.date | None
    listed_on: dt.date | None
    due_on: dt.date | None
    delisted_on: dt.date | None
    watch_until: dt.date | None
    document_number: str
    former: int | None


class ListingCriterionOut(Schema):
    """One criterion: frozen at entry, now, what is required, and the straight line to the last day of the term."""

    code: str
    name_zh: str
    name_en: str
    entry: Decimal | None
    now: Decimal | None
    required: str
    met: bool | None
    forecast: Decimal | None


class ListingStepOut(Schema):
    """One thing that was done."""

    act: str
    state: str
    on: dt.date
    document_number: str


class ListingDetail(ListingOut):
    """A listing with criteria, course, and what the caller may do with it now (on the pages)."""

    grounds: str
    leader: str
    criteria: list[ListingCriterionOut]
    steps: list[ListingStepOut]
    actions: list[str]


class ListingPageOut(Schema):
    """A page of listings, the newest first."""

    items: list[ListingOut]
    next: str | None


@router.get("/listings", response=ListingPageOut, summary="挂牌台账")
def list_listings(
    request: HttpRequest,
    stage: Stage = "",
    class_code: ClassCode = "",
    problem: Problem = "",
    limit: paging.Limit = 50,
    cursor: paging.Cursor = "",
) -> ListingPageOut:
    """Listings of the caller's own area, the newest first; a proposal only after the place was told, or from above."""
    wanted = ListingFilter(stage=stage, class_code=class_code, problem=problem)
    found, following = paging.newest_first(
        queries.listings(actor_of(request), wanted), limit, cursor, wanted=wanted
    )
    return ListingPageOut(items=[_listing(one) for one in found], next=following)


@router.get("/listings/{int:listing_id}", response=ListingDetail, summary="一件挂牌")
def get_listing(request: HttpRequest, listing_id: Id) -> ListingDetail:
    """One listing with its criteria and course."""
    page = queries.listing_page(actor_of(request), listing_id)
    return ListingDetail(
        **_listing(page.listing).dict(),
        grounds=page.listing.grounds,
        leader=page.listing.leader,
        criteria=[
            ListingCriterionOut(
                code=row.row.code,
                name_zh=row.row.name_zh,
                name_en=row.row.name_en,
                entry=row.row.entry_value,
                now=row.now,
                required=row.row.required,
                met=row.met,
                forecast=row.forecast,
            )
            for row in page.criteria
        ],
        steps=[
            ListingStepOut(act=step.act, state=step.state, on=step.on, document_number=step.document_number)
            for step, _files in page.steps
        ],
        actions=[act.value for act in page.acts],
    )


def _listing(one: Listing) -> ListingOut:
    return ListingOut(
        id=one.pk,
        region=place_of(one.region),
        venue=one.venue.name if one.venue else None,
        class_code=one.class_code,
        class_zh=one.class_zh,
        class_en=one.class_en,
        problem=one.problem,
        level=one.level,
        state=one.state,
        noticed_on=one.noticed_on,
        listed_on=one.listed_on,
        due_on=one.due_on,
        delisted_on=one.delisted_on,
        watch_until=one.watch_until,
        document_number=one.document_number,
        former=one.former_id,
    )
