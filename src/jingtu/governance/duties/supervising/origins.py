"""What a notice is called as the origin of a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.ids import ids_in

from .queries import notices


def described(actor: Actor, keys: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """Number or title and address of the notices the actor may know of. One query."""
    return {
        str(notice.pk): (notice.number or notice.title, reverse("supervising:detail", args=[notice.pk]))
        for notice in notices(actor).filter(pk__in=ids_in(keys))
    }
