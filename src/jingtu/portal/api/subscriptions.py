"""The caller's own subscriptions: made, changed and ended as on the pages, read with the rights of this moment."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from jingtu.assessment.subscriptions import queries, services
from jingtu.assessment.subscriptions.figures import Figure, figures
from jingtu.assessment.subscriptions.models import Subscription
from jingtu.assessment.subscriptions.rules import MOST_INDICATORS, MOST_REGIONS
from jingtu.core.accounts.access import actor_of
from jingtu.core.accounts.actors import UserActor
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import PermissionDenied

from .schemas import Body, Code, Id, number

router = Router(tags=["me"])
Rhythm = Literal["weekly", "monthly"]
Way = Literal["inside", "email", "group"]


class SubscriptionOut(Schema):
    """What the caller wants to be told of: `indicators` of `regions` (own ids). Not `active`: ended from a message."""

    id: int
    name: str
    regions: list[int]
    indicators: list[str]
    cadence: str
    way: str
    channel: int | None
    active: bool
    next_on: dt.date
    last_on: dt.date | None


class Subscriptions(Schema):
    """The caller's own, by name."""

    items: list[SubscriptionOut]


class FigureOut(Schema):
    """The latest published figure of one indicator of one region. No value: hidden from the caller, or none."""

    region: int
    name: str
    indicator: str
    period: str
    value: str | None
    unit: str
    change: str | None


class SubscriptionDetail(SubscriptionOut):
    """A subscription with the latest published figures the caller may read now."""

    figures: list[FigureOut]


class Wish(Body):
    """A subscription as a whole; `channel` is the group to write to where `way` is `group`."""

    name: Annotated[str, Field(max_length=64, pattern=r"\S")]
    regions: Annotated[list[Id], Field(min_length=1, max_length=MOST_REGIONS)]
    indicators: Annotated[list[Code], Field(min_length=1, max_length=MOST_INDICATORS)]
    cadence: Rhythm = "weekly"
    way: Way = "inside"
    channel: Id | None = None


@router.get("/subscriptions", response=Subscriptions, summary="我的订阅")
def list_subscriptions(request: HttpRequest) -> Subscriptions:
    """The caller's own subscriptions; nobody sees those of others."""
    return Subscriptions(items=[_plain(found) for found in queries.subscriptions(_reader(request))])


@router.get("/subscriptions/{int:subscription_id}", response=SubscriptionDetail, summary="一份订阅")
def get_subscription(request: HttpRequest, subscription_id: Id) -> SubscriptionDetail:
    """One of the caller's own with its latest published figures."""
    return _detail(_reader(request), subscription_id)


@router.post("/subscriptions", response={201: SubscriptionDetail}, summary="新建订阅")
def create_subscription(request: HttpRequest, wish: Wish) -> Status[SubscriptionDetail]:
    """Make a subscription for the caller. Regions must be the caller's to read."""
    actor = actor_of(request)
    return Status(201, _detail(actor, _saved(actor, wish).pk))


@router.post("/subscriptions/{int:subscription_id}", response=SubscriptionDetail, summary="修改订阅")
def change_subscription(request: HttpRequest, subscription_id: Id, wish: Wish) -> SubscriptionDetail:
    """Change one of the caller's own as a whole; one that was ended from a message begins again."""
    actor = actor_of(request)
    _saved(actor, wish, subscription_id)
    return _detail(actor, subscription_id)


@router.post("/subscriptions/{int:subscription_id}/end", response=SubscriptionOut, summary="退订")
def end_subscription(request: HttpRequest, subscription_id: Id) -> SubscriptionOut:
    """End one of the caller's own; the answer says what it was."""
    actor = actor_of(request)
    ended = _plain(queries.get_subscription(actor, subscription_id))
    services.end(actor, subscription_id)
    return SubscriptionOut(**(ended.dict() | {"active": False}))


def _reader(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    if not isinstance(actor, UserActor) or not actor.can(Permission.RESULTS_READ):
        raise PermissionDenied(Permission.RESULTS_READ)
    return actor


def _saved(actor: Actor, wish: Wish, subscription_id: int | None = None) -> Subscription:
    return services.save(
        actor,
        name=wish.name,
        regions=wish.regions,
        indicators=wish.indicators,
        cadence=wish.cadence,
        way=wish.way,
        channel_id=wish.channel,
        subscription_id=subscription_id,
    )


def _detail(actor: Actor, subscription_id: int) -> SubscriptionDetail:
    found = queries.get_subscription(actor, subscription_id)
    return SubscriptionDetail(
        **_plain(found).dict(), figures=[_figure(figure) for figure in figures(actor, found)]
    )


def _plain(found: Subscription) -> SubscriptionOut:
    return SubscriptionOut(
        id=found.pk,
        name=found.name,
        regions=found.regions,
        indicators=found.indicators,
        cadence=found.cadence,
        way=found.way,
        channel=found.channel_id,
        active=found.active,
        next_on=found.next_on,
        last_on=found.last_on,
    )


def _figure(figure: Figure) -> FigureOut:
    return FigureOut(
        region=figure.region_id,
        name=figure.place,
        indicator=figure.code,
        period=figure.period,
        value=number(figure.value),
        unit=figure.unit,
        change=number(figure.change),
    )
