"""Sending notices and marking them read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from django.db import transaction

from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import User
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import NotFound

from .models import Delivery, Notice
from .outgoing import queue_notices
from .texts import parameters_of

Told = TypeVar("Told")


@dataclass(frozen=True)
class Wording:
    """A registered text, what fills it, and the page it leads to."""

    code: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    link: str = ""


def notify(
    actor: Actor,
    recipients: Iterable[User | int],
    code: str,
    *,
    params: Mapping[str, str | int] | None = None,
    link: str = "",
) -> int:
    """Send one notice to each active recipient and return how many were sent; nobody is told of their own deed.

    Call it inside the transaction of the deed: a deed rolled back sends nothing. ``code`` is registered
    with :func:`.texts.register_notices`; parameters are names and figures the recipient may see.
    Raises ValueError for missing parameters or a link that leaves the site.
    """
    return len(_send(actor, recipients, Wording(code, dict(params or {}), link)))


class Bundle(Generic[Told]):
    """What one round of work tells: one notice a person, which says more as the round goes on.

    ``wording`` words one matter, or several in their order. A notice that its receiver has read, or that has
    left the system, stays as it is; what comes after it is told in a new one.
    """

    def __init__(self, wording: Callable[[Sequence[Told]], Wording]) -> None:
        self._wording = wording
        self._open: dict[int, tuple[int, list[Told]]] = {}

    def tell(self, actor: Actor, recipients: Iterable[int], what: Told) -> None:
        """Tell each recipient, as :func:`notify` does. Call it inside the transaction of the deed."""
        with transaction.atomic():
            fresh = set()
            for user_id in set(recipients):
                notice_id, told = self._open.get(user_id, (0, []))
                together = [*told, what]
                if told and _reword(notice_id, user_id, self._wording(told), self._wording(together)):
                    self._open[user_id] = notice_id, together
                else:
                    fresh.add(user_id)
            for notice in _send(actor, fresh, self._wording([what])):
                self._open[notice.recipient_id] = notice.pk, [what]


def _send(actor: Actor, recipients: Iterable[User | int], wording: Wording) -> list[Notice]:
    given = _checked(wording)
    wanted = {each if isinstance(each, int) else each.pk for each in recipients}
    if isinstance(actor, UserActor):
        wanted.discard(actor.user_id)
    moment = now()
    with transaction.atomic():
        active = (
            User.objects.filter(pk__in=wanted, is_active=True).order_by("pk").values_list("pk", flat=True)
        )
        made = Notice.objects.bulk_create(
            (
                Notice(
                    recipient_id=user_id,
                    code=wording.code,
                    params=given,
                    link=wording.link,
                    created_at=moment,
                )
                for user_id in active
            ),
            batch_size=1000,
        )
        queue_notices(made)
    return made


def _reword(notice_id: int, user_id: int, said: Wording, wording: Wording) -> bool:
    """Say it anew in a notice that nobody has read and that has not left; False where it is too late, and where
    it no longer says what was said last, because that deed was taken back."""
    given = _checked(wording)
    notice = Notice.objects.filter(pk=notice_id, read_at__isnull=True).first()
    if notice is None or (notice.code, notice.params) != (said.code, dict(said.params)):
        return False
    deliveries = Delivery.objects.filter(person_id=user_id, source="notice", reference=str(notice_id))
    if deliveries.exclude(state=Delivery.State.QUEUED).exists():
        return False
    unread = Notice.objects.filter(pk=notice_id, read_at__isnull=True)
    return bool(unread.update(code=wording.code, params=given, link=wording.link, created_at=now()))


def _checked(wording: Wording) -> dict[str, str | int]:
    missing = parameters_of(wording.code) - wording.params.keys()
    if missing:
        raise ValueError(f"{wording.code} needs {', '.join(sorted(missing))}")
    if wording.link and (not wording.link.startswith("/") or wording.link.startswith("//")):
        raise ValueError("a notice links to a page of this site only")
    return dict(wording.params)


def mark_read(actor: UserActor, notice_id: int) -> Notice:
    """Mark one of the actor's own notices read. Raises NotFound for somebody else's."""
    notice = Notice.objects.filter(pk=notice_id, recipient_id=actor.user_id).first()
    if notice is None:
        raise NotFound(notice_id, "notice")
    if notice.read_at is None:
        notice.read_at = now()
        notice.save(update_fields=["read_at"])
    return notice


def mark_all_read(actor: UserActor) -> int:
    """Mark all of the actor's own notices read; the count of those that were not."""
    return Notice.objects.filter(recipient_id=actor.user_id, read_at__isnull=True).update(read_at=now())
