"""Messages that leave the system: queued with the deed, worded and sent later with the receiver's rights of then.

What leaves names no person and no figure that is suppressed for anybody: the subject of a notice and the
way back into the system, no more. Whoever makes other texts (:func:`register_source`) promises the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import apprise
from django.conf import settings
from django.db.models import F
from django.urls import Resolver404, resolve
from django.utils import timezone

from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import User
from jingtu.core.kernel import vault
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.languages import speaking
from jingtu.core.kernel.wall import reading_as
from jingtu.engine.problems import Language

from .models import Channel, Delivery, Notice, Preference
from .rules import SENDING_FOR, after_quiet_hours, due_at, next_attempt
from .texts import worded

log = logging.getLogger(__name__)

AT_ONCE = 500
DIGEST_LINES = 50


@dataclass(frozen=True)
class Message:
    """Words for one receiver: a title, lines, each with the page it speaks of."""

    title: str
    lines: Sequence[tuple[str, str]] = ()
    foot: str = ""


Build = Callable[[UserActor, str], Message | None]
Gate = Callable[[UserActor, Mapping[str, Any]], bool]

_sources: dict[str, Build] = {}
_gates: dict[str, Gate] = {}


def register_source(source: str, build: Build) -> None:
    """Say who words the messages of ``source``: ``build(receiver, reference)``, None when the receiver may
    not (any more) know of it."""
    _sources[source] = build


def register_gate(url_name: str, may_open: Gate) -> None:
    """Say who may open a page that notices link to, so that none leads where its receiver may not go."""
    _gates[url_name] = may_open


def may_open(actor: UserActor, link: str) -> bool:
    """Whether the receiver may open the page a notice links to; pages without a gate are open."""
    try:
        match = resolve(link.partition("?")[0])
    except Resolver404:
        return False
    gate = _gates.get(match.view_name)
    return gate is None or gate(actor, match.kwargs)


# --- queueing


def mail_is_configured() -> bool:
    """Whether anybody can be reached by e-mail at all."""
    return bool(settings.MAIL_URL) or Channel.objects.filter(kind=Channel.Kind.EMAIL, enabled=True).exists()


def queue_notices(notices: Iterable[Notice]) -> int:
    """Queue e-mails for new notices as their receivers wish. Called inside the transaction of the deed."""
    fresh = list(notices)
    if not fresh or not mail_is_configured():
        return 0
    people = {notice.recipient_id for notice in fresh}
    wishes = {wish.person_id: wish for wish in Preference.objects.filter(person_id__in=people)}
    reachable = set(User.objects.filter(pk__in=people).exclude(email="").values_list("pk", flat=True))
    moment = timezone.localtime(now())
    rows = []
    for notice in fresh:
        wish = wishes.get(notice.recipient_id) or Preference(person_id=notice.recipient_id)
        muted = notice.code.partition(".")[0] in wish.muted
        if notice.recipient_id not in reachable or wish.mode == Preference.Mode.OFF or muted:
            continue
        due = due_at(wish.mode, moment, wish.quiet_from, wish.quiet_to)
        rows.append(
            Delivery(
                person_id=notice.recipient_id,
                source="notice",
                reference=str(notice.pk),
                # What gathered in the quiet hours comes as one message when they end, not one by one.
                together=wish.mode != Preference.Mode.IMMEDIATE or due > moment,
                due_at=due,
                created_at=moment,
            )
        )
    Delivery.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    return len(rows)


def queue(person_id: int, source: str, reference: str, channel: Channel | None = None) -> bool:
    """Queue one message of a registered source, by e-mail or to a group; False when it was queued before."""
    moment = timezone.localtime(now())
    if channel is None:
        wish = Preference.objects.filter(person_id=person_id).first()
        moment = after_quiet_hours(moment, wish.quiet_from, wish.quiet_to) if wish else moment
    _, made = Delivery.objects.get_or_create(
        person_id=person_id,
        source=source,
        reference=reference,
        channel=channel,
        defaults={"due_at": moment, "created_at": now()},
    )
    return made


# --- sending


@dataclass
class _Parcel:
    """Deliveries that leave as one message."""

    person_id: int
    channel_id: int | None
    rows: list[Delivery] = field(default_factory=list)


def deliver() -> int:
    """Send what is due; for the ticker. Returns how many messages were sent."""
    moment = now()
    Delivery.objects.filter(state=Delivery.State.SENDING, due_at__lt=moment - SENDING_FOR).update(
        state=Delivery.State.QUEUED
    )
    due = Delivery.objects.filter(state=Delivery.State.QUEUED, due_at__lte=moment).order_by("due_at", "pk")
    parcels: dict[tuple[object, ...], _Parcel] = {}
    for row in due.select_related("person", "channel")[:AT_ONCE]:
        key = (row.person_id, row.channel_id, None if row.together else row.pk)
        parcels.setdefault(key, _Parcel(row.person_id, row.channel_id)).rows.append(row)
    return sum(_send(parcel) for parcel in parcels.values())


def _send(parcel: _Parcel) -> int:
    ids = [row.pk for row in parcel.rows]
    claimed = Delivery.objects.filter(pk__in=ids, state=Delivery.State.QUEUED).update(
        state=Delivery.State.SENDING, attempts=F("attempts") + 1, due_at=now()
    )
    if claimed != len(ids):  # another process is at it
        Delivery.objects.filter(pk__in=ids, state=Delivery.State.SENDING).update(state=Delivery.State.QUEUED)
        return 0
    person, channel = parcel.rows[0].person, parcel.rows[0].channel
    receiver = UserActor(person)
    if not person.is_active or not receiver.posts:
        return _settle(parcel.rows, Delivery.State.DROPPED, "messages.no_post")
    language: Language = "en" if person.language == "en" else "zh"
    with reading_as(receiver), speaking(language):
        kept: list[tuple[Delivery, Message]] = []
        for row in parcel.rows:
            message, why = _worded(receiver, row, language)
            if message is None:
                _settle([row], Delivery.State.DROPPED, why)
            else:
                kept.append((row, message))
        if not kept:
            return 0
        title, body = _text([message for _row, message in kept], language)
    problem = _hand_over(channel, person.email, title, body)
    rows = [row for row, _message in kept]
    if not problem:
        _settle(rows, Delivery.State.SENT, "")
        return 1
    if problem != "messages.not_sent":
        return _settle(rows, Delivery.State.FAILED, problem)
    again = next_attempt(parcel.rows[0].attempts + 1, now())
    if again is None:
        return _settle(rows, Delivery.State.FAILED, problem)
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=Delivery.State.QUEUED, due_at=again, problem=problem
    )
    return 0


def _worded(receiver: UserActor, row: Delivery, language: Language) -> tuple[Message | None, str]:
    """The message of one delivery, or why there is none."""
    if row.source != "notice":
        build = _sources.get(row.source)
        return (build(receiver, row.reference) if build else None), "messages.no_right"
    notice = Notice.objects.filter(pk=int(row.reference), recipient_id=receiver.user_id).first()
    if notice is None or (notice.link and not may_open(receiver, notice.link)):
        return None, "messages.no_right"
    if notice.read_at is not None:
        return None, "messages.read_already"
    subject, _body = worded(notice.code, notice.params, language)
    return Message(subject, [("", notice.link)] if notice.link else []), ""


def _text(messages: Sequence[Message], language: Language) -> tuple[str, str]:
    """Title and plain text of one message, or of several as a digest."""
    zh = language == "zh"
    if len(messages) == 1:
        message = messages[0]
        lines = [line for pair in message.lines for line in _line(*pair)]
        foot = message.foot or ("请登录系统查看。" if zh else "Sign in to see it.")
        return f"[净土] {message.title}", "\n".join([message.title, "", *lines, "", foot])
    title = f"[净土] {len(messages)}条消息" if zh else f"[净土] {len(messages)} messages"
    lines = []
    for message in messages[:DIGEST_LINES]:
        lines.append(f"· {message.title}")
        lines += [f"  {line}" for pair in message.lines for line in _line(*pair)]
    if len(messages) > DIGEST_LINES:
        lines.append("……" if zh else "…")
    lines += ["", f"{settings.BASE_URL.rstrip('/')}/notices/"]
    return title, "\n".join(lines)


def _line(text: str, link: str) -> list[str]:
    address = f"{settings.BASE_URL.rstrip('/')}{link}" if link else ""
    return [part for part in (text, address) if part]


def _hand_over(channel: Channel | None, email: str, title: str, body: str) -> str:
    """Give it to the channel; "" when it was taken, otherwise the code of the problem."""
    try:
        address = _address(channel, email)
    except vault.LostKey:
        return "messages.key_lost"
    if address is None:
        return "messages.no_address" if not email and channel is None else "messages.no_channel"
    robot = apprise.Apprise()
    if not robot.add(address):
        return "messages.no_channel"
    try:
        taken = bool(robot.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT))
    except Exception:
        log.exception("a message was not handed over")
        taken = False
    return "" if taken else "messages.not_sent"


def _address(channel: Channel | None, email: str) -> str | None:
    if channel is not None:
        return vault.decrypt(channel.secret) if channel.enabled else None
    if not email:
        return None
    own = Channel.objects.filter(kind=Channel.Kind.EMAIL, enabled=True).first()
    base = vault.decrypt(own.secret) if own else settings.MAIL_URL
    if not base:
        return None
    return f"{base}{'&' if '?' in base else '?'}to={email}"


def _settle(rows: Sequence[Delivery], state: str, problem: str) -> int:
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=state, problem=problem, settled_at=now()
    )
    return 0
