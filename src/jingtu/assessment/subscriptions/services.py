"""Making, changing and ending subscriptions, and sending what is due."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from jingtu.assessment.indicators.store import catalogue_of, newest
from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import User
from jingtu.core.audit.actions import register_actions, register_objects
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission
from jingtu.core.kernel.characters import refuse_unseen
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import InvalidInput, NotFound, PermissionDenied, refuse
from jingtu.core.notifications.channels import groups_open_to
from jingtu.core.notifications.outgoing import Message, queue
from jingtu.core.notifications.services import notify
from jingtu.core.notifications.texts import NoticeText, register_notices
from jingtu.core.ui.words import format_number, movement, state_of

from .figures import Figure, figures
from .models import Subscription
from .rules import FROM_HOUR, MOST_OWN, content_problem, next_day

SOURCE = "subscription"

register_actions(
    {
        "subscriptions.saved": ("保存订阅", "Subscription saved"),
        "subscriptions.ended": ("退订", "Subscription ended"),
    }
)
register_objects({"subscription": ("订阅", "Subscription")})
register_notices(
    {
        "subscriptions.due": NoticeText(
            "您的订阅有新数据：{subscription}",
            "New figures in your subscription: {subscription}",
            "打开查看最新公布的数字。",
            "Open it to see the latest published figures.",
        ),
    }
)


def save(
    actor: Actor,
    *,
    name: str,
    regions: Sequence[int],
    indicators: Sequence[str],
    cadence: str,
    way: str,
    channel_id: int | None = None,
    subscription_id: int | None = None,
) -> Subscription:
    """Make a subscription, or change one's own. Raises PermissionDenied, NotFound, InvalidInput."""
    person = _person(actor)
    problem = content_problem(regions, indicators)
    if problem is not None:
        raise InvalidInput([problem])
    refuse_unseen(name=name)
    if not all(actor.can(Permission.RESULTS_READ, region) for region in regions):
        raise refuse("subscriptions.no_right", column="regions")
    version = newest()
    known = catalogue_of(version).indicators if version else {}
    for code in indicators:
        if code not in known:
            raise refuse("subscriptions.unknown_indicator", column="indicators", code=code)
    if way == Subscription.Way.GROUP:
        if channel_id is None or not groups_open_to(actor).filter(pk=channel_id).exists():
            raise refuse("subscriptions.no_group", column="channel")
    else:
        channel_id = None
    mine = Subscription.objects.filter(person_id=person.user_id)
    if subscription_id is None:
        if mine.count() >= MOST_OWN:
            raise refuse("subscriptions.enough", column="name", most=MOST_OWN)
        found = Subscription(person_id=person.user_id, token=secrets.token_urlsafe(24))
    else:
        found = _own(person, subscription_id)
    found.name, found.cadence, found.way, found.channel_id = name.strip(), cadence, way, channel_id
    found.regions, found.indicators, found.active = list(regions), list(indicators), True
    found.next_on = next_day(cadence, today())
    try:
        with transaction.atomic():
            found.save()
            _record(actor, "subscriptions.saved", found)
    except IntegrityError as error:
        raise refuse("subscriptions.name_taken", column="name") from error
    return found


def end(actor: Actor, subscription_id: int) -> None:
    """End one's own subscription. Raises NotFound for anybody else's."""
    with transaction.atomic():
        found = _own(_person(actor), subscription_id)
        _record(actor, "subscriptions.ended", found)
        found.delete()


def end_by_token(token: str) -> bool:
    """End the subscription a message came from; the secret in its address says who asks."""
    with transaction.atomic():
        found = Subscription.objects.select_related("person").filter(token=token, active=True).first()
        if found is None:
            return False
        Subscription.objects.filter(pk=found.pk).update(active=False)
        _record(UserActor(found.person), "subscriptions.ended", found)
    return True


def send_due() -> int:
    """Tell everybody whose day has come, once however long the machine was off; for the ticker."""
    moment = timezone.localtime(now())
    if moment.hour < FROM_HOUR:
        return 0
    day, done = moment.date(), 0
    due = Subscription.objects.filter(active=True, next_on__lte=day).order_by("pk")
    for subscription in due.select_related("person", "channel"):
        with transaction.atomic():
            mine = Subscription.objects.filter(pk=subscription.pk, next_on=subscription.next_on)
            if not mine.update(next_on=next_day(subscription.cadence, day), last_on=day):
                continue  # another process was faster
            if _may_still_read(subscription.person):
                _send(subscription, day)
                done += 1
    return done


def _send(subscription: Subscription, day: dt.date) -> None:
    notify(
        SYSTEM,
        [subscription.person_id],
        "subscriptions.due",
        params={"subscription": subscription.name},
        link=reverse("subscriptions:detail", args=[subscription.pk]),
    )
    reference = f"{subscription.pk}:{day.isoformat()}"
    if subscription.way == Subscription.Way.EMAIL:
        queue(subscription.person_id, SOURCE, reference)
        return
    channel = subscription.channel
    # Whoever no longer answers for the group no longer writes to it.
    if channel is not None and channel.responsible_id == subscription.person_id:
        queue(subscription.person_id, SOURCE, reference, channel)


def worded(receiver: UserActor, reference: str) -> Message | None:
    """The message of a subscription for its receiver, made when it is sent; None when nothing may be told."""
    number = reference.partition(":")[0]
    found = Subscription.objects.filter(pk=int(number), person_id=receiver.user_id, active=True).first()
    if found is None or not receiver.can(Permission.RESULTS_READ):
        return None
    shown = figures(receiver, found, outside=True)
    if not shown:
        return None
    stop = reverse("subscriptions:stop", args=[found.token])
    lines = [(line_of(figure), figure.url) for figure in shown]
    if found.way == Subscription.Way.GROUP:
        return Message(found.name, lines)
    return Message(found.name, [*lines, (_("退订："), stop)])


def line_of(figure: Figure) -> str:
    """One figure in one line of plain text."""
    state = state_of(figure.mark)
    value = format_number(figure.value, figure.decimals)
    parts = [f"{figure.place} {figure.name} {figure.period}："]
    parts.append(f"{value}{figure.unit}" if value is not None else str(state.word))
    moved = movement(figure.change, figure.better, figure.decimals)
    if moved is not None:
        parts.append(_("较上期") + f" {moved.arrow}{moved.size}")
    if value is not None:
        parts.append(f"{state.mark} {state.word}")
    return " ".join(parts)


def _may_still_read(person: User) -> bool:
    return UserActor(person).can(Permission.RESULTS_READ)


def _person(actor: Actor) -> UserActor:
    if not isinstance(actor, UserActor) or not actor.can(Permission.RESULTS_READ):
        raise PermissionDenied(Permission.RESULTS_READ)
    return actor


def _own(person: UserActor, subscription_id: int) -> Subscription:
    found = Subscription.objects.filter(pk=subscription_id, person_id=person.user_id).first()
    if found is None:
        raise NotFound(subscription_id, "subscription")
    return found


def _record(actor: Actor, action: str, found: Subscription) -> None:
    record(
        actor,
        action,
        target_type="subscription",
        target_id=found.pk or "new",
        after={
            "name": found.name,
            "regions": found.regions,
            "indicators": found.indicators,
            "way": found.way,
        },
    )
