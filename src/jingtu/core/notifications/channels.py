"""Channels and wishes: administrators say how messages leave, everybody says how they want to be told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import apprise
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from jingtu.core.accounts.actors import UserActor
from jingtu.core.audit.actions import register_actions, register_objects
from jingtu.core.audit.services import record
from jingtu.core.kernel import vault
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Problem, refuse

from .models import Channel, Delivery, Preference
from .rules import address_problem

register_actions(
    {
        "messages.channel_added": ("新增消息渠道", "Message channel added"),
        "messages.channel_changed": ("修改消息渠道", "Message channel changed"),
        "messages.channel_tried": ("试发消息", "Message channel tried"),
        "messages.preference_changed": ("修改消息接收方式", "Message preference changed"),
    }
)
register_objects({"channel": ("消息渠道", "Message channel")})


def channels(actor: Actor) -> QuerySet[Channel]:
    """All channels, without their addresses. Raises PermissionDenied without the right to maintain."""
    _must_maintain(actor)
    return Channel.objects.defer("secret").select_related("responsible")


def groups_open_to(actor: Actor) -> QuerySet[Channel]:
    """Group channels the actor answers for, to send subscriptions to."""
    if not isinstance(actor, UserActor):
        return Channel.objects.none()
    return Channel.objects.defer("secret").filter(enabled=True, responsible_id=actor.user_id)


def deliveries(actor: Actor, state: str = "") -> QuerySet[Delivery]:
    """The log of what was sent, without any text. Raises PermissionDenied without the right to maintain."""
    _must_maintain(actor)
    found = Delivery.objects.select_related("person", "channel")
    return found.filter(state=state) if state else found


def add_channel(
    actor: Actor, *, name: str, kind: str, address: str, responsible_id: int | None = None
) -> Channel:
    """Add a way out. The address is encrypted and never shown again."""
    _must_maintain(actor)
    problem = address_problem(kind, address)
    if problem is not None:
        raise InvalidInput([problem])
    if kind != Channel.Kind.EMAIL and responsible_id is None:
        raise refuse("messages.no_responsible", column="responsible")
    try:
        with transaction.atomic():
            channel = Channel.objects.create(
                name=name.strip(),
                kind=kind,
                secret=vault.encrypt(address.strip()),
                responsible_id=None if kind == Channel.Kind.EMAIL else responsible_id,
            )
            _record(actor, "messages.channel_added", channel)
    except IntegrityError as error:
        taken = Channel.objects.filter(name=name.strip()).exists()
        raise refuse("messages.name_taken" if taken else "messages.one_email", column="name") from error
    return channel


def change_channel(
    actor: Actor, channel_id: int, *, address: str = "", enabled: bool | None = None
) -> Channel:
    """Replace the address, switch the channel on or off. Raises NotFound, InvalidInput."""
    channel = _channel(actor, channel_id)
    if address.strip():
        problem = address_problem(channel.kind, address)
        if problem is not None:
            raise InvalidInput([problem])
        channel.secret = vault.encrypt(address.strip())
    if enabled is not None:
        channel.enabled = enabled
    channel.changed_at = now()
    try:
        with transaction.atomic():
            channel.save()
            _record(actor, "messages.channel_changed", channel, replaced=bool(address.strip()))
    except IntegrityError as error:
        raise refuse("messages.one_email", column="name") from error
    return channel


def try_channel(actor: Actor, channel_id: int, email: str = "") -> bool:
    """Send a line to see whether the channel works; an e-mail goes to ``email``."""
    channel = _channel(actor, channel_id)
    try:
        address = vault.decrypt(channel.secret)
    except vault.LostKey as error:
        raise Conflict(Problem("messages.key_lost")) from error
    if channel.kind == Channel.Kind.EMAIL:
        address = f"{address}{'&' if '?' in address else '?'}to={email}"
    robot = apprise.Apprise()
    taken = bool(robot.add(address)) and bool(
        robot.notify(title="[净土] 渠道测试 · test", body="这是一条测试消息。This is a test.")
    )
    with transaction.atomic():
        _record(actor, "messages.channel_tried", channel, taken=taken)
    return taken


def preference_of(actor: UserActor) -> Preference:
    """The actor's own wishes, the usual ones when none were stated."""
    found = Preference.objects.filter(person_id=actor.user_id).first()
    return found or Preference(person_id=actor.user_id)


def set_preference(
    actor: UserActor,
    *,
    mode: str,
    quiet_from: dt.time | None = None,
    quiet_to: dt.time | None = None,
    muted: Iterable[str] = (),
) -> Preference:
    """State one's own wishes."""
    if (quiet_from is None) != (quiet_to is None):
        raise refuse("messages.quiet_half", column="quiet_to")
    with transaction.atomic():
        wish, _ = Preference.objects.update_or_create(
            person_id=actor.user_id,
            defaults={
                "mode": mode,
                "quiet_from": quiet_from,
                "quiet_to": quiet_to,
                "muted": sorted(set(muted)),
            },
        )
        record(
            actor,
            "messages.preference_changed",
            target_type="user",
            target_id=actor.user_id,
            after={"mode": mode, "muted": wish.muted},
        )
    return wish


def used_keys() -> set[int]:
    """Numbers of the keys that channels' addresses are encrypted with."""
    found = (vault.version_of(secret) for secret in Channel.objects.values_list("secret", flat=True))
    return {version for version in found if version is not None}


def reencrypt() -> int:
    """Move every readable address to the newest key."""
    moved = 0
    for channel in Channel.objects.all():
        if vault.version_of(channel.secret) == vault.newest():
            continue
        try:
            fresh = vault.encrypt(vault.decrypt(channel.secret))
        except vault.LostKey:
            continue
        moved += Channel.objects.filter(pk=channel.pk, secret=channel.secret).update(secret=fresh)
    return moved


def _channel(actor: Actor, channel_id: int) -> Channel:
    _must_maintain(actor)
    channel = Channel.objects.filter(pk=channel_id).first()
    if channel is None:
        raise NotFound(f"#{channel_id}")
    return channel


def _must_maintain(actor: Actor) -> None:
    if not actor.can(Permission.SYSTEM_MAINTAIN):
        raise PermissionDenied(Permission.SYSTEM_MAINTAIN)


def _record(actor: Actor, action: str, channel: Channel, **more: object) -> None:
    record(
        actor,
        action,
        target_type="channel",
        target_id=channel.pk,
        after={"name": channel.name, "kind": channel.kind, "enabled": channel.enabled, **more},
    )
