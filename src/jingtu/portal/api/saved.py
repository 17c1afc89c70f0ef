"""Saved views: addresses of pages under a name, the caller's own and those shared with the caller's unit."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from jingtu.core.accounts.access import actor_of
from jingtu.portal.saved import queries, services
from jingtu.portal.saved.models import SavedView
from jingtu.portal.saved.rules import LONGEST

from .schemas import Body, Id

router = Router(tags=["me"])


class ViewOut(Schema):
    """A page with its filters under a name. `shared_with`: own id of the region or unit it is offered to."""

    id: int
    name: str
    address: str
    shared_with: int | None
    home: bool
    created_at: dt.datetime


class Views(Schema):
    """The caller's own views in their order, and those of others that are offered to the caller."""

    items: list[ViewOut]
    shared: list[ViewOut]


class NewView(Body):
    """A page of the site to keep: path and query, without page numbers. `home`: the day begins with it."""

    name: Annotated[str, Field(max_length=60, pattern=r"\S")]
    address: Annotated[str, Field(max_length=LONGEST)]
    share_with: Id | None = None
    home: bool = False


@router.get("/saved-views", response=Views, summary="保存的视图")
def list_saved_views(request: HttpRequest) -> Views:
    """What a view shows is always what its reader may see: it holds an address and nothing else."""
    actor = actor_of(request)
    return Views(
        items=[_view(view) for view in queries.own_views(actor)],
        shared=[_view(view) for view in queries.shared_views(actor)],
    )


@router.post("/saved-views", response={201: ViewOut}, summary="保存视图")
def create_saved_view(request: HttpRequest, new: NewView) -> Status[ViewOut]:
    """Keep a page for the caller; shared only with regions and units inside the caller's posts."""
    made = services.save_view(
        actor_of(request), new.name, new.address, share_with=new.share_with, home=new.home
    )
    return Status(201, _view(made))


@router.post("/saved-views/{int:view_id}/remove", response=ViewOut, summary="删除视图")
def remove_saved_view(request: HttpRequest, view_id: Id) -> ViewOut:
    """Take one of the caller's own off the list; the page of views can bring it back."""
    return _view(services.remove_view(actor_of(request), view_id))


def _view(view: SavedView) -> ViewOut:
    return ViewOut(
        id=view.pk,
        name=view.name,
        address=view.address,
        shared_with=view.shared_with_id,
        home=view.is_home,
        created_at=view.created_at,
    )
